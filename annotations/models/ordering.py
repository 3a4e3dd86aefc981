"""The order of rows in columns that may be empty: rows without a value come last, on both engines.

SQLite puts them before all others and PostgreSQL after, each the other way round where the order descends.
"""

from __future__ import annotations

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import OrderBy


def nulls_last(term: str) -> OrderBy:
    """Return the order by a column, with a minus sign where it descends; no value comes last either way."""
    column = F(term.removeprefix("-"))
    return column.desc(nulls_last=True) if term.startswith("-") else column.asc(nulls_last=True)


def may_be_null(model: type[Model], term: str) -> bool:
    """Return whether rows may lack the value of an ordering term: by its column or by a link on the way.

    What is no column, such as an annotation, may lack it. A column that never does keeps the plain order,
    which an index can give.
    """
    step: type[Model] | None = model
    for name in term.removeprefix("-").split(LOOKUP_SEP):
        if step is None or name == "pk":
            return False
        try:
            field = step._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if getattr(field, "null", True):
            return True
        step = field.related_model if isinstance(field.related_model, type) else None
    return False
