"""A service that takes no passwords any more, and the way in for a superuser when nothing else works."""

from __future__ import annotations

from base64 import b64encode
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from annotations.models import Invitation, Role
from annotations.services.core import one_time_addresses
from annotations.services.team import invitations
from tests.factories import make_corpus, make_user, seen_by
from tests.identity.conftest import House

pytestmark = pytest.mark.django_db

SESSION = "_auth_user_id"


@pytest.fixture(autouse=True)
def only(house: House) -> None:
    house.settings.OIDC_ONLY = True


def test_no_password_is_asked_for_and_none_is_taken() -> None:
    make_user("sue", is_superuser=True)
    page = Client().get("/admin/login/").content.decode()
    assert "Sign in with House" in page
    assert 'type="password"' not in page
    client = Client()
    answer = client.post("/admin/login/", {"username": "sue", "password": "secret"})
    assert (answer.status_code, SESSION in client.session) == (200, False)
    assert "takes no passwords" in answer.content.decode()


def test_no_password_is_taken_by_the_api() -> None:
    make_user("sue", is_superuser=True)
    basic = b64encode(b"sue:secret").decode()
    client = Client(headers={"Authorization": f"Basic {basic}"})
    assert client.get("/api/v1/corpora/").status_code == 401


def test_no_new_password_is_mailed(house: House) -> None:
    house.settings.EMAIL_HOST = "mail.example"
    make_user("ann", email="ann@news.example")
    assert "password/reset" not in Client().get("/admin/login/").content.decode()
    for path in ("", "sent/", "done/", "MQ/abc-def/"):
        assert Client().get(f"/admin/password/reset/{path}").status_code == 404
    assert Client().post("/admin/password/reset/", {"email": "ann@news.example"}).status_code == 404
    assert mail.outbox == []


def test_an_invitation_leads_to_the_sign_in_service(house: House) -> None:
    boss = make_user("max")
    corpus = make_corpus("lake", manager=boss)
    _, token = invitations.create_invitation(boss, seen_by(boss, corpus), Role.REVIEWER)
    here = f"/admin/invitation/{token}/"
    client = Client()
    page = client.get(here).content.decode()
    assert 'type="password"' not in page
    sent = {"username": "new", "password": "long enough 77", "again": "long enough 77"}
    client.post(here, sent)
    assert not User.objects.filter(username="new").exists()
    assert house.sign_in(client, next=here)["Location"] == here
    client.post(here)
    assert Invitation.objects.get().used_by == User.objects.get(username="ines")


def break_glass(name: str = "sue", *arguments: str) -> str:
    out = StringIO()
    call_command("break_glass", name, *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_superuser_comes_in_once(house: House) -> None:
    sue = make_user("sue", is_superuser=True)
    address = break_glass("sue", "--address", "https://standpoint.example/")
    assert address.startswith("https://standpoint.example/admin/account/break-glass/")
    path = address.removeprefix("https://standpoint.example")
    other = break_glass()
    # whoever only looks does not use it up
    for _ in range(2):
        assert "as sue" in Client().get(path).content.decode()
    client = Client()
    assert client.post(path)["Location"] == "/admin/"
    assert client.session[SESSION] == str(sue.pk)
    for used in (path, other):
        again = Client()
        assert again.post(used).status_code == 404
        assert SESSION not in again.session


def test_an_address_of_a_superuser_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sue = make_user("sue", is_superuser=True)
    path = break_glass()
    with monkeypatch.context() as patch:
        patch.setattr(one_time_addresses, "SECONDS", -1)
        assert Client().get(path).status_code == 404
    for field in ("is_superuser", "is_active", "is_staff"):
        User.objects.filter(pk=sue.pk).update(**{field: False})
        assert Client().post(path).status_code == 404
        User.objects.filter(pk=sue.pk).update(**{field: True})
    assert Client().get(path).status_code == 200
    assert Client().get(path[:-2] + "x/").status_code == 404


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ann", "ann is no active superuser; name one"),
        ("gone", "There is no active person called 'gone'"),
        ("nobody", "There is no active person called 'nobody'"),
    ],
)
def test_nobody_else_comes_in(name: str, said: str) -> None:
    make_user("ann")
    make_user("gone", is_superuser=True, is_active=False)
    with pytest.raises(CommandError, match=said):
        break_glass(name)
