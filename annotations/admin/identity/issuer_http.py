"""Calls to the sign-in service: over HTTPS only, short, small, and without redirects."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

#: Seconds for a connection, for the next bytes, and for the whole answer.
TIMEOUTS = (5, 10)
LONGEST = 15
#: Bytes of an answer; key sets and claims have some thousands.
LARGEST = 1_000_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class IssuerError(Exception):
    """The sign-in service said something that cannot be believed; for the log, and never for a page."""


def require_secure_address(url: object) -> str:
    """Return an address that may be called; raise ``IssuerError`` for any other."""
    if isinstance(url, str) and url.isprintable():
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        local = parts.scheme == "http" and host in LOOPBACK and settings.OUTGOING_ALLOW_LOOPBACK
        if host and not parts.username and (parts.scheme == "https" or local):
            return url
    raise IssuerError(f"{url!r} is no address with https:// that may be called.")


class IssuerSession(requests.Session):
    """A session of ``requests`` with limits, which the library uses as well.

    Proxies and certificates of the environment hold, but no passwords from a ``.netrc``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.auth = _without_netrc

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request; raise ``IssuerError`` for an address, a redirect or a size that is not allowed."""
        require_secure_address(url)
        kwargs |= {"timeout": TIMEOUTS, "allow_redirects": False, "stream": True}
        response = super().request(method, url, *args, **kwargs)
        _read_content(response)
        if response.is_redirect:
            raise IssuerError(f"{url!r} leads elsewhere, to {response.headers.get('Location')!r}.")
        return response


def fetch_json(url: object, **kwargs: Any) -> dict[str, Any]:
    """Return the JSON object at an address; raise ``IssuerError`` if there is none."""
    with IssuerSession() as session:
        try:
            response = session.get(require_secure_address(url), **kwargs)
            response.raise_for_status()
            data = response.json()
        except (requests.RequestException, ValueError) as error:
            raise IssuerError(f"{url!r} did not answer with JSON: {error}") from error
    if not isinstance(data, dict):
        raise IssuerError(f"{url!r} did not answer with a JSON object.")
    return data


def _without_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read_content(response: requests.Response) -> None:
    """Read an answer that is neither too large nor too slow, as ``requests`` itself would keep it."""
    content, started = bytearray(), time.monotonic()
    with response:
        for chunk in response.iter_content(65_536):
            content += chunk
            if len(content) > LARGEST or time.monotonic() - started > LONGEST:
                raise IssuerError(f"{response.url!r} answered too much or too slowly.")
    response._content = bytes(content)
