"""A sign-in service for the tests: OpenID Connect over real HTTP on this machine, with faults on demand.

Its tokens are made by another library than the one that proves them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "standpoint", "not a secret of anybody"
#: Made once: a key of RSA takes a tenth of a second.
KEYS = [RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig"}) for number in range(2)]

Change = Callable[[dict[str, Any]], Any]


def nothing(values: dict[str, Any]) -> None:
    """Change nothing."""


@dataclass
class StubIssuer:
    """What the service says; a test changes it before somebody signs in."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "1001", "preferred_username": "ines"})
    userinfo: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEYS[0])
    published: list[RSAKey] = field(default_factory=lambda: [KEYS[0]])
    #: The last touch on the description of the service, the claims and the header of a token, and the answer.
    change_metadata: Change = nothing
    change_claims: Change = nothing
    change_header: Change = nothing
    change_return: Change = nothing
    sign: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    redirects_to: str = ""

    @property
    def metadata(self) -> dict[str, Any]:
        """What the service says of itself."""
        values = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "end_session_endpoint": f"{self.url}/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }
        self.change_metadata(values)
        return values

    def authorize(self, address: str) -> str:
        """Sign in, as a person at the page of the service would; return the address that leads back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 16
        assert len(asked["nonce"]) >= 32
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer: dict[str, Any] = {"code": code, "state": asked["state"], "iss": self.url}
        self.change_return(answer)
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def redeem(self, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Return the tokens for a code, once, and only to whoever has asked for it."""
        asked = self.codes.pop(sent.get("code", ""), None)
        verifier = sent.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        is_right = (
            asked is not None
            and challenge == asked["code_challenge"]
            and sent.get("redirect_uri") == asked["redirect_uri"]
            and (sent.get("client_id"), sent.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        )
        if not is_right or asked is None:
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "access",
            "token_type": "Bearer",
            "id_token": self.id_token(asked["nonce"]),
        }

    def id_token(self, nonce: str) -> str:
        """Return an ID token for the person."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, **self.person,
        }  # fmt: skip
        self.change_claims(claims)
        header = {"alg": "RS256", "kid": self.key.kid}
        self.change_header(header)
        if self.sign is not None:
            return self.sign(header, claims)
        return jwt.encode(header, claims, self.key)


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Return a token that nobody has signed."""
    parts = (json.dumps(part).encode() for part in ({**header, "alg": "none"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def signed_with_the_public_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Return a token signed with the public key as if it were a secret."""
    secret = OctKey.import_key(KEYS[0].as_pem(private=False))
    return jwt.encode({**header, "alg": "HS256"}, claims, secret, algorithms=["HS256"])


def signed_with_the_client_secret(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Return a token signed with the secret that both sides know."""
    secret = OctKey.import_key(CLIENT_SECRET)
    return jwt.encode({**header, "alg": "HS256"}, claims, secret, algorithms=["HS256"])


class _Handler(BaseHTTPRequestHandler):
    """Answers for an issuer, which a subclass names."""

    issuer: StubIssuer
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.issuer.asked.append(path)
        if path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.issuer.authorize(self.path))
            self.end_headers()
        elif path == self.issuer.redirects_to:
            self.send_response(302)
            self.send_header("Location", f"{self.issuer.url}/elsewhere")
            self.end_headers()
        elif path == "/.well-known/openid-configuration":
            self._answer(200, self.issuer.metadata)
        elif path == "/keys":
            self._answer(200, KeySet([*self.issuer.published]).as_dict(private=False))
        elif path == "/userinfo":
            assert self.headers["Authorization"] == "Bearer access"
            self._answer(200, {"sub": self.issuer.person.get("sub"), **self.issuer.userinfo})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        self.issuer.asked.append(self.path)
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer(*self.issuer.redeem({name: values[0] for name, values in sent.items()}))

    def _answer(self, status: int, data: Any) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(data).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def running_issuer() -> Iterator[StubIssuer]:
    """A running service, which ends with the block."""
    issuer = StubIssuer()
    handler = type("Handler", (_Handler,), {"issuer": issuer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
