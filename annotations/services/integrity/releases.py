"""Releases: the frozen records are complete, and the files to download are there.

Whether the files can be built again to the byte takes as long as building them, and is proved by
``manage.py release --verify``.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils import timezone

from annotations.formats.release.bundle import MANIFEST
from annotations.models import Release, ReleaseChunk, ReleaseFile, ReleaseState
from annotations.services.integrity.checks import Check, CheckResult, CheckScope, stream_rows
from annotations.services.jobs import storage
from annotations.services.releases.freeze import build_spec

_REPAIR = "`manage.py release --verify --restore` makes it again"


def _check_releases(scope: CheckScope, result: CheckResult) -> None:
    """Check that a release can be built again, and that a withdrawn one has its time and reason."""
    chunks = Count("chunks", distinct=True)
    manifests = Count("files", filter=Q(files__name=MANIFEST), distinct=True)
    rows = Release.objects.annotate(held=chunks, last=Max("chunks__number"), manifests=manifests)
    for row in stream_rows(scope.select(rows, "corpus_id")):
        result.add_row(row.pk, _release_fault(row))


def _release_fault(row: Release) -> str | None:
    ready = row.state == ReleaseState.READY
    chunks, last, manifests = (getattr(row, name) for name in ("held", "last", "manifests"))
    faults: tuple[tuple[bool, str], ...] = (
        (ready and row.frozen_at is None, "The release is ready, and nothing was frozen for it."),
        (row.frozen_at is not None and chunks != (last or 0) + 1, "Some of what was frozen is not there."),
        (ready and not manifests, "The release is ready and has no manifest."),
        (not ready and row.withdrawn_at is not None, "The release was withdrawn before it was ready."),
        ((row.withdrawn_at is None) != (row.withdrawn_reason == ""), "A withdrawal has a time and a reason."),
        (row.frozen_at is not None and not _is_readable(row), "The recipe of the release cannot be read."),
    )
    return next((sentence for fits, sentence in faults if fits), None)


def _is_readable(row: Release) -> bool:
    try:
        build_spec(row)
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _check_chunks(scope: CheckScope, result: CheckResult) -> None:
    """Check the checksum of every chunk, one at a time, because a chunk has a megabyte."""
    rows = ReleaseChunk.objects.defer("index")
    for row in stream_rows(scope.select(rows, "release__corpus_id"), size=1):
        same = hashlib.sha256(bytes(row.data)).hexdigest() == row.sha256
        result.add_row(row.pk, None if same else f"Chunk {row.number} of the release is not what was frozen.")


def _check_files(scope: CheckScope, result: CheckResult) -> None:
    """Check that the files are there with their lengths, and those of a withdrawn release deleted."""
    rows = ReleaseFile.objects.filter(release__state=ReleaseState.READY, release__withdrawn_at__isnull=True)
    for row in stream_rows(scope.select(rows, "release__corpus_id")):
        result.add_row(row.pk, _file_fault(row))
    for release in stream_rows(scope.select(Release.objects.filter(withdrawn_at__isnull=False), "corpus_id")):
        result.add_row(release.pk, _withdrawn_fault(release))


def _withdrawn_fault(release: Release) -> str | None:
    """Return a sentence if anything at all is left of the files of a withdrawn release."""
    is_gone = next(storage.list_files(storage.release_key(release.pk)), None) is None
    if is_gone or _is_being_deleted(release.withdrawn_at):
        return None
    return (
        f"Release {release.number} was withdrawn, and files of it are still there; withdraw it again, or let "
        "`manage.py worker` run: both delete them."
    )


def _file_fault(row: ReleaseFile) -> str | None:
    found = storage.stat_file(storage.release_key(row.release_id, row.name))
    if found is None:
        return f"The file {row.name} of the release is missing; {_REPAIR}."
    if found.size != row.bytes:
        return f"The file {row.name} of the release has another length; {_REPAIR}."
    return None


def _is_being_deleted(withdrawn_at: datetime | None) -> bool:
    """Whether a release was withdrawn so recently that its files may still be there."""
    age = timedelta(0) if withdrawn_at is None else timezone.now() - withdrawn_at
    return age < timedelta(seconds=settings.JOB_LEASE)


CHECKS = (
    Check(
        "releases",
        "A release that is ready can be made again, and a withdrawn one says why.",
        _check_releases,
    ),
    Check("frozen", "What was frozen for a release has the checksum that it had then.", _check_chunks),
    Check(
        "release-files", "The files of a release are there, and those of a withdrawn one gone.", _check_files
    ),
)
