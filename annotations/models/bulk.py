"""Bulk inserts and updates, batches, lookups of ids, and statements that are sent together.

Rows are plain tuples; they go into COPY on PostgreSQL and into ``executemany`` on SQLite, inside the
current transaction. The caller fills in defaults and validates.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from annotations.models.ids import uuid7

Adapt = Callable[[Any], Any]
Item = TypeVar("Item")

#: The number of rows per call of ``executemany`` on SQLite.
_BATCH_SIZE = 1_000


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows with values in the order of ``columns`` (attribute names, such as ``set_id``).

    A UUID may be given as canonical text. A JSON column takes JSON text, which callers with many rows have
    ready: "null" is JSON's null, None is SQL's NULL.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(field.column) for field in fields)
    is_postgres = connection.vendor == "postgresql"
    single_row = rows[0] if isinstance(rows, list) and len(rows) == 1 else None
    with connection.cursor() as cursor:
        if is_postgres and single_row is None:
            copy_context = cursor.copy(f"COPY {table} ({names}) FROM STDIN")
            with connection.wrap_database_errors, copy_context as copy:
                write = copy.write_row
                for row in rows:
                    write(row)
            return
        placeholders = ", ".join(["%s"] * len(fields))
        sql = f"INSERT INTO {table} ({names}) VALUES ({placeholders})"  # noqa: S608 - our own names
        if is_postgres:
            # COPY needs two round trips, a prepared statement one.
            cursor.execute(sql, single_row)
            return
        values = _adapt_for_sqlite(fields, rows)
        for batch in batched(values, _BATCH_SIZE):
            cursor.executemany(sql, batch)


def create_objects(objects: Sequence[models.Model]) -> None:
    """Insert new objects of one model as they are, several times faster than ``bulk_create``."""
    if not objects:
        return
    model = type(objects[0])
    fields: list[Any] = [
        field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)
    ]
    names = [field.attname for field in fields]
    json_indexes = [index for index, field in enumerate(fields) if isinstance(field, models.JSONField)]
    values = attrgetter(*names)

    def to_row(each: models.Model) -> tuple[Any, ...]:
        row = list(values(each))
        for index in json_indexes:
            row[index] = json.dumps(row[index])
        return tuple(row)

    insert_rows(model, names, [to_row(objects[0])] if len(objects) == 1 else map(to_row, objects))
    for each in objects:
        each._state.adding = False


@contextmanager
def statements_together(several: bool = True) -> Iterator[None]:
    """Wait for PostgreSQL once for all statements of this block, not for each; COPY cannot be among them.

    The answers are there after the block: until then a cursor knows nothing of its rows. An error of any
    statement leaves the block, as it would leave the statement. Unless ``several``, nothing changes.
    """
    if connection.vendor != "postgresql" or not several:
        yield
        return
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def update_row(row: models.Model, changes: Mapping[str, Any], **conditions: object) -> Any:
    """Write columns of a row that still fits the conditions; return the cursor, which knows if it did.

    Django writes the SQL of an update each time, which takes longer than the update.
    """
    quote = connection.ops.quote_name
    fields: list[Any] = [row._meta.get_field(name) for name in changes]
    where: list[Any] = [row._meta.pk, *(row._meta.get_field(name) for name in conditions)]
    set_to = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    fits = " AND ".join(f"{quote(field.column)} = %s" for field in where)
    sent = zip((*fields, *where), (*changes.values(), row.pk, *conditions.values()), strict=True)
    values = [_to_column(field, value) for field, value in sent]
    cursor = connection.cursor()
    cursor.execute(f"UPDATE {quote(row._meta.db_table)} SET {set_to} WHERE {fits}", values)  # noqa: S608
    return cursor


def _to_column(field: Any, value: Any) -> Any:
    """Return a value, which may be the object of a foreign key, as the database takes it."""
    if isinstance(value, models.Model):
        value = value.prepare_database_save(field)
    return field.get_db_prep_save(value, connection)


def update_objects(objects: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Store these columns (attribute names) of rows that exist, one after the other, with one statement.

    The caller has locked them. ``bulk_update`` writes a CASE for every value, and takes as long as it is.
    """
    if not objects:
        return
    model = type(objects[0])
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    key: Any = model._meta.pk
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {assignments} WHERE {quote(key.column)} = %s"  # noqa: S608
    rows: Iterable[tuple[Any, ...]] = (
        tuple(
            json.dumps(getattr(each, field.attname))
            if isinstance(field, models.JSONField)
            else getattr(each, field.attname)
            for field in (*fields, key)
        )
        for each in objects
    )
    if connection.vendor != "postgresql":
        rows = _adapt_for_sqlite([*fields, key], rows)
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(rows))


def analyze(*tables: type[models.Model]) -> None:
    """Update the planner statistics of these tables on PostgreSQL, before a long read of them.

    Just after a bulk change the statistics are those of before, and a plan for a handful of rows takes
    minutes for thousands. Autovacuum updates them too, but later.
    """
    if connection.vendor == "postgresql":
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(quote(table._meta.db_table) for table in tables)}")


def _adapt_for_sqlite(fields: Sequence[Any], rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    adapters = [
        (index, _SQLITE_ADAPTERS[type(field.target_field if field.is_relation else field)])
        for index, field in enumerate(fields)
        if type(field.target_field if field.is_relation else field) in _SQLITE_ADAPTERS
    ]
    for row in rows:
        values = list(row)
        for index, adapt in adapters:
            if values[index] is not None:
                values[index] = adapt(values[index])
        yield tuple(values)


def _adapt_uuid(value: UUID | str) -> str:
    return value.hex if isinstance(value, UUID) else value.replace("-", "")


def _adapt_datetime(value: datetime) -> str:
    """Return the time as Django stores it: in UTC, without the offset."""
    return str(value.astimezone(UTC).replace(tzinfo=None))


_SQLITE_ADAPTERS: dict[type[Any], Adapt] = {
    models.UUIDField: _adapt_uuid,
    models.DateTimeField: _adapt_datetime,
}


def generate_ids(count: int) -> list[str]:
    """Return new, increasing UUIDs of version 7 as canonical text, all with the timestamp of this call."""
    timestamp = str(uuid7())[:19]
    random_values = memoryview(secrets.token_bytes(8 * count)).cast("Q")
    # the two bits of the variant, and 62 random bits
    tails = sorted(value >> 2 | 1 << 63 for value in random_values)
    return [f"{timestamp}{tail >> 48:04x}-{tail & 0xFFFF_FFFF_FFFF:012x}" for tail in tails]


def existing_ids(model: type[models.Model], ids: Iterable[str]) -> set[str]:
    """Return those of the ids (UUIDs as canonical text) that exist in the table, with one query."""
    candidates = list(ids)
    if not candidates:
        return set()
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            condition, value = "= ANY(%s::uuid[])", f"{{{','.join(candidates)}}}"
        else:
            # one JSON parameter for all ids: SQLite limits the number of parameters
            condition = "IN (SELECT value FROM json_each(%s))"
            value = json.dumps([id.replace("-", "") for id in candidates])
        cursor.execute(f"SELECT {key} FROM {table} WHERE {key} {condition}", [value])  # noqa: S608
        return {str(UUID(id) if isinstance(id, str) else id) for (id,) in cursor.fetchall()}
