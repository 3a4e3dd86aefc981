"""Facets: in how many of the articles that were found a source, a month, a language, an actor stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from annotations.models import Actor, Article, Span
from annotations.services.core.replica import reads_replica
from annotations.services.search.conditions import found_spans
from annotations.services.search.pages import ArticleSearch

MAX_VALUES = 20
_ARTICLES_AT_ONCE = 200
Counts = Counter[Any]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet, its name for people, and the number of articles."""

    value: str
    name: str
    count: int


def _column(name: str) -> Callable[[QuerySet[Article], User], Counts]:
    def count(rows: QuerySet[Article], by: User) -> Counts:
        del by
        counted = rows.exclude(**{name: ""}).order_by().values_list(name)
        return Counter(dict(counted.annotate(number=Count("pk"))))

    return count


def _months(rows: QuerySet[Article], by: User) -> Counts:
    del by
    months = rows.filter(published_at__isnull=False).order_by()
    counted = months.annotate(month=TruncMonth("published_at", tzinfo=UTC)).values_list("month")
    return Counter({f"{month:%Y-%m}": number for month, number in counted.annotate(number=Count("pk"))})


def _actors(rows: QuerySet[Article], by: User) -> Counts:
    of_articles = Span.objects.filter(set__article__in=rows.order_by().values("pk"), actor__isnull=False)
    spans = found_spans(by, of_articles).order_by().values_list("actor__canonical")
    return Counter(dict(spans.annotate(number=Count("set__article", distinct=True))))


#: What counts the articles of each facet.
FACETS: Mapping[str, Callable[[QuerySet[Article], User], Counts]] = {
    "source": _column("source"),
    "month": _months,
    "language": _column("language"),
    "actor": _actors,
}


@reads_replica
def count_facets(search: ArticleSearch) -> dict[str, list[FacetValue]]:
    """Return the values of each facet in the most articles; of months, the newest."""
    totals: dict[str, Counts] = {name: Counter() for name in FACETS}
    for rows in _found_articles(search):
        for name, count in FACETS.items():
            totals[name].update(count(rows, search.by))
    found = {name: _top(name, counts) for name, counts in totals.items()}
    names = Actor.objects.in_bulk([pk for pk, _ in found["actor"]], field_name="pk")
    return {
        name: [
            FacetValue(str(value), names[value].name if name == "actor" else str(value), number)
            for value, number in values
        ]
        for name, values in found.items()
    }


def _top(name: str, counts: Counts) -> list[tuple[Any, int]]:
    if name == "month":
        return sorted(counts.items(), reverse=True)[:MAX_VALUES]
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[:MAX_VALUES]


def _found_articles(search: ArticleSearch) -> Iterator[QuerySet[Article]]:
    """Yield queries for all articles that were found: one, or many where passages have to be looked at."""
    if not search.looks_inside:
        yield search.rows
        return
    ids = list(search.rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _ARTICLES_AT_ONCE):
        found = search.matching_passages(ids[start : start + _ARTICLES_AT_ONCE])
        yield Article.objects.filter(pk__in=list(found))
