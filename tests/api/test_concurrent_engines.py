"""Exports while somebody writes, and the writers of SQLite, who wait for one another.

``slow`` has the full numbers, and processes against a running server.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection, connections
from django.utils import timezone

from annotations.models import AnnotationSet, Article, Role
from annotations.services.team import queue
from annotations.services.team.queue import QueueTask
from tests import databases, factories
from tests.api.together import at_once, twin
from tests.newsroom import Newsroom, span

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


@pytest.fixture
def stored_newsroom(transactional_db: None) -> Newsroom:
    """A newsroom for each test, which other connections see."""
    return Newsroom()


def export_while_writing(newsroom: Newsroom, exports: int) -> None:
    """Each write adds two spans and raises the version by one, so that a torn export does not add up."""
    row = newsroom.set(article=newsroom.article("ab " * 3_000))
    done: list[bool] = []

    def write() -> int:
        caller, number = twin(newsroom.ann), 0
        while not done and number < 1_400:
            pair = [span(6 * number, 6 * number + 2), span(6 * number + 3, 6 * number + 5)]
            assert caller.post(f"sets/{row.pk}/spans/", pair).status == 201
            number += 1
        return number

    def read() -> int:
        seen = set()
        try:
            for _ in range(exports):
                reply = twin(newsroom.rae).get("corpora/lake/export/", sets="all")
                lines = [json.loads(line) for line in reply.content.splitlines()]
                (shown,) = next(line["sets"] for line in lines if line.get("sets"))
                assert len(shown["spans"]) == 2 * (shown["version"] - 1)
                seen.add(shown["version"])
        finally:
            done.append(True)
        return len(seen)

    written, moments = at_once([write, read])
    assert written > 0
    assert moments > 1


def test_t4_an_export_is_of_one_moment(newsroom: Newsroom) -> None:
    export_while_writing(newsroom, 10)


@pytest.mark.slow
def test_t4_an_export_is_of_one_moment_in_full(newsroom: Newsroom) -> None:
    export_while_writing(newsroom, 60)


# --- SQLite, from several processes -------------------------------------------------------


@pytest.mark.sqlite
def test_t2_writers_wait_for_one_another(newsroom: Newsroom) -> None:
    """No “database is locked”, whoever else is writing: tokens are noted, spans stored, sets moved."""
    rows = [newsroom.set(who) for who in ("ann", "ben", "rae", "max")]

    def work(row: AnnotationSet) -> list[int]:
        caller = twin(newsroom[row.owner.get_username()])
        return [caller.post(f"sets/{row.pk}/spans/", span(start, start + 5)).status for start in range(15)]

    statuses = [status for found in at_once([partial(work, row) for row in rows]) for status in found]
    assert Counter(statuses) == {201: 60}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The service as an operator runs it, on a database file of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "DATA_DIR": str(tmp_path),
        "PORT": str(port),
        "WEB_WORKERS": "2",
        "WEB_THREADS": "4",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
    }
    if not databases.place(tmp_path):
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=settings, check=True)
    command = [sys.executable, "-m", "gunicorn", "--config", "project/gunicorn.py", "project.wsgi"]
    process = subprocess.Popen(command, cwd=ROOT, env=settings)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(3_000):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=60).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        yield address, settings
    finally:
        process.terminate()
        process.wait(600)


WRITER = """
import json, sys, urllib.error, urllib.request
address, token, path, worker, writes = sys.argv[1:]
def ask(method, body=None, **headers):
    sent = json.dumps(body).encode() if body else None
    request = urllib.request.Request(address + path, sent, method=method)
    headers |= {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=600) as reply:
            return reply.status, reply.headers["ETag"]
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
for turn in range(int(writes)):
    while True:
        status, etag = ask("GET")
        assert status == 200, etag
        change = {"attributes": {"role_text": f"worker {worker} turn {turn}"}}
        status, told = ask("PATCH", change, If_Match=etag)
        if status == 200:
            print(told, flush=True)
            break
        assert status == 412, (status, told)
"""

SETUP = """
import django
django.setup()
from annotations.services import tokens
from annotations.permissions import Scope
from tests import factories
row = factories.make_set(factories.make_article(factories.make_corpus()))
made = factories.make_span(row)
print(tokens.create(row.owner, "test", tuple(Scope))[1], f"/api/v1/spans/{made.pk}/")
"""


@pytest.mark.sqlite
@pytest.mark.slow
def test_t2_sqlite_under_eight_processes(server: tuple[str, dict[str, str]]) -> None:
    address, settings = server
    made = subprocess.run(
        [sys.executable, "-c", SETUP], cwd=ROOT, env=settings, check=True, capture_output=True, text=True
    )
    token, path = made.stdout.split()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, address, token, path, str(number), "60"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(8)
    ]  # fmt: skip
    ended = [(writer.communicate(timeout=600), writer.returncode) for writer in writers]
    assert {code for _, code in ended} == {0}, [output[1][-500:] for output, _ in ended]
    versions = [int(tag.strip('"')) for (output, _), _ in ended for tag in output.split()]
    assert sorted(versions) == list(range(2, 482))
    fsck = subprocess.run(
        [sys.executable, "manage.py", "fsck"],
        cwd=ROOT,
        env=settings,
        check=False,
        capture_output=True,
        text=True,
    )
    assert fsck.returncode == 0, fsck.stdout


@pytest.mark.postgres
@pytest.mark.parametrize("beginners", [True, False])
def test_fifty_at_once_get_fifty_different_articles(beginners: bool) -> None:
    people = [factories.make_user() for _ in range(50)]
    reviewers = [factories.make_user() for _ in range(2)]
    lake = factories.make_corpus(
        members={**dict.fromkeys(people, Role.ANNOTATOR), **dict.fromkeys(reviewers, Role.REVIEWER)}
    )
    for _ in range(50):
        factories.make_article(lake)
    if not beginners:
        done = factories.make_article(lake, annotators=50)
        for person in people:
            factories.make_set(done, person)
        AnnotationSet.objects.filter(article=done).update(state="superseded", submitted_at=timezone.now())

    def take(person: Any) -> AnnotationSet | None:
        try:
            return queue.take_next_set(person, factories.seen_by(person, lake), QueueTask.ANNOTATE).row
        finally:
            connections.close_all()

    assert connection.vendor == "postgresql"
    with ThreadPoolExecutor(50) as pool:
        rows = list(pool.map(take, people))
    got = [row.article_id for row in rows if row is not None]
    takes = dict(Article.objects.filter(corpus=lake).values_list("pk", "annotators"))
    assert len(got) == AnnotationSet.objects.filter(state="open").count() == 50
    assert all(got.count(id) <= takes[id] for id in got)
    # nobody gets the work of another, but for the share that is done twice by those who know the work
    doubled = [id for id, number in takes.items() if number == 2]
    assert len(doubled) == 50 - len(set(got)) <= (0 if beginners else 2)
