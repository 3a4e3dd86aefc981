"""Counting the statements of a request in the database: cells, and the account of what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection, transaction
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
    period: date | None
    support: int
    oppose: int
    mixed: int
    undecided: int
    first: date | None
    last_support: date | None
    last_oppose: date | None
    last_mixed: date | None
    last_undecided: date | None


def count_statements(corpus: Corpus, request: StatementRequest) -> tuple[list[Cell], Counted]:
    """Return the cells, and the account. A statement without a stance is undecided."""
    counted, cells = Counted(), []
    window_names: dict[date | None, str] = {None: ""}
    for sums in _sum_keys(StatementQuery(corpus, request, needs=("row", "column"))):
        counted.statements += sums.statements
        if sums.left_out != COUNTED:
            setattr(counted, sums.left_out, getattr(counted, sums.left_out) + sums.statements)
            continue
        if sums.period is not None and sums.period not in window_names:
            window_names[sums.period] = PERIODS[request.time].name(sums.period)
        cell = make_cell(
            sums.row,
            sums.column,
            window_names[sums.period],
            (sums.support, sums.oppose, sums.mixed, sums.undecided),
            sums.first,
            (sums.last_support, sums.last_oppose, sums.last_mixed, sums.last_undecided),
        )
        used = cell.salience
        counted.used += used
        counted.duplicates += sums.statements - used
        counted.undecided += cell.undecided
        cells.append(cell)
    return cells, counted


#: What the groups of 500,000 statements need in memory on PostgreSQL.
_WORK_MEMORY = "64MB"
#: A sum of these is no decimal number on PostgreSQL, as one of counts is.
_NUMBER = "CAST(number AS integer)"
_SIDES = [f"stance = '{stance}'" for stance in STANCES if stance != UNDECIDED]
#: The conditions of ``STANCES``, of which the last is what a statement is without a side.
_CONDITIONS = [*_SIDES, f"NOT ({' OR '.join(_SIDES)})"]


def _sum_keys(query: StatementQuery) -> Iterator[_Sums]:
    """Return the sums of a query, by way of a row for each key, which counts once. Ids are text.

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
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Planners think that every statement is a group of its own, and would sort them on the disk.
            cursor.execute(f"SET LOCAL work_mem = '{_WORK_MEMORY}'")
        cursor.execute(outer, parameters)
        rows = cursor.fetchall()
    return map(_Sums._make if connection.vendor == "postgresql" else _read_texts, rows)


def _read_texts(row: Sequence[Any]) -> _Sums:
    """Return sums as SQLite has them: ids without hyphens, and days as texts."""
    ends, days = map(_to_id, row[2:4]), map(_to_date, row[9:])
    return _Sums._make([*row[:2], *ends, _to_date(row[4]), *row[5:9], *days])


def _to_id(value: str | None) -> str | None:
    """Return an id with its hyphens; the kinds of actors, which are shorter, stay as they are."""
    if value is None or len(value) != _HEX_LENGTH:
        return value
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _to_date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
