"""What a search of the admin looks into, by column: one fold for the column and for what people type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.contrib.auth.models import User
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, TextField
from django.db.models.lookups import Contains

from annotations.models.search_keys import contains_folded
from annotations.services.exchange.exports.expressions import id_in
from annotations.text.folding import fold_question, is_found
from annotations.text.names import fold_name

#: The most words of a search: each costs a pass over the rows.
MAX_WORDS = 8
MAX_LENGTH = 200
_ROWS_AT_ONCE = 5_000


class SearchColumn(Protocol):
    """A column that a search looks into."""

    @property
    def path(self) -> str:
        """The path of the column from the rows of the table."""

    def condition(self, word: str, rows: QuerySet[Any]) -> Q:
        """Return the condition that the column contains a word, for these rows of the table."""


@dataclass(frozen=True)
class FoldedColumn:
    """A column that holds the ``search_key`` of its row."""

    path: str

    def condition(self, word: str, rows: QuerySet[Any]) -> Q:
        """Return the condition that the column contains the word in any spelling of its letters."""
        return contains_folded(self.path, word)


@dataclass(frozen=True)
class NameColumn:
    """A column that holds a name in Latin letters (``fold_name``)."""

    path: str

    def condition(self, word: str, rows: QuerySet[Any]) -> Q:
        """Return the condition that the column contains the word as it is written in Latin letters."""
        return self.contains(word)

    def contains(self, word: str) -> Q:
        """Return the same without rows."""
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

    def condition(self, word: str, rows: QuerySet[Any]) -> Q:
        """Return the condition that one of the columns contains the word in any spelling of its letters."""
        small: QuerySet[Any, Any] = self.model._default_manager.order_by()
        values = [
            value
            for value, *texts in small.values_list(self.value, *self.columns).distinct()
            if any(is_found(word, text or "") for text in texts)
        ]
        return Q((f"{self.path}__in", values))


class _IsAscii(Func):
    """Whether a text has no letter beyond ASCII."""

    output_field = BooleanField()
    template = "(octet_length(%(expressions)s) = length(%(expressions)s))"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return the same without the function that old versions lack."""
        template = "(length(CAST(%(expressions)s AS BLOB)) = length(%(expressions)s))"
        return super().as_sql(compiler, connection, template=template, **extra)


class _AsciiLower(Func):
    """A text with the letters of ASCII small, whatever the language of the database."""

    output_field = TextField()
    template = 'lower(%(expressions)s COLLATE "C")'

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return the same without a collation: the function knows no other letters."""
        return super().as_sql(compiler, connection, template="lower(%(expressions)s)", **extra)


@dataclass(frozen=True)
class LongColumn:
    """A column with the words of people, such as quotes and comments, which have no ``search_key``.

    The database looks into the texts of ASCII; those with other letters are folded here, at each search.
    """

    path: str

    def condition(self, word: str, rows: QuerySet[Any]) -> Q:
        """Return the condition that the column contains the word in any spelling of its letters."""
        text = F(self.path)
        forms = (Q(Contains(_AsciiLower(text), form)) for form in fold_question(word))
        others = rows.filter(~Q(_IsAscii(text))).order_by().values_list("pk", self.path)
        found = [pk for pk, other in others.iterator(chunk_size=_ROWS_AT_ONCE) if is_found(word, other)]
        return Q(_IsAscii(text)) & reduce(or_, forms) | Q(id_in("pk", found))


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
            condition |= column.condition(word, rows)
        rows = rows.filter(condition)
    return rows
