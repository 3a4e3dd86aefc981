"""Near-copies: whether two articles are one text, told by runs of four words that both have.

Each run (shingle) of four folded words is hashed. Of the hashes one in sixteen is kept: the same ones in
every text, so that what two texts keep in common tells how much of the smaller stands in the larger, without
reading either. Texts that keep something in common are compared exactly. Containment and not likeness is
measured, so that a story which somebody cut to a third is found.

What stands in more than ``MAX_ARTICLES`` articles, such as a legal notice below each of them, does not count.
"""

from __future__ import annotations

import math
import re
import sys
from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from hashlib import blake2b
from itertools import accumulate, groupby
from typing import NamedTuple

from annotations.text.folding import fold_text
from annotations.text.tokens import find_words

SHINGLE_WORDS = 4
#: How many different words are remembered as they are folded: those of a language repeat.
_REMEMBERED = 65_536
#: Hashes have 64 bits, of which those below this are kept: one in sixteen.
KEPT_BELOW = 2**64 // 16
#: The share of the smaller text that a copy has in common with the larger, and what is only proposed.
MIN_CONTAINMENT, MIN_PROPOSED = 0.6, 0.5
MIN_SHARED = 30
#: Shorter texts are copies only if they are equal.
MIN_WORDS = 60
#: A hash in more articles than these is boilerplate …
MAX_ARTICLES = 200
#: … unless hardly anything else is in the text: a story that more articles than these have copied.
MIN_WIDESPREAD = 0.8


_SENTENCE_END = re.compile(r"[\r\n\u2028\u2029]+|(?<=[.!?…])[\"'’”»)\]]*\s+|(?<=[。！？؟।])")


class Likeness(StrEnum):
    """What two texts are to each other."""

    COPY = "copy"
    PROPOSED = "proposed"
    NONE = "none"


class Overlap(NamedTuple):
    """How much two texts share: the shingles that count, and their share of the smaller text."""

    likeness: Likeness
    containment: float
    shared: int


EQUAL = Overlap(Likeness.COPY, 1.0, 0)


@dataclass(frozen=True)
class Shingles:
    """The shingles of a text as hashes, each once, in the order of the text.

    ``digest`` is the same for texts of the same folded words, and "" for a text without words.
    """

    words: int
    digest: str
    hashes: Sequence[int]

    @classmethod
    def of_text(cls, text: str) -> Shingles:
        """Return the shingles of a text."""
        words = folded_words(text)
        digest = blake2b(" ".join(words).encode(), digest_size=16).hexdigest() if words else ""
        hashes = _hash_shingles(words)
        once = dict.fromkeys(hashes)
        return cls(len(words), digest, hashes if len(once) == len(hashes) else array("Q", once))

    @cached_property
    def kept(self) -> list[int]:
        """The hashes by which copies are looked for; none for a text that is too short for it."""
        if self.words < MIN_WORDS:
            return []
        return [hash for hash in self.hashes if hash < KEPT_BELOW]


def folded_words(text: str) -> list[str]:
    """Return the words of a text, in which case, accents and invisible signs make no difference."""
    # a letter in compatibility form may unfold into words
    return " ".join(map(_fold_word, find_words(text))).split()


@lru_cache(_REMEMBERED)
def _fold_word(word: str) -> str:
    return fold_text(word)


class Differences(NamedTuple):
    """The sentences that only one of two texts has, each once, in the order of that text."""

    added: list[str]
    missing: list[str]


def find_differences(lead: str, copy: str) -> Differences:
    """Return the sentences that a copy has and the lead has not, and the other way round."""
    ours, theirs = _sentences_by_words(lead), _sentences_by_words(copy)
    return Differences(
        [text for words, text in theirs.items() if words not in ours],
        [text for words, text in ours.items() if words not in theirs],
    )


def _sentences_by_words(text: str) -> dict[tuple[str, ...], str]:
    """Return the sentences by their folded words; what has no words is no sentence."""
    found: dict[tuple[str, ...], str] = {}
    for part in _SENTENCE_END.split(text):
        if words := tuple(folded_words(part)):
            found.setdefault(words, part.strip())
    return found


