"""What the two databases say differently about many ids, and queries that are put together once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet, TextField, Value

#: Stands in a prepared query where the ids will be.
LATER = "ids"


def id_text(column: str) -> Func:
    """An id as canonical text, made by the database: no UUID object for each row of millions."""
    template = "%(expressions)s::text"
    if connection.vendor == "sqlite":  # keeps 32 digits without hyphens
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        template = " || '-' || ".join(f"substr(%(expressions)s, {at}, {n})" for at, n in parts)
    return Func(F(column), template=template, output_field=TextField())


def among(column: str, ids: Sequence[UUID] | str) -> Func:
    """Whether a column of ids holds one of these, which go along as one parameter however many.

    A subquery instead would be planned by the statistics of the tables, and just after an import there
    are none; a plan that is wrong then costs minutes. A list in IN would end at SQLite's limit.
    A text is what ``encoded`` has made of them, or ``LATER`` in a query to be ``ByIds``.
    """
    sqlite = connection.vendor == "sqlite"
    joiner, end = (" IN (SELECT value FROM json_each(", "))") if sqlite else (" = ANY(", "::uuid[])")
    return Func(
        F(column),
        Value(ids if isinstance(ids, str) else encoded(ids)),
        arg_joiner=joiner,
        template=f"%(expressions)s{end}",
        output_field=BooleanField(),
    )


def encoded(ids: Sequence[UUID]) -> str:
    """Ids as the one parameter in which they go along."""
    if connection.vendor == "sqlite":
        return json.dumps([id.hex for id in ids])
    return f"{{{','.join(map(str, ids))}}}"


class ByIds:
    """A query with ``among(column)`` in it, which Django puts together once for all chunks.

    Its rows are those of the driver, without Django's conversions.
    """

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        self._sql, self._parameters = rows.query.sql_with_params()

    def rows(self, ids: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
        """The rows for these ids."""
        sent = encoded(ids)
        parameters = [sent if value == LATER else value for value in self._parameters]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            while chunk := cursor.fetchmany(1_000):
                yield from chunk
