"""The progress of a corpus for its managers: articles done, throughput, waiting times, blockers.

Only numbers of rows and times, which managers see of blind sets too, and no content.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from annotations.enums import EDITABLE, LIVE, ArticleStatus, Round, SetKind, State
from annotations.metrics.agreement import AgreementCounts, AnnotatorPair, agreement_report
from annotations.models import AnnotationSet, Corpus, Membership
from annotations.models.ordering import text_order
from annotations.services.core.replica import reads_replica
from annotations.services.double_annotation import agreement
from annotations.services.team import blockers, corpus_counts, set_times

DEFAULT_DAYS = 30
MAX_DAYS = 366
_HOUR = 3600

#: The actions that are counted for each day.
THROUGHPUT_ACTIONS = tuple(set_times.COLUMN_BY_ACTION)


@reads_replica
def corpus_progress(by: User, corpus: Corpus, days: int = DEFAULT_DAYS) -> dict[str, Any]:
    """Return the whole progress report, in a number of queries that does not grow with the corpus."""
    now = timezone.now()
    dates = set_times.last_days(days)
    return {
        "articles": _articles(by, corpus),
        "throughput": _throughput(by, corpus, dates),
        "waiting": _waiting(corpus, now),
        "people": _members(corpus, now),
        "blocked": blockers.find_blockers(corpus, now),
        "agreement": _agreement(corpus, set_times.start_of_day(dates[0])),
    }


def _articles(by: User, corpus: Corpus) -> dict[str, Any]:
    counts = corpus_counts.count_articles(by, corpus)
    by_status = counts["by_status"]
    to_do = counts["total"] - by_status[ArticleStatus.EXCLUDED]
    done = by_status[ArticleStatus.DONE]
    return {
        "total": counts["total"],
        "done": done,
        "share_done": done / to_do if to_do else None,
        "by_status": by_status,
    }


def _throughput(by: User, corpus: Corpus, dates: Sequence[date]) -> list[dict[str, Any]]:
    """Return for each day how many sets made each transition."""
    counts = corpus_counts.count_by_day(by, corpus, dates, THROUGHPUT_ACTIONS)
    return [
        {"day": day.isoformat(), **{action: counts[day][action] for action in THROUGHPUT_ACTIONS}}
        for day in dates
    ]


def _waiting(corpus: Corpus, now: datetime) -> list[dict[str, Any]]:
    """Return how long the live sets have been in their states, without submitted calibrations.

    Of each state the database finds the set that has waited longest and the one or two in the middle.
    """
    rows: Any = AnnotationSet.objects.filter(corpus=corpus, state__in=LIVE).order_by()
    rows = set_times.with_state_time(rows.exclude(round=Round.CALIBRATION, state=State.SUBMITTED), corpus)
    placed = rows.annotate(
        place=Window(RowNumber(), partition_by=F("state"), order_by="since"),
        number=Window(Count("pk"), partition_by=F("state")),
    )
    middle = Q(place__gte=F("number") / 2.0, place__lte=F("number") / 2.0 + 1)
    # Without the times themselves, which the database would reckon once more for each set.
    picked = list(placed.filter(middle | Q(place=1)).values_list("pk", "state", "place", "number"))
    chosen = AnnotationSet.objects.filter(pk__in={row[0] for row in picked})
    times = dict(set_times.with_state_time(chosen, corpus).values_list("pk", "since"))
    found: dict[str, dict[int, float]] = defaultdict(dict)
    numbers: dict[str, int] = {}
    for id, state, place, number in picked:
        numbers[state] = number
        found[state][place] = max(0.0, (now - times[id]).total_seconds() / _HOUR)
    return [_state_times(state, numbers.get(state, 0), found[state]) for state in State if state in LIVE]


def _state_times(state: State, number: int, hours: Mapping[int, float]) -> dict[str, Any]:
    """Return the waiting times of a state; ``hours`` are by place, the longest first."""
    middle = [hours[place] for place in {(number + 1) // 2, number // 2 + 1} if number]
    return {
        "state": str(state),
        "sets": number,
        "median_hours": round(median(middle), 2) if middle else None,
        "longest_hours": round(hours[1], 2) if hours else None,
    }


def _members(corpus: Corpus, now: datetime) -> list[dict[str, Any]]:
    """Return the number of sets of each member by state, and their reviews and overdue sets."""
    sets = AnnotationSet.objects.filter(corpus=corpus).order_by()
    sets_by_state: Counter[tuple[int, str]] = Counter()
    for owner_id, state, number in sets.values_list("owner_id", "state").annotate(number=Count("pk")):
        sets_by_state[owner_id, state] = number
    overdue = _count_ids(sets.filter(state__in=EDITABLE, due_at__lt=now).values_list("owner_id", flat=True))
    reviewing = sets.filter(state=State.IN_REVIEW, reviewer__isnull=False).values_list(
        "reviewer_id", flat=True
    )
    reviews = _count_ids(reviewing)
    members = Membership.objects.filter(corpus=corpus).select_related("user")
    return [
        {
            "username": member.user.get_username(),
            "role": member.role,
            **{str(state): sets_by_state[member.user_id, state] for state in State},
            "reviewing": reviews[member.user_id],
            "overdue": overdue[member.user_id],
        }
        for member in members.order_by(text_order("user__username"))
    ]


def _count_ids(ids: Iterable[int | None]) -> Counter[int]:
    return Counter(id for id in ids if id is not None)


def _agreement(corpus: Corpus, since: datetime) -> list[dict[str, Any]]:
    """Return for each week the agreement that was frozen in it: IoU F1 and token kappa over all labels."""
    question = agreement.AgreementQuery(round=Round.PRODUCTION, kind=SetKind.ANNOTATION, since=since)
    rows = agreement.frozen_rows(corpus, question).order_by("frozen_at", "pk")
    weeks: dict[date, dict[AnnotatorPair, AgreementCounts]] = defaultdict(dict)
    columns = rows.values_list("frozen_at", "first__username", "second__username", "annotators", "counts")
    for frozen_at, first, second, annotators, counts in columns.iterator(chunk_size=500):
        day = timezone.localdate(frozen_at)
        week = weeks[day - timedelta(days=day.weekday())]
        pair = AnnotatorPair(first, second, annotators)
        week[pair] = week.get(pair, AgreementCounts()) + AgreementCounts.from_json(counts)
    return [_week_row(week, pairs) for week, pairs in sorted(weeks.items())]


def _week_row(week: date, pairs: dict[AnnotatorPair, AgreementCounts]) -> dict[str, Any]:
    figures = agreement_report([pairs])["labels"]["all"]
    number = sum(counts.articles for counts in pairs.values())
    shown = {name: figures[name] for name in ("iou_f1", "token_kappa", "alpha_u")}
    return {"week": week.isoformat(), "pairs": number, **shown, "reasons": figures["reasons"]}
