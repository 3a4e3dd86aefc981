"""The index of words: made again from titles and texts, and compared with what the engine keeps."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from annotations.models import Article, SearchPart, SearchPlace
from annotations.models.term_index import term_index
from annotations.services.core.search_index import article_parts
from annotations.services.integrity.checks import (
    TEXTS_AT_ONCE,
    Check,
    CheckResult,
    CheckScope,
    stream_batches,
)

_MENDS = "manage.py rebuild search mends it."


def _check_search_index(scope: CheckScope, result: CheckResult) -> None:
    parts = scope.select(SearchPart.objects.all(), "corpus_id")
    digests = term_index().stored_digests(list(parts.values_list("pk", flat=True)))
    articles = scope.select(Article.objects.select_related("revision"), "corpus_id")
    for batch in stream_batches(articles, TEXTS_AT_ONCE):
        rows = SearchPart.objects.filter(article__in=[article.pk for article in batch]).order_by()
        stored: defaultdict[UUID, set[tuple[Any, ...]]] = defaultdict(set)
        for pk, article_id, *key in rows.values_list("pk", "article_id", "place", "revision", "number"):
            stored[article_id].add((*key, digests.get(pk)))
        for article in batch:
            _check_article(article, stored[article.pk], result)


def _check_article(article: Article, stored: set[tuple[Any, ...]], result: CheckResult) -> None:
    if not stored:
        result.add_examined(1)
        result.add_notice(
            article.pk, f"The words of the article are not indexed yet; if no job does, {_MENDS}"
        )
        return
    index = term_index()
    expected = {
        (str(row.place), row.revision, row.number, index.digest(row.block)) for row in article_parts(article)
    }
    wrong = sorted({SearchPlace(row[0]) for row in expected ^ stored})
    fault = f"The index does not hold the words of the {' and the '.join(wrong)}; {_MENDS}"
    result.add_row(article.pk, fault if wrong else None)


CHECKS = (
    Check("search-index", "The index holds the words of titles and current texts.", _check_search_index),
)
