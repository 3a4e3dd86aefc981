"""What the two databases say differently about many ids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func, TextField, Value


def id_text(column: str) -> Func:
    """An id as canonical text, made by the database: no UUID object for each row of millions."""
    template = "%(expressions)s::text"
    if connection.vendor == "sqlite":  # keeps 32 digits without hyphens
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        template = " || '-' || ".join(f"substr(%(expressions)s, {at}, {n})" for at, n in parts)
    return Func(F(column), template=template, output_field=TextField())


def among(column: str, ids: Sequence[UUID]) -> Func:
    """Whether a column of ids holds one of these, which go along as one parameter however many.

    A subquery instead would be planned by the statistics of the tables, and just after an import there
    are none; a plan that is wrong then costs minutes. A list in IN would end at SQLite's limit.
    """
    if connection.vendor == "sqlite":
        sent = json.dumps([id.hex for id in ids])
        joiner, end = " IN (SELECT value FROM json_each(", "))"
    else:
        sent = f"{{{','.join(map(str, ids))}}}"
        joiner, end = " = ANY(", "::uuid[])"
    return Func(
        F(column),
        Value(sent),
        arg_joiner=joiner,
        template=f"%(expressions)s{end}",
        output_field=BooleanField(),
    )
