"""Offsets in other units: code point <-> UTF-16 code unit <-> UTF-8 byte.

Standpoint counts code points. Browsers and Java count UTF-16 code units, other tools count bytes.
Readers and writers of those formats convert offsets here; all other code knows code points only.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from annotations.exceptions import OutOfBoundsError
from annotations.messages import message

_BLOCK = 512
"""Code points between two waypoints; a conversion encodes at most this many."""


class _Units:
    """The positions of one text in the code units of one encoding.

    A waypoint every ``_BLOCK`` code points holds the number of units before it; the rest is measured by
    encoding a part of one block. That takes two numbers for a thousand characters in any script. A list
    of all wide characters would hold a million numbers for a long Chinese text.
    """

    def __init__(self, text: str, encoding: str, width: int, name: str) -> None:
        self._text = text
        self._encoding = encoding
        self._width = width
        self._name = name
        self._waypoints: list[int] = []
        self._total = len(text)
        if not text.isascii():
            starts = range(0, len(text), _BLOCK)
            sizes = (self._size(text[start : start + _BLOCK]) for start in starts)
            self._waypoints = list(accumulate(sizes, initial=0))
            self._total = self._waypoints[-1]
        # As many units as code points: each is one unit, and offsets are the same.
        self._same = self._total == len(text)

    def from_code_points(self, offset: int) -> int:
        """Convert code points to units."""
        if not 0 <= offset <= len(self._text):
            raise _out_of_bounds(offset, len(self._text), "code points")
        if self._same:
            return offset
        block = offset // _BLOCK
        return self._waypoints[block] + self._size(self._text[block * _BLOCK : offset])

    def to_code_points(self, offset: int) -> int:
        """Convert units to code points."""
        if not 0 <= offset <= self._total:
            raise _out_of_bounds(offset, self._total, self._name)
        if self._same:
            return offset
        # The last waypoint is the end of the text, where no block begins.
        block = bisect_right(self._waypoints, offset, hi=len(self._waypoints) - 1) - 1
        start = block * _BLOCK
        encoded = self._text[start : start + _BLOCK].encode(self._encoding)
        prefix = encoded[: (offset - self._waypoints[block]) * self._width]
        try:
            return start + len(prefix.decode(self._encoding))
        except UnicodeDecodeError as error:
            whole = prefix[: error.start].decode(self._encoding)
            position = start + len(whole)
            raise OutOfBoundsError(
                message(
                    "Offset {offset} in {name} lies inside the character U+{code:04X}, which is "
                    "code point {position} of the text.",
                    offset=offset,
                    name=self._name,
                    code=ord(self._text[position]),
                    position=position,
                ),
                offset=offset,
            ) from None

    def _size(self, part: str) -> int:
        return len(part.encode(self._encoding)) // self._width


class OffsetMap:
    """The offsets of one text in three units. Build it once for all spans of the text.

    The text has passed the gate: a lone surrogate has no place in any encoding. Offset 0 and the
    length of the text are valid in every unit. An offset beyond the text or inside a character
    raises ``OutOfBoundsError``.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def from_utf16(self, offset: int) -> int:
        """Convert UTF-16 code units to code points."""
        return self._utf16.to_code_points(offset)

    def to_utf16(self, offset: int) -> int:
        """Convert code points to UTF-16 code units."""
        return self._utf16.from_code_points(offset)

    def from_byte(self, offset: int) -> int:
        """Convert UTF-8 bytes to code points."""
        return self._utf8.to_code_points(offset)

    def to_byte(self, offset: int) -> int:
        """Convert code points to UTF-8 bytes."""
        return self._utf8.from_code_points(offset)

    @cached_property
    def _utf16(self) -> _Units:
        return _Units(self._text, "utf-16-le", 2, message("UTF-16 code units"))

    @cached_property
    def _utf8(self) -> _Units:
        return _Units(self._text, "utf-8", 1, message("bytes"))


def _out_of_bounds(offset: int, length: int, unit: str) -> OutOfBoundsError:
    return OutOfBoundsError(
        message(
            "Offset {offset} is not inside the text, which has {length} {unit} (offsets 0 to {length}).",
            offset=offset,
            length=length,
            unit=unit,
        ),
        offset=offset,
        length=length,
    )
