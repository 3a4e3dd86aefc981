"""The page of what changed from one release to another: by kind, with words before and after, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin.access import current_user
from annotations.admin.knowledge.downloads import table_response
from annotations.admin.labels import LazyText, field_label, format_number
from annotations.admin.scoped_admin import change_url
from annotations.admin.team import pages
from annotations.exceptions import NotVisibleError
from annotations.models import Corpus, Release
from annotations.permissions import Permission
from annotations.services.releases.changes import (
    ADDED,
    ARTICLES,
    CHANGED,
    REGISTRY,
    REMOVED,
    SPANS,
    ReleaseChange,
    list_changes,
)
from annotations.text.folding import is_found
from annotations.visibility import get_visible

TEMPLATE = "admin/annotations/release/changes.html"
PER_PAGE = 100
WHAT_LABELS: Mapping[str, LazyText] = {
    ARTICLES: gettext_lazy("articles"),
    SPANS: gettext_lazy("marks"),
    REGISTRY: gettext_lazy("registry entries"),
}
KIND_LABELS: Mapping[str, LazyText] = {
    ADDED: gettext_lazy("added"),
    REMOVED: gettext_lazy("removed"),
    CHANGED: gettext_lazy("changed"),
}
_ALL = gettext_lazy("all")
COLUMNS = ("what", "kind", "id", "article", "before", "after", "fields")


class ChangesForm(forms.Form):
    """The filters of the page."""

    what = forms.ChoiceField(
        label=gettext_lazy("What"), required=False, choices=[("", _ALL), *WHAT_LABELS.items()]
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("How"), required=False, choices=[("", _ALL), *KIND_LABELS.items()]
    )
    q = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=200)


@dataclass(frozen=True)
class ShownChange:
    """A change as the page shows it."""

    change: ReleaseChange
    what: LazyText
    kind: LazyText
    fields: str


def changes_url(new: UUID, old: UUID, **query: str) -> str:
    """Return the address of the page."""
    return f"{reverse('admin:annotations_release_changes', args=(new, old))}?{urlencode(query)}"


def page(request: HttpRequest, pk: UUID, old: UUID, site: AdminSite) -> HttpResponse:
    """Render the changes that the filters find, or send them as a table."""
    before, after = _find_release(request, old), _find_release(request, pk)
    if before.corpus_id != after.corpus_id:
        raise Http404
    corpus = pages.get_corpus(request, after.corpus_id, Permission.VIEW_RELEASE)
    form = ChangesForm(request.GET)
    changes = _filter_changes(list_changes(before, after), form.cleaned_data if form.is_valid() else {})
    if request.GET.get("format") == "csv":
        return _send_table(corpus, before, after, changes)
    found = Paginator(changes, PER_PAGE).get_page(request.GET.get("page"))
    query = {name: value for name, value in request.GET.dict().items() if name not in {"page", "format"}}
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("From release %(old)s to %(new)s") % {"old": before.number, "new": after.number},
        form=form,
        changes=[_show(change) for change in found],
        total=format_number(len(changes)),
        page=found,
        page_query=urlencode(query),
        table_url=f"?{urlencode({**query, 'format': 'csv'})}",
        release_url=change_url(Release, after.pk),
        agreement=[(row.number, row.recipe.get("agreement") or []) for row in (before, after)],
    )
    return TemplateResponse(request, TEMPLATE, context)


def _find_release(request: HttpRequest, pk: UUID) -> Release:
    """Return a release that was frozen, if the user sees it."""
    try:
        return get_visible(current_user(request), Release.objects.filter(frozen_at__isnull=False), pk=pk)
    except NotVisibleError as error:
        raise Http404 from error


def _filter_changes(changes: Iterable[ReleaseChange], sent: Mapping[str, Any]) -> list[ReleaseChange]:
    words = str(sent.get("q") or "").split()
    return [
        change
        for change in changes
        if sent.get("what", "") in {"", change.what}
        and sent.get("kind", "") in {"", change.kind}
        and all(is_found(word, " ".join(_texts(change))) for word in words)
    ]


def _texts(change: ReleaseChange) -> tuple[str, ...]:
    return change.article, change.before, change.after


def _show(change: ReleaseChange) -> ShownChange:
    fields = ", ".join(field_label(name) for name in change.fields)
    return ShownChange(change, WHAT_LABELS[change.what], KIND_LABELS[change.kind], fields)


def _send_table(
    corpus: Corpus, before: Release, after: Release, changes: Sequence[ReleaseChange]
) -> HttpResponse:
    rows = [(*change[:-1], " ".join(change.fields)) for change in changes]
    return table_response(f"{corpus.slug}-changes-{before.number}-{after.number}", COLUMNS, rows)
