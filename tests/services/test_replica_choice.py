"""Whether the replica or the primary is read: every case, without a replica."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, InternalError, OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from annotations.api.write_positions import POSITION_COOKIE, WritePositionMiddleware
from annotations.context import read_after
from annotations.services.core import read_only_server, replica
from annotations.services.jobs import leases


class Stub:
    """A replica that has replayed up to a position and had its last commit some seconds ago."""

    in_atomic_block = False

    def __init__(self, replayed: int | None, age: float | None = 0.0) -> None:
        self.row = replayed, age
        self.execute_wrappers: list[Any] = []
        self.closed = 0

    @contextmanager
    def cursor(self) -> Iterator[Stub]:
        yield self

    def execute(self, statement: str) -> None:
        assert statement

    def fetchone(self) -> tuple[int | None, float | None]:
        return self.row

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Callable[..., str]]:
    """What a read finds in the place of the primary, which has written up to 100."""
    settings.DATABASE_REPLICA_LAG = 5
    monkeypatch.setattr(replica, "written_position", lambda: 100)
    monkeypatch.setattr(replica, "has_replica", lambda: True)
    monkeypatch.setattr(replica, "MAX_WAIT", 0.0)
    monkeypatch.setattr(replica, "_in_snapshot", lambda function: function())
    primary, own = Stub(100), connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = primary  # type: ignore[assignment]

    def read(stub: Stub, after: int | None = None, error: Exception | None = None, **how: bool) -> str:
        monkeypatch.setattr(replica, "_outage", replica._Outage())
        connections[replica.REPLICA] = stub  # type: ignore[assignment]
        token = read_after.set(after)

        def look() -> str:
            now: object = connections[DEFAULT_DB_ALIAS]
            place = "primary" if now is primary else "replica"
            if error is not None and place == "replica":
                raise error
            return place

        try:
            return replica.read_replica(look, **how)
        finally:
            read_after.reset(token)

    try:
        yield read
    finally:
        connections[DEFAULT_DB_ALIAS] = own
        del connections[replica.REPLICA]


def caused(error: Exception, sqlstate: str) -> Exception:
    error.__cause__ = type("ServerError", (Exception,), {"sqlstate": sqlstate})()
    return error


@pytest.mark.parametrize(
    ("stub", "after", "found"),
    [
        (Stub(100), None, "replica"),
        (Stub(99), None, "primary"),
        (Stub(99), 99, "replica"),
        (Stub(98), 99, "primary"),
        (Stub(99, 4.0), 50, "replica"),
        (Stub(99, 6.0), 50, "primary"),
        # nothing was written for long
        (Stub(100, 6.0), 50, "replica"),
        (Stub(99, None), 50, "primary"),
        # it was promoted
        (Stub(None, None), 50, "primary"),
    ],
)
def test_it_is_read_if_it_has_what_the_reader_needs(
    choose: Callable[..., str], stub: Stub, after: int | None, found: str
) -> None:
    assert choose(stub, after) == found
    assert stub.closed == 1
    if after is not None and found == "replica":
        assert choose(stub, after, complete=True) == ("replica" if stub.row[0] == 100 else "primary")


def test_what_it_cannot_do_the_primary_does(choose: Callable[..., str]) -> None:
    assert choose(Stub(100), error=OperationalError("gone")) == "primary"
    assert replica._outage.until > 0
    assert choose(Stub(100), error=caused(OperationalError("conflict"), "40001")) == "primary"
    assert replica._outage.until == 0
    # once more would take as long
    with pytest.raises(OperationalError):
        choose(Stub(100), error=caused(OperationalError("too slow"), "57014"))
    with pytest.raises(KeyError):
        choose(Stub(100), error=KeyError("a fault of ours"))


def test_nothing_is_asked_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "_is_fresh", lambda *_: pytest.fail("It was asked."))
    assert replica.read_replica(lambda: "read") == "read"


@pytest.mark.parametrize(
    ("method", "headers", "needed"),
    [
        ("GET", {"Read-After": "0/10"}, 16),
        ("GET", {"Read-After": "1/A", "Authorization": "Bearer x"}, 2**32 + 10),
        ("GET", {"Authorization": "Bearer x", "Cookie": f"{POSITION_COOKIE}=0/1"}, None),
        ("GET", {"Cookie": f"{POSITION_COOKIE}=0/1"}, 1),
        ("GET", {"Cookie": f"{POSITION_COOKIE}=no"}, None),
        ("GET", {}, None),
        # what a write reads is of now
        ("POST", {"Cookie": f"{POSITION_COOKIE}=0/1"}, None),
    ],
)
def test_whose_position_counts(
    monkeypatch: pytest.MonkeyPatch, method: str, headers: dict[str, str], needed: int | None
) -> None:
    monkeypatch.setattr(replica, "written_position", lambda: 2**32 + 255)
    seen = []

    def answer(_: HttpRequest) -> HttpResponse:
        seen.append(read_after.get())
        return HttpResponse()

    request = RequestFactory(headers=headers).generic(method, "/api/v1/me/")
    response = WritePositionMiddleware(answer)(request)
    assert seen == [needed]
    assert response.headers.get("Write-Position") == ("1/FF" if method == "POST" else None)
    assert (POSITION_COOKIE in response.cookies) is (method == "POST")
    assert read_after.get() is None


def test_what_is_no_position_is_refused() -> None:
    for text in ("", "0", "0/", "G/1", "0/123456789", "0/1 0/2"):
        request = RequestFactory(headers={"Read-After": text}).get("/api/v1/me/")
        response = WritePositionMiddleware(lambda _: HttpResponse())(request)
        assert response.status_code == 400, text
        # pages are not asked by programs
        request = RequestFactory(headers={"Read-After": text}).get("/admin/")
        assert WritePositionMiddleware(lambda _: HttpResponse())(request).status_code == 200


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_snapshot_of_ours_is_no_server_without_writes() -> None:
    error = caused(InternalError("cannot execute UPDATE in a read-only transaction"), "25006")
    assert not read_only_server.is_read_only(error)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_transaction_read_only = on")
    assert read_only_server.is_read_only(error)
    assert not read_only_server.is_read_only(OperationalError("gone"))


def test_a_worker_begins_and_ends_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(leases, "record_worker_heartbeat", fail)
    monkeypatch.setattr(leases, "remove_worker", fail)
    with leases.worker_heartbeat("one"):
        pass
