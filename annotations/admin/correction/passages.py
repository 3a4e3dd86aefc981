"""How two texts are laid out for a reader: rows with what changed, folds of what did not."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from annotations.text.diff import Block, Mapping, Op
from annotations.text.ranges import Range

#: Equal text longer than this is folded, but for so much of it beside each change.
MAX_CONTEXT, CONTEXT = 400, 150
#: So much equal text between two differences makes them one change.
_MAX_GAP = 2
#: So many code points of one change are shown; what lies in the middle of a longer one is left out.
MAX_PIECE = 20_000
#: So many changes stand on one page.
CHANGES_PER_PAGE = 200

_SPACE = re.compile(r"\s")
_LINE_ENDS = re.compile(r"(?:\r\n|\r|\n)+")


class DrawnSpan(NamedTuple):
    """A span as it is drawn: its range and its label."""

    start: int
    end: int
    label: str


class Piece(NamedTuple):
    """A part of a text over which the same marks lie; ``begins`` are the labels of those that begin here."""

    text: str
    labels: tuple[str, ...]
    begins: tuple[str, ...]


class MarkedText:
    """A text with the marks that lie over it."""

    def __init__(self, text: str, marks: Sequence[DrawnSpan]) -> None:
        self.text = text
        self._edges = sorted({0, *(edge for mark in marks for edge in (mark.start, mark.end))})
        self._labels: list[tuple[str, ...]] = []
        self._begins: list[tuple[str, ...]] = []
        starts: dict[int, list[str]] = {}
        ends: dict[int, list[str]] = {}
        for start, end, label in sorted(set(marks)):
            starts.setdefault(start, []).append(label)
            ends.setdefault(end, []).append(label)
        open_labels: list[str] = []
        for edge in self._edges:
            for label in ends.get(edge, ()):
                open_labels.remove(label)
            open_labels += starts.get(edge, ())
            self._labels.append(tuple(sorted(set(open_labels))))
            self._begins.append(tuple(starts.get(edge, ())))

    def pieces(self, start: int, end: int) -> Iterator[Piece]:
        """Yield the parts of a range, each with its marks."""
        index = bisect_right(self._edges, start) - 1
        while start < end:
            following = self._edges[index + 1] if index + 1 < len(self._edges) else end
            begins = self._begins[index] if start == self._edges[index] else ()
            yield Piece(self.text[start : min(end, following)], self._labels[index], begins)
            start, index = min(end, following), index + 1


@dataclass(frozen=True)
class Chunk:
    """A run of one text in a row. ``number`` is that of its change, 0 in equal text."""

    op: Op
    pieces: list[Piece]
    number: int = 0
    is_first: bool = False
    left_out: int = 0


@dataclass
class Row:
    """A paragraph, or a part of one, in both texts."""

    old: list[Chunk] = field(default_factory=list)
    new: list[Chunk] = field(default_factory=list)
    inline: list[Chunk] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        """Whether anything differs."""
        return any(chunk.number for chunk in self.inline)


@dataclass(frozen=True)
class Fold:
    """Unchanged text that the page shows only if it is asked to."""

    pieces: list[Piece]
    length: int


@dataclass(frozen=True)
class Change:
    """Differences that stand together."""

    number: int
    blocks: list[Block]


@dataclass(frozen=True)
class Layout:
    """One page of a comparison: rows and folds in their order, and which of all changes they have."""

    parts: list[Row | Fold]
    first: int
    last: int
    total: int


def find_changes(texts: Mapping) -> list[Change]:
    """Return the changes in their order; what lies between two of them is equal."""
    changes: list[Change] = []
    gap: Block | None = None
    for block in texts.blocks:
        if block.op is Op.EQUAL:
            gap = block
        elif changes and gap is not None and gap.end - gap.start <= _MAX_GAP:
            changes[-1].blocks.extend((gap, block))
        else:
            changes.append(Change(len(changes) + 1, [block]))
    return changes


def lay_out(
    texts: Mapping, old_marks: Sequence[DrawnSpan], new_marks: Sequence[DrawnSpan], *, page: int = 1
) -> Layout:
    """Return a page of the comparison of two texts, counted from 1; the last one stands for later ones."""
    changes = find_changes(texts)
    pages = max(1, -(-len(changes) // CHANGES_PER_PAGE))
    first = (min(max(page, 1), pages) - 1) * CHANGES_PER_PAGE
    shown = changes[first : first + CHANGES_PER_PAGE]
    builder = _LayoutBuilder(MarkedText(texts.old, old_marks), MarkedText(texts.new, new_marks))
    previous = changes[first - 1].blocks[-1] if first else Block(Op.EQUAL, 0, 0, 0, 0)
    for change in shown:
        builder.add_equal(previous.new_end, change.blocks[0].new_start, previous.end - previous.new_end)
        builder.add_change(change)
        previous = change.blocks[-1]
    after = changes[first + len(shown)].blocks[0].new_start if first + len(shown) < len(changes) else None
    builder.add_equal(
        previous.new_end, len(texts.new) if after is None else after, previous.end - previous.new_end
    )
    return Layout(builder.finish(), first + 1 if shown else 0, first + len(shown), len(changes))


def pair_up(
    texts: Mapping, old_marks: Sequence[DrawnSpan], new_marks: Sequence[DrawnSpan]
) -> tuple[list[Chunk], list[Chunk]]:
    """Return two short texts whole, as they are, with what differs."""
    old, new = MarkedText(texts.old, old_marks), MarkedText(texts.new, new_marks)
    before, after = [], []
    for op, start, end, new_start, new_end in texts.blocks:
        is_equal = op is Op.EQUAL
        before.append(Chunk(op if is_equal else Op.DELETE, list(old.pieces(start, end))))
        after.append(Chunk(op if is_equal else Op.INSERT, list(new.pieces(new_start, new_end))))
    return [chunk for chunk in before if chunk.pieces], [chunk for chunk in after if chunk.pieces]


class _LayoutBuilder:
    """Collects rows and folds, a row for each paragraph."""

    def __init__(self, old: MarkedText, new: MarkedText) -> None:
        self.old, self.new = old, new
        self.parts: list[Row | Fold] = []
        self.row = Row()
        self.has_changes = False

    def finish(self) -> list[Row | Fold]:
        """Return the rows and folds."""
        self._end_row()
        return self.parts

    def _end_row(self) -> None:
        if self.row.inline:
            self.parts.append(self.row)
        self.row = Row()

    def add_equal(self, start: int, end: int, shift: int) -> None:
        """Add equal text of the new text; ``shift`` leads to its place in the old one."""
        tail = len(self.new.text)
        if end - start <= MAX_CONTEXT:
            self._add_context(start, end, shift)
            return
        before = self._word_edge(start + CONTEXT, -1) if self.has_changes else start
        after = self._word_edge(end - CONTEXT, 1) if end < tail else end
        self._add_context(start, before, shift)
        self._end_row()
        self.parts.append(Fold(list(self.new.pieces(before, after)), after - before))
        self._add_context(after, end, shift)

    def _word_edge(self, at: int, step: int) -> int:
        """Return the nearest place from an offset at which no word is cut, within a few words."""
        text = self.new.text
        for place in range(at, at + step * 40, step):
            if _SPACE.match(text, place - 1):
                return place
        return at

    def _add_context(self, start: int, end: int, shift: int) -> None:
        while start < end:
            found = _LINE_ENDS.search(self.new.text, start, end)
            stop = found.end() if found else end
            new = Chunk(Op.EQUAL, list(self.new.pieces(start, stop)))
            self.row.old.append(Chunk(Op.EQUAL, list(self.old.pieces(start + shift, stop + shift))))
            self.row.new.append(new)
            self.row.inline.append(new)
            if found:
                self._end_row()
            start = stop

    def add_change(self, change: Change) -> None:
        """Add the differences of a change to the row."""
        self.has_changes = True
        is_first = True
        for block in change.blocks:
            if block.op is Op.EQUAL:
                self._add_context(block.new_start, block.new_end, block.start - block.new_start)
                continue
            for op, text, start, end, side in (
                (Op.DELETE, self.old, block.start, block.end, self.row.old),
                (Op.INSERT, self.new, block.new_start, block.new_end, self.row.new),
            ):
                if start < end:
                    chunk = _change_chunk(op, text, Range(start, end), change.number, is_first=is_first)
                    side.append(chunk)
                    self.row.inline.append(chunk)
                    is_first = False


def _change_chunk(op: Op, text: MarkedText, where: Range, number: int, *, is_first: bool) -> Chunk:
    """Return the text of a change with its marks; the middle of a very long one is left out."""
    left_out = max(0, where.length - MAX_PIECE)
    if not left_out:
        pieces = [_show_spaces(piece) for piece in text.pieces(where.start, where.end)]
        return Chunk(op, pieces, number, is_first)
    half = MAX_PIECE // 2
    head = list(text.pieces(where.start, where.start + half))
    tail = list(text.pieces(where.end - half, where.end))
    return Chunk(op, [*head, Piece(" … ", (), ()), *tail], number, is_first, left_out)


_SPACE_SIGNS = str.maketrans({"\n": "↵\n", "\r": "␍", "\t": "⇥", " ": "␣", "\u00a0": "⍽", "\u202f": "⍽"})


def _show_spaces(piece: Piece) -> Piece:
    """Return a piece of nothing but white space with signs that can be seen."""
    return piece._replace(text=piece.text.translate(_SPACE_SIGNS)) if piece.text.isspace() else piece
