"""The terms of ``SearchPart`` rows, as each engine keeps them: one analyser, two ways to store its terms.

PostgreSQL: a column ``terms`` of type tsvector, made of our terms and their positions; a Latin form stands
beside its word with the weight A. SQLite: a table of FTS5 whose rowids are the ids of the parts, and which
keeps no copy of the texts. Its column ``latin`` repeats a text that has other scripts, in Latin letters.
A term reaches SQL as a value only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

from django.db import connection
from django.db.models.expressions import RawSQL

from annotations.models.search import SearchPlace
from annotations.text.search import TermBlock
from annotations.text.search_query import WordsAtom

PARTS, TERMS, INSTANCES = "annotations_searchpart", "annotations_searchterms", "annotations_searchinstances"
_COLUMNS = "corpus_id, article_id, place, revision, number, first"
_ROWS_AT_ONCE, _PARTS_AT_ONCE = 5_000, 200


class PartRow(NamedTuple):
    """A row to store, with its terms."""

    corpus: UUID
    article: UUID
    place: SearchPlace
    revision: UUID | None
    number: int
    block: TermBlock


class PostgresTermIndex:
    """The index as a tsvector with its positions."""

    def create(self) -> Iterator[str]:
        """Yield the statements that create column and index; parts stay small, their terms beside them."""
        yield f"ALTER TABLE {PARTS} ADD COLUMN terms tsvector NOT NULL"
        yield f"ALTER TABLE {PARTS} SET (toast_tuple_target = 128)"
        yield f"CREATE INDEX search_part_terms ON {PARTS} USING gin (terms)"

    def drop(self) -> Iterator[str]:
        """Yield the statements that take it back."""
        yield f"ALTER TABLE {PARTS} DROP COLUMN terms"

    def insert(self, rows: Iterable[PartRow]) -> None:
        """Store rows by COPY."""
        with connection.cursor() as cursor:
            copy = cursor.copy(f"COPY {PARTS} ({_COLUMNS}, terms) FROM STDIN")
            with connection.wrap_database_errors, copy as stream:
                for row in rows:
                    stream.write_row((*row[:5], row.block.first, self._vector(row.block)))

    def articles(self, place: SearchPlace, atom: WordsAtom, corpus: UUID | None = None) -> RawSQL:
        """Return the subquery for the ids of the articles that have these words there, of one corpus or all.

        A phrase is words at neighbouring positions.
        """
        sql = f"SELECT article_id FROM {PARTS} WHERE terms @@ %s::tsquery AND place = %s"  # noqa: S608
        values: tuple[object, ...] = (self._question(atom), str(place))
        if corpus is not None:
            sql, values = f"{sql} AND corpus_id = %s", (*values, corpus)
        return RawSQL(sql, values)  # noqa: S611 - our own names

    def digest(self, block: TermBlock) -> int:
        """Return the sum over lexemes, positions and weights."""
        return sum(
            crc32(f"{position}{weight} {lexeme}".encode())
            for lexeme, position, weight in self._lexemes(block)
        )

    def stored_digests(self, ids: Sequence[int]) -> Mapping[int, int]:
        """Return the same of the stored vectors."""
        sql = (
            "SELECT part.id, word.lexeme, word.positions, word.weights"  # noqa: S608 - our own names
            f" FROM {PARTS} part LEFT JOIN LATERAL unnest(part.terms) word ON true WHERE part.id = ANY(%s)"
        )
        found = dict.fromkeys(ids, 0)
        with connection.cursor() as cursor:
            for start in range(0, len(ids), _PARTS_AT_ONCE):
                cursor.execute(sql, [list(ids[start : start + _PARTS_AT_ONCE])])
                for id, lexeme, positions, weights in cursor:
                    found[id] += sum(
                        crc32(f"{position}{weight} {lexeme}".encode())
                        for position, weight in zip(positions or (), weights or (), strict=True)
                    )
        return found

    def _lexemes(self, block: TermBlock) -> Iterator[tuple[str, int, str]]:
        before = block.first - 1
        for position, _, _, folded, latin in block.terms:
            yield folded, position - before, "D"
            if latin:
                yield latin, position - before, "A"

    def _vector(self, block: TermBlock) -> str:
        places: dict[str, list[str]] = {}
        for lexeme, position, weight in self._lexemes(block):
            places.setdefault(lexeme, []).append(f"{position}A" if weight == "A" else str(position))
        return " ".join(f"{_quote(lexeme)}:{','.join(found)}" for lexeme, found in places.items())

    def _question(self, atom: WordsAtom) -> str:
        # Latin words of a phrase in several scripts are words of the text, no other words in Latin letters.
        weight = "" if atom.is_latin else "D"
        flags = [weight] * len(atom.words)
        flags[-1] += "*" if atom.is_prefix else ""
        return " <-> ".join(
            f"{_quote(word.folded)}{f':{flag}' if flag else ''}"
            for word, flag in zip(atom.words, flags, strict=True)
        )


class SQLiteTermIndex:
    """The index as a table of FTS5 without content. Rows of parts that are gone stay until it is rebuilt."""

    def create(self) -> Iterator[str]:
        """Yield the statements that create the table, and the view of its terms by which fsck compares."""
        yield (
            f"CREATE VIRTUAL TABLE {TERMS} USING fts5"
            """(folded, latin, content='', columnsize=0, tokenize="ascii tokenchars '.,'''")"""
        )
        yield f"CREATE VIRTUAL TABLE {INSTANCES} USING fts5vocab('{TERMS}', 'instance')"

    def drop(self) -> Iterator[str]:
        """Yield the statements that take it back."""
        yield f"DROP TABLE {INSTANCES}"
        yield f"DROP TABLE {TERMS}"

    def insert(self, rows: Iterable[PartRow]) -> None:
        """Store rows, then their terms under the ids that they got."""
        marks = ", ".join(["%s"] * 6)
        stored = list(rows)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {PARTS} ({_COLUMNS}) VALUES ({marks})",  # noqa: S608 - our own names
                [self._values(row) for row in stored],
            )
            cursor.executemany(
                f"INSERT INTO {TERMS} (rowid, folded, latin) SELECT id, %s, %s FROM {PARTS}"  # noqa: S608
                " WHERE article_id = %s AND place = %s AND number = %s",
                [(*self._texts(row.block), row.article.hex, row.place, row.number) for row in stored],
            )

    def articles(self, place: SearchPlace, atom: WordsAtom, corpus: UUID | None = None) -> RawSQL:
        """Return the subquery for the ids of the articles that have these words there, of one corpus or all.

        A phrase is a string of FTS5.
        """
        sql = (
            f"SELECT part.article_id FROM {TERMS} JOIN {PARTS} part ON part.id = {TERMS}.rowid"  # noqa: S608
            f" WHERE {TERMS} MATCH %s AND part.place = %s"
        )
        columns = "{folded latin}" if atom.is_latin else "{folded}"
        words = " ".join(word.folded for word in atom.words)
        question = f'{columns} : "{words}"{" *" if atom.is_prefix else ""}'
        values: tuple[object, ...] = (question, str(place))
        if corpus is not None:
            sql, values = f"{sql} AND part.corpus_id = %s", (*values, corpus.hex)
        return RawSQL(sql, values)  # noqa: S611 - our own names

    def digest(self, block: TermBlock) -> int:
        """Return the sum over columns, places and terms."""
        return sum(
            crc32(f"{column}{place} {term}".encode())
            for column, text in zip(("folded", "latin"), self._texts(block), strict=True)
            for place, term in enumerate(text.split(" ") if text else ())
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
        revision = row.revision and row.revision.hex
        return row.corpus.hex, row.article.hex, row.place, revision, row.number, row.block.first

    def _texts(self, block: TermBlock) -> tuple[str, str]:
        folded = " ".join([term.folded for term in block.terms])
        if not any(term.latin for term in block.terms):
            return folded, ""
        return folded, " ".join(term.latin or term.folded for term in block.terms)


def _quote(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


TERM_INDEXES: Mapping[str, PostgresTermIndex | SQLiteTermIndex] = {
    "postgresql": PostgresTermIndex(), "sqlite": SQLiteTermIndex(),
}  # fmt: skip


def term_index() -> PostgresTermIndex | SQLiteTermIndex:
    """Return the index of the engine in use."""
    return TERM_INDEXES[connection.vendor]


def clear_leftovers() -> None:
    """Empty the terms of an engine that keeps those of rows that are gone; call it where no part is left."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TERMS} ({TERMS}) VALUES ('delete-all')")  # noqa: S608
