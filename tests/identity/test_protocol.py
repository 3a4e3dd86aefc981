"""Signing in with a sign-in service: what is believed, and all that is not."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from annotations.admin.identity.issuer_http import IssuerError, require_secure_address
from tests.factories import make_user
from tests.identity.conftest import BACK, START, House
from tests.identity.issuer import (
    KEYS,
    StubIssuer,
    signed_with_the_client_secret,
    signed_with_the_public_key,
    unsigned,
)

pytestmark = pytest.mark.django_db

SESSION = "_auth_user_id"


def is_signed_in(client: Client) -> bool:
    return SESSION in client.session


def test_somebody_new_comes_in(house: House) -> None:
    client = Client()
    house.issuer.person |= {"given_name": "Ines", "family_name": "Marsh", "email": "ines@news.example"}
    assert client.get("/admin/login/").content.decode().count("Sign in with House") == 1
    answer = house.sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    user = User.objects.get(username="ines")
    assert (user.first_name, user.last_name, user.email) == ("Ines", "Marsh", "ines@news.example")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert client.get("/admin/").status_code == 200
    # the same person, whatever the name is by now
    house.issuer.person["preferred_username"] = "ines.marsh"
    assert house.sign_in().status_code == 302
    assert User.objects.count() == 1


def claims(**values: Any) -> Any:
    return {"change_claims": lambda found: found.update(values)}


def without(name: str) -> Any:
    return {"change_claims": lambda found: found.pop(name)}


def later(**seconds: int) -> Any:
    def change(found: dict[str, Any]) -> None:
        for name, value in seconds.items():
            found[name] = int(time.time()) + value

    return {"change_claims": change}


REFUSED = {
    "the audience of another": claims(aud="another"),
    "no audience": without("aud"),
    "one of several audiences, for nobody": claims(aud=["standpoint", "another"]),
    "one of several audiences, for another": claims(aud=["standpoint", "another"], azp="another"),
    "the only audience, for another": claims(azp="another"),
    "another issuer": claims(iss="https://elsewhere.example"),
    "no issuer": without("iss"),
    "out of date": later(exp=-120, iat=-600),
    "without an end": without("exp"),
    "from the future": later(iat=120),
    "valid from later on": later(nbf=120),
    "another nonce": claims(nonce="another"),
    "no nonce": without("nonce"),
    "nobody": without("sub"),
    "an empty name": claims(sub=""),
    "a name that is too long": claims(sub="x" * 192),
    "signed by nobody": {"sign": unsigned},
    "signed with the public key": {"sign": signed_with_the_public_key},
    "signed with the secret of the client": {"sign": signed_with_the_client_secret},
    "signed with a key that is not published": {"key": KEYS[1]},
    "signed with another key of the same name": {
        "key": KEYS[1],
        "change_header": lambda header: header.update(kid="key-0"),
    },
    "not a token": {"sign": lambda *_: "a.b.c"},
    "not text": {"sign": lambda *_: 7},
    "user info about somebody else": {"userinfo": {"sub": "2002"}},
    "mixed up with another issuer": {
        "change_return": lambda found: found.update(iss="https://elsewhere.example")
    },
    "an issuer that hides its name": {"change_return": lambda found: found.pop("iss")},
    "another state": {"change_return": lambda found: found.update(state="x" * 16)},
    "no state": {"change_return": lambda found: found.pop("state")},
    "a code that was made up": {"change_return": lambda found: found.update(code="made-up")},
    "groups that do not fit": claims(_claim_names={"groups": "src1"}),
    "keys that lead elsewhere": {"redirects_to": "/keys"},
    "user info that leads elsewhere": {"redirects_to": "/userinfo"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_believed(house: House, name: str) -> None:
    _configure(house.issuer, REFUSED[name])
    client = Client()
    answer = house.sign_in(client)
    assert (answer.status_code, is_signed_in(client)) == (403, False)
    assert "could not be trusted" in answer.content.decode()
    assert not User.objects.exists()


def _configure(issuer: StubIssuer, changes: dict[str, Any]) -> None:
    for attribute, value in changes.items():
        setattr(issuer, attribute, value)


BELIEVED = {
    "a clock that is behind": later(iat=50, nbf=50),
    "a clock that is ahead": later(iat=-350, exp=-50),
    "several audiences, for us": claims(aud=["standpoint", "another"], azp="standpoint"),
    "a token that names no key": {"change_header": lambda header: header.pop("kid")},
    "a service that announces no name": {
        "change_metadata": lambda found: found.pop("authorization_response_iss_parameter_supported"),
        "change_return": lambda found: found.pop("iss"),
    },
    "a service without user info": {"change_metadata": lambda found: found.pop("userinfo_endpoint")},
    "an authorization endpoint with parameters": {
        "change_metadata": lambda found: found.update(
            authorization_endpoint=found["authorization_endpoint"] + "?p=policy"
        )
    },
}


@pytest.mark.parametrize("name", BELIEVED)
def test_what_is_believed(house: House, name: str) -> None:
    _configure(house.issuer, BELIEVED[name])
    client = Client()
    answer = house.sign_in(client)
    assert (answer.status_code, is_signed_in(client)) == (302, True), answer.content.decode()[-900:]


def test_a_new_key_counts_at_once_and_an_old_one_no_longer(house: House) -> None:
    assert house.sign_in().status_code == 302
    house.issuer.published, house.issuer.key = [KEYS[1]], KEYS[1]
    assert house.sign_in().status_code == 302
    house.issuer.key = KEYS[0]
    assert house.sign_in().status_code == 403
    # while both are valid
    house.issuer.published = list(KEYS)
    assert house.sign_in().status_code == 302


WRONG_METADATA = {
    "another issuer": lambda found: found.update(issuer="https://elsewhere.example"),
    "an issuer with a slash": lambda found: found.update(issuer=found["issuer"] + "/"),
    "no issuer": lambda found: found.pop("issuer"),
    "plain HTTP to another machine": lambda found: found.update(
        token_endpoint="http://elsewhere.example/token"
    ),
    "a file": lambda found: found.update(jwks_uri="file:///etc/passwd"),
    "a page with a script": lambda found: found.update(authorization_endpoint="javascript:alert(1)"),
    "no keys": lambda found: found.pop("jwks_uri"),
}


@pytest.mark.parametrize("name", WRONG_METADATA)
def test_a_description_that_is_not_believed(house: House, name: str) -> None:
    house.issuer.change_metadata = WRONG_METADATA[name]
    answer = Client().get(START)
    assert answer.status_code == 502
    assert "House cannot be reached" in answer.content.decode()


def test_a_service_that_is_down(house: House) -> None:
    house.issuer.redirects_to = "/.well-known/openid-configuration"
    assert Client().get(START).status_code == 502
    house.issuer.redirects_to = ""
    assert Client().get(START).status_code == 302, "a failure is not remembered"


def test_plain_http_only_on_this_machine_and_only_where_it_is_allowed(house: House) -> None:
    house.settings.OUTGOING_ALLOW_LOOPBACK = False
    assert Client().get(START).status_code == 502
    assert house.issuer.asked == []
    for address in (
        "http://10.0.0.1/",
        "http://127.0.0.1.example/",
        "https://a:b@login.example/",
        "https:///",
    ):
        with pytest.raises(IssuerError):
            require_secure_address(address)
    assert require_secure_address("https://login.example/") == "https://login.example/"


def test_an_answer_is_good_once(house: House) -> None:
    client = Client()
    address = house.return_address(client)
    assert client.get(address).status_code == 302
    assert client.get(address).status_code == 403


def test_an_answer_is_good_only_in_the_browser_that_was_sent_off(house: House) -> None:
    address = house.return_address(Client())
    victim = Client()
    assert victim.get(address).status_code == 403
    assert not is_signed_in(victim)


def test_an_answer_is_good_for_ten_minutes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    address = house.return_address(client)
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr("allauth.socialaccount.internal.statekit.time.time", lambda: now + 601)
        assert client.get(address).status_code == 403


def test_the_session_from_before_does_not_go_on(house: House) -> None:
    client = Client()
    address = house.return_address(client)
    before = client.session.session_key
    client.get(address)
    assert client.session.session_key != before
    planted = Client()
    planted.cookies["sessionid"] = str(before)
    assert not is_signed_in(planted)


@pytest.mark.parametrize(
    ("next_", "leads_to"),
    [
        ("/admin/password_change/", "/admin/password_change/"),
        ("https://elsewhere.example/", "/admin/"),
        ("//elsewhere.example/", "/admin/"),
        ("\\\\elsewhere.example", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("", "/admin/"),
    ],
)
def test_a_sign_in_leads_nowhere_else(house: House, next_: str, leads_to: str) -> None:
    page = Client().get("/admin/login/", {"next": next_}).content.decode()
    assert f'href="{START}' in page
    assert house.sign_in(next=next_)["Location"] == leads_to


def test_somebody_who_gives_up_comes_back(house: House) -> None:
    def give_up(found: dict[str, Any]) -> None:
        del found["code"]
        found["error"] = "access_denied"

    house.issuer.change_return = give_up
    answer = house.sign_in()
    assert answer.status_code == 403
    assert "nothing has changed" in answer.content.decode()


def test_without_a_sign_in_service_there_are_no_such_pages(house: House) -> None:
    house.settings.OIDC = None
    cache.clear()
    assert "sign-on" not in Client().get("/admin/login/").content.decode().partition("</head>")[2]
    for address in (START, BACK, "/admin/account/sign-out/"):
        assert Client().get(address).status_code == 404


def test_the_pages_of_the_library_are_not_there(house: House) -> None:
    client = Client()
    client.force_login(make_user("sue", is_superuser=True))
    for name in ("signup", "login", "email", "password/reset", "social/connections", "2fa"):
        for root in ("/accounts/", "/admin/account/", "/"):
            assert client.get(f"{root}{name}/").status_code == 404
    page = client.get("/admin/").content.decode()
    for table in ("socialaccount", "emailaddress", "authenticator", "socialtoken"):
        assert table not in page


def test_a_sign_out_leads_to_that_of_the_service_too(house: House) -> None:
    client = Client()
    house.sign_in(client)
    page = client.post("/admin/logout/").content.decode()
    assert "Sign out of House as well" in page
    assert not is_signed_in(client)
    assert client.get("/admin/account/sign-out/")["Location"] == (
        f"{house.issuer.url}/logout?client_id=standpoint"
        "&post_logout_redirect_uri=http%3A%2F%2Ftestserver%2Fadmin%2Flogin%2F"
    )
    local = Client()
    local.force_login(make_user("ann"))
    assert "as well" not in local.post("/admin/logout/").content.decode()
