"""Releases of a corpus: list, creation, details, comparison, download, withdrawal."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, QuerySet
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import parameters
from annotations.api.operations import (
    ResponseSpec,
    created_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.releases import (
    DIFFERENCE_SCHEMA,
    JobSerializer,
    ReleaseCreateSerializer,
    ReleaseSerializer,
    ReleaseWithdrawSerializer,
    release_request,
)
from annotations.api.stored_files import (
    RANGE_ERRORS,
    StoredDownload,
    stored_file_response,
    stored_response,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.api.views.jobs import DOWNLOAD_HEADERS, job_url
from annotations.exceptions import FieldError, NotReadyError, ReleaseWithdrawnError
from annotations.formats.release.bundle import release_media_types
from annotations.messages import message, term
from annotations.models import Job, Release, ReleaseFile, ReleaseState
from annotations.permissions import Permission, require_permission
from annotations.services import job_runner, releases
from annotations.services.jobs import storage
from annotations.services.releases.compare import compare_releases
from annotations.text.parsing import format_timestamp, parse_uuid
from annotations.visibility import get_visible, get_visible_row, visible


def release_rows() -> QuerySet[Release]:
    """Return the releases with everything that their serializer shows, and without their specification."""
    rows = Release.objects.select_related("withdrawn_by").prefetch_related("files")
    return rows.defer("recipe").annotate(amendments=F("recipe__amendments"))


class ReleaseListView(BaseCorpusView):
    """The releases of a corpus."""

    resource = "release"
    scopes = scopes_by_method(GET=Permission.VIEW_RELEASE, POST=Permission.CREATE_RELEASE)
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": ReleaseCreateSerializer}
    responses = {
        "GET": paginated_response(ReleaseSerializer),
        "POST": created_response(ReleaseSerializer, versioned=False, accepted_content=JobSerializer),
    }
    error_codes = {"POST": ("id-taken", "not-installed")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, also those that were withdrawn."""
        corpus = self.get_corpus(slug, Permission.VIEW_RELEASE)
        return self.paginate(visible(self.user, release_rows().filter(corpus=corpus)), ReleaseSerializer)

    def post(self, request: Request, slug: str) -> Response:
        """Make one: at once (201), or by a worker if it is large (202 and the job)."""
        corpus = self.get_corpus(slug, Permission.CREATE_RELEASE)
        order = release_request(self.validated_data(ReleaseCreateSerializer))
        made, new = job_runner.make_release(self.user, corpus, order)
        job = releases.pending_job(made)
        if job is not None:
            job = Job.objects.select_related("corpus").get(pk=job.pk)
            response = self.respond(JobSerializer(job), status=202, translated=True)
            response.headers["Location"] = request.build_absolute_uri(job_url(job))
            return response
        shown = release_rows().get(pk=made.pk)
        return self.respond_created(
            ReleaseSerializer(shown), location=api_url(f"releases/{made.pk}/"), new=new
        )


class BaseReleaseView(BaseView):
    def get_release(self, pk: UUID, permission: Permission = Permission.VIEW_RELEASE) -> Release:
        """Return the release, or raise if the user does not see its corpus (404) or may not do this (403)."""
        return require_permission(self.user, permission, get_visible_row(self.user, release_rows(), pk=pk))

    def require_usable(self, release: Release) -> Release:
        """Return the release if it is ready and not withdrawn, or raise."""
        if release.withdrawn_at is not None:
            at = format_timestamp(release.withdrawn_at)
            raise ReleaseWithdrawnError(
                message(
                    "Release {number} was withdrawn at {at}: {reason}",
                    number=release.number,
                    at=at,
                    reason=release.withdrawn_reason,
                ),
                reason=release.withdrawn_reason,
            )
        if release.state != ReleaseState.READY:
            raise NotReadyError(
                message(
                    "Release {number} is {state}; ask for it again when it is ready.",
                    number=release.number,
                    state=term("ReleaseState", release.state),
                )
            )
        return release


class ReleaseDetailView(BaseReleaseView):
    """One release."""

    resource = "release"
    scopes = scopes_by_method(GET=Permission.VIEW_RELEASE)
    responses = {"GET": unversioned_response(ReleaseSerializer)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show the contents of the release."""
        return self.respond(ReleaseSerializer(self.get_release(pk)))


class ReleaseFileView(BaseReleaseView):
    """One file of a release."""

    resource = "release_file"
    scopes = scopes_by_method(GET=Permission.VIEW_RELEASE)
    responses = {"GET": stored_response(release_media_types(), DOWNLOAD_HEADERS)}
    error_codes = {"GET": ("not-ready", "withdrawn", *RANGE_ERRORS)}

    def get(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        """Download the bytes, which never change."""
        release = self.get_release(pk)
        self.query_params()
        self.require_usable(release)
        row = get_visible(self.user, ReleaseFile.objects.all(), release=release, name=name)
        # The name comes out of our table: what a client sends never becomes part of a path.
        return stored_file_response(
            request,
            StoredDownload(
                storage.release_key(release.pk, row.name),
                filename=row.name,
                media_type=row.media_type,
                size=row.bytes,
                sha256=row.sha256,
            ),
        )


class ReleaseDiffView(BaseReleaseView):
    """What became different from one release to another."""

    resource = "release_diff"
    scopes = scopes_by_method(GET=Permission.VIEW_RELEASE)
    parameters = {
        "GET": {
            "to": parameters.text(
                "The other release: its id, or its number in the same corpus.", max_length=36, required=True
            )
        }
    }
    responses = {"GET": ResponseSpec(content=DIFFERENCE_SCHEMA)}
    error_codes = {"GET": ("not-ready",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Articles, spans and registry entries that were added, removed and changed."""
        old = self._frozen(self.get_release(pk))
        new = self._frozen(self._other(old, self.query_params()["to"]))
        answer = {
            "from": {"id": str(old.pk), "number": old.number},
            "to": {"id": str(new.pk), "number": new.number},
            **compare_releases(old, new),
        }
        return self.respond(answer)

    def _other(self, old: Release, named: str) -> Release:
        if named.isascii() and named.isdigit() and len(named) < 10 and named == str(int(named)):
            return get_visible(self.user, release_rows(), corpus_id=old.corpus_id, number=int(named))
        try:
            return get_visible(self.user, release_rows(), corpus_id=old.corpus_id, pk=parse_uuid(named))
        except ValueError as error:
            fault = FieldError(code="value", detail=str(error), parameter="to")
            raise parameters.parameter_error([fault]) from error

    def _frozen(self, release: Release) -> Release:
        if release.frozen_at is None:
            raise NotReadyError(
                message(
                    "Release {number} is {state}; ask again when it is ready.",
                    number=release.number,
                    state=term("ReleaseState", release.state),
                )
            )
        return release


class ReleaseWithdrawView(BaseReleaseView):
    """Taking a release back."""

    resource = "release"
    operation_ids = {"POST": "release_withdraw"}
    scopes = scopes_by_method(POST=Permission.WITHDRAW_RELEASE)
    request_bodies = {"POST": ReleaseWithdrawSerializer}
    responses = {"POST": unversioned_response(ReleaseSerializer)}
    error_codes = {"POST": ("not-allowed-now",)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Its files are handed out no more; number, manifest and reason stay."""
        self.get_release(pk, Permission.WITHDRAW_RELEASE)
        reason = self.validated_data(ReleaseWithdrawSerializer)["reason"]
        releases.withdraw_release(self.user, pk, reason)
        return self.respond(ReleaseSerializer(release_rows().get(pk=pk)))
