"""Files in a bucket of an object store that speaks S3 (extra ``s3``).

Objects are put whole, and nothing refers to one before it is there: the row that names it is committed
afterwards. Where a process dies in between, the object is an orphan, and is swept. What only grows, the
report of an import, is a row of segments, each named by the place at which it begins.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from annotations.formats.core.optional_packages import load_optional_module
from annotations.services.jobs.file_store import AppendLog, ByteSource, StorageAwayError, StoredFile
from annotations.services.jobs.work_folders import COPY_CHUNK, temporary_directory

#: How long a signed link lets its holder begin a download.
LINK_LIFE = timedelta(minutes=5)
#: The row of an object that is younger may be on its way, and the clock of the store may differ from ours.
ORPHAN_AGE = 3600.0
#: A request waits no longer than this for a store that is away.
RETRIES = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}
#: What is smaller is one request, in bytes.
PART = 8 * COPY_CHUNK
_DIGITS = 20
_SEGMENT = re.compile(rf"\d{{{_DIGITS}}}")


class ObjectFiles:
    """The files below a prefix of a bucket, by the address ``s3://bucket/prefix``.

    Credentials, region and endpoint come from the usual ``AWS_…`` variables or from the role of the machine.
    """

    sweep_interval = 3600.0

    def __init__(self, url: str) -> None:
        self._api: Any = load_optional_module("obstore")
        stores: Any = load_optional_module("obstore", "obstore.store")
        # The store compares each object with its SHA-256 before it takes it.
        self._store = stores.S3Store.from_url(url, checksum_algorithm="SHA256", retry_config=RETRIES)

    def put(self, key: str, source: ByteSource) -> int:
        """Store a stream as one object, in parts where it is large."""
        content = _Content(source)
        first = content.read_first()
        attributes = {"Content-Disposition": f'attachment; filename="{key.rpartition("/")[2]}"'}
        with self._errors():
            self._api.put(
                self._store, key, first if content.is_small else content.chunks(), attributes=attributes
            )
        return content.size

    def publish(self, directory: Path, prefix: str) -> None:
        """Store the files of a local directory, each whole; a row names them when all are there."""
        for path in sorted(directory.iterdir()):
            with path.open("rb") as file:
                self.put(f"{prefix}/{path.name}", file)

    def open(self, key: str, start: int = 0, end: int | None = None) -> IO[bytes]:
        """Open an object or a row of segments, or a range of the bytes."""
        return io.BufferedReader(ObjectRange(self._chunks(key, start, end)), COPY_CHUNK)

    @contextmanager
    def local_copy(self, key: str) -> Iterator[IO[bytes]]:
        """Download an object to this machine and open it."""
        with temporary_directory() as directory, (directory / "file").open("x+b") as file:
            with self.open(key) as source:
                while chunk := source.read(COPY_CHUNK):
                    file.write(chunk)
            file.seek(0)
            yield file

    def open_log(self, key: str, size: int) -> AppendLog:
        """Open a row of segments to append to, without those behind ``size``."""
        for segment in self._segments(key):
            if _place(segment.key) >= size:
                self.delete(segment.key)
        return ObjectLog(self, key, size)

    def stat(self, key: str) -> StoredFile | None:
        """Return the size and the age of an object or a row of segments."""
        try:
            with self._errors():
                found = self._api.head(self._store, key)
            return StoredFile(key, found["size"], found["last_modified"].timestamp())
        except FileNotFoundError:
            segments = self._segments(key)
            if not segments:
                return None
            return StoredFile(key, sum(one.size for one in segments), max(one.modified for one in segments))

    def files_below(self, prefix: str) -> Iterator[StoredFile]:
        """Yield the objects below a prefix."""
        with self._errors():
            for page in self._api.list(self._store, prefix.rstrip("/")):
                for found in page:
                    yield StoredFile(found["path"], found["size"], found["last_modified"].timestamp())

    def delete(self, prefix: str) -> None:
        """Delete an object, or all below a prefix."""
        keys = {prefix.rstrip("/"), *(found.key for found in self.files_below(prefix))}
        for key in sorted(keys):
            with self._errors():
                try:
                    self._api.delete(self._store, key)
                except FileNotFoundError:
                    continue

    def sign(self, key: str) -> str | None:
        """Return a link that lets its holder download the object for some minutes."""
        with self._errors():
            link: str = self._api.sign(self._store, "GET", key, LINK_LIFE)
        return link

    def old_owners(self, kind: str) -> dict[str, set[str]]:
        """Return the names of files by job or release, without those that are young."""
        limit, names, young = time.time() - ORPHAN_AGE, dict[str, set[str]](), set[str]()
        for found in self.files_below(kind):
            owner, _, name = found.key.removeprefix(f"{kind}/").partition("/")
            names.setdefault(owner, set()).add(name.partition("/")[0])
            if found.modified >= limit:
                young.add(owner)
        return {owner: held for owner, held in names.items() if owner not in young}

    def _segments(self, key: str) -> list[StoredFile]:
        below = self.files_below(f"{key}/")
        return sorted(found for found in below if _SEGMENT.fullmatch(found.key.removeprefix(f"{key}/")))

    def _chunks(self, key: str, start: int, end: int | None) -> Iterator[bytes]:
        """Return the bytes in chunks; raise now if there is nothing under the key."""
        try:
            return self._object_chunks(key, start, end)
        except FileNotFoundError:
            segments = self._segments(key)
            if not segments:
                raise
            return self._segment_chunks(segments, start, end)

    def _object_chunks(self, key: str, start: int, end: int | None) -> Iterator[bytes]:
        if end is not None and end <= start:
            return iter(())
        wanted: Any = {"offset": start} if end is None else (start, end)
        options = {"range": wanted} if start or end is not None else None
        with self._errors():
            found = self._api.get(self._store, key, options=options)
        return map(bytes, self._stream(found))

    def _stream(self, found: Any) -> Iterator[Any]:
        with self._errors():
            yield from found.stream(min_chunk_size=COPY_CHUNK)

    def _segment_chunks(self, segments: list[StoredFile], start: int, end: int | None) -> Iterator[bytes]:
        for segment in segments:
            at = _place(segment.key)
            first, last = max(start - at, 0), segment.size if end is None else min(end - at, segment.size)
            if first < last:
                yield from self._object_chunks(segment.key, first, last)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the errors of the store into those of files."""
        try:
            yield
        except FileNotFoundError:
            raise
        except self._api.exceptions.BaseError as error:
            raise StorageAwayError(f"The store of files does not answer: {error}") from error


