"""The writers of CSV tables: every quote, and the holders of every position.

There are two dialects. ``machine`` is verbatim CSV by RFC 4180: programs read what is stored.
``spreadsheet`` is for people: it has a byte order mark, and an apostrophe before every cell that a
spreadsheet would run as a formula or change (0012345, 2026-03), so it cannot be read back.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import IO, Any

from annotations.formats.core.interfaces import Dialect, Example, Format, RecordSection, RegistryNames, Writer
from annotations.formats.core.record_statements import read_attributes, statements_of_set
from annotations.formats.core.records import AnnotationSet, Article, Corpus, Span
from annotations.formats.core.typed_columns import Column, text_columns
from annotations.scheme import ATTRIBUTES
from annotations.scheme.statements import HOLDER_RELATIONS
from annotations.text.parsing import format_timestamp

QUOTE_COLUMNS = (
    "article_id", "external_id", "title", "source", "published_at", "revision", "set_id", "owner", "state",
    "span_id", "label", "start", "end", "quote", "actor_id", "actor", "proposition_id", "proposition",
    *ATTRIBUTES,
)  # fmt: skip
POSITION_COLUMNS = (
    "article_id", "external_id", "published_at", "span_id", "start", "end", "quote", "holder_id", "holder",
    "proposition_id", "proposition", "topic", "stance", "basis", "statement_date",
)  # fmt: skip

RELATIONS = (
    "article_id", "external_id", "set_id", "owner", "state", "relation_id", "type",
    "source_id", "source_label", "source_start", "source_end", "source_quote", "source_actor",
    "source_proposition", "target_id", "target_label", "target_start", "target_end", "target_quote",
    "target_actor", "target_proposition",
)  # fmt: skip

# Some spreadsheets see a formula behind white space or quotation marks, too.
_FORMULA = re.compile(r"[\s\"'‘’‚“”„«»]*[=+\-@＝＋－＠]|[\t\r\n]")


_MONTHS = (
    r"(?:jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|märz?|apr(?:il)?|ma[yi]|june?|juni|july?|juli|aug(?:ust)?"
    r"|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\.?"
)
# What a spreadsheet takes for a number, a date, a time or a truth value, and shows in its own way.
_TYPED = re.compile(
    rf"\s*[(\[]?[$€£¥]?\s*[\d.,][\d\s.,:/'’%e+\-]*(?:[ap]m?|[$€£¥])?[)\]]?\s*"
    rf"|\s*\d{{1,4}}[\s./\-]*{_MONTHS}[\s.,/\-]*\d{{0,4}}\s*"
    rf"|\s*{_MONTHS}[\s.,/\-]*\d[\d\s.,/\-]*"
    r"|\s*(?:true|false|wahr|falsch)\s*",
    re.IGNORECASE,
)
# Whole numbers that it shows as they are: it keeps fifteen digits.
_SAFE_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
MOST_IN_CELL = 32_767
"""The number of UTF-16 units that a cell of a spreadsheet holds; it cuts what is longer."""


def defuse_formula(cell: object) -> Any:
    """Return a cell that no spreadsheet runs as a formula or turns into another value."""
    if not isinstance(cell, str) or not cell:
        return cell
    if _FORMULA.match(cell):
        return f"'{cell}"
    is_changed = len(cell) <= _LONGEST_TYPED and _TYPED.fullmatch(cell) and not _SAFE_NUMBER.fullmatch(cell)
    return f"'{cell}" if is_changed else cell


#: No spreadsheet sees a number or a date in more characters.
_LONGEST_TYPED = 500


def is_cut(cell: object) -> bool:
    """Return whether a spreadsheet cuts a cell off, or refuses it."""
    if not isinstance(cell, str) or len(cell) <= MOST_IN_CELL // 2:
        return False
    return len(cell.encode("utf-16-le")) // 2 > MOST_IN_CELL


class TableWriter(Writer):
    """The base of the writers of tables."""

    columns: tuple[str, ...] = ()
    #: The column by which a loss names a row.
    id_column = "span_id"

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._buffer = io.StringIO()
        self._csv = csv.writer(self._buffer)  # CRLF, and quotes where they are needed

    def write_corpus(self, corpus: Corpus) -> None:  # noqa: ARG002
        """Write the names of the columns."""
        if self.dialect == Dialect.SPREADSHEET:
            self.out.write("\ufeff".encode())
        self._csv.writerow(self.columns)

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write the rows of an article."""
        self.write_rows([row for of in article.sets for row in self.build_rows(article, of, names)])

    def write_rows(self, rows: list[tuple[Any, ...]]) -> None:
        """Write rows in the dialect, and count the cells that it loses."""
        self.records += len(rows)
        if self.dialect == Dialect.SPREADSHEET:
            rows = [tuple(map(defuse_formula, row)) for row in rows]
            place = self.columns.index(self.id_column)
            self.losses.add(LONG_CELLS, [row[place] for row in rows for cell in row if is_cut(cell)])
        self._csv.writerows(rows)
        self._flush()

    def close(self) -> None:
        """Write the rest of the buffer."""
        self._flush()

    def _flush(self) -> None:
        self.out.write(self._buffer.getvalue().encode())
        self._buffer.seek(0)
        self._buffer.truncate()

    def build_rows(
        self, article: Article, of: AnnotationSet, names: RegistryNames
    ) -> Iterable[tuple[Any, ...]]:
        """Yield the rows of one set, in the order of ``columns``."""
        raise NotImplementedError


