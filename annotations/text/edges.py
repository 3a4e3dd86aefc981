"""Edges of spans: guideline rules B1 (edges), B2 (paragraphs) and B3 (overlap).

Offsets are code points, ranges half-open and inside their text (``Range.checked``).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from annotations.exceptions import EmptySnapError
from annotations.messages import message
from annotations.text.gate import excerpt
from annotations.text.ranges import Range

MAX_COMBINING_MARKS = 256
"""How many combining marks may belong to one letter. Real writing needs a few; without a limit a text of a
million combining marks would cost a million steps for each span."""

_ALNUM = re.compile(r"[^\W_]")  # exactly str.isalnum(), at the speed of C
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_VIRAMA = 9  # canonical combining class

# White space within a line: one that holds spaces, tabs or no-break spaces looks empty, and is.
_SPACE = r"[^\S\n\r\u2029]"
# Atomic, because CRLF is one line end and must never be read as two.
_END = r"(?>\r\n|[\n\r\u2029])"
_LINE_END = re.compile(_END)
_EMPTY_LINE = re.compile(rf"{_END}(?:{_SPACE}*{_END})+")
_PARAGRAPH_END = re.compile(rf"{_EMPTY_LINE.pattern}|\u2029")


def snap_range(text: str, where: Range) -> Range:
    """Return the range with its edges moved to a letter or digit (B1).

    Punctuation, white space and symbols at the edges are left out. A letter whose combining marks were cut
    off gets them back, and a combining mark gets its letter. No other letter is added. Snapping twice
    changes nothing. Raise ``EmptySnapError`` if the range touches no letter and no digit.
    """
    snapped = _snap_edges(text, where.start, where.end)
    if snapped is None:
        raise EmptySnapError(
            message(
                "The range {start} to {end}, “{quote}”, holds no letter and no digit, so "
                "nothing of it can be marked.",
                start=where.start,
                end=where.end,
                quote=excerpt(where.quote(text)),
            )
        )
    return where if snapped == (where.start, where.end) else Range(*snapped)


def has_snapped_edges(text: str, where: Range) -> bool:
    """Return whether both edges stand where ``snap`` would put them."""
    return _snap_edges(text, where.start, where.end) == (where.start, where.end)


class Paragraphs:
    """The paragraphs of one text (B2); build them once for all spans of the text.

    An empty line ends a paragraph: two or more line ends (LF, CR, CRLF, U+2029) with nothing or
    only white space between them. In a text without an empty line every line is a paragraph.
    U+2029, the paragraph separator, always ends one. White space at the very beginning and end of
    the text belongs to no paragraph.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, text: str) -> None:
        first = len(text) - len(text.lstrip())
        last = len(text.rstrip())
        self._starts: list[int] = []
        self._ends: list[int] = []
        if first >= last:
            return
        has_empty_line = _EMPTY_LINE.search(text, first, last) is not None
        breaks = (_PARAGRAPH_END if has_empty_line else _LINE_END).finditer(text, first, last)
        self._starts.append(first)
        for found in breaks:
            self._ends.append(found.start())
            self._starts.append(found.end())
        self._ends.append(last)

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Range]:
        return map(Range, self._starts, self._ends)

    def is_crossed_by(self, where: Range) -> bool:
        """Return whether the range has a part in more than one paragraph; O(log paragraphs)."""
        following = bisect_right(self._ends, where.start) + 1
        return following < len(self._starts) and self._starts[following] < where.end


def find_overlaps(ranges: Sequence[Range]) -> list[tuple[int, int]]:
    """Return index pairs of ranges that share a code point (B3), by one sweep from left to right.

    Each range that overlaps an earlier one (by start, then end, then index) stands in one pair, as the
    second, with the earlier range that ends last as the first. So every overlapping range is named in
    O(n log n), although thousands of ranges over each other would make millions of pairs.
    """
    pairs: list[tuple[int, int]] = []
    furthest = -1
    order = sorted(range(len(ranges)), key=lambda index: (ranges[index], index))
    for index in order:
        if furthest >= 0 and ranges[index].start < ranges[furthest].end:
            pairs.append((furthest, index))
        if furthest < 0 or ranges[index].end > ranges[furthest].end:
            furthest = index
    return pairs


def _snap_edges(text: str, start: int, end: int) -> tuple[int, int] | None:
    base = _find_base(text, start)
    first = base if base is not None else _find_first(text, start, end)
    if first is None:
        return None
    last = end - 1
    if not text[last].isalnum():
        # A regex finds nothing backwards, but spans are short, and so are their copies.
        backwards = _ALNUM.search(text[first:end][::-1])
        last = first if backwards is None else last - backwards.start()
    return first, _cluster_end(text, last)


def _find_first(text: str, start: int, end: int) -> int | None:
    """Return the position of the first letter or digit in the range."""
    found = _ALNUM.search(text, start, end)
    return None if found is None else found.start()


def _find_base(text: str, position: int) -> int | None:
    """Return the letter or digit to which the combining mark at ``position`` belongs, if there is one."""
    base = position
    while base > 0 and position - base < MAX_COMBINING_MARKS and _extends(text, base):
        base -= 1
    return base if base < position and text[base].isalnum() else None


def _cluster_end(text: str, letter: int) -> int:
    """Return the end of the letter at ``letter`` together with its combining marks."""
    end = letter + 1
    stop = min(len(text), end + MAX_COMBINING_MARKS)
    while end < stop and _extends(text, end):
        end += 1
    return end


def _extends(text: str, position: int) -> bool:
    """Return whether the character at ``position`` > 0 belongs to the one before it.

    Combining marks and variation selectors do, and the zero width joiner, which shapes the letter
    before it. The non-joiner does so only after a virama: in Persian it stands between two parts
    of a word, and is no part of the first.
    """
    char = text[position]
    if char < "\u0300":  # before the first combining mark
        return False
    if char == _ZWJ:
        return True
    if char == _ZWNJ:
        return unicodedata.combining(text[position - 1]) == _VIRAMA
    return unicodedata.category(char)[0] == "M"
