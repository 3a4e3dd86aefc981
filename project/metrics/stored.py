"""The numbers of the work: what the rows say now. Each reader of ``READERS`` yields some of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils import timezone

from annotations.management.commands.fsck import LAST_RUN
from annotations.models import AnnotationSet, Event, Job, JobState
from annotations.services.jobs.leases import count_live_workers
from project.metrics.catalog import (
    EVENTS,
    FSCK_FINDINGS,
    FSCK_TIME,
    JOB_AGE,
    JOBS,
    SETS,
    WORKERS,
    Metric,
)

#: A metric, the values of its labels, and its number.
Reading = tuple[Metric, tuple[str, ...], float]


def _read_jobs() -> Iterator[Reading]:
    now = timezone.now()
    rows = Job.objects.values_list("kind", "state").order_by("kind", "state")
    for kind, state, number, queued, started in rows.annotate(
        number=Count("pk"), queued=Min("run_after"), started=Min("started_at")
    ):
        yield JOBS, (kind, state), number
        since = {JobState.QUEUED: queued, JobState.RUNNING: started}.get(JobState(state))
        if since is not None:
            yield JOB_AGE, (kind, state), max(0.0, (now - since).total_seconds())


def _read_workers() -> Iterator[Reading]:
    yield WORKERS, (), count_live_workers()


def _read_sets() -> Iterator[Reading]:
    for state, number in AnnotationSet.objects.values_list("state").order_by("state").annotate(Count("pk")):
        yield SETS, (state,), number


def _read_events() -> Iterator[Reading]:
    yield EVENTS, (), Event.objects.aggregate(last=Max("seq"))["last"] or 0


def _read_fsck() -> Iterator[Reading]:
    try:
        last: Mapping[str, float] = json.loads((Path(settings.DATA_DIR) / LAST_RUN).read_text())
    except (OSError, ValueError):
        return
    yield FSCK_TIME, (), last["time"]
    yield FSCK_FINDINGS, (), last["found"]


#: Whoever adds a table that wants watching adds its reader here, and its metrics to the catalogue.
READERS: tuple[Callable[[], Iterable[Reading]], ...] = (
    _read_jobs,
    _read_workers,
    _read_sets,
    _read_events,
    _read_fsck,
)


class StoredNumbers:
    """The readings of all readers, kept for some seconds: several may ask at the same time."""

    def __init__(self, keep: float = 15.0) -> None:
        self._keep, self._until = keep, 0.0
        self._readings: list[Reading] = []

    def read(self) -> list[Reading]:
        """Return the readings."""
        now = time.monotonic()
        if now >= self._until:
            self._readings = [reading for reader in READERS for reading in reader()]
            self._until = now + self._keep
        return self._readings
