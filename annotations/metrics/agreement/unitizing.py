"""alpha_U: agreement on the positions of spans on a continuum.

Krippendorff (1995), "On the reliability of unitizing continuous data"; (2004), "Content Analysis",
2nd edition, with the example on p. 254. For two annotators; the pairs of more annotators are pooled,
because the definition misbehaves there (Krippendorff, Mathet, Bouvry and Widlöcher 2016).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from annotations.metrics.agreement.figures import NOBODY, ONE_CATEGORY, Disagreement, Figure
from annotations.metrics.agreement.intervals import Interval, Pairs, merge_overlapping, overlapping_pairs

_ANNOTATORS = 2


def alpha_u(first: Iterable[Interval], second: Iterable[Interval], length: int) -> Figure:
    """Return alpha_U of one label on one text of ``length`` code points.

    Overlapping spans of one annotator are merged. The value depends on the unit, which is the code point.
    """
    one, other = merge_overlapping(first), merge_overlapping(second)
    return alpha_u_disagreement(one, other, length).as_figure(ONE_CATEGORY if one or other else NOBODY)


def alpha_u_disagreement(
    first: Sequence[Interval], second: Sequence[Interval], length: int, pairs: Pairs | None = None
) -> Disagreement:
    """Return Do and De, each times length²: squared code points, which are additive.

    The spans of each annotator are sorted and do not overlap; ``pairs`` are the overlapping pairs, if known.
    The sum over labels gives 1 - ΣDo / ΣDe, the alpha_U of several labels on one text. The sum over texts
    compares the observed disagreement with the one expected if each span is moved within its own text;
    there is no expectation across texts.
    """
    if not first and not second:
        return Disagreement()
    if pairs is None:
        pairs = overlapping_pairs(first, second)
    return Disagreement(_observed(first, second, pairs), _expected(first, second, length))


def _observed(first: Sequence[Interval], second: Sequence[Interval], pairs: Pairs) -> int:
    """Return the sum of the squared distances of spans.

    An overlapping pair counts the squared distances of its starts and of its ends. A span without an
    overlap lies inside a gap and counts the square of its length.
    """
    first_alone, second_alone = set(range(len(first))), set(range(len(second)))
    total = 0
    for i, j in pairs:
        first_alone.discard(i)
        second_alone.discard(j)
        total += (first[i][0] - second[j][0]) ** 2 + (first[i][1] - second[j][1]) ** 2
    total += sum((first[i][1] - first[i][0]) ** 2 for i in first_alone)
    return total + sum((second[j][1] - second[j][0]) ** 2 for j in second_alone)


def _expected(first: Sequence[Interval], second: Sequence[Interval], length: int) -> float:
    """Return the sum of the distances that chance would give.

    De = 2/L · Σ over spans of [ (N-1)/3 · (2l³ - 3l² + l) + l² · Σ over gaps not shorter than l of
    (gap - l + 1) ] / (mL(mL-1) - Σ over spans of l(l-1)), times L².
    """
    spans = [end - start for side in (first, second) for start, end in side]
    gaps = sorted([*_gaps(first, length), *_gaps(second, length)])
    # longest[n]: the total length of the n longest gaps
    longest = list(accumulate(reversed(gaps), initial=0))
    total = 0
    for span in spans:
        # 2l³ - 3l² + l = l (l - 1) (2l - 1), a multiple of 6
        total += (len(spans) - 1) * (span * (span - 1) * (2 * span - 1) // 3)
        fitting = len(gaps) - bisect_left(gaps, span)
        total += span * span * (longest[fitting] - fitting * (span - 1))
    units = _ANNOTATORS * length
    ways = units * (units - 1) - sum(span * (span - 1) for span in spans)
    return 2 * length * total / ways


def _gaps(spans: Sequence[Interval], length: int) -> list[int]:
    """Return the lengths of the gaps before, between and after the spans."""
    edges = [0, *(edge for span in spans for edge in span), length]
    return [end - start for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]
