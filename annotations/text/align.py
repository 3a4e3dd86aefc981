"""What becomes of the spans of a text when a corrected one takes its place.

A span that lies in an equal part of both texts is carried; silently only if its sentence is the same, since
"said" for "denied" turns a claim round. For any other there is a proposal at most. A span is never looked
for by its words, but in text that was inserted: that is how it would land on a look-alike.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from annotations.exceptions import EmptySnapError
from annotations.text.diff import Block, Mapping, Op, mapping
from annotations.text.edges import snap_range
from annotations.text.ranges import Range
from annotations.text.sentences import Sentences

__all__ = ["CARRIED", "SILENT", "Block", "CarriedSpan", "CarryStatus", "Mapping", "Op", "carry", "mapping"]

MIN_MOVED = 20
"""The shortest quote that is looked for elsewhere: shorter words stand in many places by chance."""
_MAX_GROWTH = 3


class CarryStatus(StrEnum):
    """What becomes of a span in a new text; the first that fits."""

    EXACT = "exact"
    SHIFTED = "shifted"
    TOUCHED = "touched"
    UNCERTAIN = "uncertain"
    MOVED = "moved"
    LOST = "lost"


SILENT = frozenset({CarryStatus.EXACT, CarryStatus.SHIFTED})
"""The statuses of spans that nobody needs to look at: their words and their sentences are the same."""
CARRIED = SILENT | {CarryStatus.TOUCHED}
"""The statuses of spans that stand in the new text."""


# a look-up in an enum takes as long as one in a text
_EXACT, _SHIFTED, _TOUCHED = CarryStatus.EXACT, CarryStatus.SHIFTED, CarryStatus.TOUCHED


class CarriedSpan(NamedTuple):
    """The place of a span in the new text: where it is carried to, or what is proposed, or nothing."""

    status: CarryStatus
    place: Range | None


def carry(texts: Mapping, spans: Sequence[Range]) -> list[CarriedSpan]:
    """Return what becomes of each span of the old text in the new one."""
    if texts.old == texts.new:
        return [CarriedSpan(CarryStatus.EXACT, where) for where in spans]
    carrier = _Carrier(texts)
    carried = [carrier.carry(where) for where in spans]
    carrier.taken = [each.place for each in carried if each is not None and each.place is not None]
    return [each or carrier.propose(where) for where, each in zip(spans, carried, strict=True)]


class _Carrier:
    """The look-ups that all spans of one alignment share."""

    def __init__(self, texts: Mapping) -> None:
        self.old, self.new = texts.old, texts.new
        self.blocks = texts.blocks
        self.equal = texts.equal_blocks
        self.starts = [block.start for block in self.equal]
        self.sentences, self.new_sentences = texts.sentences, texts.new_sentences
        self.taken: Sequence[Range] = ()
        # many spans may lie in the lines of one long sentence
        self._judged: dict[tuple[int, int, int, int], bool] = {}

    @cached_property
    def new_starts(self) -> list[int]:
        """Where the equal blocks begin in the new text."""
        return [block.new_start for block in self.equal]

    @cached_property
    def inserted(self) -> list[Range]:
        """The ranges of inserted text."""
        return list(_inserted_areas(self.blocks))

    @cached_property
    def occupied(self) -> list[Range]:
        """The places of carried spans, in order."""
        return _merge_ranges(self.taken)

    @cached_property
    def unique(self) -> list[bool]:
        """Whether each old sentence stands once in both texts."""
        counts, new_counts = self.sentences.counts, self.new_sentences.counts
        return [counts[words] == 1 == new_counts[words] for words in self.sentences.quotes]

    def carry(self, where: Range) -> CarriedSpan | None:
        """Return the place of a span that lies in an equal block; None for any other."""
        block = self._block_around(where.start, where.end)
        if block is None:
            return None
        shift = block.new_start - block.start
        place = Range(where.start + shift, where.end + shift)
        if not self._is_same_sentence(where, place, block):
            return CarriedSpan(_TOUCHED, place)
        return CarriedSpan(_SHIFTED if shift else _EXACT, place)

    def _is_same_sentence(self, where: Range, place: Range, block: Block) -> bool:
        """Return whether the sentences around a span are the same, and no others could be meant."""
        old, new = self.sentences, self.new_sentences
        ours, theirs = old.indices_of(where.start, where.end), new.indices_of(place.start, place.end)
        start, end = _range_of_sentences(old, where, ours)
        new_start, new_end = _range_of_sentences(new, place, theirs)
        if start - where.start != new_start - place.start or end - where.end != new_end - place.end:
            return False
        is_within = block.start <= start and end <= block.end
        if not is_within and self.old[start:end] != self.new[new_start:new_end]:
            return False
        return self._is_same_around(ours, theirs)

    def _is_same_around(self, ours: tuple[int, int], theirs: tuple[int, int]) -> bool:
        """Return whether sentences go on from and into the same ones in other lines, however these end."""
        old, new = self.sentences, self.new_sentences
        (first, last), (new_first, new_last) = whole, new_whole = old.join(ours), new.join(theirs)
        if ours[0] - first != theirs[0] - new_first:
            return False
        key = (first, last, new_first, new_last)
        if key not in self._judged:
            is_same = old.quotes[first : last + 1] == new.quotes[new_first : new_last + 1]
            self._judged[key] = is_same and self._is_distinct(whole, new_whole)
        return self._judged[key]

    def _is_distinct(self, ours: tuple[int, int], theirs: tuple[int, int]) -> bool:
        """Return whether the sentences of a span cannot be taken for equal ones elsewhere.

        Where one of two equal sentences was deleted or moved, no alignment can say which; unless the
        neighbours that came along tell them apart.
        """
        if not len(self.sentences):
            return True
        (first, last), (new_first, new_last) = ours, theirs
        if any(self.unique[first : last + 1]):
            return True
        before = first == 0 or self._came_along(first - 1, new_first - 1, (first - 1, first))
        is_last = last + 1 == len(self.sentences)
        return before and (is_last or self._came_along(last + 1, new_last + 1, (last, last + 1)))

    def _came_along(self, index: int, new_index: int, pair: tuple[int, int]) -> bool:
        """Return whether a neighbour is the same sentence in the new text, and the pair as frequent there."""
        old, new = self.sentences, self.new_sentences
        if not 0 <= new_index < len(new):
            return False
        start, end = old.edges(index)
        block = self._block_around(start, end)
        if block is None:
            return False
        shift = block.new_start - block.start
        words = old.quote(pair[0]), old.quote(pair[1])
        return new.edges(new_index) == (start + shift, end + shift) and old.pairs[words] == new.pairs[words]

    def _block_around(self, start: int, end: int) -> Block | None:
        index = bisect_right(self.starts, start) - 1
        return None if index < 0 or self.equal[index].end < end else self.equal[index]

    def propose(self, where: Range) -> CarriedSpan:
        """Return the proposal for a span that does not lie in an equal block, if there is one."""
        survivor = self._find_survivor(where)
        if survivor is not None:
            return CarriedSpan(CarryStatus.UNCERTAIN, _snap(self.new, survivor))
        moved = self._find_moved(where)
        if moved is not None:
            return CarriedSpan(CarryStatus.MOVED, moved)
        return CarriedSpan(CarryStatus.LOST, None)

    def _find_survivor(self, where: Range) -> Range | None:
        """Return where what survives of a span stands: half of its characters, or both of its ends."""
        pieces: list[tuple[int, int, int]] = []
        index = max(0, bisect_right(self.starts, where.start) - 1)
        while index < len(self.equal) and self.equal[index].start < where.end:
            block = self.equal[index]
            start, end = max(where.start, block.start), min(where.end, block.end)
            if start < end and not self.old[start:end].isspace():
                pieces.append((start, end, block.new_start - block.start))
            index += 1
        if not pieces:
            return None
        whole = Range(pieces[0][0] + pieces[0][2], pieces[-1][1] + pieces[-1][2])
        near = whole.length <= _MAX_GROWTH * where.length
        both_ends = near and (pieces[0][0], pieces[-1][1]) == (where.start, where.end)
        if not both_ends and 2 * sum(end - start for start, end, _ in pieces) < where.length:
            return None
        start, end, shift = max(pieces, key=lambda piece: piece[1] - piece[0])
        return whole if near else Range(start + shift, end + shift)

    def _find_moved(self, where: Range) -> Range | None:
        """Return the only place in inserted text where the words of a span stand, if nothing is there."""
        if where.length < MIN_MOVED:
            return None
        quote = where.quote(self.old)
        places: list[Range] = []
        for area in self.inserted:
            at = self.new.find(quote, area.start, area.end)
            while at >= 0 and len(places) < 2:
                if 2 * self._equal_length(at, at + len(quote)) < len(quote):
                    places.append(Range(at, at + len(quote)))
                at = self.new.find(quote, at + 1, area.end)
        if len(places) != 1:
            return None
        following = bisect_right(self.occupied, places[0])
        beside = self.occupied[max(0, following - 1) : following + 1]
        return None if any(places[0].overlaps(other) for other in beside) else places[0]

    def _equal_length(self, start: int, end: int) -> int:
        """Return how much of a range of the new text stood in the old one, at this place."""
        index = max(0, bisect_right(self.new_starts, start) - 1)
        total = 0
        while index < len(self.equal) and self.equal[index].new_start < end:
            block = self.equal[index]
            total += max(0, min(end, block.new_end) - max(start, block.new_start))
            index += 1
        return total


def _range_of_sentences(sentences: Sentences, where: Range, indices: tuple[int, int]) -> tuple[int, int]:
    if not len(sentences):
        return where.start, where.end
    start, end = sentences.edges(indices[0])[0], sentences.edges(indices[1])[1]
    return min(where.start, start), max(where.end, end)


def _inserted_areas(blocks: Sequence[Block]) -> Iterator[Range]:
    """Yield the ranges of inserted text; words that stayed by chance do not divide them."""
    area: Range | None = None
    for block in blocks:
        if block.op is Op.EQUAL and block.new_end - block.new_start >= MIN_MOVED:
            if area:
                yield area
            area = None
        elif block.op is not Op.EQUAL and block.new_start < block.new_end:
            area = Range(area.start if area else block.new_start, block.new_end)
    if area:
        yield area


def _merge_ranges(ranges: Sequence[Range]) -> list[Range]:
    """Return ranges in order, those that overlap as one."""
    merged: list[Range] = []
    for each in sorted(ranges):
        if merged and each.start < merged[-1].end:
            merged[-1] = Range(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(each)
    return merged


def _snap(text: str, where: Range) -> Range:
    """Return a proposal with its edges at letters; as it is where it has none."""
    try:
        return snap_range(text, where)
    except EmptySnapError:
        return where
