"""When work was done and since when it waits: the one source of these numbers for every page and answer.

Events tell it. A set that a file brought has no events of what happened before: of that tell its columns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone

from annotations.models import AnnotationSet, Event
from annotations.services.core import events
from annotations.workflow import TRANSITIONS

#: The actions that are counted by day, each with the column that tells of it where no event does.
COLUMN_BY_ACTION: Mapping[str, str | None] = {
    events.CREATED: "created_at",
    "submit": "submitted_at",
    "return": None,
    "approve": "approved_at",
}
#: The last time that the columns of a set tell.
_TOLD_TIME = Greatest(
    F("created_at"),
    Coalesce("submitted_at", "created_at"),
    Coalesce("review_started_at", "created_at"),
    Coalesce("approved_at", "created_at"),
)


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
    begin = start_of_day(days[0])
    sets = sets.order_by()
    recorded = Event.objects.filter(
        set_id__in=sets.values("pk"), action__in=actions, time__gte=begin
    ).order_by()
    counts = [_grouped(recorded, "time", F("action"), "seq")]
    for action in actions:
        column = COLUMN_BY_ACTION[action]
        if column is not None:
            own = Event.objects.filter(set_id=OuterRef("pk"), action=action)
            told = sets.filter(~Exists(own), Q((f"{column}__gte", begin)))
            counts.append(_grouped(told, column, Value(action), "pk"))
    found: dict[date, Counter[str]] = defaultdict(Counter)
    for day, action, number in counts[0].union(*counts[1:], all=True):
        found[day][action] += number
    return found


def _grouped(rows: QuerySet[Any], column: str, action: Any, key: str) -> QuerySet[Any, Any]:
    named: Any = rows.annotate(day=TruncDate(column), what=action).values("day", "what")
    counted: QuerySet[Any, Any] = named.annotate(number=Count(key)).values_list("day", "what", "number")
    return counted


def with_state_time(sets: QuerySet[AnnotationSet]) -> QuerySet[Any]:
    """Return the sets with ``since``: when each came into its state."""
    return sets.annotate(since=_last_time(action__in=[*TRANSITIONS, events.CREATED]))


def with_last_time(sets: QuerySet[AnnotationSet]) -> QuerySet[Any]:
    """Return the sets with ``last_at``: when something happened to each; that it was imported is nothing."""
    return sets.annotate(last_at=_last_time(~Q(action=events.IMPORTED)))


def _last_time(*conditions: Q, **fields: Any) -> Coalesce:
    rows = Event.objects.filter(*conditions, set_id=OuterRef("pk"), **fields).order_by("-seq")
    return Coalesce(Subquery(rows.values("time")[:1]), _TOLD_TIME)
