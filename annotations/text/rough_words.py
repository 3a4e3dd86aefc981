"""The words of a text in rough Latin letters, which tell fast that a text holds no name.

The fold is rougher than that of the search for names, so that a text with a name always has the words of it.
Nearly every text is in Latin letters with the signs of print, which one code page has: such a text is folded
as bytes. What the page lacks is folded by itself.
"""

from __future__ import annotations

import codecs
import re

from annotations.text.name_folds import LATIN

_PAGE = "cp1252"
_ERRORS = "annotations.text.rough_words"
_INVISIBLE_BYTES = b"\xad"  # the soft hyphen
_HYPHENS = {"\xad": "\xad", "\xac": "\xac", "\u2010": "\xac"}
#: Letters of the page that are two in ASCII.
_LIGATURES = [(char.encode(_PAGE), LATIN[char].encode()) for char in "ßæÆœŒþÞ"]
#: A text whose beginning is mostly in another alphabet is folded letter by letter.
_SAMPLE = 100
#: Scripts without Latin readings, and letters in forms of their own: they are searched letter by letter.
OTHER_SCRIPTS = re.compile(
    "[\u0590-\u109f\u1100-\u1c7f\u1cc0-\u1cff\u1dc0-\u1dff\u2135-\u2138\u2c00-\u2c5f\u2c80-\u2cff\u2d30-\u2ddf\u2e80-\ua63f"
    "\ua6a0-\ua71f\ua800-\uab2f\uab70-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U0001d0ff"
    "\U0001d400-\U0001efff\U00020000-\U000dffff]"
)


def _rough_char(char: str) -> str:
    """Return a character as Latin letters: a space for a sign, and nothing for an invisible one.

    Signs that can belong to a code stay, and hyphens at the ends of lines become those of Latin-1.
    """
    hyphen = _HYPHENS.get(char)
    return hyphen or "".join(part if part.isascii() else " " for part in LATIN[char])


class _Rough(dict[str, str]):
    """Characters as Latin letters and spaces."""

    def __missing__(self, char: str) -> str:
        return self.setdefault(char, _rough_char(char))


_ROUGH = _Rough()


def _page_byte(code: int) -> int:
    """Return the small letter of a byte of the page; i and y are one, as transcripts disagree about them."""
    rough = _ROUGH[bytes([code]).decode(_PAGE, "replace")]
    return ord(rough.replace("y", "i")) if rough.isalpha() and len(rough) == 1 else ord(" ")


_BYTES = bytes(map(_page_byte, range(0x100)))


def _fold_foreign(error: UnicodeError) -> tuple[str, int]:
    """Return the rough letters of a run of characters that the page lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    run = error.object[error.start : error.end]
    return "".join(map(_ROUGH.__getitem__, run)), error.end


codecs.register_error(_ERRORS, _fold_foreign)


def rough_words(data: bytes) -> list[bytes]:
    """Return the words of a rough text, in small letters."""
    return rough_letters(data).split()


def rough_letters(data: bytes) -> bytes:
    """Return a rough text in small letters, with spaces in the place of all else."""
    return data.translate(_BYTES, _INVISIBLE_BYTES)


def rough_text(text: str) -> bytes:
    """Return a text as bytes of the page; letters that it lacks are rough Latin ones."""
    if text.isascii():
        return text.encode()
    sample = text[:_SAMPLE]
    if len(sample.encode(_PAGE, "ignore")) * 2 < len(sample):
        return "".join(map(_ROUGH.__getitem__, text)).encode(_PAGE)
    data = text.encode(_PAGE, _ERRORS)
    for char, letters in _LIGATURES:
        if char in data:
            data = data.replace(char, letters)
    return data
