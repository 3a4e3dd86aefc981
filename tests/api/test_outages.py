"""A database that is away or busy, and a disk that is full: 503, when to try again, and what is certain."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from annotations.admin import sign_in
from annotations.models import Span
from annotations.services.core import sign_ins, spans
from annotations.services.jobs import local_files
from tests.factories import make_user
from tests.newsroom import Newsroom, Reply, span

pytestmark = pytest.mark.django_db


class ServerError(Exception):
    """An error of the driver, with the code of the server if it has answered."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("the reason")
        self.sqlstate = sqlstate


def database_error(sqlstate: str | None = None, words: str = "the reason") -> OperationalError:
    error = OperationalError(words)
    error.__cause__ = ServerError(sqlstate)
    return error


def failing(error: Exception) -> Callable[..., NoReturn]:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    return fail


LOST: dict[str, Exception] = {
    "connection": database_error(),
    "connection class 08": database_error("08006"),
    "server stops": database_error("57P01"),
    "interface": InterfaceError("connection already closed"),
}
CERTAIN: dict[str, Exception] = {
    "deadlock": database_error("40P01"),
    "lock": database_error("55P03"),
    "too slow": database_error("57014"),
    "SQLite is locked": database_error(words="database is locked"),
}
FULL: dict[str, Exception] = {
    "PostgreSQL": database_error("53100"),
    "SQLite": database_error(words="database or disk is full"),
    "the log of SQLite": database_error(words="disk I/O error"),
    "files": OSError(errno.ENOSPC, "No space left on device"),
    "quota": OSError(errno.EDQUOT, "Disk quota exceeded"),
}


def add_span(newsroom: Newsroom, error: Exception, monkeypatch: pytest.MonkeyPatch) -> Reply:
    row = newsroom.set()
    monkeypatch.setattr(spans, "add_spans", failing(error))
    reply = newsroom.ann.post(f"sets/{row.pk}/spans/", span())
    assert reply.refusal == (503, "unavailable")
    return reply


@pytest.mark.parametrize("name", LOST)
def test_after_a_lost_connection_nobody_knows(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    reply = add_span(newsroom, LOST[name], monkeypatch)
    assert (reply.data["outcome"], reply.headers["Retry-After"]) == ("unknown", "5")
    assert "nothing was changed" not in reply.data["detail"]
    assert "same request again" in reply.data["detail"]


@pytest.mark.parametrize("name", CERTAIN)
def test_what_the_database_has_refused_was_not_stored(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    reply = add_span(newsroom, CERTAIN[name], monkeypatch)
    assert "nothing was changed" in reply.data["detail"]
    assert "outcome" not in reply.data


def test_reading_changes_nothing(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    row = newsroom.set()
    with monkeypatch.context() as patch:
        patch.setattr(Span.objects, "filter", failing(LOST["connection"]))
        reply = newsroom.ann.get(f"sets/{row.pk}/spans/")
    assert reply.refusal == (503, "unavailable")
    assert "nothing was changed" in reply.data["detail"]


def test_an_import_is_stored_in_several_transactions(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "annotations.services.exchange.imports.batch.write_batch", failing(CERTAIN["deadlock"])
    )
    raw = b'{"text": "A text."}\n'
    reply = newsroom.max.raw("POST", "corpora/lake/imports/?format=jsonl", raw, "application/x-ndjson")
    assert (reply.refusal, reply.data["outcome"]) == ((503, "unavailable"), "unknown")


@pytest.mark.parametrize("name", FULL)
def test_a_full_disk(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    reply = add_span(newsroom, FULL[name], monkeypatch)
    assert (reply.headers["Retry-After"], "disk" in reply.data["detail"]) == ("60", True)


def test_a_background_import_on_a_full_disk(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR, settings.IMPORT_INLINE_BYTES = tmp_path, 0
    monkeypatch.setattr(local_files, "fsync_file", failing(FULL["files"]))
    raw = b'{"text": "A text."}\n'
    reply = newsroom.max.raw("POST", "corpora/lake/imports/?format=jsonl", raw, "application/x-ndjson")
    assert (reply.refusal, reply.headers["Retry-After"]) == ((503, "unavailable"), "60")


@pytest.mark.parametrize("error", [*LOST.values(), *CERTAIN.values(), *FULL.values()], ids=str)
def test_pages_and_the_sign_in(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    client = Client(raise_request_exception=False)
    monkeypatch.setattr(sign_ins, "_count", failing(error))
    reply = client.post("/admin/login/", {"username": "ann", "password": "secret"})
    assert (reply.status_code, int(reply["Retry-After"])) == (503, 60 if error in FULL.values() else 5)
    assert "text/html" in reply["Content-Type"]
    client.force_login(make_user())
    monkeypatch.setattr("annotations.admin.my_work.load_my_work", failing(error))
    assert client.get("/admin/").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_other_errors_stay_faults_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    for error in (OSError(errno.EACCES, "Permission denied"), KeyError("secret")):
        monkeypatch.setattr(sign_in, "client_address", failing(error))
        assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 500
