"""Words and lines, for the formats that know no characters.

A token is a run of letters, digits and what belongs to them, or one sign. Scripts that put no spaces
between their words get a token for each letter: nothing is guessed, so the same text has the same
tokens everywhere. White space is in no token.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise

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
MOST_KEPT = 100_000
"""The tokens of longer texts are not kept until the next one: they take 25 bytes a character."""

LINE_BREAKS = "\r\u2028\u2029"
"""What ends a line beside ``\\n``."""


def _class(codes: Iterable[int]) -> str:
    """The inside of an expression's class of these characters, which ascend."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in runs)


@cache
def _words() -> str:
    """The letters and digits among the usual characters: listed, they are found faster than by ``\\w``."""
    # block by block: all characters at once would take ten megabytes for a moment
    blocks = ("".join(map(chr, range(start, start + 0x100))) for start in range(0, 0x20000, 0x100))
    return _class(ord(char) for block in blocks for char in re.findall(r"\w", _UNUSUAL.sub("", block)))


@cache
def _plain() -> re.Pattern[str]:
    """For lines of usual characters."""
    return re.compile(rf"([{_words()}]++|\S)")


@cache
def _careful() -> re.Pattern[str]:
    """Made when it is first needed, since Python's expressions have no class for marks."""
    marks = (code for plane in _PLANES for code in plane if unicodedata.category(chr(code))[0] == "M")
    tail = f"{_class(marks)}{_JOINERS}\U0001f3fb-\U0001f3ff"
    letter = rf"[^\W{_SINGLE}]"
    quick = rf"[{_words()}]+(?=[^{_words()}\u0300-\U0010ffff])"  # most words even here, in half the time
    return re.compile(
        rf"({quick}|{letter}+(?:[{tail}]+{letter}*)*|[{_SINGLE}][{tail}]*|[^\w\s](?:[{tail}]|(?<=\u200d)[^\w\s])*)"
    )


class TokenColumns:
    """The tokens of a text in columns, because a row for each would be most of the work of an export.

    ``words`` are the tokens, ``starts`` and ``ends`` where they stand, in code points, and ``firsts`` the
    numbers of the first token of each line that has any.
    """

    def __init__(self, text: str) -> None:
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.firsts: list[int] = []
        for sign in LINE_BREAKS:  # far quicker than an expression of all of them
            text = text.replace(sign, "\n")
        start = 0
        for line in text.split("\n"):
            self._add(line, start)
            start += len(line) + 1

    def _add(self, line: str, start: int) -> None:
        """Splitting says words and gaps in turn, and adding up their lengths where they are."""
        pattern = _plain() if _UNUSUAL.search(line) is None else _careful()
        parts = pattern.split(line)
        if len(parts) > 1:
            self.firsts.append(len(self.words))
            self.words += parts[1::2]
            edges = [*accumulate(map(len, parts), initial=start)]
            self.starts += edges[1:-1:2]
            self.ends += edges[2::2]

    def __len__(self) -> int:
        return len(self.words)

    def touched(self, start: int, end: int) -> tuple[int, int]:
        """The first token that a range touches, and the one behind the last; the same where none is."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def exact(self, start: int, end: int, first: int, behind: int) -> bool:
        """Whether the range begins and ends where these tokens do."""
        return first < behind and self.starts[first] == start and self.ends[behind - 1] == end

    def lines(self) -> Iterator[tuple[int, int]]:
        """The first token of each line, and the one behind its last."""
        return pairwise([*self.firsts, len(self.words)])


def tokens_of(text: str) -> TokenColumns:
    """The tokens of a text, for writers that only read them: those of a release ask one after the other."""
    return _latest(text) if len(text) <= MOST_KEPT else TokenColumns(text)


@lru_cache(maxsize=1)
def _latest(text: str) -> TokenColumns:
    return TokenColumns(text)


def woven(*columns: Sequence[str]) -> str:
    """The cells of columns of one length, row by row; fast, because no row is ever made."""
    cells = [""] * (len(columns) * len(columns[0]))
    for number, column in enumerate(columns):
        cells[number :: len(columns)] = column
    return "".join(cells)
