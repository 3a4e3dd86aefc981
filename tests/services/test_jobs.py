"""Jobs: leases, workers, imports that go on where they were, and what is swept up."""

from __future__ import annotations

import io
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.functions import Now

from annotations.exceptions import InsufficientRoleError, InvalidInputError
from annotations.models import Article, Job, JobKind, JobState, Release, ReleaseState, Span, Worker
from annotations.services import job_runner, releases
from annotations.services.exchange.imports import ImportOptions
from annotations.services.exchange.imports import batch as batches
from annotations.services.exchange.imports import jobs as imports
from annotations.services.job_worker import WorkerLoop
from annotations.services.jobs import leases, storage
from annotations.services.jobs.leases import LeaseLostError
from tests import factories, stored_files
from tests.services.exchange import article, file_of
from tests.services.small_newsroom import SmallNewsroom


@pytest.fixture
def newsroom(db: None, settings: Any, tmp_path: Path) -> SmallNewsroom:
    settings.FILES_DIR = tmp_path / "files"
    return SmallNewsroom()


def order(newsroom: SmallNewsroom, *lines: Any, **options: Any) -> Job:
    source = file_of(*lines)
    return job_runner.queue_import(
        newsroom.people["max"], newsroom.corpus, source, ImportOptions.from_parameters(**options)
    )


def fresh(job: Job) -> Any:
    return Job.objects.select_related("corpus", "by").get(pk=job.pk)


def report(job: Job) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in stored_files.job_path(job.pk, imports.REPORT_FILE).read_text().splitlines()
    ]


