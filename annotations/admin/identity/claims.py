"""Reading the claims of a person: names, mail address and groups, whatever form a service gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotations.admin.identity.issuer_http import IssuerError
from annotations.issuers import IssuerSettings
from annotations.services.core.sso_accounts import Identity


def read_identity(claims: Mapping[str, Any], issuer: IssuerSettings) -> Identity:
    """Return the person whom verified claims describe."""
    # An address that the service itself does not vouch for would get the mails of somebody else.
    is_vouched = claims.get("email_verified", True) in (True, "true")
    return Identity(
        issuer=issuer.issuer,
        subject=str(claims["sub"]),
        username=_text(claims, "preferred_username") or _text(claims, "name"),
        first_name=_text(claims, "given_name"),
        last_name=_text(claims, "family_name"),
        email=_text(claims, "email") if is_vouched else "",
        groups=read_groups(claims, issuer.groups_claim),
    )


def read_groups(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return the groups of a claim: a list, one name, or none, where the claim is missing.

    Raises ``IssuerError`` where the service says that there are more groups than it tells: nobody is to
    lose a role because of that.
    """
    distributed = claims.get("_claim_names")
    if isinstance(distributed, dict) and name in distributed:
        raise IssuerError(
            f"The person has too many groups for the claim {name!r}; let it hold fewer of them."
        )
    value = _find_claim(claims, name)
    values = value if isinstance(value, list) else [value]
    return frozenset(group for group in values if isinstance(group, str) and group)


def _find_claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim by its name, or by the names on the way to it, with dots between."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) else ""
