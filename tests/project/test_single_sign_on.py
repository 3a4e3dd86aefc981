"""The settings of single sign-on and of the second factor: what stops the start, and what costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotations.issuers import ROLES, GroupRule, IssuerSettings, parse_group_rules
from annotations.models import Role
from project import single_sign_on
from project.env import SETTINGS, SettingError
from tests.project.test_settings import KEY, URL, start

GIVEN = {
    "OIDC_ISSUER": "https://login.example.org/realms/news",
    "OIDC_CLIENT_ID": "standpoint",
    "OIDC_CLIENT_SECRET": "only for tests",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
        monkeypatch.delenv(f"{setting.name}_FILE", raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> IssuerSettings | None:
    for name, value in {**GIVEN, **values}.items():
        monkeypatch.setenv(name, value)
    return single_sign_on.read_issuer()


def test_the_roles_are_those_of_memberships() -> None:
    assert tuple(Role) == ROLES


def test_what_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    found = read(
        monkeypatch,
        OIDC_CLIENT_SECRET="",
        OIDC_CLIENT_SECRET_FILE=str(secret),
        OIDC_NAME="The House",
        OIDC_GROUP_ROLES=" desk-lake = lake:reviewer ; it=superuser; CN=a,DC=b=river-2:viewer;",
    )
    assert found == IssuerSettings(
        issuer=GIVEN["OIDC_ISSUER"],
        client_id="standpoint",
        client_secret="from a file",
        name="The House",
        rules=(
            GroupRule("desk-lake", "lake", "reviewer"),
            GroupRule("it", "", "superuser"),
            GroupRule("CN=a,DC=b", "river-2", "viewer"),
        ),
    )
    assert found.roles_of(["desk-lake", "it"]) == {"lake": "reviewer"}
    assert found.gives_superuser(["it"])
    assert not found.gives_superuser(["desk-lake", "IT"])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"OIDC_ISSUER": "http://login.example.org"}, "OIDC_ISSUER must begin with https://"),
        ({"OIDC_ISSUER": "http://127.0.0.1:9"}, "OUTGOING_ALLOW_LOOPBACK=on allows it"),
        ({"OIDC_ISSUER": "http://10.0.0.1", "OUTGOING_ALLOW_LOOPBACK": "on"}, "must begin with https://"),
        ({"OIDC_ISSUER": "login.example.org"}, "OIDC_ISSUER must be an address such as"),
        ({"OIDC_ISSUER": "https://a:b@login.example.org"}, "without user"),
        ({"OIDC_ISSUER": "https://login.example.org/?a=b"}, "query and fragment"),
        ({"OIDC_ISSUER": "https://login.example.org:x/"}, "OIDC_ISSUER must be an address such as"),
        ({"OIDC_ISSUER": "https://[::1"}, "OIDC_ISSUER must be an address such as"),
        ({"OIDC_ISSUER": "https://login.example.org/" + "x" * 200}, "at most 200 characters"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"),
        ({"OIDC_SCOPES": "profile"}, "OIDC_SCOPES must hold openid"),
        ({"OIDC_GROUP_ROLES": "desk"}, "'desk' is no rule; write group=corpus:role"),
        ({"OIDC_GROUP_ROLES": "=lake:viewer"}, "is no rule"),
        ({"OIDC_GROUP_ROLES": "desk=lake"}, "names no role"),
        (
            {"OIDC_GROUP_ROLES": "desk=lake:editor"},
            "'editor' in 'desk=lake:editor' is no role; there are viewer",
        ),
        ({"OIDC_GROUP_ROLES": "desk=The Lake:viewer"}, "'The Lake' in 'desk=The Lake:viewer' is no slug"),
        ({"OIDC_GROUP_ROLES": f"desk={'x' * 200}:viewer"}, "is no slug of a corpus"),
        ({"OIDC_ISSUER": ""}, "OIDC_CLIENT_ID means nothing without OIDC_ISSUER"),
        (
            {"OIDC_ISSUER": "", "OIDC_CLIENT_ID": "", "OIDC_CLIENT_SECRET": "", "OIDC_ONLY": "on"},
            "OIDC_ONLY means nothing without OIDC_ISSUER",
        ),
    ],
)
def test_what_stops_the_start(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError, match=r"\.$") as caught:
        read(monkeypatch, **values)
    assert said in str(caught.value)


def test_a_secret_is_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingError) as caught:
        read(monkeypatch, OIDC_CLIENT_ID="")
    assert GIVEN["OIDC_CLIENT_SECRET"] not in str(caught.value)
    # nor on a page that shows the settings
    assert GIVEN["OIDC_CLIENT_SECRET"] not in repr(read(monkeypatch, OIDC_CLIENT_ID="standpoint"))


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_sign_on, "find_spec", lambda _: None)
    with pytest.raises(SettingError, match=r"OIDC_ISSUER needs packages .* install requirements-sso.txt"):
        read(monkeypatch)
    monkeypatch.setenv("MFA_REQUIRED", "managers")
    with pytest.raises(SettingError, match=r"MFA_REQUIRED needs packages"):
        single_sign_on.read_mfa_required()


@pytest.mark.parametrize(("value", "read_as"), [("", "OFF"), ("off", "OFF"), ("Managers", "MANAGERS")])
def test_of_whom_a_second_factor_is_required(
    monkeypatch: pytest.MonkeyPatch, value: str, read_as: str
) -> None:
    monkeypatch.setenv("MFA_REQUIRED", value)
    assert single_sign_on.read_mfa_required() == read_as
    monkeypatch.setenv("MFA_REQUIRED", "some")
    with pytest.raises(SettingError, match="MFA_REQUIRED must be one of"):
        single_sign_on.read_mfa_required()


def test_every_group_rule_says_one_thing() -> None:
    assert parse_group_rules("") == parse_group_rules(" ; ") == ()


UNUSED = """
import sys
import django
django.setup()
import project.urls
from django.conf import settings
from django.core.management import call_command
call_command("check")
print([name for name in sys.modules if name.split(".")[0] in ("allauth", "jwt", "cryptography")])
print([name for name in (*settings.INSTALLED_APPS, *settings.MIDDLEWARE) if "allauth" in name])
"""


def test_what_is_not_used_is_not_loaded(tmp_path: Path) -> None:
    done = start(tmp_path, "-c", UNUSED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["[]", "[]"]


def test_a_service_with_both_is_ready_to_be_deployed(tmp_path: Path) -> None:
    given = {"DATABASE_URL": URL, "SECRET_KEY": KEY[:40] + "abcdefghij" * 2, "ALLOWED_HOSTS": "a.example"}
    done = start(
        tmp_path,
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        MFA_REQUIRED="all",
        **GIVEN,
        **given,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout
    done = start(tmp_path, "manage.py", "makemigrations", "--check", "--dry-run", **GIVEN, MFA_REQUIRED="all")
    assert done.returncode == 0, done.stdout + done.stderr
