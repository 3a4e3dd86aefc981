"""The pages of releases: list and details, the form for a new one, comparison, withdrawal."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy, pgettext, pgettext_lazy

from annotations import limits
from annotations.addresses import api_url
from annotations.admin import form_fields, labels, release_changes
from annotations.admin.access import current_user, get_visible_or_404, has_permission
from annotations.admin.exports import is_offered
from annotations.admin.filters import CorpusFilter
from annotations.admin.release_changes import changes_url
from annotations.admin.scoped_admin import ScopedAdmin, change_url, isolate_direction
from annotations.admin.search_columns import SmallTable
from annotations.admin.team import pages
from annotations.exceptions import StandpointError
from annotations.formats import FORMATS
from annotations.formats.release.bundle import CARD
from annotations.formats.release.splits import BY_STORY, BY_TIME
from annotations.models import Corpus, Job, Release, ReleaseState
from annotations.models.fields import VerbatimFormField
from annotations.permissions import Permission
from annotations.services import job_runner, releases
from annotations.services.jobs import storage
from annotations.services.releases.compare import compare_releases
from annotations.services.releases.preview import ReleasePreview, preview_release
from annotations.text.parsing import MAX_LANGUAGE
from annotations.translation import translate_message

WRITABLE_FORMATS = labels.format_choices({name: row for name, row in FORMATS.items() if is_offered(row)})
#: How much of a data card the page shows.
MAX_CARD = 50_000
#: What is counted in a release and in its changes, as the page names it.
COUNT_NAMES = {
    "articles": gettext_lazy("articles"),
    "sets": gettext_lazy("sets"),
    "imported_sets": gettext_lazy("imported sets"),
    "spans": gettext_lazy("marks"),
    "relations": gettext_lazy("relations"),
    "registry": gettext_lazy("registry entries"),
}
_name = form_fields.line_check("name", limits.MAX_RELEASE_NAME)


class ReleaseForm(forms.Form):
    """The form for a new release."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=limits.MAX_RELEASE_NAME, required=False)
    formats = forms.MultipleChoiceField(
        label=gettext_lazy("Formats"),
        choices=WRITABLE_FORMATS,
        initial=["jsonl"],
        widget=forms.CheckboxSelectMultiple,
    )
    sets = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=(
            ("approved", gettext_lazy("Articles with approved work")),
            ("none", gettext_lazy("Texts alone")),
        ),
    )
    language = forms.CharField(label=gettext_lazy("Language"), max_length=MAX_LANGUAGE, required=False)
    source = forms.CharField(label=gettext_lazy("Source"), max_length=limits.MAX_SOURCE, required=False)
    splits = forms.ChoiceField(
        label=gettext_lazy("Parts"),
        required=False,
        choices=(
            ("", gettext_lazy("One part")),
            (BY_STORY, gettext_lazy("Train, validation and test: 80, 10, 10 %, by story")),
            (BY_TIME, gettext_lazy("Train, validation and test: 80, 10, 10 %, by time")),
        ),
    )
    include_text = forms.BooleanField(
        label=gettext_lazy("With texts"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Without them, the files have offsets, checksums and quotes only."),
    )

    independent_sets = forms.BooleanField(
        label=gettext_lazy("With independent sets"),
        required=False,
        help_text=gettext_lazy(
            "Files of their own hold the sets of which gold was made, with numbers instead of people."
        ),
    )

    def clean_name(self) -> str:
        """Return the name, checked to be one printable line."""
        name = str(self.cleaned_data["name"]).strip()
        try:
            _name(name)
        except (StandpointError, ValueError) as error:
            raise forms.ValidationError(translate_message(error)) from error
        return name

    def release_request(self) -> releases.ReleaseRequest:
        """Return the request for the service."""
        sent = self.cleaned_data
        return releases.ReleaseRequest(
            name=sent["name"],
            formats=sent["formats"],
            sets=sent["sets"],
            filter={name: sent[name] or None for name in ("language", "source")},
            splits=releases.parse_splits(sent["splits"]) if sent["splits"] else None,
            include_text=sent["include_text"],
            independent_sets=sent["independent_sets"],
        )


class WithdrawalForm(forms.Form):
    """The form for a withdrawal."""

    reason = VerbatimFormField(label=gettext_lazy("Reason"), max_length=limits.MAX_PROSE)


def release_form_view(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Show the form for a new release of a corpus, or create the release."""
    by = current_user(request)
    corpus = get_visible_or_404(request, Corpus.objects.defer("guideline"), pk)
    if not has_permission(request, Permission.CREATE_RELEASE, corpus):
        raise PermissionDenied
    form = ReleaseForm(request.POST or None)
    is_asked = request.method == "POST" and "preview" not in request.POST
    if is_asked and form.is_valid():
        try:
            made, _new = job_runner.make_release(by, corpus, form.release_request())
        except StandpointError as error:
            form.add_error(None, translate_message(error.detail))
        else:
            return HttpResponseRedirect(_next_url(made))
    context = {
        **pages.page_context(request, site, corpus, gettext("Make a release")),
        "form": form,
        "preview": _preview(by, corpus, form),
    }
    return TemplateResponse(request, "admin/annotations/corpus/release.html", context)


def _preview(by: User, corpus: Corpus, form: ReleaseForm) -> ReleasePreview | None:
    """Return what the release of the form would hold; None where the form says nothing that can be made."""
    request = releases.ReleaseRequest()
    if form.is_bound:
        if not form.is_valid():
            return None
        request = form.release_request()
    return preview_release(by, corpus, request)


def _next_url(made: Release) -> str:
    """Return the address of the release, or that of its job while it is being built."""
    if made.state != ReleaseState.READY and made.job_id is not None:
        return change_url(Job, made.job_id)
    return change_url(Release, made.pk)


@admin.register(Release)
class ReleaseAdmin(ScopedAdmin):
    """The releases of the user's corpora. The only change to one is its withdrawal."""

    view_permission = Permission.VIEW_RELEASE
    joined_relations = ("corpus", "withdrawn_by", "by")
    deferred_columns = ("corpus__guideline", "corpus__description", "recipe", "losses")
    search_columns = (SmallTable("pk", Release, ("name",)),)
    list_display = ("title", "corpus_name", "state_shown", "articles", "spans", "created_at")
    list_filter = (("corpus", CorpusFilter), "state")
    sortable_by = ()
    ordering = ("-id",)
    empty_message = gettext_lazy("There is no release yet. Managers make one on the page of a corpus.")
    fields = (
        "title",
        "corpus_name",
        "state_shown",
        "created_at",
        "creator_name",
        "filter_shown",
        "withdrawal",
    )
    readonly_fields = fields
    change_form_template = "admin/annotations/release/change_form.html"

    @admin.display(description=pgettext_lazy("field", "release"))
    def title(self, row: Release) -> str:
        """Return number and name."""
        return isolate_direction(f"{row.number} · {row.name}" if row.name else row.number)

    @admin.display(description=pgettext_lazy("field", "corpus"))
    def corpus_name(self, row: Release) -> str:
        """Return the name, isolated because it may be in any script."""
        return isolate_direction(row.corpus.name)

    @admin.display(description=pgettext_lazy("field", "state"))
    def state_shown(self, row: Release) -> str:
        """Return the state, or that the release is withdrawn."""
        return pgettext("State", "withdrawn") if row.withdrawn_at else str(row.get_state_display())

    @admin.display(description=pgettext_lazy("field", "articles"))
    def articles(self, row: Release) -> str:
        """Return the number of articles."""
        return str(row.counts.get("articles", "–"))

    @admin.display(description=pgettext_lazy("field", "spans"))
    def spans(self, row: Release) -> str:
        """Return the number of spans."""
        return str(row.counts.get("spans", {}).get("total", "–"))

    @admin.display(description=pgettext_lazy("field", "by"))
    def creator_name(self, row: Release) -> str:
        """Return the name of the user who made the release."""
        return isolate_direction(row.by.get_username() if row.by else "Standpoint")

    @admin.display(description=pgettext_lazy("field", "filter"))
    def filter_shown(self, row: Release) -> str:
        """Return the filter of the articles in words."""
        return isolate_direction(
            ", ".join(f"{labels.field_label(name)}: {value}" for name, value in sorted(row.filter.items()))
        )

    @admin.display(description=pgettext_lazy("field", "withdrawn"))
    def withdrawal(self, row: Release) -> str:
        """Return when, by whom and why the release was withdrawn."""
        if row.withdrawn_at is None:
            return "–"
        return isolate_direction(
            f"{row.withdrawn_at:%Y-%m-%d %H:%M}, {row.withdrawn_by}: {row.withdrawn_reason}"
        )

    def display_name(self, obj: Release) -> str:
        """Return corpus and number."""
        return f"{obj.corpus.name} {obj.number}"

    def extra_context(self, request: HttpRequest, obj: Release) -> dict[str, Any]:
        """Return files, counts, losses, changes since another release, and the withdrawal form."""
        ready = obj.state == ReleaseState.READY
        standing = ready and obj.withdrawn_at is None
        return {
            "files": list(obj.files.all()) if ready else [],
            "standing": standing,
            "base": api_url(f"releases/{obj.pk}/files/"),
            "counts": [
                (COUNT_NAMES.get(name, name), value)
                for name, value in obj.counts.items()
                if isinstance(value, int)
            ],
            "labels": [
                (pgettext("label", name), value)
                for name, value in obj.counts.get("spans", {}).get("by_label", {}).items()
            ],
            "card": _read_card(obj) if standing else "",
            "losses": labels.labelled_losses(obj.losses),
            "job_url": change_url(Job, obj.job_id) if obj.job_id and not ready else "",
            "changes": self._changes(request, obj),
            "others": self._others(obj),
            "may_withdraw": standing and has_permission(request, Permission.WITHDRAW_RELEASE, obj),
        }

    def _others(self, obj: Release) -> list[int]:
        rows = Release.objects.filter(corpus=obj.corpus_id, frozen_at__isnull=False).exclude(pk=obj.pk)
        return list(rows.order_by("-number").values_list("number", flat=True)[:100])

    def _changes(self, request: HttpRequest, obj: Release) -> dict[str, Any] | None:
        """Return the changes from the release that was chosen to this one."""
        asked = request.GET.get("from", "")
        if not (asked.isascii() and asked.isdigit() and len(asked) < 10) or obj.frozen_at is None:
            return None
        rows = Release.objects.filter(corpus=obj.corpus_id, frozen_at__isnull=False)
        other = rows.filter(number=int(asked)).first()
        if other is None:
            return None
        changes = compare_releases(other, obj)
        rows_of = [
            (COUNT_NAMES[what], [changes[what][kind]["count"] for kind in ("added", "removed", "changed")])
            for what in ("articles", "spans", "registry")
        ]
        return {"from": other.number, "rows": rows_of, "url": changes_url(obj.pk, other.pk)}

    def get_urls(self) -> list[URLPattern]:
        """Put the withdrawal and the changes before the pages whose address takes any id."""
        view = self.admin_site.admin_view(self.withdraw)
        here = path("<uuid:pk>/withdraw/", view, name="annotations_release_withdraw")
        changes = path(
            "<uuid:pk>/changes/<uuid:old>/",
            self.admin_site.admin_view(release_changes.page),
            {"site": self.admin_site},
            name="annotations_release_changes",
        )
        return [here, changes, *super().get_urls()]

    def withdraw(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask whether a release shall be withdrawn, and withdraw it with a reason."""
        by = current_user(request)
        release = get_visible_or_404(request, Release.objects.select_related("corpus"), pk)
        if not has_permission(request, Permission.WITHDRAW_RELEASE, release):
            raise PermissionDenied
        form = WithdrawalForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and form.cleaned_data["reason"].strip():
            try:
                releases.withdraw_release(by, pk, form.cleaned_data["reason"])
                messages.success(request, gettext_lazy("The release is withdrawn; its number stays."))
                return HttpResponseRedirect(change_url(Release, pk))
            except StandpointError as error:
                messages.error(request, translate_message(error.detail))
        elif request.method == "POST":
            messages.error(request, gettext_lazy("Say why, in a sentence."))
        corpus = pages.get_corpus(request, release.corpus_id, Permission.WITHDRAW_RELEASE)
        title = gettext("Withdraw release %(number)s?") % {"number": release.number}
        context = pages.page_context(
            request, self.admin_site, corpus, title, form=form, release_url=change_url(Release, pk)
        )
        return TemplateResponse(request, "admin/annotations/release/withdraw.html", context)


def _read_card(release: Release) -> str:
    """Return the data card of a release without its head, which is for loaders."""
    try:
        card = storage.open_file(storage.release_key(release.pk, CARD))
        with io.TextIOWrapper(card, encoding="utf-8") as file:
            text = file.read(MAX_CARD)
    except FileNotFoundError:  # withdrawn a moment ago
        return ""
    head, sign, rest = text.removeprefix("---\n").partition("\n---\n")
    return rest if text.startswith("---\n") and sign else head


def withdrawal_url(pk: UUID) -> str:
    """Return the address of the form that withdraws a release."""
    return reverse("admin:annotations_release_withdraw", args=(pk,))


def release_form_url(corpus: Corpus) -> str:
    """Return the address of the form for a new release."""
    return reverse("admin:annotations_corpus_release", args=(corpus.pk,))
