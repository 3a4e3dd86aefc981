"""Near-copies: whether two articles are one text, told by runs of four words that both have.

Each run (shingle) of four folded words is hashed. Of the hashes one in sixteen is kept: the same ones in
every text, so that what two texts keep in common tells how much of the smaller stands in the larger, without
reading either. Texts that keep something in common are compared exactly. Containment and not likeness is
measured, so that a story which somebody cut to a third is found.

What stands in more than ``MAX_ARTICLES`` articles, such as a legal notice below each of them, does not count.

Two kinds of texts share much and are none the less two: those that stand beside the same release or notice,
and reports of one pattern with other figures. They are proposed only.
"""

from __future__ import annotations

import math
import re
import sys
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from annotations.text.folding import fold_text
from annotations.text.tokens import find_words, read_by_piece

SHINGLE_WORDS = 4
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
#: Figures tell reports of one kind apart, such as of two match days or two days of a market: in a copy at
#: least half of them are the same. Fewer figures than these tell nothing.
MIN_FIGURES, MIN_EQUAL_FIGURES = 5, 0.5
#: How much of what is not shared stands in one run, where the text is another one beside a shared part; and
#: how many shingles have to be shared in one run to be more than a phrase that comes by chance.
MIN_OWN, MIN_PHRASE = 0.9, 12


_SEPARATORS = re.compile(r"[.,'’]")
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

    ``digest`` is the same for texts of the same folded words, and "" for a text without words. ``figures``
    are the words that begin with a digit, however thousands are divided in them.
    """

    words: int
    digest: str
    hashes: Sequence[int]
    figures: frozenset[str] = frozenset()

    @classmethod
    def of_text(cls, text: str) -> Shingles:
        """Return the shingles of a text."""
        words = folded_words(text)
        digest = blake2b(" ".join(words).encode(), digest_size=16).hexdigest() if words else ""
        hashes = _hash_shingles(words)
        once = dict.fromkeys(hashes)
        return cls(
            len(words),
            digest,
            hashes if len(once) == len(hashes) else array("Q", once),
            frozenset(_SEPARATORS.sub("", word) for word in set(words) if word[0].isdigit()),
        )

    @cached_property
    def kept(self) -> list[int]:
        """The hashes by which copies are looked for; none for a text that is too short for it."""
        if self.words < MIN_WORDS:
            return []
        return [hash for hash in self.hashes if hash < KEPT_BELOW]


def folded_words(text: str) -> list[str]:
    """Return the words of a text, in which case, accents and invisible signs make no difference."""
    return _read_folded(text)


@read_by_piece
def _read_folded(piece: str) -> tuple[str, ...]:
    # a letter in compatibility form may unfold into words
    return tuple(" ".join(map(fold_text, find_words(piece))).split())


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
    encoded = list(map(str.encode, words))
    runs = zip(*(encoded[start:] for start in range(SHINGLE_WORDS)), strict=False)
    digests = [blake2b(shingle, digest_size=8).digest() for shingle in map(b" ".join, runs)]
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


def least_shared(kept: int) -> float:
    """Return how many hashes a promising text shares, boilerplate or not, at least; grows with ``kept``."""
    return min(_least_promising(kept))


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
    smaller, larger = sorted((left, right), key=lambda text: (len(text.hashes), text.digest))
    known = set(larger.hashes)
    flags = [hash in known for hash in smaller.hashes]
    everything = sum(flags)
    if everything < MIN_SHARED:
        return Overlap(Likeness.NONE, _round(everything / len(flags)), everything)
    widespread = find_widespread(smaller.kept)
    runs = list(_find_runs(smaller.hashes, flags, widespread))
    found = _judge(sum(run.rare for run in runs if run.is_shared), sum(run.rare for run in runs))
    is_nearly_all = everything >= MIN_WIDESPREAD * len(flags)
    if found.likeness != Likeness.COPY and widespread and is_nearly_all:
        found = Overlap(Likeness.COPY, _round(everything / len(flags)), everything)
    has_own_text = _is_beside_own_text(runs) and (widespread or not is_nearly_all)
    if found.likeness is Likeness.COPY and (has_own_text or not _has_figures(smaller, larger)):
        return found._replace(likeness=Likeness.PROPOSED)
    return found


def _is_beside_own_text(found: Sequence[_Run]) -> bool:
    """Return whether what is shared stands before or behind a text of its own, long enough to be one.

    So stands the release that two papers print, each with a report of its own, and what a house writes below
    a short report. A paper that shortens, changes or completes a story shares more, or in more places.
    """
    # a phrase that both have by chance divides nothing
    long = [(run.is_shared and run.length >= MIN_PHRASE, run) for run in found]
    runs = [
        (is_shared, sum(run.length if is_shared else run.rare for _, run in same))
        for is_shared, same in groupby(long, itemgetter(0))
    ]
    own = max((length for is_shared, length in runs if not is_shared), default=0)
    if own < max(MIN_WORDS, MIN_OWN * sum(run.rare for run in found if not run.is_shared)):
        return False
    at = runs.index((False, own))
    before, behind = (
        sum(length for is_shared, length in side if is_shared) for side in (runs[:at], runs[at + 1 :])
    )
    return min(before, behind) < MIN_SHARED


def _has_figures(smaller: Shingles, larger: Shingles) -> bool:
    """Return whether the figures of a text are those of another one, as far as it has enough of them."""
    figures = smaller.figures
    return len(figures) < MIN_FIGURES or len(figures & larger.figures) >= MIN_EQUAL_FIGURES * len(figures)


def _judge(shared: int, total: int) -> Overlap:
    containment = shared / total if total else 0.0
    likeness = Likeness.NONE
    if shared >= MIN_SHARED and containment >= MIN_PROPOSED:
        likeness = Likeness.COPY if containment >= MIN_CONTAINMENT else Likeness.PROPOSED
    return Overlap(likeness, _round(containment), shared)


def _round(containment: float) -> float:
    """Return a containment with three digits, rounded down, so that no shown value lies about a bound."""
    return math.floor(containment * 1_000) / 1_000


class _Run(NamedTuple):
    """Shingles side by side that are all shared, or all not, and how many of them are no boilerplate."""

    is_shared: bool
    length: int
    rare: int


def _find_runs(hashes: Sequence[int], flags: Sequence[bool], widespread: set[int]) -> Iterator[_Run]:
    """Yield the runs of a text.

    Of most hashes nobody knows in how many articles they are. One counts as the nearest kept one does in its
    run; a run without a kept one counts.
    """
    for is_shared, run in groupby(range(len(hashes)), key=flags.__getitem__):
        places = list(run)
        kept = [place for place in places if hashes[place] < KEPT_BELOW] if widespread else []
        rare = len(places)
        for at, place in enumerate(kept):
            if hashes[place] in widespread:
                first = (kept[at - 1] + place) // 2 + 1 if at else places[0]
                last = (place + kept[at + 1]) // 2 if at + 1 < len(kept) else places[-1]
                rare -= last - first + 1
        yield _Run(is_shared, len(places), rare)
