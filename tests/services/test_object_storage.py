"""Files in a bucket: what a folder does, ranges, links, and what is left where a process is killed."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from annotations.models import Article, Job, JobState, Release, ReleaseState
from annotations.services import backup, integrity, job_runner, releases
from annotations.services.backup import restore
from annotations.services.exchange.exports.jobs import EXPORT_FILE, queue_export
from annotations.services.exchange.imports import ImportOptions
from annotations.services.exchange.imports.jobs import REPORT_FILE, UPLOAD_FILE
from annotations.services.jobs import object_files, storage
from annotations.services.releases.verify import verify_release
from tests.object_store import BUCKET, ObjectStore, running_store
from tests.services.exchange import article, file_of
from tests.services.small_newsroom import SmallNewsroom

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    with running_store() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        settings.FILES_DIR = tmp_path / "files"
        # an address of its own, since a store is opened once for each
        settings.FILES_URL = f"s3://{BUCKET}/desk/{running.port}"
        yield running


@pytest.fixture
def newsroom(transactional_db: None, store: ObjectStore) -> SmallNewsroom:
    made = SmallNewsroom()
    actor = made.actor("Lorn")
    row = made.work("ann", made.article("a0"), actor=actor.pk)
    made.move("rae", made.move("ann", row, "submit"), "start_review", "approve")
    return made


def make_release(newsroom: SmallNewsroom) -> Release:
    made, _ = job_runner.make_release(newsroom.people["max"], newsroom.corpus, releases.ReleaseRequest())
    assert made.state == ReleaseState.READY, Job.objects.get(release=made).error
    return made


def test_a_file_is_put_read_listed_and_deleted(store: ObjectStore) -> None:
    """Also one of several parts, by ranges, and one that is not there."""
    data = bytes(range(256)) * 100_000
    assert storage.store_stream(io.BytesIO(data), "jobs/one/upload") == len(data)
    assert storage.store_stream(io.BytesIO(b"small"), "jobs/one/export") == 5
    assert store.objects[f"desk/{store.port}/jobs/one/upload"] == data
    assert not store.parts
    with storage.open_file("jobs/one/upload") as file:
        assert file.read() == data
    for start, end in ((0, 1), (5, 300), (len(data) - 3, None), (7, 7)):
        with storage.open_file("jobs/one/upload", start, end) as file:
            assert file.read() == data[start:end]
    with storage.local_copy("jobs/one/upload") as file:
        file.seek(256)
        assert file.read(2) == b"\x00\x01"
    assert {found.key: found.size for found in storage.list_files("jobs/one")} == {
        "jobs/one/export": 5,
        "jobs/one/upload": len(data),
    }
    assert storage.stat_file("jobs/one") is None
    storage.delete_files("jobs/one")
    assert not store.objects
    assert storage.stat_file("jobs/one/upload") is None
    storage.delete_files("jobs/one")
    with pytest.raises(FileNotFoundError):
        storage.open_file("jobs/one/upload")


def test_a_log_goes_on_where_its_valid_end_is(store: ObjectStore) -> None:
    log = storage.open_log("jobs/one/report.jsonl", 0)
    for line in (b"first\n", b"second\n", b"lost\n"):
        log.append(line)
    log = storage.open_log("jobs/one/report.jsonl", 13)
    log.append(b"third\n")
    with storage.open_file("jobs/one/report.jsonl") as file:
        assert list(file) == [b"first\n", b"second\n", b"third\n"]
    with storage.open_file("jobs/one/report.jsonl", 3, 15) as file:
        assert file.read() == b"st\nsecond\nth"
    found = storage.stat_file("jobs/one/report.jsonl")
    assert found is not None
    assert found.size == 19


def test_jobs_and_releases_keep_their_files_there(newsroom: SmallNewsroom, store: ObjectStore) -> None:
    """Imports with their reports, exports, releases with their proof, withdrawal and the sweep."""
    by = newsroom.people["max"]
    lines = file_of(article(1), b"no", article(2))
    job = job_runner.queue_import(by, newsroom.corpus, lines, ImportOptions())
    wanted = queue_export(by, newsroom.corpus, {"format": "jsonl"})
    call_command("worker", batch=True)
    assert Job.objects.get(pk=job.pk).state == Job.objects.get(pk=wanted.pk).state == JobState.DONE
    assert Article.objects.count() == 3
    with storage.open_file(storage.job_key(job.pk, REPORT_FILE)) as file:
        assert [json.loads(line)["outcome"] for line in file] == ["created", "failed", "created"]
    client = Client()
    client.force_login(by)
    got = client.get(f"/api/v1/jobs/{wanted.pk}/file/")
    assert got.getvalue() == store.objects[_full(store, storage.job_key(wanted.pk, EXPORT_FILE))]
    release = make_release(newsroom)
    assert list(verify_release(release)) == []
    row = release.files.get(name="manifest.json")
    store.objects[_full(store, storage.release_key(release.pk, row.name))] = b"x" * row.bytes
    assert list(verify_release(release)) == [f"The file {row.name} of release 1 is not what it was."]
    assert list(verify_release(release, restore=True)) == []
    assert list(verify_release(release)) == []
    assert integrity.run_checks().found == 0
    releases.withdraw_release(by, release.pk, "A try.")
    assert not list(storage.list_files(storage.release_key(release.pk)))
    store.age(2 * object_files.ORPHAN_AGE)
    job_runner.delete_orphans()
    assert storage.stat_file(storage.job_key(job.pk, UPLOAD_FILE)) is None
    assert storage.stat_file(storage.job_key(job.pk, REPORT_FILE)) is not None


def _full(store: ObjectStore, key: str) -> str:
    return f"desk/{store.port}/{key}"


def test_a_download_may_be_a_signed_link(newsroom: SmallNewsroom, store: ObjectStore, settings: Any) -> None:
    release = make_release(newsroom)
    client = Client()
    client.force_login(newsroom.people["max"])
    address = f"/api/v1/releases/{release.pk}/files/manifest.json"
    assert client.get(address).status_code == 200
    settings.FILES_REDIRECT = True
    got = client.get(address)
    assert (got.status_code, got.headers["Cache-Control"]) == (302, "no-store")
    link = got.headers["Location"]
    assert link.startswith(f"http://127.0.0.1:{store.port}/{BUCKET}/desk/")
    assert "X-Amz-Signature=" in link
    key = _full(store, storage.release_key(release.pk, "manifest.json"))
    assert store.dispositions[key] == 'attachment; filename="manifest.json"'
    # and never for whoever may not see the release
    assert Client().get(address).status_code == 401


def test_a_store_that_is_away_is_an_outage(
    newsroom: SmallNewsroom, store: ObjectStore, settings: Any
) -> None:
    release = make_release(newsroom)
    client = Client()
    client.force_login(newsroom.people["max"])
    address = f"/api/v1/releases/{release.pk}/files/manifest.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
        patch.setattr(object_files, "RETRIES", {"max_retries": 0})
        settings.FILES_URL = f"s3://{BUCKET}/away"
        got = client.get(address)
    assert (got.status_code, got.json()["code"]) == (503, "unavailable")
    assert got.headers["Retry-After"] == "5"


def test_a_backup_holds_the_objects(newsroom: SmallNewsroom, store: ObjectStore, tmp_path: Path) -> None:
    release = make_release(newsroom)
    target = tmp_path / "backup"
    backup.write_backup(target)
    known = dict(store.objects)
    assert known
    store.objects.clear()
    restore.restore_backup(target, lambda: None, replace=True)
    assert store.objects == known
    assert list(verify_release(Release.objects.get(pk=release.pk))) == []


@pytest.mark.parametrize("killed", ["put", "answered"])
def test_killed_between_upload_and_commit(
    newsroom: SmallNewsroom, store: ObjectStore, tmp_path: Path, killed: str
) -> None:
    """No row names what is not there, and the object that no row names is swept."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.services.upload_and_wait", killed],
        cwd=ROOT, env=_environment(store, tmp_path), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    store.delay = 60 if killed == "put" else 0
    try:
        for _ in range(600):
            if any(key.endswith("/upload") for key in store.objects):
                break
            time.sleep(0.1)
        if killed == "answered":
            assert child.stdout is not None
            assert child.stdout.readline() == "stored\n"
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    store.delay = 0
    assert any(key.endswith("/upload") for key in store.objects)
    assert not Job.objects.exists()
    job_runner.delete_orphans()
    assert any(key.endswith("/upload") for key in store.objects), "its row may be on its way"
    store.age(2 * object_files.ORPHAN_AGE)
    job_runner.delete_orphans()
    assert not any(key.endswith("/upload") for key in store.objects)


def _environment(store: ObjectStore, tmp_path: Path) -> dict[str, str]:
    name = connection.settings_dict["NAME"]
    url = os.environ.get("STANDPOINT_TEST_DATABASE", "").replace("/postgres?", f"/{name}?")
    return {
        "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "project.settings", "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(tmp_path / "child"), "DATABASE_URL": url or f"sqlite:///{name}", "DEBUG": "on",
        "FILES_URL": f"s3://{BUCKET}/desk/{store.port}", **store.environment,
    }  # fmt: skip
