"""Ranges against ranges: lengths in common, who overlaps whom, who matches whom.

An interval is a pair of offsets, half-open. Nothing here looks at single characters: the cost
depends on the number of marks, never on the length of the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

Interval = tuple[int, int]
Pairs = Sequence[tuple[int, int]]
"""Indices into a first and a second list."""


class Matches(NamedTuple):
    """How the marks of one label meet: pairs of the same range (exact), of IoU > 0.5, and of any
    overlap; how many of each one's marks overlap some of the other; which pairs overlap, and which
    have IoU > 0.5."""

    exact: int
    iou: int
    overlap: int
    first_met: int
    second_met: int
    overlapping: Pairs
    close: Pairs


def matches(
    first: Sequence[Interval],
    second: Sequence[Interval],
    alike: Callable[[int, int], bool] | None = None,
) -> Matches:
    """Match two sorted lists in three ways; in each of them a mark has one partner at most.

    ``alike`` decides where the same range was marked several times, see ``best_matches``.
    """
    pairs = overlapping(first, second)
    close = best_matches(first, second, pairs, alike)
    return Matches(
        exact=sum(first[i] == second[j] for i, j in close),
        iou=len(close),
        overlap=most_matches(first, second, pairs),
        first_met=len({i for i, _ in pairs}),
        second_met=len({j for _, j in pairs}),
        overlapping=pairs,
        close=close,
    )


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Sorted, and those that overlap taken as one; those that only touch stay two."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start < found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def covered(intervals: Iterable[Interval]) -> int:
    """How much intervals cover that do not overlap."""
    return sum(end - start for start, end in intervals)


def in_common(first: Sequence[Interval], second: Sequence[Interval]) -> int:
    """How much both cover; each list is sorted and does not overlap in itself."""
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


def overlapping(first: Sequence[Interval], second: Sequence[Interval]) -> list[tuple[int, int]]:
    """Which of the first overlaps which of the second; both lists are sorted.

    One sweep from left to right: its cost is the number of intervals and of pairs found.
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


def most_matches(first: Sequence[Interval], second: Sequence[Interval], pairs: Pairs) -> int:
    """How many overlapping pairs there can be at most if each interval is used once.

    From left to right by end, each takes the free one that ends first. That is the most: what
    overlaps the interval that ends first of all holds its last character, so that whoever has the
    one that ends next can as well have another of them.
    """
    if _once(pairs):
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


def best_matches(
    first: Sequence[Interval],
    second: Sequence[Interval],
    pairs: Pairs,
    alike: Callable[[int, int], bool] | None = None,
) -> list[tuple[int, int]]:
    """Of the overlapping pairs those that overlap in more than half of their union (IoU > 0.5).

    Where the intervals of a list do not overlap, no interval has two such partners (Kirillov et al.
    2019, theorem 1). Where they do, each is used once: the greatest IoU goes first, of the same
    range the pairs that are alike, and what is left in the order of the lists. Exchanging the two
    lists exchanges the pairs and changes nothing else.
    """
    close = [(i, j) for i, j in pairs if 2 * _shared(first[i], second[j]) > _union(first[i], second[j])]
    if _once(close):
        return close

    def order(pair: tuple[int, int]) -> tuple[object, ...]:
        one, other = first[pair[0]], second[pair[1]]
        iou = _shared(one, other) / _union(one, other)
        return -iou, min(one, other), max(one, other), alike is not None and not alike(*pair), pair

    used: set[int] = set()
    used_too: set[int] = set()
    found: list[tuple[int, int]] = []
    for i, j in sorted(close, key=order):
        if i not in used and j not in used_too:
            found.append((i, j))
            used.add(i)
            used_too.add(j)
    return sorted(found)


def _shared(one: Interval, other: Interval) -> int:
    return min(one[1], other[1]) - max(one[0], other[0])


def _union(one: Interval, other: Interval) -> int:
    """Of two that overlap."""
    return max(one[1], other[1]) - min(one[0], other[0])


def _once(pairs: Pairs) -> bool:
    return len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
