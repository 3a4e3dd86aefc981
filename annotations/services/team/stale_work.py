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
    rows = visible(by, AnnotationSet.objects.filter(corpus=corpus, state__in=LIVE))
    rows = rows.exclude(round=Round.CALIBRATION, state=State.SUBMITTED)
    dated: QuerySet[Any] = set_times.with_last_time(rows)
    return dated.filter(last_at__lt=timezone.now() - timedelta(days=days))
