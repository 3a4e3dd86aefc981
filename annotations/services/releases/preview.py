"""The content of a release before it is made: how much it will hold, and its first articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from annotations.enums import State
from annotations.models import AnnotationSet, Article, Corpus, Release
from annotations.permissions import Permission, require_permission
from annotations.services.releases import ReleaseRequest, matching_articles, release_articles
from annotations.visibility import get_visible_row

#: How many articles a preview names.
MAX_ROWS = 10


@dataclass(frozen=True)
class PreviewedArticle:
    """An article that the release will hold, with the number of its spans."""

    article: Article
    spans: int


@dataclass(frozen=True)
class ReleasePreview:
    """How many articles and spans a release will hold, and how many that match have no approved work."""

    articles: int
    spans: int
    left_out: int
    rows: Sequence[PreviewedArticle]


def preview_release(by: User, corpus: Corpus, request: ReleaseRequest) -> ReleasePreview:
    """Return what a release would hold if it were made now."""
    require_permission(by, Permission.CREATE_RELEASE, get_visible_row(by, Corpus.objects.all(), pk=corpus.pk))
    chosen = {name: str(value) for name, value in request.filter.items() if value is not None}
    release = Release(corpus=corpus, filter={**chosen, "sets": request.sets})
    articles = release_articles(release)
    number = articles.count()
    sets = AnnotationSet.objects.filter(article__in=articles, state=State.APPROVED).order_by()
    counts = sets if request.sets == "approved" else sets.none()
    spans = sum(sum(found.values()) for found in counts.values_list("span_counts", flat=True).iterator())
    first = list(articles.order_by("pk").defer("search_key", "metadata")[:MAX_ROWS])
    spans_by_article: dict[object, int] = {}
    for pk, found in counts.filter(article__in=first).values_list("article_id", "span_counts"):
        spans_by_article[pk] = spans_by_article.get(pk, 0) + sum(found.values())
    return ReleasePreview(
        number,
        spans,
        matching_articles(release).count() - number,
        [PreviewedArticle(article, spans_by_article.get(article.pk, 0)) for article in first],
    )
