"""Columns of a dataset: their types as Parquet and as the loaders of the Hugging Face Hub name them.

A schema is declared, never inferred from the rows: a column that is empty at first would be taken for one
without a type, and a text like ``2026-01-01`` for a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Column(NamedTuple):
    """A column: ``string``, ``int32`` or ``int64``; or a list, of such values or of objects with ``fields``.

    ``names`` are the names of the classes that the numbers of the column stand for. ``is_time``: its texts
    are moments, which readers of JSON turn into their own type by the name of the column.
    """

    name: str
    kind: str = "string"
    repeated: bool = False
    fields: tuple[Column, ...] = ()
    names: tuple[str, ...] = ()
    is_time: bool = False


_TIMES = frozenset({"published_at"})


def text_columns(*names: str) -> tuple[Column, ...]:
    """Return columns of text."""
    return tuple(Column(name, is_time=name in _TIMES) for name in names)


def describe_features(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return the ``features`` of a data card: columns with their types, as ``datasets`` reads them."""
    return [{"name": column.name, **_feature(column)} for column in columns]


def _feature(column: Column) -> dict[str, Any]:
    if column.fields:
        return {"list": describe_features(column.fields)}
    if column.names:
        kind: Any = {"class_label": {"names": {str(at): name for at, name in enumerate(column.names)}}}
        return {"list": kind} if column.repeated else {"dtype": kind}
    return {"list" if column.repeated else "dtype": column.kind}
