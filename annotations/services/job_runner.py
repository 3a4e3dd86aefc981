"""Background work: which function runs which kind of job, and the maintenance around the queue.

Small work is done in the request, by the same functions and under the same lease: a request that dies
leaves a job that a worker takes over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from annotations.exceptions import StandpointError
from annotations.messages import message
from annotations.models import Corpus, Job, JobKind, JobState, Release, ReleaseState
from annotations.services import releases
from annotations.services.core import events
from annotations.services.core.read_only_server import discard_connections, is_read_only
from annotations.services.exchange.exports import jobs as exports
from annotations.services.exchange.imports import ImportOptions
from annotations.services.exchange.imports import jobs as imports
from annotations.services.jobs import leases, storage
from annotations.services.jobs.duplicates import run_duplicates_job
from annotations.services.jobs.leases import Lease, LeaseLostError
from annotations.services.jobs.search import run_search_job
from annotations.services.jobs.stories import run_fingerprint_job
from annotations.services.releases import build

logger = logging.getLogger(__name__)

#: What runs each kind of job. The returned value becomes the result of the job.
JOB_TASKS: Mapping[JobKind, Callable[[Lease], dict[str, Any]]] = {
    JobKind.IMPORT: imports.run_import_job,
    JobKind.RELEASE: build.run_release_job,
    JobKind.EXPORT: exports.run_export_job,
    JobKind.DUPLICATES: run_duplicates_job,
    JobKind.FINGERPRINT: run_fingerprint_job,
    JobKind.SEARCH: run_search_job,
}
#: The name under which a request holds the lease of a job.
REQUEST_WORKER = "request"
INTERNAL_ERROR_MESSAGE = message(
    "Something went wrong on our side; the log of the worker has it under the id of this job."
)


class JobInterruptedError(KeyboardInterrupt):
    """Raised in the middle of a job where a worker has to end at once; the job is requeued.

    A ``KeyboardInterrupt``, since psycopg cancels a running query for no other exception.
    """


# --- Requests for work -----------------------------------------------------------------------


def make_release(
    by: User | None, corpus: Corpus, request: releases.ReleaseRequest, *, inline: bool | None = None
) -> tuple[Release, bool]:
    """Create a release and return it, and whether it is new.

    It is built at once or by a worker; with ``inline`` None its size decides.
    """
    lease = None
    with transaction.atomic():
        made, new = releases.create_release(by, corpus, request)
        at_once = releases.is_small_release(made) if inline is None else inline
        if new and at_once and made.job is not None:
            # claimed before a worker can see it
            lease = leases.claim_job(made.job.pk, REQUEST_WORKER)
    if lease is not None:
        run_claimed_job(lease)
    return Release.objects.select_related("job", "corpus").get(pk=made.pk), new


def queue_import(by: User, corpus: Corpus, source: storage.ByteSource, options: ImportOptions) -> Job:
    """Store a file and create the job that imports it."""
    with imports.store_upload(by, corpus, source, options) as job:
        job.save(force_insert=True)
    return job


# --- Running jobs ----------------------------------------------------------------------------


def run_job(id: UUID, worker: str) -> None:
    """Run a job if it is still queued."""
    lease = leases.claim_job(id, worker)
    if lease is not None:
        run_claimed_job(lease)


def run_claimed_job(lease: Lease) -> None:
    """Run a job that was claimed, to its end, to its failure, or back into the queue."""
    try:
        _run_lease(lease)
    except LeaseLostError:
        logger.warning("Job %s went to another worker.", lease.job.pk)


def _run_lease(lease: Lease) -> None:
    try:
        with leases.heartbeat(lease):
            result = JOB_TASKS[JobKind(lease.job.kind)](lease)
        lease.finish(result)
    except StandpointError as error:
        _fail(lease, error.detail, error.data.get("report"))
    except (OperationalError, InterfaceError, OSError):
        logger.exception("Job %s could not go on.", lease.job.pk)
        _retry(lease)
    except JobInterruptedError:
        connection.close()  # the interrupted one may be in the middle of an answer
        leases.requeue(lease)
        raise
    except LeaseLostError:
        raise
    except Exception as error:
        if is_read_only(error):
            discard_connections()
            _retry(lease)
            return
        logger.exception("Job %s met a fault of ours.", lease.job.pk)
        _fail(lease, INTERNAL_ERROR_MESSAGE)


def _retry(lease: Lease) -> None:
    """Give the job another attempt: the database may be back by then, the disk have room again."""
    if lease.job.attempt >= leases.MAX_ATTEMPTS:
        _fail(
            lease,
            message("It failed {attempt} times; the log of the worker says why.", attempt=lease.job.attempt),
        )
        return
    leases.requeue(lease, delay=leases.retry_delay(lease.job.attempt + 1))


def _fail(lease: Lease, error: str, result: Mapping[str, Any] | None = None) -> None:
    with transaction.atomic():
        lease.fail(error, result)
        _note_failure(lease.job)


def _note_failure(job: Job) -> None:
    """Record that a job failed for good, and with it the release that it was to build."""
    payload = {"job": str(job.pk), "kind": job.kind}
    events.record_event(events.JOB_FAILED, by=None, corpus_id=job.corpus_id, after=payload)
    Release.objects.filter(job=job, state=ReleaseState.BUILDING).update(state=ReleaseState.FAILED)


# --- Maintenance -----------------------------------------------------------------------------


def requeue_lost_jobs() -> int:
    """Requeue the jobs whose lease has run out, or park them; return how many there were."""
    found = 0
    for job in leases.lost_jobs():
        with transaction.atomic():
            if not leases.requeue_lost_job(job, delay=leases.retry_delay(job.attempt)):
                continue
            found += 1
            if job.attempt >= leases.MAX_ATTEMPTS:
                _park(job)
        logger.warning("Job %s had lost its worker; attempt %s.", job.pk, job.attempt)
    return found


def _park(job: Job) -> None:
    error = message(
        "Its worker died {attempt} times; the job is parked. Look into the log, then start it anew.",
        attempt=job.attempt,
    )
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error=error, finished_at=Now())
    _note_failure(job)


def delete_orphans() -> int:
    """Delete files that nothing refers to any more; return how many."""
    left = [*storage.orphans(), *storage.spooled_leftovers()]
    for path in left:
        storage.delete_path(path)
    gone = list(_unreferenced_files())
    for key in gone:
        storage.delete_files(key)
    return len(left) + len(gone)


def _unreferenced_files() -> Iterator[str]:
    """Yield the keys of files whose job or release is gone, has ended, or does not keep them any more."""
    for kind, rows in (
        (storage.JOBS_DIR, Job.objects.all()),
        (
            storage.RELEASES_DIR,
            Release.objects.filter(withdrawn_at__isnull=True).exclude(state=ReleaseState.FAILED),
        ),
    ):
        there = storage.file_store().old_owners(kind)
        known = {str(id) for id in rows.values_list("pk", flat=True)} if there else set()
        yield from (f"{kind}/{id}" for id in there if id not in known)
    ended = Job.objects.filter(state__in=leases.FINAL_STATES)
    yield from _files_of(ended.filter(kind=JobKind.IMPORT), imports.UPLOAD_FILE)
    expired = Now() - timedelta(days=settings.EXPORT_KEEP_DAYS)
    yield from _files_of(ended.filter(kind=JobKind.EXPORT, finished_at__lt=expired), exports.EXPORT_FILE)


def _files_of(rows: QuerySet[Job], name: str) -> list[str]:
    """Return the keys of the files of that name that belong to some jobs."""
    held = storage.file_store().old_owners(storage.JOBS_DIR)
    having = {id for id, names in held.items() if name in names}
    ids = rows.values_list("pk", flat=True) if having else ()
    return [storage.job_key(id, name) for id in ids if str(id) in having]
