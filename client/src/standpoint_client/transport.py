"""Requests that are sent again until there is an answer.

Every write of the service can be sent twice: what is created has an id that the caller made, what changes
names the version that it saw, and a repeat is answered like the first. So lost answers are asked for again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import IO, Any

import httpx

from standpoint_client.errors import ConnectionLostError, ProblemError

#: Answers that say: not now.
PASSING = frozenset({429, 502, 503, 504})
LONGEST_WAIT = 60.0
#: So many bytes of a file are sent or received at once.
BLOCK = 1 << 16

Body = Callable[[], IO[bytes]]


class Transport:
    """The connection to one service, with one token."""

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        timeout: float = 60.0,
        tries: int = 6,
        sleep: Callable[[float], None] = time.sleep,
        http: httpx.Client | None = None,
    ) -> None:
        self.tries = max(1, tries)
        self.sleep = sleep
        headers = {"Accept": "application/json", "User-Agent": "standpoint-client"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.http = http or httpx.Client(timeout=timeout)
        self.http.headers.update(headers)
        self.base = httpx.URL(url.rstrip("/") + "/api/v1/")

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> httpx.Response:
        """Return the answer to a request; raise ``ProblemError`` for a refusal.

        ``path`` is relative to the API, or an address that the service gave. ``body`` opens the file that
        is sent, for each try anew.
        """
        with self.stream(method, path, params=params, json=json, headers=headers, body=body) as response:
            response.read()
            return response

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        follow: bool = False,
    ) -> Iterator[httpx.Response]:
        """Give the answer to a request before its content is read.

        With ``follow`` a redirect is followed, as to the store that has a file; the token stays behind.
        """
        url = self._address(path)
        chosen = {name: _plain(value) for name, value in (params or {}).items() if value is not None}
        for left in reversed(range(self.tries)):
            content, length = (None, {}) if body is None else _open(body)
            sent = {**(headers or {}), **length}
            request = self.http.build_request(
                method, url, params=chosen or None, json=json, content=content, headers=sent
            )
            wait = self._pause(self.tries - 1 - left)
            try:
                response = self.http.send(request, stream=True, follow_redirects=follow)
            except httpx.TransportError as lost:
                if not left:
                    why = str(lost) or type(lost).__name__
                    raise ConnectionLostError(f"No answer from {url}: {why}.") from lost
                self.sleep(wait)
                continue
            try:
                if response.status_code in PASSING and left:
                    wait = max(wait, _retry_after(response))
                else:
                    if response.is_error:
                        response.read()
                        raise ProblemError.from_response(response)
                    yield response
                    return
            finally:
                response.close()
            self.sleep(min(wait, LONGEST_WAIT))

    def _address(self, path: str) -> httpx.URL:
        url = self.base.join(path.lstrip("/") if not path.startswith("/api/") else path)
        if (url.scheme, url.host, url.port) != (self.base.scheme, self.base.host, self.base.port):
            raise ValueError(f"{url} is not at {self.base}; the token is sent nowhere else.")
        return url

    def _pause(self, tried: int) -> float:
        return float(min(LONGEST_WAIT, 0.5 * 2**tried) * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else value


def _open(body: Body) -> tuple[Iterator[bytes], dict[str, str]]:
    """Return the blocks of a file, and its length: the service takes no body of unknown length."""
    file = body()
    length = file.seek(0, 2)
    file.seek(0)
    return iter(lambda: file.read(BLOCK), b""), {"Content-Length": str(length)}


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds that the service asks to wait, by number or by date."""
    raw = response.headers.get("Retry-After", "").strip()
    if raw.isdigit():
        return float(raw)
    try:
        return max(0.0, parsedate_to_datetime(raw).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
