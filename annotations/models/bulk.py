"""The one way in which many rows go in and many ids are looked up, without model objects.

Rows are plain tuples: into COPY on PostgreSQL, into ``executemany`` on SQLite, inside the transaction
that is open. Nobody fills in defaults here and nobody validates: the caller has done both.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, models

from annotations.models.ids import uuid7

Adapt = Callable[[Any], Any]

#: So many rows go to SQLite at a time.
_ROWS = 1_000


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows whose values are in the order of ``columns`` (attribute names, such as ``set_id``).

    A UUID may be a UUID or its canonical text. A JSON column takes JSON text, since callers
    with many rows have it ready; in it, "null" is JSON's null and None is SQL's.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(field.column) for field in fields)
    is_postgres = connection.vendor == "postgresql"
    only = rows[0] if isinstance(rows, list) and len(rows) == 1 else None
    with connection.cursor() as cursor:
        if is_postgres and only is None:
            copying = cursor.copy(f"COPY {table} ({names}) FROM STDIN")
            with connection.wrap_database_errors, copying as copy:
                write = copy.write_row
                for row in rows:
                    write(row)
            return
        places = ", ".join(["%s"] * len(fields))
        sql = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names of our own tables
        if is_postgres:
            # COPY asks the database twice; a statement that is prepared asks it once.
            cursor.execute(sql, only)
            return
        waiting = _for_sqlite(fields, rows)
        while chunk := list(islice(waiting, _ROWS)):
            cursor.executemany(sql, chunk)


def create(objects: Sequence[models.Model]) -> None:
    """Insert new objects of one model as they are. ``bulk_create`` takes several times as long."""
    if not objects:
        return
    model = type(objects[0])
    fields: list[Any] = [
        field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)
    ]
    names = [field.attname for field in fields]
    json_places = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    values = attrgetter(*names)

    def row(each: models.Model) -> tuple[Any, ...]:
        found = list(values(each))
        for place in json_places:
            found[place] = json.dumps(found[place])
        return tuple(found)

    insert(model, names, [row(objects[0])] if len(objects) == 1 else map(row, objects))
    for each in objects:
        each._state.adding = False


def count_again(*tables: type[models.Model]) -> None:
    """Let PostgreSQL look at these tables before a long read of them.

    Just after many rows came or changed it plans by what was there before, and a plan for a handful of
    rows takes minutes for thousands. It would look by itself, but only after a while.
    """
    if connection.vendor == "postgresql":
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(quote(table._meta.db_table) for table in tables)}")


def _for_sqlite(fields: Sequence[Any], rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    adapters = [
        (place, _SQLITE[type(field.target_field if field.is_relation else field)])
        for place, field in enumerate(fields)
        if type(field.target_field if field.is_relation else field) in _SQLITE
    ]
    for row in rows:
        values = list(row)
        for place, adapt in adapters:
            if values[place] is not None:
                values[place] = adapt(values[place])
        yield tuple(values)


def _hex(value: UUID | str) -> str:
    return value.hex if isinstance(value, UUID) else value.replace("-", "")


def _utc(value: datetime) -> str:
    """As Django writes it: in UTC, without the offset."""
    return str(value.astimezone(UTC).replace(tzinfo=None))


_SQLITE: dict[type[Any], Adapt] = {models.UUIDField: _hex, models.DateTimeField: _utc}


def new_ids(count: int) -> list[str]:
    """New UUIDs of version 7 as canonical text, increasing. Thousands at once share their moment."""
    moment = str(uuid7())[:19]
    chance = memoryview(secrets.token_bytes(8 * count)).cast("Q")
    # the two bits of the variant, and 62 of chance
    tails = sorted(value >> 2 | 1 << 63 for value in chance)
    return [f"{moment}{tail >> 48:04x}-{tail & 0xFFFF_FFFF_FFFF:012x}" for tail in tails]


def taken(model: type[models.Model], ids: Iterable[str]) -> set[str]:
    """Those of the ids (UUIDs as canonical text) that name a row of the table, in one query."""
    asked = list(ids)
    if not asked:
        return set()
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            condition, value = "= ANY(%s::uuid[])", f"{{{','.join(asked)}}}"
        else:
            # one parameter however many ids: a list in IN would end at SQLite's limit
            condition = "IN (SELECT value FROM json_each(%s))"
            value = json.dumps([id.replace("-", "") for id in asked])
        cursor.execute(f"SELECT {key} FROM {table} WHERE {key} {condition}", [value])  # noqa: S608
        return {str(UUID(id) if isinstance(id, str) else id) for (id,) in cursor.fetchall()}
