"""The queue of jobs: how a job is claimed, kept alive, finished and given back.

A lease is the number of an attempt. Everything that its holder writes asks for that number in the same
statement, so a holder that was thought dead and wakes up again changes nothing. Times are those of the
database: the clocks of several machines need not agree.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import Error, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from annotations.models import Corpus, Job, JobKind, JobState, Worker, uuid7

logger = logging.getLogger(__name__)

#: A job whose attempts have failed so many times is parked as failed.
MAX_ATTEMPTS = 5
FINAL_STATES = (JobState.DONE, JobState.FAILED)


class LeaseLostError(Exception):
    """The job belongs to another attempt by now; stop, and change nothing."""


@dataclass(frozen=True)
class Lease:
    """The right to run a job, for one attempt."""

    job: Job
    _noted: dict[str, int] = field(default_factory=dict, init=False)

    def note_progress(self, **changes: int) -> None:
        """Note ``done`` and ``total`` for the next heartbeat: for work that must not query the database."""
        self._noted.update(changes)

    def send_heartbeat(self) -> None:
        """Store what was noted, or only that the job is alive."""
        self.save_progress(**self._noted)

    def save_progress(self, **changes: Any) -> None:
        """Store the progress (``done``, ``total``, ``cursor``), which also counts as a heartbeat."""
        held = Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt, state=JobState.RUNNING)
        if not held.update(beat_at=Now(), **changes):
            raise LeaseLostError
        for name, value in changes.items():
            setattr(self.job, name, value)

    def finish(self, result: Mapping[str, Any]) -> None:
        """Mark the job as done."""
        self._end(JobState.DONE, result, "")

    def fail(self, error: str, result: Mapping[str, Any] | None = None) -> None:
        """Mark the job as failed for good; ``error`` is a whole sentence."""
        self._end(JobState.FAILED, result, error)

    def _end(self, state: JobState, result: Mapping[str, Any] | None, error: str) -> None:
        total = self.job.total
        done = total if state == JobState.DONE and total is not None else self.job.done
        self.save_progress(state=state, result=result, error=error, done=done, finished_at=Now())


# --- The queue -----------------------------------------------------------------------------


def create_job(
    by: User | None, corpus: Corpus, kind: JobKind, parameters: Mapping[str, Any], *, id: UUID | None = None
) -> Job:
    """Create a job, which waits in the queue once the transaction is committed."""
    return Job.objects.create(id=id or uuid7(), corpus=corpus, by=by, kind=kind, parameters=dict(parameters))


def claim_job(id: UUID, worker: str) -> Lease | None:
    """Claim a job that is queued, or return None where it is not queued any more."""
    queued = Job.objects.filter(pk=id, state=JobState.QUEUED)
    claimed = queued.update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        worker=worker,
        beat_at=Now(),
        started_at=Now(),
    )
    return Lease(Job.objects.select_related("corpus", "by").get(pk=id)) if claimed else None


def claim_next_job(worker: str) -> Lease | None:
    """Claim the job that has waited longest, or return None where none is due.

    An idle worker asks one indexed question and takes no lock; on SQLite a lock would stop every writer.
    """
    if not due_jobs().exists():
        return None
    with transaction.atomic():
        skip_locked = connection.features.has_select_for_update_skip_locked
        due = due_jobs().select_for_update(skip_locked=skip_locked)
        id = due.order_by("run_after", "pk").values_list("pk", flat=True).first()
        return None if id is None else claim_job(id, worker)


def due_jobs() -> QuerySet[Job]:
    """Return the queued jobs whose time has come."""
    return Job.objects.filter(state=JobState.QUEUED, run_after__lte=Now())


def requeue(lease: Lease, *, delay: float = 0) -> None:
    """Put the job back into the queue, where it waits at least ``delay`` seconds."""
    lease.save_progress(state=JobState.QUEUED, worker="", run_after=Now() + timedelta(seconds=delay))


def requeue_lost_job(job: Job, *, delay: float) -> bool:
    """Put a job back whose lease has run out; return False where somebody was quicker."""
    held = lost_jobs().filter(pk=job.pk, attempt=job.attempt)
    run_after = Now() + timedelta(seconds=delay)
    return bool(held.update(state=JobState.QUEUED, worker="", run_after=run_after))


def retry_delay(attempt: int) -> float:
    """Return the seconds before the next attempt: longer each time, and never the same for two jobs."""
    return (2.0 ** max(attempt - 1, 0) - 1) * random.uniform(0.5, 1)  # noqa: S311 - no secret


def lease_cutoff() -> Any:
    """Return the time before which a heartbeat is too old, as an expression for queries."""
    return Now() - timedelta(seconds=settings.JOB_LEASE)


def lost_jobs() -> QuerySet[Job]:
    """Return the running jobs whose lease has run out without a heartbeat."""
    return Job.objects.filter(state=JobState.RUNNING, beat_at__lt=lease_cutoff())


# --- Heartbeats ----------------------------------------------------------------------------


@contextmanager
def heartbeat(lease: Lease) -> Iterator[None]:
    """Send heartbeats of a job while the block runs, which has no time for them itself."""
    with _repeated(lease.send_heartbeat, f"job {lease.job.pk}"):
        yield


@contextmanager
def worker_heartbeat(worker: str) -> Iterator[None]:
    """Register a worker, and send its heartbeats while the block runs.

    A database that is away when a worker begins or ends is no reason to end it, or to say that it failed.
    """
    _try_once(lambda: record_worker_heartbeat(worker), f"worker {worker}")
    try:
        with _repeated(lambda: record_worker_heartbeat(worker), f"worker {worker}"):
            yield
    finally:
        _try_once(lambda: remove_worker(worker), f"worker {worker}")


def _try_once(send: Callable[[], None], name: str) -> None:
    try:
        send()
    except Error:
        logger.warning("A heartbeat of %s did not reach the database.", name)
        connection.close()


@contextmanager
def _repeated(send: Callable[[], None], name: str) -> Iterator[None]:
    """Call ``send`` six times per lease in a thread of its own, until the block ends."""
    is_over = threading.Event()

    def send_all() -> None:
        while not is_over.wait(settings.JOB_LEASE / 6):
            try:
                send()
            except LeaseLostError:
                return  # the thread that does the work learns it at its next step
            except Error:
                logger.warning("A heartbeat of %s did not reach the database.", name)
            finally:
                connection.close()

    thread = threading.Thread(target=send_all, name=f"heartbeat of {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def record_worker_heartbeat(worker: str) -> None:
    """Record that a worker is alive."""
    if not Worker.objects.filter(pk=worker).update(beat_at=Now()):
        Worker.objects.bulk_create(
            [Worker(name=worker, started_at=Now(), beat_at=Now())], ignore_conflicts=True
        )


def remove_worker(worker: str) -> None:
    """Remove a worker that ends, and those that died more than a day ago."""
    Worker.objects.filter(pk=worker).delete()
    Worker.objects.filter(beat_at__lt=Now() - timedelta(days=1)).delete()


def has_live_worker() -> bool:
    """Return whether a live worker could run the jobs that wait."""
    return Worker.objects.filter(beat_at__gte=lease_cutoff()).exists()


NO_WORKER_MESSAGE = gettext_lazy(
    "No worker is running, so the job waits; start one on a machine of the service with: "
    "python manage.py worker"
)


def waiting_notice(job: Job) -> str | None:
    """Return the sentence for people who wait for a job that no worker will run, or None."""
    if job.state in FINAL_STATES or has_live_worker():
        return None
    is_done = job.state == JobState.RUNNING and not lost_jobs().filter(pk=job.pk).exists()
    return None if is_done else str(NO_WORKER_MESSAGE)


def count_live_workers() -> int:
    """Return how many workers have a recent heartbeat."""
    return Worker.objects.filter(beat_at__gte=lease_cutoff()).count()
