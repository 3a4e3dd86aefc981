"""Queries that are asked all the time: their SQL is written once and then only given values.

Django writes the SQL of a query anew each time, which takes longer than the database takes to answer
it. What is asked at every request is therefore prepared, by ``Prepared``; all else is a plain queryset.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.sql import Query

Row = TypeVar("Row", bound=Model)
Value: TypeAlias = UUID | int | str

#: A value of each type that no query holds of itself, by which its place among the parameters is found.
_PROBES: dict[type[Value], Callable[[], Value]] = {
    UUID: uuid4,
    int: lambda: 1_000_000_000 + secrets.randbelow(1_000_000_000),
    str: lambda: secrets.token_hex(16),
}


class Prepared(Generic[Row]):
    """The rows that ``build(*values)`` finds, for values of the ``types`` (never None): objects of the
    model, or tuples where it ends in ``values_list``.

    ``build`` may use its values as parameters of the query only: it may not decide by them, or compute
    with them. It is called twice at the first use for each kind of database, and never again.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *types: type[Value]) -> None:
        self._build, self._types = build, types
        self._plans: dict[str, _Plan] = {}

    def __call__(self, *values: Value) -> list[Row]:
        """The rows, read now."""
        database = connections[DEFAULT_DB_ALIAS]
        plan = self._plans.get(database.vendor)
        if plan is None:
            plan = self._plans[database.vendor] = self._plan(database)
        return plan.rows(values, database)

    def first(self, *values: Value) -> Row | None:
        """The first row, or None."""
        return next(iter(self(*values)), None)

    def _plan(self, database: Any) -> _Plan:
        probes, others = ([_PROBES[kind]() for kind in self._types] for _ in range(2))
        built, compiler, sql, parameters = self._compiled(probes, database)
        *_, same, changed = self._compiled(others, database)
        slots = {
            place: slot
            for place, parameter in enumerate(parameters)
            for slot, probe in enumerate(probes)
            if parameter in (probe, _stored(parameter, probe))
        }
        moved = {
            place for place, (one, other) in enumerate(zip(parameters, changed, strict=False)) if one != other
        }
        if sql != same or moved != set(slots):
            raise RuntimeError("A prepared query decides by its values or computes with them; do without.")
        return _Plan(built, compiler, _converters(compiler), sql, parameters, slots)

    def _compiled(self, values: list[Value], database: Any) -> tuple[Any, Any, str, tuple[Any, ...]]:
        built = self._build(*values)
        compiler = built.query.get_compiler(connection=database)
        sql, parameters = compiler.as_sql()
        return built, compiler, sql, tuple(parameters)


def _converters(compiler: Any) -> Any:
    return compiler.get_converters([expression for expression, *_ in compiler.select[: compiler.col_count]])


def _stored(like: Any, value: Value) -> Any:
    """A value as its field hands it to the database, which is how ``like`` was handed to it."""
    if isinstance(value, UUID):
        return value if isinstance(like, UUID) else value.hex
    # numbers come in wrappers that tell their column; a word of an enumeration is no wrapper
    return type(like)(value) if isinstance(like, type(value)) and not isinstance(like, Enum) else value


@dataclass(frozen=True)
class _Plan:
    """A query as one kind of database reads it. ``slots``: place of a parameter → place of its value."""

    built: Any
    compiler: Any
    converters: Any
    sql: str
    parameters: tuple[Any, ...]
    slots: dict[int, int]

    def rows(self, values: tuple[Value, ...], database: Any) -> list[Any]:
        """The rows for these values, as a queryset reads them."""
        parameters = list(self.parameters)
        for place, slot in self.slots.items():
            parameters[place] = _stored(parameters[place], values[slot])
        compiler = copy(self.compiler)
        compiler.connection = database
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(parameters))
        compiler.get_converters = lambda _: self.converters
        found: Any = QuerySet(self.built.model, query=_Written(compiler))
        found._iterable_class, found._fields = self.built._iterable_class, self.built._fields
        return list(found)


class _Written(Query):
    """The query of a compiler that has its SQL already."""

    _compiler: Any

    def __init__(self, compiler: Any) -> None:
        self.__dict__ = {**compiler.query.__dict__, "_compiler": compiler}

    def get_compiler(self, *_: Any, **__: Any) -> Any:
        """The one that is ready."""
        return self._compiler
