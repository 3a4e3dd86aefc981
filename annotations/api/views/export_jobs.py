"""Exports that a worker makes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import parameters
from annotations.api.operations import RequestBodySpec, unversioned_response
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.exports import ExportRequestSerializer
from annotations.api.serializers.releases import JobSerializer
from annotations.api.stored_files import (
    RANGE_ERRORS,
    StoredDownload,
    stored_file_response,
    stored_response,
)
from annotations.api.views.corpora import BaseCorpusView
from annotations.api.views.exchange import EXPORT_HEADERS, EXPORT_MEDIA_TYPES, ExportView
from annotations.api.views.jobs import BaseJobView, job_url
from annotations.exceptions import NotReadyError, NotVisibleError
from annotations.messages import message, term
from annotations.models import JobKind, JobState
from annotations.permissions import Permission
from annotations.services.exchange.exports.jobs import EXPORT_FILE, queue_export
from annotations.services.jobs import storage
from annotations.visibility import NOT_FOUND_MESSAGE


class ExportJobListView(BaseCorpusView):
    """Exports that are made in the background."""

    resource = "export_job"
    scopes = scopes_by_method(POST=Permission.EXPORT_CORPUS)
    parameters: ClassVar[Mapping[str, parameters.AllowedParameters]] = MappingProxyType(
        {"POST": ExportView.parameters["GET"]}
    )
    request_bodies = {"POST": RequestBodySpec(content=ExportRequestSerializer, required=False)}
    responses = {"POST": unversioned_response(JobSerializer, status=202)}
    error_codes = {"POST": ("not-installed",)}

    def post(self, request: Request, slug: str) -> Response:
        """Let a worker make an export (202 and the job); what is in the body counts more than the address."""
        corpus = self.get_corpus(slug, Permission.EXPORT_CORPUS)
        body = self.validated_data(ExportRequestSerializer)
        job = queue_export(self.user, corpus, {**self.query_params(), **body})
        response = self.respond(JobSerializer(job), status=202, translated=True)
        response.headers["Location"] = request.build_absolute_uri(job_url(job))
        return response


class ExportFileView(BaseJobView):
    """The file of an export that was made in the background."""

    resource = "job_file"
    scopes = scopes_by_method(GET=Permission.EXPORT_CORPUS)
    responses = {"GET": stored_response(EXPORT_MEDIA_TYPES, EXPORT_HEADERS)}
    error_codes = {"GET": ("not-ready", *RANGE_ERRORS)}

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """Download the file, as long as it is kept; only the person who asked for the export sees it."""
        job = self.get_job(pk)
        self.query_params()
        if job.kind != JobKind.EXPORT:
            raise NotVisibleError(NOT_FOUND_MESSAGE)
        if job.state != JobState.DONE or job.result is None:
            raise NotReadyError(
                message(
                    "The export is {state}; ask for its file when it is done.",
                    state=term("JobState", job.state),
                )
            )
        made = job.result
        try:
            response = stored_file_response(
                request,
                StoredDownload(
                    storage.job_key(job.pk, EXPORT_FILE),
                    filename=made["filename"],
                    media_type=made["media_type"],
                    size=made["bytes"],
                    sha256=made["sha256"],
                ),
            )
        except FileNotFoundError:
            raise NotVisibleError(
                message("The file of this export is not kept any more; make the export again.")
            ) from None
        response.headers["Loss-Count"] = str(sum(loss["count"] for loss in made["losses"]))
        return response
