"""Agreement by article: pages of the rows from which the report of a corpus is pooled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from annotations.metrics.agreement import AgreementCounts, AnnotatorPair, agreement_report
from annotations.models import Article, Corpus
from annotations.services.double_annotation import agreement

PAGE_SIZE = 25


@dataclass(frozen=True)
class ArticleAgreement:
    """The agreement on one article: the compared annotators, and the figures over all labels."""

    id: UUID
    title: str
    owners: list[str]
    figures: dict[str, Any]


@dataclass(frozen=True)
class ArticleAgreementPage:
    """One page of compared articles, and whether there are more."""

    rows: list[ArticleAgreement]
    number: int
    has_more: bool


def article_agreement_page(
    corpus: Corpus, query: agreement.AgreementQuery, number: int = 1
) -> ArticleAgreementPage:
    """Return the articles of one page, the newest first, in three queries."""
    rows = agreement.frozen_rows(corpus, query)
    ids = list(
        rows.order_by("-article_id")
        .values_list("article_id", flat=True)
        .distinct()[(number - 1) * PAGE_SIZE : number * PAGE_SIZE + 1]
    )
    shown = ids[:PAGE_SIZE]
    pairs: dict[UUID, dict[AnnotatorPair, AgreementCounts]] = defaultdict(dict)
    columns = rows.filter(article__in=shown).values_list(
        "article_id", "first__username", "second__username", "annotators", "counts"
    )
    for article_id, first, second, annotators, counts in columns:
        pairs[article_id][AnnotatorPair(first, second, annotators)] = AgreementCounts.from_json(counts)
    names = {
        id: title or external_id or str(id)
        for id, title, external_id in Article.objects.filter(pk__in=shown).values_list(
            "pk", "title", "external_id"
        )
    }
    return ArticleAgreementPage(
        [_row(id, names[id], pairs[id]) for id in shown], number, len(ids) > PAGE_SIZE
    )


def _row(id: UUID, title: str, pairs: dict[AnnotatorPair, AgreementCounts]) -> ArticleAgreement:
    owners: Sequence[str] = sorted({name for pair in pairs for name in (pair.first, pair.second)})
    return ArticleAgreement(id, title, list(owners), agreement_report([pairs])["labels"]["all"])
