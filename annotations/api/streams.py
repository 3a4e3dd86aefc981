"""Request bodies that are read bit by bit: nothing of an import stands in memory as a whole."""

from __future__ import annotations

import io
from typing import Any, Protocol

from annotations.api.problems import TooLarge
from annotations.exceptions import Invalid
from annotations.says import says

CHUNK = 64 * 1024


class Readable(Protocol):
    """What a server hands over as a body."""

    def read(self, size: int = ..., /) -> bytes:
        """At most ``size`` bytes; none at the end."""


class _Bounded(io.RawIOBase):
    """Counts what passes, and refuses too much and too little of it."""

    def __init__(self, source: Readable, length: int, limit: int) -> None:
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
            raise TooLarge.than(self._limit)
        if not chunk and view and self.count < self._length:
            raise broken_off(self.count, self._length)
        view[: len(chunk)] = chunk
        return len(chunk)


class Body(io.BufferedReader):
    """A body as a binary file: ``read``, ``readline``, iteration over lines.

    Reading raises ``TooLarge`` once the view's limit is passed, and ``Invalid`` when the body ends
    before its Content-Length, so a broken connection is never taken for the end of a file.
    ``media_type`` is the Content-Type without its parameters.
    """

    def __init__(self, source: Readable, *, length: int, limit: int, media_type: str) -> None:
        self._bounded = _Bounded(source, length, limit)
        super().__init__(self._bounded, CHUNK)
        self.media_type = media_type

    @property
    def bytes_read(self) -> int:
        """How many bytes have come from the client."""
        return self._bounded.count


def broken_off(count: int, length: int) -> Invalid:
    """The refusal of a body that is shorter than announced."""
    return Invalid(
        says(
            "The body ended after {count:,} of {length:,} bytes; send the request again.",
            count=count,
            length=length,
        )
    )
