"""Signing in: how often it may fail, and what is said, logged and remembered of it."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from annotations import limits
from annotations.models import SignInFailures
from annotations.services.core import sign_ins
from tests.api.together import at_once
from tests.factories import make_user

pytestmark = pytest.mark.django_db

FREE = limits.FREE_FAILURES_OF_ACCOUNT
START = "/admin/login/?next=/admin/"


@pytest.fixture
def ann() -> User:
    return make_user("ann")


def send(name: str = "ann", tried: str = "wrong", *, address: str = "192.0.2.1", **headers: str) -> Any:
    sent = {"username": name, "password": tried}
    return Client(REMOTE_ADDR=address).post(START, sent, headers=headers)


class Clock:
    """A clock that stands still until somebody waits."""

    def __init__(self) -> None:
        self._now = timezone.now()

    def now(self) -> datetime:
        return self._now

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(sign_ins, "timezone", made)
    return made


@pytest.mark.parametrize(
    ("next_", "leads_to"),
    [
        ("/admin/password_change/", "/admin/password_change/"),
        ("https://elsewhere.example/", "/admin/"),
        ("//elsewhere.example/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("\\\\elsewhere.example", "/admin/"),
        ("", "/admin/"),
        (None, "/admin/"),
    ],
)
def test_a_sign_in_whose_next_address_is_refused_leads_home(
    ann: User, next_: str | None, leads_to: str
) -> None:
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    client = Client()
    given = {} if next_ is None else {"next": next_}
    form = client.get("/admin/login/", given).content.decode()
    # as the page sends it, and as an address alone
    for sent in ({"next": _hidden_next(form)}, {}):
        other = Client()
        address = "/admin/login/" if next_ is None else f"/admin/login/?{urlencode(given)}"
        answer = other.post(address, {"username": "ann", "password": "secret", **sent})
        assert (answer.status_code, answer["Location"]) == (302, leads_to)
        assert other.get(answer["Location"]).status_code == 200


def _hidden_next(form: str) -> str:
    # the header has a form of its own, for the language
    found = re.search(r'name="next" value="([^"]*)"', form.partition('id="login-form"')[2])
    return unescape(found[1]) if found else ""


def test_an_account_has_to_wait_longer_each_time(ann: User, clock: Clock) -> None:
    assert [send().status_code for _ in range(FREE)] == [200] * FREE
    for seconds in (1, 2, 4):
        refused = send("ann", "secret")
        assert (refused.status_code, refused["Retry-After"]) == (429, str(seconds))
        assert f"try again in {seconds} seconds" in refused.content.decode()
        clock.wait(seconds)
        assert send().status_code == 200
    clock.wait(8)
    assert send("ann", "secret").status_code == 302
    assert send().status_code == 200, "forgotten by a success"


def test_an_unknown_name_is_answered_like_a_known_one(ann: User) -> None:
    for name in ("ann", "nobody"):
        statuses = [send(name).status_code for _ in range(FREE + 2)]
        assert statuses == [200] * FREE + [429] * 2
    assert send("ANN").status_code == 429, "in any case, and in any width"


def test_an_address_has_to_wait_whatever_the_name(ann: User) -> None:
    free = limits.FREE_FAILURES_OF_ADDRESS
    assert {send(f"somebody{n}").status_code for n in range(free)} == {200}
    assert send("ann", "secret").status_code == 429
    assert send("ann", "secret", address="192.0.2.2").status_code == 302


def test_a_network_of_ipv6_is_one_address(ann: User) -> None:
    for n in range(limits.FREE_FAILURES_OF_ADDRESS):
        send(f"somebody{n}", address=f"2001:db8::{n:x}")
    assert send("ann", "secret", address="2001:db8::ffff").status_code == 429
    assert send("ann", "secret", address="2001:db8:0:1::1").status_code == 302


def test_a_success_costs_the_address_nothing(ann: User) -> None:
    for _ in range(limits.FREE_FAILURES_OF_ADDRESS + 1):
        assert send("ann", "secret").status_code == 302


def test_the_address_behind_a_proxy(ann: User, settings: LazySettings) -> None:
    settings.TRUSTED_PROXIES = 1
    for n in range(limits.FREE_FAILURES_OF_ADDRESS):
        send(f"somebody{n}", **{"X-Forwarded-For": f"10.0.0.{n}, 203.0.113.5"})
    assert send("ann", "secret", **{"X-Forwarded-For": "203.0.113.5"}).status_code == 429
    assert send("ann", "secret", **{"X-Forwarded-For": "203.0.113.5, 203.0.113.6"}).status_code == 302


def test_failures_are_forgotten(ann: User, clock: Clock) -> None:
    for _ in range(FREE + 1):
        send()
    clock.wait(int(sign_ins.FORGOTTEN_AFTER.total_seconds()) + 1)
    assert [send().status_code for _ in range(FREE)] == [200] * FREE
    old = clock.now() - sign_ins.FORGOTTEN_AFTER * 2
    SignInFailures.objects.create(key="old", last_at=old)
    assert send("ann", "secret", address="192.0.2.9").status_code == 429
    clock.wait(1)
    assert send("ann", "secret", address="192.0.2.9").status_code == 302
    assert not SignInFailures.objects.filter(key="old").exists()


def test_the_log_says_who_and_from_where(ann: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "annotations.services.core.sign_ins"):
        for _ in range(FREE + 1):
            send("ann\n")
    lines = [record.getMessage() for record in caplog.records if record.name == sign_ins.__name__]
    assert lines[0] == "A sign-in as 'ann' from 192.0.2.1 failed; failures in a row: 1."
    assert lines[-1] == "A sign-in as 'ann' from 192.0.2.1 was not looked at; the next one is in 1 seconds."
    assert not any("wrong" in line for line in lines)
    assert "ann" not in "".join(SignInFailures.objects.values_list("key", flat=True))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_not_all_looked_at(ann: User) -> None:
    statuses = [reply.status_code for reply in at_once([partial(send) for _ in range(16)])]
    assert statuses.count(200) <= FREE
    assert set(statuses) <= {200, 429}


def test_some_threads_are_left_while_passwords_are_looked_at(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "_entrance", BoundedSemaphore(1))
    with sign_ins.attempt("one", ""):
        refused = send("ann", "secret")
    assert (refused.status_code, refused["Retry-After"]) == (429, "2")
    assert send("ann", "secret").status_code == 302