class QuotesWriter(TableWriter):
    """A writer of every span of every set, with its quote and attributes."""

    columns = QUOTE_COLUMNS

    def build_rows(
        self, article: Article, of: AnnotationSet, names: RegistryNames
    ) -> Iterable[tuple[Any, ...]]:
        """Yield a row for each span."""
        self.losses.add("relations", [relation[0] for relation in of.relations])
        self.losses.add("comments", [comment[0] for comment in of.comments])
        number = next((row.number for row in article.revisions if row.id == of.revision), None)
        published = "" if article.published_at is None else format_timestamp(article.published_at)
        first = (
            article.id, article.external_id, article.title, article.source, published, number, of.id,
            of.owner, of.state,
        )  # fmt: skip
        for id, _, label, start, end, words, encoded, actor, proposition, _, _ in of.spans:
            attributes = json.loads(encoded)
            yield (
                *first, id, label, start, end, words,
                actor, names.actors.get(actor or ""),
                proposition, names.propositions.get(proposition or ""),
                *map(attributes.get, ATTRIBUTES),
            )  # fmt: skip


#: The attributes of a position that have a column; the others are losses.
_ATTRIBUTE_COLUMNS = ("stance", "basis", "statement_date")
HELD_BY = HOLDER_RELATIONS["position"]


class PositionsWriter(TableWriter):
    """A writer of the holders of each position on an issue."""

    columns = POSITION_COLUMNS

    def build_rows(
        self, article: Article, of: AnnotationSet, names: RegistryNames
    ) -> Iterable[tuple[Any, ...]]:
        """Yield a row for each position and holder; one without a holder where none is linked."""
        spans = {span[0]: Span(*span) for span in of.spans}
        self._record_losses(of, spans)
        published = "" if article.published_at is None else format_timestamp(article.published_at)
        for statement in statements_of_set(article, of):
            if statement.kind == "position":
                span = spans[statement.span]
                attributes = read_attributes(span.attributes)
                yield (
                    article.id, article.external_id, published, span.id, span.start, span.end, span.quote,
                    statement.actor, names.actors.get(statement.actor or ""),
                    span.proposition, names.propositions.get(span.proposition or ""),
                    names.topics.get(span.proposition or ""),
                    *map(attributes.get, _ATTRIBUTE_COLUMNS),
                )  # fmt: skip

    def _record_losses(self, of: AnnotationSet, spans: Mapping[str, Span]) -> None:
        """Count what a table of positions cannot carry."""
        held = dict.fromkeys(relation[4] for relation in of.relations if relation[2] == HELD_BY)
        self.losses.add("unlinked-holders", [id for id in held if spans[id].actor is None])
        self.losses.add(
            "spans",
            [span.id for span in spans.values() if span.label != "position" and span.id not in held],
        )
        self.losses.add("relations", [relation[0] for relation in of.relations if relation[2] != HELD_BY])
        self.losses.add("comments", [comment[0] for comment in of.comments])
        for span in spans.values():
            if span.label == "position":
                attributes = read_attributes(span.attributes)
                extra = sum(name not in _ATTRIBUTE_COLUMNS for name in attributes)
                self.losses.add("attributes", [span.id] * extra)


class RelationsWriter(TableWriter):
    """A writer of every relation of every set, with both of its ends."""

    columns = RELATIONS
    id_column = "relation_id"

    def build_rows(
        self, article: Article, of: AnnotationSet, names: RegistryNames
    ) -> Iterable[tuple[Any, ...]]:
        """Yield a row for each relation."""
        ends = {id for relation in of.relations for id in (relation[3], relation[4])}
        cells = {
            id: (
                id, label, start, end, words, names.actors.get(actor or ""),
                names.propositions.get(proposition or ""),
            )
            for id, _, label, start, end, words, _, actor, proposition, _, _ in of.spans
            if id in ends
        }  # fmt: skip
        self.losses.add("spans", [span[0] for span in of.spans if span[0] not in ends])
        self.losses.add("attributes", [span[0] for span in of.spans if span[0] in ends and span[6] != "{}"])
        self.losses.add("comments", [comment[0] for comment in of.comments])
        for id, _, type_, source, target, _ in of.relations:
            yield (
                article.id, article.external_id, of.id, of.owner, of.state, id, type_,
                *cells[source], *cells[target],
            )  # fmt: skip


