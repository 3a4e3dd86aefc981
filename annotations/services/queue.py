"""The work queue: each article or set to one user, and only to a user who may finish it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from annotations.exceptions import FourEyes, NotAllowedNow, Stale, located
from annotations.models import AnnotationSet, Article, Corpus, Event, Role, Source
from annotations.permissions import PERMISSIONS, Permission, Scope, Seen, require
from annotations.says import says
from annotations.services import adjudication, doubling, events, review
from annotations.services.assignments import hand_out, require_free, with_room
from annotations.services.authors import authors
from annotations.services.refusals import id_taken
from annotations.services.sets import lock_user, require_not_archived
from annotations.services.team import Team, owners_of
from annotations.states import EDITABLE, ArticleStatus, Kind, Round, State
from annotations.visibility import visible
from annotations.workflow import TRANSITIONS

#: How many candidates are tried before the queue reports that there is no work.
TRIES = 50


class Task(StrEnum):
    """The kind of work that a user asks for."""

    ANNOTATE = "annotate"
    REVIEW = "review"
    ADJUDICATE = "adjudicate"


#: The permission that each kind of work needs.
PERMISSION: Mapping[Task, Permission] = {
    Task.ANNOTATE: Permission.TAKE_ANNOTATION,
    Task.REVIEW: Permission.TAKE_REVIEW,
    Task.ADJUDICATE: Permission.ADJUDICATE,
}


def scopes(task: Task) -> tuple[Scope, ...]:
    """Return the scopes of which a token needs one to ask for a kind of work."""
    return PERMISSIONS[PERMISSION[task]].scopes


def may(task: Task, role: Role) -> bool:
    """Return whether a role allows a kind of work."""
    return role in PERMISSIONS[PERMISSION[task]].role.including


@dataclass(frozen=True)
class Taken:
    """The set to work on, or the reason why there is none."""

    row: AnnotationSet | None
    reason: str | None = None


@dataclass(frozen=True)
class _WorkRequest:
    """A request for work: the user, the corpus, and the id that a new set gets."""

    by: User
    corpus: Corpus
    id: UUID | None


def take(by: User, seen: Seen[Corpus], task: Task, *, another: bool = False, id: UUID | None = None) -> Taken:
    """Return the next set to work on. A set that the caller holds already comes first, so a repeat is safe.

    ``another`` takes one more set, as far as the corpus allows; with an ``id`` for the new set, a repeat
    takes no further one.
    """
    corpus = require(by, PERMISSION[task], seen)
    require_not_archived(corpus)
    with transaction.atomic():
        # first: two requests at once would both find nothing held, and take one set each
        lock_user(by)
        stored = (
            AnnotationSet.objects.select_related("owner", "reviewer").filter(pk=id).first() if id else None
        )
        if stored is not None:
            if (stored.owner_id, stored.corpus_id) != (by.pk, corpus.pk):
                with located("/id"):
                    raise id_taken(id)
            return Taken(stored)
        held = None if another else _HELD_SET_FINDERS[task](by, corpus)
        return Taken(held) if held is not None else _TAKERS[task](_WorkRequest(by, corpus, id))


def _by_urgency(sets: QuerySet[AnnotationSet]) -> QuerySet[AnnotationSet]:
    rows = sets.select_related("owner", "reviewer")
    return rows.order_by("-article__priority", F("due_at").asc(nulls_last=True), "pk")


def _held_annotation(by: User, corpus: Corpus) -> AnnotationSet | None:
    return _first_own_set(by, corpus, Kind.ANNOTATION)


def _held_adjudication(by: User, corpus: Corpus) -> AnnotationSet | None:
    return _first_own_set(by, corpus, Kind.ADJUDICATION)


def _first_own_set(by: User, corpus: Corpus, kind: Kind) -> AnnotationSet | None:
    rows = visible(by, AnnotationSet.objects.filter(corpus=corpus, owner=by, kind=kind, state__in=EDITABLE))
    return _by_urgency(rows).first()


def _held_review(by: User, corpus: Corpus) -> AnnotationSet | None:
    own_sets = visible(by, AnnotationSet.objects.filter(corpus=corpus, reviewer=by, state=State.IN_REVIEW))
    return _by_urgency(own_sets).first()


def _take_annotation(work_request: _WorkRequest) -> Taken:
    by, corpus = work_request.by, work_request.corpus
    limit = _limit_reason(by, corpus)
    if limit is not None:
        return Taken(None, limit)
    team = Team.of(corpus.pk)
    overlap_article = doubling.second(by, corpus, team)
    if overlap_article is not None:
        return Taken(hand_out(by, overlap_article, by, round_=Round.PRODUCTION, id=work_request.id))
    candidates = _candidate_articles(by, corpus).select_related("corpus").order_by("-priority", "pk")
    skipped: list[UUID] = []
    for _ in range(TRIES):
        article = doubling.skipping_locked(candidates.exclude(pk__in=skipped)).first()
        if article is None:
            break
        try:
            require_free(article, by, Round.PRODUCTION)
        except NotAllowedNow:
            skipped.append(article.pk)
            continue
        if team.is_spoilt_by(by.pk, article.annotators, owners_of(article)):
            skipped.append(article.pk)
            continue
        doubling.count(article, by, team)
        return Taken(hand_out(by, article, by, round_=Round.PRODUCTION, id=work_request.id))
    return Taken(None, _why_nothing(corpus))


def _limit_reason(by: User, corpus: Corpus) -> str | None:
    """Return why the user gets no further set, if they hold as many as the corpus allows."""
    if corpus.most_open is None:
        return None
    held = AnnotationSet.objects.filter(
        corpus=corpus, owner=by, kind=Kind.ANNOTATION, state__in=EDITABLE
    ).count()
    if held < corpus.most_open:
        return None
    return says(
        "You hold {mine} open sets, and this corpus hands out at most {most}; submit one first.",
        mine=held,
        most=corpus.most_open,
    )


def _candidate_articles(by: User, corpus: Corpus) -> QuerySet[Article]:
    """Return the articles that take one more annotator and that the caller has never had."""
    own_sets = AnnotationSet.objects.filter(article=OuterRef("pk"), round=Round.PRODUCTION, owner=by)
    return with_room(corpus).filter(~Exists(own_sets))


def _why_nothing(corpus: Corpus) -> str:
    if not Article.objects.filter(corpus=corpus).exists():
        return says("The corpus has no articles yet; a manager can import some.")
    return says("Every article that you could annotate has its annotators; ask a manager for more articles.")


def _take_review(work_request: _WorkRequest) -> Taken:
    by, corpus = work_request.by, work_request.corpus
    waiting = visible(
        by,
        AnnotationSet.objects.filter(
            corpus=corpus, state=State.SUBMITTED, article__status=ArticleStatus.READY_FOR_REVIEW
        ),
    )
    own_events = Event.objects.filter(set_id=OuterRef("pk"), user_id=by.pk, action__in=events.CONTENT)
    own_sources = Source.objects.filter(set=OuterRef("pk"), source__owner=by)
    of_others = waiting.filter(~Exists(own_events), ~Exists(own_sources)).exclude(owner=by)
    for row in _by_urgency(of_others.select_related("corpus", "article"))[:TRIES]:
        if by.pk in authors(row):
            continue
        article = doubling.skipping_locked(Article.objects.filter(pk=row.article_id)).first()
        if article is None:
            continue
        try:
            request = review.Request(version=row.version)
            return Taken(review.move(by, row.pk, TRANSITIONS["start_review"].name, request).row)
        except (NotAllowedNow, Stale):
            continue
    if waiting.exists():
        return Taken(
            None, says("What waits for review is your own work, or being taken by somebody just now.")
        )
    return Taken(None, says("Nothing waits for review."))


def _take_adjudication(work_request: _WorkRequest) -> Taken:
    by, corpus = work_request.by, work_request.corpus
    ready = Article.objects.filter(corpus=corpus, status=ArticleStatus.READY_FOR_ADJUDICATION)
    own_sets = AnnotationSet.objects.filter(article=OuterRef("pk"), owner=by, round=Round.PRODUCTION)
    candidates = ready.filter(~Exists(own_sets.exclude(state=State.WITHDRAWN))).order_by("-priority", "pk")
    skipped: list[UUID] = []
    for _ in range(TRIES):
        article = doubling.skipping_locked(candidates.exclude(pk__in=skipped)).first()
        if article is None:
            break
        try:
            return Taken(adjudication.begin(by, article.pk, id=work_request.id)[0])
        except (FourEyes, NotAllowedNow):
            skipped.append(article.pk)
    if ready.exists():
        return Taken(
            None, says("What waits for adjudication is your own work; somebody else has to settle it.")
        )
    return Taken(None, says("Nothing waits for adjudication."))


_HELD_SET_FINDERS: Mapping[Task, Callable[[User, Corpus], AnnotationSet | None]] = {
    Task.ANNOTATE: _held_annotation,
    Task.REVIEW: _held_review,
    Task.ADJUDICATE: _held_adjudication,
}
_TAKERS: Mapping[Task, Callable[[_WorkRequest], Taken]] = {
    Task.ANNOTATE: _take_annotation,
    Task.REVIEW: _take_review,
    Task.ADJUDICATE: _take_adjudication,
}
