"""Exports that a worker makes: the form on the page of a large corpus, and what became of earlier ones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy

from annotations.admin import labels
from annotations.admin.access import current_user, get_visible_or_404, has_permission
from annotations.admin.scoped_admin import change_url
from annotations.exceptions import StandpointError
from annotations.formats import FORMATS, Format
from annotations.models import Corpus, Job, JobKind
from annotations.permissions import Permission
from annotations.services.exchange.exports.jobs import is_large_export, queue_export
from annotations.translation import translate_message
from annotations.visibility import visible

#: How many of the user's own exports the page of a corpus lists.
MAX_LISTED_EXPORTS = 5


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


def extra_context(request: HttpRequest, corpus: Corpus) -> dict[str, Any]:
    """Return what the page of a corpus shows: the form where it is large, and the latest exports."""
    own = Job.objects.filter(corpus=corpus, kind=JobKind.EXPORT).order_by("-pk").defer("parameters", "cursor")
    return {
        "export_form": ExportForm() if is_large_export(corpus) else None,
        "export_jobs": [
            (change_url(Job, job.pk), job) for job in visible(current_user(request), own)[:MAX_LISTED_EXPORTS]
        ],
    }


def start_export_view(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Let a worker make an export, and lead to its job."""
    del site
    by = current_user(request)
    corpus = get_visible_or_404(request, Corpus.objects.defer("guideline"), pk)
    if not has_permission(request, Permission.EXPORT_CORPUS, corpus):
        raise PermissionDenied
    form = ExportForm(request.POST or None)
    if not form.is_valid():
        return HttpResponseRedirect(change_url(Corpus, pk))
    try:
        job = queue_export(by, corpus, form.cleaned_data)
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
        return HttpResponseRedirect(change_url(Corpus, pk))
    return HttpResponseRedirect(change_url(Job, job.pk))
