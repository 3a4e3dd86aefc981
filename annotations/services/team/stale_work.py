"""Stale work: live sets without a recent event."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from annotations.enums import LIVE, Round, State
from annotations.models import AnnotationSet, Corpus
from annotations.services.team import set_times
from annotations.visibility import visible

DEFAULT_DAYS = 7
#: How many times as many sets are looked at as are shown; as many times more if that was not enough.
_CANDIDATES = 8


def stale_sets(by: User, corpus: Corpus, days: int = DEFAULT_DAYS) -> QuerySet[Any]:
    """Return the live sets without an event in the last days, with the time of the last one as ``last_at``.

    Submitted sets of calibrations are left out: they wait for nothing.
    """
    return set_times.with_last_time(_live_sets(by, corpus)).filter(
        last_at__lt=timezone.now() - timedelta(days=days)
    )


def find_stalest_sets(by: User, corpus: Corpus, days: int, most: int) -> list[AnnotationSet]:
    """Return the stale sets of which the last event is longest ago, in a few queries.

    The last event is looked up for candidates alone: those of which the columns tell the earliest times.
    Nothing in the columns is later than the last event, so all other sets come after the last candidate.
    """
    since = timezone.now() - timedelta(days=days)
    ordered = set_times.with_told_time(_live_sets(by, corpus)).filter(told_at__lt=since)
    candidates = ordered.order_by("told_at", "pk").values_list("pk", "told_at")
    number, stale = most * _CANDIDATES, list[tuple[datetime, UUID]]()
    while True:
        told = list(candidates[:number])
        dated = set_times.with_last_time(AnnotationSet.objects.filter(pk__in=[id for id, _ in told]))
        stale = sorted((at, id) for id, at in dated.values_list("pk", "last_at") if at < since)[:most]
        if len(told) < number or (len(stale) == most and stale[-1][0] <= told[number - 1][1]):
            break
        number *= _CANDIDATES
    rows = AnnotationSet.objects.select_related("article", "owner", "reviewer").in_bulk(id for _, id in stale)
    for at, id in stale:
        rows[id].last_at = at  # type: ignore[attr-defined]
    return [rows[id] for _, id in stale]


def _live_sets(by: User, corpus: Corpus) -> QuerySet[AnnotationSet]:
    rows = visible(by, AnnotationSet.objects.filter(corpus=corpus, state__in=LIVE))
    return rows.exclude(round=Round.CALIBRATION, state=State.SUBMITTED)
