"""When work was done and since when it waits: the one source of these numbers for every page and answer.

Events tell it. A set that a file brought has no events of what happened before: of that tell its columns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Greatest, TruncDate
from django.utils import timezone

from annotations.models import AnnotationSet, Corpus, Event
from annotations.services.core import events
from annotations.workflow import TRANSITIONS

#: The actions that are counted by day, each with the column that tells of it where no event does.
COLUMN_BY_ACTION: Mapping[str, str | None] = {
    events.CREATED: "created_at",
    "submit": "submitted_at",
    "return": None,
    "approve": "approved_at",
}
#: Who did an action: in an event its user, without one the person whom a column names.
PERSON_BY_ACTION: Mapping[str, str] = {"submit": "owner_id", "approve": "reviewer_id"}
#: The last time that the columns of a set tell.
_TOLD_TIME = Greatest(
    F("created_at"),
    Coalesce("submitted_at", "created_at"),
    Coalesce("review_started_at", "created_at"),
    Coalesce("approved_at", "created_at"),
)

#: The transitions to a live state after which no column tells of them.
_UNTOLD_ACTIONS = ("recall", "release_review", "return")


def last_days(days: int) -> list[date]:
    """Return the last days in the time zone of the service, today included."""
    today = timezone.localdate()
    return [today - timedelta(days=back) for back in reversed(range(days))]


def start_of_day(day: date) -> datetime:
    """Return the moment at which a day begins in the time zone of the service."""
    return timezone.make_aware(datetime.combine(day, time.min))


def count_by_day(
    sets: QuerySet[AnnotationSet], days: Sequence[date], actions: Sequence[str]
) -> Mapping[date, Counter[str]]:
    """Return how often each of the actions was done with these sets on each of the days, in one query."""
    found: dict[date, Counter[str]] = defaultdict(Counter)
    for day, action, _, number in _count_rows(sets, days, actions, dict.fromkeys(actions)):
        found[day][action] += number
    return found


def count_by_person(
    sets: QuerySet[AnnotationSet], days: Sequence[date], actions: Sequence[str]
) -> Mapping[tuple[int, str], Counter[date]]:
    """Return on which of the days each person did each of the actions how often, in one query."""
    found: dict[tuple[int, str], Counter[date]] = defaultdict(Counter)
    columns = {action: PERSON_BY_ACTION.get(action, "") for action in actions}
    for day, action, person, number in _count_rows(sets, days, actions, columns):
        if person is not None:
            found[person, action][day] += number
    return found


def _count_rows(
    sets: QuerySet[AnnotationSet],
    days: Sequence[date],
    actions: Sequence[str],
    person_columns: Mapping[str, str | None],
) -> QuerySet[Any, Any]:
    """Return rows of day, action, person and number; None for a person column counts all people as one."""
    begin = start_of_day(days[0])
    sets = sets.order_by()
    recorded = Event.objects.filter(
        set_id__in=sets.values("pk"), action__in=actions, time__gte=begin
    ).order_by()
    nobody = Value(None, output_field=BigIntegerField())
    by_user = F("user_id") if any(person_columns.values()) else nobody
    counts = [_grouped(recorded, "time", F("action"), by_user, "seq")]
    for action in actions:
        column, person = COLUMN_BY_ACTION[action], person_columns[action]
        if column is not None and person != "":
            own = Event.objects.filter(set_id=OuterRef("pk"), action=action)
            told = sets.filter(~Exists(own), Q((f"{column}__gte", begin)))
            by_column = Cast(person, BigIntegerField()) if person else nobody
            counts.append(_grouped(told, column, Value(action), by_column, "pk"))
    return counts[0].union(*counts[1:], all=True)


def _grouped(
    rows: QuerySet[Any], column: str, action: Combinable, person: Combinable, key: str
) -> QuerySet[Any, Any]:
    named: Any = rows.annotate(day=TruncDate(column), what=action, who=person).values("day", "what", "who")
    counted: QuerySet[Any, Any] = named.annotate(number=Count(key)).values_list(
        "day", "what", "who", "number"
    )
    return counted


def with_state_time(sets: QuerySet[AnnotationSet], corpus: Corpus) -> QuerySet[Any]:
    """Return live sets of a corpus with ``since``: when each came into its state.

    Their columns tell it of all but those that were once sent back, which are few: their events are read.
    """
    sent_back = Event.objects.filter(corpus_id=corpus.pk, action__in=_UNTOLD_ACTIONS).values("set_id")
    by_event = _last_time(action__in=[*TRANSITIONS, events.CREATED])
    return sets.annotate(since=Case(When(pk__in=sent_back, then=by_event), default=_TOLD_TIME))


def with_last_time(sets: QuerySet[AnnotationSet]) -> QuerySet[Any]:
    """Return the sets with ``last_at``: when something happened to each; that it was imported is nothing."""
    return sets.annotate(last_at=_last_time(~Q(action=events.IMPORTED)))


def _last_time(*conditions: Q, **fields: object) -> Coalesce:
    rows = Event.objects.filter(*conditions, set_id=OuterRef("pk"), **fields).order_by("-seq")
    return Coalesce(Subquery(rows.values("time")[:1]), _TOLD_TIME)
