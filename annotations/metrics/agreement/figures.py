"""Metrics from counts: ratios, and agreement corrected for chance.

A figure is a number, or None with a reason. Every metric that is corrected for chance has the form
1 - observed / expected disagreement. The two are kept apart as counts, so that articles, labels and
pairs are pooled by adding them instead of by averaging ratios.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

NO_PAIR = "No article was marked by two people."
NOBODY = "Nobody marked anything."
ONE_SIDED = "Only one of the two marked anything, so that one of the two ways has nothing to divide by."
NO_UNITS = "There is nothing to compare: no unit has a value from two people."
ONE_CATEGORY = "Everything is in one category, so that chance alone explains the agreement."


class Figure(NamedTuple):
    """The value of a metric, or None and the reason in one sentence."""

    value: float | None
    reason: str | None = None


ContingencyTable = Mapping[tuple[Any, Any], float]
"""The count of each pair of values of two annotators. A coincidence table is symmetric."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The observed and the expected disagreement, in one unit and over the same items; additive."""

    observed: float = 0
    expected: float = 0

    def __add__(self, other: Disagreement) -> Disagreement:
        return Disagreement(self.observed + other.observed, self.expected + other.expected)

    def as_figure(self, reason: str = ONE_CATEGORY) -> Figure:
        """Return 1 - observed / expected, or None with the reason if no disagreement is expected."""
        if not self.expected:
            return Figure(None, reason)
        return Figure(1 - self.observed / self.expected)


def ratio(part: float, whole: float, reason: str) -> Figure:
    """Return ``part / whole``, or None with the reason if the whole is 0."""
    return Figure(part / whole) if whole else Figure(None, reason)


def f1(matches: float, first: int, second: int) -> Figure:
    """Return 2 · matches / (first + second): the harmonic mean of precision and recall.

    It equals the positive specific agreement of two annotators, neither of whom is the reference, and is
    the limit of kappa for a growing number of unmarked cases (Hripcsak and Rothschild 2005).
    """
    return ratio(2 * matches, first + second, NOBODY)


class WiebeAgr(NamedTuple):
    """The agr metric: its two directions (first by second, second by first) and their mean."""

    mean: Figure
    directions: tuple[Figure, Figure]


def wiebe_agr(first_matched: int, first: int, second_matched: int, second: int) -> WiebeAgr:
    """Return agr(a‖b) = spans of a that b matched / spans of a, in both directions, and their mean.

    Wiebe et al. 2005.
    """
    reason = ONE_SIDED if first or second else NOBODY
    ways = (ratio(first_matched, first, reason), ratio(second_matched, second, reason))
    if ways[0].value is None or ways[1].value is None:
        return WiebeAgr(Figure(None, reason), ways)
    return WiebeAgr(Figure((ways[0].value + ways[1].value) / 2), ways)


def kappa(table: ContingencyTable) -> Figure:
    """Return Cohen's kappa, (Po - Pe) / (1 - Pe), with Pe from the margins of each annotator (Cohen 1960)."""
    return kappa_disagreement(table).as_figure(_missing_reason(table))


def kappa_disagreement(table: ContingencyTable) -> Disagreement:
    """Return the disagreements of kappa, in numbers of units."""
    rows, columns = _margins(table)
    total = sum(rows.values())
    if not total:
        return Disagreement()
    together = sum(count * columns.get(value, 0) for value, count in rows.items())
    return Disagreement(_off_diagonal(table), (total * total - together) / total)


def pi(table: ContingencyTable) -> Figure:
    """Return Scott's pi, (Po - Pe) / (1 - Pe), with Pe from the pooled margins of both (Scott 1955)."""
    return pi_disagreement(table).as_figure(_missing_reason(table))


def pi_disagreement(table: ContingencyTable) -> Disagreement:
    """Return the disagreements of pi, in numbers of units."""
    both = coincidences_of_table(table)
    values, _ = _margins(both)
    total = sum(values.values())
    if not total:
        return Disagreement()
    squares = sum(count * count for count in values.values())
    return Disagreement(_off_diagonal(table), (total * total - squares) / (2 * total))


def coincidence_table(units: Iterable[Sequence[Hashable | None]]) -> ContingencyTable:
    """Return Krippendorff's coincidence table: how often two values occur together in a unit.

    A unit has one value per annotator, or None for a missing one. Each of its ordered pairs of values
    counts 1 / (values - 1), so that every value counts once; a unit with fewer than two values has no
    pairs and does not count (Krippendorff 2004, example on p. 230).
    """
    table: dict[tuple[Any, Any], float] = defaultdict(float)
    for unit in units:
        values = [value for value in unit if value is not None]
        for i, value in enumerate(values):
            for j, other in enumerate(values):
                if i != j:
                    table[value, other] += 1 / (len(values) - 1)
    return dict(table)


def coincidences_of_table(table: ContingencyTable, weight: float = 1) -> ContingencyTable:
    """Return the coincidence table of a contingency table of two annotators, without pairs with None.

    With the weight 1 / (m - 1), the tables of all pairs of ``m`` annotators of the same units add up to
    the coincidence table of the m.
    """
    result: dict[tuple[Any, Any], float] = defaultdict(float)
    for (one, other), count in table.items():
        if one is not None and other is not None:
            result[one, other] += count * weight
            result[other, one] += count * weight
    return dict(result)


def alpha(table: ContingencyTable) -> Figure:
    """Return Krippendorff's nominal alpha, 1 - Do / De, of a coincidence table (Krippendorff 2004).

    De is corrected for small samples: values are drawn without replacement.
    """
    return alpha_disagreement(table).as_figure(_missing_reason(table))


def alpha_disagreement(table: ContingencyTable) -> Disagreement:
    """Return the disagreements of alpha in numbers of values: Do and De times the total of the table."""
    values, _ = _margins(table)
    total = sum(values.values())
    if total <= 1:
        return Disagreement()
    squares = sum(count * count for count in values.values())
    return Disagreement(_off_diagonal(table), (total * total - squares) / (total - 1))


def _margins(table: ContingencyTable) -> tuple[dict[Hashable, float], dict[Hashable, float]]:
    rows: dict[Hashable, float] = defaultdict(float)
    columns: dict[Hashable, float] = defaultdict(float)
    for (one, other), count in table.items():
        rows[one] += count
        columns[other] += count
    return rows, columns


def _off_diagonal(table: ContingencyTable) -> float:
    return sum(count for (one, other), count in table.items() if one != other)


def _missing_reason(table: ContingencyTable) -> str:
    """Return the reason for a missing value of a chance-corrected metric of this table."""
    return ONE_CATEGORY if any(table.values()) else NO_UNITS
