"""Texts for tests of near-copies: made here, from words that nobody uses."""

from __future__ import annotations

import random


class Press:
    """A source of texts in which no run of words comes twice by chance."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.vocabulary = [
            "".join(self.rng.choice(letters) for _ in range(self.rng.randint(2, 9))) for _ in range(2_000)
        ]

    def words(self, number: int) -> list[str]:
        # as in any language, a few words make up half of a text
        return [self.vocabulary[min(int(self.rng.paretovariate(0.35)) - 1, 1_999)] for _ in range(number)]

    def text(self, number: int) -> str:
        words = self.words(number)
        lines = [" ".join(words[at : at + 17]).capitalize() + "." for at in range(0, number, 17)]
        return "\n\n".join(lines)

    def edited(self, text: str, edits: int) -> str:
        """The text with so many words replaced."""
        words = text.split(" ")
        for place in self.rng.sample(range(len(words)), edits):
            words[place] = self.rng.choice(self.vocabulary)
        return " ".join(words)
