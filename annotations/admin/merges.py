"""Merging entries of the registry on their pages: the search, the preview, the reason, and taking it back."""

from __future__ import annotations

from typing import Any, TypeAlias
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from annotations.admin.access import current_user, has_permission, is_archived
from annotations.admin.form_fields import prose_check
from annotations.admin.scoped_admin import ObjectTool, change_url
from annotations.admin.service_admin import seen_version
from annotations.exceptions import NotVisibleError, StandpointError, TextNotAllowedError
from annotations.models import Actor, EntryKind, Merge, Proposition, Span, Topic, uuid7
from annotations.models.fields import VerbatimFormField
from annotations.models.search_keys import contains_folded
from annotations.permissions import Permission
from annotations.services.registry import merge_preview, merges, moves, search, usage
from annotations.text.parsing import parse_uuid
from annotations.translation import translate_data, translate_message
from annotations.visibility import get_visible, visible

Entry: TypeAlias = Actor | Topic | Proposition

_MERGE_TEMPLATE = "admin/annotations/registry/merge.html"
_UNDO_TEMPLATE = "admin/annotations/registry/undo.html"
_DEFERRED = ("corpus__guideline", "corpus__description")


class ReasonForm(forms.Form):
    """The reason of a merge or of its undoing; ``new_id`` makes a form that is sent twice one merge."""

    reason = VerbatimFormField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3, "cols": 60, "dir": "auto"})
    )
    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)

    def clean_reason(self) -> str:
        """Check the reason by the rules for prose."""
        reason = str(self.cleaned_data["reason"])
        try:
            prose_check("reason")(reason)
        except TextNotAllowedError as error:
            raise forms.ValidationError(translate_message(error.detail)) from error
        return reason


def with_use(request: HttpRequest, rows: QuerySet[Any], kind: EntryKind) -> QuerySet[Any]:
    """Return entries with ``use``: how many spans the user sees that link to them after all merges."""
    link = usage.SPAN_LINKS[kind]
    spans = visible(current_user(request), Span.objects.filter(**{link: OuterRef("pk")})).order_by()
    counted = spans.values(link).annotate(number=Count("pk")).values("number")
    counts: QuerySet[Any] = rows.annotate(
        use=Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
    )
    return counts


def merge_tools(request: HttpRequest, entry: Entry) -> list[ObjectTool]:
    """Return the link to the merge of an entry, for those who may merge it."""
    if entry.merged_into_id is not None or is_archived(entry) or not _may_merge(request, entry):
        return []
    return [ObjectTool(gettext_lazy("Merge into …"), _url("merge", usage.entry_kind(entry), entry.pk))]


