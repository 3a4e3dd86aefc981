"""Upgrades without a standstill: what a migration would do to a large table of PostgreSQL while it is locked.

A table of operations, each with the question that it is asked and the sentence that says what to do instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import CheckConstraint
from django.db.models.expressions import Value

_PLAIN_INDEX = re.compile(r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY\b)", re.IGNORECASE)
_NEW_TYPE = re.compile(r"\bALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+DATA\s+)?TYPE\b", re.IGNORECASE)
_TABLE = re.compile(r"\b(?:ON|TABLE)\s+(?:ONLY\s+|IF\s+EXISTS\s+)*\"?(\w+)\"?", re.IGNORECASE)

INDEX = (
    "it builds an index while nobody can write; use AddIndexConcurrently in a migration that is not atomic"
)
SCAN = "it reads all rows while nobody can write; use AddConstraintNotValid and, later, ValidateConstraint"
REWRITE = "it writes every row anew while nobody can read; add a field beside it, and fill that in batches"
FILLED = "its default is computed for each row, and all are written anew; add it empty, fill it in batches"
INDEXED = (
    "it builds an index while nobody can write; add the field without one, then use AddIndexConcurrently"
)


@dataclass(frozen=True)
class Risk:
    """What makes a migration wait on a table: its name in the database, and the sentence."""

    migration: str
    table: str
    sentence: str


def find_risks(migration: Migration, state: ProjectState) -> Iterator[Risk]:
    """Yield the risks of a migration, and bring the state of the models behind it."""
    name = f"{migration.app_label}.{migration.name}"
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        for table, sentence in _operation_risks(operation, migration.app_label, before, state):
            yield Risk(name, table, sentence)


def _operation_risks(
    operation: Operation, app: str, before: ProjectState, after: ProjectState
) -> Iterator[tuple[str, str]]:
    if isinstance(operation, SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _operation_risks(inner, app, before, after)
        return
    if isinstance(operation, RunSQL):
        yield from _sql_risks(operation.sql)
        return
    ask = next((ask for kind, ask in QUESTIONS.items() if type(operation) is kind), None)
    sentence = ask(operation, app, before, after) if ask is not None else None
    if sentence:
        model = getattr(operation, "model_name", "")
        yield after.apps.get_model(app, model)._meta.db_table, sentence


def _sql_risks(sql: object) -> Iterator[tuple[str, str]]:
    statements = (
        [sql] if isinstance(sql, str) else [str(part) for part in sql] if isinstance(sql, list) else []
    )
    for statement in statements:
        for pattern, sentence in ((_PLAIN_INDEX, INDEX), (_NEW_TYPE, REWRITE)):
            found = _TABLE.search(statement)
            if pattern.search(statement) and found:
                yield found[1], sentence


def _field(state: ProjectState, app: str, operation: AddField | AlterField) -> Any:
    return state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)


def _ask_index(_operation: Operation, _app: str, _before: ProjectState, _after: ProjectState) -> str | None:
    return INDEX


def _ask_constraint(
    operation: Operation, _app: str, _before: ProjectState, _after: ProjectState
) -> str | None:
    constraint = getattr(operation, "constraint", None)
    return SCAN if isinstance(constraint, CheckConstraint) else INDEX


def _ask_added(operation: Operation, app: str, _before: ProjectState, after: ProjectState) -> str | None:
    assert isinstance(operation, AddField)  # noqa: S101 - by the table
    field = _field(after, app, operation)
    if field.many_to_many:
        return None
    if field.db_index or field.unique:
        return INDEXED
    return (
        FILLED
        if field.has_db_default() and not isinstance(field.db_default, Value | str | int | bool)
        else None
    )


def _ask_altered(operation: Operation, app: str, before: ProjectState, after: ProjectState) -> str | None:
    assert isinstance(operation, AlterField)  # noqa: S101 - by the table
    old, new = (_field(state, app, operation) for state in (before, after))
    if old.db_type(connection) != new.db_type(connection) and not _is_widened(old, new):
        return REWRITE
    if (new.db_index, new.unique) != (old.db_index, old.unique) and (new.db_index or new.unique):
        return INDEXED
    return SCAN if old.null and not new.null else None


def _is_widened(old: Any, new: Any) -> bool:
    """Return whether PostgreSQL keeps the rows as they are: a longer text is stored as a shorter one."""
    kinds = {field.get_internal_type() for field in (old, new)}
    if not kinds <= {"CharField", "TextField", "URLField", "SlugField"}:
        return False
    lengths = [getattr(field, "max_length", None) or float("inf") for field in (old, new)]
    return lengths[1] >= lengths[0]


_Question = Callable[[Operation, str, ProjectState, ProjectState], str | None]
#: By the exact class: AddIndexConcurrently and AddConstraintNotValid are subclasses, and have no risk.
QUESTIONS: dict[type[Operation], _Question] = {
    AddIndex: _ask_index,
    AddConstraint: _ask_constraint,
    AddField: _ask_added,
    AlterField: _ask_altered,
}
