"""Imports as jobs: the uploaded file is stored, and the worker that reads it may be killed at any moment.

The cursor of the job says how many lines are dealt with. It changes in the transaction of each batch, so
it always agrees with the articles that are stored, and the next attempt continues behind the last line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.contrib.auth.models import User
from django.db import transaction

from annotations.exceptions import DuplicateError, InvalidInputError
from annotations.models import Corpus, Job, JobKind, uuid7
from annotations.services.exchange.imports import ImportOptions, check_import_options, import_file
from annotations.services.exchange.imports.line_log import LineLog, read_failures
from annotations.services.exchange.imports.observers import BatchCallback, ImportObserver
from annotations.services.exchange.imports.report import MAX_ERRORS, ImportReport, LineError
from annotations.services.jobs import storage
from annotations.services.jobs.leases import Lease

UPLOAD_FILE, REPORT_FILE = "upload", "report.jsonl"


@contextmanager
def store_upload(
    by: User, corpus: Corpus, source: storage.ByteSource, options: ImportOptions
) -> Iterator[Job]:
    """Store an uploaded file and yield the job for it, unsaved; if the block fails the file is deleted."""
    check_import_options(by, corpus, options)
    id = uuid7()
    try:
        size = _store_upload(source, storage.job_key(id, UPLOAD_FILE))
        parameters = options.as_parameters()
        yield Job(id=id, corpus=corpus, by=by, kind=JobKind.IMPORT, parameters=parameters, total=size)
    except BaseException:
        storage.delete_files(storage.job_key(id))
        raise


def _store_upload(source: storage.ByteSource, key: str) -> int:
    size = storage.store_stream(source, key)
    if not size:
        raise InvalidInputError("The file is empty; it needs at least one line.")
    return size


def run_import_job(lease: Lease) -> dict[str, Any]:
    """Import the file of a job, from the line at which the last attempt ended; return the report."""
    job = lease.job
    options = _stored_options(job)
    with storage.local_copy(storage.job_key(job.pk, UPLOAD_FILE)) as stream:
        observer = JobObserver(lease, stream, resumes=not options.dry_run)
        try:
            report = import_file(job.by, job.corpus, stream, options, observer=observer)
        except DuplicateError as error:
            if not error.errors or not isinstance(error.errors[0], LineError):
                raise
            report_data = {**error.data, "errors": [fault.as_dict() for fault in error.errors]}
            raise DuplicateError(error.detail, report=report_data) from error
        finally:
            observer.close()
    return report.as_dict()


def _stored_options(job: Job) -> ImportOptions:
    parameters = dict(job.parameters)
    owner = parameters.pop("owner", None)
    parameters.pop("name", None)  # Jobs of earlier versions had one.
    return ImportOptions.from_parameters(owner=owner and User.objects.get(pk=owner), **parameters)


@dataclass
class JobObserver(ImportObserver):
    """An observer that stores the cursor of each batch in the job, and each line in the report file."""

    lease: Lease
    stream: IO[bytes]
    resumes: bool

    def __post_init__(self) -> None:
        cursor = self.lease.job.cursor if self.resumes else {}
        self.lines = cursor.get("lines", 0)
        key = storage.job_key(self.lease.job.pk, REPORT_FILE)
        self._earlier = list(_earlier_errors(self.lease.job, cursor)) if cursor else []
        size = cursor.get("size", 0)
        self._log = LineLog(storage.open_log(key, size), size)

    def on_begin(self, report: ImportReport) -> ImportReport:
        """Return a report that continues the one of the earlier attempt."""
        fresh = ImportReport(dry_run=report.dry_run, log=self._log)
        if self.lines:
            fresh.resume({**self.lease.job.cursor["counts"], "lines": self.lines})
            fresh.errors = self._earlier
        return fresh

    @contextmanager
    def around_batch(self) -> Iterator[BatchCallback]:
        """Open one transaction for a batch and for the cursor behind it."""
        with transaction.atomic():
            yield self._save_cursor

    def on_end(self, report: ImportReport) -> None:
        """Write out the last lines of the report."""
        del report
        self._log.flush()

    def close(self) -> None:
        """Close the report file."""
        self._log.close()

    def _save_cursor(self, report: ImportReport, lines: int) -> None:
        # The report first: the next attempt cuts off lines that the cursor does not cover.
        size = self._log.flush()
        done = min(self.stream.tell(), self.lease.job.total or 0)
        cursor = {"lines": lines, "size": size, "counts": report.counts()}
        self.lease.save_progress(done=done, **({"cursor": cursor} if self.resumes else {}))


def _earlier_errors(job: Job, cursor: Mapping[str, Any]) -> Iterator[LineError]:
    """Yield the first errors that earlier attempts found, at most as many as a report holds."""
    found = 0
    for row in read_failures(storage.job_key(job.pk, REPORT_FILE), cursor["size"]):
        for fault in row["errors"]:
            if found == MAX_ERRORS:
                return
            found += 1
            yield LineError(
                line=row["line"],
                external_id=row["external_id"],
                code=fault["code"],
                detail=fault["detail"],
                pointer=fault.get("pointer"),
            )
