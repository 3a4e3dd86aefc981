"""``manage.py backup`` and ``restore``: online, whole or not there, proved, and the same bytes afterwards."""

from __future__ import annotations

import errno
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from annotations.models import Article, Corpus, Job, Release, ReleaseState
from annotations.services import backup, job_runner, releases
from annotations.services.backup import manifest as manifests
from annotations.services.backup import postgresql, restore
from annotations.services.backup.errors import BackupError
from annotations.services.exchange.exports import export_corpus
from annotations.services.exchange.imports import ImportOptions
from annotations.services.jobs import storage
from tests import stored_files
from tests.services.exchange import article, file_of
from tests.services.small_newsroom import SmallNewsroom

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def newsroom(transactional_db: None, settings: Any, tmp_path: Path) -> SmallNewsroom:
    settings.FILES_DIR = tmp_path / "files"
    made = SmallNewsroom()
    actor = made.actor("Lorn")
    for number in range(3):
        row = made.work("ann", made.article(f"a{number}"), actor=actor.pk)
        made.move("rae", made.move("ann", row, "submit"), "start_review", "approve")
    return made


def make_release(newsroom: SmallNewsroom) -> Release:
    made, _ = job_runner.make_release(newsroom.people["max"], newsroom.corpus, releases.ReleaseRequest())
    assert made.state == ReleaseState.READY, Job.objects.get(release=made).error
    return made


def export() -> bytes:
    with export_corpus(None, Corpus.objects.get(), format="jsonl", sets="all").file as file:
        return file.read()


def run(*arguments: Any) -> str:
    """What a command prints; where it ends with a status, that is what fails."""
    out = io.StringIO()
    try:
        call_command(*map(str, arguments), stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())
    return out.getvalue()


@contextmanager
def empty_installation(files: Path) -> Iterator[None]:
    """Another database on the same engine, without a table, and another folder of files."""
    with backup.current_engine().scratch_database() as name, restore.using_database(name, files):
        yield


