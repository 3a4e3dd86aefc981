"""The settings of sign-ins: single sign-on, and the second factor of local accounts."""

from __future__ import annotations

from project.setting_rows import Setting

SIGN_IN_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "OIDC_ISSUER",
        "text",
        "",
        "The address of the house’s sign-in service (OpenID Connect), exactly as it calls itself, such as "
        "`https://login.example.org/realms/news`. Empty: people sign in with passwords of this service. It "
        "needs the packages of `requirements-sso.txt`, and `manage.py migrate` once.",
    ),
    Setting("OIDC_CLIENT_ID", "text", "", "The name under which this service is known there."),
    Setting("OIDC_CLIENT_SECRET", "secret", "", "The secret that belongs to it."),
    Setting("OIDC_NAME", "text", "single sign-on", "What people call that service: “Sign in with <name>”."),
    Setting(
        "OIDC_SCOPES",
        "text",
        "openid profile email",
        "What is asked for at a sign-in, with blanks between; some services give groups for `groups` only.",
    ),
    Setting(
        "OIDC_GROUPS_CLAIM",
        "text",
        "groups",
        "The claim with the groups of a person; dots lead into a claim, as in `realm_access.roles`.",
    ),
    Setting(
        "OIDC_GROUP_ROLES",
        "text",
        "",
        "What groups may do, such as `desk-lake=lake:reviewer;it=superuser`: group, corpus and role, or "
        "superuser, with semicolons between. Applied at each sign-in.",
    ),
    Setting(
        "OIDC_ONLY",
        "boolean",
        "off",
        "Take no passwords any more. `manage.py break_glass` lets a superuser in where the sign-in service "
        "is down.",
    ),
    Setting(
        "MFA_REQUIRED",
        "text",
        "off",
        "Of whom a second factor (codes of an app) is required who signs in with a password: `managers` "
        "(superusers included), `all`, or `none`, where it is only offered. `off`: it is neither offered nor "
        "asked for. It needs the packages of `requirements-sso.txt`, and `manage.py migrate` once.",
    ),
)
