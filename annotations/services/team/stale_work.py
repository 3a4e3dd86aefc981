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
#: How many times as many sets are looked at first as are shown.
_CANDIDATES = 8


def stale_sets(by: User, corpus: Corpus, days: int = DEFAULT_DAYS) -> QuerySet[Any]:
    """Return the live sets without an event in the last days, with the time of the last one as ``last_at``.

    Submitted sets of calibrations are left out: they wait for nothing.
    """
    return set_times.with_last_time(_live_sets(by, corpus)).filter(
        last_at__lt=timezone.now() - timedelta(days=days)
    )


def find_stalest_sets(by: User, corpus: Corpus, days: int, most: int) -> list[AnnotationSet]:
    """Return the stale sets of which the last event is longest ago, in four queries at most.

    The last event is looked up for candidates alone: those of which the columns tell the earliest times.
    Nothing in the columns is later than the last event, so all other sets come after the last candidate.
    Where the candidates do not show enough, since much has happened to them, all sets are sorted.
    """
    since = timezone.now() - timedelta(days=days)
    live, number = _live_sets(by, corpus), most * _CANDIDATES
    ordered = set_times.with_told_time(live).filter(told_at__lt=since).order_by("told_at", "pk")
    told = list(ordered.values_list("pk", "told_at")[:number])
    stale = _first_stale(AnnotationSet.objects.filter(pk__in=[id for id, _ in told]), since, most)
    is_whole = len(told) < number or (len(stale) == most and stale[-1][1] < told[-1][1])
    if not is_whole:
        stale = _first_stale(live, since, most)
    rows = AnnotationSet.objects.select_related("article", "owner", "reviewer").in_bulk(id for id, _ in stale)
    for id, at in stale:
        rows[id].last_at = at  # type: ignore[attr-defined]
    return [rows[id] for id, _ in stale]


def _first_stale(sets: QuerySet[AnnotationSet], since: datetime, most: int) -> list[tuple[UUID, datetime]]:
    """Return the first stale ones of these sets; only ids are sorted, by what is reckoned once for each."""
    ordered = set_times.with_last_time(sets).order_by("last_at", "pk").values_list("pk", "last_at")[:most]
    return [(id, at) for id, at in ordered if at < since]


def _live_sets(by: User, corpus: Corpus) -> QuerySet[AnnotationSet]:
    rows = visible(by, AnnotationSet.objects.filter(corpus=corpus, state__in=LIVE))
    return rows.exclude(round=Round.CALIBRATION, state=State.SUBMITTED)
