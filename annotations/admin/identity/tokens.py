"""Proving an ID token: who signed it, for whom, when, and for which sign-in."""

from __future__ import annotations

import hmac
from typing import Any

import jwt

from annotations.admin.identity.issuer_http import IssuerError, fetch_json
from annotations.issuers import IssuerSettings

#: Signatures with a key that only the issuer has; never none, and never a secret that we know, too.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
#: Seconds by which the clocks of the two services may differ.
LEEWAY = 60
#: What the table of the library holds.
LONGEST_SUBJECT = 191
REQUIRED = ("iss", "sub", "aud", "exp", "iat", "nonce")


def verify_id_token(token: object, issuer: IssuerSettings, jwks_uri: object, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token; raise ``IssuerError`` if any of its promises does not hold.

    The keys are asked for at each sign-in, so that a new key counts at once, and an old one no longer.
    """
    if not isinstance(token, str):
        raise IssuerError("The answer holds no ID token.")
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise IssuerError(f"The ID token is signed by {header.get('alg')!r}, which is not taken.")
        claims: dict[str, Any] = jwt.decode(
            token,
            key=_find_key(fetch_json(jwks_uri), header),
            algorithms=[header["alg"]],
            audience=issuer.client_id,
            issuer=issuer.issuer,
            leeway=LEEWAY,
            options={"require": list(REQUIRED)},
        )
    except jwt.PyJWTError as error:
        raise IssuerError(f"The ID token does not hold: {error}") from error
    _check_party(claims, issuer.client_id)
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise IssuerError("The ID token belongs to another sign-in: its nonce is not the one that was sent.")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
        raise IssuerError("The ID token names nobody, or somebody with a name that is too long.")
    return claims


def _find_key(key_set: dict[str, Any], header: dict[str, Any]) -> jwt.PyJWK:
    """Return the key that signed the token, among those for signatures."""
    try:
        keys = [key for key in jwt.PyJWKSet.from_dict(key_set).keys if key.public_key_use in (None, "sig")]
    except (jwt.PyJWTError, TypeError, ValueError, AttributeError) as error:
        raise IssuerError(f"The keys of the issuer cannot be read: {error}") from error
    fitting = [key for key in keys if header.get("kid") in (None, key.key_id) and key.key_type != "oct"]
    if len(fitting) != 1:
        raise IssuerError(f"{len(fitting)} keys of the issuer fit the ID token; it must be one.")
    return fitting[0]


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    """Refuse a token that another client asked for, though we may be in its audience."""
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise IssuerError("The ID token was made for another client.")
