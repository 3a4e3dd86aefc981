"""The terms of ``SearchPart`` rows, as each engine keeps them: one analyser, two ways to store its terms.

PostgreSQL: two columns with the words in order, ``folded`` and ``latin``, and a GIN index over the tsvector
of both. The index says where all words of a question stand, the columns where they stand side by side.
SQLite: a table of FTS5 with the same two columns, whose rowids are the ids of the parts; it keeps the places
of words, and no copy of the texts. A term reaches SQL as a value only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID
from zlib import crc32

from django.db import connection
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL

from annotations.models.search import SearchPlace
from annotations.text.search import TermBlock
from annotations.text.search_query import WordsAtom

PARTS, TERMS, INSTANCES = "annotations_searchpart", "annotations_searchterms", "annotations_searchinstances"
_COLUMNS = "corpus_id, article_id, place, revision, number"
_ROWS_AT_ONCE, _PARTS_AT_ONCE = 5_000, 200
#: Words in so many parts are common: to look for them article by article, until a page is full, takes less
#: time than to find all of them first.
COMMON = 2_500


class PartRow(NamedTuple):
    """A row to store, with its terms."""

    corpus: UUID
    article: UUID
    place: SearchPlace
    revision: UUID | None
    number: int
    block: TermBlock


class _HasWords(Func):
    """Whether a query finds the words of an article; ``%(expressions)s`` in it is the id of the article."""

    output_field = BooleanField()

    def __init__(self, sql: str, *values: object) -> None:
        super().__init__(F("pk"), template=f"EXISTS ({sql})")
        self._values = values

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Return the condition; its values follow those of the expression."""
        sql, values = super().as_sql(compiler, connection, **extra)
        return sql, [*values, *self._values]


