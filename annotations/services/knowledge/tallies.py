"""Counting the statements of a request in the database: cells, and the account of what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Max, Min

from annotations.metrics.discourse.matrix import Cell, make_cell
from annotations.metrics.discourse.tallies import STANCES, UNDECIDED
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


class _Sums(NamedTuple):
    """The sums of one cell, or of what was left out for one reason, whatever its ends are."""

    left_out: str
    statements: int
    row: str | None
    column: str | None
    period: Any
    support: int
    oppose: int
    mixed: int
    undecided: int
    first: Any
    last_support: Any
    last_oppose: Any
    last_mixed: Any
    last_undecided: Any


def count_statements(corpus: Corpus, request: StatementRequest) -> tuple[list[Cell], Counted]:
    """Return the cells, and the account. A statement without a stance is undecided."""
    counted, cells = Counted(), []
    to_row = str if request.rollup_actor == "kind" else _to_id
    window_names: dict[Any, str] = {}
    for sums in _sum_keys(StatementQuery(corpus, request, needs=("row", "column"))):
        counted.statements += sums.statements
        if sums.left_out != COUNTED:
            setattr(counted, sums.left_out, getattr(counted, sums.left_out) + sums.statements)
            continue
        period = sums.period
        if period not in window_names:
            window_names[period] = _window_name(request, period)
        last_days = (sums.last_support, sums.last_oppose, sums.last_mixed, sums.last_undecided)
        cell = make_cell(
            to_row(sums.row),
            _to_id(sums.column),
            window_names[period],
            (sums.support, sums.oppose, sums.mixed, sums.undecided),
            _to_date(sums.first),
            [_to_date(day) for day in last_days],
        )
        used = cell.salience
        counted.used += used
        counted.duplicates += sums.statements - used
        counted.undecided += cell.undecided
        cells.append(cell)
    return cells, counted


#: A sum of these is no decimal number on PostgreSQL, as one of counts is.
_NUMBER = "CAST(number AS integer)"
_SIDES = [f"stance = '{stance}'" for stance in STANCES if stance != UNDECIDED]
#: The conditions of ``STANCES``, of which the last is what a statement is without a side.
_CONDITIONS = [*_SIDES, f"NOT ({' OR '.join(_SIDES)})"]


def _sum_keys(query: StatementQuery) -> Iterator[_Sums]:
    """Yield the sums of a query, by way of a row for each key, which counts once. Ids are text.

    Python reads them faster than UUIDs, and a row for each cell faster than one for each of its stances.
    """
    ends = ["row", "column", *(["period"] if query.request.time != "none" else [])]
    columns = dict.fromkeys([*ends, "stance", "left_out", *(query.key if query.counts_keys else ())])
    keys = query.chosen().values(*columns)
    keys = keys.annotate(number=Count("pk"), first=Min("day"), last=Max("day_last"))
    sql, parameters = keys.query.sql_with_params()
    quote = connection.ops.quote_name
    groups = [f"CASE WHEN left_out = '{COUNTED}' THEN {quote(name)} END" for name in ends]
    once = "1" if query.counts_keys else _NUMBER
    columns_of_sums = [
        "left_out",
        f"SUM({_NUMBER})",
        *(f"CAST({group} AS text)" for group in groups[:2]),
        *(groups[2:] or ["NULL"]),
        *(f"SUM(CASE WHEN {condition} THEN {once} ELSE 0 END)" for condition in _CONDITIONS),
        "MIN(first)",
        *(f"MAX(CASE WHEN {condition} THEN last END)" for condition in _CONDITIONS),
    ]
    outer = (
        f"SELECT {', '.join(columns_of_sums)} FROM ({sql}) AS keys"  # noqa: S608 - our own names
        f" GROUP BY {', '.join(['left_out', *groups])}"
    )
    with connection.cursor() as cursor:
        cursor.execute(outer, parameters)
        yield from map(_Sums._make, cursor.fetchall())


def _window_name(request: StatementRequest, period: Any) -> str:
    """Return the name of the window that begins on a day, or "" where time is not divided."""
    start = _to_date(period)
    return "" if start is None else PERIODS[request.time].name(start)


def _to_id(value: str | None) -> str | None:
    """Return an id as text with its hyphens, which SQLite does not store."""
    if value is None or len(value) != _HEX_LENGTH:
        return value
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _to_date(value: Any) -> date | None:
    """Return a day as the driver gives it; SQLite stores text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
