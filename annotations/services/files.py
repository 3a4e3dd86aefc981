"""Where files live, and how one comes to be there: whole and under its name, or not at all.

``FILES_DIR/jobs/<job>/`` holds what a job reads and writes, ``FILES_DIR/releases/<release>/`` the files
of a release, ``FILES_DIR/tmp/`` whatever is still being made. What is being made is locked by whoever
makes it, and the kernel lets go of the lock when that process dies, however it dies: what lies in
``tmp`` without a lock has no maker any more.
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

JOBS, RELEASES, TMP = "jobs", "releases", "tmp"
_CHUNK = 1024 * 1024


class Source(Protocol):
    """What bytes come from."""

    def read(self, size: int = ..., /) -> bytes:
        """At most ``size`` bytes; none at the end."""


def folder(*parts: str) -> Path:
    """A folder below ``FILES_DIR``, made if it is missing and closed to other users of the machine."""
    path = Path(settings.FILES_DIR).joinpath(*parts)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def of_job(job: UUID, name: str) -> Path:
    """A file of a job."""
    return Path(settings.FILES_DIR) / JOBS / str(job) / name


def of_release(release: UUID, name: str = "") -> Path:
    """The folder of a release, or one file in it."""
    return Path(settings.FILES_DIR) / RELEASES / str(release) / name


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder of one's own for what is being made; whatever is still in it at the end is removed."""
    path = folder(TMP) / uuid4().hex
    path.mkdir(mode=0o700)
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(handle)
        shutil.rmtree(path, ignore_errors=True)


def store(source: Source, at: Path) -> int:
    """Copy a stream to a file that has its name once it is whole and on the disk; answers its size."""
    with workshop() as shop:
        made = shop / "file"
        with made.open("xb") as file:
            while chunk := source.read(_CHUNK):
                file.write(chunk)
            size = file.tell()
            keep(file)
        folder(*at.parent.relative_to(settings.FILES_DIR).parts)
        made.replace(at)
        keep_names(at.parent)
        keep_names(at.parent.parent)
    return size


def keep(file: IO[bytes]) -> None:
    """Wait until what was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def keep_names(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(made: Path, at: Path) -> None:
    """Give a finished folder its name. An earlier one of that name, which nobody was told of, goes."""
    for path in made.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    keep_names(made)
    folder(*at.parent.relative_to(settings.FILES_DIR).parts)
    if at.exists():
        at.rename(made.parent / f"old-{at.name}")
    made.rename(at)
    keep_names(at.parent)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """Remove a file or a folder; it may be gone already."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def abandoned() -> list[Path]:
    """What lies in ``tmp`` without a maker."""
    return [path for path in _old(folder(TMP)) if _is_free(path)]


def owners(kind: str) -> dict[str, Path]:
    """The folders of jobs or releases by their id, those that are no longer quite new."""
    return {path.name: path for path in _old(folder(kind))}


def _old(path: Path) -> Iterator[Path]:
    """The entries of a folder that are older than a lease: younger ones may be about to get their row."""
    limit = time.time() - settings.JOB_LEASE
    for entry in path.iterdir():
        try:
            if entry.stat().st_mtime < limit:
                yield entry
        except FileNotFoundError:
            continue


def _is_free(path: Path) -> bool:
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
