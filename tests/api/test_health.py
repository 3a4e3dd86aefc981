"""Alive and ready, for machines that ask without signing in."""

from __future__ import annotations

import logging
from typing import NoReturn

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from annotations.api.middleware import RequestIdFilter, RequestIdMiddleware
from annotations.api.views.health import healthz, readyz
from annotations.context import request_id


def test_alive_without_a_database() -> None:
    """No db fixture: a query would fail this test."""
    response = healthz(RequestFactory().get("/healthz"))
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


def test_ready(db: None) -> None:
    assert readyz(RequestFactory().get("/readyz")).status_code == 200
    assert readyz(RequestFactory().head("/readyz")).status_code == 200


def test_not_ready_without_a_migration(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    response = readyz(RequestFactory().get("/readyz"))
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == "5"


def test_not_ready_without_a_database(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> NoReturn:
        raise OperationalError("connection to secret refused")

    monkeypatch.setattr("annotations.api.views.health._missing_migrations", away)
    response = readyz(RequestFactory().get("/readyz"))
    assert response.status_code == 503
    assert b"secret" not in getattr(response, "content", b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_reading_only(method: str) -> None:
    for view in (healthz, readyz):
        response = view(RequestFactory().generic(method, "/"))
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_the_method_is_refused_before_csrf_is_asked_for(db: None) -> None:
    assert Client(enforce_csrf_checks=True).post("/healthz").status_code == 405


@pytest.mark.urls("tests.api.views_for_tests")
class TestRequestId:
    """One id in log, events and answer."""

    @pytest.mark.parametrize("sent", ["abc", "A-b_c.1", "x" * 64])
    def test_a_safe_one_is_kept(self, db: None, sent: str) -> None:
        assert Client().get("/api/v1/thing/", headers={"X-Request-ID": sent})["X-Request-ID"] == sent

    @pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a\nb", "é", "\x1b[31m", 'a"', "a\n"])
    def test_another_one_is_replaced(self, sent: str) -> None:
        seen: list[str | None] = []

        def view(request: object) -> object:
            seen.append(request_id.get())
            return healthz(RequestFactory().get("/"))

        request = RequestFactory().get("/", HTTP_X_REQUEST_ID=sent)
        response = RequestIdMiddleware(view)(request)  # type: ignore[arg-type]
        assert response["X-Request-ID"] == seen[0] != sent
        assert len(response["X-Request-ID"]) == 32
        assert request_id.get() is None

    def test_in_the_log(self) -> None:
        record = logging.makeLogRecord({"msg": "x"})
        assert RequestIdFilter().filter(record)
        assert vars(record)["request_id"] is None
        token = request_id.set("abc")
        RequestIdFilter().filter(record)
        request_id.reset(token)
        assert vars(record)["request_id"] == "abc"
