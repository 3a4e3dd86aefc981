"""Agreement: frozen when the last independent set is submitted, pooled when somebody asks."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from annotations.measures.agreement import Counts, Pair, overall, report
from annotations.models import (
    Article,
    Corpus,
    FrozenAgreement,
)
from annotations.states import Kind, Round

#: So many of the worst articles are named.
WORST = 10
_FETCHED = 500


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whose agreement is asked for. ``only``: the pairs of one person; ``article(s)``: on those."""

    round: Round = Round.PRODUCTION
    kind: Kind = Kind.ANNOTATION
    guideline_version: int | None = None
    since: datetime | None = None
    only: User | None = None
    article: UUID | None = None
    articles: QuerySet[Article] | None = None


@dataclass
class _Noted:
    """What is noted of articles while they pass by, for the report holds none of them."""

    worst: list[tuple[float, str]] = field(default_factory=list)
    frozen_at: datetime | None = None
    versions: set[int] = field(default_factory=set)


def rows_of(corpus: Corpus, question: Question) -> QuerySet[FrozenAgreement]:
    """The frozen rows that answer a question, article by article."""
    asked: dict[str, Any] = {
        "guideline_version": question.guideline_version,
        "frozen_at__gte": question.since,
        "article": question.article,
        "article__in": question.articles,
    }
    rows = FrozenAgreement.objects.filter(
        corpus=corpus,
        round=question.round,
        kind=question.kind,
        **{name: value for name, value in asked.items() if value is not None},
    )
    if question.only is not None:
        rows = rows.filter(Q(first=question.only) | Q(second=question.only))
    return rows.order_by("article_id", "pk")


def of_corpus(corpus: Corpus, question: Question) -> dict[str, Any]:
    """The report, with the worst articles. Rows pass by one after the other and are not kept."""
    noted = _Noted()
    found = report(_articles(rows_of(corpus, question), noted))
    return {
        "round": str(question.round),
        "kind": str(question.kind),
        **found,
        "worst": _named(noted.worst),
        "guideline_versions": sorted(noted.versions),
        "frozen_at": noted.frozen_at,
    }


def _articles(rows: QuerySet[FrozenAgreement], noted: _Noted) -> Iterator[dict[Pair, Counts]]:
    columns = rows.values_list(
        "article_id", "first__username", "second__username", "annotators", "counts", "frozen_at",
        "guideline_version",
    )  # fmt: skip
    passing = columns.iterator(chunk_size=_FETCHED)
    for article_id, group in groupby(passing, key=lambda row: row[0]):
        pairs: dict[Pair, Counts] = {}
        for _, first, second, annotators, counts, frozen_at, version in group:
            pairs[Pair(first, second, annotators)] = Counts.from_json(counts)
            noted.frozen_at = max(noted.frozen_at or frozen_at, frozen_at)
            noted.versions.add(version)
        value = overall(pairs).value
        if value is not None:
            _note(noted.worst, (-value, str(article_id)))
        yield pairs


def _note(worst: list[tuple[float, str]], entry: tuple[float, str]) -> None:
    """Keep an entry if it is among the worst: a heap whose smallest goes first."""
    if len(worst) < WORST:
        heapq.heappush(worst, entry)
    else:
        heapq.heappushpop(worst, entry)


def _named(worst: Sequence[tuple[float, str]]) -> list[dict[str, Any]]:
    titles = {
        str(id): (title, external_id)
        for id, title, external_id in Article.objects.filter(
            pk__in=[UUID(id) for _, id in worst]
        ).values_list("pk", "title", "external_id")
    }
    return [
        {"article": id, "title": titles[id][0] or None, "external_id": titles[id][1], "iou_f1": -value}
        for value, id in sorted(worst, reverse=True)
    ]
