"""The writer of the table of statements: each position of a holder, and each claim of a source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from annotations.formats.core.interfaces import Dialect, Example, Format, RecordSection, RegistryNames
from annotations.formats.core.record_statements import read_attributes, statements_of_set
from annotations.formats.core.records import AnnotationSet, Article, Span
from annotations.formats.writers.tables import LONG_CELLS, LONG_CELLS_MEANING, TableWriter, table_columns
from annotations.scheme.statements import ASCRIBER_RELATION, HOLDER_RELATIONS
from annotations.text.parsing import format_timestamp

STATEMENT_COLUMNS = (
    "article_id", "external_id", "title", "source", "language", "published_at", "set_id", "state", "span_id",
    "kind", "start", "end", "quote", "actor_id", "actor", "proposition_id", "proposition", "topic", "stance",
    "polarity", "basis", "mode", "attribution", "claim_type", "certainty", "ascribed_by_id", "ascribed_by",
    "day", "day_last", "day_source", "copies",
)  # fmt: skip
_RELATIONS = frozenset({*HOLDER_RELATIONS.values(), ASCRIBER_RELATION})


class StatementsWriter(TableWriter):
    """A writer of the rows that the table of statements has for the same sets."""

    columns = STATEMENT_COLUMNS

    def build_rows(
        self, article: Article, of: AnnotationSet, names: RegistryNames
    ) -> Iterable[tuple[Any, ...]]:
        """Yield a row for each statement; one without an actor where nobody is linked."""
        spans = {span[0]: Span(*span) for span in of.spans}
        self._record_losses(of, spans)
        published = "" if article.published_at is None else format_timestamp(article.published_at)
        for statement in statements_of_set(article, of):
            if article.is_copy(statement.span, statement.actor):
                self.losses.add("copies", [statement.span])
                continue
            span = spans[statement.span]
            issue, attributes = statement.proposition or "", read_attributes(span.attributes)
            yield (
                article.id, article.external_id, article.title, article.source, article.language, published,
                of.id, of.state, span.id, statement.kind, span.start, span.end, span.quote,
                statement.actor, names.actors.get(statement.actor or ""),
                statement.proposition, names.propositions.get(issue), names.topics.get(issue),
                statement.stance, statement.polarity, statement.basis, statement.mode, statement.attribution,
                attributes.get("claim_type"), attributes.get("certainty"),
                statement.ascribed_by, names.actors.get(statement.ascribed_by or ""),
                str(statement.day or ""), str(statement.day_last or ""), statement.day_source,
                article.copies.get((span.id, statement.actor), 0),
            )  # fmt: skip

    def _record_losses(self, of: AnnotationSet, spans: dict[str, Span]) -> None:
        """Count what a table of statements cannot carry."""
        carried = [relation for relation in of.relations if relation[2] in _RELATIONS]
        ends = dict.fromkeys(relation[4] for relation in carried)
        self.losses.add("unlinked-holders", [id for id in ends if spans[id].actor is None])
        others = [span for span in spans.values() if span.label not in HOLDER_RELATIONS]
        self.losses.add("spans", [span.id for span in others if span.id not in ends])
        self.losses.add("relations", [link[0] for link in of.relations if link[2] not in _RELATIONS])
        self.losses.add("comments", [comment[0] for comment in of.comments])


FORMAT = Format(
    name="statements",
    title="Statements: a table with a row for each position and holder, and each claim and source",
    media_type="text/csv; charset=utf-8",
    extension="csv",
    writer=StatementsWriter,
    without_text=StatementsWriter,
    sections=frozenset(
        {
            RecordSection.SPANS,
            RecordSection.RELATIONS,
            RecordSection.COMMENTS,
            RecordSection.NAMES,
            RecordSection.COPIES,
        }
    ),
    dialects=(Dialect.MACHINE, Dialect.SPREADSHEET),
    loss_descriptions={
        "spans": "actors who say nothing and hold no position",
        "relations": "links other than held_by, made_by and ascribed_by",
        "comments": "remarks",
        "copies": "what copies of one text say, where another of them says the same",
        LONG_CELLS: LONG_CELLS_MEANING,
        "unlinked-holders": "holders and sources who are not linked to the registry, and so have no name",
    },
    link_label="Statements, as a table",
    columns=table_columns(STATEMENT_COLUMNS),
    notes=(
        (
            "With `sets=approved`, which holds if nothing is said, these are the rows from which the matrix,"
            " the changes of mind and the networks are counted. A holder who is mentioned twice has one row."
        ),
        (
            "`day` to `day_last` is the time that a date of a month or a year spans; `day_source` says"
            " whether it is the date of the statement or of the publication."
        ),
        (
            "Of what copies of one text say alike there are the rows of one article: the lead if it says so,"
            " else the earliest that does. `copies` is the number of the others. What is not approved, and"
            " what others ascribe, takes the place of nothing that counts."
        ),
    ),
    omissions="texts, articles without statements, and metadata beyond its columns",
    example=Example(
        {"lake.csv": f"{','.join(STATEMENT_COLUMNS)}\n"},
        ("python -c \"import pandas; print(pandas.read_csv('lake.csv').groupby(['actor', 'kind']).size())\""),
    ),
)
