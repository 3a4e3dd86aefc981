"""The matrix of actors and issues: counts by stance, a score, and the latest stance of each cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from annotations.metrics.discourse.tallies import MIXED, STANCES, Tally, join_days

#: The orders of rows and columns: by the number of statements, by name, by score.
ORDERS = ("salience", "name", "score")


@dataclass(slots=True)
class Cell:
    """What one actor said on one issue in one window."""

    actor: Any
    issue: Any
    window: str
    support: int = 0
    oppose: int = 0
    mixed: int = 0
    undecided: int = 0
    first: date | None = None
    last: date | None = None
    last_stance: str | None = None

    @property
    def salience(self) -> int:
        """The number of statements."""
        return self.support + self.oppose + self.mixed + self.undecided

    @property
    def score(self) -> float | None:
        """(S - O) / (S + O + M): 1 is for it, -1 against it; None where nobody took a side."""
        return stance_score(self.support, self.oppose, self.mixed)


def stance_score(support: int, oppose: int, mixed: int) -> float | None:
    """Return (S - O) / (S + O + M), or None where the denominator is 0."""
    sided = support + oppose + mixed
    return (support - oppose) / sided if sided else None


def make_cell(  # noqa: PLR0917 - what a cell is made of
    actor: object,
    issue: object,
    window: str,
    numbers: Sequence[int],
    first: date | None,
    last_days: Sequence[date | None],
) -> Cell:
    """Return a cell from the number and the last day of each of ``STANCES``.

    The stance of the latest day is the last one; of two on one day neither wins.
    """
    support, oppose, mixed, undecided = numbers
    cell = Cell(actor, issue, window, support, oppose, mixed, undecided, first)
    days = [day for day in last_days if day is not None]
    if days:
        cell.last = max(days)
        cell.last_stance = STANCES[last_days.index(cell.last)] if days.count(cell.last) == 1 else MIXED
    return cell


def build_cells(tallies: Iterable[Tally]) -> list[Cell]:
    """Return the cells that have a statement, in the order in which the tallies name them first."""
    found: dict[tuple[Any, Any, str], tuple[list[int], list[date | None]]] = {}
    firsts: dict[tuple[Any, Any, str], date | None] = {}
    for tally in tallies:
        if tally.stance in STANCES:
            key, place = (tally.actor, tally.issue, tally.window), STANCES.index(tally.stance)
            numbers, lasts = found.setdefault(key, ([0] * len(STANCES), [None] * len(STANCES)))
            numbers[place] += tally.number
            lasts[place] = join_days(lasts[place], tally.last, latest=True)
            firsts[key] = join_days(firsts.get(key), tally.first, latest=False)
    return [make_cell(*key, numbers, firsts[key], lasts) for key, (numbers, lasts) in found.items()]


def sorted_ids(cells: Iterable[Cell], axis: str, names: dict[Any, str], order: str) -> list[Any]:
    """Return the ids of an axis, ``actor`` or ``issue``, in an order; ties by name, then by id."""
    id_of = attrgetter(axis)
    sums: dict[Any, list[int]] = {}
    for cell in cells:
        total = sums.setdefault(id_of(cell), [0] * len(STANCES))
        total[0] += cell.support
        total[1] += cell.oppose
        total[2] += cell.mixed
        total[3] += cell.undecided
    scores = {id: stance_score(*total[:3]) for id, total in sums.items()}

    def by_name(id: object) -> tuple[str, str]:
        return names.get(id, "").casefold(), str(id)

    keys = {
        "salience": lambda entry: (-sum(sums[entry]), *by_name(entry)),
        "name": by_name,
        "score": lambda entry: (scores[entry] is None, -(scores[entry] or 0), *by_name(entry)),
    }
    return sorted(sums, key=keys[order])
