"""Jobs: how far work in the background is, and the report of an import line by line."""

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
from annotations.models import Job
from annotations.permissions import Permission, require
from annotations.services import files
from annotations.services.imports.background import REPORT
from annotations.visibility import NOTHING_HERE, get_seen

DOWNLOAD_HEADERS = {"Content-Disposition": "The name of the file."}


def job_url(job: Job) -> str:
    """The address of a job."""
    return f"/api/v1/jobs/{job.pk}/"


class _JobView(View):
    def job(self, pk: UUID) -> Job:
        """The job if the caller sees its corpus (404) and manages it (403)."""
        rows = Job.objects.select_related("corpus").defer("corpus__guideline")
        return require(self.person, Permission.VIEW_JOB, get_seen(self.person, rows, pk=pk))


class JobDetail(_JobView):
    """One job."""

    resource = "job"
    scopes = scopes_of(GET=Permission.VIEW_JOB)
    answers = {"GET": plain(JobShape)}

    def get(self, request: Request, pk: UUID) -> Response:
        """How far it is; ask again until it is done or failed."""
        return self.answer(JobShape(self.job(pk)), told=True)


class JobReport(_JobView):
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
