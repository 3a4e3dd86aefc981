"""Folds of single characters for the search of names, so that each text is folded alike.

``FOLDS`` are those of the searches, in parts. ``LATIN`` writes other alphabets in Latin letters, too, so that
a name is found in the text of another language.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from annotations.text.folding import fold_text

_TATWEEL = "\u0640"  # stretches Arabic words, without another sound
#: Signs that are letters to Unicode, and apostrophes to their writers.
_APOSTROPHES = re.compile("[\u02b9-\u02df\u02e5-\u02ff]")
#: The alphabets whose letters can be told in Latin ones: those of Europe, small capitals, letters in boxes.
_ALPHABETS = re.compile(
    "[\u0100-\u02af\u0370-\u0559\u0560-\u0588\u10a0-\u10ff\u1c80-\u1cbf\u1d00-\u1dbf\u1e00-\u1fff\u2c60-\u2c7f\u2d00-\u2d2f\ua640-\ua69f"
    "\ua722-\ua7ff\uab30-\uab6f\U0001f130-\U0001f189ØøÆæÐðÞþ]"
)
_NO_LETTER = re.compile(r"[\W\d_]+")


class _Folds(dict[str, str]):
    """Characters as the fold of searches has them."""

    def __missing__(self, char: str) -> str:
        folded = unicodedata.normalize("NFKD", fold_text(char))
        if _APOSTROPHES.match(char):
            folded = "'"
        elif char == _TATWEEL:
            folded = ""
        elif len(folded) > 1 and unicodedata.category(char) == "So" and folded.isalpha():
            folded = " "  # ™ is a sign behind a word, and no letters of it
        return self.setdefault(char, folded)


class _Latin(dict[str, str]):
    """Characters as ``FOLDS`` has them, but letters of other alphabets as Latin ones."""

    def __missing__(self, char: str) -> str:
        return self.setdefault(char, "".join(map(_latin_letters, FOLDS[char])))


def _latin_letters(char: str) -> str:
    """Return a folded character in Latin letters; the signs of softness are none."""
    return _NO_LETTER.sub("", anyascii(char)).lower() if _ALPHABETS.match(char) else char


FOLDS = _Folds()
LATIN = _Latin()


def fold_chars(text: str) -> str:
    """Return a text, folded character by character."""
    return text.lower() if text.isascii() else "".join(map(FOLDS.__getitem__, text))


def has_other_alphabet(text: str) -> bool:
    """Return whether a text has letters that ``LATIN`` reads as others."""
    return _ALPHABETS.search(text) is not None


def is_latin(text: str) -> bool:
    """Return whether a text has no letter of another alphabet."""
    return all(LATIN[char] == FOLDS[char] for char in text)
