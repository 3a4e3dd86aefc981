"""The pages of jobs: their progress and their results."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from annotations.addresses import api_url
from annotations.admin import import_page, labels
from annotations.admin.filters import CorpusFilter
from annotations.admin.scoped_admin import ObjectTool, ScopedAdmin, change_url, isolate_direction
from annotations.models import Job, JobKind, JobState, Release
from annotations.permissions import Permission
from annotations.services.exchange.exports.jobs import EXPORT_FILE
from annotations.services.exchange.imports.jobs import REPORT_FILE
from annotations.services.jobs import leases, storage

#: How many errors of an import the page shows; the report has all of them.
MAX_SHOWN_ERRORS = 50


@admin.register(Job)
class JobAdmin(ScopedAdmin):
    """The jobs of the corpora that the user manages and the user's own exports, read-only."""

    view_permission = Permission.VIEW_JOB
    joined_relations = ("corpus", "by")
    deferred_columns = ("corpus__guideline", "corpus__description", "cursor")
    list_display = ("created_at", "kind", "corpus_name", "state", "progress")
    list_filter = (("corpus", CorpusFilter), "kind", "state")
    sortable_by = ()
    ordering = ("-id",)
    empty_message = gettext_lazy("There is no job yet. Large imports and releases become jobs.")
    fields = ("corpus_name", "kind", "asked_by", "created_at", "started_at", "finished_at")
    readonly_fields = fields
    change_form_template = "admin/annotations/job/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the results, which can be long, out of lists."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        in_list = match is not None and (match.url_name or "").endswith("_changelist")
        rows = rows.filter(Q(my_role="manager") | Q(kind=JobKind.EXPORT))
        return rows.defer(*(("result", "parameters") if in_list else ()))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let managers in, and to an export the member who asked for it."""
        is_export = obj is not None and obj.kind == JobKind.EXPORT
        return self._has_role_permission(
            request, Permission.EXPORT_CORPUS if is_export else self.view_permission, obj
        )

    @admin.display(description=pgettext_lazy("field", "corpus"))
    def corpus_name(self, row: Job) -> str:
        """Return the name, isolated because it may be in any script."""
        return isolate_direction(row.corpus.name)

    @admin.display(description=pgettext_lazy("field", "by"))
    def asked_by(self, row: Job) -> str:
        """Return the name of the user who asked for the job."""
        return isolate_direction(row.by.get_username() if row.by else "Standpoint")

    @admin.display(description=pgettext_lazy("field", "progress"))
    def progress(self, row: Job) -> str:
        """Return the progress in percent."""
        return labels.format_percent(row.done / row.total) if row.total else "–"

    def display_name(self, obj: Job) -> str:
        """Return the kind and the corpus of the job."""
        return f"{obj.get_kind_display()} · {obj.corpus.name}"

    def object_tools(self, request: HttpRequest, obj: Job) -> list[ObjectTool]:
        """Return the links to the result of the job."""
        if obj.kind == JobKind.RELEASE:
            id = Release.objects.filter(job=obj).values_list("pk", flat=True).first()
            return [ObjectTool(gettext("The release"), change_url(Release, id))] if id else []
        if obj.kind == JobKind.EXPORT:
            is_there = obj.state == JobState.DONE and storage.stat_file(storage.job_key(obj.pk, EXPORT_FILE))
            return [ObjectTool(gettext("The file"), api_url(f"jobs/{obj.pk}/file/"))] if is_there else []
        if storage.stat_file(storage.job_key(obj.pk, REPORT_FILE)):
            return [ObjectTool(gettext("Report of each line"), api_url(f"jobs/{obj.pk}/report/"))]
        return []

    def extra_context(self, request: HttpRequest, obj: Job) -> dict[str, Any]:
        """Return the progress and the result for the template."""
        result = obj.result or {}
        return {
            "job": obj,
            "job_url": api_url(f"jobs/{obj.pk}/"),
            "may_list": self.has_view_permission(request),
            "states": {str(state): labels.enum_label(JobState, state) for state in JobState},
            "is_over": obj.state in leases.FINAL_STATES,
            "notice": leases.waiting_notice(obj),
            "counts": [
                (said, result[name]) for name, said in import_page.COUNT_LABELS.items() if result.get(name)
            ],
            "faults": result.get("errors", [])[:MAX_SHOWN_ERRORS],
            "left_out": max(len(result.get("errors", [])) - MAX_SHOWN_ERRORS, 0)
            + result.get("errors_left_out", 0),
            "losses": labels.labelled_losses(result.get("losses", [])),
        }
