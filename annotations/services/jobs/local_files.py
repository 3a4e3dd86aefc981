"""Files in a folder of this machine, or one that all machines share."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from django.conf import settings

from annotations.services.jobs.file_store import AppendLog, ByteSource, StoredFile
from annotations.services.jobs.work_folders import (
    COPY_CHUNK,
    data_directory,
    fsync_directory,
    fsync_file,
    temporary_directory,
)


class LocalLog:
    """A log in one file, written through to the disk with each addition."""

    def __init__(self, path: Path, size: int) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        self._file.truncate(size)
        self._file.seek(size)

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._file.write(data)
        fsync_file(self._file)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class LocalFiles:
    """The files below ``FILES_DIR``."""

    sweep_interval = 0.0

    def put(self, key: str, source: ByteSource) -> int:
        """Copy a stream to a file, which gets its name once it is whole and on the disk."""
        target = self._path(key)
        with temporary_directory() as directory:
            made = directory / "file"
            with made.open("xb") as file:
                while chunk := source.read(COPY_CHUNK):
                    file.write(chunk)
                size = file.tell()
                fsync_file(file)
            self._make_parent(target)
            made.replace(target)
            fsync_directory(target.parent)
            fsync_directory(target.parent.parent)
        return size

    def publish(self, directory: Path, prefix: str) -> None:
        """Move a finished directory to its place in one step, instead of one that an earlier attempt left."""
        target = self._path(prefix)
        for path in directory.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        fsync_directory(directory)
        self._make_parent(target)
        if target.exists():
            target.rename(directory.parent / f"old-{target.name}")
        directory.rename(target)
        fsync_directory(target.parent)

    def open(self, key: str, start: int = 0, end: int | None = None) -> IO[bytes]:
        """Open a file, or a range of its bytes."""
        file = self._path(key).open("rb")
        file.seek(start)
        return file if end is None else io.BufferedReader(FileRange(file, end - start))

    def local_copy(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Open the file itself."""
        return self.open(key)

    def open_log(self, key: str, size: int) -> AppendLog:
        """Open a file to append to."""
        return LocalLog(self._path(key), size)

    def stat(self, key: str) -> StoredFile | None:
        """Return the size and the age of a file."""
        path = self._path(key)
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return StoredFile(key, found.st_size, found.st_mtime) if path.is_file() else None

    def files_below(self, prefix: str) -> Iterator[StoredFile]:
        """Yield the files below a prefix."""
        for path in sorted(self._path(prefix).rglob("*")):
            found = self.stat(path.relative_to(settings.FILES_DIR).as_posix())
            if found is not None:
                yield found

    def delete(self, prefix: str) -> None:
        """Delete at once: a directory leaves its place in one step, and only then its files one by one.

        Where a process dies in between, what is left is an orphan.
        """
        path = self._path(prefix)
        if not path.is_dir():
            path.unlink(missing_ok=True)
            return
        with temporary_directory() as directory:
            try:
                path.rename(directory / path.name)
            except FileNotFoundError:
                return

    def sign(self, key: str) -> str | None:  # noqa: ARG002 - a folder has no links
        """Return None: what lies in a folder has no address of its own."""
        return None

    def old_owners(self, kind: str) -> dict[str, set[str]]:
        """Return the names of files by directory, without directories younger than a lease."""
        limit = time.time() - settings.JOB_LEASE
        found = {}
        for path in data_directory(kind).iterdir():
            try:
                if path.stat().st_mtime < limit:
                    found[path.name] = {entry.name for entry in path.iterdir()} if path.is_dir() else set()
            except FileNotFoundError:
                continue
        return found

    def _path(self, key: str) -> Path:
        return Path(settings.FILES_DIR) / key

    def _make_parent(self, target: Path) -> None:
        data_directory(*target.parent.relative_to(settings.FILES_DIR).parts)


class FileRange(io.RawIOBase):
    """The next bytes of a stream, up to a number."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self._source, self._left = source, size

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # typed as Buffer
        """Fill a buffer, at most up to the end of the range."""
        data = self._source.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        """Close the stream."""
        self._source.close()
        super().close()
