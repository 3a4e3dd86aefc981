"""The tests' own house: no network, a real engine, static files without a build step."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest
from django.db import connection
from django.test import Client


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "::ffff:192.0.2.1"])
def test_no_test_reaches_another_machine(host: str) -> None:
    with pytest.raises(AssertionError, match="A test must not"):
        socket.create_connection((host, 80), timeout=1)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_is_a_file_that_keeps_what_it_acknowledged() -> None:
    with connection.cursor() as cursor:
        found = {}
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {pragma}")
            found[pragma] = cursor.fetchone()[0]
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 20_000}


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_breaks_off_a_statement() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",)


@pytest.mark.django_db  # the end of a request looks at the connection
def test_static_files_are_served_without_being_collected(client: Client) -> None:
    with closing(client.get("/static/admin/css/base.css")) as answer:
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/css")
        assert b"".join(answer)
