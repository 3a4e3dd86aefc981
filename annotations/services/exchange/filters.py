"""Article filters: one grammar for lists, exports and releases.

A filter on spans sees only the spans that ``by`` sees; for None, the system, the approved ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotations.enums import State
from annotations.models import Article, Span
from annotations.visibility import visible

ArticleFilter: TypeAlias = Callable[[QuerySet[Any], User | None, Any], QuerySet[Any]]


def _equal(lookup: str) -> ArticleFilter:
    def narrow(rows: QuerySet[Any], by: User | None, sent: object) -> QuerySet[Any]:
        del by
        return rows.filter(**{lookup: sent})

    return narrow


def _search(rows: QuerySet[Any], by: User | None, sent: str) -> QuerySet[Any]:
    del by
    return rows.filter(search_key__contains=sent.casefold())


def _linked_to(field: str) -> ArticleFilter:
    def narrow(rows: QuerySet[Any], by: User | None, sent: object) -> QuerySet[Any]:
        linked = Span.objects.filter(**{field: sent})
        seen = linked.filter(set__state=State.APPROVED) if by is None else visible(by, linked)
        return rows.filter(pk__in=seen.values("set__article_id"))

    return narrow


ARTICLE_FILTERS: Mapping[str, ArticleFilter] = {
    "status": _equal("status"),
    "language": _equal("language"),
    "source": _equal("source"),
    "story_key": _equal("story_key"),
    "published_after": _equal("published_at__gte"),
    "published_before": _equal("published_at__lt"),
    "search": _search,
    "external_id": _equal("external_id"),
    "actor": _linked_to("actor_id"),
    "proposition": _linked_to("proposition_id"),
}


def filter_articles(rows: QuerySet[Article], by: User | None, sent: Mapping[str, Any]) -> QuerySet[Article]:
    """Return the articles that match all filters in ``sent``; values may be texts, as in a query string."""
    for name, narrow in ARTICLE_FILTERS.items():
        if sent.get(name) is not None:
            rows = narrow(rows, by, sent[name])
    return rows
