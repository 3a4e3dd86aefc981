"""Counting the statements of a request in the database: tallies, and the account of what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Max, Min, QuerySet

from annotations.metrics.discourse.tallies import STANCES, UNDECIDED, Tally
from annotations.models import Corpus
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.queries import COUNTED, StatementQuery
from annotations.services.knowledge.windows import PERIODS

#: The length of an id without hyphens.
_HEX_LENGTH = 32


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


class _Group(NamedTuple):
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
    """Yield the groups of a query. Ids are text, which Python compares faster than UUIDs."""
    period = PERIODS.get(query.request.time)
    window = ["period"] if period else []
    axes = ["row", "column", "stance", *window]
    columns = dict.fromkeys([*axes, "left_out", *(query.key if query.counts_keys else ())])
    inner = query.chosen().values(*columns)
    grouped = inner.annotate(number=Count("pk"), first=Min("day"), last=Max("day_last"))
    has_ids = {"row": query.request.rollup_actor != "kind", "column": True}
    for left_out, row, column, stance, *rest in _sum_groups(grouped, axes, counts_keys=query.counts_keys):
        start = _to_date(rest.pop(0)) if period else None
        name = period.window(start).name if period and start else ""
        number, keys, first, last = rest
        yield _Group(
            _to_id(row) if has_ids["row"] else row, _to_id(column), name, stance or "", left_out, int(number),
            int(keys), _to_date(first), _to_date(last),
        )  # fmt: skip


def _sum_groups(
    inner: QuerySet[Any, Any], axes: Sequence[str], *, counts_keys: bool
) -> list[tuple[Any, ...]]:
    """Return the sums over a query that has a row for each key; what was left out is one row for a reason.

    With ``counts_keys``, each row of the query counts once.
    """
    sql, parameters = inner.query.sql_with_params()
    quote = connection.ops.quote_name
    texts = {"row", "column"}
    named = ", ".join(
        f"CASE WHEN left_out = '' THEN {f'CAST({quote(name)} AS text)' if name in texts else quote(name)} END"
        for name in axes
    )
    places = ", ".join(str(place + 1) for place in range(len(axes) + 1))
    keys = "COUNT(*)" if counts_keys else "SUM(number)"
    outer = (
        f"SELECT left_out, {named}, SUM(number), {keys}, MIN(first), MAX(last)"  # noqa: S608 - our own names
        f" FROM ({sql}) AS keys GROUP BY {places}"
    )
    with connection.cursor() as cursor:
        cursor.execute(outer, parameters)
        return list(cursor.fetchall())


def _to_id(value: str | None) -> str | None:
    """Return an id as text with its hyphens, which SQLite does not store."""
    if value is None or len(value) != _HEX_LENGTH:
        return value
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _to_date(value: Any) -> date | None:
    """Return a day as the driver gives it; SQLite stores text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
