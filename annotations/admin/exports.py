"""The page of exports: files to download at once, those that a worker makes, and the latest releases."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, pgettext

from annotations import limits
from annotations.addresses import api_url
from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.scoped_admin import change_url, list_url
from annotations.admin.team import pages
from annotations.exceptions import StandpointError
from annotations.formats import FORMATS, Format
from annotations.models import Article, Corpus, Job, JobKind, Release
from annotations.permissions import Permission
from annotations.services.exchange.exports.jobs import is_large_export, queue_export
from annotations.services.exchange.filters import filter_articles
from annotations.translation import translate_message
from annotations.visibility import visible

TEMPLATE = "admin/annotations/corpus/export.html"
#: How many of the user's own exports, and how many releases, the page lists.
MAX_LISTED_EXPORTS, MAX_LISTED_RELEASES = 5, 10


def is_offered(row: Format) -> bool:
    """Return whether a form offers the format: those that need a question are links of a search."""
    return row.is_writable and not row.needs_question


class ExportForm(forms.Form):
    """The form for an export in the background."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=labels.format_choices({name: row for name, row in FORMATS.items() if is_offered(row)}),
        initial="jsonl",
    )


class ChoiceForm(forms.Form):
    """The form for the articles to export: those that a search finds."""

    q = forms.CharField(
        label=gettext_lazy("Only articles with these words"), required=False, max_length=limits.MAX_QUESTION
    )

    def chosen(self) -> dict[str, str]:
        """Return the filter of articles that was asked for, {} for all of them."""
        question = str(self.cleaned_data["q"]).strip() if self.is_valid() else ""
        return {"q": question} if question else {}


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render what can be downloaded, or let a worker make an export and lead to its job."""
    corpus = pages.get_corpus(request, pk, Permission.EXPORT_CORPUS)
    by = current_user(request)
    form, choice = ExportForm(request.POST or None), ChoiceForm(request.GET)
    chosen = choice.chosen()
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(
                change_url(Job, queue_export(by, corpus, {**form.cleaned_data, **chosen}).pk)
            )
        except StandpointError as error:
            messages.error(request, translate_message(error.detail))
    is_large = is_large_export(by, filter_articles(Article.objects.filter(corpus=corpus), by, chosen))
    own = Job.objects.filter(corpus=corpus, kind=JobKind.EXPORT).order_by("-pk").defer("parameters", "cursor")
    releases = Release.objects.filter(corpus=corpus).order_by("-number").defer("recipe", "losses")
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Export"),
        choice=choice,
        downloads=() if is_large else _download_links(corpus, chosen),
        form=form if is_large else None,
        jobs=[(change_url(Job, job.pk), job) for job in visible(by, own)[:MAX_LISTED_EXPORTS]],
        releases=[(change_url(Release, row.pk), row) for row in visible(by, releases)[:MAX_LISTED_RELEASES]],
        releases_url=list_url(Release, urlencode({"corpus__id__exact": corpus.pk})),
        release_form_url=pages.page_url(corpus, "release")
        if pages.has_corpus_permission(request, Permission.CREATE_RELEASE, corpus)
        else "",
    )
    return TemplateResponse(request, TEMPLATE, context)


def _download_links(corpus: Corpus, chosen: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the files, with all or some articles, that everybody who sees the corpus may download."""
    base = api_url(f"corpora/{corpus.slug}/export/")
    return [
        (pgettext("format", row.link_label), f"{base}?{urlencode({'format': name, **chosen})}")
        for name, row in FORMATS.items()
        if row.link_label
    ]