class PostgresTermIndex:
    """The index as the words of a part in order, and a GIN index of them."""

    def create(self) -> Iterator[str]:
        """Yield the statements that create columns and index; parts stay small, their words beside them.

        The function makes a vector of some hundred words, which takes as long as its cost says: without it,
        the planner would rather make those of all rows than look into the index.
        """
        yield f"ALTER TABLE {PARTS} ADD COLUMN folded text NOT NULL, ADD COLUMN latin text NOT NULL"
        yield f"ALTER TABLE {PARTS} SET (toast_tuple_target = 128)"
        yield (
            f"CREATE FUNCTION {TERMS}(folded text, latin text) RETURNS tsvector"
            " LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20000 AS $$ BEGIN"
            " RETURN array_to_tsvector(string_to_array(folded, ' ') || string_to_array(latin, ' '));"
            " END $$"
        )
        yield (
            f"CREATE INDEX search_part_terms ON {PARTS} USING gin ({TERMS}(folded, latin))"
            " WITH (gin_pending_list_limit = 512)"
        )

    def drop(self) -> Iterator[str]:
        """Yield the statements that take it back."""
        yield f"ALTER TABLE {PARTS} DROP COLUMN folded, DROP COLUMN latin"
        yield f"DROP FUNCTION {TERMS}(text, text)"

    def insert(self, rows: Iterable[PartRow]) -> None:
        """Store rows by COPY."""
        with connection.cursor() as cursor:
            copy = cursor.copy(f"COPY {PARTS} ({_COLUMNS}, folded, latin) FROM STDIN")
            with connection.wrap_database_errors, copy as stream:
                for row in rows:
                    stream.write_row((*row[:5], *row.block))

    def stand_in(self, place: SearchPlace, atom: WordsAtom, corpus: UUID | None, *, is_paged: bool) -> Q:
        """Return the condition that these words stand in a place of an article, of one corpus or all.

        For a page, common words are looked for in one article after the other. Else the index is read
        first, by itself: what the planner made of a part of a larger query would not use it.
        """
        forms = [_quote(word.folded) for word in atom.words]
        forms[-1] += ":*" if atom.is_prefix else ""
        question = " & ".join(forms)
        side_by_side, values = self._side_by_side(atom)
        if is_paged and self._is_common(question):
            sql = (
                f"SELECT 1 FROM {PARTS} WHERE article_id = %(expressions)s AND place = %%s AND {side_by_side}"  # noqa: S608
                " OFFSET 0"
            )
            return Q(_HasWords(sql, str(place), *values))
        sql = (
            "WITH found AS MATERIALIZED ("  # noqa: S608 - our own names
            f"SELECT article_id, corpus_id, place, folded, latin FROM {PARTS}"
            f" WHERE {TERMS}(folded, latin) @@ %s::tsquery"
            ") SELECT article_id FROM found WHERE place = %s"
        )
        found: list[object] = [question, str(place)]
        if corpus is not None:
            sql += " AND corpus_id = %s"
            found.append(corpus)
        if len(forms) > 1:
            sql += f" AND {side_by_side}".replace("%%", "%")
            found += values
        return Q(pk__in=RawSQL(sql, found))  # noqa: S611 - our own names

    def _side_by_side(self, atom: WordsAtom) -> tuple[str, list[object]]:
        """Return the condition that the words follow one another in a part, with its values.

        Words of a phrase in several scripts are words of the text, no other words in Latin letters.
        """
        columns = ("folded", "latin") if atom.is_latin else ("folded",)
        condition = " OR ".join(f"strpos(' ' || {column} || ' ', %%s) > 0" for column in columns)
        phrase = f" {' '.join(word.folded for word in atom.words)}{'' if atom.is_prefix else ' '}"
        return f"({condition})", [phrase] * len(columns)

    def _is_common(self, question: str) -> bool:
        """Return whether the planner expects so many parts."""
        sql = f"EXPLAIN (FORMAT JSON) SELECT FROM {PARTS} WHERE {TERMS}(folded, latin) @@ %s::tsquery"
        with connection.cursor() as cursor:
            cursor.execute(sql, [question])
            return bool(cursor.fetchone()[0][0]["Plan"]["Plan Rows"] >= COMMON)

    def digest(self, block: TermBlock) -> int:
        """Return a sum of the words of a block."""
        return crc32("\n".join(block).encode())

    def stored_digests(self, ids: Sequence[int]) -> Mapping[int, int]:
        """Return the same of stored parts."""
        sql = f"SELECT id, folded, latin FROM {PARTS} WHERE id = ANY(%s)"  # noqa: S608 - our own names
        found: dict[int, int] = {}
        with connection.cursor() as cursor:
            for start in range(0, len(ids), _PARTS_AT_ONCE):
                cursor.execute(sql, [list(ids[start : start + _PARTS_AT_ONCE])])
                found |= {id: self.digest(TermBlock(*words)) for id, *words in cursor}
        return found


