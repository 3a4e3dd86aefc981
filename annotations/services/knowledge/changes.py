"""Changes of mind: where an actor took another stance on an issue than before.

They stand in the order of the ids of actor and issue, then of time. Only the statements of the pairs of
a page are in memory, however many changes a corpus has.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, Q

from annotations.metrics.discourse.changes import DatedStance, StanceChange, find_changes
from annotations.metrics.discourse.tallies import SIDES_BY_STANCE, UNDECIDED
from annotations.models import Corpus
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.matrix import MatrixColumn, MatrixRow, load_columns, load_rows
from annotations.services.knowledge.positions import load_statements
from annotations.services.knowledge.queries import COUNTED, StatementQuery, StatementRows
from annotations.services.knowledge.tallies import Counted

_STATEMENTS_AT_ONCE = 2_000
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class ChangeKey(NamedTuple):
    """The place of a change in the list, as texts and a number, so that a cursor can carry it.

    ``day`` and ``day_last`` are those of its later statement, ``place`` counts the changes of these days.
    """

    actor: str
    issue: str
    day: str
    day_last: str
    place: int


@dataclass(frozen=True)
class FoundChange:
    """A change with its ends as lists show statements."""

    key: ChangeKey
    actor: MatrixRow
    issue: MatrixColumn
    change: StanceChange
    before: dict[str, Any]
    after: dict[str, Any]


_KeyedChange = tuple[ChangeKey, StanceChange]


def list_changes(
    corpus: Corpus, request: StatementRequest, bound: str | None, key: Sequence[Any] | None, most: int
) -> list[FoundChange]:
    """Return at most ``most`` changes beyond a key; with the bounds lt and lte the nearest comes first.

    Each pair of actor and issue that has several stances has a change, so that few pairs make a page.
    """
    rows = _sided_statements(corpus, request)
    pairs, beyond, backwards = rows, None, False
    if bound is not None and key is not None:
        backwards = bound in ("lt", "lte")
        end = ChangeKey(*key)
        beyond = (_COMPARISONS[bound], end)
        far = "lt" if backwards else "gt"
        pairs = rows.filter(
            Q((f"row__{far}", end.actor)) | Q(row=end.actor) & Q((f"column__{far}e", end.issue))
        )
    sign = "-" if backwards else ""
    turning = pairs.values("row", "column").annotate(stances=Count("stance", distinct=True))
    # one pair more, because the changes of that of the key may all lie before it
    chosen = list(
        turning.filter(stances__gt=1)
        .order_by(f"{sign}row", f"{sign}column")
        .values_list("row", "column")[: most + 1]
    )
    if not chosen:
        return []
    ends = sorted((chosen[0][0], chosen[-1][0]))
    wanted = set(chosen)
    stances = (
        stance
        for stance in _load_stances(rows.filter(row__gte=ends[0], row__lte=ends[1]))
        if (stance.actor, stance.issue) in wanted
    )
    keyed = [
        each for each in _with_keys(find_changes(stances)) if not beyond or beyond[0](each[0], beyond[1])
    ]
    return _describe(keyed[::-1][:most] if backwards else keyed[:most], corpus, request)


def list_latest_changes(
    corpus: Corpus, request: StatementRequest, start: int, most: int
) -> tuple[list[FoundChange], int]:
    """Return the changes from a place in the order of time, the latest first, and the number of all."""
    rows = _load_stances(_sided_statements(corpus, request).order_by("row", "column"))
    counter = _Counter()
    found = (
        each
        for _, stances in groupby(rows, key=operator.attrgetter("actor", "issue"))
        for each in counter.count(_with_keys(find_changes(stances)))
    )
    latest = nlargest(start + most, found, key=lambda each: (each[1].after.day, each[1].after.id))
    return _describe(latest[start:], corpus, request), counter.number


def count_considered(corpus: Corpus, request: StatementRequest) -> Counted:
    """Return the account of the statements among which changes are looked for."""
    query = StatementQuery(corpus, request, needs=("row", "column"))
    is_undecided = Q(stance__in=(UNDECIDED, ""))
    counted = Counted(
        **query.listed().aggregate(used=Count("pk"), undecided=Count("pk", filter=is_undecided))
    )
    for left_out, number in query.chosen().values_list("left_out").annotate(number=Count("pk")):
        counted.statements += number
        if left_out == COUNTED:
            counted.duplicates += number - counted.used
        else:
            setattr(counted, left_out, getattr(counted, left_out) + number)
    return counted


class _Counter:
    """A counter of what passes by."""

    def __init__(self) -> None:
        self.number = 0

    def count(self, items: Iterable[_KeyedChange]) -> Iterator[_KeyedChange]:
        """Yield the items."""
        for item in items:
            self.number += 1
            yield item


def _sided_statements(corpus: Corpus, request: StatementRequest) -> StatementRows:
    """Return the counted statements that have a day and a side."""
    listed = StatementQuery(corpus, request, needs=("row", "column")).listed()
    return listed.filter(day__isnull=False, stance__in=list(SIDES_BY_STANCE))


def _load_stances(rows: StatementRows) -> Iterator[DatedStance]:
    columns = ("pk", "row", "column", "stance", "article_id", "day", "day_last")
    for row in rows.values_list(*columns).iterator(_STATEMENTS_AT_ONCE):
        yield DatedStance(*row)


def _with_keys(changes: Iterable[StanceChange]) -> Iterator[_KeyedChange]:
    """Yield changes in their order with their keys."""
    last, place = None, 0
    for change in changes:
        after = change.after
        days = (str(after.actor), str(after.issue), str(after.day), str(after.day_last))
        place = place + 1 if days == last else 0
        last = days
        yield ChangeKey(*days, place), change


def _describe(found: Sequence[_KeyedChange], corpus: Corpus, request: StatementRequest) -> list[FoundChange]:
    """Return changes with their names and quotes."""
    ends = {end.id for _, change in found for end in (change.before, change.after)}
    statements = load_statements(StatementQuery(corpus, request, needs=("row", "column")), ends)
    rows = load_rows({change.before.actor for _, change in found}, request)
    columns = load_columns({change.before.issue for _, change in found}, request)
    return [
        FoundChange(
            key,
            rows[key.actor],
            columns[key.issue],
            change,
            statements[change.before.id],
            statements[change.after.id],
        )
        for key, change in found
    ]
