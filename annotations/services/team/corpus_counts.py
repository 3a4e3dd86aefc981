"""Counts of the articles, sets and spans of a corpus that a user sees."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from annotations.enums import ArticleStatus, State
from annotations.models import AnnotationSet, Article, Corpus
from annotations.scheme import LABEL_NAMES
from annotations.visibility import visible, visible_with_content


def count_corpus(by: User, corpus: Corpus) -> dict[str, Any]:
    """Count articles by status, sets by state and spans by label, in three queries that load no text."""
    articles = visible(by, Article.objects.filter(corpus=corpus)).order_by()
    statuses = dict(articles.values_list("status").annotate(n=Count("pk")))
    sets = visible(by, AnnotationSet.objects.filter(corpus=corpus)).order_by()
    states = dict(sets.values_list("state").annotate(n=Count("pk")))
    labels: Counter[str] = Counter()
    readable = visible_with_content(by, AnnotationSet.objects.filter(corpus=corpus)).order_by()
    for counts in readable.values_list("span_counts", flat=True).iterator(chunk_size=2000):
        labels.update(counts)
    return {
        "articles": _with_total("by_status", statuses, ArticleStatus),
        "sets": _with_total("by_state", states, State),
        "spans": _with_total("by_label", labels, LABEL_NAMES),
    }


@dataclass(frozen=True)
class DailyCounts:
    """The numbers of sets that were submitted and approved on one day."""

    date: date
    submitted: int
    approved: int


def count_per_day(by: User, corpus: Corpus, *, days: int = 30) -> list[DailyCounts]:
    """Return the counts of each of the last days, today included, in two queries."""
    today = timezone.localdate()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    submitted, approved = (
        _by_date(by, corpus, column, dates[0]) for column in ("submitted_at", "approved_at")
    )
    return [DailyCounts(day, submitted.get(day, 0), approved.get(day, 0)) for day in dates]


def _by_date(by: User, corpus: Corpus, column: str, first: date) -> dict[date, int]:
    sets = visible(by, AnnotationSet.objects.filter(corpus=corpus)).order_by()
    dated = sets.annotate(day=TruncDate(column)).filter(day__gte=first)
    return dict(dated.values_list("day").annotate(n=Count("pk")))


def _with_total(name: str, counts: Any, values: Any) -> dict[str, Any]:
    rows = {str(value): counts.get(str(value), 0) for value in values}
    return {"total": sum(rows.values()), name: rows}
