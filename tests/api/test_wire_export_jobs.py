"""Exports that a worker makes: the same bytes as in a request, for whoever asked, for some days."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.models import Job, Membership, Role
from annotations.services import job_runner
from annotations.services.exchange.exports import corpus_reader
from annotations.services.jobs.leases import Lease
from tests.api.matrix_rows import MISSING
from tests.newsroom import Newsroom

PROVES = False  # the data of these tests is proved by others

AT = "corpora/lake/exports/"


@pytest.fixture(autouse=True)
def files_dir(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def gold(newsroom: Newsroom) -> Newsroom:
    newsroom.approved("ann")
    return newsroom


def done(newsroom: Newsroom, who: str, body: Any = None, **parameters: Any) -> Any:
    """The job of an export, once a worker has made it."""
    reply = newsroom[who].post(AT, body, **parameters)
    assert reply.status == 202, reply
    assert reply.headers["Location"].endswith(f"/api/v1/jobs/{reply.data['id']}/")
    assert (reply.data["kind"], reply.data["state"]) == ("export", "queued")
    job_runner.run_job(Job.objects.get(pk=reply.data["id"]).pk, "one")
    return newsroom[who].get(f"jobs/{reply.data['id']}/").data


@pytest.mark.parametrize("way", ["body", "address"])
def test_the_file_is_that_of_the_request(gold: Newsroom, way: str) -> None:
    options = {"format": "quotes", "sets": "all", "dialect": "spreadsheet", "source": "Nobody's"}
    for sent in ({}, options, {"format": "brat"}):
        job = done(gold, "vic", sent) if way == "body" else done(gold, "vic", **sent)
        assert (job["state"], job["error"]) == ("done", None)
        made = gold.vic.get(f"jobs/{job['id']}/file/")
        same = gold.vic.get("corpora/lake/export/", **sent)
        assert made.content == same.content
        for name in ("Content-Disposition", "Content-Type", "Content-Length", "Repr-Digest", "Loss-Count"):
            assert made.headers[name] == same.headers[name]
        result = job["result"]
        assert result["file"] == f"/api/v1/jobs/{job['id']}/file/"
        assert (result["bytes"], result["sha256"]) == (
            len(made.content), hashlib.sha256(made.content).hexdigest(),
        )  # fmt: skip
        assert base64.b64encode(bytes.fromhex(result["sha256"])).decode() in made.headers["Repr-Digest"]


def test_all_filters_are_those_of_the_request(gold: Newsroom) -> None:
    sent = {
        "status": "done", "language": "en", "published_after": "2020-01-01T00:00:00+02:00",
        "published_before": "2030-01-01T00:00:00Z", "search": "a", "external_id": "b", "story_key": "c",
        "actor": MISSING, "proposition": MISSING,
    }  # fmt: skip
    assert done(gold, "max", sent)["state"] == "done"
    assert done(gold, "max", {"format": "jsonl"}, format="quotes")["result"]["filename"] == "lake.jsonl"


@pytest.mark.parametrize(
    ("body", "parameters"), [({"format": "nonsense"}, {}), ({"page": 1}, {}), (None, {"sets": "some"})]
)
def test_what_is_wrong_is_refused_at_once(newsroom: Newsroom, body: Any, parameters: Any) -> None:
    assert newsroom.max.post(AT, body, **parameters).refusal == (400, "invalid")
    assert not Job.objects.exists()


def test_the_job_says_how_many_articles_are_written(gold: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by its heartbeats: an export holds the one connection of its thread."""
    gold.article()
    noted: list[tuple[int, int]] = []
    note = Lease.note_progress

    def record(lease: Lease, *, done: int, total: int) -> None:
        noted.append((done, total))
        note(lease, done=done, total=total)

    monkeypatch.setattr(Lease, "note_progress", record)
    monkeypatch.setattr(corpus_reader, "MAX_CHUNK_ARTICLES", 1)
    job = done(gold, "max")
    assert noted == [(1, 2), (2, 2)]
    assert (job["done"], job["total"]) == (2, 2)


def test_what_would_be_lost_fails_the_job(gold: Newsroom) -> None:
    job = done(gold, "max", {"format": "text", "strict": True})
    assert job["state"] == "failed"
    assert "cannot carry" in job["error"]
    assert gold.max.get(f"jobs/{job['id']}/file/").refusal == (409, "not-ready")


def test_an_export_is_seen_by_whoever_asked_for_it(gold: Newsroom) -> None:
    """It holds what they may see, which is not what a manager may: blind work of their own."""
    gold.set("ann", gold.article(annotators=2))
    job = done(gold, "ann", {"sets": "all"})
    assert (
        gold.ann.get(f"jobs/{job['id']}/file/").content
        == gold.ann.get("corpora/lake/export/", sets="all").content
    )
    for who in ("ben", "rae", "max", "vic", "sam", "ada"):
        assert gold[who].get(f"jobs/{job['id']}/").refusal == (404, "not-found")
        assert gold[who].get(f"jobs/{job['id']}/file/").refusal == (404, "not-found")


def test_the_role_counts_when_the_job_runs_and_when_the_file_is_fetched(gold: Newsroom) -> None:
    member = Membership.objects.filter(corpus=gold.lake, user=gold.user("rae"))
    gold.submitted("ben")
    first = gold.rae.post(AT, {"sets": "submitted"}).data
    member.update(role=Role.VIEWER)
    job_runner.run_job(Job.objects.get().pk, "one")
    seen = gold.rae.get(f"jobs/{first['id']}/file/").content
    assert seen == gold.vic.get("corpora/lake/export/", sets="submitted").content
    second = gold.rae.post(AT).data
    member.delete()
    job_runner.run_job(Job.objects.get(pk=second["id"]).pk, "one")
    assert Job.objects.get(pk=second["id"]).state == "failed"
    assert gold.rae.get(f"jobs/{first['id']}/file/").refusal == (404, "not-found")


def test_the_file_is_deleted_after_some_days_and_its_job_stays(gold: Newsroom, settings: Any) -> None:
    settings.JOB_LEASE = -1
    job = done(gold, "max")
    job_runner.delete_orphans()
    assert gold.max.get(f"jobs/{job['id']}/file/").status == 200
    Job.objects.update(finished_at=Now() - timedelta(days=settings.EXPORT_KEEP_DAYS, seconds=1))
    job_runner.delete_orphans()
    assert gold.max.get(f"jobs/{job['id']}/file/").refusal == (404, "not-found")
    assert gold.max.get(f"jobs/{job['id']}/").data["state"] == "done"


def test_a_file_that_is_not_ready_or_of_another_job_is_refused(gold: Newsroom) -> None:
    queued = gold.max.post(AT).data
    assert "manage.py worker" in queued["notice"]
    assert gold.max.get(f"jobs/{queued['id']}/file/").refusal == (409, "not-ready")
    gold.max.post("corpora/lake/releases/", {"formats": ["jsonl"]})
    release = Job.objects.get(kind="release")
    assert gold.max.get(f"jobs/{release.pk}/file/").refusal == (404, "not-found")
