"""The work queue: each article or set to one user, and only to a user who may finish it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.enums import EDITABLE, ArticleStatus, Round, Scope, SetKind, State
from annotations.exceptions import FourEyesError, NotAllowedNowError, StaleVersionError, error_at
from annotations.messages import message
from annotations.models import AnnotationSet, Article, Corpus, Event, Role, Source
from annotations.models.ordering import nulls_last
from annotations.permissions import PERMISSIONS, Permission, VisibleRow, require_permission
from annotations.services.core import events
from annotations.services.core.authors import author_ids
from annotations.services.core.errors import id_taken_error
from annotations.services.core.sets import lock_user, require_not_archived
from annotations.services.core.stories import copies_behind_leads
from annotations.services.double_annotation import adjudication, overlap
from annotations.services.review import guards, transitions
from annotations.services.review.eligibility import CorpusTeam, article_owner_ids
from annotations.services.team.assignments import (
    articles_with_open_slot,
    create_or_resume_set,
    require_assignable,
)
from annotations.visibility import visible
from annotations.workflow import TRANSITIONS

#: How many candidates are tried before the queue reports that there is no work.
MAX_CANDIDATES = 50
#: How many of them are read at first: nearly always the first is taken.
FIRST_CANDIDATES = 3


class QueueTask(StrEnum):
    """The kind of work that a user asks for."""

    ANNOTATE = "annotate"
    REVIEW = "review"
    ADJUDICATE = "adjudicate"


#: The permission that each kind of work needs.
TASK_PERMISSIONS: Mapping[QueueTask, Permission] = {
    QueueTask.ANNOTATE: Permission.TAKE_ANNOTATION,
    QueueTask.REVIEW: Permission.TAKE_REVIEW,
    QueueTask.ADJUDICATE: Permission.ADJUDICATE,
}


def task_scopes(task: QueueTask) -> tuple[Scope, ...]:
    """Return the scopes of which a token needs one to ask for a kind of work."""
    return PERMISSIONS[TASK_PERMISSIONS[task]].scopes


def may_take(task: QueueTask, role: Role) -> bool:
    """Return whether a role allows a kind of work."""
    return role in PERMISSIONS[TASK_PERMISSIONS[task]].role.and_above


@dataclass(frozen=True)
class QueueResult:
    """The set to work on, or the reason why there is none."""

    row: AnnotationSet | None
    reason: str | None = None


@dataclass(frozen=True)
class _WorkRequest:
    """A request for work: the user, the corpus, and the id of the new set or of the new review."""

    by: User
    corpus: Corpus
    id: UUID | None


def take_next_set(
    by: User, seen: VisibleRow[Corpus], task: QueueTask, *, another: bool = False, id: UUID | None = None
) -> QueueResult:
    """Return the next set to work on. A set that the caller holds already comes first, so a repeat is safe.

    ``another`` takes one more set, as far as the corpus allows; with an ``id`` for the new set or the new
    review, a repeat takes no further one.
    """
    corpus = require_permission(by, TASK_PERMISSIONS[task], seen)
    require_not_archived(corpus)
    with transaction.atomic():
        # first: two requests at once would both find nothing held, and take one set each
        lock_user(by)
        stored = (
            AnnotationSet.objects.select_related("owner", "reviewer").filter(pk=id).first() if id else None
        )
        if stored is not None:
            if (stored.owner_id, stored.corpus_id, stored.kind) != (by.pk, corpus.pk, _NEW_KINDS.get(task)):
                with error_at("/id"):
                    raise id_taken_error(id)
            return QueueResult(stored)
        held = None if another else _HELD_SET_FINDERS[task](by, corpus)
        return QueueResult(held) if held is not None else _TAKERS[task](_WorkRequest(by, corpus, id))


#: The order in which sets are given out: copies of another article come after what is new.
URGENCY = ("-article__priority", nulls_last("due_at"), Exists(copies_behind_leads("article")), "pk")


def _by_urgency(sets: QuerySet[AnnotationSet]) -> QuerySet[AnnotationSet]:
    return sets.select_related("owner", "reviewer").order_by(*URGENCY)


def _held_annotation(by: User, corpus: Corpus) -> AnnotationSet | None:
    return _first_own_set(by, corpus, SetKind.ANNOTATION)


def _held_adjudication(by: User, corpus: Corpus) -> AnnotationSet | None:
    return _first_own_set(by, corpus, SetKind.ADJUDICATION)


def _first_own_set(by: User, corpus: Corpus, kind: SetKind) -> AnnotationSet | None:
    rows = visible(by, AnnotationSet.objects.filter(corpus=corpus, owner=by, kind=kind, state__in=EDITABLE))
    return _by_urgency(rows).first()


def _held_review(by: User, corpus: Corpus) -> AnnotationSet | None:
    own_sets = visible(by, AnnotationSet.objects.filter(corpus=corpus, reviewer=by, state=State.IN_REVIEW))
    return _by_urgency(own_sets).first()


def _take_annotation(work_request: _WorkRequest) -> QueueResult:
    by, corpus = work_request.by, work_request.corpus
    limit = _find_limit(by, corpus)
    if limit is not None:
        return QueueResult(None, limit)
    team = CorpusTeam.load(corpus.pk)
    overlap_article = overlap.claim_overlap_article(by, corpus, team)
    if overlap_article is not None:
        return QueueResult(
            create_or_resume_set(by, overlap_article, by, round_=Round.PRODUCTION, id=work_request.id)
        )
    candidates = _candidate_articles(by, corpus).select_related("corpus").order_by("-priority", "pk")
    skipped: list[UUID] = []
    for _ in range(MAX_CANDIDATES):
        article = _lock_next(candidates.exclude(pk__in=skipped))
        if article is None:
            break
        try:
            require_assignable(article, by, Round.PRODUCTION)
        except NotAllowedNowError:
            skipped.append(article.pk)
            continue
        if team.lacks_reviewers_after(by.pk, article.annotators, article_owner_ids(article)):
            skipped.append(article.pk)
            continue
        overlap.count_handed_out(article, by, team)
        return QueueResult(create_or_resume_set(by, article, by, round_=Round.PRODUCTION, id=work_request.id))
    return QueueResult(None, _why_nothing(corpus))


def _lock_next(candidates: QuerySet[Article]) -> Article | None:
    """Return the first candidate, locked; one that is a copy comes after all others of its priority."""
    first: Any = overlap.lock_available(candidates.annotate(is_copy=Exists(copies_behind_leads()))).first()
    if first is None or not first.is_copy:
        return cast("Article | None", first)
    others = candidates.filter(~Exists(copies_behind_leads()), priority=first.priority)
    return overlap.lock_available(others).first() or cast("Article", first)


def _find_limit(by: User, corpus: Corpus) -> str | None:
    if corpus.most_open is None:
        return None
    held = AnnotationSet.objects.filter(corpus=corpus, owner=by, kind=SetKind.ANNOTATION, state__in=EDITABLE)
    return limit_reason(corpus, held.count())


def limit_reason(corpus: Corpus, held: int) -> str | None:
    """Return why a user gets no further set, if they hold as many as the corpus allows."""
    if corpus.most_open is None or held < corpus.most_open:
        return None
    return message(
        "You hold {mine} open sets, and this corpus hands out at most {most}; submit one first.",
        mine=held,
        most=corpus.most_open,
    )


def _candidate_articles(by: User, corpus: Corpus) -> QuerySet[Article]:
    """Return the articles that take one more annotator and that the caller has never had."""
    own_sets = AnnotationSet.objects.filter(article=OuterRef("pk"), round=Round.PRODUCTION, owner=by)
    return articles_with_open_slot(corpus).filter(~Exists(own_sets))


def _why_nothing(corpus: Corpus) -> str:
    if not Article.objects.filter(corpus=corpus).exists():
        return message("The corpus has no articles yet; a manager can import some.")
    return message(
        "Every article that you could annotate has its annotators; ask a manager for more articles."
    )


def has_other_authors(by: User) -> Q:
    """Return the condition for sets of which the user is neither the owner nor an author.

    What a set was made from is not followed to its beginning, as ``author_ids`` does for one set.
    """
    own_events = Event.objects.filter(set_id=OuterRef("pk"), user_id=by.pk, action__in=events.CONTENT_ACTIONS)
    # A list: those made from one's own work are few, and one condition for each set would join all sources.
    from_own_work = Source.objects.filter(source__owner=by).order_by().values("set")
    return ~Q(owner=by) & ~Exists(own_events) & ~Q(pk__in=from_own_work)


def _find_taken_review(work_request: _WorkRequest) -> AnnotationSet | None:
    """Return the review that the user holds because of an earlier request with the same id."""
    by = work_request.by
    held = AnnotationSet.objects.filter(corpus=work_request.corpus, reviewer=by, state=State.IN_REVIEW)
    began = Event.objects.filter(
        set_id=OuterRef("pk"),
        user_id=by.pk,
        action=TRANSITIONS["start_review"].name,
        data__after__taken_as=str(work_request.id),
    )
    return visible(by, held.select_related("owner", "reviewer").filter(Exists(began))).first()


def _take_review(work_request: _WorkRequest) -> QueueResult:
    by, corpus = work_request.by, work_request.corpus
    repeated = _find_taken_review(work_request) if work_request.id else None
    if repeated is not None:
        return QueueResult(repeated)
    waiting = visible(
        by,
        AnnotationSet.objects.filter(
            corpus=corpus, state=State.SUBMITTED, article__status=ArticleStatus.READY_FOR_REVIEW
        ),
    )
    of_others = waiting.filter(has_other_authors(by)).select_related("corpus", "article", "owner", "reviewer")
    for row in islice(_most_urgent(corpus, of_others), MAX_CANDIDATES):
        if by.pk in author_ids(row):
            continue
        article = overlap.lock_available(Article.objects.filter(pk=row.article_id)).first()
        if article is None:
            continue
        try:
            request = guards.TransitionRequest(version=row.version, taken_as=work_request.id)
            return QueueResult(
                transitions.make_transition(by, row.pk, TRANSITIONS["start_review"].name, request).row
            )
        except (NotAllowedNowError, StaleVersionError):
            continue
    if waiting.exists():
        return QueueResult(
            None, message("What waits for review is your own work, or being taken by somebody just now.")
        )
    return QueueResult(None, message("Nothing waits for review."))


def _most_urgent(corpus: Corpus, waiting: QuerySet[AnnotationSet]) -> Iterator[AnnotationSet]:
    """Yield sets that wait for review in the order of ``URGENCY``, without sorting all of them.

    An index gives the priorities, and within each the sets that are due and all others in their order. So the
    first comes as quickly from a hundred thousand as from ten.
    """
    articles = Article.objects.filter(corpus=corpus, status=ArticleStatus.READY_FOR_REVIEW)
    priorities = articles.order_by("-priority").values_list("priority", flat=True)
    priority = priorities.first()
    while priority is not None:
        rows = waiting.filter(article__priority=priority)
        undated, is_copy = (
            rows.filter(due_at__isnull=True).order_by("pk"),
            Exists(copies_behind_leads("article")),
        )
        yield from _first_rows(rows.filter(due_at__isnull=False).order_by("due_at", is_copy, "pk"))
        yield from _first_rows(undated.filter(~is_copy))
        yield from _first_rows(undated.filter(is_copy))
        priority = priorities.filter(priority__lt=priority).first()


def _first_rows(rows: QuerySet[AnnotationSet]) -> Iterator[AnnotationSet]:
    """Yield the first candidates, and only if none of those was taken the others."""
    first = list(rows[:FIRST_CANDIDATES])
    yield from first
    if len(first) == FIRST_CANDIDATES:
        yield from rows[FIRST_CANDIDATES:MAX_CANDIDATES]


def adjudicable_articles(by: User, articles: QuerySet[Article]) -> QuerySet[Article]:
    """Return the articles that wait for adjudication and on which the user has no set, in their order."""
    own_sets = AnnotationSet.objects.filter(article=OuterRef("pk"), owner=by, round=Round.PRODUCTION)
    ready = articles.filter(status=ArticleStatus.READY_FOR_ADJUDICATION)
    return ready.filter(~Exists(own_sets.exclude(state=State.WITHDRAWN))).order_by("-priority", "pk")


def _take_adjudication(work_request: _WorkRequest) -> QueueResult:
    by, corpus = work_request.by, work_request.corpus
    ready = Article.objects.filter(corpus=corpus, status=ArticleStatus.READY_FOR_ADJUDICATION)
    candidates = adjudicable_articles(by, ready)
    skipped: list[UUID] = []
    for _ in range(MAX_CANDIDATES):
        article = _lock_next(candidates.exclude(pk__in=skipped))
        if article is None:
            break
        try:
            return QueueResult(adjudication.begin_adjudication(by, article.pk, id=work_request.id)[0])
        except (FourEyesError, NotAllowedNowError):
            skipped.append(article.pk)
    if ready.exists():
        return QueueResult(
            None, message("What waits for adjudication is your own work; somebody else has to settle it.")
        )
    return QueueResult(None, message("Nothing waits for adjudication."))


_HELD_SET_FINDERS: Mapping[QueueTask, Callable[[User, Corpus], AnnotationSet | None]] = {
    QueueTask.ANNOTATE: _held_annotation,
    QueueTask.REVIEW: _held_review,
    QueueTask.ADJUDICATE: _held_adjudication,
}
#: The kind of the set that a task makes; a review makes none.
_NEW_KINDS: Mapping[QueueTask, SetKind] = {
    QueueTask.ANNOTATE: SetKind.ANNOTATION,
    QueueTask.ADJUDICATE: SetKind.ADJUDICATION,
}
_TAKERS: Mapping[QueueTask, Callable[[_WorkRequest], QueueResult]] = {
    QueueTask.ANNOTATE: _take_annotation,
    QueueTask.REVIEW: _take_review,
    QueueTask.ADJUDICATE: _take_adjudication,
}
