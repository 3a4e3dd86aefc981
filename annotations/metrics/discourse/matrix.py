"""The matrix of actors and issues: counts by stance, a score, and the latest stance of each cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from annotations.metrics.discourse.tallies import MIXED, OPPOSE, STANCES, SUPPORT, UNDECIDED, Tally, join_days

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

    def add(self, tally: Tally) -> None:
        """Add a tally of the same actor, issue and window."""
        setattr(self, tally.stance, getattr(self, tally.stance) + tally.number)
        self.first = join_days(self.first, tally.first, latest=False)
        if tally.last is None or (self.last is not None and tally.last < self.last):
            return
        # of two stances on the latest day neither wins
        self.last_stance = MIXED if tally.last == self.last else tally.stance
        self.last = tally.last


def stance_score(support: int, oppose: int, mixed: int) -> float | None:
    """Return (S - O) / (S + O + M), or None where the denominator is 0."""
    sided = support + oppose + mixed
    return (support - oppose) / sided if sided else None


def build_cells(tallies: Iterable[Tally]) -> list[Cell]:
    """Return the cells that have a statement, in the order in which the tallies name them first."""
    cells: dict[tuple[Any, Any, str], Cell] = {}
    for tally in tallies:
        if tally.stance in STANCES:
            key = tally.actor, tally.issue, tally.window
            if key not in cells:
                cells[key] = Cell(*key)
            cells[key].add(tally)
    return list(cells.values())


def merge_cells(cells: Iterable[Cell]) -> tuple[int, float | None]:
    """Return the salience and the score of a row or a column."""
    listed = list(cells)
    total = {
        stance: sum(getattr(cell, stance) for cell in listed)
        for stance in (SUPPORT, OPPOSE, MIXED, UNDECIDED)
    }
    return sum(total.values()), stance_score(total[SUPPORT], total[OPPOSE], total[MIXED])


def sorted_ids(cells: Iterable[Cell], axis: str, names: dict[Any, str], order: str) -> list[Any]:
    """Return the ids of an axis, ``actor`` or ``issue``, in an order; ties by name, then by id."""
    grouped: dict[Any, list[Cell]] = {}
    for cell in cells:
        grouped.setdefault(getattr(cell, axis), []).append(cell)
    sums = {id: merge_cells(rows) for id, rows in grouped.items()}

    def by_name(id: Any) -> tuple[str, str]:
        return names.get(id, "").casefold(), str(id)

    keys = {
        "salience": lambda entry: (-sums[entry][0], *by_name(entry)),
        "name": by_name,
        "score": lambda entry: (sums[entry][1] is None, -(sums[entry][1] or 0), *by_name(entry)),
    }
    return sorted(grouped, key=keys[order])
