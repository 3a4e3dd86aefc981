"""Request bodies as streams, so that an import never stands in memory as a whole."""

from __future__ import annotations

import io
from typing import Any, Protocol

from annotations.api.problems import TooLargeError
from annotations.exceptions import InvalidInputError
from annotations.messages import message

CHUNK_BYTES = 64 * 1024


class ReadableStream(Protocol):
    """The part of a WSGI input stream that a body needs."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


class _LimitedReader(io.RawIOBase):
    """Raw reader that counts the bytes, and raises if they are more or fewer than announced."""

    def __init__(self, source: ReadableStream, length: int, limit: int) -> None:
        super().__init__()
        self.count = 0
        self._source = source
        self._length = length
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        chunk = self._source.read(len(view))
        self.count += len(chunk)
        if self.count > self._limit:
            raise TooLargeError.for_limit(self._limit)
        if not chunk and view and self.count < self._length:
            raise incomplete_body_error(self.count, self._length)
        view[: len(chunk)] = chunk
        return len(chunk)


class BodyStream(io.BufferedReader):
    """A request body as a binary file: ``read``, ``readline``, iteration over lines.

    Reading raises ``TooLargeError`` once the view's limit is passed, and ``InvalidInputError`` if the body
    ends before its Content-Length, so that a broken connection is never taken for the end of a file.
    ``media_type`` is the Content-Type without its parameters.
    """

    def __init__(self, source: ReadableStream, *, length: int, limit: int, media_type: str) -> None:
        self._reader = _LimitedReader(source, length, limit)
        super().__init__(self._reader, CHUNK_BYTES)
        self.media_type = media_type

    @property
    def bytes_read(self) -> int:
        """The number of bytes read from the client so far."""
        return self._reader.count


def incomplete_body_error(count: int, length: int) -> InvalidInputError:
    """Return the error for a body that is shorter than its Content-Length."""
    return InvalidInputError(
        message(
            "The body ended after {count:,} of {length:,} bytes; send the request again.",
            count=count,
            length=length,
        )
    )
