"""Imports as jobs: the file is kept, and whoever reads it can be killed at any moment.

How far the reading is stands in the job, and changes in the transaction of each batch: what is stored
and what is noted are the same. The next attempt goes on behind the last line that was dealt with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.contrib.auth.models import User
from django.db import transaction

from annotations.exceptions import Duplicate, Invalid
from annotations.models import Corpus, Job, JobKind, uuid7
from annotations.services import files
from annotations.services.imports import check_order, import_file
from annotations.services.imports.lines import LineLog, failures
from annotations.services.imports.report import MOST_ERRORS, LineError, Report
from annotations.services.imports.watch import Step, Watch
from annotations.services.jobs import Lease

UPLOAD, REPORT = "upload", "report.jsonl"
#: What of an order is kept with the job.
OPTIONS = (
    "format", "on_conflict", "dry_run", "state", "external_id", "title", "map", "discontinuous",
)  # fmt: skip


@contextmanager
def kept(by: User, corpus: Corpus, source: files.Source, options: Mapping[str, Any]) -> Iterator[Job]:
    """A job that is still to be stored, with its file; without the job the file goes again."""
    check_order(by, corpus, options)
    id = uuid7()
    owner = options.get("owner")
    parameters = {name: options[name] for name in OPTIONS if name in options}
    parameters |= {"owner": owner.pk if owner else None, "name": options.get("name", "")}
    try:
        size = _stored(source, files.of_job(id, UPLOAD))
        yield Job(id=id, corpus=corpus, by=by, kind=JobKind.IMPORT, parameters=parameters, total=size)
    except BaseException:
        files.remove(files.of_job(id, ""))
        raise


def _stored(source: files.Source, at: Path) -> int:
    size = files.store(source, at)
    if not size:
        raise Invalid("The file is empty; it needs at least one line.")
    return size


def run(lease: Lease) -> dict[str, Any]:
    """Read the file of a job, from where the last attempt ended."""
    job = lease.job
    options = {name: job.parameters[name] for name in OPTIONS if name in job.parameters}
    owner = User.objects.get(pk=job.parameters["owner"]) if job.parameters.get("owner") else None
    with files.of_job(job.pk, UPLOAD).open("rb") as stream:
        watch = _Noted(lease, stream, resumes=not options.get("dry_run"))
        try:
            report = import_file(job.by, job.corpus, stream, owner=owner, watch=watch, **options)
        except Duplicate as error:
            if not error.errors or not isinstance(error.errors[0], LineError):
                raise
            told = {**error.data, "errors": [fault.as_dict() for fault in error.errors]}
            raise Duplicate(error.detail, report=told) from error
        finally:
            watch.close()
    return report.as_dict()


@dataclass
class _Noted(Watch):
    """Notes each step in the job, and each line in the file of the report."""

    lease: Lease
    stream: IO[bytes]
    resumes: bool

    def __post_init__(self) -> None:
        cursor = self.lease.job.cursor if self.resumes else {}
        self.lines = cursor.get("lines", 0)
        path = files.of_job(self.lease.job.pk, REPORT)
        self._earlier = list(_errors(self.lease.job, cursor)) if cursor else []
        self._log = LineLog(path, cursor.get("size", 0))

    def begin(self, report: Report) -> Report:
        """A report that begins where the earlier one was."""
        fresh = Report(dry_run=report.dry_run, log=self._log)
        if self.lines:
            fresh.go_on({**self.lease.job.cursor["counts"], "lines": self.lines})
            fresh.errors = self._earlier
        return fresh

    @contextmanager
    def step(self) -> Iterator[Step]:
        """One transaction for a batch and for the note of it."""
        with transaction.atomic():
            yield self._note

    def end(self, report: Report) -> None:
        """The last lines of the report."""
        del report
        self._log.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._log.close()

    def _note(self, report: Report, lines: int) -> None:
        # The report first: lines of it that the database knows nothing of are cut off again.
        size = self._log.flush()
        done = min(self.stream.tell(), self.lease.job.total or 0)
        cursor = {"lines": lines, "size": size, "counts": report.counts()}
        self.lease.step(done=done, **({"cursor": cursor} if self.resumes else {}))


def _errors(job: Job, cursor: Mapping[str, Any]) -> Iterator[LineError]:
    """The first faults that earlier attempts found."""
    found = 0
    for row in failures(files.of_job(job.pk, REPORT), cursor["size"]):
        for fault in row["errors"]:
            if found == MOST_ERRORS:
                return
            found += 1
            yield LineError(
                line=row["line"],
                external_id=row["external_id"],
                code=fault["code"],
                detail=fault["detail"],
                pointer=fault.get("pointer"),
            )