class SQLiteTermIndex:
    """The index as a table of FTS5 without content. Rows of parts that are gone stay until it is rebuilt."""

    def create(self) -> Iterator[str]:
        """Yield the statements that create the table, and the view of its terms by which fsck compares."""
        yield (
            f"CREATE VIRTUAL TABLE {TERMS} USING fts5"
            "(folded, latin, content='', columnsize=0, tokenize=ascii)"
        )
        yield f"CREATE VIRTUAL TABLE {INSTANCES} USING fts5vocab('{TERMS}', 'instance')"

    def drop(self) -> Iterator[str]:
        """Yield the statements that take it back."""
        yield f"DROP TABLE {INSTANCES}"
        yield f"DROP TABLE {TERMS}"

    def insert(self, rows: Iterable[PartRow]) -> None:
        """Store rows, then their terms under the ids that they got."""
        marks = ", ".join(["%s"] * 5)
        stored = list(rows)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {PARTS} ({_COLUMNS}) VALUES ({marks})",  # noqa: S608 - our own names
                [self._values(row) for row in stored],
            )
            cursor.executemany(
                f"INSERT INTO {TERMS} (rowid, folded, latin) SELECT id, %s, %s FROM {PARTS}"  # noqa: S608
                " WHERE article_id = %s AND place = %s AND number = %s",
                [(*row.block, row.article.hex, row.place, row.number) for row in stored],
            )

    def stand_in(self, place: SearchPlace, atom: WordsAtom, corpus: UUID | None, *, is_paged: bool) -> Q:
        """Return the condition that these words stand in a place of an article, of one corpus or all.

        A phrase is a string of FTS5. The articles of common words are not put together for a page: whether
        the words stand in an article is asked for one after the other, until the page is full.
        """
        columns = "{folded latin}" if atom.is_latin else "{folded}"
        words = " ".join(word.folded for word in atom.words)
        question = f'{columns} : "{words}"{" *" if atom.is_prefix else ""}'
        if is_paged and not atom.is_prefix and self._is_common(question):
            sql = (
                f"SELECT 1 FROM {PARTS} part CROSS JOIN {TERMS} ON {TERMS}.rowid = part.id"  # noqa: S608
                f" WHERE part.article_id = %(expressions)s AND part.place = %%s AND {TERMS} MATCH %%s"
            )
            return Q(_HasWords(sql, str(place), question))
        sql = (
            f"SELECT part.article_id FROM {TERMS} JOIN {PARTS} part ON part.id = {TERMS}.rowid"  # noqa: S608
            f" WHERE {TERMS} MATCH %s AND part.place = %s"
        )
        values: tuple[object, ...] = (question, str(place))
        if corpus is not None:
            sql, values = f"{sql} AND part.corpus_id = %s", (*values, corpus.hex)
        return Q(pk__in=RawSQL(sql, values))  # noqa: S611 - our own names

    def _is_common(self, question: str) -> bool:
        sql = f"SELECT 1 FROM {TERMS} WHERE {TERMS} MATCH %s LIMIT 1 OFFSET %s"  # noqa: S608 - our own names
        with connection.cursor() as cursor:
            cursor.execute(sql, [question, COMMON - 1])
            return cursor.fetchone() is not None

    def digest(self, block: TermBlock) -> int:
        """Return the sum over columns, places and terms."""
        return sum(
            crc32(f"{column}{place} {term}".encode())
            for column, text in zip(TermBlock._fields, block, strict=True)
            for place, term in enumerate(text.split())
        )

    def stored_digests(self, ids: Sequence[int]) -> Mapping[int, int]:
        """Return the same of stored rows; the table is read as a whole, in the order of its terms."""
        found = dict.fromkeys(ids, 0)
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT doc, col, "offset", term FROM {INSTANCES}')  # noqa: S608 - our own names
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                for id, column, place, term in rows:
                    if id in found:
                        found[id] += crc32(f"{column}{place} {term}".encode())
        return found

    def _values(self, row: PartRow) -> tuple[str | int | None, ...]:
        revision = None if row.revision is None else row.revision.hex
        return row.corpus.hex, row.article.hex, row.place, revision, row.number


def _quote(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


TERM_INDEXES: Mapping[str, PostgresTermIndex | SQLiteTermIndex] = {
    "postgresql": PostgresTermIndex(), "sqlite": SQLiteTermIndex(),
}  # fmt: skip


def term_index() -> PostgresTermIndex | SQLiteTermIndex:
    """Return the index of the engine in use."""
    return TERM_INDEXES[connection.vendor]


def purge_leftovers() -> None:
    """Rewrite the terms of an engine that keeps those of rows that are gone: then nothing is left of them."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TERMS} ({TERMS}) VALUES ('optimize')")  # noqa: S608


def clear_leftovers() -> None:
    """Empty the terms of an engine that keeps those of rows that are gone; call it where no part is left."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TERMS} ({TERMS}) VALUES ('delete-all')")  # noqa: S608
