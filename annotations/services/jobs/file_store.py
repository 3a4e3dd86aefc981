"""What a place for files has to offer: a folder or a bucket. Keys are paths such as ``jobs/<id>/upload``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, NamedTuple, Protocol


class StorageAwayError(OSError):
    """The store of files does not answer; another attempt may succeed."""


class ByteSource(Protocol):
    """A binary stream."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


class StoredFile(NamedTuple):
    """A stored file: its key, its size in bytes, and when it was written, in seconds since 1970."""

    key: str
    size: int
    modified: float


class AppendLog(Protocol):
    """A file that only grows, and whose end another attempt may have cut off."""

    def append(self, data: bytes) -> None:
        """Add bytes; they are there for good when this returns."""

    def close(self) -> None:
        """Release what the log holds."""


class FileStore(Protocol):
    """A place for files. Each is whole under its key, or not there at all."""

    def put(self, key: str, source: ByteSource) -> int:
        """Store a stream in place of what the key names, and return its size."""

    def publish(self, directory: Path, prefix: str) -> None:
        """Store the files of a local directory below a prefix, in place of those that are there."""

    def open(self, key: str, start: int = 0, end: int | None = None) -> IO[bytes]:
        """Open a file, or a range of its bytes; raise ``FileNotFoundError`` if there is none."""

    def local_copy(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Open a file for reading in any order."""

    def open_log(self, key: str, size: int) -> AppendLog:
        """Open a file to append to, without what stands behind ``size``."""

    def stat(self, key: str) -> StoredFile | None:
        """Return the size and the age of a file, or None if there is none."""

    def files_below(self, prefix: str) -> Iterator[StoredFile]:
        """Yield the files below a prefix."""

    def delete(self, prefix: str) -> None:
        """Delete a file, or all files below a prefix, if there are any."""

    def sign(self, key: str) -> str | None:
        """Return a link that lets its holder download the file for some minutes, or None."""

    def old_owners(self, kind: str) -> dict[str, set[str]]:
        """Return the names of files by job or release, without those whose row may be on its way."""

    #: Seconds between two looks for files that nothing refers to.
    sweep_interval: float
