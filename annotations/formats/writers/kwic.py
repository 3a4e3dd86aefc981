"""The writer of hits: a table with a row for each place where the words of a question stand in a text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    Dialect,
    Example,
    Format,
    RegistryNames,
)
from annotations.formats.core.records import Article
from annotations.formats.writers.tables import LONG_CELLS, LONG_CELLS_MEANING, TableWriter, table_columns
from annotations.text.parsing import format_timestamp
from annotations.text.search_query import HitFinder, parse_query

COLUMNS = (
    "article_id", "external_id", "title", "source", "published_at", "revision", "start", "end", "before",
    "quote", "after", "span_ids",
)  # fmt: skip
#: How many code points stand before and after a hit.
CONTEXT = 60


class KwicWriter(TableWriter):
    """A writer of the hits in current texts, with the spans that they touch."""

    columns = COLUMNS
    id_column = "article_id"

    @cached_property
    def _finder(self) -> HitFinder:
        return HitFinder(parse_query(self.question).text_atoms)

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write the hits of an article."""
        rows = list(self._hits(article))
        self.write_rows(rows)
        losses = self.losses
        losses.add("metadata", [article.id] if article.metadata != "{}" else [])
        losses.add("revisions", [row.id for row in article.revisions[:-1]])
        touched = {id for row in rows for id in row[-1].split()}
        for row in article.sets:
            losses.add("spans", [span[0] for span in row.spans if span[0] not in touched])
            losses.add("relations", [relation[0] for relation in row.relations])
            losses.add("comments", [comment[0] for comment in row.comments])

    def _hits(self, article: Article) -> Iterator[tuple[Any, ...]]:
        current = article.revisions[-1]
        text = current.text
        spans = sorted(
            (span[3], span[4], span[0])
            for row in article.sets
            if row.revision == current.id
            for span in row.spans
        )
        published = "" if article.published_at is None else format_timestamp(article.published_at)
        head = (article.id, article.external_id, article.title, article.source, published, current.number)
        for start, end in self._finder.find(text):
            touched = " ".join(id for first, last, id in spans if first < end and start < last)
            before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
            yield *head, start, end, before, text[start:end], after, touched


FORMAT = Format(
    name="kwic",
    title="Hits: a table with a row for each place where words stand in a text (KWIC)",
    media_type="text/csv; charset=utf-8",
    extension="csv",
    writer=KwicWriter,
    sections=ANNOTATED_TEXTS,
    dialects=(Dialect.MACHINE, Dialect.SPREADSHEET),
    needs_question=True,
    loss_descriptions={
        "metadata": "articles with metadata beyond the columns",
        "revisions": "older versions of a text",
        "spans": "marked ranges that no hit touches",
        "relations": "links between marked ranges",
        "comments": "remarks",
        LONG_CELLS: LONG_CELLS_MEANING,
    },
    columns=table_columns(COLUMNS),
    omissions="texts beyond the words around a hit, and what is said of spans",
    notes=(
        "It needs the parameter `q`, whose words it lists; `start` and `end` are those of the current text.",
    ),
    example=Example(
        {"lake.csv": f"{','.join(COLUMNS)}\n"},
        "python -c \"import pandas; print(pandas.read_csv('lake.csv').quote.value_counts())\"",
    ),
)
