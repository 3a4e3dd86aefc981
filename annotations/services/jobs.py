"""Jobs: work that outlives a request, done by whoever holds the lease.

A lease is the number of the attempt. Everything that its holder writes asks for that number in the
same statement, so somebody who was thought dead and wakes up again changes nothing. Time is that of
the database: the clocks of several machines need not agree.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from annotations.models import Corpus, Job, JobKind, JobState, Worker, uuid7

logger = logging.getLogger(__name__)

#: After so many attempts that ended in nothing, a job is parked as failed.
MOST_ATTEMPTS = 5
FINAL = (JobState.DONE, JobState.FAILED)


class LeaseLost(Exception):
    """Somebody else has the job by now; stop, and change nothing."""


@dataclass(frozen=True)
class Lease:
    """The right to do a job, for one attempt."""

    job: Job

    def step(self, **changes: Any) -> None:
        """Write down how far the work is (``done``, ``total``, ``cursor``), which also is a sign of life."""
        held = Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt, state=JobState.RUNNING)
        if not held.update(beat_at=Now(), **changes):
            raise LeaseLost
        for name, value in changes.items():
            setattr(self.job, name, value)

    def finish(self, result: Mapping[str, Any]) -> None:
        """The job is done."""
        self._end(JobState.DONE, result, "")

    def fail(self, error: str, result: Mapping[str, Any] | None = None) -> None:
        """The job ended for good without reaching its end; ``error`` is a whole sentence."""
        self._end(JobState.FAILED, result, error)

    def _end(self, state: JobState, result: Mapping[str, Any] | None, error: str) -> None:
        total = self.job.total
        done = total if state == JobState.DONE and total is not None else self.job.done
        self.step(state=state, result=result, error=error, done=done, finished_at=Now())


def create(
    by: User | None, corpus: Corpus, kind: JobKind, parameters: Mapping[str, Any], *, id: UUID | None = None
) -> Job:
    """A job that nobody was asked to do yet."""
    return Job.objects.create(id=id or uuid7(), corpus=corpus, by=by, kind=kind, parameters=dict(parameters))


def claim(id: UUID, worker: str) -> Lease | None:
    """Take a job that waits; None where it does not, or not any more."""
    waiting = Job.objects.filter(pk=id, state=JobState.QUEUED)
    taken = waiting.update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        worker=worker,
        beat_at=Now(),
        started_at=Now(),
    )
    return Lease(Job.objects.select_related("corpus", "by").get(pk=id)) if taken else None


def give_back(lease: Lease) -> None:
    """Let the job wait for the next attempt."""
    lease.step(state=JobState.QUEUED, worker="")


@contextmanager
def beating(lease: Lease) -> Iterator[None]:
    """Signs of life at the side, while the work itself has no time for them."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(settings.JOB_LEASE / 6):
            try:
                lease.step()
            except LeaseLost:
                return  # whoever works finds out at the next step
            except DatabaseError:
                logger.warning("A sign of life of job %s did not reach the database.", lease.job.pk)
            finally:
                connection.close()

    heart = threading.Thread(target=beat, name=f"job-{lease.job.pk}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()


def limit() -> Any:
    """The moment before which a sign of life is too old."""
    return Now() - timedelta(seconds=settings.JOB_LEASE)


def stalled() -> QuerySet[Job]:
    """Jobs whose holder has shown no sign of life for longer than the lease."""
    return Job.objects.filter(state=JobState.RUNNING, beat_at__lt=limit())


# --- Workers -------------------------------------------------------------------------------


def beat(worker: str) -> None:
    """A worker is alive."""
    if not Worker.objects.filter(pk=worker).update(beat_at=Now()):
        Worker.objects.bulk_create(
            [Worker(name=worker, started_at=Now(), beat_at=Now())], ignore_conflicts=True
        )


def leave(worker: str) -> None:
    """A worker goes home, and takes along those that died long ago."""
    Worker.objects.filter(pk=worker).delete()
    Worker.objects.filter(beat_at__lt=Now() - timedelta(days=1)).delete()


def has_worker() -> bool:
    """Whether anybody is there to do what waits."""
    return Worker.objects.filter(beat_at__gte=limit()).exists()


NO_WORKER = gettext_lazy(
    "No worker is running, so the job waits; start one on a machine of the service with: "
    "python manage.py worker"
)


def notice(job: Job) -> str | None:
    """What whoever waits for a job has to know: that nobody will do it."""
    if job.state in FINAL or has_worker():
        return None
    is_done = job.state == JobState.RUNNING and not stalled().filter(pk=job.pk).exists()
    return None if is_done else str(NO_WORKER)
