"""Handing out work: each piece to one person, and only to somebody who may finish it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.exceptions import NotAllowedNow, Stale
from annotations.models import AnnotationSet, Article, Corpus, Event
from annotations.permissions import PERMISSIONS, HasRole, Permission, Scope, require, visible
from annotations.services import events, review
from annotations.services.sets import require_free, require_not_archived, start
from annotations.states import EDITABLE, LIVE, ArticleStatus, Kind, Round, State
from annotations.workflow import TRANSITIONS

#: How many candidates are looked at before the queue says that there is nothing.
TRIES = 50


class Task(StrEnum):
    """What kind of work somebody asks for."""

    ANNOTATE = "annotate"
    REVIEW = "review"
    ADJUDICATE = "adjudicate"


#: What one must be allowed to do to ask for a kind of work.
PERMISSION: Mapping[Task, Permission] = {
    Task.ANNOTATE: Permission.TAKE_ANNOTATION,
    Task.REVIEW: Permission.TAKE_REVIEW,
    Task.ADJUDICATE: Permission.TAKE_REVIEW,
}


def scopes(task: Task) -> tuple[Scope, ...]:
    """The scopes of which a token needs one to ask for a kind of work."""
    return PERMISSIONS[PERMISSION[task]].scopes


def may(task: Task, corpus: Corpus) -> bool:
    """Whether the role of the caller, who got ``corpus`` from ``visible``, allows a kind of work."""
    return cast("HasRole", corpus).my_role in PERMISSIONS[PERMISSION[task]].role.including


@dataclass(frozen=True)
class Taken:
    """The set to work on, or why there is none."""

    row: AnnotationSet | None
    reason: str | None = None


def take(by: User, corpus: Corpus, task: Task) -> Taken:
    """The next piece of work. What you hold already comes first, so asking twice takes nothing new."""
    require(by, PERMISSION[task], cast("HasRole", corpus))
    require_not_archived(corpus)
    with transaction.atomic():
        return _TAKERS[task](by, corpus)


def _due_first(sets: QuerySet[AnnotationSet]) -> QuerySet[AnnotationSet]:
    return sets.select_related("owner", "reviewer").order_by(F("due_at").asc(nulls_last=True), "pk")


def _mine(by: User, corpus: Corpus, kind: Kind) -> AnnotationSet | None:
    rows = visible(by, AnnotationSet.objects.filter(corpus=corpus, owner=by, kind=kind, state__in=EDITABLE))
    return _due_first(rows).first()


def _skipping_locked(rows: QuerySet[Article]) -> QuerySet[Article]:
    """Lock the rows that nobody else is about to take (on SQLite the whole transaction is alone)."""
    return rows.select_for_update(
        of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
    )


def _annotation(by: User, corpus: Corpus) -> Taken:
    mine = _mine(by, corpus, Kind.ANNOTATION)
    if mine is not None:
        return Taken(mine)
    candidates = _with_room(by, corpus).select_related("corpus")
    full: list[UUID] = []
    for _ in range(TRIES):
        article = _skipping_locked(candidates.exclude(pk__in=full)).order_by("pk").first()
        if article is None:
            break
        try:
            require_free(article, by, Round.PRODUCTION)
        except NotAllowedNow:
            full.append(article.pk)
            continue
        return Taken(start(by, article, by))
    return Taken(None, _why_nothing(corpus))


def _with_room(by: User, corpus: Corpus) -> QuerySet[Article]:
    """Articles that take one more annotator, and that the caller has not had."""
    production = AnnotationSet.objects.filter(article=OuterRef("pk"), round=Round.PRODUCTION).order_by()
    taking = production.filter(kind=Kind.ANNOTATION, state__in=[*LIVE, State.APPROVED])
    number = taking.values("article").annotate(number=Count("pk")).values("number")
    return Article.objects.filter(
        ~Exists(production.filter(owner=by)),
        corpus=corpus,
        status__in=(ArticleStatus.UNASSIGNED, ArticleStatus.ANNOTATING),
        annotators__gt=Coalesce(Subquery(number), 0),
    )


def _why_nothing(corpus: Corpus) -> str:
    if not Article.objects.filter(corpus=corpus).exists():
        return "The corpus has no articles yet; a manager can import some."
    return "Every article that you could annotate has its annotators; ask a manager for more articles."


def _review(by: User, corpus: Corpus) -> Taken:
    mine = visible(by, AnnotationSet.objects.filter(corpus=corpus, reviewer=by, state=State.IN_REVIEW))
    held = _due_first(mine).first()
    if held is not None:
        return Taken(held)
    waiting = visible(
        by,
        AnnotationSet.objects.filter(
            corpus=corpus, state=State.SUBMITTED, article__status=ArticleStatus.READY_FOR_REVIEW
        ),
    )
    touched = Event.objects.filter(set_id=OuterRef("pk"), user_id=by.pk, action__in=events.CONTENT)
    of_others = waiting.filter(~Exists(touched)).exclude(owner=by).select_related("corpus", "article")
    for row in _due_first(of_others)[:TRIES]:
        if by.pk in review.authors(row):
            continue
        article = _skipping_locked(Article.objects.filter(pk=row.article_id)).first()
        if article is None:
            continue
        try:
            request = review.Request(version=row.version)
            return Taken(review.move(by, row.pk, TRANSITIONS["start_review"].name, request).row)
        except (NotAllowedNow, Stale):
            continue
    if waiting.exists():
        return Taken(None, "What waits for review is your own work, or being taken by somebody just now.")
    return Taken(None, "Nothing waits for review.")


def _adjudication(by: User, corpus: Corpus) -> Taken:
    mine = _mine(by, corpus, Kind.ADJUDICATION)
    return Taken(mine, None if mine else "You have no open adjudication.")


_TAKERS: Mapping[Task, Callable[[User, Corpus], Taken]] = {
    Task.ANNOTATE: _annotation,
    Task.REVIEW: _review,
    Task.ADJUDICATE: _adjudication,
}
