"""Counts of what somebody sees of a corpus."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count

from annotations.models import AnnotationSet, Article, Corpus
from annotations.permissions import visible, visible_content
from annotations.scheme import LABEL_NAMES
from annotations.states import ArticleStatus, State


def of_corpus(by: User, corpus: Corpus) -> dict[str, Any]:
    """Articles by status, sets by state and spans by label, in three queries that load no text."""
    articles = visible(by, Article.objects.filter(corpus=corpus)).order_by()
    statuses = dict(articles.values_list("status").annotate(n=Count("pk")))
    sets = visible(by, AnnotationSet.objects.filter(corpus=corpus)).order_by()
    states = dict(sets.values_list("state").annotate(n=Count("pk")))
    labels: Counter[str] = Counter()
    readable = visible_content(by, AnnotationSet.objects.filter(corpus=corpus)).order_by()
    for counts in readable.values_list("span_counts", flat=True).iterator(chunk_size=2000):
        labels.update(counts)
    return {
        "articles": _counted("by_status", statuses, ArticleStatus),
        "sets": _counted("by_state", states, State),
        "spans": _counted("by_label", labels, LABEL_NAMES),
    }


def _counted(name: str, counts: Any, values: Any) -> dict[str, Any]:
    rows = {str(value): counts.get(str(value), 0) for value in values}
    return {"total": sum(rows.values()), name: rows}
