"""Tokens, the words of a text: the unit of agreement by token.

The rule, a part of Unicode's word boundaries (UAX #29) that needs no dictionary:

1. A word is a run of letters and digits, with the marks, joiners and soft hyphens on them.
2. An apostrophe, full stop, middle dot, geresh or gershayim between two letters belongs to the word
   (don't, U.S, col·lega); a full stop, comma or apostrophe between two digits does too (1,000.5).
   A hyphen, a slash and an underscore divide.
3. Han characters, kana, and the letters of Thai, Lao, Khmer, Burmese and the Tai scripts, which are
   written without spaces, are a word each. Hangul has spaces, and follows rule 1.
4. Nothing else is a word: white space, punctuation, symbols and emoji count for nothing.

So every letter and digit is in exactly one word, and a span that obeys guideline rule B1 starts and
ends in a word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import TypeVar

from annotations.text.ranges import Range

# Scripts whose words stand side by side without spaces, as parts of a character class.
_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf"
    "\u3005-\u3007\u3021-\u3029\u3031-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
_BETWEEN_LETTERS = "'’.·\u05f3\u05f4"
_BETWEEN_DIGITS = ".,'’"
_JOINERS = "\u200c\u200d\u00ad"
# Where Unicode has combining marks; the planes between hold ideographs, or nothing.
_MARKED_PLANES = (range(0x300, 0x20000), range(0xE0100, 0xE01F0))


def find_parts(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """Yield the match of each part of a word between apostrophes and stops, from where one may begin."""
    return _part_pattern().finditer(text, start)


def list_parts(text: str) -> list[str]:
    """Return these parts in order, without their places, which takes a third of the time."""
    return _part_pattern().findall(text)


#: How many different pieces are remembered, and how long they are: those of a language repeat.
_REMEMBERED, _MAX_REMEMBERED = 65_536, 40
_Value = TypeVar("_Value")


def read_by_piece(read: Callable[[str], tuple[_Value, ...]]) -> Callable[[str], list[_Value]]:
    """Return a reader of texts, made of one that reads what stands between two white spaces.

    No word holds white space, and most pieces have been read before.
    """
    remember = lru_cache(_REMEMBERED)(read)

    def read_text(text: str) -> list[_Value]:
        pieces = text.split()
        if max(map(len, pieces), default=0) <= _MAX_REMEMBERED:
            return list(chain.from_iterable(map(remember, pieces)))
        # what is long, as a line of Chinese is, does not come again, and would fill the memory
        values = [(remember if len(piece) <= _MAX_REMEMBERED else read)(piece) for piece in pieces]
        return list(chain.from_iterable(values))

    return read_text


class Tokens:
    """The words of one text; build them once for all spans of the text."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, text: str) -> None:
        spans = [found.span() for found in _pattern().finditer(text)]
        self._starts: Sequence[int]
        self._ends: Sequence[int]
        self._starts, self._ends = zip(*spans, strict=True) if spans else ((), ())

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Range]:
        return map(Range, self._starts, self._ends)

    def indices_in(self, start: int, end: int) -> tuple[int, int]:
        """Return the words that share a code point with the range, as a half-open range of indices.

        Both indices are equal where there is no such word.
        """
        first = bisect_right(self._ends, start)
        return first, max(first, bisect_left(self._starts, end))


def find_words(text: str) -> list[str]:
    """Return the words of a text, without their places, in half the time."""
    return _pattern().findall(text)


def split_words(text: str) -> list[str]:
    """Return the words of a text and what stands between them, in order, without their places."""
    return [part for part in _split_pattern().split(text) if part]


# Most words are ASCII and followed by a space; matching those first takes a third of the time.
_PLAIN = r"[a-zA-Z0-9]++(?=[.,]?[ \n])"
# Letters that are written for an apostrophe.
_APOSTROPHES = "\u02b9\u02bc"


@cache
def _pattern() -> re.Pattern[str]:
    """Return the rule as a regular expression; linear, because its classes exclude one another."""
    extends = f"[{_JOINERS}{_marks()}]"
    run = _run(extends)
    letters = rf"(?<=[^\W\d_]|{extends})[{_BETWEEN_LETTERS}](?=[^\W\d_{_ALONE}])"
    digits = rf"(?<=\d)[{_BETWEEN_DIGITS}](?=\d)(?![{_ALONE}])"
    return re.compile(rf"{_PLAIN}|{run}(?:(?:{letters}|{digits}){run})*|[^\W_]{extends}*")


@cache
def _split_pattern() -> re.Pattern[str]:
    """Return the rule as a group, so that a text is split into words and gaps."""
    return re.compile(f"({_pattern().pattern})")


@cache
def _part_pattern() -> re.Pattern[str]:
    """Return the same without rule 2."""
    extends = f"[{_JOINERS}{_marks()}]"
    return re.compile(rf"{_PLAIN}|{_run(extends, _APOSTROPHES)}|[^\W_{_APOSTROPHES}]{extends}*")


def _run(extends: str, without: str = "") -> str:
    """Return the expression of rule 1."""
    letter = rf"[^\W_{_ALONE}{without}]"
    return rf"{letter}++(?:{extends}++{letter}*+)*+"


@cache
def _marks() -> str:
    """Return all combining marks and variation selectors, as parts of a character class."""
    parts: list[str] = []
    first = last = -2
    for code in chain(*_MARKED_PLANES, [-1]):
        if code >= 0 and unicodedata.category(chr(code))[0] != "M":
            continue
        if code != last + 1:
            parts += [f"{chr(first)}-{chr(last)}"] if last >= 0 else []
            first = code
        last = code
    return "".join(parts)
