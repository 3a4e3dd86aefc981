"""The work of one user over all corpora: the lists of it, what to go on with, what was finished today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from annotations.enums import EDITABLE, ArticleStatus, NotificationKind, Round, SetKind, State
from annotations.models import AnnotationSet, Article, Event, Notification, Role
from annotations.models.ordering import nulls_last
from annotations.services.team import queue, set_times
from annotations.services.team.queue import QueueTask
from annotations.visibility import visible

_REVIEWERS = [str(role) for role in Role.REVIEWER.and_above]
#: What is due first comes first; what is due on no day comes last.
_ORDER = (nulls_last("due_at"), "pk")
_REVERSE_ORDER = (F("due_at").desc(nulls_first=True), "-pk")


class WorkList(StrEnum):
    """A list of sets in which a user has something to do, or waits for others."""

    RETURNED = "returned"
    IN_PROGRESS = "in-progress"
    REVIEWING = "reviewing"
    WAITING = "waiting"
    OTHERS = "others"


def _is_waiting(by: User) -> Q:
    """Return the condition for submitted sets that the user may review."""
    ready = Q(state=State.SUBMITTED, article__status=ArticleStatus.READY_FOR_REVIEW)
    return ready & Q(my_role__in=_REVIEWERS) & queue.has_other_authors(by)


_CONDITIONS: Mapping[WorkList, Callable[[User], Q]] = {
    WorkList.RETURNED: lambda by: Q(owner=by, state=State.RETURNED),
    WorkList.IN_PROGRESS: lambda by: Q(owner=by, state=State.OPEN),
    WorkList.REVIEWING: lambda by: Q(reviewer=by, state=State.IN_REVIEW),
    WorkList.WAITING: _is_waiting,
    # a submitted calibration is compared, and waits for nobody
    WorkList.OTHERS: lambda by: (
        Q(owner=by, state__in=(State.SUBMITTED, State.IN_REVIEW)) & ~Q(round=Round.CALIBRATION)
    ),
}


def _open_sets(by: User) -> QuerySet[AnnotationSet]:
    return visible(by, AnnotationSet.objects.filter(corpus__archived=False))


def sets_of(by: User, which: WorkList) -> QuerySet[AnnotationSet]:
    """Return the sets of a list in its order: what is due first comes first."""
    return _open_sets(by).filter(_CONDITIONS[which](by)).order_by(*_ORDER)


def with_total(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows with ``total``: how many there are, also where only the first ones are read."""
    return cast("QuerySet[Any]", rows.annotate(total=Window(Count("pk"))))


def neighbour(by: User, which: WorkList, row: AnnotationSet, *, forward: bool) -> AnnotationSet | None:
    """Return the next or the previous set of a list.

    The place of a set is that of its due date, so a set that has just left the list keeps its place.
    """
    rows = sets_of(by, which)
    if forward:
        return rows.filter(_is_after(row)).first()
    return rows.filter(_is_before(row)).order_by(*_REVERSE_ORDER).first()


def _is_after(row: AnnotationSet) -> Q:
    if row.due_at is None:
        return Q(due_at__isnull=True, pk__gt=row.pk)
    return Q(due_at__gt=row.due_at) | Q(due_at=row.due_at, pk__gt=row.pk) | Q(due_at__isnull=True)


def _is_before(row: AnnotationSet) -> Q:
    if row.due_at is None:
        return Q(due_at__isnull=False) | Q(due_at__isnull=True, pk__lt=row.pk)
    return Q(due_at__lt=row.due_at) | Q(due_at=row.due_at, pk__lt=row.pk)


def articles_to_adjudicate(by: User) -> QuerySet[Article]:
    """Return the articles whose differences the user may settle, the most urgent first."""
    rows: Any = visible(by, Article.objects.filter(corpus__archived=False))
    return queue.adjudicable_articles(by, rows.filter(my_role__in=_REVIEWERS))


def _is_held(by: User) -> Q:
    """Return the condition for the sets on which the user can go on."""
    return Q(owner=by, state__in=EDITABLE) | Q(reviewer=by, state=State.IN_REVIEW)


def is_held(by: User, row: AnnotationSet) -> bool:
    """Return whether the user can go on with a set: it is theirs to change, or theirs to review."""
    is_own = row.owner_id == by.pk and row.state in EDITABLE
    return is_own or (row.reviewer_id == by.pk and row.state == State.IN_REVIEW)


def latest_held_set(by: User, opened: UUID | None) -> AnnotationSet | None:
    """Return the set to go on with: what was opened last, else what was changed last, else what is due."""
    own = Event.objects.filter(set_id=OuterRef("pk"), user_id=by.pk).order_by("-seq").values("seq")
    is_opened = Case(When(pk=opened, then=0), default=1, output_field=IntegerField())
    rows: Any = _open_sets(by).filter(_is_held(by)).annotate(last=Subquery(own[:1]), opened=is_opened)
    rows = rows.select_related("article", "corpus").defer("corpus__guideline", "corpus__description")
    return cast("AnnotationSet | None", rows.order_by("opened", nulls_last("-last"), *_ORDER).first())


@dataclass(frozen=True)
class HeldWork:
    """The first set of one kind of work that a user holds in a corpus, and how many of them they hold."""

    row: AnnotationSet
    number: int


def held_work(by: User) -> Mapping[tuple[UUID, QueueTask], HeldWork]:
    """Return what the user holds, by corpus and kind of work: the set that the queue would answer."""
    task = Case(
        When(Q(state=State.IN_REVIEW), then=Value(str(QueueTask.REVIEW))),
        When(Q(kind=SetKind.ADJUDICATION), then=Value(str(QueueTask.ADJUDICATE))),
        default=Value(str(QueueTask.ANNOTATE)),
    )
    group = ["corpus_id", "task"]
    rows: Any = _open_sets(by).filter(_is_held(by)).annotate(task=task)
    rows = rows.annotate(
        place=Window(RowNumber(), partition_by=group, order_by=list(queue.URGENCY)),
        number=Window(Count("pk"), partition_by=group),
    ).filter(place=1)
    rows = rows.select_related("article").defer("article__search_key").order_by("pk")
    return {(row.corpus_id, QueueTask(row.task)): HeldWork(row, row.number) for row in rows}


@dataclass(frozen=True)
class FinishedWork:
    """What a user has finished on a day: work handed over, and reviews decided."""

    submitted: int
    reviewed: int


def count_finished(by: User, day: date | None = None) -> FinishedWork:
    """Return what the user has finished on a day, by default today in the time zone of the service."""
    begin = set_times.start_of_day(day or timezone.localdate())
    # a set that is submitted again forgets its reviewer, but its owner was told who has returned it
    told = Notification.objects.filter(by=by, kind=NotificationKind.RETURNED, created_at__gte=begin)
    returned = Q(pk__in=told.values("set"))
    # taken back is not finished
    submitted = Q(owner=by, submitted_at__gte=begin) & ~Q(state__in=(State.OPEN, State.WITHDRAWN))
    reviewed = Q(reviewer=by, approved_at__gte=begin) | returned
    rows = visible(by, AnnotationSet.objects.filter(Q(owner=by) | Q(reviewer=by) | returned)).order_by()
    found = rows.aggregate(submitted=Count("pk", filter=submitted), reviewed=Count("pk", filter=reviewed))
    return FinishedWork(**found)


def has_worked(by: User) -> bool:
    """Return whether the user has, or had, a set of their own or to review."""
    rows = visible(by, AnnotationSet.objects.filter(Q(owner=by) | Q(reviewer=by)))
    return rows.order_by().exists()
