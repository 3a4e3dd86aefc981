"""Passwords: a new one asks about the access tokens, and can be had by mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from annotations import limits
from annotations.admin import passwords
from annotations.enums import Scope
from annotations.models import AccessToken
from annotations.services.core.access_tokens import create_token
from tests.factories import make_user

pytestmark = pytest.mark.django_db

NEW = "a long enough pass phrase"
START = "/admin/password/reset/"


class _Now:
    """A mailer that does not wait."""

    def submit(self, send: Callable[..., None], *args: Any) -> None:
        send(*args)


@pytest.fixture(autouse=True)
def mailer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_mailer", _Now())


@pytest.fixture
def mail_server(settings: LazySettings) -> None:
    settings.EMAIL_HOST = "mail.example"


@pytest.fixture
def ann() -> User:
    user = make_user("ann")
    User.objects.filter(pk=user.pk).update(email="Ann@Löwe.example")
    for name in ("laptop", "desk"):
        create_token(user, name, [Scope.READ])
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def own(ann: User) -> tuple[Client, str, dict[str, str]]:
    sent = {"old_password": "secret", "new_password1": NEW, "new_password2": NEW}
    return signed_in(ann), reverse("admin:password_change"), sent


def of_another(ann: User) -> tuple[Client, str, dict[str, str]]:
    sent = {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "1"}
    sue = make_user("sue", is_superuser=True)
    return signed_in(sue), reverse("admin:auth_user_password_change", args=(ann.pk,)), sent


def by_mail(ann: User) -> tuple[Client, str, dict[str, str]]:
    client = Client()
    ask(client, "ann@löwe.example")
    return client, client.get(link()).headers["Location"], {"new_password1": NEW, "new_password2": NEW}


def ask(client: Client, email: str, **headers: str) -> Any:
    return client.post(START, {"email": email}, headers=headers)


def link() -> str:
    (found,) = re.findall(r"http://testserver(\S+)", str(mail.outbox[-1].body))
    return str(found)


@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("way", [own, of_another, by_mail])
@pytest.mark.parametrize("ends", [True, False])
def test_a_new_password_ends_the_access_tokens_if_that_is_asked_for(
    ann: User, way: Callable[[User], tuple[Client, str, dict[str, str]]], ends: bool
) -> None:
    other = create_token(make_user("ben"), "other", [Scope.READ])[0]
    client, url, sent = way(ann)
    shown = client.get(url).content.decode()
    assert "End the 2 access tokens of this account as well" in shown
    assert "Otherwise they stay valid" in shown
    refused = client.post(
        url, {name: "x" if NEW in value else value for name, value in sent.items()} | {"end_tokens": "on"}
    )
    assert (refused.status_code, AccessToken.objects.count()) == (200, 3)
    answer = client.post(url, {**sent, **({"end_tokens": "on"} if ends else {})}, follow=True)
    assert ("2 access tokens were ended." in answer.content.decode()) is ends
    assert AccessToken.objects.filter(user=ann).count() == (0 if ends else 2)
    assert AccessToken.objects.filter(pk=other.pk).exists()
    ann.refresh_from_db()
    assert ann.check_password(NEW)


def test_without_tokens_nothing_is_asked(ann: User) -> None:
    AccessToken.objects.all().delete()
    client, url, sent = own(ann)
    assert "end_tokens" not in client.get(url).content.decode()
    assert client.post(url, sent).status_code == 302


@pytest.mark.usefixtures("mail_server")
def test_the_answer_is_the_same_for_an_unknown_address(ann: User) -> None:
    gone = make_user("gone")
    User.objects.filter(pk=gone.pk).update(email="gone@lake.example", is_active=False)
    answers = [
        ask(Client(), email) for email in ("ANN@LÖWE.example", "nobody@lake.example", "gone@lake.example")
    ]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, f"{START}sent/")
    }
    assert [sent.to for sent in mail.outbox] == [["Ann@Löwe.example"]]
    assert Client().get(f"{START}sent/").status_code == 200


@pytest.mark.usefixtures("mail_server")
def test_a_link_works_once_and_opens_a_locked_account(ann: User) -> None:
    for _ in range(limits.FREE_FAILURES_OF_ACCOUNT + 1):
        Client().post("/admin/login/", {"username": "ann", "password": "wrong"})
    client, url, sent = by_mail(ann)
    path = link()
    assert client.post(url, sent, follow=True).status_code == 200
    assert "does not work any more" in Client().get(path).content.decode()
    answer = Client().post("/admin/login/?next=/admin/", {"username": "ann", "password": NEW})
    assert answer.status_code == 302


@pytest.mark.usefixtures("mail_server", "ann")
def test_requests_are_limited_like_sign_ins() -> None:
    for email in ("ann@löwe.example", "nobody@lake.example"):
        answers = [ask(Client(), email) for _ in range(limits.FREE_FAILURES_OF_ACCOUNT + 2)]
        assert [answer.status_code for answer in answers].count(429) >= 1
        assert answers[-1].headers["Retry-After"].isdigit()
        assert "too many requests for a new password" in answers[-1].content.decode()
    assert len(mail.outbox) <= limits.FREE_FAILURES_OF_ACCOUNT + 1
    assert (
        Client().post("/admin/login/?next=/admin/", {"username": "ann", "password": "secret"}).status_code
        == 302
    )


@pytest.mark.usefixtures("mail_server")
def test_the_mail_and_the_pages_are_in_the_language_of_the_reader(ann: User) -> None:
    ask(Client(), "ann@löwe.example", **{"Accept-Language": "de"})
    assert mail.outbox[0].subject == "Standpoint: ein neues Passwort"
    assert (
        "Passwort vergessen"
        in Client().get("/admin/login/", headers={"Accept-Language": "de"}).content.decode()
    )


@pytest.mark.usefixtures("mail_server", "ann")
def test_a_mail_server_that_fails_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    assert ask(Client(), "ann@löwe.example").status_code == 302


def test_without_a_mail_server_nothing_is_offered(ann: User) -> None:
    assert START not in Client().get("/admin/login/").content.decode()
    for path in ("", "sent/", "done/", "MQ/x/"):
        assert Client().get(f"{START}{path}").status_code == 404
    assert mail.outbox == []