class _Content:
    """A stream that is counted while it is sent, whole at once if it is small."""

    def __init__(self, source: ByteSource) -> None:
        self._source, self._first = source, b""
        self.size, self.is_small = 0, False

    def read_first(self) -> bytes:
        """Return the beginning, which is all of a small one."""
        pieces = []
        while self.size < PART and (chunk := self._read()):
            pieces.append(chunk)
        self._first, self.is_small = b"".join(pieces), self.size < PART
        return self._first

    def chunks(self) -> Iterator[bytes]:
        """Yield all of it."""
        yield self._first
        while chunk := self._read():
            yield chunk

    def _read(self) -> bytes:
        chunk = self._source.read(COPY_CHUNK)
        self.size += len(chunk)
        return chunk


class ObjectLog:
    """A log in segments, each put with one addition."""

    def __init__(self, files: ObjectFiles, key: str, size: int) -> None:
        self._files, self._key, self._size = files, key, size

    def append(self, data: bytes) -> None:
        """Put a segment."""
        if data:
            self._size += self._files.put(f"{self._key}/{self._size:0{_DIGITS}}", io.BytesIO(data))

    def close(self) -> None:
        """Do nothing: each segment is there for good."""


class ObjectRange(io.RawIOBase):
    """A stream over the chunks of an object."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # typed as Buffer
        """Fill a buffer with the next bytes; 0 at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        data, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _place(key: str) -> int:
    """Return the place in the log at which a segment begins."""
    return int(key.rpartition("/")[2])