def put_to_sleep(job: Job) -> None:
    """Let its last sign of life be long ago."""
    Job.objects.filter(pk=job.pk).update(
        beat_at=Now() - timedelta(hours=1), created_at=Now() - timedelta(hours=1)
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_reads_what_was_queued(newsroom: SmallNewsroom) -> None:
    job = order(newsroom, article(1), b"nonsense", article(2), article(1), on_conflict="skip")
    assert (job.state, Article.objects.count()) == (JobState.QUEUED, 0)
    call_command("worker", batch=True)
    job = fresh(job)
    assert (job.state, job.error) == (JobState.DONE, "")
    assert job.done == job.total
    assert {name: job.result[name] for name in ("lines", "created", "skipped", "failed")} == {
        "lines": 4, "created": 2, "skipped": 1, "failed": 1,
    }  # fmt: skip
    assert [(row["line"], row["outcome"]) for row in report(job)] == [
        (1, "created"), (2, "failed"), (3, "created"), (4, "skipped"),
    ]  # fmt: skip
    assert report(job)[0]["article"] == str(Article.objects.get(external_id="a1").pk)
    assert not Worker.objects.exists()


def test_an_order_that_cannot_be_is_refused_at_once(newsroom: SmallNewsroom) -> None:
    for by, options, error in (
        ("max", {"on_conflict": "perhaps"}, InvalidInputError),
        ("max", {"format": "nonsense"}, InvalidInputError),
        ("ann", {}, InsufficientRoleError),
    ):
        with pytest.raises(error):
            job_runner.queue_import(
                newsroom.people[by],
                newsroom.corpus,
                file_of(article()),
                ImportOptions.from_parameters(**options),
            )
    with pytest.raises(InvalidInputError):
        job_runner.queue_import(newsroom.people["max"], newsroom.corpus, io.BytesIO(), ImportOptions())
    assert not Job.objects.exists()
    assert not list(storage.data_directory(storage.JOBS_DIR).iterdir())
    assert not list(storage.data_directory(storage.TMP_DIR).iterdir())


@pytest.mark.django_db(transaction=True)
def test_an_import_that_stops_says_why(newsroom: SmallNewsroom) -> None:
    factories.make_article(newsroom.corpus, external_id="a2")
    job = order(newsroom, article(1), article(2), article(3))
    call_command("worker", batch=True)
    job = fresh(job)
    assert job.state == JobState.FAILED
    assert "'a2'" in job.error
    assert (job.result["created"], job.result["failed"], job.result["lines"]) == (1, 1, 2)
    assert [row["outcome"] for row in report(job)] == ["created", "failed"]


class Killed(BaseException):
    """As if the process had gone at this moment."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_import_goes_on_behind_the_last_batch(
    newsroom: SmallNewsroom, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Whether the process dies before a batch is stored or after, every line is stored once."""
    monkeypatch.setattr("annotations.services.exchange.imports.line_batch.MAX_BATCH_ARTICLES", 3)
    actor = {"type": "actor", "id": "x1", "name": "Ardenia", "kind": "state"}
    linked = [{"id": "s", "label": "actor", "start": 0, "end": 7, "actor": "x1"}]
    lines = [
        actor,
        *(article(n) for n in range(5)),
        b"nonsense",
        *(article(n, spans=linked, relations=[]) for n in range(5, 12)),
    ]
    job = order(newsroom, *lines)
    whole, calls = batches.write_batch, []

    def dying(run: Any, batch: Any) -> None:
        calls.append(len(batch))
        if len(calls) % 2 == 0 and when == "before":
            raise Killed
        whole(run, batch)
        if len(calls) % 2 == 0:
            raise Killed

    monkeypatch.setattr(batches, "write_batch", dying)
    attempts = 0
    while fresh(job).state != JobState.DONE:
        attempts += 1
        assert attempts < 20
        try:
            job_runner.run_job(job.pk, "worker")
        except Killed:
            put_to_sleep(job)
            Job.objects.filter(pk=job.pk).update(attempt=0)
            assert job_runner.requeue_lost_jobs() == 1
    job = fresh(job)
    assert attempts > 2
    assert job.result["created"] == Article.objects.count() == 12
    assert (job.result["failed"], job.result["lines"], len(job.result["errors"])) == (1, 14, 1)
    assert Span.objects.count() == 5 * 2 + 7
    assert Span.objects.filter(actor__isnull=False).count() == 7
    rows = report(job)
    assert sorted(row["line"] for row in rows) == list(range(2, 15))
    assert len({row["article"] for row in rows if row["article"]}) == 12


def test_a_lease_is_held_by_one(newsroom: SmallNewsroom) -> None:
    job = order(newsroom, article())
    first = leases.claim_job(job.pk, "one")
    assert first is not None
    assert leases.claim_job(job.pk, "two") is None
    put_to_sleep(job)
    assert job_runner.requeue_lost_jobs() == 1
    assert job_runner.requeue_lost_jobs() == 0
    second = leases.claim_job(job.pk, "two")
    assert second is not None
    with pytest.raises(LeaseLostError):
        first.save_progress(done=5)
    with pytest.raises(LeaseLostError):
        first.finish({})
    second.save_progress(done=3)
    assert (fresh(job).done, fresh(job).attempt) == (3, 2)


def test_a_job_that_kills_its_workers_is_parked(newsroom: SmallNewsroom) -> None:
    made, _ = job_runner.make_release(
        newsroom.people["max"], newsroom.corpus, releases.ReleaseRequest(), inline=False
    )
    for _ in range(leases.MAX_ATTEMPTS):
        assert made.job is not None
        assert leases.claim_job(made.job.pk, "one")
        put_to_sleep(made.job)
        assert job_runner.requeue_lost_jobs() == 1
    assert made.job is not None
    job = fresh(made.job)
    assert (job.state, "5 times" in job.error) == (JobState.FAILED, True)
    assert Release.objects.get(pk=made.pk).state == ReleaseState.FAILED


@pytest.mark.django_db(transaction=True)
def test_a_failed_attempt_waits_before_the_next(
    newsroom: SmallNewsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise OSError("No space left on device")

    job = order(newsroom, article())
    with monkeypatch.context() as patch:
        patch.setitem(job_runner.JOB_TASKS, JobKind.IMPORT, broken)
        # the first delay of a second at most is over before a busy machine looks
        patch.setattr(leases, "retry_delay", lambda _: 600.0)
        job_runner.run_job(job.pk, "one")
    assert (fresh(job).state, fresh(job).attempt) == (JobState.QUEUED, 1)
    assert leases.claim_next_job("one") is None
    Job.objects.update(run_after=Now())
    call_command("worker", batch=True)
    assert (fresh(job).state, fresh(job).attempt) == (JobState.DONE, 2)


@pytest.mark.django_db(transaction=True)
def test_the_job_that_has_waited_longest_is_claimed_first_and_once(newsroom: SmallNewsroom) -> None:
    first, second = order(newsroom, article(1)), order(newsroom, article(2))
    claimed = [leases.claim_next_job(name) for name in ("one", "two", "three")]
    assert [lease and lease.job.pk for lease in claimed] == [first.pk, second.pk, None]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_being_claimed_is_passed_over(newsroom: SmallNewsroom) -> None:
    first, second = order(newsroom, article(1)), order(newsroom, article(2))

    def claim() -> Any:
        try:
            return leases.claim_next_job("two")
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert leases.claim_job(first.pk, "one")
        lease = pool.submit(claim).result(timeout=600)
    assert lease.job.pk == second.pk


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_run_each_job_once(
    newsroom: SmallNewsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Any] = []

    def noted(lease: Any) -> dict[str, Any]:
        ran.append((lease.job.pk, lease.job.attempt))
        return {}

    monkeypatch.setitem(job_runner.JOB_TASKS, JobKind.IMPORT, noted)
    waiting = [order(newsroom, article(number)) for number in range(12)]

    def work(name: str) -> None:
        try:
            WorkerLoop(name, burst=True).run()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, ("one", "two", "three", "four")))
    assert sorted(ran) == sorted((job.pk, 1) for job in waiting)
    assert {fresh(job).state for job in waiting} == {JobState.DONE}


