"""Compiled queries: frequent queries whose SQL is generated once and then reused with new values.

Django generates the SQL of a queryset each time, which takes longer than the database takes to answer.
Queries of every request are therefore a ``CompiledQuery``; all others are plain querysets.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.sql import Query

Row = TypeVar("Row", bound=Model)
QueryValue: TypeAlias = UUID | int | str

#: For each type, a random value that is in no query, by which its position among the parameters is found.
_PROBES: dict[type[QueryValue], Callable[[], QueryValue]] = {
    UUID: uuid4,
    int: lambda: 1_000_000_000 + secrets.randbelow(1_000_000_000),
    str: lambda: secrets.token_hex(16),
}


class CompiledQuery(Generic[Row]):
    """A query that returns the rows of ``build(*values)`` for values of ``types`` (never None).

    Rows are objects of the model, or tuples if ``build`` ends in ``values_list``. ``build`` may use its
    values only as parameters of the query; it may not branch on them or compute with them. It is called
    twice at the first use on each database engine, and never again.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *types: type[QueryValue]) -> None:
        self._build, self._types = build, types
        self._plans: dict[str, _Plan] = {}

    def __call__(self, *values: QueryValue) -> list[Row]:
        """Run the query and return its rows."""
        database = connections[DEFAULT_DB_ALIAS]
        plan = self._plans.get(database.vendor)
        if plan is None:
            try:
                plan = self._plans[database.vendor] = self._plan(database)
            except EmptyResultSet:  # a condition that nothing fits, whatever the values
                return []
        return plan.rows(values, database)

    def first(self, *values: QueryValue) -> Row | None:
        """Run the query and return the first row, or None."""
        return next(iter(self(*values)), None)

    def _plan(self, database: object) -> _Plan:
        probes, others = ([_PROBES[kind]() for kind in self._types] for _ in range(2))
        queryset, compiler, sql, parameters = self._compile(probes, database)
        *_, other_sql, other_parameters = self._compile(others, database)
        slots = {
            index: slot
            for index, parameter in enumerate(parameters)
            for slot, probe in enumerate(probes)
            if parameter in (probe, _to_parameter(parameter, probe))
        }
        differing = {
            index
            for index, (one, other) in enumerate(zip(parameters, other_parameters, strict=False))
            if one != other
        }
        if sql != other_sql or differing != set(slots):
            raise RuntimeError("A prepared query decides by its values or computes with them; do without.")
        return _Plan(queryset, compiler, _converters(compiler), sql, parameters, slots)

    def _compile(self, values: list[QueryValue], database: object) -> tuple[Any, Any, str, tuple[Any, ...]]:
        queryset = self._build(*values)
        compiler = queryset.query.get_compiler(connection=database)
        sql, parameters = compiler.as_sql()
        return queryset, compiler, sql, tuple(parameters)


def _converters(compiler: Any) -> Any:
    return compiler.get_converters([expression for expression, *_ in compiler.select[: compiler.col_count]])


def _to_parameter(like: object, value: QueryValue) -> Any:
    """Return a value as its field passes it to the database, in the form of the parameter ``like``."""
    if isinstance(value, UUID):
        return value if isinstance(like, UUID) else value.hex
    # Numbers may be in a wrapper type of their column; a member of an enumeration is no wrapper.
    return type(like)(value) if isinstance(like, type(value)) and not isinstance(like, Enum) else value


@dataclass(frozen=True)
class _Plan:
    """The SQL of a query on one database engine. ``slots``: index of a parameter → index of its value."""

    queryset: Any
    compiler: Any
    converters: Any
    sql: str
    parameters: tuple[Any, ...]
    slots: dict[int, int]

    def rows(self, values: tuple[QueryValue, ...], database: object) -> list[Any]:
        """Return the rows for these values, as the queryset would."""
        parameters = list(self.parameters)
        for index, slot in self.slots.items():
            parameters[index] = _to_parameter(parameters[index], values[slot])
        compiler = copy(self.compiler)
        compiler.connection = database
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(parameters))
        compiler.get_converters = lambda _: self.converters
        rows: Any = QuerySet(self.queryset.model, query=_CompiledSQLQuery(compiler))
        rows._iterable_class, rows._fields = self.queryset._iterable_class, self.queryset._fields
        return list(rows)


class _CompiledSQLQuery(Query):
    """A query whose compiler already has its SQL."""

    _compiler: Any

    def __init__(self, compiler: Any) -> None:
        self.__dict__ = {**compiler.query.__dict__, "_compiler": compiler}

    def get_compiler(self, *_: object, **__: object) -> Any:
        """Return the compiler that has the SQL."""
        return self._compiler
