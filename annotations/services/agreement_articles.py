"""Agreement by article: pages of the rows from which the report of a corpus is pooled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from annotations.measures.agreement import Counts, Pair, report
from annotations.models import Article, Corpus
from annotations.services import agreement

PAGE = 25


@dataclass(frozen=True)
class ArticleRow:
    """The agreement on one article: the compared annotators, and the figures over all labels."""

    id: UUID
    title: str
    owners: list[str]
    figures: dict[str, Any]


@dataclass(frozen=True)
class ArticlePage:
    """One page of compared articles, and whether there are more."""

    rows: list[ArticleRow]
    number: int
    has_more: bool


def page_of(corpus: Corpus, question: agreement.Question, number: int = 1) -> ArticlePage:
    """Return the articles of one page, the newest first, in three queries."""
    rows = agreement.rows_of(corpus, question)
    ids = list(
        rows.order_by("-article_id")
        .values_list("article_id", flat=True)
        .distinct()[(number - 1) * PAGE : number * PAGE + 1]
    )
    shown = ids[:PAGE]
    pairs: dict[UUID, dict[Pair, Counts]] = defaultdict(dict)
    columns = rows.filter(article__in=shown).values_list(
        "article_id", "first__username", "second__username", "annotators", "counts"
    )
    for article_id, first, second, annotators, counts in columns:
        pairs[article_id][Pair(first, second, annotators)] = Counts.from_json(counts)
    names = {
        id: title or external_id or str(id)
        for id, title, external_id in Article.objects.filter(pk__in=shown).values_list(
            "pk", "title", "external_id"
        )
    }
    return ArticlePage([_row(id, names[id], pairs[id]) for id in shown], number, len(ids) > PAGE)


def _row(id: UUID, title: str, pairs: dict[Pair, Counts]) -> ArticleRow:
    owners: Sequence[str] = sorted({name for pair in pairs for name in (pair.first, pair.second)})
    return ArticleRow(id, title, list(owners), report([pairs])["labels"]["all"])
