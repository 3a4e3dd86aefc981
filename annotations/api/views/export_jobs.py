"""Exports that a worker makes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from django.http import FileResponse
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import parameters
from annotations.api.operations import Body, plain
from annotations.api.permissions import scopes_of
from annotations.api.serializers.exports import ExportRequestSerializer
from annotations.api.serializers.releases import JobShape
from annotations.api.views.corpora import CorpusView
from annotations.api.views.exchange import Export
from annotations.api.views.jobs import JobView, job_url
from annotations.exceptions import NotReady, NotVisible
from annotations.models import JobKind, JobState
from annotations.permissions import Permission
from annotations.says import says, word
from annotations.services import files
from annotations.services.exports.background import EXPORT_FILE, queue_export
from annotations.visibility import NOTHING_HERE


class Exports(CorpusView):
    """Exports that are made in the background."""

    resource = "export_job"
    scopes = scopes_of(POST=Permission.EXPORT)
    parameters: ClassVar[Mapping[str, parameters.Allowed]] = MappingProxyType(
        {"POST": Export.parameters["GET"]}
    )
    bodies = {"POST": Body(content=ExportRequestSerializer, required=False)}
    answers = {"POST": plain(JobShape, status=202)}
    refusals = {"POST": ("not-installed",)}

    def post(self, request: Request, slug: str) -> Response:
        """Let a worker make an export (202 and the job); what is in the body counts more than the address."""
        corpus = self.corpus(slug, Permission.EXPORT)
        body = self.body(ExportRequestSerializer)
        job = queue_export(self.person, corpus, {**self.query(), **body})
        response = self.answer(JobShape(job), status=202, told=True)
        response.headers["Location"] = request.build_absolute_uri(job_url(job))
        return response


class ExportFile(JobView):
    """The file of an export that was made in the background."""

    resource = "job_file"
    scopes = scopes_of(GET=Permission.EXPORT)
    answers = Export.answers
    refusals = {"GET": ("not-ready",)}

    def get(self, request: Request, pk: UUID) -> FileResponse:
        """The file, for whoever asked for it, as long as it is kept."""
        job = self.job(pk)
        self.query()
        if job.kind != JobKind.EXPORT:
            raise NotVisible(NOTHING_HERE)
        if job.state != JobState.DONE or job.result is None:
            raise NotReady(
                says(
                    "The export is {state}; ask for its file when it is done.",
                    state=word("JobState", job.state),
                )
            )
        path = files.of_job(job.pk, EXPORT_FILE)
        if not path.is_file():
            raise NotVisible(says("The file of this export is not kept any more; make the export again."))
        made = job.result
        response = FileResponse(
            path.open("rb"), as_attachment=True, filename=made["filename"], content_type=made["media_type"]
        )
        digest = base64.b64encode(bytes.fromhex(made["sha256"])).decode()
        response.headers["Content-Length"] = str(made["bytes"])
        response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
        response.headers["Loss-Count"] = str(sum(loss["count"] for loss in made["losses"]))
        return response
