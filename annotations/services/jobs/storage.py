"""The files of jobs and releases: each is whole and under its name, or not there at all.

``FILES_DIR/jobs/<job>/`` holds what a job reads and writes, ``FILES_DIR/releases/<release>/`` the files
of a release, ``FILES_DIR/tmp/`` a directory for each piece of work in progress. The process at work holds
a lock on its directory, which the kernel releases when that process dies, however it dies: a directory
in ``tmp`` without a lock is an orphan.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol
from uuid import UUID, uuid4

from django.conf import settings

JOBS_DIR, RELEASES_DIR, TMP_DIR = "jobs", "releases", "tmp"
_CHUNK = 1024 * 1024
_LONGEST_SPOOL = 24 * 3600


class ByteSource(Protocol):
    """A binary stream."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


def data_directory(*parts: str) -> Path:
    """Return a directory below ``FILES_DIR``, created if missing and closed to other users of the machine."""
    path = Path(settings.FILES_DIR).joinpath(*parts)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def job_key(job: UUID, name: str) -> str:
    """Return the key of a file of a job: its path within the storage."""
    return f"{JOBS_DIR}/{job}/{name}"


def release_key(release: UUID, name: str) -> str:
    """Return the key of a file of a release."""
    return f"{RELEASES_DIR}/{release}/{name}"


def open_file(key: str) -> IO[bytes]:
    """Open a stored file; raise ``FileNotFoundError`` if there is none with this key."""
    return (Path(settings.FILES_DIR) / key).open("rb")


def store_file(key: str, source: ByteSource) -> None:
    """Store a file under its key, in place of one that is there."""
    store_stream(source, Path(settings.FILES_DIR) / key)


def job_path(job: UUID, name: str) -> Path:
    """Return the path of a file of a job, or with an empty name that of its directory."""
    return Path(settings.FILES_DIR) / JOBS_DIR / str(job) / name


def release_path(release: UUID, name: str = "") -> Path:
    """Return the path of a file of a release, or without a name that of its directory."""
    return Path(settings.FILES_DIR) / RELEASES_DIR / str(release) / name


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Yield a locked directory for work in progress, which is deleted at the end."""
    path = data_directory(TMP_DIR) / uuid4().hex
    path.mkdir(mode=0o700)
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(handle)
        shutil.rmtree(path, ignore_errors=True)


def store_stream(source: ByteSource, target: Path) -> int:
    """Copy a stream to a file and return its size. It gets its name once it is whole and on the disk."""
    with temporary_directory() as directory:
        made = directory / "file"
        with made.open("xb") as file:
            while chunk := source.read(_CHUNK):
                file.write(chunk)
            size = file.tell()
            fsync_file(file)
        data_directory(*target.parent.relative_to(settings.FILES_DIR).parts)
        made.replace(target)
        fsync_directory(target.parent)
        fsync_directory(target.parent.parent)
    return size


def fsync_file(file: IO[bytes]) -> None:
    """Write a file through to the disk."""
    file.flush()
    os.fsync(file.fileno())


def fsync_directory(path: Path) -> None:
    """Write the names in a directory through to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish_directory(directory: Path, target: Path) -> None:
    """Move a finished directory to its final path, in place of one that an earlier attempt left there."""
    for path in directory.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    fsync_directory(directory)
    data_directory(*target.parent.relative_to(settings.FILES_DIR).parts)
    if target.exists():
        target.rename(directory.parent / f"old-{target.name}")
    directory.rename(target)
    fsync_directory(target.parent)


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def discard_directory(path: Path) -> None:
    """Delete a directory at once: it leaves its place in one step, and only then its files one by one.

    Where a process dies in between, what is left is an orphan.
    """
    with temporary_directory() as directory:
        try:
            path.rename(directory / path.name)
        except FileNotFoundError:
            return


def delete_path(path: Path) -> None:
    """Delete a file or a directory, if it exists."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def orphans() -> list[Path]:
    """Return the directories in ``tmp`` whose process has died."""
    return [path for path in _old(data_directory(TMP_DIR)) if _is_unlocked(path)]


def spooled_leftovers() -> list[Path]:
    """Return files of requests that were killed: no request spools a file for a day."""
    limit = time.time() - _LONGEST_SPOOL
    return [path for path in Path(settings.SPOOL_DIR).iterdir() if path.lstat().st_mtime < limit]


def directories_by_owner(kind: str) -> dict[str, Path]:
    """Return the directories of jobs or releases by id, without those younger than a lease."""
    return {path.name: path for path in _old(data_directory(kind))}


def _old(path: Path) -> Iterator[Path]:
    """Yield the entries of a directory older than a lease; the row of a younger one may be on its way."""
    limit = time.time() - settings.JOB_LEASE
    for entry in path.iterdir():
        try:
            if entry.stat().st_mtime < limit:
                yield entry
        except FileNotFoundError:
            continue


def _is_unlocked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)
