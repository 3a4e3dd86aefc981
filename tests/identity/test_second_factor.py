"""The second factor: adding it, signing in with it, codes on paper, and what counts as a wrong code."""

from __future__ import annotations

import re
import time
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from annotations import limits
from annotations.enums import Scope
from annotations.models import Invitation, Role, SignInFailures
from annotations.services.core import access_tokens, second_factor, sign_ins
from annotations.services.team import invitations
from tests.factories import make_corpus, make_user, seen_by

pytestmark = pytest.mark.django_db

LOGIN, CODE, ADD = "/admin/login/", "/admin/account/code/", "/admin/account/second-factor/"
SESSION = "_auth_user_id"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def offered(settings: LazySettings) -> None:
    settings.MFA_REQUIRED = "NONE"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still, for the steps of codes."""
    clock = [float(int(time.time()) // 30 * 30)]
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: clock[0])
    return clock


@pytest.fixture
def ann(now: list[float]) -> User:
    return make_user("ann")


def code_at(moment: float, secret: str = SECRET) -> str:
    return str(format_hotp_value(hotp_value(secret, int(moment) // 30)))


def with_factor(user: User, now: list[float]) -> list[str]:
    """Add a factor, with a code that is used up by that; half a minute later."""
    codes = second_factor.add_second_factor(user, SECRET, code_at(now[0]))
    assert codes is not None
    now[0] += 30
    return codes


def send_password(client: Client, **extra: Any) -> Any:
    return client.post(LOGIN, {"username": "ann", "password": "secret", **extra})


def test_adding_an_app_takes_its_code_and_the_password(ann: User, now: list[float]) -> None:
    client = Client()
    client.force_login(ann)
    page = client.get(ADD).content.decode()
    secret = re.search(r'factor-secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert secret
    letters = secret[1].replace(" ", "")
    assert 'src="data:image/svg+xml;base64,' in page
    for code, password in (("000000", "secret"), (code_at(now[0], letters), "wrong")):
        assert client.post(ADD, {"code": code, "password": password}).status_code == 200
        assert not second_factor.has_second_factor(ann)
    answer = client.post(ADD, {"code": code_at(now[0], letters), "password": "secret"})
    page = answer.content.decode()
    codes = re.findall(r"<li><code>(\d{4} \d{4})</code>", page)
    assert len(set(codes)) == 10
    assert "no-store" in answer["Cache-Control"]
    assert second_factor.has_second_factor(ann)
    # shown this once
    for address in (ADD, "/admin/account/"):
        assert not any(code in client.get(address, follow=True).content.decode() for code in codes)
    row = Authenticator.objects.get(type="totp")
    assert letters not in str(row.data), "encrypted"


def test_a_password_alone_signs_nobody_in(ann: User, now: list[float]) -> None:
    with_factor(ann, now)
    client = Client()
    before = client.session.session_key
    answer = send_password(client, next="/admin/password_change/")
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    assert SESSION not in client.session
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/corpora/").status_code == 401
    assert client.get(CODE).status_code == 200
    assert client.post(CODE, {"code": "000000"}).status_code == 200
    assert SESSION not in client.session
    pending_key = client.session.session_key
    answer = client.post(CODE, {"code": code_at(now[0])})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/password_change/")
    assert client.session[SESSION] == str(ann.pk)
    assert client.session.session_key not in {before, pending_key}


def test_a_code_is_good_once_in_any_process(ann: User, now: list[float]) -> None:
    with_factor(ann, now)
    code = code_at(now[0])
    assert second_factor.check_code(ann, f" {code[:3]} {code[3:]} ")
    assert not second_factor.check_code(ann, code)
    # nor an older one, after a later one
    assert not second_factor.check_code(ann, code_at(now[0] - 30))
    now[0] += 30
    assert second_factor.check_code(ann, code_at(now[0]))


@pytest.mark.parametrize(("seconds", "is_right"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_clocks_may_differ_by_half_a_minute(
    ann: User, now: list[float], seconds: int, is_right: bool
) -> None:
    with_factor(ann, now)
    now[0] += 300
    assert second_factor.check_code(ann, code_at(now[0] + seconds)) is is_right


@pytest.mark.parametrize("code", ["", "1", "１２３４５６", "\x00", "x" * 20, "-1", "é"])
def test_a_code_of_any_shape(ann: User, now: list[float], code: str) -> None:
    with_factor(ann, now)
    client = Client()
    send_password(client)
    assert client.post(CODE, {"code": code}).status_code == 200
    assert SESSION not in client.session


def test_a_code_on_paper_is_good_once(ann: User, now: list[float]) -> None:
    codes = with_factor(ann, now)
    for expected in (302, 200):
        client = Client()
        send_password(client)
        assert client.post(CODE, {"code": codes[0]}).status_code == expected
    assert second_factor.count_recovery_codes(ann) == 9
    client = Client()
    client.force_login(ann)
    renew = "/admin/account/second-factor/codes/"
    assert "<code>" not in client.post(renew, {"code": "wrong"}).content.decode()
    page = client.post(renew, {"code": code_at(now[0])}).content.decode()
    renewed = re.findall(r"<code>(\d{4} \d{4})</code>", page)
    assert len(renewed) == 10
    assert not second_factor.check_code(ann, codes[1])
    assert second_factor.check_code(ann, renewed[1])


def test_removing_it_takes_a_code(ann: User, now: list[float]) -> None:
    with_factor(ann, now)
    client = Client()
    client.force_login(ann)
    remove = "/admin/account/second-factor/remove/"
    client.post(remove, {"code": "000000"})
    assert second_factor.has_second_factor(ann)
    client.post(remove, {"code": code_at(now[0])})
    assert not Authenticator.objects.exists()
    assert send_password(Client()).status_code == 302


def test_wrong_codes_have_to_wait_whatever_the_password(ann: User, now: list[float]) -> None:
    with_factor(ann, now)
    statuses, client = [], Client()
    for _ in range(limits.FREE_FAILURES_OF_ACCOUNT + 1):
        client = Client()
        # a right password forgets wrong passwords, and no wrong codes
        assert send_password(client)["Location"] == CODE
        statuses.append(client.post(CODE, {"code": "000000"}).status_code)
    assert statuses == [200] * limits.FREE_FAILURES_OF_ACCOUNT + [429]
    refused = client.post(CODE, {"code": code_at(now[0])})
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    assert SESSION not in client.session


def test_what_waits_for_a_code_ends(ann: User, now: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    with_factor(ann, now)
    client = Client()
    send_password(client)
    User.objects.update(is_active=False)
    assert client.get(CODE)["Location"] == LOGIN
    User.objects.update(is_active=True)
    assert client.get(CODE).status_code == 200
    later = time.time() + 601
    with monkeypatch.context() as patch:
        patch.setattr("annotations.admin.identity.codes.time.time", lambda: later)
        assert client.post(CODE, {"code": code_at(now[0])})["Location"] == LOGIN
    assert Client().get(CODE)["Location"] == LOGIN


def test_without_an_app_nothing_is_asked(ann: User) -> None:
    client = Client()
    answer = client.post(LOGIN, {"username": "ann", "password": "secret", "next": "/admin/"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/admin/"
    assert client.session[SESSION] == str(ann.pk)


@pytest.mark.parametrize(
    "asked",
    ["none of a manager: no", "managers of a reviewer: no", "managers of a manager: yes",
     "managers of a superuser: yes", "all of a viewer: yes"],
)  # fmt: skip
def test_of_whom_it_is_required(ann: User, now: list[float], settings: LazySettings, asked: str) -> None:
    required, role, answer_ = re.split(" of a |: ", asked)
    is_asked = answer_ == "yes"
    settings.MFA_REQUIRED = required.upper()
    if role == "superuser":
        User.objects.filter(pk=ann.pk).update(is_superuser=True)
    else:
        make_corpus(members={ann: Role(role)})
    client = Client()
    answer = client.post(LOGIN, {"username": "ann", "password": "secret"}, follow=True)
    assert (answer.redirect_chain[-1][0] == ADD) is is_asked
    if not is_asked:
        return
    assert SESSION not in client.session
    letters = re.search(r'factor-secret"[^>]*>([A-Z2-7 ]+)<', answer.content.decode())
    assert letters
    answer = client.post(ADD, {"code": code_at(now[0], letters[1].replace(" ", ""))})
    assert "recovery codes" in answer.content.decode()
    assert client.session[SESSION] == str(ann.pk)
    # with an app already, a password alone may not add another one
    other = Client()
    send_password(other)
    assert other.get(ADD)["Location"] == CODE
    assert other.post(ADD, {"code": "123456"})["Location"] == CODE


def test_whoever_is_invited_adds_it_too(now: list[float], settings: LazySettings) -> None:
    settings.MFA_REQUIRED = "ALL"
    boss = make_user("max")
    corpus = make_corpus("lake", manager=boss)
    _, token = invitations.create_invitation(boss, seen_by(boss, corpus), Role.VIEWER)
    client = Client()
    sent = {"username": "new", "password": "long enough 77", "again": "long enough 77"}
    answer = client.post(f"/admin/invitation/{token}/", sent, follow=True)
    assert answer.redirect_chain[-1][0] == ADD
    assert SESSION not in client.session
    assert Invitation.objects.get().used_by is not None


def test_people_from_the_sign_in_service_are_not_asked(house: Any, settings: LazySettings) -> None:
    settings.MFA_REQUIRED = "ALL"
    client = Client()
    assert house.sign_in(client)["Location"] == "/admin/"
    page = client.get("/admin/account/").content.decode()
    assert "Add a second factor" not in page
    assert client.get(ADD)["Location"] == "/admin/account/"


def test_it_is_not_asked_for_where_it_is_turned_off(
    ann: User, now: list[float], settings: LazySettings
) -> None:
    with_factor(ann, now)
    settings.MFA_REQUIRED = "OFF"
    assert send_password(Client())["Location"] == "/admin/"
    for address in (CODE, ADD):
        assert Client().get(address).status_code == 404


def test_tokens_are_not_affected(ann: User, now: list[float], settings: LazySettings) -> None:
    settings.MFA_REQUIRED = "ALL"
    with_factor(ann, now)
    _, token = access_tokens.create_token(ann, "script", [Scope.READ])
    client = Client(headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/v1/corpora/").status_code == 200


def test_another_key_of_the_service_makes_codes_wrong_and_no_error(
    ann: User, now: list[float], settings: LazySettings
) -> None:
    codes = with_factor(ann, now)
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another " * 10
    client = Client()
    send_password(client)
    for code in (code_at(now[0]), codes[0]):
        assert client.post(CODE, {"code": code}).status_code == 200
    client.force_login(ann)
    assert client.get("/admin/account/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = [before]
    assert second_factor.check_code(ann, code_at(now[0]))


def test_a_lost_app(ann: User, now: list[float]) -> None:
    with_factor(ann, now)
    out = StringIO()
    call_command("remove_second_factor", "ann", stdout=out)
    call_command("remove_second_factor", "ann", stdout=out)
    assert out.getvalue().splitlines() == [
        "ann signs in with the password alone now.",
        "ann had no second factor.",
    ]
    with pytest.raises(CommandError, match="There is no active person called 'nobody'"):
        call_command("remove_second_factor", "nobody")


def test_the_count_of_codes_is_one_of_its_own(ann: User) -> None:
    with sign_ins.attempt("ann", "192.0.2.1", "code"):
        pass
    with sign_ins.attempt("ann", "192.0.2.1") as attempt:
        attempt.succeed()
    assert SignInFailures.objects.filter(failures=1).exists()
