"""Words and lines, for the formats that know no characters.

A token is a run of letters, digits and what belongs to them, or one sign. Scripts that put no spaces
between their words get a token for each letter: nothing is guessed, so the same text has the same
tokens everywhere. White space is in no token.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import cache
from itertools import groupby

Token = tuple[int, int]
_span = re.Match[str].span

RULES = "standpoint/1: words and signs; one letter each in scripts without spaces"
"""The name of these rules, for files that say how they were made."""

# Han, kana, Thai, Lao, Tibetan, Burmese, Khmer.
_SINGLE = (
    "\u0e01-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_JOINERS = "\u200c\u200d"
# Marks stand in these planes only.
_PLANES = (range(0x0300, 0x20000), range(0xE0100, 0xE01F0))

# Characters that are neither marks nor of such scripts: not all, but those of most European lines.
_USUAL = (
    "\x00-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u1fff\u2000-\u200b\u2010-\u206f\u20a0-\u20cf\u2100-\u2bff"
    "\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
)
_UNUSUAL = re.compile(f"[^{_USUAL}]")
# The tokens of a line of these alone, found twice as fast.
_PLAIN = re.compile(r"\w+|[^\w\s]")
LINE_BREAK = re.compile(r"[\n\r\u2028\u2029]+")


@cache
def _careful() -> re.Pattern[str]:
    """Made when it is first needed, since Python's expressions have no class for marks."""
    marks = [code for plane in _PLANES for code in plane if unicodedata.category(chr(code))[0] == "M"]
    runs = groupby(enumerate(marks), key=lambda pair: pair[1] - pair[0])
    edges = [[code for _, code in run] for _, run in runs]
    tail = "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in edges) + _JOINERS + "\U0001f3fb-\U0001f3ff"
    letter = rf"[^\W{_SINGLE}]"
    return re.compile(
        rf"{letter}+(?:[{tail}]+{letter}*)*|[{_SINGLE}][{tail}]*|[^\w\s](?:[{tail}]|(?<=\u200d)[^\w\s])*"
    )


def tokens(text: str) -> list[Token]:
    """The tokens of a text, by their offsets in it."""
    return [token for line in sentences(text) for token in line]


def _line(text: str, start: int, end: int) -> list[Token]:
    """The tokens of a line."""
    pattern = _PLAIN if _UNUSUAL.search(text, start, end) is None else _careful()
    return list(map(_span, pattern.finditer(text, start, end)))


def sentences(text: str) -> list[list[Token]]:
    """The tokens line by line; lines without any are left out."""
    found: list[list[Token]] = []
    start = 0
    for gap in LINE_BREAK.finditer(text):
        found.append(_line(text, start, gap.start()))
        start = gap.end()
    found.append(_line(text, start, len(text)))
    return [line for line in found if line]


class Cover:
    """Which tokens a range touches."""

    def __init__(self, found: list[Token]) -> None:
        self._starts = [start for start, _ in found]
        self._ends = [end for _, end in found]

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """The first token, and the one behind the last; they are the same where none is touched."""
        return bisect_right(self._ends, start), bisect_left(self._starts, end)

    def exact(self, start: int, end: int, first: int, behind: int) -> bool:
        """Whether the range begins and ends where these tokens do."""
        return first < behind and self._starts[first] == start and self._ends[behind - 1] == end
