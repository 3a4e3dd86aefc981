"""Folders on this machine for work in progress, whose owner's death the kernel tells.

``FILES_DIR/tmp/`` has a directory for each piece of work in progress. The process at work holds a lock on its
directory, which the kernel releases when that process dies, however it dies: a directory without a lock is
an orphan.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.conf import settings

TMP_DIR = "tmp"
COPY_CHUNK = 1024 * 1024
_LONGEST_SPOOL = 24 * 3600


def data_directory(*parts: str) -> Path:
    """Return a directory below ``FILES_DIR``, created if missing and closed to other users of the machine."""
    path = Path(settings.FILES_DIR).joinpath(*parts)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


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


def orphans() -> list[Path]:
    """Return the directories in ``tmp`` whose process has died."""
    limit = time.time() - settings.JOB_LEASE
    return [
        path for path in data_directory(TMP_DIR).iterdir() if _is_older(path, limit) and _is_unlocked(path)
    ]


def spooled_leftovers() -> list[Path]:
    """Return files of requests that were killed: no request spools a file for a day."""
    limit = time.time() - _LONGEST_SPOOL
    return [path for path in Path(settings.SPOOL_DIR).iterdir() if _is_older(path, limit)]


def delete_path(path: Path) -> None:
    """Delete a file or a directory, if it exists."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_older(path: Path, limit: float) -> bool:
    try:
        return path.lstat().st_mtime < limit
    except FileNotFoundError:
        return False


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