def test_an_idle_worker_asks_one_question(newsroom: SmallNewsroom, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert leases.claim_next_job("one") is None


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_stopped_ends_after_its_job(
    newsroom: SmallNewsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = WorkerLoop("one", interval=0)
    whole = job_runner.JOB_TASKS[JobKind.IMPORT]

    def stopped(lease: Any) -> dict[str, Any]:
        loop.stop()
        return whole(lease)

    monkeypatch.setitem(job_runner.JOB_TASKS, JobKind.IMPORT, stopped)
    first, second = order(newsroom, article(1)), order(newsroom, article(2))
    loop.run()
    assert (fresh(first).state, fresh(second).state) == (JobState.DONE, JobState.QUEUED)
    assert not Worker.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_stopped_twice_gives_its_job_back(
    newsroom: SmallNewsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = WorkerLoop("one", interval=0)

    def stopped(lease: Any) -> dict[str, Any]:
        loop.stop()
        loop.stop()
        return {}

    job = order(newsroom, article())
    with monkeypatch.context() as patch:
        patch.setitem(job_runner.JOB_TASKS, JobKind.IMPORT, stopped)
        loop.run()
    assert (fresh(job).state, fresh(job).worker) == (JobState.QUEUED, "")
    assert not Worker.objects.exists()
    call_command("worker", batch=True)
    assert fresh(job).state == JobState.DONE


def test_a_worker_ends_with_the_process_that_started_it(db: None) -> None:
    WorkerLoop("one", parent=-1).run()


def test_work_in_a_request_is_claimed_before_a_worker_sees_it(
    newsroom: SmallNewsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that dies leaves a job whose lease runs out, and a worker builds the release."""

    def dying(_lease: Any) -> dict[str, Any]:
        assert leases.claim_next_job("thief") is None
        raise Killed

    with monkeypatch.context() as patch:
        patch.setitem(job_runner.JOB_TASKS, JobKind.RELEASE, dying)
        with pytest.raises(Killed):
            job_runner.make_release(
                newsroom.people["max"], newsroom.corpus, releases.ReleaseRequest(sets="none"), inline=True
            )
    job = Job.objects.get()
    assert (job.state, job.worker, job.attempt) == (JobState.RUNNING, job_runner.REQUEST_WORKER, 1)
    put_to_sleep(job)
    assert job_runner.requeue_lost_jobs() == 1
    job_runner.run_job(job.pk, "one")
    assert Release.objects.get().state == ReleaseState.READY


def test_a_fault_of_ours_ends_the_job_with_a_sentence(
    newsroom: SmallNewsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setitem(job_runner.JOB_TASKS, JobKind.IMPORT, broken)
    job = order(newsroom, article())
    job_runner.run_job(job.pk, "worker")
    assert fresh(job).state == JobState.FAILED
    assert fresh(job).error == job_runner.INTERNAL_ERROR_MESSAGE


def test_without_a_worker_the_notice_says_so(newsroom: SmallNewsroom) -> None:
    job = order(newsroom, article())
    assert "manage.py worker" in (leases.waiting_notice(job) or "")
    leases.record_worker_heartbeat("one")
    assert leases.waiting_notice(job) is None
    Worker.objects.update(beat_at=Now() - timedelta(hours=1))
    assert leases.waiting_notice(job) == str(leases.NO_WORKER_MESSAGE)
    assert leases.waiting_notice(Job(state=JobState.DONE)) is None


def age(path: Path) -> None:
    long_ago = time.time() - 3600
    os.utime(path, (long_ago, long_ago))


@pytest.mark.django_db(transaction=True)
def test_files_without_an_owner_are_swept_up(newsroom: SmallNewsroom) -> None:
    job = order(newsroom, article())
    stray = storage.data_directory(storage.JOBS_DIR, "01930000-0000-7000-8000-00000000dead")
    (stray / "upload").write_text("x")
    odd = storage.data_directory(storage.RELEASES_DIR, "01930000-0000-7000-8000-00000000dead")
    left = storage.data_directory(storage.TMP_DIR, "left")
    spooled, fresh = (Path(settings.SPOOL_DIR, name) for name in ("killed.upload", "at work"))
    for file, hours in ((spooled, 25), (fresh, 23)):
        file.write_text("x")
        os.utime(file, (time.time() - 3600 * hours,) * 2)
    with storage.temporary_directory() as shop:
        for path in (stray, odd, left, shop, stored_files.job_path(job.pk, "")):
            age(path)
        assert job_runner.delete_orphans() == 4
        assert shop.exists()
        assert fresh.exists()
        fresh.unlink()
    assert not any(path.exists() for path in (stray, odd, left, shop, spooled))
    assert stored_files.job_path(job.pk, imports.UPLOAD_FILE).exists()
    call_command("worker", batch=True)
    age(stored_files.job_path(job.pk, ""))
    assert job_runner.delete_orphans() == 1
    assert not stored_files.job_path(job.pk, imports.UPLOAD_FILE).exists()
    assert stored_files.job_path(job.pk, imports.REPORT_FILE).exists()
