"""The tokens and lines of a text, for formats whose unit is the token.

A token is a run of letters and digits with their combining marks, or one other character. Scripts without
spaces between words get a token for each letter: no dictionary is involved, so the same text has the
same tokens everywhere. White space is in no token.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise

WORD_RULES = "standpoint/1: words and signs; one letter each in scripts without spaces"
"""The name of the rules, for files that document them."""

# Han, kana, Thai, Lao, Tibetan, Burmese, Khmer.
_SPACELESS_SCRIPTS = (
    "\u0e01-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_JOINERS = "\u200c\u200d"
# All combining marks are in these ranges.
_MARK_RANGES = (range(0x0300, 0x20000), range(0xE0100, 0xE01F0))

# Characters that are neither combining marks nor of such scripts; they cover most European lines.
_SIMPLE = (
    "\x00-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u1fff\u2000-\u200b\u2010-\u206f\u20a0-\u20cf\u2100-\u2bff"
    "\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
)
_NOT_SIMPLE = re.compile(f"[^{_SIMPLE}]")
MAX_CACHED_TEXT = 100_000
"""The longest text whose tokens are cached; they take 25 bytes for each character."""

LINE_BREAKS = "\r\u2028\u2029"
"""The line ends beside ``\\n``."""


def _character_class(codes: Iterable[int]) -> str:
    """Return the inside of a character class for these ascending code points."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in runs)


@cache
def _word_class() -> str:
    r"""Return the usual letters and digits as a class: listed, they match faster than ``\w``."""
    # block by block, because all characters at once would take ten megabytes
    blocks = ("".join(map(chr, range(start, start + 0x100))) for start in range(0, 0x20000, 0x100))
    return _character_class(
        ord(char) for block in blocks for char in re.findall(r"\w", _NOT_SIMPLE.sub("", block))
    )


@cache
def _simple_pattern() -> re.Pattern[str]:
    """Return the expression for lines of usual characters."""
    return re.compile(rf"([{_word_class()}]++|\S)")


@cache
def _full_pattern() -> re.Pattern[str]:
    """Return the expression for all lines; ``re`` has no class for combining marks, so it takes time."""
    marks = (code for plane in _MARK_RANGES for code in plane if unicodedata.category(chr(code))[0] == "M")
    tail = f"{_character_class(marks)}{_JOINERS}\U0001f3fb-\U0001f3ff"
    letter = rf"[^\W{_SPACELESS_SCRIPTS}]"
    quick = (
        rf"[{_word_class()}]+(?=[^{_word_class()}\u0300-\U0010ffff])"  # matches most words, in half the time
    )
    return re.compile(
        rf"({quick}|{letter}+(?:[{tail}]+{letter}*)*|[{_SPACELESS_SCRIPTS}][{tail}]*|[^\w\s](?:[{tail}]|(?<=\u200d)[^\w\s])*)"
    )


class TokenColumns:
    """The tokens of a text in columns; a row for each would take most of the time of an export.

    ``words`` are the tokens, ``starts`` and ``ends`` their offsets in code points, and ``line_starts`` the
    number of the first token of each line with tokens.
    """

    def __init__(self, text: str) -> None:
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.line_starts: list[int] = []
        for sign in LINE_BREAKS:  # far quicker than an expression of all of them
            text = text.replace(sign, "\n")
        start = 0
        for line in text.split("\n"):
            self._add_line(line, start)
            start += len(line) + 1

    def _add_line(self, line: str, start: int) -> None:
        """Add a line: splitting yields gaps and words in turn, and their lengths add up to the offsets."""
        pattern = _simple_pattern() if _NOT_SIMPLE.search(line) is None else _full_pattern()
        parts = pattern.split(line)
        if len(parts) > 1:
            self.line_starts.append(len(self.words))
            self.words += parts[1::2]
            edges = [*accumulate(map(len, parts), initial=start)]
            self.starts += edges[1:-1:2]
            self.ends += edges[2::2]

    def __len__(self) -> int:
        return len(self.words)

    def find_tokens(self, start: int, end: int) -> tuple[int, int]:
        """Return the tokens that a range touches as a half-open range; empty where there are none."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def matches_tokens(self, start: int, end: int, first: int, behind: int) -> bool:
        """Return whether a range begins and ends exactly where these tokens do."""
        return first < behind and self.starts[first] == start and self.ends[behind - 1] == end

    def line_ranges(self) -> Iterator[tuple[int, int]]:
        """Yield the half-open range of the tokens of each line."""
        return pairwise([*self.line_starts, len(self.words)])


def tokenize(text: str) -> TokenColumns:
    """Return the tokens of a text; they are cached, because the writers of a release ask in turn."""
    return _cached_tokens(text) if len(text) <= MAX_CACHED_TEXT else TokenColumns(text)


@lru_cache(maxsize=1)
def _cached_tokens(text: str) -> TokenColumns:
    return TokenColumns(text)


def interleave_columns(*columns: Sequence[str]) -> str:
    """Return the cells of columns of one length, row by row, without building rows."""
    cells = [""] * (len(columns) * len(columns[0]))
    for number, column in enumerate(columns):
        cells[number :: len(columns)] = column
    return "".join(cells)
