"""The files of a backup: those that its database names, each checked while it is copied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from annotations.models import Job, JobKind, JobState, Release, ReleaseFile, ReleaseState
from annotations.services.backup.errors import BackupError
from annotations.services.exchange.exports.jobs import EXPORT_FILE
from annotations.services.exchange.imports.jobs import REPORT_FILE, UPLOAD_FILE
from annotations.services.jobs import leases, storage
from annotations.services.releases.build import DamagedChunkError, build_release

#: The folder of the files within a backup; below it they have the keys of the storage.
FILES_FOLDER = "files"
_CHUNK = 1024 * 1024


class ReferencedFile(NamedTuple):
    """A file that the database names; of files of releases it knows the release and the digest."""

    key: str
    sha256: str = ""
    release: UUID | None = None


def referenced_files(*, with_reports: bool = False) -> Iterator[ReferencedFile]:
    """Yield the files that the database names: those of releases, uploads that wait, exports that are kept.

    Reports of imports grow while their job runs, and are asked for with ``with_reports``.
    """
    ready = ReleaseFile.objects.filter(release__state=ReleaseState.READY, release__withdrawn_at__isnull=True)
    rows = ready.order_by("pk").values_list("release_id", "name", "sha256")
    for release, name, sha256 in rows.iterator():
        yield ReferencedFile(storage.release_key(release, name), sha256, release)
    imports = Job.objects.filter(kind=JobKind.IMPORT).order_by("pk")
    kept = Now() - timedelta(days=settings.EXPORT_KEEP_DAYS)
    exports = Job.objects.filter(kind=JobKind.EXPORT, state=JobState.DONE, finished_at__gt=kept)
    wanted = [
        (imports.exclude(state__in=leases.FINAL_STATES), UPLOAD_FILE),
        (exports.order_by("pk"), EXPORT_FILE),
    ]
    if with_reports:
        wanted.append((imports.exclude(cursor={}), REPORT_FILE))
    for jobs, name in wanted:
        for id in jobs.values_list("pk", flat=True).iterator():
            yield ReferencedFile(storage.job_key(id, name))


@dataclass
class FileCopies:
    """The copies of stored files in a backup: their digests by path, and the keys of those not found."""

    backup: Path
    digests: dict[str, dict[str, object]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def copy_files(self, wanted: Iterable[ReferencedFile]) -> None:
        """Copy the files that are not copied yet; build those of a release again that have changed."""
        for file in wanted:
            if _place(file.key) in self.digests:
                continue
            self.missing.discard(file.key)
            found = self._copy(file.key)
            if file.release is not None and found != file.sha256:
                self._rebuild(file.release, file)
            elif not found:
                self.missing.add(file.key)

    def drop_others(self, wanted: Iterable[ReferencedFile]) -> None:
        """Delete the copies of files that the database of the backup does not name."""
        keys = {file.key for file in wanted}
        for place in self.digests.keys() - {_place(key) for key in keys}:
            (self.backup / place).unlink()
            del self.digests[place]
        self.missing &= keys

    def _copy(self, key: str) -> str:
        """Copy one file and return its SHA-256, or nothing where it is missing."""
        try:
            stream = storage.open_file(key)
        except FileNotFoundError:
            return ""
        target = self.backup / _place(key)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with stream, target.open("wb") as copy:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += copy.write(chunk)
        self.digests[_place(key)] = {"bytes": size, "sha256": digest.hexdigest()}
        return digest.hexdigest()

    def _rebuild(self, id: UUID, wanted: ReferencedFile) -> None:
        """Take the place of a lost or damaged file of a release: its frozen records make the same bytes."""
        release = Release.objects.select_related("corpus").get(pk=id)
        with storage.temporary_directory() as directory:
            try:
                built = {file.name: file for file in build_release(release, directory / "files").files}
            except DamagedChunkError as error:
                raise BackupError(
                    f"Release {release.number} cannot be read nor built again: {error}"
                ) from error
            name = wanted.key.rpartition("/")[2]
            if name not in built or built[name].sha256 != wanted.sha256:
                raise BackupError(
                    f"The file {name} of release {release.number} is not what it was, and comes out "
                    "different when it is built again; `manage.py release --verify` says more. Nothing was "
                    "kept."
                )
            target = self.backup / _place(wanted.key)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.write_bytes((directory / "files" / name).read_bytes())
            self.digests[_place(wanted.key)] = {"bytes": built[name].bytes, "sha256": wanted.sha256}


def _place(key: str) -> str:
    """Return the path within the backup of the file with this key."""
    return f"{FILES_FOLDER}/{key}"
