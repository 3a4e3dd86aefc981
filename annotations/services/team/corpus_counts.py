"""Counts of the articles, sets and spans of a corpus that a user sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, IntegerField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from annotations.enums import ArticleStatus, State
from annotations.models import AnnotationSet, Article, Corpus
from annotations.scheme import LABEL_NAMES
from annotations.services.core.replica import reads_replica
from annotations.services.team import set_times
from annotations.visibility import visible, visible_with_content


@reads_replica
def count_corpus(by: User, corpus: Corpus) -> dict[str, Any]:
    """Count articles by status, sets by state and spans by label, in three queries that load no text."""
    sets = visible(by, AnnotationSet.objects.filter(corpus=corpus)).order_by()
    states = dict(sets.values_list("state").annotate(n=Count("pk")))
    readable = visible_with_content(by, AnnotationSet.objects.filter(corpus=corpus)).order_by()
    labels = readable.aggregate(**{label: _sum_spans(label) for label in LABEL_NAMES})
    return {
        "articles": count_articles(by, corpus),
        "sets": _with_total("by_state", states, State),
        "spans": _with_total("by_label", labels, LABEL_NAMES),
    }


def _sum_spans(label: str) -> Coalesce:
    return Coalesce(Sum(Cast(KT(f"span_counts__{label}"), IntegerField())), 0)


def count_articles(by: User, corpus: Corpus) -> dict[str, Any]:
    """Count articles by status."""
    articles = visible(by, Article.objects.filter(corpus=corpus)).order_by()
    statuses = dict(articles.values_list("status").annotate(n=Count("pk")))
    return _with_total("by_status", statuses, ArticleStatus)


@dataclass(frozen=True)
class DailyCounts:
    """The numbers of sets that were submitted and approved on one day."""

    date: date
    submitted: int
    approved: int


def count_per_day(by: User, corpus: Corpus, *, days: int = 30) -> list[DailyCounts]:
    """Return the counts of each of the last days, today included, in one query."""
    dates = set_times.last_days(days)
    counts = count_by_day(by, corpus, dates, ("submit", "approve"))
    return [DailyCounts(day, counts[day]["submit"], counts[day]["approve"]) for day in dates]


def count_by_day(
    by: User, corpus: Corpus, days: Sequence[date], actions: Sequence[str]
) -> Mapping[date, Counter[str]]:
    """Return how often each action was done on each day with the sets that a user sees."""
    sets = visible(by, AnnotationSet.objects.filter(corpus=corpus))
    return set_times.count_by_day(sets, days, actions)


def _with_total(name: str, counts: Any, values: Any) -> dict[str, Any]:
    rows = {str(value): counts.get(str(value), 0) for value in values}
    return {"total": sum(rows.values()), name: rows}
