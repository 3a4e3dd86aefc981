"""Comparison of two lists of intervals: shared length, overlapping pairs, and matches.

An interval is a half-open pair of offsets. No function visits single characters: the cost depends on the
number of spans, never on the length of the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

Interval = tuple[int, int]
Pairs = Sequence[tuple[int, int]]
"""Pairs of an index into the first list and an index into the second."""


class OverlapMatches(NamedTuple):
    """The matches between the spans of two annotators.

    ``exact``, ``iou`` and ``overlap`` are the numbers of matched pairs with equal ranges, with IoU > 0.5 and
    with any overlap. ``first_overlapping`` and ``second_overlapping`` are the numbers of spans that overlap
    any span of the other annotator. ``overlapping_pairs`` and ``iou_pairs`` are the pairs themselves.
    """

    exact: int
    iou: int
    overlap: int
    first_overlapping: int
    second_overlapping: int
    overlapping_pairs: Pairs
    iou_pairs: Pairs


def overlap_matches(
    first: Sequence[Interval],
    second: Sequence[Interval],
    is_preferred: Callable[[int, int], bool] | None = None,
) -> OverlapMatches:
    """Match two sorted lists in three ways; in each of them an interval has at most one partner.

    ``is_preferred`` chooses among pairs of equal ranges, see ``match_by_iou``.
    """
    pairs = overlapping_pairs(first, second)
    close = match_by_iou(first, second, pairs, is_preferred)
    return OverlapMatches(
        exact=sum(first[i] == second[j] for i, j in close),
        iou=len(close),
        overlap=count_max_matches(first, second, pairs),
        first_overlapping=len({i for i, _ in pairs}),
        second_overlapping=len({j for _, j in pairs}),
        overlapping_pairs=pairs,
        iou_pairs=close,
    )


def merge_overlapping(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the intervals sorted, with overlapping ones merged; adjacent ones stay separate."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if result and start < result[-1][1]:
            if end > result[-1][1]:
                result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result


def total_length(intervals: Iterable[Interval]) -> int:
    """Return the total length of intervals that do not overlap."""
    return sum(end - start for start, end in intervals)


def shared_length(first: Sequence[Interval], second: Sequence[Interval]) -> int:
    """Return the length that both lists cover; each is sorted and has no overlaps in itself."""
    total = i = j = 0
    while i < len(first) and j < len(second):
        (start, end), (other_start, other_end) = first[i], second[j]
        shared = min(end, other_end) - max(start, other_start)
        if shared > 0:
            total += shared
        if end <= other_end:
            i += 1
        else:
            j += 1
    return total


def overlapping_pairs(first: Sequence[Interval], second: Sequence[Interval]) -> list[tuple[int, int]]:
    """Return the pairs of overlapping intervals of two sorted lists.

    One sweep from left to right: its cost is the number of intervals and of pairs.
    """
    pairs: list[tuple[int, int]] = []
    open_first: list[int] = []
    open_second: list[int] = []
    i = j = 0
    while i < len(first) or j < len(second):
        if j == len(second) or (i < len(first) and first[i] <= second[j]):
            start = first[i][0]
            open_second = [k for k in open_second if second[k][1] > start]
            pairs += [(i, k) for k in open_second]
            open_first.append(i)
            i += 1
        else:
            start = second[j][0]
            open_first = [k for k in open_first if first[k][1] > start]
            pairs += [(k, j) for k in open_first]
            open_second.append(j)
            j += 1
    return pairs


def count_max_matches(first: Sequence[Interval], second: Sequence[Interval], pairs: Pairs) -> int:
    """Return the maximum number of overlapping pairs in which each interval occurs at most once.

    In the order of their ends, each interval takes the free partner that ends first. This greedy choice
    is optimal: all partners of the interval that ends first contain its last character, so a later
    interval that overlaps the chosen partner overlaps the others too.
    """
    if _is_one_to_one(pairs):
        return len(pairs)
    partners: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for i, j in pairs:
        partners[0, i].append((1, j))
        partners[1, j].append((0, i))
    lists = (first, second)
    taken: set[tuple[int, int]] = set()
    for node in sorted(partners, key=lambda node: (lists[node[0]][node[1]][1], node)):
        free = [other for other in partners[node] if other not in taken]
        if node not in taken and free:
            taken.add(node)
            taken.add(min(free, key=lambda other: (lists[other[0]][other[1]][1], other)))
    return len(taken) // 2


def match_by_iou(
    first: Sequence[Interval],
    second: Sequence[Interval],
    pairs: Pairs,
    is_preferred: Callable[[int, int], bool] | None = None,
) -> list[tuple[int, int]]:
    """Return the overlapping pairs whose intersection is more than half of their union (IoU > 0.5).

    If the intervals of a list do not overlap, none has two such partners (Kirillov et al. 2019,
    theorem 1). Otherwise each is used once: pairs with the greatest IoU come first, among equal ranges the
    preferred pairs, then the others in the order of the lists. Swapping the two lists swaps the pairs and
    changes nothing else.
    """
    close = [(i, j) for i, j in pairs if 2 * _intersection(first[i], second[j]) > _union(first[i], second[j])]
    if _is_one_to_one(close):
        return close

    def sort_key(pair: tuple[int, int]) -> tuple[object, ...]:
        one, other = first[pair[0]], second[pair[1]]
        iou = _intersection(one, other) / _union(one, other)
        return (
            -iou,
            min(one, other),
            max(one, other),
            is_preferred is not None and not is_preferred(*pair),
            pair,
        )

    first_used: set[int] = set()
    second_used: set[int] = set()
    result: list[tuple[int, int]] = []
    for i, j in sorted(close, key=sort_key):
        if i not in first_used and j not in second_used:
            result.append((i, j))
            first_used.add(i)
            second_used.add(j)
    return sorted(result)


def _intersection(one: Interval, other: Interval) -> int:
    return min(one[1], other[1]) - max(one[0], other[0])


def _union(one: Interval, other: Interval) -> int:
    """Return the length of the union of two overlapping intervals."""
    return max(one[1], other[1]) - min(one[0], other[0])


def _is_one_to_one(pairs: Pairs) -> bool:
    return len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
