"""Stale work: live sets without a recent event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from annotations.enums import LIVE, Round, State
from annotations.models import AnnotationSet, Corpus
from annotations.services.team import set_times
from annotations.visibility import visible

DEFAULT_DAYS = 7


def stale_sets(by: User, corpus: Corpus, days: int = DEFAULT_DAYS) -> QuerySet[Any]:
    """Return the live sets without an event in the last days, with the time of the last one as ``last_at``.

    Submitted sets of calibrations are left out: they wait for nothing.
    """
    return _dated_sets(by, corpus).filter(last_at__lt=timezone.now() - timedelta(days=days))


def find_stalest_sets(by: User, corpus: Corpus, days: int, most: int) -> list[AnnotationSet]:
    """Return the stale sets of which the last event is longest ago, in two queries."""
    # Only ids are sorted, and by what is reckoned once for each: whoever is later is no candidate.
    ordered = _dated_sets(by, corpus).order_by("last_at", "pk")
    since = timezone.now() - timedelta(days=days)
    stale = {pk: last_at for pk, last_at in ordered.values_list("pk", "last_at")[:most] if last_at < since}
    rows = AnnotationSet.objects.select_related("article", "owner", "reviewer").in_bulk(stale)
    found = [rows[pk] for pk in stale]
    for row in found:
        row.last_at = stale[row.pk]  # type: ignore[attr-defined]
    return found


def _dated_sets(by: User, corpus: Corpus) -> QuerySet[Any]:
    rows = visible(by, AnnotationSet.objects.filter(corpus=corpus, state__in=LIVE))
    return set_times.with_last_time(rows.exclude(round=Round.CALIBRATION, state=State.SUBMITTED))