def manifest_of(target: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((target / manifests.MANIFEST_FILE).read_text())
    return found


def test_what_is_restored_is_the_same(newsroom: SmallNewsroom, tmp_path: Path) -> None:
    """Export and files have the same bytes, unfinished imports go on, and everything is counted."""
    release = make_release(newsroom)
    job = job_runner.queue_import(
        newsroom.people["max"], newsroom.corpus, file_of(article(7)), ImportOptions()
    )
    known = {row.name: row.sha256 for row in release.files.all()}
    before, target = export(), tmp_path / "kept" / "monday"
    told = run("backup", target)
    manifest = manifest_of(target)
    assert manifest["counts"]["annotations_article"] == 3
    assert manifest["missing"] == []
    assert f"events up to number {manifest['last_event']:,}." in told
    assert f"files/{storage.job_key(job.pk, 'upload')}" in manifest["files"]
    assert [path.name for path in target.parent.iterdir()] == ["monday"]
    with empty_installation(tmp_path / "other"):
        told = run("restore", target)
        assert "Findings: 0." in told
        assert "Recovery time: " in told
        assert export() == before
        for name, sha256 in known.items():
            assert stored_files.sha256_of_file(stored_files.release_path(release.pk, name)) == sha256
        run("worker", "--batch")
        assert Article.objects.count() == 4
        with pytest.raises(CommandError, match=r"^This installation holds data, and nothing was restored\."):
            run("restore", target)
        assert Article.objects.count() == 4
        run("restore", target, "--replace")
        assert export() == before
    assert export() == before


def test_a_backup_is_of_one_moment_while_people_write(newsroom: SmallNewsroom, tmp_path: Path) -> None:
    """What is committed together is in it together, and the files are those of its releases."""
    over = threading.Event()
    ids = list(Article.objects.order_by("pk").values_list("pk", flat=True))

    def write() -> None:
        number = 0
        try:
            while not over.is_set():
                number += 1
                with transaction.atomic():
                    for id in (ids[0], ids[-1]):
                        Article.objects.filter(pk=id).update(priority=number % 100)
                if number % 3 == 0:
                    releases.withdraw_release(newsroom.people["max"], make_release(newsroom).pk, "A try.")
        finally:
            connection.close()

    make_release(newsroom)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(2):
            run("backup", tmp_path / f"backup-{number}")
    finally:
        over.set()
        writer.join()
    for number in range(2):
        target = tmp_path / f"backup-{number}"
        assert "Findings: 0." in run("restore", target, "--check")
        with empty_installation(tmp_path / f"other-{number}"):
            run("restore", target)
            pair = set(Article.objects.filter(pk__in=(ids[0], ids[-1])).values_list("priority", flat=True))
            assert len(pair) == 1


def test_a_lost_file_of_a_release_is_built_again(newsroom: SmallNewsroom, tmp_path: Path) -> None:
    release = make_release(newsroom)
    row = release.files.get(name="manifest.json")
    stored_files.release_path(release.pk, row.name).write_bytes(b"{}")
    run("backup", tmp_path / "backup")
    copy = tmp_path / "backup" / "files" / storage.release_key(release.pk, row.name)
    assert stored_files.sha256_of_file(copy) == row.sha256


def test_a_check_finds_what_is_damaged(newsroom: SmallNewsroom, tmp_path: Path) -> None:
    make_release(newsroom)
    target = tmp_path / "backup"
    run("backup", target)
    assert "fsck" in run("restore", target, "--check")
    path = next(path for path in (target / "files").rglob("manifest.json"))
    sound = path.read_bytes()
    for damage, said in (
        (lambda: path.write_bytes(sound[:-1] + b"~"), "is damaged: its SHA-256 is not that of the manifest."),
        (lambda: path.write_bytes(sound[:-1]), "bytes, and had"),
        (path.unlink, "is missing."),
    ):
        damage()
        out = io.StringIO()
        with pytest.raises(SystemExit) as end:
            call_command("restore", str(target), check=True, stdout=out)
        assert end.value.code == 1
        assert said in out.getvalue()
        with (
            empty_installation(tmp_path / "other"),
            pytest.raises(CommandError, match="nothing was restored"),
        ):
            run("restore", target)
    path.write_bytes(sound)
    (target / "files" / "stray").write_text("x")
    with pytest.raises(SystemExit):
        call_command("restore", str(target), check=True, stdout=io.StringIO())


def test_a_check_finds_what_fsck_finds(newsroom: SmallNewsroom, tmp_path: Path) -> None:
    Article.objects.filter(external_id="a1").update(status="done", search_key="")
    run("backup", tmp_path / "backup")
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("restore", str(tmp_path / "backup"), check=True, stdout=out)
    assert "search: " in out.getvalue()
    # the installation itself was not touched
    assert Article.objects.count() == 3


def test_no_target_is_written_to_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left of a backup that failed, and nothing that exists is touched."""
    (tmp_path / "there").mkdir()
    with pytest.raises(CommandError, match=r"there exists already; name a directory that does not"):
        run("backup", tmp_path / "there")

    def full(directory: Path) -> str:
        (directory / "database").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    engine = backup.current_engine()._replace(dump_database=full)
    monkeypatch.setitem(backup.ENGINES, connection.vendor, engine)
    with pytest.raises(
        CommandError, match=r"^There is no room left for the backup at .*; nothing of it was kept"
    ):
        run("backup", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_what_cannot_be_restored_here_is_refused(newsroom: SmallNewsroom, tmp_path: Path) -> None:
    """By a sentence that says what to do, before anything is changed."""
    target = tmp_path / "backup"
    with pytest.raises(CommandError, match=r"is no whole backup: it has no manifest\.json"):
        run("restore", tmp_path)
    run("backup", target)
    sound = manifest_of(target)
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    for change, said in (
        (
            {"migrations": [*sound["migrations"], "annotations.9999_future"]},
            "does not know annotations.9999_future",
        ),
        ({"version": 2}, "was made by a newer version of the service"),
        ({"engine": other}, f"The backup is of {other}, and DATABASE_URL names {connection.vendor}."),
        ({"format": "other"}, "is not the manifest of a backup of this service."),
    ):
        (target / manifests.MANIFEST_FILE).write_text(json.dumps({**sound, **change}))
        with pytest.raises(CommandError, match=said.replace(".", r"\.")):
            run("restore", target, "--replace")
    assert Article.objects.count() == 3


@pytest.mark.postgres
def test_a_broken_dump_leaves_the_database_as_it_was(newsroom: SmallNewsroom, tmp_path: Path) -> None:
    run("backup", tmp_path / "backup")
    dump = tmp_path / "backup" / postgresql.DUMP_FILE
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 3 // 4])
    with pytest.raises(BackupError, match=r"^The database could not be restored, and is what it was: "):
        postgresql.load_database(dump)
    assert Article.objects.count() == 3


@pytest.mark.postgres
def test_programs_that_are_missing_or_too_old_are_named(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = connection.get_database_version()[0]
    monkeypatch.setattr(postgresql, "_PACKAGE", "not_installed_at_all")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        CommandError, match=rf"^The program pg_dump is missing\. .* postgresql-client-{needed}\.$"
    ):
        run("backup", tmp_path / "backup")
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    old.chmod(0o755)
    with pytest.raises(
        CommandError, match=rf"^The server is PostgreSQL {needed}, and the pg_dump here is version 9\."
    ):
        run("backup", tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
