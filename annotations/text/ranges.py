"""Ranges of text: half-open, in Unicode code points, ``0 <= start < end``.

``text[range.start:range.end]`` is what a span quotes. Offsets in other units (UTF-16, bytes) are
turned into code points by ``annotations.text.offsets`` before they come here.
"""

from __future__ import annotations

from dataclasses import dataclass

from annotations.exceptions import EmptySpan, OutOfBounds, QuoteMismatch
from annotations.says import says
from annotations.text.gate import excerpt

MAX_ACTUAL = 500
"""So many code points of the text a quote mismatch gives back."""

_NEARBY = 200
"""So far around a wrong range, in code points, a quote is searched for the error message."""


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Code points ``start`` up to, not including, ``end``.

    The plain constructor trusts its caller; ``checked`` is the one for numbers from outside.
    """

    start: int
    end: int

    @classmethod
    def checked(cls, start: int, end: int, length: int) -> Range:
        """A range inside a text of ``length`` code points.

        Bounds come first: ``OutOfBounds`` if one of the numbers is negative or beyond the text,
        ``EmptySpan`` if both are inside but ``start >= end``.
        """
        if start < 0 or end < 0 or start > length or end > length:
            raise OutOfBounds(
                says(
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
            raise EmptySpan(
                says(
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
        """How many code points it covers."""
        return self.end - self.start

    def overlaps(self, other: Range) -> bool:
        """Whether they share a code point; ranges that only touch do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Range) -> bool:
        """Whether ``other`` lies wholly inside, or is the same."""
        return self.start <= other.start and other.end <= self.end

    def quote(self, text: str) -> str:
        """What it covers of the text."""
        return text[self.start : self.end]


def check_quote(text: str, where: Range, quote: str) -> None:
    """Raise ``QuoteMismatch`` unless the text says exactly ``quote`` at ``where``.

    ``actual`` is what the text says there (its first ``MAX_ACTUAL`` code points). Wrong offsets
    are mostly offsets in another unit, so the message tells where the quote stands nearby.
    """
    if text[where.start : where.end] == quote:
        return
    actual = text[where.start : min(where.end, where.start + MAX_ACTUAL)]
    shown, sent = excerpt(actual), excerpt(quote)
    place = {"start": where.start, "end": where.end}
    what = says(
        "The text from {start} to {end} reads “{shown}”, not “{sent}”", shown=shown, sent=sent, **place
    )
    if shown == sent:
        what = says(
            "The text from {start} to {end} differs from “{sent}” where it does not show: "
            "in blanks, or further on",
            sent=sent,
            **place,
        )
    window = max(0, where.start - _NEARBY)
    found = text.find(quote, window, where.end + _NEARBY) if quote else -1
    detail = says("{what}.", what=what)
    if found >= 0:
        detail = says(
            "{what}; that stands from {start} to {end} (offsets are Unicode code points, counted from 0).",
            what=what,
            start=found,
            end=found + len(quote),
        )
    raise QuoteMismatch(detail, actual=actual)
