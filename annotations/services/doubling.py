"""The silent share: of the articles that one person annotates, some get a second annotator.

Nothing ever waits for a second annotator. Every so-manieth article that is handed out makes the queue
owe one second annotation. It is paid when somebody asks who can do it: they get, as their next piece,
an article that a colleague has open and nobody else has looked into. From then on the two work
independently, as wherever several people annotate. When one of them gives up, ``settle`` makes the
article one of a single annotator again, and the work of the other is reviewed as any.
"""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, QuerySet

from annotations.models import AnnotationSet, Article, Comment, Corpus
from annotations.services import events
from annotations.services.team import Team
from annotations.states import ArticleStatus, Kind, Round, State

Row = TypeVar("Row", bound=Model)


def skipping_locked(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Lock the rows that nobody else is about to take (on SQLite the whole transaction is alone)."""
    return rows.select_for_update(
        of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
    )


def wanted(corpus: Corpus) -> bool:
    """Whether a corpus has single annotators, and a share of them is done twice."""
    return bool(corpus.double_share) and corpus.annotators_per_article == 1


def count(article: Article, by: User, team: Team) -> None:
    """Count an article that is handed out for the first time, where a team could do it twice.

    Counted and not drawn, so that the share is exact, also of few articles.
    """
    corpus = article.corpus
    if not wanted(corpus) or article.annotators > 1 or not team.can_double(by.pk):
        return
    if not AnnotationSet.objects.filter(article=article).exists():
        Corpus.objects.filter(pk=corpus.pk).update(handed_out=F("handed_out") + 1)


def owed(corpus: Corpus) -> int:
    """How many second annotations the share still asks for."""
    number, share = Corpus.objects.values_list("handed_out", "double_share").get(pk=corpus.pk)
    if not number * share // 100:
        return 0
    return number * share // 100 - Article.objects.filter(corpus=corpus, doubled=True).count()


def second(by: User, corpus: Corpus, team: Team) -> Article | None:
    """A locked article of which the caller becomes the second annotator, if one is owed.

    Only annotators do it, since reviewers may have seen what the first one marks, and only who has handed
    in work here before, since agreement with a beginner is the business of calibrations. The version of
    the article stays, because a jump in it would tell everybody; only the trail and managers are told.
    """
    if not wanted(corpus) or by.pk not in team.annotators() or by.pk in team.reviewers():
        return None
    if owed(corpus) <= 0 or not _has_handed_in(by, corpus):
        return None
    # One at a time, so that two who ask at once are not both given what is owed once.
    Corpus.objects.select_for_update(of=("self",)).only("pk").get(pk=corpus.pk)
    if owed(corpus) <= 0:
        return None
    candidates = _alone(by, corpus).select_related("corpus").order_by("-priority", "pk")
    article = skipping_locked(candidates).first()
    # Asked again: what is in other tables may have changed until the lock was there.
    if article is None or not _alone(by, corpus).filter(pk=article.pk).exists():
        return None
    first = AnnotationSet.objects.values_list("owner_id", flat=True).get(article=article, state=State.OPEN)
    if not team.can_settle([by.pk, first]):
        return None
    article.annotators, article.doubled = 2, True
    article.save(update_fields=["annotators", "doubled"])
    event = events.of_article(
        events.DOUBLED, article, by, before={"annotators": 1}, after={"annotators": article.annotators}
    )
    events.store([event])
    return article


def _has_handed_in(by: User, corpus: Corpus) -> bool:
    mine = AnnotationSet.objects.filter(corpus=corpus, owner=by, submitted_at__isnull=False)
    return mine.filter(kind=Kind.ANNOTATION, round=Round.PRODUCTION).exists()


def _alone(by: User, corpus: Corpus) -> QuerySet[Article]:
    """The articles that one colleague has open, with no other set and without a word of anybody else."""
    sets = AnnotationSet.objects.filter(article=OuterRef("pk"))
    first = sets.filter(
        kind=Kind.ANNOTATION,
        round=Round.PRODUCTION,
        state=State.OPEN,
        revision=OuterRef("revision"),
        based_on__isnull=True,
        imported=False,
    ).exclude(owner=by)
    others = sets.exclude(state=State.OPEN, round=Round.PRODUCTION)
    said = Comment.objects.filter(set__article=OuterRef("pk")).exclude(author=F("set__owner"))
    return Article.objects.filter(
        Exists(first),
        ~Exists(others),
        ~Exists(said),
        corpus=corpus,
        annotators=1,
        status=ArticleStatus.ANNOTATING,
    )
