"""The surroundings of a mark that needs a look: its old words, and the place in the new text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from annotations.admin.correction.markup import render_chunks, render_plainly
from annotations.admin.correction.passages import DrawnSpan, pair_up
from annotations.models import CarryItem, Revision
from annotations.text.align import CarryStatus, mapping
from annotations.text.ranges import Range

#: How many code points are shown on each side, and how many when the reader asks for more.
REACHES = (300, 3_000, 30_000)


@dataclass(frozen=True)
class Contexts:
    """Both texts around a mark. ``start`` is where the shown part of the new text begins."""

    old: SafeString
    new: SafeString
    start: int
    is_whole: bool


def load_contexts(item: CarryItem, reach: int) -> Contexts:
    """Return the surroundings of an item in the text that it comes from and in that of its set."""
    old, new = _load_texts(item)
    where = Range(item.start, item.end)
    marks = (
        [DrawnSpan(where.start, where.end, item.label)] if old[where.start : where.end] == item.quote else []
    )
    place, has_place = _find_place(item, old, new)
    new_marks = [DrawnSpan(place.start, place.end, item.label)] if has_place else []
    a, b = _widen(old, where, reach), _widen(new, place, reach)
    before, after = pair_up(
        mapping(old[a.start : a.end], new[b.start : b.end]),
        _shift(marks, a.start),
        _shift(new_marks, b.start),
    )
    return Contexts(
        old=render_chunks(before, has_anchors=False),
        new=render_plainly(after),
        start=b.start,
        is_whole=b == Range(0, len(new)),
    )


def _load_texts(item: CarryItem) -> tuple[str, str]:
    """Return the text in which the mark stood and the text of the set.

    A mark that waits since an earlier correction stood in the text before the first one.
    """
    first = CarryItem.objects.filter(old_span=item.old_span).order_by("pk").values("carry__from_revision")[:1]
    rows = Revision.objects.filter(pk__in=[item.carry.to_revision_id, first.get()["carry__from_revision"]])
    texts = dict(rows.values_list("pk", "text"))
    new = texts.pop(item.carry.to_revision_id)
    (old,) = texts.values()
    return old, new


def _find_place(item: CarryItem, old: str, new: str) -> tuple[Range, bool]:
    """Return where the mark stands, or may stand; else the place that its old one has become."""
    if item.span is not None and (item.status == CarryStatus.TOUCHED or item.decision):
        return Range(item.span.start, item.span.end), True
    if item.proposal_start is not None and item.proposal_end is not None:
        return Range(item.proposal_start, item.proposal_end), True
    blocks = mapping(old, new).blocks
    index = max(0, bisect_right([block.start for block in blocks], item.start) - 1)
    at = blocks[index].new_start if blocks else 0
    return Range(at, at), False


def _widen(text: str, where: Range, reach: int) -> Range:
    """Return the surroundings of a range, which cut no word."""
    start, end = max(0, where.start - reach), min(len(text), where.end + reach)
    while start > 0 and start > where.start - reach - 40 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and end < where.end + reach + 40 and not text[end].isspace():
        end += 1
    return Range(start, end)


def _shift(marks: Sequence[DrawnSpan], start: int) -> list[DrawnSpan]:
    return [DrawnSpan(mark.start - start, mark.end - start, mark.label) for mark in marks]
