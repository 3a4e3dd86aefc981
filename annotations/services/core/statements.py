"""The table of statements: written when a set is approved, emptied when it is approved no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from annotations.enums import Round, State
from annotations.models import AnnotationSet, Article, Corpus, Relation, Span, Statement, bulk
from annotations.scheme.statements import StatementSpan, derive_statements, statement_days

_SPAN_COLUMNS = ("set_id", "pk", "label", "attributes", "actor_id", "proposition_id")
_RELATION_COLUMNS = ("set_id", "type", "source_id", "target_id")
COLUMNS = (
    "corpus_id", "article_id", "set_id", "source", "language", "span_id", "kind", "actor_id",
    "proposition_id", "stance", "polarity", "basis", "mode", "attribution", "ascribed_by_id", "day",
    "day_last", "day_source",
)  # fmt: skip
#: The fields of an article that its statements repeat.
ARTICLE_FIELDS = frozenset({"source", "language", "published_at"})
#: Calibration and unfinished work never count.
COUNTING_SETS = Q(state=State.APPROVED, round=Round.PRODUCTION)
_SETS_AT_ONCE = 200


def counts_statements(row: AnnotationSet) -> bool:
    """Return whether the statements of a set count."""
    return row.state == State.APPROVED and row.round == Round.PRODUCTION


def refresh_statements(row: AnnotationSet) -> None:
    """Store the statements of a set that has become gold, or delete those of one that is it no more.

    Call it within the change, and only where the state has changed.
    """
    if counts_statements(row):
        bulk.insert_rows(Statement, COLUMNS, list(derive_rows([row])))
    else:
        Statement.objects.filter(set=row).delete()


def insert_statements(set_ids: Iterable[UUID | str]) -> None:
    """Store the statements of sets that are new; call it within the change."""
    rows = AnnotationSet.objects.filter(COUNTING_SETS, pk__in=list(set_ids)).select_related("article")
    for some in bulk.batched(rows.order_by("pk"), _SETS_AT_ONCE):
        bulk.insert_rows(Statement, COLUMNS, list(derive_rows(some)))


def refresh_article_columns(article: Article) -> None:
    """Store what the statements of an article repeat of it; call it within the change of the article."""
    rows = Statement.objects.filter(article=article).order_by()
    rows.update(source=article.source, language=article.language)
    first, last, day_source = statement_days("", article.published_at)
    rows.exclude(day_source="statement").update(day=first, day_last=last, day_source=day_source)


def rebuild_statements(corpus: Corpus | None = None) -> int:
    """Derive all statements anew, set by set, while people work; return their number."""
    stored, sets = Statement.objects.order_by(), AnnotationSet.objects.filter(COUNTING_SETS)
    if corpus is not None:
        stored, sets = stored.filter(corpus=corpus), sets.filter(corpus=corpus)
    counting = AnnotationSet.objects.filter(COUNTING_SETS).order_by()
    stored.exclude(set__in=counting.values("pk")).delete()
    total = 0
    for ids in bulk.batched(sets.order_by("pk").values_list("pk", flat=True), _SETS_AT_ONCE):
        with transaction.atomic():
            # the articles first, in the order in which transitions lock
            of_sets = AnnotationSet.objects.filter(pk__in=ids).values("article_id")
            list(Article.objects.select_for_update().filter(pk__in=of_sets).order_by("pk").values_list("pk"))
            rows = sets.filter(pk__in=ids).select_related("article").order_by("pk")
            Statement.objects.filter(set__in=ids).delete()
            derived = list(derive_rows(list(rows)))
            bulk.insert_rows(Statement, COLUMNS, derived)
            total += len(derived)
    return total


def derive_rows(rows: Sequence[AnnotationSet]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the table for sets, in the order of ``COLUMNS``; their articles are loaded."""
    ids = [row.pk for row in rows]
    spans = Span.objects.filter(set__in=ids).order_by("start", "end", "pk").values_list(*_SPAN_COLUMNS)
    relations = Relation.objects.filter(set__in=ids).order_by("pk").values_list(*_RELATION_COLUMNS)
    spans_by_set, relations_by_set = _group(spans), _group(relations)
    for row in rows:
        article = row.article
        first = (article.corpus_id, article.pk, row.pk, article.source, article.language)
        of_set = (StatementSpan(*span) for span in spans_by_set.get(row.pk, ()))
        for statement in derive_statements(of_set, relations_by_set.get(row.pk, ()), article.published_at):
            yield *first, *statement


def _group(rows: Iterable[tuple[Any, ...]]) -> Mapping[Any, list[Any]]:
    """Return rows by their first column, without it."""
    groups: dict[Any, list[Any]] = {}
    for key, *rest in rows:
        groups.setdefault(key, []).append(tuple(rest))
    return groups
