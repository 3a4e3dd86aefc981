"""Masking: every whole-word occurrence of some names in a text, and the text with blocks in their place.

Texts and names are compared under the fold of the searches (case, accents, forms of letters and invisible
signs make no difference), in Latin letters where a text is in another alphabet, with the endings of cases,
with the family name first or the letters apart, and with any sign between the words of a name that addresses
and file names have there. What a text writes in a code of addresses, HTML, JSON or domain names, divides at
the end of a line or emphasizes is read, too.

Most texts hold no name, so they are first asked for their words, for all names at once; only a text with the
words of a name is searched for the places of that name.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple, TypeVar

from annotations.text.encoded_text import Reading, decode_plain, decode_text, is_encoded, may_be_encoded
from annotations.text.name_folds import FOLDS, LATIN, fold_chars, has_other_alphabet, is_latin
from annotations.text.name_patterns import NamePattern, compile_names
from annotations.text.rough_words import OTHER_SCRIPTS, rough_letters, rough_text

#: What stands in the place of each code point of a name.
BLOCK = "█"
#: Letters as they stand alone in texts, as words, initials or behind an apostrophe, the frequent ones first.
_LONE_LETTERS = b"aistedolmnrcbhgpfvkuwjzxq"
#: Some letters in a row, each a word of its own: fewer than a name has whose letters stand apart.
_LETTERS_APART = re.compile(rb" [a-z] +[a-z] +[a-z] ")
#: Of how many texts a matcher remembers what it found, at some 100 bytes each, and how long such texts are.
_MAX_REMEMBERED, _MIN_LENGTH = 100_000, 500
T = TypeVar("T")


class _DigestCache(dict[bytes, T]):
    """What was found in texts, by their digests: most texts leave the house again and again."""

    def get_or_find(self, text: str, find: Callable[[str], T]) -> T:
        """Return what was found in a text, or find it now; short texts are not worth it."""
        if len(text) < _MIN_LENGTH:
            return find(text)
        digest = blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
        found = self.get(digest)
        if found is None:
            if len(self) >= _MAX_REMEMBERED:
                self.clear()
            found = self[digest] = find(text)
        return found


class Place(NamedTuple):
    """A range of a text in code points, half-open, where a name of ``owner`` stands."""

    start: int
    end: int
    owner: str


class NameMatcher:
    """The names of some owners, which are found in any text together."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """Take names with the ids of their owners."""
        self._names = compile_names(names)
        #: Names by the forms of their longest word, which fewer texts have than the others.
        self._by_key: dict[bytes, list[NamePattern]] = {}
        for name in self._names:
            for key in max(name.keys, key=_rarity, default=()) if not name.letters else ():
                self._by_key.setdefault(key, []).append(name)
        self._keys = frozenset(self._by_key)
        #: Names in scripts without Latin letters; those without any letter are looked for in every text.
        self._others = [name for name in self._names if name.runs]
        self._signs = [name for name in self._names if not name.runs and not name.keys]
        #: Names whose letters stand apart, as they do in few texts.
        self._letters = [name for name in self._names if name.letters]
        self._found: _DigestCache[Sequence[Place]] = _DigestCache()
        self._possible: _DigestCache[bool] = _DigestCache()

    def __bool__(self) -> bool:
        return bool(self._names)

    def find(self, text: str) -> Sequence[Place]:
        """Return the places of all names in a text, in reading order; those of several names can overlap."""
        return self._found.get_or_find(text, self._find)

    def _find(self, text: str) -> Sequence[Place]:
        names = self._possible_names(text)
        if not names:
            return ()
        found = set(_find_places(text, None, names))
        if may_be_encoded(rough_text(text)) and is_encoded(text):
            found.update(_find_places(text, decode_text(text), names))
        return sorted(found)

    def may_name(self, texts: Iterable[str]) -> bool:
        """Return whether a name can stand in one of some texts; False is certain."""
        return self._possible.get_or_find("\n".join(texts), lambda text: bool(self._possible_names(text)))

    def mask(self, text: str) -> str:
        """Return a text with a block for each code point of a name; its length stays."""
        places = self.find(text)
        return mask_ranges(text, places) if places else text

    def _possible_names(self, text: str) -> list[NamePattern]:
        """Return the names of which a text has all words; nearly every text has none."""
        rough, plain = rough_text(text), text
        if may_be_encoded(rough):
            plain = f"{text}\n{decode_plain(text)}"
            rough = rough_text(plain)
        letters = rough_letters(rough)
        words = letters.split()
        found = list(self._signs)
        if self._others and OTHER_SCRIPTS.search(plain):
            folded = fold_chars(plain)
            found += (name for name in self._others if all(run in folded for run in name.runs))
        if not self._keys.isdisjoint(words):
            known = frozenset(words)
            keys = self._keys & known
            named = dict.fromkeys(name for key in sorted(keys) for name in self._by_key[key])
            found += (name for name in named if not any(map(known.isdisjoint, name.keys)))
        if self._letters and _LETTERS_APART.search(b" %b " % letters):
            found += (name for name in self._letters if not any(map(frozenset(words).isdisjoint, name.keys)))
        return found


def _rarity(keys: frozenset[bytes]) -> tuple[int, int]:
    """Return how rare a word is in texts: the longer the rarer, and some letters seldom stand alone."""
    longest = max(keys, key=len)
    return len(longest), _LONE_LETTERS.find(longest)


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


def _find_places(text: str, reading: Reading | None, names: Iterable[NamePattern]) -> Iterator[Place]:
    """Yield the places of names in a text, as it is read; None reads each character as it stands."""
    chars = text if reading is None else reading.text
    own = [(name.owner, name.pattern) for name in names]
    for start, end, owner in _find_patterns(chars, FOLDS, own):
        yield _place(text, reading, start, end, owner)
    if has_other_alphabet(chars):
        foreign = [(name.owner, name.foreign) for name in names if name.foreign]
        for start, end, owner in _find_patterns(chars, LATIN, foreign):
            if not is_latin(chars[start:end]):
                yield _place(text, reading, start, end, owner)


def _find_patterns(chars: str, folds: Mapping[str, str], patterns: Iterable[tuple[str, str]]) -> list[Place]:
    """Return where patterns stand in folded characters, in places of the characters."""
    parts = None if chars.isascii() else list(map(folds.__getitem__, chars))
    folded = chars.lower() if parts is None else "".join(parts)
    if folds is LATIN:
        folded = folded.replace("y", "i")
    found = [
        (match.start(), match.end() - 1, owner)
        for owner, pattern in patterns
        for match in _compiled(pattern).finditer(folded)
    ]
    if not found or parts is None:
        return [Place(start, last + 1, owner) for start, last, owner in found]
    ends = list(accumulate(map(len, parts)))
    return [Place(bisect(ends, start), bisect(ends, last) + 1, owner) for start, last, owner in found]


def _place(text: str, reading: Reading | None, start: int, end: int, owner: str) -> Place:
    """Return a place of a reading in the text, with the signs that belong to its last letter."""
    if reading is not None:
        start, end = reading.starts[start], reading.ends[end - 1]
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return Place(start, end, owner)


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern that is compiled when a text first has its words: most names stand in no text."""
    return re.compile(pattern)
