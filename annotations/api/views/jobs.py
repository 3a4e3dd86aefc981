"""Jobs: their progress, and the report of an import line by line."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api.operations import file_response, unversioned_response
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.releases import JobSerializer
from annotations.api.views.base import BaseView
from annotations.exceptions import NotVisibleError
from annotations.models import Job, JobKind
from annotations.permissions import Permission, require_permission
from annotations.services.exchange.imports.jobs import REPORT_FILE
from annotations.services.jobs import storage
from annotations.visibility import NOT_FOUND_MESSAGE, get_visible_row

DOWNLOAD_HEADERS = {"Content-Disposition": "The name of the file."}


def job_url(job: Job) -> str:
    """Return the address of a job."""
    return api_url(f"jobs/{job.pk}/")


class BaseJobView(BaseView):
    """Base of the resources of one job."""

    def get_job(self, pk: UUID) -> Job:
        """Return the job, or raise if the user does not see it (404) or may not follow it (403).

        Jobs are for managers; an export is for the member who asked for it, and nobody else sees it.
        """
        rows = Job.objects.select_related("corpus").defer("corpus__guideline")
        seen = get_visible_row(self.user, rows, pk=pk)
        permission = Permission.EXPORT_CORPUS if seen.row.kind == JobKind.EXPORT else Permission.VIEW_JOB
        return require_permission(self.user, permission, seen)


class JobDetailView(BaseJobView):
    """One job."""

    resource = "job"
    scopes = scopes_by_method(GET=Permission.VIEW_JOB)
    responses = {"GET": unversioned_response(JobSerializer)}

    def get(self, request: Request, pk: UUID) -> Response:
        """How far it is; ask again until it is done or failed."""
        return self.respond(JobSerializer(self.get_job(pk)), translated=True)


class JobReportView(BaseJobView):
    """The report of an import, one JSON object a line."""

    resource = "job_report"
    scopes = scopes_by_method(GET=Permission.VIEW_JOB)
    responses = {"GET": file_response(["application/x-ndjson"], DOWNLOAD_HEADERS)}

    def get(self, request: Request, pk: UUID) -> FileResponse:
        """Download the outcome of each line, as far as the import is."""
        job = self.get_job(pk)
        self.query_params()
        try:
            file = storage.open_file(storage.job_key(job.pk, REPORT_FILE))
        except FileNotFoundError:
            raise NotVisibleError(NOT_FOUND_MESSAGE) from None
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"{job.corpus.slug}-import-{job.pk}.jsonl",
            content_type="application/x-ndjson",
        )