def merge_context(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    """Return the merges of an entry for its page: its own, and those into it."""
    kind = usage.entry_kind(entry)
    live = Merge.objects.filter(corpus=entry.corpus_id, kind=kind, undone_at__isnull=True)
    rows = list(live.filter(winner=entry.pk).select_related("by").order_by("pk"))
    is_merged = entry.merged_into_id is not None
    own = live.filter(loser=entry.pk).select_related("by").first() if is_merged else None
    names = _names(kind, [row.loser for row in rows] + ([entry.canonical_id] if is_merged else []))
    may_undo = _may_merge(request, entry) and not is_archived(entry)
    return {
        "own_merge": own and _row(own, names[entry.canonical_id], entry.canonical_id, may_undo=may_undo),
        "merges": [_row(row, names[row.loser], row.loser, may_undo=may_undo) for row in rows],
    }


def _row(merge: Merge, name: str, other: UUID, *, may_undo: bool) -> dict[str, Any]:
    kind = EntryKind(merge.kind)
    return {
        "merge": merge,
        "name": name,
        "url": change_url(moves.MODELS[kind], other),
        "undo_url": _url("unmerge", kind, merge.pk) if may_undo else "",
    }


def _names(kind: EntryKind, ids: list[UUID]) -> dict[UUID, str]:
    rows = moves.MODELS[kind]._default_manager.filter(pk__in=ids) if ids else ()
    return {row.pk: str(row) for row in rows}


def _url(what: str, kind: EntryKind, pk: UUID) -> str:
    return reverse(f"admin:annotations_{kind}_{what}", args=(pk,))


def merge_url(kind: EntryKind, loser: UUID, **query: object) -> str:
    """Return the address of the merge of an entry; ``pairs`` is the query of Duplicates, to return there."""
    return f"{_url('merge', kind, loser)}?{urlencode(query)}"


def merge_urls(site: AdminSite, kind: EntryKind) -> list[URLPattern]:
    """Return the addresses of merging and of taking back, before the pages whose address is any id."""
    options = {"kind": kind, "site": site}
    return [
        path("<uuid:pk>/merge/", site.admin_view(merge_page), options, name=f"annotations_{kind}_merge"),
        path(
            "merges/<uuid:pk>/undo/", site.admin_view(undo_page), options, name=f"annotations_{kind}_unmerge"
        ),
    ]


def _may_merge(request: HttpRequest, entry: Entry) -> bool:
    return has_permission(request, Permission.MERGE_ENTRY, entry)


def _get_entry(request: HttpRequest, kind: EntryKind, pk: UUID) -> Entry:
    """Return an entry that the user may merge: 404 for strangers, 403 for others."""
    rows: Any = moves.MODELS[kind]._default_manager.select_related("corpus").defer(*_DEFERRED)
    try:
        entry: Entry = get_visible(current_user(request), rows, pk=pk)
    except NotVisibleError as error:
        raise Http404 from error
    if not _may_merge(request, entry):
        raise PermissionDenied
    return entry


def merge_page(request: HttpRequest, pk: UUID, kind: EntryKind, site: AdminSite) -> HttpResponse:
    """Render the search for the winner and the preview; merge when the reason is sent."""
    entry = _get_entry(request, kind, pk)
    form = ReasonForm(request.POST or None)
    into = _into(request)
    if request.method == "POST" and into is not None and form.is_valid():
        values = {"into": into, "reason": form.cleaned_data["reason"], "id": form.cleaned_data["new_id"]}
        try:
            merges.merge_entry(current_user(request), kind, pk, values, version=seen_version(request))
            return _leave_merge(request, kind, entry, into)
        except StandpointError as error:
            messages.error(request, translate_message(error.detail))
    typed = request.GET.get("q", str(entry) if kind == EntryKind.ACTOR else "")[:200].replace("\0", "")
    context = {
        **_context(request, site, kind, entry, gettext("Merge into another")),
        "form": form,
        "typed": typed,
        "pairs": request.GET.get("pairs", ""),
        "cancel_url": _pairs_url(request, entry) or change_url(moves.MODELS[kind], pk),
        "found": _find(request, kind, entry, typed),
        "preview": None if into is None else _preview(request, kind, entry, into),
    }
    return TemplateResponse(request, _MERGE_TEMPLATE, context)


def _pairs_url(request: HttpRequest, entry: Entry) -> str:
    """Return the address of the pair from which a merge was begun, or ""."""
    pairs = request.GET.get("pairs")
    if not pairs:
        return ""
    url = reverse("admin:annotations_corpus_duplicates", args=(entry.corpus_id,))
    return f"{url}?{QueryDict(pairs).urlencode()}"


def _leave_merge(request: HttpRequest, kind: EntryKind, entry: Entry, into: UUID) -> HttpResponse:
    """Redirect to the winner, or to the next pair with a link to the winner."""
    winner_url = change_url(moves.MODELS[kind], into)
    pairs_url = _pairs_url(request, entry)
    if not pairs_url:
        messages.success(request, gettext("They are merged; it can be taken back on this page."))
        return HttpResponseRedirect(winner_url)
    link = format_html('<a href="{}"><bdi>{}</bdi></a>', winner_url, _names(kind, [into])[into])
    told = gettext("They are merged into %(name)s; it can be taken back there.") % {"name": "{name}"}
    messages.success(request, format_html(told, name=link))
    return HttpResponseRedirect(pairs_url)


def _context(
    request: HttpRequest, site: AdminSite, kind: EntryKind, entry: Entry, title: str
) -> dict[str, Any]:
    return {
        **site.each_context(request),
        "title": title,
        "subtitle": str(entry),
        "opts": moves.MODELS[kind]._meta,
        "object": entry,
        "entry": entry,
        "entry_url": change_url(moves.MODELS[kind], entry.pk),
    }


def _into(request: HttpRequest) -> UUID | None:
    try:
        return UUID(str(parse_uuid(request.POST.get("into") or request.GET.get("into", ""))))
    except ValueError:
        return None


def _find(request: HttpRequest, kind: EntryKind, entry: Entry, typed: str) -> list[Any]:
    """Return the live entries that what was typed may mean, with their use."""
    if not typed.strip():
        return []
    rows: Any = moves.MODELS[kind]._default_manager.filter(corpus=entry.corpus_id).exclude(pk=entry.pk)
    rows = visible(current_user(request), rows.filter(merged_into__isnull=True))
    if kind == EntryKind.ACTOR:
        ids = [actor.pk for actor in search.suggest_actors(rows, entry.corpus_id, typed)]
        found = with_use(request, rows.filter(pk__in=ids).prefetch_related("aliases"), kind)
        return sorted(found, key=lambda row: ids.index(row.pk))
    named = rows.filter(contains_folded("search_key", typed.strip())).order_by("pk")[: search.MAX_SUGGESTIONS]
    return list(with_use(request, rows.filter(pk__in=list(named.values_list("pk", flat=True))), kind))


def _preview(request: HttpRequest, kind: EntryKind, entry: Entry, into: UUID) -> dict[str, Any] | None:
    try:
        found = merge_preview.preview_merge(current_user(request), kind, entry.pk, into)
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
        return None
    other = {EntryKind.ACTOR: EntryKind.PROPOSITION, EntryKind.PROPOSITION: EntryKind.ACTOR}.get(kind)
    if other is not None:
        names = _names(other, [cell[other] for cell in found["cells"]])
        found["cells"] = [{**cell, "name": names[cell[other]]} for cell in found["cells"]]
    return {**found, "conflicts": translate_data(found["conflicts"])}


def undo_page(request: HttpRequest, pk: UUID, kind: EntryKind, site: AdminSite) -> HttpResponse:
    """Ask for the reason, and take the merge back; what stands in the way is listed."""
    try:
        merge = get_visible(current_user(request), Merge.objects.select_related("by"), pk=pk, kind=kind)
    except NotVisibleError as error:
        raise Http404 from error
    entry = _get_entry(request, kind, merge.loser)
    form = ReasonForm(request.POST or None)
    conflicts: Any = []
    if request.method == "POST" and form.is_valid():
        try:
            merges.undo_merge(current_user(request), pk, form.cleaned_data["reason"])
            messages.success(request, gettext("The merge was taken back; everything is where it was."))
            return HttpResponseRedirect(change_url(moves.MODELS[kind], merge.loser))
        except StandpointError as error:
            messages.error(request, gettext("The merge cannot be taken back now."))
            conflicts = translate_data(error.data.get("conflicts", [{"detail": error.detail}]))
    context = {
        **_context(request, site, kind, entry, gettext("Take a merge back")),
        "form": form,
        "merge": merge,
        "winner": _names(kind, [merge.winner])[merge.winner],
        "winner_url": change_url(moves.MODELS[kind], merge.winner),
        "conflicts": conflicts,
    }
    return TemplateResponse(request, _UNDO_TEMPLATE, context)
