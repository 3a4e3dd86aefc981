"""Masking: every whole-word occurrence of some names in a text, and the text with blocks in their place.

Texts and names are compared under the fold of the searches (case, accents, forms of letters and invisible
signs make no difference), with any sign between the words of a name that addresses and file names have
there. What a text writes in a code of addresses, HTML, JSON or domain names is read, too.

Most texts hold no name, so they are first asked for their words, for all names at once; only a text with a
word of a name is searched for the places of that name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from annotations.text.encoded_text import Reading, decode_text, is_encoded
from annotations.text.folding import fold_text, latin_form

#: What stands in the place of each code point of a name.
BLOCK = "█"
#: A name whose words are written as one (#AnnaKovacs) is found from so many letters: “Li Na” is not “Lina”.
MIN_JOINED_LETTERS = 8
#: Scripts that put no space between words, or none between a name and a particle.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
#: Arabic and Hebrew words of one letter, which are written together with the word behind them.
_PREFIXES = "وفبلكהובלמשכ"
#: Signs of vowels, which belong to the letter before them.
_SIGNS = "".join(
    char
    for char in map(chr, range(0x300, 0xE00))
    if unicodedata.category(char).startswith("M") and not unicodedata.combining(char)
)
_LETTER = f"[^\\W\\d_{_UNSPACED}]"
_RUN = re.compile(f"(?:[^\\W\\d_]|[{_SIGNS}])+|\\d+")
#: The usual signs of printed texts that are no letters.
_SIGNS_OF_PRINT = "’‘“”–—…"
#: ASCII letters as small ones, other ASCII characters as spaces; the bytes of other letters stay.
_WORD_BYTES = bytes(
    byte if byte > 0x7F else ord(chr(byte).lower() if chr(byte).isalpha() else " ") for byte in range(0x100)
)
_WORD = re.compile(f"(?:[^\\W_]|[{_SIGNS}])+")
_IS_CLOSE = re.compile(f"[{_UNSPACED}\u0590-\u06ff]")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
#: What goes on with the letter before it: Korean vowels and final consonants, Japanese marks.
_GOES_ON = "\u1160-\u11ff\u3099\u309a"
#: What may stand between the words of a name: spaces, with a point or the like before them, or one or two
#: signs that join words, as in addresses.
_BETWEEN = r"(?:[.'’,]?\s+|[-‐‑‒–_+~./=:'’·・]{1,2})"
_TATWEEL = "\u0640"  # stretches Arabic words, without another sound
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "ß": "ss"})


class Place(NamedTuple):
    """A range of a text in code points, half-open, where a name of ``owner`` stands."""

    start: int
    end: int
    owner: str


class _Name(NamedTuple):
    """A form of a name: how it is found in folded texts, and the words that such texts have."""

    owner: str
    keys: frozenset[str]
    pattern: str


class NameMatcher:
    """The names of some owners, which are found in any text together."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """Take names with the ids of their owners."""
        forms = {(owner, form): None for owner, name in names for form in _name_forms(name)}
        self._names = [name for owner, form in forms for name in _compile_name(owner, form)]
        #: Names without a letter are looked for in every text.
        self._signs = [name for name in self._names if not name.keys]
        self._by_key: dict[str, list[_Name]] = {}
        for name in self._names:
            for key in name.keys:
                self._by_key.setdefault(key, []).append(name)
        self._ascii_keys = frozenset(key.encode() for key in self._by_key if key.isascii())

    def __bool__(self) -> bool:
        return bool(self._names)

    def find(self, text: str) -> list[Place]:
        """Return the places of all names in a text, in reading order; those of several names can overlap."""
        names = self._possible_names(text)
        if not names:
            return []
        found = set(_find_places(text, None, names))
        if is_encoded(text):
            found.update(_find_places(text, decode_text(text), names))
        return sorted(found)

    def mask(self, text: str) -> str:
        """Return a text with a block for each code point of a name; its length stays."""
        places = self.find(text)
        return mask_ranges(text, places) if places else text

    def _possible_names(self, text: str) -> list[_Name]:
        """Return the names of which a text has all words.

        Nearly every text has none, so that all of its words are asked for together: those in ASCII as bytes,
        and the few others folded.
        """
        plain = text
        if not text.isascii():
            for sign in _SIGNS_OF_PRINT:
                plain = plain.replace(sign, " ")
        words = plain.encode("utf-8", "surrogatepass").translate(_WORD_BYTES).split()
        keys = {word.decode() for word in self._ascii_keys.intersection(words)}
        if not plain.isascii():
            others = b" ".join([word for word in words if not word.isascii()])
            keys |= self._read_keys(others.decode("utf-8", "surrogatepass"))
        if is_encoded(text):
            for word in text.split():
                if is_encoded(word):
                    keys |= self._read_keys(decode_text(word).text)
        if not keys:
            return self._signs
        found = dict.fromkeys(name for key in sorted(keys) for name in self._by_key[key])
        return [*self._signs, *(name for name in found if name.keys <= keys)]

    def _read_keys(self, text: str) -> set[str]:
        folded = "".join(map(_WORD_FOLDS.__getitem__, text))
        if _IS_CLOSE.search(folded):
            return {key for key in self._by_key if key in folded}
        return self._by_key.keys() & folded.split()


def mask_ranges(text: str, places: Iterable[Place | tuple[int, int]]) -> str:
    """Return a text with a block for each code point of some ranges, which may overlap."""
    pieces: list[str] = []
    at = 0
    for place in sorted(places, key=itemgetter(0)):
        start, end = max(place[0], at), place[1]
        if end > start:
            pieces += text[at:start], BLOCK * (end - start)
            at = end
    return "".join([*pieces, text[at:]])


def _name_forms(name: str) -> Iterator[str]:
    """Yield a name as it can be written: folded, and in the Latin letters of addresses."""
    yield _fold(name)
    if not name.isascii():
        yield _fold(latin_form(name))
        yield _fold(latin_form(unicodedata.normalize("NFC", name).lower().translate(_TRANSCRIBED)))


def _compile_name(owner: str, form: str) -> Iterator[_Name]:
    words = _WORD.findall(form)
    if not words:
        if form.strip():
            yield _Name(owner, frozenset(), re.escape(form.strip()))
        return
    ends = [match.span() for match in _WORD.finditer(form)]
    pattern = ""
    for (_, left), (right, end) in pairwise(ends):
        own = r"\s+".join(map(re.escape, re.split(r"\s+", form[left:right])))
        pattern += f"(?:{own}|{_BETWEEN}){re.escape(form[right:end])}"
    yield _Name(owner, _keys(form), _guarded(words[0], pattern, words[-1][-1]))
    joined = "".join(words)
    if len(words) > 1 and len(joined) >= MIN_JOINED_LETTERS:
        yield _Name(owner, _keys(joined), _guarded(joined, "", joined[-1]))


def _keys(form: str) -> frozenset[str]:
    """Return the runs of letters of a name, each of which texts with the name have as a word."""
    return frozenset(run for run in _RUN.findall(form) if not run.isdecimal())


def _guarded(word: str, rest: str, last: str) -> str:
    """Return the pattern of a name, as a whole word where the script at that end has words.

    It begins with its first word, which is searched for fast; what stands before that is looked at then.
    """
    head = re.escape(word)
    before, after = "", f"(?![{_GOES_ON}])"
    if word[0].isdecimal():
        before = f"(?<!\\d{head})"
    elif not _IS_UNSPACED.match(word):
        whole = f"(?<!{_LETTER}{head})(?<![{_SIGNS}]{head})"
        before = f"(?:{whole}|(?<=[{_PREFIXES}]{head})(?<!{_LETTER}[{_PREFIXES}]{head}))"
    if last.isdecimal():
        after = r"(?!\d)"
    elif not _IS_UNSPACED.match(last):
        after = f"(?!{_LETTER}|[{_SIGNS}])"
    return f"{head}{before}{rest}{after}"


def _find_places(text: str, reading: Reading | None, names: Iterable[_Name]) -> Iterator[Place]:
    """Yield the places of names in a text, as it is read; None reads each character as it stands."""
    chars = text if reading is None else reading.text
    parts = None if chars.isascii() else list(map(_FOLDS.__getitem__, chars))
    folded = chars.lower() if parts is None else "".join(parts)
    # Without an empty part, as many folded characters as there are parts are one for each.
    is_even = parts is None or (len(folded) == len(parts) and "" not in parts)
    origins = None if is_even else [at for at, part in enumerate(parts or ()) for _ in part]
    for name in names:
        for match in _compiled(name.pattern).finditer(folded):
            start, last = match.start(), match.end() - 1
            if origins is not None:
                start, last = origins[start], origins[last]
            end = last + 1 if reading is None else reading.ends[last]
            start = start if reading is None else reading.starts[start]
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1
            yield Place(start, end, name.owner)


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern that is compiled when a text first has its key: most names stand in no text."""
    return re.compile(pattern)


class _Folds(dict[str, str]):
    """Characters as the fold of searches has them, but in parts, so that each text is folded alike."""

    def __missing__(self, char: str) -> str:
        folded = "" if char == _TATWEEL else unicodedata.normalize("NFKD", fold_text(char))
        return self.setdefault(char, folded)


class _WordFolds(dict[str, str]):
    """Letters as the fold has them; spaces for all other characters but those that the fold takes away."""

    def __missing__(self, char: str) -> str:
        folded = _FOLDS[char]
        is_word = not folded or (_RUN.match(folded) is not None and not folded.isdecimal())
        return self.setdefault(char, folded if is_word else " ")


_FOLDS, _WORD_FOLDS = _Folds(), _WordFolds()


def _fold(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(_FOLDS.__getitem__, text))
