"""Changes of mind: statements of one actor on one issue that do not go together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from annotations.metrics.discourse.tallies import MIXED, SIDES_BY_STANCE


class ChangeKind(StrEnum):
    """The kind of a change: of both sides at once, from side to side, or to or from a mixed stance."""

    CONTRADICTION = "contradiction"
    CHANGE = "change"
    MIXED = "mixed"


class DatedStance(NamedTuple):
    """A statement with its stance; it may be of any day from ``day`` to ``day_last``, both included."""

    id: Any
    actor: Any
    issue: Any
    stance: str
    article: Any
    day: date | None
    day_last: date | None


class StanceChange(NamedTuple):
    """Two consecutive statements with different stances, and the days between them."""

    kind: ChangeKind
    before: DatedStance
    after: DatedStance
    days: int


_PAIR = attrgetter("actor", "issue")
_DAYS = attrgetter("day", "day_last")
_TIME = attrgetter("day", "day_last", "id")


def find_changes(stances: Iterable[DatedStance]) -> Iterator[StanceChange]:
    """Yield the changes of each actor on each issue, in the order of actor, issue and time.

    Undated and undecided statements are never an end. Two stances contradict each other if their days
    overlap or if they stand in one article; else the mind was changed.
    """
    dated = [row for row in stances if row.day is not None and row.stance in SIDES_BY_STANCE]
    for _, rows in groupby(sorted(dated, key=_PAIR), key=_PAIR):
        for before, after in pairwise(order_in_time(rows)):
            if before.stance != after.stance:
                yield StanceChange(_kind(before, after), before, after, _days_between(before, after))


def order_in_time(rows: Iterable[DatedStance]) -> Iterator[DatedStance]:
    """Yield the dated statements of one actor on one issue in the order of time.

    Those of the same days go on with the stance before them: otherwise two papers that report both sides of
    one day would look like a mind that turns four times.
    """
    stance = ""
    for _, same in groupby(sorted(rows, key=_TIME), key=_DAYS):
        group = list(same)
        if len(group) > 1:
            stances = dict.fromkeys([stance, *(row.stance for row in group)])
            ranks = {name: place for place, name in enumerate(stances)}
            group.sort(key=lambda row: ranks[row.stance])
        yield from group
        stance = group[-1].stance


def _kind(before: DatedStance, after: DatedStance) -> ChangeKind:
    if MIXED in (before.stance, after.stance):
        return ChangeKind.MIXED
    overlapping = before.day_last is not None and after.day is not None and after.day <= before.day_last
    if overlapping or before.article == after.article:
        return ChangeKind.CONTRADICTION
    return ChangeKind.CHANGE


def _days_between(before: DatedStance, after: DatedStance) -> int:
    """Return the days from the first to the second; 0 where they may be of one day."""
    if before.day_last is None or after.day is None:
        return 0
    return max((after.day - before.day_last).days, 0)
