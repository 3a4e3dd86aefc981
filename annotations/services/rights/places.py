"""Where an actor stands in the work: what its protection is about, before it is decided."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count

from annotations.models import Actor, Article, Span
from annotations.visibility import visible

#: How many articles are listed.
MAX_LISTED = 20


@dataclass(frozen=True)
class ArticlePlaces:
    """An article, and how many spans of it are linked to an actor."""

    article: Article
    places: int


@dataclass(frozen=True)
class MaskedPlaces:
    """The places of an actor: how many, in how many articles, and the articles with most of them."""

    places: int
    articles: int
    listed: list[ArticlePlaces]


def count_places(by: User, actor: Actor) -> MaskedPlaces:
    """Return the spans that the user sees and that are linked to an actor, or to one of the same."""
    spans = visible(by, Span.objects.filter(actor__canonical=actor.canonical_id)).order_by()
    totals = spans.aggregate(places=Count("pk"), articles=Count("set__article", distinct=True))
    most = spans.values("set__article").annotate(places=Count("pk")).order_by("-places", "set__article")
    numbers = dict(most.values_list("set__article", "places")[:MAX_LISTED])
    rows = Article.objects.filter(pk__in=numbers).defer("search_key").in_bulk()
    listed = [ArticlePlaces(rows[pk], number) for pk, number in numbers.items()]
    return MaskedPlaces(totals["places"], totals["articles"], listed)
