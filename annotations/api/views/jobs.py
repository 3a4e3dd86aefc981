"""Jobs: their progress, and the report of an import line by line."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.operations import Answer, plain
from annotations.api.permissions import scopes_of
from annotations.api.serializers.releases import JobShape
from annotations.api.views.base import View
from annotations.exceptions import NotVisible
from annotations.models import Job, JobKind
from annotations.permissions import Permission, require
from annotations.services import files
from annotations.services.imports.background import REPORT
from annotations.visibility import NOTHING_HERE, get_seen

DOWNLOAD_HEADERS = {"Content-Disposition": "The name of the file."}


def job_url(job: Job) -> str:
    """Return the address of a job."""
    return f"/api/v1/jobs/{job.pk}/"


class JobView(View):
    """Base of the resources of one job."""

    def job(self, pk: UUID) -> Job:
        """Return the job, or raise if the user does not see it (404) or may not follow it (403).

        Jobs are for managers; an export is for the member who asked for it, and nobody else sees it.
        """
        rows = Job.objects.select_related("corpus").defer("corpus__guideline")
        seen = get_seen(self.person, rows, pk=pk)
        permission = Permission.EXPORT if seen.row.kind == JobKind.EXPORT else Permission.VIEW_JOB
        return require(self.person, permission, seen)


class JobDetail(JobView):
    """One job."""

    resource = "job"
    scopes = scopes_of(GET=Permission.VIEW_JOB)
    answers = {"GET": plain(JobShape)}

    def get(self, request: Request, pk: UUID) -> Response:
        """How far it is; ask again until it is done or failed."""
        return self.answer(JobShape(self.job(pk)), told=True)


class JobReport(JobView):
    """The report of an import, one JSON object a line."""

    resource = "job_report"
    scopes = scopes_of(GET=Permission.VIEW_JOB)
    answers = {
        "GET": Answer(
            content={"type": "string", "format": "binary"},
            media_type="application/x-ndjson",
            headers=DOWNLOAD_HEADERS,
        )
    }

    def get(self, request: Request, pk: UUID) -> FileResponse:
        """What became of each line, as far as the import is."""
        job = self.job(pk)
        self.query()
        path = files.of_job(job.pk, REPORT)
        if not path.is_file():
            raise NotVisible(NOTHING_HERE)
        return FileResponse(
            path.open("rb"),
            as_attachment=True,
            filename=f"{job.corpus.slug}-import-{job.pk}.jsonl",
            content_type="application/x-ndjson",
        )
