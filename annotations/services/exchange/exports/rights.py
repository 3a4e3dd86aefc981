"""The terms of articles in the records of an export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from annotations.formats.core import records
from annotations.models import ArticleRights
from annotations.services.exchange.exports.expressions import id_in


def load_rights(articles: Sequence[UUID]) -> dict[str, records.ArticleRights]:
    """Return the terms of articles that have any of their own, by article."""
    rows = ArticleRights.objects.filter(id_in("article_id", articles)).order_by()
    empty = records.ArticleRights()
    found = {
        str(article): records.ArticleRights(*values)
        for article, *values in rows.values_list("article_id", *records.TERM_FIELDS)
    }
    return {article: rights for article, rights in found.items() if rights != empty}


def add_rights(articles: Iterable[records.Article], ids: Sequence[UUID]) -> list[records.Article]:
    """Return articles with their terms."""
    found = load_rights(ids)
    return [article._replace(rights=found.get(article.id)) for article in articles]
