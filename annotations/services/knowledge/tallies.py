"""Counting the statements of a request in the database: tallies, and the account of what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min, QuerySet

from annotations.metrics.discourse.tallies import STANCES, UNDECIDED, Tally
from annotations.models import Corpus
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.queries import COUNTED, StatementQuery
from annotations.services.knowledge.windows import PERIODS


@dataclass
class Counted:
    """The account of a count: the ``statements`` that were chosen, and what became of them.

    ``used`` are counted. ``undecided`` are those of them without a side; where these do not count, as in a
    network, they are not used. All others were left out for one reason: as ``duplicates``, ``copies``,
    ``undated``, ``unlinked`` or ``ascribed``.
    """

    statements: int = 0
    used: int = 0
    duplicates: int = 0
    copies: int = 0
    undecided: int = 0
    undated: int = 0
    unlinked: int = 0
    ascribed: int = 0


@dataclass(frozen=True)
class _Group:
    """The statements of one row, column, window and stance, or those left out for one reason."""

    row: Any
    column: Any
    window: str
    stance: str
    left_out: str
    statements: int
    keys: int
    first: date | None
    last: date | None


def count_statements(corpus: Corpus, request: StatementRequest) -> tuple[list[Tally], Counted]:
    """Return the tallies of rows and columns, and the account. A statement without a stance is undecided."""
    counted = Counted()
    tallies = []
    for group in _groups(StatementQuery(corpus, request, needs=("row", "column"))):
        counted.statements += group.statements
        if group.left_out != COUNTED:
            setattr(counted, group.left_out, getattr(counted, group.left_out) + group.statements)
            continue
        counted.duplicates += group.statements - group.keys
        counted.used += group.keys
        stance = group.stance if group.stance in STANCES else UNDECIDED
        counted.undecided += group.keys if stance == UNDECIDED else 0
        tallies.append(
            Tally(group.row, group.column, stance, group.keys, group.window, group.first, group.last)
        )
    return tallies, counted


def _groups(query: StatementQuery) -> Iterator[_Group]:
    period = PERIODS.get(query.request.time)
    window = ["period"] if period else []
    axes = ["row", "column", "stance", "left_out", *window]
    rows = query.chosen()
    if query.counts_keys:
        # the outer query counts the keys that the inner one has put together
        inner = rows.values(*dict.fromkeys([*axes, *query.key])).annotate(
            number=Count("pk"), first=Min("day"), last=Max("day_last")
        )
        found = _sum_groups(inner, axes, has_ids=query.request.rollup_actor != "kind")
    else:
        aggregates = {
            "number": Count("pk"),
            "keys": Count("pk"),
            "first": Min("day"),
            "last": Max("day_last"),
        }
        found = iter(rows.values(*axes).annotate(**aggregates).values_list(*axes, *aggregates))
    for row, column, stance, left_out, *rest in found:
        start = rest.pop(0) if period else None
        name = period.window(start).name if period and start else ""
        yield _Group(row, column, name, stance, left_out, *rest)


def _sum_groups(
    inner: QuerySet[Any, Any], axes: Sequence[str], *, has_ids: bool
) -> Iterator[tuple[Any, ...]]:
    """Yield, for each value of the axes, the sums over a query that has a row for each key."""
    sql, parameters = inner.query.sql_with_params()
    names = ", ".join(map(connection.ops.quote_name, axes))
    outer = (
        f"SELECT {names}, SUM(number), COUNT(*), MIN(first), MAX(last) FROM ({sql}) AS keys GROUP BY {names}"  # noqa: S608 - our own names
    )
    with connection.cursor() as cursor:
        cursor.execute(outer, parameters)
        for row, column, stance, left_out, *rest in cursor.fetchall():
            *window, number, keys, first, last = rest
            yield (
                _to_uuid(row) if has_ids else row, _to_uuid(column), stance, left_out, *map(_to_date, window),
                int(number), keys, _to_date(first), _to_date(last),
            )  # fmt: skip


def _to_uuid(value: Any) -> UUID | None:
    """Return an id as the driver gives it; SQLite stores text."""
    return UUID(value) if isinstance(value, str) else value


def _to_date(value: Any) -> date | None:
    """Return a day as the driver gives it; SQLite stores text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