def _hash_shingles(words: Sequence[str]) -> array[int]:
    """Return the hash of each shingle; an array takes a fifth of the memory of a tuple."""
    encoded = [word.encode() for word in words]
    joined = b" ".join(encoded)
    starts = list(accumulate((len(word) + 1 for word in encoded), initial=0))
    ends = starts[SHINGLE_WORDS:]
    digests = [
        blake2b(joined[start : end - 1], digest_size=8).digest()
        for start, end in zip(starts, ends, strict=False)
    ]
    hashes = array("Q", b"".join(digests))
    if sys.byteorder == "little":
        hashes.byteswap()
    return hashes


def is_promising(shared: int, widespread: int, kept: int) -> bool:
    """Return whether the kept hashes of two texts leave it open that one is a copy of the other.

    ``shared`` count, ``widespread`` are boilerplate, ``kept`` has the smaller text. The bounds lie two and
    a half standard deviations of the sample below what a copy has to share.
    """
    least, least_together = _least_promising(kept)
    return shared >= least or shared + widespread >= least_together


@cache
def _least_promising(kept: int) -> tuple[float, float]:
    """Return how many hashes a copy has to share, and how many together with boilerplate."""
    root = math.sqrt(kept)
    return max(1, MIN_CONTAINMENT * kept - 1.22 * root), max(1, MIN_WIDESPREAD * kept - root)


def compare(
    left: Shingles, right: Shingles, find_widespread: Callable[[Collection[int]], set[int]]
) -> Overlap:
    """Return how much two texts share.

    ``find_widespread`` returns those of some kept hashes that are boilerplate.
    """
    if left.digest and left.digest == right.digest:
        return EQUAL._replace(shared=len(left.hashes))
    if min(left.words, right.words) < MIN_WORDS:
        return Overlap(Likeness.NONE, 0.0, 0)
    smaller, larger = sorted((left, right), key=lambda text: len(text.hashes))
    known = set(larger.hashes)
    flags = [hash in known for hash in smaller.hashes]
    everything = sum(flags)
    if everything < MIN_SHARED:
        return Overlap(Likeness.NONE, _round(everything / len(flags)), everything)
    widespread = find_widespread(smaller.kept)
    if not widespread:
        return _judge(everything, len(flags))
    shared, total = _count_rare(smaller.hashes, flags, widespread)
    found = _judge(shared, total)
    if found.likeness != Likeness.COPY and everything >= MIN_WIDESPREAD * len(flags):
        return Overlap(Likeness.COPY, _round(everything / len(flags)), everything)
    return found


def _judge(shared: int, total: int) -> Overlap:
    containment = shared / total if total else 0.0
    likeness = Likeness.NONE
    if shared >= MIN_SHARED and containment >= MIN_PROPOSED:
        likeness = Likeness.COPY if containment >= MIN_CONTAINMENT else Likeness.PROPOSED
    return Overlap(likeness, _round(containment), shared)


def _round(containment: float) -> float:
    """Return a containment with three digits, rounded down, so that no shown value lies about a bound."""
    return math.floor(containment * 1_000) / 1_000


def _count_rare(hashes: Sequence[int], flags: Sequence[bool], widespread: set[int]) -> tuple[int, int]:
    """Return how many shingles are shared, and how many there are, without those that are boilerplate.

    Of most hashes nobody knows in how many articles they are. One counts as the nearest kept one does in its
    run of shingles that are all shared, or all not; a run without a kept one counts.
    """
    shared = total = 0
    for is_shared, run in groupby(range(len(hashes)), key=flags.__getitem__):
        places = list(run)
        kept = [place for place in places if hashes[place] < KEPT_BELOW]
        number = len(places)
        for at, place in enumerate(kept):
            if hashes[place] in widespread:
                first = (kept[at - 1] + place) // 2 + 1 if at else places[0]
                last = (place + kept[at + 1]) // 2 if at + 1 < len(kept) else places[-1]
                number -= last - first + 1
        total += number
        shared += number if is_shared else 0
    return shared, total
