"""Overlap: a share of the articles with one annotator gets a second one, so that agreement exists.

No article waits for a second annotator. Every n-th article that the queue hands out adds one due second
annotation. The queue gives it to the next suitable annotator who asks: an article that a colleague has
open and that nobody else has seen. From then on the two annotate independently. When one of them gives
up, ``refresh_status`` makes the article single again, and the other set is reviewed as usual.
"""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, QuerySet

from annotations.enums import ArticleStatus, Round, SetKind, State
from annotations.models import AnnotationSet, Article, Comment, Corpus
from annotations.services.core import events
from annotations.services.review.eligibility import CorpusTeam

Row = TypeVar("Row", bound=Model)


def lock_available(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Lock rows, skipping those that another transaction holds (SQLite has one writer at a time)."""
    return rows.select_for_update(
        of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
    )


def has_overlap_share(corpus: Corpus) -> bool:
    """Return whether a corpus has one annotator per article and a share that gets a second one."""
    return bool(corpus.double_share) and corpus.annotators_per_article == 1


def count_handed_out(article: Article, by: User, team: CorpusTeam) -> None:
    """Count an article that is handed out for the first time, if the team could annotate it twice.

    The share is counted and not drawn at random, so that it is exact also for few articles.
    """
    corpus = article.corpus
    if not has_overlap_share(corpus) or article.annotators > 1 or not team.can_annotate_twice(by.pk):
        return
    if not AnnotationSet.objects.filter(article=article).exists():
        Corpus.objects.filter(pk=corpus.pk).update(handed_out=F("handed_out") + 1)


def count_due_overlaps(corpus: Corpus) -> int:
    """Return how many second annotations are due: ⌊handed out · share⌋ less those that exist."""
    number, share = Corpus.objects.values_list("handed_out", "double_share").get(pk=corpus.pk)
    if not number * share // 100:
        return 0
    return number * share // 100 - Article.objects.filter(corpus=corpus, doubled=True).count()


def claim_overlap_article(by: User, corpus: Corpus, team: CorpusTeam) -> Article | None:
    """Return a locked article of which the caller becomes the second annotator, if one is due.

    Only annotators qualify, since a reviewer may have seen the first set, and only those who have
    submitted work here before, since agreement with beginners is measured by calibrations. The version of
    the article stays, because a jump in it would reveal the second annotator; only managers see the event.
    """
    if not has_overlap_share(corpus) or by.pk not in team.annotator_ids() or by.pk in team.reviewer_ids():
        return None
    if count_due_overlaps(corpus) <= 0 or not _has_submitted(by, corpus):
        return None
    # The lock on the corpus keeps two requests from taking the same due annotation.
    Corpus.objects.select_for_update(of=("self",)).only("pk").get(pk=corpus.pk)
    if count_due_overlaps(corpus) <= 0:
        return None
    candidates = _single_open_articles(by, corpus).select_related("corpus").order_by("-priority", "pk")
    article = lock_available(candidates).first()
    # Checked again: rows of other tables may have changed before the article was locked.
    if article is None or not _single_open_articles(by, corpus).filter(pk=article.pk).exists():
        return None
    first = AnnotationSet.objects.values_list("owner_id", flat=True).get(article=article, state=State.OPEN)
    if not team.can_adjudicate([by.pk, first]):
        return None
    article.annotators, article.doubled = 2, True
    article.save(update_fields=["annotators", "doubled"])
    event = events.build_article_event(
        events.DOUBLED, article, by, before={"annotators": 1}, after={"annotators": article.annotators}
    )
    events.store_events([event])
    return article


def _has_submitted(by: User, corpus: Corpus) -> bool:
    mine = AnnotationSet.objects.filter(corpus=corpus, owner=by, submitted_at__isnull=False)
    return mine.filter(kind=SetKind.ANNOTATION, round=Round.PRODUCTION).exists()


def _single_open_articles(by: User, corpus: Corpus) -> QuerySet[Article]:
    """Return the articles that one colleague has open, without another set or a comment by others."""
    sets = AnnotationSet.objects.filter(article=OuterRef("pk"))
    first = sets.filter(
        kind=SetKind.ANNOTATION,
        round=Round.PRODUCTION,
        state=State.OPEN,
        revision=OuterRef("revision"),
        based_on__isnull=True,
        imported=False,
    ).exclude(owner=by)
    others = sets.exclude(state=State.OPEN, round=Round.PRODUCTION)
    comments = Comment.objects.filter(set__article=OuterRef("pk")).exclude(author=F("set__owner"))
    return Article.objects.filter(
        Exists(first),
        ~Exists(others),
        ~Exists(comments),
        corpus=corpus,
        annotators=1,
        status=ArticleStatus.ANNOTATING,
    )
