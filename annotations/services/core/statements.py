"""The table of statements: written when a set is approved, emptied when it is approved no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotations.enums import Round, State
from annotations.models import AnnotationSet, Article, Relation, Span, Statement, bulk
from annotations.scheme.statements import StatementSpan, derive_statements

_SPAN_FIELDS = ("pk", "label", "attributes", "actor_id", "proposition_id")
_COLUMNS = (
    "corpus_id", "article_id", "set_id", "source", "language", "span_id", "kind", "actor_id",
    "proposition_id", "stance", "polarity", "basis", "mode", "attribution", "ascribed_by_id", "day",
    "day_last", "day_source",
)  # fmt: skip


def counts_statements(row: AnnotationSet) -> bool:
    """Return whether the statements of a set count: calibration and unfinished work never do."""
    return row.state == State.APPROVED and row.round == Round.PRODUCTION


def refresh_statements(row: AnnotationSet) -> None:
    """Store the statements of a set if they count, and no others; call it within the change."""
    Statement.objects.filter(set=row).delete()
    if counts_statements(row):
        bulk.insert_rows(Statement, _COLUMNS, list(statement_rows(row, row.article)))


def statement_rows(row: AnnotationSet, article: Article) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the table for a set, in the order of ``_COLUMNS``."""
    spans = Span.objects.filter(set=row).order_by("start", "end", "pk").values_list(*_SPAN_FIELDS)
    relations = Relation.objects.filter(set=row).order_by("pk").values_list("type", "source_id", "target_id")
    first = (article.corpus_id, article.pk, row.pk, article.source, article.language)
    for statement in derive_statements(
        (StatementSpan(*span) for span in spans), relations, article.published_at
    ):
        yield *first, *statement
