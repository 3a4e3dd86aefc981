"""Ranges of text: half-open, in Unicode code points, ``0 <= start < end``.

``text[range.start:range.end]`` is what a span quotes. Offsets in other units (UTF-16, bytes) are
converted to code points by ``annotations.text.offsets`` first.
"""

from __future__ import annotations

from dataclasses import dataclass

from annotations.exceptions import EmptySpanError, OutOfBoundsError, QuoteMismatchError
from annotations.messages import message
from annotations.text.gate import excerpt

MAX_ACTUAL_QUOTE = 500
"""How many code points of the text a quote mismatch quotes."""

_NEARBY = 200
"""How far around a wrong range, in code points, the quote is searched for the error message."""


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """The code points from ``start`` up to, not including, ``end``.

    The constructor trusts its caller; use ``checked`` for offsets from outside.
    """

    start: int
    end: int

    @classmethod
    def from_offsets(cls, start: int, end: int, length: int) -> Range:
        """Return a range inside a text of ``length`` code points.

        Raise ``OutOfBoundsError`` if an offset is negative or beyond the text, else ``EmptySpanError`` if
        ``start >= end``.
        """
        if start < 0 or end < 0 or start > length or end > length:
            raise OutOfBoundsError(
                message(
                    "The range {start} to {end} is not inside the text, which has {length} "
                    "code points (offsets 0 to {length}).",
                    start=start,
                    end=end,
                    length=length,
                ),
                start=start,
                end=end,
                length=length,
            )
        if start >= end:
            raise EmptySpanError(
                message(
                    "The range {start} to {end} holds no character; the end is not part of the "
                    "range, so it has to be greater than the start.",
                    start=start,
                    end=end,
                ),
                start=start,
                end=end,
            )
        return cls(start, end)

    @property
    def length(self) -> int:
        """The number of code points in the range."""
        return self.end - self.start

    def overlaps(self, other: Range) -> bool:
        """Return whether both ranges share a code point; ranges that only touch do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Range) -> bool:
        """Return whether ``other`` lies inside this range, or is equal."""
        return self.start <= other.start and other.end <= self.end

    def quote(self, text: str) -> str:
        """Return the characters of the range."""
        return text[self.start : self.end]


def check_quote(text: str, where: Range, quote: str) -> None:
    """Raise ``QuoteMismatchError`` unless ``quote`` is exactly the text at ``where``.

    The data of the error holds ``actual``, the text at ``where`` (at most ``MAX_ACTUAL_QUOTE`` code
    points). Wrong offsets are mostly offsets in another unit, so the message says where the quote stands
    nearby.
    """
    if text[where.start : where.end] == quote:
        return
    actual = text[where.start : min(where.end, where.start + MAX_ACTUAL_QUOTE)]
    shown, sent = excerpt(actual), excerpt(quote)
    place = {"start": where.start, "end": where.end}
    what = message(
        "The text from {start} to {end} reads “{shown}”, not “{sent}”", shown=shown, sent=sent, **place
    )
    if shown == sent:
        what = message(
            "The text from {start} to {end} differs from “{sent}” where it does not show: "
            "in blanks, or further on",
            sent=sent,
            **place,
        )
    window = max(0, where.start - _NEARBY)
    found = text.find(quote, window, where.end + _NEARBY) if quote else -1
    detail = message("{what}.", what=what)
    if found >= 0:
        detail = message(
            "{what}; that stands from {start} to {end} (offsets are Unicode code points, counted from 0).",
            what=what,
            start=found,
            end=found + len(quote),
        )
    raise QuoteMismatchError(detail, actual=actual)
