"""The files of jobs and releases: each is whole and under its key, or not there at all.

``jobs/<job>/`` has what a job reads and writes, ``releases/<release>/`` the files of a release. They lie in
``FILES_DIR``, or in the bucket that ``FILES_URL`` names; whoever reads or writes one asks here and knows
neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

from annotations.services.jobs.file_store import (
    AppendLog,
    ByteSource,
    FileStore,
    StorageAwayError,
    StoredFile,
)
from annotations.services.jobs.local_files import LocalFiles
from annotations.services.jobs.object_files import ObjectFiles
from annotations.services.jobs.work_folders import (
    TMP_DIR,
    data_directory,
    delete_path,
    fsync_directory,
    fsync_file,
    orphans,
    spooled_leftovers,
    temporary_directory,
)

__all__ = [
    "JOBS_DIR", "RELEASES_DIR", "TMP_DIR", "AppendLog", "ByteSource", "StorageAwayError", "StoredFile",
    "data_directory", "delete_files", "delete_path", "digest_file", "file_store", "fsync_directory",
    "fsync_file", "job_key", "list_files", "local_copy", "open_file", "open_log", "orphans",
    "publish_directory", "release_key", "sign_link", "spooled_leftovers", "stat_file", "store_stream",
    "temporary_directory",
]  # fmt: skip

JOBS_DIR, RELEASES_DIR = "jobs", "releases"


def file_store() -> FileStore:
    """Return the place of the files by the settings."""
    return _object_files(settings.FILES_URL) if settings.FILES_URL else _LOCAL


_LOCAL = LocalFiles()
_object_files = cache(ObjectFiles)


def job_key(job: UUID, name: str = "") -> str:
    """Return the key of a file of a job, or without a name the prefix of all of them."""
    return f"{JOBS_DIR}/{job}/{name}".rstrip("/")


def release_key(release: UUID, name: str = "") -> str:
    """Return the key of a file of a release, or without a name the prefix of all of them."""
    return f"{RELEASES_DIR}/{release}/{name}".rstrip("/")


def store_stream(source: ByteSource, key: str) -> int:
    """Store a stream under a key and return its size."""
    return file_store().put(key, source)


def publish_directory(directory: Path, prefix: str) -> None:
    """Store the files of a finished directory, in place of those that an earlier attempt left there."""
    file_store().publish(directory, prefix)


def open_file(key: str, start: int = 0, end: int | None = None) -> IO[bytes]:
    """Open a stored file, or a range of its bytes; raise ``FileNotFoundError`` if there is none."""
    return file_store().open(key, start, end)


def local_copy(key: str) -> AbstractContextManager[IO[bytes]]:
    """Open a stored file for reading in any order, as archives have to be read."""
    return file_store().local_copy(key)


def open_log(key: str, size: int) -> AppendLog:
    """Open a stored file to append to, without what stands behind ``size``."""
    return file_store().open_log(key, size)


def stat_file(key: str) -> StoredFile | None:
    """Return the size and the age of a stored file, or None if there is none."""
    return file_store().stat(key)


def list_files(prefix: str) -> Iterator[StoredFile]:
    """Yield the stored files below a prefix."""
    return file_store().files_below(prefix)


def delete_files(prefix: str) -> None:
    """Delete a stored file, or all below a prefix, if there are any."""
    file_store().delete(prefix)


def sign_link(key: str) -> str | None:
    """Return a link to the file itself for some minutes, or None where it has none or none is wanted."""
    return file_store().sign(key) if settings.FILES_REDIRECT else None


def digest_file(key: str) -> str:
    """Return the SHA-256 of a stored file, in hexadecimal."""
    with open_file(key) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # it asks for readinto
