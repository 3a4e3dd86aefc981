"""The sentences of a text, as far as a correction needs them: the surroundings that a span depends on.

A sentence lies between sentence-ending signs of any script, or line ends. Where a sign is in doubt (a full
stop after an abbreviation, an initial or an ordinal, dots for a pause, any before a small letter) it ends
nothing: a sentence that is too long costs somebody a look, one that is too short hides a change.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

# The characters with the property Sentence_Terminal of Unicode, less the full stops of European writing.
_SIGNS = (
    "!?\u037e\u0589\u061d-\u061f\u06d4\u0700-\u0702\u07f9\u0837\u0839\u083d\u083e\u0964\u0965\u0f08\u0f0d-\u0f12"
    "\u104a\u104b\u1362\u1367\u1368\u166e\u1735\u1736\u17d4\u17d5\u1803\u1809\u1944\u1945\u1aa8-\u1aab\u1b5a\u1b5b"
    "\u1b5e\u1b5f\u1b7d\u1b7e\u1c3b\u1c3c\u1c7e\u1c7f\u203c\u203d\u2047-\u2049\u2e2e\u2e3c\u2e53\u2e54\ua4ff\ua60e"
    "\ua60f\ua6f3\ua6f7\ua876\ua877\ua8ce\ua8cf\ua92f\ua9c8\ua9c9\uaa5d-\uaa5f\uaaf0\uaaf1\uabeb\ufe56\ufe57\uff01"
    "\uff1f"
)
_FULL_STOPS = "\u3002\ufe12\ufe52\uff0e\uff61"
_LINE_ENDS = frozenset("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
_QUOTES = frozenset("\"'’”»›」』")
_CLOSERS = "".join(sorted(_QUOTES)) + ")]}）"
_COLONS = ":\uff1a\ufe55"
_LINE_END, _SIGN_WITHIN = f"[{''.join(sorted(_LINE_ENDS))}]", f"[.…{_SIGNS}{_FULL_STOPS}]"
# One class at the beginning, which the engine looks for at the speed of C; what a sign means is asked after.
# A sign takes the line ends behind it along, but never a line end the signs behind it: lines are independent.
_SIGN = re.compile(
    rf"{_SIGN_WITHIN[:-1]}{_LINE_END[1:]}"
    rf"(?:(?<={_LINE_END}){_LINE_END}*+|{_SIGN_WITHIN}*+[{re.escape(_CLOSERS)}]*+\s*+)"
)
# With what the next item of a list or the next row of a table begins.
_ITEM_SIGNS = "-*+|•#>`"
_ENDING = re.compile(_SIGN_WITHIN)
# What follows a sign within a sentence.
_NO_BEGINNING = "%,;:)]}=&/+»"
_NO_LETTER = re.compile(r"[\W_]")
_MAX_LAST_WORD = 12
_NUMERAL_DIGITS = 2
_MAX_BEFORE_NUMBER = 4
#: The workbench has the same ones, in ``abbreviations.js``.
ABBREVIATIONS = frozenset({
    "mr", "mrs", "ms", "mx", "dr", "prof", "st", "sen", "rep", "gov", "gen", "col", "lt", "sgt", "maj",
    "capt", "adm", "rev", "hon", "pres", "jr", "sr", "messrs", "vs", "etc", "inc", "ltd",
    "co", "corp", "dept", "est", "approx", "ave", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "bzw", "ca", "usw", "vgl",
    "ing", "hr", "fr", "str", "evtl", "ggf", "inkl", "sog", "mio", "mrd", "tsd", "mme", "mlle", "av",
    "sra", "sta", "dña", "sig", "dott", "г", "ул", "им", "тыс", "млн", "млрд", "руб", "стр", "др",
    "проф", "акад",
})  # fmt: skip
_MAX_ABBREVIATION = max(map(len, ABBREVIATIONS))


class _Meaning(Enum):
    """What a sign says of the end of its sentence, with the closers and the space behind it."""

    LINE_ENDS = auto()
    ENDS = auto()
    NOTHING = auto()
    ENDS_BEFORE_CAPITAL = auto()
    ENDS_UNLESS_ABBREVIATED = auto()


class Sentences:
    """The sentences of one text, found when they are first asked for; build them once for all spans of it.

    A line end always ends a sentence, so that those of a text are those of its lines.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _edges(self) -> tuple[Sequence[int], Sequence[int]]:
        found = list(_find_sentences(self.text))
        starts, ends = zip(*found, strict=True) if found else ((), ())
        return starts, ends

    def __len__(self) -> int:
        return len(self._edges[0])

    def quote(self, index: int) -> str:
        """Return the words of a sentence."""
        starts, ends = self._edges
        return self.text[starts[index] : ends[index]]

    def indices_of(self, start: int, end: int) -> tuple[int, int]:
        """Return the first and the last sentence that a range touches; those of its line if there is none."""
        starts = self._edges[0]
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, end - 1, max(0, first)) - 1
        return max(0, first), max(0, first, last)

    def join(self, indices: tuple[int, int]) -> tuple[int, int]:
        """Return the first and the last sentence of a run, with those that go on into it, or it into them."""
        if not len(self):
            return indices
        firsts, lasts = self._joined
        return firsts[indices[0]], lasts[indices[1]]

    @cached_property
    def _joined(self) -> tuple[Sequence[int], Sequence[int]]:
        """The first and the last of the sentences that each one goes on from and into."""
        firsts, lasts = list(range(len(self))), list(range(len(self)))
        for index in range(1, len(self)):
            if self._goes_on(index - 1, is_led=firsts[index - 1] < index - 1):
                firsts[index] = firsts[index - 1]
        for index in reversed(range(len(self) - 1)):
            if firsts[index + 1] == firsts[index]:
                lasts[index] = lasts[index + 1]
        return firsts, lasts

    def _goes_on(self, index: int, *, is_led: bool) -> bool:
        """Return whether a sentence goes on in the next line, as far as can be told.

        An agency breaks its lines at a width, and a colon leads on to what is said in the next paragraph.
        """
        starts, ends = self._edges
        end, following = ends[index], starts[index + 1]
        gap = self.text[end:following]
        line_ends = sum(sign in _LINE_ENDS for sign in gap.replace("\r\n", "\n"))
        if not line_ends:
            return False
        if self.text[end - 1] in _COLONS:
            return True
        if line_ends > 1:
            return False
        if self.text[following] in _ITEM_SIGNS:  # a list goes on if a colon leads to it
            return is_led and self.text[starts[index]] in _ITEM_SIGNS
        sign = end
        while sign > starts[index] and self.text[sign - 1] in _CLOSERS:
            sign -= 1
        ended = _ENDING.match(self.text, sign - 1) is not None
        is_doubtful = self.text[following].islower() or _is_abbreviated(self.text, sign - 1)
        return not ended or (is_doubtful and self.text[sign - 1] not in _FULL_STOPS)

    def edges(self, index: int) -> tuple[int, int]:
        """Return where a sentence begins and ends."""
        return self._edges[0][index], self._edges[1][index]

    def edges_within(self, start: int, end: int) -> list[int]:
        """Return where the sentences of some lines begin and end, in order."""
        starts, ends = self._edges
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        return [edge for pair in zip(starts[first:last], ends[first:last], strict=True) for edge in pair]

    @cached_property
    def quotes(self) -> list[str]:
        """The words of all sentences."""
        text = self.text
        return [text[start:end] for start, end in zip(*self._edges, strict=True)]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often a sentence stands in the text."""
        return Counter(self.quotes)

    @cached_property
    def pairs(self) -> Counter[tuple[str, str]]:
        """How often two sentences follow one another."""
        return Counter(pairwise(self.quotes))


def _find_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence begins and ends; it ends at a sign beyond doubt, and with the text."""
    # the members are bound to names, since each look-up in an enum costs as much as the rest
    nothing, ends, line_ends = _Meaning.NOTHING, _Meaning.ENDS, _Meaning.LINE_ENDS
    or_abbreviated = _Meaning.ENDS_UNLESS_ABBREVIATED
    begin = _behind_space(text, 0)
    for found in _SIGN.finditer(text):
        matched = found[0]
        sign = _short_sign(matched) if len(matched) <= _MAX_REMEMBERED else _Sign.from_match(matched)
        meaning = sign.meaning
        if meaning is nothing:
            continue
        start, end = found.span()
        if meaning is line_ends:
            if begin < start:
                yield begin, _before_space(text, start)
            begin = _behind_space(text, end) if begin < end else begin
            continue
        if meaning is not ends:
            following = text[end : end + 1]
            if following.islower() or following in _NO_BEGINNING:
                continue
            if meaning is or_abbreviated and _is_abbreviated(text, start):
                continue
        yield begin, end - sign.space
        begin = end
    if begin < len(text):
        yield begin, _before_space(text, len(text))


