"""Article filters: one grammar for lists, exports and releases.

A filter on spans or sets sees only those that ``by`` sees; for None, the system, the approved ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.enums import State
from annotations.models import COPY_STATES, AnnotationSet, Article, Event, Span, StoryMember
from annotations.models.search_keys import contains_folded
from annotations.services.core.candidates import find_candidates
from annotations.services.core.events import DOUBLED, SINGLE_AGAIN
from annotations.services.core.stories import filter_leads
from annotations.services.registry.canonical import linked_to
from annotations.services.search.conditions import ArticleConditions
from annotations.text.search_query import parse_query
from annotations.visibility import visible

ArticleFilter: TypeAlias = Callable[[QuerySet[Any], User | None, Any], QuerySet[Any]]


def _equal(lookup: str) -> ArticleFilter:
    def narrow(rows: QuerySet[Any], by: User | None, sent: object) -> QuerySet[Any]:
        del by
        return rows.filter(**{lookup: sent})

    return narrow


def _search(rows: QuerySet[Any], by: User | None, sent: str) -> QuerySet[Any]:
    del by
    return rows.filter(contains_folded("search_key", sent))


def _linked_to(link: str) -> ArticleFilter:
    def narrow(rows: QuerySet[Any], by: User | None, sent: UUID | str) -> QuerySet[Any]:
        linked = Span.objects.filter(linked_to(link, sent))
        candidates = find_candidates(linked.values_list("set_id", flat=True))
        if candidates is not None:
            linked = linked.filter(set__in=candidates)
        seen = linked.filter(set__state=State.APPROVED) if by is None else visible(by, linked)
        articles = seen.order_by().values_list("set__article_id", flat=True)
        return rows.filter(pk__in=articles if candidates is None else set(articles))

    return narrow


def _visible_sets(by: User | None) -> QuerySet[AnnotationSet]:
    rows = AnnotationSet.objects.all()
    return rows.filter(state=State.APPROVED) if by is None else visible(by, rows)


def _updated_after(rows: QuerySet[Any], by: User | None, sent: object) -> QuerySet[Any]:
    changes = Event.objects.filter(article_id=OuterRef("pk"), time__gte=sent)
    # Annotators are not told that an article is annotated twice.
    changes = changes.exclude(action__in=(DOUBLED, SINGLE_AGAIN))
    seen = Q(set_id__isnull=True) | Q(set_id__in=_visible_sets(by).values("pk"))
    return rows.filter(Exists(changes.filter(seen)))


def _approved_after(rows: QuerySet[Any], by: User | None, sent: object) -> QuerySet[Any]:
    gold = _visible_sets(by).filter(article=OuterRef("pk"), state=State.APPROVED, approved_at__gte=sent)
    return rows.filter(Exists(gold))


def _words(rows: QuerySet[Any], by: User | None, sent: str) -> QuerySet[Any]:
    return ArticleConditions(by).narrow(rows, parse_query(sent)) if sent.strip() else rows


def _of_story(rows: QuerySet[Any], by: User | None, sent: Any) -> QuerySet[Any]:
    del by
    copies = StoryMember.objects.filter(story=sent, state__in=COPY_STATES)
    return rows.filter(pk__in=copies.values("article_id"))


def _without_copies(rows: QuerySet[Any], by: User | None, sent: str) -> QuerySet[Any]:
    del by, sent
    return filter_leads(rows)


#: What the filter ``copies`` takes.
COPIES_CHOICES = ("leads",)
ARTICLE_FILTERS: Mapping[str, ArticleFilter] = {
    "status": _equal("status"),
    "language": _equal("language"),
    "source": _equal("source"),
    "story_key": _equal("story_key"),
    "story": _of_story,
    "copies": _without_copies,
    "published_after": _equal("published_at__gte"),
    "published_before": _equal("published_at__lt"),
    "updated_after": _updated_after,
    "approved_after": _approved_after,
    "search": _search,
    "q": _words,
    "external_id": _equal("external_id"),
    "actor": _linked_to("actor"),
    "proposition": _linked_to("proposition"),
}


def filter_articles(rows: QuerySet[Article], by: User | None, sent: Mapping[str, Any]) -> QuerySet[Article]:
    """Return the articles that match all filters in ``sent``; values may be texts, as in a query string."""
    for name, narrow in ARTICLE_FILTERS.items():
        if sent.get(name) is not None:
            rows = narrow(rows, by, sent[name])
    return rows
