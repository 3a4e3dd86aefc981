"""Stale work: live sets without a recent event."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from annotations.enums import LIVE, Round, State
from annotations.models import AnnotationSet, Corpus, Event
from annotations.visibility import visible

DEFAULT_DAYS = 7


def stale_sets(by: User, corpus: Corpus, days: int = DEFAULT_DAYS) -> QuerySet[AnnotationSet]:
    """Return the live sets without an event in the last days, with the time of the last one as ``last_at``.

    Submitted sets of calibrations are left out: they wait for nothing.
    """
    last = Event.objects.filter(set_id=OuterRef("pk")).order_by("-seq").values("time")[:1]
    rows = visible(by, AnnotationSet.objects.filter(corpus=corpus, state__in=LIVE))
    rows = rows.exclude(round=Round.CALIBRATION, state=State.SUBMITTED)
    return rows.annotate(last_at=Subquery(last)).filter(last_at__lt=timezone.now() - timedelta(days=days))
