"""The index of words: what it holds of an article, written within the change of the article.

After a bulk change the articles that it lacks are indexed by a job (``services.jobs.search``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotations.models import Article, Corpus, SearchPart, SearchPlace
from annotations.models.bulk import batched
from annotations.models.term_index import PartRow, clear_leftovers, term_index
from annotations.text.search import term_blocks

#: How many articles are indexed in one transaction.
ARTICLES_AT_ONCE = 100


def article_parts(
    article: Article, places: Collection[SearchPlace] = tuple(SearchPlace)
) -> Iterator[PartRow]:
    """Yield the rows of an article: of its title, and of its current text, which is loaded."""
    for place in places:
        is_title = place == SearchPlace.TITLE
        text, revision = (article.title, None) if is_title else (article.revision.text, article.revision_id)
        for number, block in enumerate(term_blocks(text)):
            yield PartRow(article.corpus_id, article.pk, place, revision, number, block)


def index_article(article: Article) -> None:
    """Index a new article; call it within its creation."""
    term_index().insert(article_parts(article))


def refresh_articles(articles: Collection[Article]) -> None:
    """Index articles anew whose texts were replaced; call it within the change."""
    SearchPart.objects.filter(article__in=[article.pk for article in articles]).delete()
    term_index().insert(part for article in articles for part in article_parts(article))


def refresh_title(article: Article) -> None:
    """Index the title of an article anew; call it within the change."""
    SearchPart.objects.filter(article=article, place=SearchPlace.TITLE).delete()
    term_index().insert(article_parts(article, (SearchPlace.TITLE,)))


def index_articles(ids: Collection[UUID]) -> int:
    """Index articles anew, in one transaction; return how many there still are."""
    with transaction.atomic():
        rows = Article.objects.select_for_update(of=("self",)).select_related("revision")
        found = list(rows.filter(pk__in=ids).order_by("pk"))
        SearchPart.objects.filter(article__in=[row.pk for row in found]).delete()
        term_index().insert(part for article in found for part in article_parts(article))
    return len(found)


def unindexed_articles(corpus: Corpus) -> QuerySet[Article]:
    """Return the articles of a corpus whose current text is not in the index."""
    indexed = SearchPart.objects.filter(article=OuterRef("pk"), revision=OuterRef("revision_id"))
    return Article.objects.filter(~Exists(indexed), corpus=corpus).order_by("pk")


def index_in_steps(articles: QuerySet[Article]) -> int:
    """Index articles anew, each step in a transaction of its own; return how many there were."""
    ids = list(articles.values_list("pk", flat=True))
    return sum(map(index_articles, batched(ids, ARTICLES_AT_ONCE)))


def rebuild_search_index(corpus: Corpus | None = None) -> int:
    """Index all articles anew, in steps, while people work; return the number of rows."""
    parts, articles = SearchPart.objects.order_by(), Article.objects.order_by("pk")
    if corpus is None:
        with transaction.atomic():
            parts.delete()
            clear_leftovers()
    else:
        articles, parts = articles.filter(corpus=corpus), parts.filter(corpus=corpus)
    index_in_steps(articles)
    return parts.count()
