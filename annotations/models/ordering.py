"""The order of rows, the same on both engines: of columns that may be empty, and of text.

SQLite puts rows without a value before all others and PostgreSQL after, each the other way round where the
order descends: here they come last. SQLite compares text by its code points and PostgreSQL by the rules of
the language with which the database was made: here code points count. Where people read a list, a folded
column such as ``search_key`` makes that an alphabet.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, F, Field, Func, Model, TextField
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import OrderBy
from django.db.models.sql.compiler import SQLCompiler


class CodePoints(Func):
    """A text that is compared by its code points, whatever the language of the database."""

    template = "%(expressions)s"
    arity = 1

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        """Return the column under the collation that compares bytes, which in UTF-8 are in that order."""
        return self.as_sql(compiler, connection, template='%(expressions)s COLLATE "C"', **context)


def nulls_last(term: str) -> OrderBy:
    """Return the order by a column, with a minus sign where it descends; no value comes last either way."""
    column = F(term.removeprefix("-"))
    return column.desc(nulls_last=True) if term.startswith("-") else column.asc(nulls_last=True)


def text_order(term: str) -> OrderBy:
    """Return the order by a column of text that is never null, with a minus sign where it descends."""
    return OrderBy(CodePoints(term.removeprefix("-")), descending=term.startswith("-"))


def portable_order(model: type[Model], term: str) -> str | OrderBy:
    """Return the order by a column of a model, or of a row that it links to, that both engines give.

    What is no column, such as an annotation, may lack its value and is no text. A number that is never
    null keeps the plain order, which an index can give.
    """
    fields = _fields_on_the_way(model, term)
    has_nulls = any(field is None or field.null for field in fields)
    if fields and isinstance(fields[-1], CharField | TextField):
        order = text_order(term)
        return OrderBy(order.expression, descending=order.descending, nulls_last=has_nulls or None)
    return nulls_last(term) if has_nulls else term


def _fields_on_the_way(model: type[Model], term: str) -> list[Field[Any, Any] | None]:
    """Return the fields that an ordering term names, up to its key; None stands for what is no column."""
    step: type[Model] | None = model
    fields: list[Field[Any, Any] | None] = []
    for name in term.removeprefix("-").split(LOOKUP_SEP):
        if step is None or name == "pk":
            break
        try:
            field = step._meta.get_field(name)
        except FieldDoesNotExist:
            return [None]
        fields.append(field if isinstance(field, Field) else None)
        step = field.related_model if isinstance(field.related_model, type) else None
    return fields
