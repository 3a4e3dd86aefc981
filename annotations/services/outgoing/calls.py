"""Calls to another service: to a checked address, each within one time limit, and without redirects."""

from __future__ import annotations

import http.client
import io
import select
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from annotations.messages import message
from annotations.services.outgoing.addresses import Address, OutgoingURL, check_url, resolve_within

#: Seconds for all of a call: name, connection, request and answer.
CALL_SECONDS = 10.0
#: Bytes after which an answer is not read on.
MAX_ANSWER = 1024 * 1024
_READ_SIZE = 64 * 1024


@dataclass(frozen=True)
class OutgoingAnswer:
    """The answer to a call; ``content`` ends after ``MAX_ANSWER`` bytes."""

    status: int
    content: bytes


class OutgoingError(Exception):
    """The call did not get an answer; its message is a whole sentence."""


class Deadline:
    """The end of the time that a call has, however many steps it takes."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Return the seconds that are left; raise ``TimeoutError`` if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class DeadlineSocket(io.RawIOBase):
    """A connection each of whose steps gets the time that is left, so that a slow drip does not extend it."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection, self._deadline = connection, deadline
        self._is_ended = False
        self._reader: _AnswerReader | None = None

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come."""
        if self._is_ended:
            return 0
        self._connection.settimeout(self._deadline.seconds_left())
        return self._connection.recv_into(buffer)

    def end(self) -> None:
        """Read nothing more: an answer is over."""
        self._is_ended = True

    def send_all(self, data: bytes) -> None:
        """Send all bytes."""
        rest = memoryview(data)
        while rest:
            self._connection.settimeout(self._deadline.seconds_left())
            rest = rest[self._connection.send(rest) :]

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        """Return the reader that ``HTTPResponse`` asks a socket for."""
        self._reader = _AnswerReader(self)
        return self._reader

    @property
    def has_more(self) -> bool:
        """Whether more was read than the answer."""
        return self._reader is not None and self._reader.has_more


class _AnswerReader(io.BufferedReader):
    """A reader that notes when it is closed whether more came than was read of it."""

    def __init__(self, stream: DeadlineSocket) -> None:
        super().__init__(stream)
        self._stream = stream
        self.has_more = False

    def close(self) -> None:
        if not self.closed:
            self._stream.end()
            self.has_more = bool(self.peek(1))
        super().close()


class OutgoingConnection:
    """A connection to one address, which is kept from call to call as long as the other side keeps it.

    Making a connection takes several trips, and a safe one as long as all the rest of a call. The address was
    checked when the connection was made.
    """

    def __init__(self) -> None:
        self._kept: tuple[tuple[str, str, int], socket.socket] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._kept is not None:
            self._kept[1].close()
            self._kept = None

    def post(self, sent: str, body: bytes, headers: Mapping[str, str]) -> OutgoingAnswer:
        """Send a body to an address and return the answer, whatever its status.

        Raises ``AddressNotPublicError`` for an address that may not be called, ``OutgoingError`` if no whole
        answer came within ``CALL_SECONDS``. Where a kept connection breaks, the body is sent once more.
        """
        deadline = Deadline(CALL_SECONDS)
        url = check_url(sent)
        request = _request_head(url, len(body), headers) + body
        try:
            kept = self._take(url)
            if kept is not None:
                with suppress(ConnectionError):
                    return self._exchange(url, kept, request, deadline)
            addresses = resolve_within(deadline.seconds_left(), url)
            return self._exchange(url, _connect(url, addresses, deadline), request, deadline)
        except TimeoutError:
            raise OutgoingError(
                message("There was no whole answer within {seconds:g} seconds.", seconds=CALL_SECONDS)
            ) from None
        except ssl.SSLError as error:
            raise OutgoingError(
                message("The connection could not be made safe: {reason}.", reason=_reason(error))
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise OutgoingError(message("There was no answer: {reason}.", reason=_reason(error))) from error

    def _take(self, url: OutgoingURL) -> socket.socket | None:
        """Return the connection that was kept for this host, unless the other side has ended or used it."""
        if self._kept is None or self._kept[0] != (url.scheme, url.host, url.port):
            self.close()
            return None
        connection, poll = self._kept[1], select.poll()
        poll.register(connection, select.POLLIN)
        if poll.poll(0):
            self.close()
            return None
        self._kept = None
        return connection

    def _exchange(
        self, url: OutgoingURL, connection: socket.socket, request: bytes, deadline: Deadline
    ) -> OutgoingAnswer:
        stream = DeadlineSocket(connection, deadline)
        is_kept = False
        try:
            stream.send_all(request)
            answer, is_kept = _read_answer(stream)
        finally:
            if is_kept:
                self._kept = ((url.scheme, url.host, url.port), connection)
            else:
                connection.close()
        return answer


def post(sent: str, body: bytes, headers: Mapping[str, str]) -> OutgoingAnswer:
    """Make one call, as ``OutgoingConnection.post`` does."""
    with OutgoingConnection() as connection:
        return connection.post(sent, body, headers)


def _reason(error: Exception) -> str:
    verify = getattr(error, "verify_message", "")
    return str(verify or getattr(error, "strerror", "") or str(error) or type(error).__name__).rstrip(".")


def _request_head(url: OutgoingURL, length: int, headers: Mapping[str, str]) -> bytes:
    lines = {
        "Host": url.netloc,
        "User-Agent": "Standpoint",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "keep-alive",
        "Content-Length": str(length),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {url.path} HTTP/1.1\r\n{head}\r\n".encode("ascii")


def _read_answer(stream: DeadlineSocket) -> tuple[OutgoingAnswer, bool]:
    """Return an answer, and whether the connection can be used again: it stays open, and no more came."""
    response = http.client.HTTPResponse(stream, method="POST")  # type: ignore[arg-type]  # what it uses of one
    try:
        response.begin()
        content = b""
        while len(content) < MAX_ANSWER and (part := response.read(_READ_SIZE)):
            content += part
        is_whole = response.isclosed() and not response.will_close and not stream.has_more
        return OutgoingAnswer(response.status, content[:MAX_ANSWER]), is_whole
    finally:
        response.close()


@cache
def _tls_context() -> ssl.SSLContext:
    """Return the certificates that the system trusts; to read all of them takes longer than a call."""
    return ssl.create_default_context()


def _connect(url: OutgoingURL, addresses: Sequence[Address], deadline: Deadline) -> socket.socket:
    """Return a connection to one of the checked addresses; by TLS, with the name of the host."""
    connection = _connect_to_first(url, addresses, deadline)
    if url.scheme == "http":
        return connection
    try:
        connection.settimeout(deadline.seconds_left())
        return _tls_context().wrap_socket(connection, server_hostname=url.host)
    except BaseException:
        connection.close()
        raise


def _connect_to_first(url: OutgoingURL, addresses: Sequence[Address], deadline: Deadline) -> socket.socket:
    last: OSError = OSError("the name has no address")
    for address in addresses:
        try:
            if settings.OUTGOING_PROXY and not address.is_loopback:
                return _connect_by_proxy(address, url.port, deadline)
            return socket.create_connection((str(address), url.port), deadline.seconds_left())
        except OSError as error:
            last = error
    raise last


def _connect_by_proxy(address: Address, port: int, deadline: Deadline) -> socket.socket:
    """Return a connection that the proxy of the operator makes to an address that was checked."""
    proxy = urlsplit(settings.OUTGOING_PROXY)
    connection = socket.create_connection((proxy.hostname or "", proxy.port or 3128), deadline.seconds_left())
    try:
        stream = DeadlineSocket(connection, deadline)
        target = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
        stream.send_all(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode("ascii"))
        _require_connected(stream)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_connected(stream: DeadlineSocket) -> None:
    """Read the answer of a proxy byte by byte: what follows it belongs to the other side."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = stream.read(1)
        if not part or len(head) > _READ_SIZE:
            raise OSError("the proxy ended the connection")
        head += part
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise OSError("the proxy refused to connect")
