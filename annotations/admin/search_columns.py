"""What a search of the admin looks into, by column: one fold for the column and for what people type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib.auth.models import User
from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from annotations.models.search_keys import contains_folded
from annotations.text.folding import is_found
from annotations.text.names import fold_name

#: The most words of a search: each costs a pass over the rows.
MAX_WORDS = 8
MAX_LENGTH = 200


class SearchColumn(Protocol):
    """A column that a search looks into."""

    @property
    def path(self) -> str:
        """The path of the column from the rows of the table."""

    def condition(self, word: str) -> Q:
        """Return the condition that the column contains a word."""


@dataclass(frozen=True)
class FoldedColumn:
    """A column that holds the ``search_key`` of its row."""

    path: str

    def condition(self, word: str) -> Q:
        """Return the condition that the column contains the word in any spelling of its letters."""
        return contains_folded(self.path, word)


@dataclass(frozen=True)
class NameColumn:
    """A column that holds a name in Latin letters (``fold_name``)."""

    path: str

    def condition(self, word: str) -> Q:
        """Return the condition that the column contains the word as it is written in Latin letters."""
        folded = fold_name(word)
        return Q((f"{self.path}__contains", folded)) if folded else Q(pk__in=[])


@dataclass(frozen=True)
class SmallTable:
    """Columns of a table with few rows, such as people and corpora, which are folded at each search.

    ``path`` leads to the rows of the table, or with ``value`` to that column of theirs.
    """

    path: str
    model: type[Model]
    columns: tuple[str, ...]
    value: str = "pk"

    def condition(self, word: str) -> Q:
        """Return the condition that one of the columns contains the word in any spelling of its letters."""
        rows: QuerySet[Any, Any] = self.model._default_manager.order_by()
        values = [
            value
            for value, *texts in rows.values_list(self.value, *self.columns)
            if any(is_found(word, text or "") for text in texts)
        ]
        return Q((f"{self.path}__in", values))


@dataclass(frozen=True)
class VerbatimColumn:
    """A column with long texts, in which a word is found exactly as it is written."""

    path: str

    def condition(self, word: str) -> Q:
        """Return the condition that the column contains the word; ``contains`` folds ASCII on SQLite."""
        return Q(GreaterThan(StrIndex(F(self.path), Value(word)), 0))


def people_column(path: str) -> SmallTable:
    """Return the column of the names of the people at the end of a path."""
    return SmallTable(path, User, ("username",))


def matching_rows(rows: QuerySet[Any], columns: tuple[SearchColumn, ...], typed: str) -> QuerySet[Any]:
    """Return the rows that contain every word that was typed; no row comes twice."""
    term = typed[:MAX_LENGTH]
    if "\0" in term:
        return rows.none()
    for word in term.split()[:MAX_WORDS]:
        condition = Q(pk__in=[])
        for column in columns:
            condition |= column.condition(word)
        rows = rows.filter(condition)
    return rows