def _before_space(text: str, end: int) -> int:
    """Return where the blanks before a place begin; a sentence has at least a letter before them."""
    while text[end - 1].isspace():
        end -= 1
    return end


def _behind_space(text: str, start: int) -> int:
    while text[start : start + 1].isspace():
        start += 1
    return start


class _Sign(NamedTuple):
    """A run of signs with the closers and the space behind it: its meaning, and how long the space is."""

    meaning: _Meaning
    space: int

    @classmethod
    def from_match(cls, matched: str) -> _Sign:
        """Return what a run of signs says, whatever stands around it."""
        before_space = matched.rstrip()
        return cls(cls._find_meaning(matched, before_space), len(matched) - len(before_space))

    @staticmethod
    def _find_meaning(matched: str, before_space: str) -> _Meaning:
        if not before_space:
            return _Meaning.LINE_ENDS
        if not _LINE_ENDS.isdisjoint(matched):
            return _Meaning.ENDS
        sign = before_space.rstrip(_CLOSERS)
        if sign[-1] in _FULL_STOPS:
            return _Meaning.ENDS if sign == before_space else _Meaning.NOTHING
        # behind the end of a quotation it may say who said it: “Never!” Smith denied.
        if before_space == matched or not _QUOTES.isdisjoint(before_space[len(sign) :]):
            return _Meaning.NOTHING
        if sign == ".":
            return _Meaning.ENDS_UNLESS_ABBREVIATED
        return _Meaning.ENDS_BEFORE_CAPITAL if sign.strip(".…") else _Meaning.NOTHING


#: How long the signs are that are remembered; there are few of them.
_MAX_REMEMBERED = 4
_short_sign = lru_cache(maxsize=4_096)(_Sign.from_match)


def _is_abbreviated(text: str, start: int) -> bool:
    """Return whether the full stop there may be that of an abbreviation, an initial or an ordinal."""
    before = text[max(0, start - _MAX_LAST_WORD) : start]
    if not before[-1:].isalnum():
        return False
    last = before.rsplit(None, 1)[-1]
    if len(last) > _MAX_ABBREVIATION and last.isalpha():
        return False
    if not last.isalnum():
        last = _NO_LETTER.split(last)[-1]
    if last.isdigit():
        return len(last) <= _NUMERAL_DIGITS
    # No. 10, Art. 5, Abs. 2, núm. 3
    is_before_number = len(last) <= _MAX_BEFORE_NUMBER and text[start + 1 : start + 3].strip()[:1].isdigit()
    return len(last) == 1 or is_before_number or last.lower() in ABBREVIATIONS
