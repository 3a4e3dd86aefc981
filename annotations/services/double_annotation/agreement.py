"""Agreement of a corpus, pooled on request from the counts that transitions have frozen."""

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

from annotations.enums import Round, SetKind
from annotations.metrics.agreement import (
    AgreementCounts,
    AnnotatorPair,
    agreement_report,
    overall_iou_f1,
    people_rows,
    worst_pairs,
)
from annotations.models import (
    Article,
    Corpus,
    FrozenAgreement,
)
from annotations.services.core.replica import reads_replica
from annotations.services.double_annotation.agreement_series import AgreementSeries

#: How many of the articles with the lowest agreement are listed.
MAX_WORST_ARTICLES = 10
#: How many pairs a report of many people lists: pairs grow with their square.
MAX_PAIRS = 250
_CHUNK_SIZE = 500


@dataclass(frozen=True, kw_only=True)
class AgreementQuery:
    """The filters of an agreement report. ``user`` and ``person``: pairs of one; ``article(s)``: on those."""

    round: Round = Round.PRODUCTION
    kind: SetKind = SetKind.ANNOTATION
    guideline_version: int | None = None
    since: datetime | None = None
    user: User | None = None
    article: UUID | None = None
    articles: QuerySet[Article] | None = None
    person: str | None = None


@dataclass
class _Collected:
    """Values that are collected while the rows are streamed, since the report holds no articles."""

    series: AgreementSeries | None = None
    worst: list[tuple[float, str]] = field(default_factory=list)
    frozen_at: datetime | None = None
    versions: set[int] = field(default_factory=set)


def frozen_rows(corpus: Corpus, query: AgreementQuery) -> QuerySet[FrozenAgreement]:
    """Return the frozen rows that match a question, in the order of articles."""
    filters: dict[str, Any] = {
        "guideline_version": query.guideline_version,
        "frozen_at__gte": query.since,
        "article": query.article,
        "article__in": query.articles,
    }
    rows = FrozenAgreement.objects.filter(
        corpus=corpus,
        round=query.round,
        kind=query.kind,
        **{name: value for name, value in filters.items() if value is not None},
    )
    if query.person is not None:
        rows = rows.filter(Q(first__username=query.person) | Q(second__username=query.person))
    if query.user is not None:
        rows = rows.filter(Q(first=query.user) | Q(second=query.user))
    return rows.order_by("article_id", "pk")


@reads_replica
def corpus_agreement(
    corpus: Corpus, query: AgreementQuery, series: AgreementSeries | None = None
) -> dict[str, Any]:
    """Return the report with the worst articles. The rows are streamed and not kept in memory.

    ``series`` collects from the same rows what the pictures need.
    """
    collected = _Collected(series)
    pooled = agreement_report(_stream_pairs(frozen_rows(corpus, query), collected))
    return {
        "round": str(query.round),
        "kind": str(query.kind),
        **pooled,
        "people": people_rows(pooled["pairs"]),
        "worst": _worst_rows(collected.worst),
        "guideline_versions": sorted(collected.versions),
        "frozen_at": collected.frozen_at,
    }


def with_worst_pairs(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report with the pairs that agree least, and the number of the others."""
    pairs = worst_pairs(report["pairs"], MAX_PAIRS)
    return {**report, "pairs": pairs, "pairs_left_out": len(report["pairs"]) - len(pairs)}


def _stream_pairs(
    rows: QuerySet[FrozenAgreement], collected: _Collected
) -> Iterator[dict[AnnotatorPair, AgreementCounts]]:
    columns = rows.values_list(
        "article_id", "first__username", "second__username", "annotators", "counts", "frozen_at",
        "guideline_version",
    )  # fmt: skip
    streamed = columns.iterator(chunk_size=_CHUNK_SIZE)
    for article_id, group in groupby(streamed, key=lambda row: row[0]):
        pairs: dict[AnnotatorPair, AgreementCounts] = {}
        times: list[datetime] = []
        for _, first, second, annotators, counts, frozen_at, version in group:
            pairs[AnnotatorPair(first, second, annotators)] = AgreementCounts.from_json(counts)
            collected.frozen_at = max(collected.frozen_at or frozen_at, frozen_at)
            collected.versions.add(version)
            times.append(frozen_at)
        if collected.series is not None:
            collected.series.add_article(zip(times, pairs.values(), strict=True))
        value = overall_iou_f1(pairs).value
        if value is not None:
            _keep_worst(collected.worst, (-value, str(article_id)))
        yield pairs


def _keep_worst(worst: list[tuple[float, str]], entry: tuple[float, str]) -> None:
    """Keep an entry if it is among the worst: a bounded heap."""
    if len(worst) < MAX_WORST_ARTICLES:
        heapq.heappush(worst, entry)
    else:
        heapq.heappushpop(worst, entry)


def _worst_rows(worst: Sequence[tuple[float, str]]) -> list[dict[str, Any]]:
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
