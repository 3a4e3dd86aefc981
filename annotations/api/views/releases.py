"""Releases of a corpus: list, creation, details, comparison, download, withdrawal."""

from __future__ import annotations

import base64
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import parameters
from annotations.api.operations import Answer, created, page, plain
from annotations.api.permissions import scopes_of
from annotations.api.serializers.releases import (
    DIFFERENCE,
    JobShape,
    OrderShape,
    ReleaseShape,
    WithdrawalShape,
    order_of,
)
from annotations.api.views.base import View
from annotations.api.views.corpora import CorpusView
from annotations.api.views.jobs import DOWNLOAD_HEADERS, job_url
from annotations.exceptions import FieldError, NotReady, Withdrawn
from annotations.models import Job, Release, ReleaseFile, ReleaseState
from annotations.permissions import Permission, require
from annotations.says import says, word
from annotations.services import background, files, releases
from annotations.services.releases.compare import difference
from annotations.text.values import canonical_uuid, shown_time
from annotations.visibility import get_seen, get_visible, visible


def release_rows() -> QuerySet[Release]:
    """Return the releases with everything that their serializer shows, and without their specification."""
    rows = Release.objects.select_related("withdrawn_by").prefetch_related("files")
    return rows.defer("recipe")


class Releases(CorpusView):
    """The releases of a corpus."""

    resource = "release"
    scopes = scopes_of(GET=Permission.VIEW_RELEASE, POST=Permission.CREATE_RELEASE)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": OrderShape}
    answers = {"GET": page(ReleaseShape), "POST": created(ReleaseShape, versioned=False, later=JobShape)}
    refusals = {"POST": ("id-taken", "not-installed")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, also those that were withdrawn."""
        corpus = self.corpus(slug, Permission.VIEW_RELEASE)
        return self.page(visible(self.person, release_rows().filter(corpus=corpus)), ReleaseShape)

    def post(self, request: Request, slug: str) -> Response:
        """Make one: at once (201), or by a worker if it is large (202 and the job)."""
        corpus = self.corpus(slug, Permission.CREATE_RELEASE)
        order = order_of(self.body(OrderShape))
        made, new = background.release(self.person, corpus, order)
        job = releases.job_of(made)
        if job is not None:
            job = Job.objects.select_related("corpus").get(pk=job.pk)
            response = self.answer(JobShape(job), status=202, told=True)
            response.headers["Location"] = request.build_absolute_uri(job_url(job))
            return response
        shown = release_rows().get(pk=made.pk)
        return self.created(ReleaseShape(shown), at=f"/api/v1/releases/{made.pk}/", new=new)


class _ReleaseView(View):
    def release(self, pk: UUID, permission: Permission = Permission.VIEW_RELEASE) -> Release:
        """Return the release, or raise if the user does not see its corpus (404) or may not do this (403)."""
        return require(self.person, permission, get_seen(self.person, release_rows(), pk=pk))

    def standing(self, release: Release) -> Release:
        """Return the release if it is ready and not withdrawn, or raise."""
        if release.withdrawn_at is not None:
            at = shown_time(release.withdrawn_at)
            raise Withdrawn(
                says(
                    "Release {number} was withdrawn at {at}: {reason}",
                    number=release.number,
                    at=at,
                    reason=release.withdrawn_reason,
                ),
                reason=release.withdrawn_reason,
            )
        if release.state != ReleaseState.READY:
            raise NotReady(
                says(
                    "Release {number} is {state}; ask for it again when it is ready.",
                    number=release.number,
                    state=word("ReleaseState", release.state),
                )
            )
        return release


class ReleaseDetail(_ReleaseView):
    """One release."""

    resource = "release"
    scopes = scopes_of(GET=Permission.VIEW_RELEASE)
    answers = {"GET": plain(ReleaseShape)}

    def get(self, request: Request, pk: UUID) -> Response:
        """What is in it."""
        return self.answer(ReleaseShape(self.release(pk)))


class ReleaseDownload(_ReleaseView):
    """One file of a release."""

    resource = "release_file"
    scopes = scopes_of(GET=Permission.VIEW_RELEASE)
    answers = {
        "GET": Answer(
            content={"type": "string", "format": "binary"},
            media_type="application/octet-stream",
            headers={**DOWNLOAD_HEADERS, "Repr-Digest": "Its SHA-256 by RFC 9530."},
        )
    }
    refusals = {"GET": ("not-ready", "withdrawn")}

    def get(self, request: Request, pk: UUID, name: str) -> FileResponse:
        """The bytes, which never change."""
        release = self.release(pk)
        self.query()
        self.standing(release)
        row = get_visible(self.person, ReleaseFile.objects.all(), release=release, name=name)
        # The name comes out of our table: what a client sends never becomes part of a path.
        response = FileResponse(
            files.of_release(release.pk, row.name).open("rb"),
            as_attachment=True,
            filename=row.name,
            content_type=row.media_type,
        )
        response.headers["Content-Length"] = str(row.bytes)
        digest = base64.b64encode(bytes.fromhex(row.sha256)).decode()
        response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
        return response


class ReleaseDifference(_ReleaseView):
    """What became different from one release to another."""

    resource = "release_diff"
    scopes = scopes_of(GET=Permission.VIEW_RELEASE)
    parameters = {
        "GET": {
            "to": parameters.text(
                "The other release: its id, or its number in the same corpus.", max_length=36, required=True
            )
        }
    }
    answers = {"GET": Answer(content=DIFFERENCE)}
    refusals = {"GET": ("not-ready",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Articles, spans and registry entries that were added, removed and changed."""
        old = self._frozen(self.release(pk))
        new = self._frozen(self._other(old, self.query()["to"]))
        answer = {
            "from": {"id": str(old.pk), "number": old.number},
            "to": {"id": str(new.pk), "number": new.number},
            **difference(old, new),
        }
        return self.answer(answer)

    def _other(self, old: Release, named: str) -> Release:
        if named.isascii() and named.isdigit() and len(named) < 10:
            return get_visible(self.person, release_rows(), corpus_id=old.corpus_id, number=int(named))
        try:
            return get_visible(self.person, release_rows(), corpus_id=old.corpus_id, pk=canonical_uuid(named))
        except ValueError as error:
            fault = FieldError(code="value", detail=str(error), parameter="to")
            raise parameters.refusal([fault]) from error

    def _frozen(self, release: Release) -> Release:
        if release.frozen_at is None:
            raise NotReady(
                says(
                    "Release {number} is {state}; ask again when it is ready.",
                    number=release.number,
                    state=word("ReleaseState", release.state),
                )
            )
        return release


class ReleaseWithdrawal(_ReleaseView):
    """Taking a release back."""

    resource = "release"
    operation_ids = {"POST": "release_withdraw"}
    scopes = scopes_of(POST=Permission.WITHDRAW_RELEASE)
    bodies = {"POST": WithdrawalShape}
    answers = {"POST": plain(ReleaseShape)}
    refusals = {"POST": ("not-allowed-now",)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Its files are handed out no more; number, manifest and reason stay."""
        self.release(pk, Permission.WITHDRAW_RELEASE)
        reason = self.body(WithdrawalShape)["reason"]
        releases.withdraw(self.person, pk, reason)
        return self.answer(ReleaseShape(release_rows().get(pk=pk)))
