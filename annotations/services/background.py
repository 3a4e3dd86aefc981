"""The queue: which function does which kind of job, how jobs are called for, and who sweeps up.

django-tasks keeps the queue in the database. It leaves the task of a worker that was killed running for
ever, and knows nothing of half-done work; ``rescue`` finds what has no holder any more and calls for
it again, later each time. ``tick`` is all that has to happen now and then.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskContext, TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from annotations.exceptions import StandpointError
from annotations.models import Corpus, Job, JobKind, JobState, Release, ReleaseState
from annotations.says import says
from annotations.services import files, jobs, releases
from annotations.services.imports import background as imports
from annotations.services.jobs import Lease, LeaseLost
from annotations.services.releases import build

logger = logging.getLogger(__name__)

#: What is done for each kind of job. The answer becomes its result.
RUNNERS: Mapping[JobKind, Callable[[Lease], dict[str, Any]]] = {
    JobKind.IMPORT: imports.run,
    JobKind.RELEASE: build.run,
}
#: Who does a job that no worker was asked to do.
INLINE = "request"
FAULT = says("Something went wrong on our side; the log of the worker has it under the id of this job.")


def release(
    by: User | None, corpus: Corpus, order: releases.Order, *, inline: bool | None = None
) -> tuple[Release, bool]:
    """Make a release, at once or by a worker, and whether it is new; ``inline`` None decides by its size."""
    with transaction.atomic():
        made, new = releases.create(by, corpus, order)
        at_once = releases.is_small(made) if inline is None else inline
        if new and not at_once and made.job is not None:
            enqueue(made.job)
    if new and at_once and made.job is not None:
        run(made.job.pk, INLINE)
    return Release.objects.select_related("job", "corpus").get(pk=made.pk), new


def import_later(by: User, corpus: Corpus, source: files.Source, options: Mapping[str, Any]) -> Job:
    """Keep a file, and let a worker read it."""
    with imports.kept(by, corpus, source, options) as job, transaction.atomic():
        job.save(force_insert=True)
        enqueue(job)
    return job


def run(id: UUID, worker: str) -> None:
    """Do a job that waits, if it still does."""
    lease = jobs.claim(id, worker)
    if lease is None:
        return
    try:
        _do(lease)
    except LeaseLost:
        logger.warning("Job %s went to somebody else.", id)


def _do(lease: Lease) -> None:
    try:
        with jobs.beating(lease):
            result = RUNNERS[JobKind(lease.job.kind)](lease)
        lease.finish(result)
    except StandpointError as error:
        _fail(lease, error.detail, error.data.get("report"))
    except (OperationalError, InterfaceError, OSError):
        logger.exception("Job %s could not go on.", lease.job.pk)
        _again(lease)
    except LeaseLost:
        raise
    except Exception:
        logger.exception("Job %s met a fault of ours.", lease.job.pk)
        _fail(lease, FAULT)


@task(takes_context=True)
def do(context: TaskContext, job_id: str) -> None:
    """What a worker calls."""
    run(UUID(job_id), context.task_result.worker_ids[-1])


def enqueue(job: Job, *, delay: float = 0) -> None:
    """Let a worker do the job, in the transaction that is open: both are stored, or neither."""
    when = timezone.now() + timedelta(seconds=delay) if delay else None
    queued = do.using(run_after=when).enqueue(str(job.pk))
    Job.objects.filter(pk=job.pk).update(task_id=queued.id)


def rescue() -> int:
    """Call again for jobs that nobody does any more; answers how many there were."""
    found = 0
    for job in [*jobs.stalled(), *_forgotten()]:
        with transaction.atomic():
            held = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=job.state, task_id=job.task_id)
            if job.state == JobState.RUNNING:
                held = held.filter(beat_at__lt=jobs.limit())
            if not held.update(state=JobState.QUEUED, worker=""):
                continue
            found += 1
            _close_task(job)
            if job.attempt >= jobs.MOST_ATTEMPTS:
                _park(job)
            else:
                enqueue(job, delay=_delay(job.attempt))
        logger.warning("Job %s had lost its worker; attempt %s.", job.pk, job.attempt)
    return found


def _forgotten() -> list[Job]:
    """Jobs that wait while their place in the queue is gone: taken by who died, or never made."""
    old = Job.objects.filter(state=JobState.QUEUED, created_at__lt=jobs.limit())
    waiting = DBTaskResult.objects.filter(
        Q(status=TaskResultStatus.READY) | Q(status=TaskResultStatus.RUNNING, started_at__gte=jobs.limit())
    )
    return list(old.filter(Q(task_id__isnull=True) | ~Q(task_id__in=waiting.values("id"))))


def _close_task(job: Job) -> None:
    if job.task_id is not None:
        DBTaskResult.objects.filter(pk=job.task_id, status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.FAILED, finished_at=timezone.now()
        )


def _delay(attempt: int) -> float:
    """Seconds until the next attempt: longer each time, and never the same for two jobs."""
    return (2.0 ** max(attempt - 1, 0) - 1) * random.uniform(0.5, 1)  # noqa: S311 - no secret


def _again(lease: Lease) -> None:
    """What failed may succeed later: a database that was away, a disk that was full."""
    if lease.job.attempt >= jobs.MOST_ATTEMPTS:
        _fail(
            lease,
            says("It failed {attempt} times; the log of the worker says why.", attempt=lease.job.attempt),
        )
        return
    with transaction.atomic():
        jobs.give_back(lease)
        enqueue(lease.job, delay=_delay(lease.job.attempt + 1))


def _park(job: Job) -> None:
    error = says(
        "Its worker died {attempt} times; the job is parked. Look into the log, then start it anew.",
        attempt=job.attempt,
    )
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error=error, finished_at=timezone.now())
    Release.objects.filter(job=job, state=ReleaseState.BUILDING).update(state=ReleaseState.FAILED)


def _fail(lease: Lease, error: str, result: Mapping[str, Any] | None = None) -> None:
    with transaction.atomic():
        lease.fail(error, result)
        Release.objects.filter(job=lease.job, state=ReleaseState.BUILDING).update(state=ReleaseState.FAILED)


def tick() -> None:
    """What has to happen now and then: jobs without a holder go on, files without an owner go."""
    rescue()
    sweep()


def sweep() -> int:
    """Remove files that nobody will ask for; answers how many there were."""
    gone = list(files.abandoned())
    for kind, rows in (
        (files.JOBS, Job.objects.all()),
        (
            files.RELEASES,
            Release.objects.filter(withdrawn_at__isnull=True).exclude(state=ReleaseState.FAILED),
        ),
    ):
        there = files.owners(kind)
        known = {str(id) for id in rows.values_list("pk", flat=True)} if there else set()
        gone += [path for id, path in there.items() if id not in known]
    gone += _read_through()
    for path in gone:
        files.remove(path)
    return len(gone)


def _read_through() -> list[Path]:
    """What was imported and will not be read again; the reports stay."""
    there = files.owners(files.JOBS)
    kept = {id: path / imports.UPLOAD for id, path in there.items() if (path / imports.UPLOAD).exists()}
    ended = Job.objects.filter(state__in=jobs.FINAL).values_list("pk", flat=True) if kept else ()
    return [kept[str(id)] for id in ended if str(id) in kept]
