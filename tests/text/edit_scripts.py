"""Texts that are edited at random, with the truth of where each character came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from random import Random

from annotations.text.ranges import Range
from annotations.text.tokens import Tokens

_WORDS = (
    "Steuern", "taxes", "минимум", "税", "rise", "rose", "denied", "said", "über", "the", "of", "a", "is",
    "and", "minister", "Osmanov", "cafe\u0301", "don't", "1,000.5", "that", "quotas", "fishing", "oppose",
    "support", "\U0001f469\u200d\U0001f680", "weiß", "naïve", "U.S", "Mr.", "Dr.", "No.", "3.", "e.g.",
    "漢字",
)  # fmt: skip
_RARE_WORDS = tuple(f"{letter}{number}" for letter in "wöж" for number in range(150))
_ENDS = (".", ".", ".", "!", "?", "…", "。 ", ".”")
_SEAMS = (" ", " ", " ", "\n", "\n\n", "\r\n\r\n")
_PARTS = re.compile(r"\S+")


@dataclass(frozen=True)
class EditedText:
    """A text, and for each character where it stood in the first text; None where it was written later."""

    text: str
    origins: tuple[int | None, ...]

    @classmethod
    def unedited(cls, text: str) -> EditedText:
        """Return a text as its own origin."""
        return cls(text, tuple(range(len(text))))

    def part(self, start: int, end: int) -> EditedText:
        """Return a part of the text."""
        return EditedText(self.text[start:end], self.origins[start:end])

    def __add__(self, other: EditedText) -> EditedText:
        return EditedText(self.text + other.text, self.origins + other.origins)

    def replace(self, start: int, end: int, words: str | EditedText) -> EditedText:
        """Return the text with other words in the place of a range."""
        inserted = EditedText(words, (None,) * len(words)) if isinstance(words, str) else words
        return self.part(0, start) + inserted + self.part(end, len(self.text))

    def move(self, start: int, end: int, to: int) -> EditedText:
        """Return the text with a range at another place, outside of it."""
        if start <= to <= end:
            return self
        rest = self.replace(start, end, "")
        at = to if to < start else to - (end - start)
        return rest.replace(at, at, self.part(start, end))

    def place_of(self, where: Range) -> Range | None:
        """Return where a range of the first text stands, its characters side by side; None if nowhere."""
        if where.start not in self.origins:
            return None
        start = self.origins.index(where.start)
        wanted = tuple(range(where.start, where.end))
        return Range(start, start + where.length) if self.origins[start:][: where.length] == wanted else None


def write_text(random: Random, sentences: int) -> str:
    """Return a text of many scripts, in which some sentences stand twice."""
    written: list[str] = []
    for _ in range(sentences):
        if written and random.random() < 0.1:
            written.append(random.choice(written))
        else:
            words = [
                random.choice(random.choice((_WORDS, _RARE_WORDS))) for _ in range(random.randint(3, 15))
            ]
            written.append(" ".join(words).capitalize() + random.choice(_ENDS))
    return "".join(sentence + random.choice(_SEAMS) for sentence in written)


class EditKind(IntEnum):
    """How far a script of edits goes: each kind has the edits of the ones before it, too."""

    PLAIN = 4
    MOVES = 5
    COPIES = 6


def edit_text(random: Random, text: EditedText, edits: int, kinds: EditKind = EditKind.PLAIN) -> EditedText:
    """Return a text after some edits of words, sentences and paragraphs."""
    for _ in range(edits):
        start, end = _pick_range(random, text.text)
        kind = random.randrange(kinds)
        if kind == 0:
            text = text.replace(start, end, "")
        elif kind == 1:
            text = text.replace(start, start, f"N{random.randrange(10**6)} ")
        elif kind == 2:
            text = text.replace(start, end, f"N{random.randrange(10**6)}")
        elif kind == 3:
            text = text.replace(start, start, write_text(random, random.randint(1, 3)))
        elif kind == 4:
            text = text.move(start, end, _pick_range(random, text.text)[0])
        else:
            copy_start, copy_end = _pick_range(random, text.text)
            text = text.replace(start, start, text.text[copy_start:copy_end])
    return text


def pick_spans(random: Random, text: str, number: int) -> list[Range]:
    """Return ranges of one to twelve words."""
    words = list(Tokens(text))
    spans = []
    for _ in range(number if words else 0):
        first = random.randrange(len(words))
        last = min(len(words) - 1, first + random.randrange(12))
        spans.append(Range(words[first].start, words[last].end))
    return spans


def _pick_range(random: Random, text: str) -> tuple[int, int]:
    """Return the range of a word, of some words, or of a line."""
    parts = [found.span() for found in _PARTS.finditer(text)]
    if not parts:
        return 0, 0
    first = random.randrange(len(parts))
    last = min(len(parts) - 1, first + random.choice((0, 0, 2, 2, 6, 30)))
    if random.random() < 0.2:
        start = text.rfind("\n", 0, parts[first][0]) + 1
        end = text.find("\n", parts[first][0])
        return start, len(text) if end < 0 else end + 1
    return parts[first][0], parts[last][1]
