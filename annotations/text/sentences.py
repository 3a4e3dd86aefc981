"""The sentences of a text, as far as a correction needs them: the surroundings that a span depends on.

A sentence lies between sentence-ending signs of any script, or line ends. Where a sign is in doubt (a full
stop after an abbreviation, an initial or an ordinal, dots for a pause, any before a small letter) it ends
nothing: a sentence that is too long costs somebody a look, one that is too short hides a change.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import pairwise

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
# One class at the beginning, which the engine looks for at the speed of C; what a sign means is asked after.
_SIGN = re.compile(
    rf"(?P<sign>[.…{_SIGNS}{_FULL_STOPS}{''.join(_LINE_ENDS)}]++)(?P<closers>[\"'’”»›)\]}}」』）]*+)(?P<space>\s*+)"
)
# What follows a sign within a sentence.
_NO_BEGINNING = "%,;:)]}=&/+»"
_NO_LETTER = re.compile(r"[\W_]")
_MAX_LAST_WORD = 12
_NUMERAL_DIGITS = 2
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


class Sentences:
    """The sentences of one text; build them once for all spans of the text."""

    __slots__ = ("_counts", "_ends", "_pairs", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._counts: Counter[str] | None = None
        self._pairs: Counter[tuple[str, str]] | None = None
        start = 0
        for end in (*map(_end_of_sentence, _SIGN.finditer(text)), len(text)):
            if end is None:
                continue
            part = text[start:end].rstrip()
            if part:
                size = len(part)
                self._starts.append(start + size - len(part.lstrip()))
                self._ends.append(start + size)
            start = end

    def __len__(self) -> int:
        return len(self._starts)

    def quote(self, index: int) -> str:
        """Return the words of a sentence."""
        return self.text[self._starts[index] : self._ends[index]]

    def indices_of(self, start: int, end: int) -> tuple[int, int]:
        """Return the first and the last sentence of which a range has a part; of its line if it has none."""
        first = max(0, bisect_right(self._starts, start) - 1)
        last = max(first, bisect_right(self._starts, end - 1) - 1)
        return first, last

    def edges(self, index: int) -> tuple[int, int]:
        """Return where a sentence begins and ends."""
        return self._starts[index], self._ends[index]

    def quotes(self) -> list[str]:
        """Return the words of all sentences."""
        text = self.text
        return [text[start:end] for start, end in zip(self._starts, self._ends, strict=True)]

    @property
    def counts(self) -> Counter[str]:
        """How often a sentence stands in the text."""
        if self._counts is None:
            self._counts = Counter(self.quotes())
        return self._counts

    @property
    def pairs(self) -> Counter[tuple[str, str]]:
        """How often two sentences follow one another."""
        if self._pairs is None:
            self._pairs = Counter(pairwise(self.quotes()))
        return self._pairs


def _end_of_sentence(found: re.Match[str]) -> int | None:
    """Return where a run of signs ends its sentence beyond doubt; None if it does not."""
    sign, closers, space = found.groups()
    text, end = found.string, found.end()
    if sign == "." and space == " " and end < len(text):
        # what nearly all are, without the questions that it answers
        is_within = text[end].islower() or text[end] in _NO_BEGINNING
        return None if is_within or _is_abbreviated(text, found) else end
    if not _LINE_ENDS.isdisjoint(sign):
        return found.start() + max(index for index, char in enumerate(sign, 1) if char in _LINE_ENDS)
    if sign[-1] in _FULL_STOPS:
        return None if closers else end
    if end == len(text):
        return end
    if not _LINE_ENDS.isdisjoint(space):
        return end
    if not space or text[end].islower() or text[end] in _NO_BEGINNING:
        return None
    if sign != "." and not sign.strip(".…"):
        return None
    return None if sign == "." and _is_abbreviated(text, found) else end


def _is_abbreviated(text: str, found: re.Match[str]) -> bool:
    """Return whether a full stop may be that of an abbreviation, an initial or an ordinal."""
    start = found.start()
    before = text[max(0, start - _MAX_LAST_WORD) : start]
    if not before[-1:].isalnum():
        return False
    last = before.rsplit(None, 1)[-1]
    if len(last) > _MAX_ABBREVIATION and last.isalpha():
        return False
    if not last.isalnum():
        last = _NO_LETTER.split(last)[-1]
    return len(last) <= _NUMERAL_DIGITS if last.isdigit() else len(last) == 1 or last.lower() in ABBREVIATIONS
