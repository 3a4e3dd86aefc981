"""A lean HTTP client, so that the server is measured. It keeps its connection if the server does."""

from __future__ import annotations

import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

HOST = "127.0.0.1"
TIMEOUT = 600.0
_CHUNK = 256 * 1024
_FRESH = 2.0
"""The server closes a connection after 5 idle seconds; the client gives it up after this many."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response, with the seconds until its last byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int
    seconds: float

    def json(self) -> Any:
        """Return the body as a JSON value."""
        return json.loads(self.body)


class UnexpectedStatusError(RuntimeError):
    """A response with a status that the benchmark did not expect."""


class Client:
    """One connection, which the server may close between two requests."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._used = 0.0
        self._common = f"Host: {HOST}:{port}\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def request(
        self, method: str, path: str, body: Any = None, *, if_match: int | None = None, keep: bool = True
    ) -> Response:
        """Send a request, ``body`` as JSON, and return the response; ``keep=False`` drops the body of it."""
        sent = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        extra = "" if if_match is None else f'If-Match: "{if_match}"\r\n'
        head = self._head(method, path, "application/json", len(sent), extra)
        started = time.perf_counter()
        self._connection().sendall(head + sent)
        return self._answer(started, keep=keep)

    def upload(self, path: str, file: Path, media_type: str) -> Response:
        """Send a file as the body of a POST, and return the response."""
        head = self._head("POST", path, media_type, file.stat().st_size)
        started = time.perf_counter()
        connection = self._connection()
        connection.sendall(head)
        with file.open("rb") as stream:
            connection.sendfile(stream)
        return self._answer(started, keep=True)

    def expect(self, status: int, method: str, path: str, body: Any = None, **options: Any) -> Response:
        """Return the response to a request; raise ``UnexpectedStatusError`` if it has another status."""
        return require_status(status, self.request(method, path, body, **options), f"{method} {path}")

    def _head(self, method: str, path: str, media_type: str, length: int, extra: str = "") -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\n{self._common}{extra}"
            f"Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
        ).encode()

    def _connection(self) -> socket.socket:
        if self._socket is not None and time.monotonic() - self._used > _FRESH:
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self._port), timeout=TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _answer(self, started: float, *, keep: bool) -> Response:
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        lines = received[:end].decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        body, length = received[end + 4 :], int(headers.get("content-length", 0))
        size = len(body)
        while size < length:
            chunk = self._receive()
            size += len(chunk)
            if keep:
                body += chunk
        seconds = time.perf_counter() - started
        self._used = time.monotonic()
        if headers.get("connection") == "close":
            self.close()
        return Response(int(lines[0].split()[1]), headers, bytes(body), size, seconds)

    def _receive(self) -> bytes:
        chunk = b"" if self._socket is None else self._socket.recv(_CHUNK)
        if not chunk:
            self.close()
            raise ConnectionError("The server closed the connection within an answer.")
        return chunk


def require_status(status: int, answer: Response, what: str) -> Response:
    """Return the response; raise ``UnexpectedStatusError`` if it has another status."""
    if answer.status != status:
        raise UnexpectedStatusError(
            f"{what}: {answer.status} instead of {status}: {answer.body[:500].decode()}"
        )
    return answer


def median_ms(seconds: Sequence[float]) -> float:
    """Return p50 in milliseconds."""
    return statistics.median(seconds) * 1000


def percentile95_ms(seconds: Sequence[float]) -> float:
    """Return p95 in milliseconds."""
    return sorted(seconds)[max(0, round(len(seconds) * 0.95) - 1)] * 1000


def run_together(tasks: Sequence[Callable[[], int]]) -> float:
    """Run each task in a thread of its own; return the operations a second of all.

    A task returns how many operations it did.
    """
    done: list[int] = []
    faults: list[BaseException] = []
    begin = threading.Barrier(len(tasks) + 1)

    def work(task: Callable[[], int]) -> None:
        begin.wait()
        try:
            done.append(task())
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    begin.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if faults:
        raise faults[0]
    return sum(done) / seconds
