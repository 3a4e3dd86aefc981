"""Reading the settings of single sign-on and of the second factor, and what they need installed."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit

from annotations.issuers import IssuerSettings, parse_group_rules
from project import env

#: Installed only where one of the two is used: its tables, its start and its packages cost nothing otherwise.
APPS = ("allauth.account", "allauth.socialaccount", "allauth.mfa")
MIDDLEWARE = "allauth.account.middleware.AccountMiddleware"
PACKAGES = ("allauth", "jwt", "requests", "qrcode")
MAX_ISSUER = 200

MFA_CHOICES = ("OFF", "NONE", "MANAGERS", "ALL")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def read_issuer() -> IssuerSettings | None:
    """Return the sign-in service of the house, or None; raise ``SettingError`` with a whole sentence."""
    issuer = env.read_text("OIDC_ISSUER")
    if not issuer:
        useless = [
            name for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_GROUP_ROLES") if env.is_set(name)
        ]
        if env.read_boolean("OIDC_ONLY"):
            useless.append("OIDC_ONLY")
        for name in useless:
            raise env.SettingError(f"{name} means nothing without OIDC_ISSUER; set that too, or neither.")
        return None
    _check_issuer(issuer)
    client_id, secret = env.read_text("OIDC_CLIENT_ID"), env.read_secret("OIDC_CLIENT_SECRET")
    if not client_id or not secret:
        raise env.SettingError(
            "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET (or OIDC_CLIENT_SECRET_FILE) must be set when OIDC_ISSUER "
            "is: the sign-in service gives both to whoever registers this one there."
        )
    scopes = tuple(env.read_text("OIDC_SCOPES").split())
    if "openid" not in scopes:
        raise env.SettingError("OIDC_SCOPES must hold openid, without which nobody is named.")
    try:
        rules = parse_group_rules(env.read_text("OIDC_GROUP_ROLES"))
    except ValueError as error:
        raise env.SettingError(f"OIDC_GROUP_ROLES cannot be read: {error}") from None
    _require_packages("OIDC_ISSUER")
    return IssuerSettings(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret,
        name=env.read_text("OIDC_NAME"),
        scopes=scopes,
        groups_claim=env.read_text("OIDC_GROUPS_CLAIM"),
        rules=rules,
    )


def read_mfa_required() -> str:
    """Return of whom a second factor is required: OFF, NONE, MANAGERS or ALL."""
    choice = env.read_choice("MFA_REQUIRED", MFA_CHOICES)
    if choice != "OFF":
        _require_packages("MFA_REQUIRED")
    return choice


def _check_issuer(issuer: str) -> None:
    try:
        parts = urlsplit(issuer)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.query or parts.fragment or parts.username or not issuer.isprintable():
        raise env.SettingError(
            "OIDC_ISSUER must be an address such as https://login.example.org/realms/news, without user, "
            f"query and fragment, not {issuer!r}."
        )
    local = parts.scheme == "http" and host in LOOPBACK and env.read_boolean("OUTGOING_ALLOW_LOOPBACK")
    if parts.scheme != "https" and not local:
        raise env.SettingError(
            f"OIDC_ISSUER must begin with https://, not be {issuer!r}: whoever can change what comes over "
            "plain HTTP could sign in as anybody. On this machine, OUTGOING_ALLOW_LOOPBACK=on allows it."
        )
    if len(issuer) > MAX_ISSUER:
        raise env.SettingError(f"OIDC_ISSUER must have at most {MAX_ISSUER} characters.")


def _require_packages(name: str) -> None:
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        raise env.SettingError(
            f"{name} needs packages that are not installed ({', '.join(missing)}); install "
            "requirements-sso.txt, or leave it out."
        )
