"""alpha_U: agreement about where marks lie on a continuum, by how far they are off.

Krippendorff (1995), "On the reliability of unitizing continuous data"; (2004), "Content Analysis",
2nd edition, with the example on p. 254. For two annotators; of more, the pairs are pooled, because
the definition misbehaves there (Krippendorff, Mathet, Bouvry and Widlöcher 2016).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from annotations.measures.agreement.figures import NOBODY, ONE_CATEGORY, Disagreement, Figure
from annotations.measures.agreement.intervals import Interval, Pairs, merged, overlapping

_ANNOTATORS = 2


def alpha_u(first: Iterable[Interval], second: Iterable[Interval], length: int) -> Figure:
    """alpha_U of one label on one text of ``length`` code points.

    Marks of one annotator that overlap are taken as one. The unit is the code point; in another
    unit the value is another.
    """
    one, other = merged(first), merged(second)
    return unitizing(one, other, length).figure(ONE_CATEGORY if one or other else NOBODY)


def unitizing(
    first: Sequence[Interval], second: Sequence[Interval], length: int, pairs: Pairs | None = None
) -> Disagreement:
    """Do and De, each times length², which makes them squared code points, and additive.

    Each one's marks are sorted and do not overlap; ``pairs`` are the overlapping ones of the two,
    where they are known. Adding over labels gives 1 - ΣDo / ΣDe, the alpha_U of several labels on
    one text. Adding over texts compares what was observed in all of them with what is expected if
    every mark is moved about in its own text; there is no expectation across texts.
    """
    if not first and not second:
        return Disagreement()
    met = overlapping(first, second) if pairs is None else pairs
    return Disagreement(_observed(first, second, met), _expected(first, second, length))


def _observed(first: Sequence[Interval], second: Sequence[Interval], pairs: Pairs) -> int:
    """Squared distances of the sections that meet.

    Two marks that meet: the squares of what their starts and their ends are apart. A mark that
    meets no mark lies wholly in a gap: the square of its length. All else is no difference.
    """
    alone, alone_too = set(range(len(first))), set(range(len(second)))
    total = 0
    for i, j in pairs:
        alone.discard(i)
        alone_too.discard(j)
        total += (first[i][0] - second[j][0]) ** 2 + (first[i][1] - second[j][1]) ** 2
    total += sum((first[i][1] - first[i][0]) ** 2 for i in alone)
    return total + sum((second[j][1] - second[j][0]) ** 2 for j in alone_too)


def _expected(first: Sequence[Interval], second: Sequence[Interval], length: int) -> float:
    """What the distances would add up to if marks and gaps met by chance.

    De = 2/L · Σ over marks of [ (N-1)/3 · (2l³ - 3l² + l) + l² · Σ over gaps not shorter than l of
    (gap - l + 1) ] / (mL(mL-1) - Σ over marks of l(l-1)), times L².
    """
    marks = [end - start for side in (first, second) for start, end in side]
    gaps = sorted([*_gaps(first, length), *_gaps(second, length)])
    # of the longest n gaps: their lengths together
    longest = list(accumulate(reversed(gaps), initial=0))
    total = 0
    for mark in marks:
        # 2l³ - 3l² + l has the factors l, l - 1 and 2l - 1 and is a multiple of 6
        total += (len(marks) - 1) * (mark * (mark - 1) * (2 * mark - 1) // 3)
        fitting = len(gaps) - bisect_left(gaps, mark)
        total += mark * mark * (longest[fitting] - fitting * (mark - 1))
    units = _ANNOTATORS * length
    ways = units * (units - 1) - sum(mark * (mark - 1) for mark in marks)
    return 2 * length * total / ways


def _gaps(marks: Sequence[Interval], length: int) -> list[int]:
    """The lengths of the stretches between the marks, and before and after them."""
    edges = [0, *(edge for mark in marks for edge in mark), length]
    return [end - start for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]
