"""Query expressions for many ids, which PostgreSQL and SQLite write differently, and compiled queries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet, TextField, Value

#: The placeholder for the ids in a compiled query.
IDS_PLACEHOLDER = "ids"


def id_text(column: str) -> Func:
    """Return an expression for an id as canonical text, so that no UUID object is created for each row."""
    template = "%(expressions)s::text"
    if connection.vendor == "sqlite":  # keeps 32 digits without hyphens
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        template = " || '-' || ".join(f"substr(%(expressions)s, {at}, {n})" for at, n in parts)
    return Func(F(column), template=template, output_field=TextField())


def id_in(column: str, ids: Sequence[UUID] | str) -> Func:
    """Return a condition that a column holds one of many ids, which are sent as a single parameter.

    A subquery would be planned by the statistics of the tables; just after an import there are none, and
    a wrong plan costs minutes. A list in IN would end at SQLite's limit of parameters. If ``ids`` is a
    text, it comes from ``encode_ids`` or is the placeholder of an ``IdQuery``.
    """
    sqlite = connection.vendor == "sqlite"
    joiner, end = (" IN (SELECT value FROM json_each(", "))") if sqlite else (" = ANY(", "::uuid[])")
    return Func(
        F(column),
        Value(ids if isinstance(ids, str) else encode_ids(ids)),
        arg_joiner=joiner,
        template=f"%(expressions)s{end}",
        output_field=BooleanField(),
    )


def encode_ids(ids: Sequence[UUID]) -> str:
    """Return ids as the single parameter of the database."""
    if connection.vendor == "sqlite":
        return json.dumps([id.hex for id in ids])
    return f"{{{','.join(map(str, ids))}}}"


class IdQuery:
    """A query with an ``id_in`` condition, which Django compiles once for all chunks.

    Its rows are those of the driver, without Django's conversions.
    """

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        self._sql, self._parameters = rows.query.sql_with_params()

    def fetch(self, ids: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows for these ids."""
        sent = encode_ids(ids)
        parameters = [sent if value == IDS_PLACEHOLDER else value for value in self._parameters]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            while chunk := cursor.fetchmany(1_000):
                yield from chunk
