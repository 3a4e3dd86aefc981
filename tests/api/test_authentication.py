"""Tokens and sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from annotations.models import AccessToken
from tests.api.conftest import MakeToken

pytestmark = pytest.mark.urls("tests.api.views_for_tests")


def get(authorization: str) -> Any:
    return Client().get("/api/v1/thing/", headers={"Authorization": authorization})


def test_a_token(make_token: MakeToken) -> None:
    token = make_token("read")
    assert get(f"Bearer {token}").status_code == 200
    assert get(f"bearer {token}").status_code == 200


def test_every_bad_token_gets_the_same_answer(make_token: MakeToken, somebody: User) -> None:
    now = timezone.now()
    expired = make_token("read", expires_at=now - timedelta(seconds=1))
    token = make_token("read", expires_at=now + timedelta(days=1))
    assert get(f"Bearer {token}").status_code == 200
    somebody.is_active = False
    somebody.save()
    bad = [
        "",
        " ",
        " a b",
        f" {token}",
        f" {expired}",
        " " + "x" * 5000,
        " é",
        " ;",
        f"  {token}",
        " unknown",
    ]
    answers = [get(f"Bearer{each}") for each in bad]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert len({answer.content for answer in answers}) == 1


def test_a_bad_token_is_not_saved_by_a_session(session: Client) -> None:
    assert session.get("/api/v1/thing/", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_another_scheme_is_nobody(db: None) -> None:
    answer = get("Basic YW5uOnNlY3JldA==")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_one_query_and_one_note_a_minute(
    make_token: MakeToken, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token = make_token("read")
    with django_assert_num_queries(2):
        get(f"Bearer {token}")
    noted = AccessToken.objects.get().last_used_at
    assert noted is not None
    with django_assert_num_queries(1):
        get(f"Bearer {token}")
    AccessToken.objects.update(last_used_at=noted - timedelta(minutes=2))
    with django_assert_num_queries(2):
        get(f"Bearer {token}")
    again = AccessToken.objects.get().last_used_at
    assert again is not None
    assert again >= noted


def test_a_note_that_fails_fails_no_read(make_token: MakeToken, monkeypatch: pytest.MonkeyPatch) -> None:
    token = make_token("read")

    def locked(*args: object, **kwargs: object) -> int:
        raise DatabaseError("database is locked")

    monkeypatch.setattr("django.db.models.query.QuerySet.update", locked)
    assert get(f"Bearer {token}").status_code == 200


def test_a_session_of_somebody_who_left(session: Client, somebody: User) -> None:
    assert session.get("/api/v1/thing/").status_code == 200
    somebody.is_active = False
    somebody.save()
    assert session.get("/api/v1/thing/").status_code == 401
