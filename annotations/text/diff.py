"""Two texts of one article, aligned.

The alignment goes down in steps: lines, then sentences, then words. In each step the units that are unique
in both texts are the anchors (the longest chain of them that keeps its order), and only what lies between
two anchors goes to the next step; so a deleted paragraph never lands on one that looks like it. Words, and
the gaps between them, are compared by their longest common subsequence. All offsets are code points, all
ranges half-open.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq, Postfix, Prefix

from annotations.text.ranges import Range
from annotations.text.sentences import Sentences
from annotations.text.tokens import split_words

MAX_TOKEN_PAIRS = 1_000_000_000
"""The largest run that is compared word by word: a tenth of a gigabyte, and a third of a second."""
MAX_PAIRS = 3 * MAX_TOKEN_PAIRS
"""What two texts may cost word by word: those made for it have a hundred runs, each as large as it may be."""
_MAX_LEVELS = 8
"""How often a run is divided at anchors: texts made for it would reveal them one by one."""


class Op(StrEnum):
    """What a block says of its two ranges."""

    EQUAL = "equal"
    REPLACE = "replace"
    INSERT = "insert"
    DELETE = "delete"


class Block(NamedTuple):
    """A range of the old text and the range of the new one that stands in its place."""

    op: Op
    start: int
    end: int
    new_start: int
    new_end: int


@dataclass(frozen=True)
class Mapping:
    """The alignment of two texts. The blocks cover both without gaps."""

    sentences: Sentences
    new_sentences: Sentences
    blocks: tuple[Block, ...]

    @property
    def old(self) -> str:
        """The text before."""
        return self.sentences.text

    @property
    def new(self) -> str:
        """The text after."""
        return self.new_sentences.text

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the blocks and of both texts: what an approval by equivalence rests on."""
        texts = [hashlib.sha256(text.encode()).hexdigest() for text in (self.old, self.new)]
        content = json.dumps([texts, self.blocks], separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

    @cached_property
    def equal_blocks(self) -> list[Block]:
        """The blocks in which both texts are the same."""
        equal = Op.EQUAL
        return [block for block in self.blocks if block.op is equal]


def mapping(old: str, new: str) -> Mapping:
    """Return the alignment of two texts."""
    texts = Sentences(old), Sentences(new)
    pairs = _join_pairs(_Aligner(*texts).align_all())
    return Mapping(*texts, tuple(_build_blocks(pairs, len(old), len(new))))


#: A part of both texts that is the same: its start in the old one, its start in the new one, its length.
_Pair = tuple[int, int, int]

_LINE_END = re.compile(r"(\r\n|\r|\n)")


class _Units(NamedTuple):
    """What one step compares: the words of each unit, and where it starts; one more start than units."""

    keys: list[str]
    starts: list[int]


def _split_lines(text: Sentences, where: Range) -> _Units:
    """Return the lines with their ends as units of their own, so that CRLF for LF changes only those."""
    return _units([part for part in _LINE_END.split(where.quote(text.text)) if part], where)


def _split_sentences(text: Sentences, where: Range) -> _Units:
    """Return the sentences of whole lines, and what stands between them."""
    # where sentences stand side by side, one begins where the other ends
    starts = list(dict.fromkeys([where.start, *text.edges_within(where.start, where.end), where.end]))
    return _Units([text.text[start:end] for start, end in pairwise(starts)], starts)


def _split_tokens(text: Sentences, where: Range) -> _Units:
    return _units(split_words(where.quote(text.text)), where)


def _units(keys: list[str], where: Range) -> _Units:
    return _Units(keys, list(accumulate(map(len, keys), initial=where.start)))


_STEPS: Sequence[Callable[[Sentences, Range], _Units]] = (_split_lines, _split_sentences, _split_tokens)


class _Aligner:
    """The steps down from two texts to their words, and how many pairs of words may still be compared."""

    def __init__(self, old: Sentences, new: Sentences) -> None:
        self.old, self.new = old, new
        self._pairs_left = MAX_PAIRS

    def align_all(self) -> Iterator[_Pair]:
        """Yield the equal parts of both texts in their order; lines at both ends need not be taken apart."""
        old, new = self.old.text, self.new.text
        head, tail = _common_lines(old, new)
        yield 0, 0, head
        yield from self.align(Range(head, len(old) - tail), Range(head, len(new) - tail), 0)
        yield len(old) - tail, len(new) - tail, tail

    def align(self, a: Range, b: Range, step: int) -> Iterator[_Pair]:
        """Yield the equal parts of two ranges in their order."""
        if step == len(_STEPS) - 1:
            head, tail = _common_words(a.quote(self.old.text), b.quote(self.new.text))
            yield a.start, b.start, head
            inner = Range(a.start + head, a.end - tail), Range(b.start + head, b.end - tail)
            yield from self._align_units(*inner, step)
            yield a.end - tail, b.end - tail, tail
        else:
            yield from self._align_units(a, b, step)

    def _align_units(self, a: Range, b: Range, step: int) -> Iterator[_Pair]:
        if a.start == a.end or b.start == b.end:
            return
        units, others = _STEPS[step](self.old, a), _STEPS[step](self.new, b)
        run = (0, len(units.keys), 0, len(others.keys))
        is_last = step == len(_STEPS) - 1
        may_compare = self._may_compare if is_last else _never
        for i, i_end, j, j_end in _match_units(units.keys, others.keys, run, may_compare):
            start, end = units.starts[i], units.starts[i_end]
            new_start, new_end = others.starts[j], others.starts[j_end]
            if i_end - i == j_end - j and units.keys[i:i_end] == others.keys[j:j_end]:
                yield start, new_start, end - start
            elif not is_last:
                yield from self.align(Range(start, end), Range(new_start, new_end), step + 1)

    def _may_compare(self, pairs: int) -> bool:
        """Return whether so many pairs of words are compared; what is found is the same each time."""
        if pairs > min(MAX_TOKEN_PAIRS, self._pairs_left):
            return False
        self._pairs_left -= pairs
        return True


def _never(_: int) -> bool:
    return False


#: How far back from a difference a word is looked for at which texts can be cut.
_MAX_WORD = 60


def _common_words(old: str, new: str) -> tuple[int, int]:
    """Return the lengths of a head and of a tail of both texts that are whole words with white space.

    What is found here need not be taken apart. The tail is left alone where it may overlap the head.
    """
    same = Prefix.similarity(old, new)
    head = next((at for at in range(same, max(0, same - _MAX_WORD), -1) if _begins_word(old, new, at)), 0)
    rest = min(len(old), len(new)) - same
    ends = min(rest, Postfix.similarity(old, new))
    if ends == rest:
        return head, 0
    sizes = range(ends, max(0, ends - _MAX_WORD), -1)
    return head, next((size for size in sizes if _ends_word(old, new, size)), 0)


def _common_lines(old: str, new: str) -> tuple[int, int]:
    """Return the lengths of a head and of a tail of both texts that are whole lines with their ends."""
    head = old.rfind("\n", 0, Prefix.similarity(old, new)) + 1
    ends = min(len(old) - head, len(new) - head, Postfix.similarity(old, new))
    at = old.find("\n", len(old) - ends)
    return head, 0 if at < 0 else len(old) - at - 1


def _begins_word(old: str, new: str, at: int) -> bool:
    return old[at - 1].isspace() and old[at : at + 1].isalnum() and new[at : at + 1].isalnum()


def _ends_word(old: str, new: str, size: int) -> bool:
    first = old[-size]
    return first.isspace() and old[-size - 1 : -size].isalnum() and new[-size - 1 : -size].isalnum()


#: A run of units: from, to in the old list; from, to in the new one.
_Run = tuple[int, int, int, int]


def _match_units(
    keys: list[str], others: list[str], run: _Run, may_compare: Callable[[int], bool]
) -> Iterator[_Run]:
    """Yield runs that follow one another: equal ones, and those between them, where both have something.

    A stack and no recursion: a text may have as many anchors within anchors as it has lines.
    """
    waiting = [(run, 0)]
    while waiting:
        (i, i_end, j, j_end), level = waiting.pop()
        head, tail = _common_ends(keys, others, (i, i_end, j, j_end))
        if head:
            yield i, i + head, j, j + head
        if tail:
            waiting.append(((i_end - tail, i_end, j_end - tail, j_end), level))
        inner = (i + head, i_end - tail, j + head, j_end - tail)
        if inner[0] == inner[1] or inner[2] == inner[3]:
            continue
        if may_compare((inner[1] - inner[0]) * (inner[3] - inner[2])):
            parts = list(_common_subsequence(keys, others, inner))
        else:
            parts = _split_at_anchors(keys, others, inner) if level < _MAX_LEVELS else []
        if parts:
            waiting += [(part, level + 1) for part in reversed(parts)]
        else:
            yield inner


def _common_ends(keys: list[str], others: list[str], run: _Run) -> tuple[int, int]:
    """Return how many units at the head and at the tail of a run are the same."""
    i, i_end, j, j_end = run
    shorter = min(i_end - i, j_end - j)
    head = 0
    while head < shorter and keys[i + head] == others[j + head]:
        head += 1
    tail = 0
    while tail < shorter - head and keys[i_end - tail - 1] == others[j_end - tail - 1]:
        tail += 1
    return head, tail


def _common_subsequence(keys: list[str], others: list[str], run: _Run) -> Iterator[_Run]:
    i, i_end, j, j_end = run
    for code in LCSseq.opcodes(keys[i:i_end], others[j:j_end]):
        if code.tag == "equal" and not "".join(keys[i + code.src_start : i + code.src_end]).isspace():
            yield i + code.src_start, i + code.src_end, j + code.dest_start, j + code.dest_end


def _split_at_anchors(keys: list[str], others: list[str], run: _Run) -> list[_Run]:
    """Return the parts of a run, each but the first beginning with a unit that is unique in both texts."""
    i, i_end, j, j_end = run
    ours, theirs = keys[i:i_end], others[j:j_end]
    if set(ours).isdisjoint(theirs):
        return []
    unique = _unique_units(ours) & _unique_units(theirs)
    if not unique:
        return []
    places = {key: place for place, key in enumerate(theirs, j) if key in unique}
    chain = _longest_chain([(at, places[key]) for at, key in enumerate(ours, i) if key in unique])
    edges = [(i, j), *chain, (i_end, j_end)]
    parts = [(a, b, c, d) for (a, c), (b, d) in pairwise(edges)]
    return [part for part in parts if part[0] < part[1] and part[2] < part[3]]


def _unique_units(keys: list[str]) -> set[str]:
    """Return the units that occur once. White space is never an anchor."""
    return {key for key, count in Counter(keys).items() if count == 1 and not key.isspace()}


def _longest_chain(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest chain of pairs in which both numbers grow; the first ones grow already."""
    ends: list[int] = []
    last_of: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last_of[length - 1] if length else -1)
        if length == len(ends):
            ends.append(place)
            last_of.append(number)
        else:
            ends[length], last_of[length] = place, number
    chain: list[tuple[int, int]] = []
    number = last_of[-1] if last_of else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _join_pairs(pairs: Iterator[_Pair]) -> Iterator[_Pair]:
    """Join the equal parts that follow one another without a gap in either text."""
    current: _Pair | None = None
    for start, new_start, length in pairs:
        if not length:
            continue
        if current and (current[0] + current[2], current[1] + current[2]) == (start, new_start):
            current = (current[0], current[1], current[2] + length)
            continue
        if current:
            yield current
        current = (start, new_start, length)
    if current:
        yield current


def _build_blocks(pairs: Iterator[_Pair], length: int, new_length: int) -> Iterator[Block]:
    at = new_at = 0
    for start, new_start, size in pairs:
        yield from _difference(at, start, new_at, new_start)
        yield Block(Op.EQUAL, start, start + size, new_start, new_start + size)
        at, new_at = start + size, new_start + size
    yield from _difference(at, length, new_at, new_length)


def _difference(start: int, end: int, new_start: int, new_end: int) -> Iterator[Block]:
    if start == end and new_start == new_end:
        return
    op = Op.INSERT if start == end else Op.DELETE if new_start == new_end else Op.REPLACE
    yield Block(op, start, end, new_start, new_end)
