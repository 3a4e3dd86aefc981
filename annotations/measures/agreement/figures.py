"""From counts to figures: shares, and agreement beyond chance.

A figure is a number, or nothing with the reason. Every measure that is corrected for chance has the
form 1 - observed / expected disagreement; keeping the two apart, as counts, is what lets articles,
labels and pairs be pooled by adding instead of by averaging ratios.
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
    """A number, or none and the reason in one sentence."""

    value: float | None
    reason: str | None = None


Table = Mapping[tuple[Any, Any], float]
"""How often the first said this and the second that. A table of coincidences is a symmetric one."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Observed and expected disagreement, in one unit and over the same things; additive."""

    observed: float = 0
    expected: float = 0

    def __add__(self, other: Disagreement) -> Disagreement:
        return Disagreement(self.observed + other.observed, self.expected + other.expected)

    def figure(self, otherwise: str = ONE_CATEGORY) -> Figure:
        """1 - observed / expected; none, for the reason given, where no disagreement is expected."""
        if not self.expected:
            return Figure(None, otherwise)
        return Figure(1 - self.observed / self.expected)


def share(part: float, whole: float, otherwise: str) -> Figure:
    """``part / whole``; none, for the reason given, where there is no whole."""
    return Figure(part / whole) if whole else Figure(None, otherwise)


def f1(matches: float, first: int, second: int) -> Figure:
    """2 · matches / (first + second): the harmonic mean of precision and recall.

    It is also the positive specific agreement of two annotators, none of whom is the truth, and the
    limit of kappa as the cases that nobody marks grow in number (Hripcsak and Rothschild 2005).
    """
    return share(2 * matches, first + second, NOBODY)


class Agr(NamedTuple):
    """``ways``: the share of the first one's marks that the second matched, and the reverse."""

    mean: Figure
    ways: tuple[Figure, Figure]


def agr(first_matched: int, first: int, second_matched: int, second: int) -> Agr:
    """agr(a‖b) = marks of a that b matched / marks of a, both ways and their mean (Wiebe et al. 2005)."""
    reason = ONE_SIDED if first or second else NOBODY
    ways = (share(first_matched, first, reason), share(second_matched, second, reason))
    if ways[0].value is None or ways[1].value is None:
        return Agr(Figure(None, reason), ways)
    return Agr(Figure((ways[0].value + ways[1].value) / 2), ways)


def kappa(table: Table) -> Figure:
    """(Po - Pe) / (1 - Pe), where Pe is made of each one's own margins (Cohen 1960)."""
    return kappa_disagreement(table).figure(_why(table))


def kappa_disagreement(table: Table) -> Disagreement:
    """The two parts of kappa, as numbers of units."""
    rows, columns = _margins(table)
    total = sum(rows.values())
    if not total:
        return Disagreement()
    together = sum(count * columns.get(value, 0) for value, count in rows.items())
    return Disagreement(_off_diagonal(table), (total * total - together) / total)


def pi(table: Table) -> Figure:
    """(Po - Pe) / (1 - Pe), where Pe is made of the margins of both together (Scott 1955)."""
    return pi_disagreement(table).figure(_why(table))


def pi_disagreement(table: Table) -> Disagreement:
    """The two parts of pi, as numbers of units."""
    both = coincidences_of(table)
    values, _ = _margins(both)
    total = sum(values.values())
    if not total:
        return Disagreement()
    squares = sum(count * count for count in values.values())
    return Disagreement(_off_diagonal(table), (total * total - squares) / (2 * total))


def coincidences(units: Iterable[Sequence[Hashable | None]]) -> Table:
    """Krippendorff's table of coincidences: how often two values meet in a unit.

    A unit holds one value per annotator, None where there is none. Each of its ordered pairs of
    values counts 1 / (values - 1), so that every value counts once; a unit with fewer than two
    values has no pairs and tells nothing (Krippendorff 2004, example on p. 230).
    """
    table: dict[tuple[Any, Any], float] = defaultdict(float)
    for unit in units:
        values = [value for value in unit if value is not None]
        for i, value in enumerate(values):
            for j, other in enumerate(values):
                if i != j:
                    table[value, other] += 1 / (len(values) - 1)
    return dict(table)


def coincidences_of(table: Table, weight: float = 1) -> Table:
    """The coincidences of the units that a table of two annotators counts; pairs with None are left out.

    Of ``m`` annotators who did the same units, the tables of all pairs with the weight 1 / (m - 1)
    add up to ``coincidences`` of the m.
    """
    found: dict[tuple[Any, Any], float] = defaultdict(float)
    for (one, other), count in table.items():
        if one is not None and other is not None:
            found[one, other] += count * weight
            found[other, one] += count * weight
    return dict(found)


def alpha(table: Table) -> Figure:
    """Krippendorff's nominal alpha, 1 - Do / De, of a table of coincidences (Krippendorff 2004).

    De is corrected for small samples: values are drawn without putting them back.
    """
    return alpha_disagreement(table).figure(_why(table))


def alpha_disagreement(table: Table) -> Disagreement:
    """The two parts of alpha as numbers of values; Do and De are these, divided by all values."""
    values, _ = _margins(table)
    total = sum(values.values())
    if total <= 1:
        return Disagreement()
    squares = sum(count * count for count in values.values())
    return Disagreement(_off_diagonal(table), (total * total - squares) / (total - 1))


def _margins(table: Table) -> tuple[dict[Hashable, float], dict[Hashable, float]]:
    rows: dict[Hashable, float] = defaultdict(float)
    columns: dict[Hashable, float] = defaultdict(float)
    for (one, other), count in table.items():
        rows[one] += count
        columns[other] += count
    return rows, columns


def _off_diagonal(table: Table) -> float:
    return sum(count for (one, other), count in table.items() if one != other)


def _why(table: Table) -> str:
    """Why a table has no figure, if it has none."""
    return ONE_CATEGORY if any(table.values()) else NO_UNITS