_INTEGERS = frozenset(
    {"start", "end", "revision", "source_start", "source_end", "target_start", "target_end"}
)


def table_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns of a table with their types."""
    return tuple(Column(name, "int32") if name in _INTEGERS else text_columns(name)[0] for name in names)


LONG_CELLS = "cells"
LONG_CELLS_MEANING = (
    f"cells of more than {MOST_IN_CELL:,} characters in the dialect spreadsheet; spreadsheets cut them off"
)
_SPREADSHEET = (
    "For people there is the dialect `spreadsheet`: what a spreadsheet would run as a formula, or read as"
    " another number or date than it is, has an apostrophe in front. Cells of more than"
    f" {MOST_IN_CELL:,} characters, which a spreadsheet cuts off, are counted."
)
_PARTS = frozenset(
    {RecordSection.SPANS, RecordSection.RELATIONS, RecordSection.COMMENTS, RecordSection.NAMES}
)

QUOTES_FORMAT = Format(
    name="quotes",
    title="Quotes: a table with a row for each span",
    media_type="text/csv; charset=utf-8",
    extension="csv",
    writer=QuotesWriter,
    without_text=QuotesWriter,
    sections=_PARTS,
    dialects=(Dialect.MACHINE, Dialect.SPREADSHEET),
    loss_descriptions={
        "relations": "links between marked ranges",
        "comments": "remarks",
        LONG_CELLS: LONG_CELLS_MEANING,
    },
    link_label="Quotes, as a table",
    columns=table_columns(QUOTE_COLUMNS),
    notes=(_SPREADSHEET,),
    omissions="texts, articles without marks, and metadata beyond its columns",
    example=Example(
        {"lake.csv": f"{','.join(QUOTE_COLUMNS[:5])},…,label,start,end,quote,…\n"},
        "python -c \"import pandas; print(pandas.read_csv('lake.csv').label.value_counts())\"",
    ),
)
POSITIONS_FORMAT = Format(
    name="positions",
    title="Positions: a table with a row for each position and holder",
    media_type="text/csv; charset=utf-8",
    extension="csv",
    writer=PositionsWriter,
    without_text=PositionsWriter,
    sections=_PARTS,
    dialects=(Dialect.MACHINE, Dialect.SPREADSHEET),
    loss_descriptions={
        "spans": "actors who hold no position, and claims",
        "relations": "links other than held_by",
        "comments": "remarks",
        LONG_CELLS: LONG_CELLS_MEANING,
        "attributes": "attributes of positions beyond stance, basis and date",
        "unlinked-holders": "holders who are not linked to the registry, and so have no name",
    },
    link_label="Positions, as a table",
    columns=table_columns(POSITION_COLUMNS),
    notes=(_SPREADSHEET,),
    omissions="texts, articles without positions, and metadata beyond its columns",
    example=Example(
        {"lake.csv": f"{','.join(POSITION_COLUMNS)}\n"},
        (
            'python -c "import pandas;'
            " print(pandas.read_csv('lake.csv').groupby('holder').stance.value_counts())\""
        ),
    ),
)
RELATIONS_ROW = Format(
    name="relations",
    title="Relations: a table with a row for each link between two spans",
    media_type="text/csv; charset=utf-8",
    extension="csv",
    writer=RelationsWriter,
    without_text=RelationsWriter,
    sections=_PARTS,
    dialects=(Dialect.MACHINE, Dialect.SPREADSHEET),
    loss_descriptions={
        "spans": "spans that no relation joins",
        "attributes": "joined spans with attributes; the spans are written without",
        "comments": "remarks",
        LONG_CELLS: LONG_CELLS_MEANING,
    },
    columns=table_columns(RELATIONS),
    omissions="texts, articles without relations, and what is said of articles and spans elsewhere",
    notes=(
        _SPREADSHEET,
        "`source_id` and `target_id` are the `span_id` of the format quotes, so that the tables join.",
    ),
    example=Example(
        {"lake.csv": f"{','.join(RELATIONS[:8])},source_label,…,target_id,target_label,…\n"},
        (
            'python -c "import pandas;'
            " print(pandas.read_csv('lake.csv').groupby(['source_actor', 'type']).size())\""
        ),
    ),
)
