"""Slow, idle and hostile clients beside a server: whoever comes with a normal request is answered."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from threading import Event
from typing import IO, Any

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine

from project.refused_requests import LONGEST_HEADERS, LONGEST_LINE
from project.slow_clients import SMALL_BODY, Connection
from tests.server import running_server

HEAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[Connection, socket.socket]]:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        yield Connection(Config(), ours, ("127.0.0.1", 1), ("127.0.0.1", 2)), theirs


def received(pair: tuple[Connection, socket.socket], *parts: bytes) -> list[bool]:
    """Whether a thread can begin, after each part."""
    answers = []
    for part in parts:
        pair[1].sendall(part)
        answers.append(pair[0].receive())
    return answers


def test_a_small_request_is_complete_before_a_thread_gets_it(
    pair: tuple[Connection, socket.socket],
) -> None:
    parts = (HEAD[:9], HEAD[9:] + b"Content-Length: 3\r\n", b"\r", b"\n", b"ab", b"c")
    assert received(pair, *parts) == [False] * 5 + [True]
    assert not pair[0].is_large
    pair[0].init()
    parser: Any = pair[0].parser
    parsed = next(parser)
    assert (parsed.method, parsed.body.read()) == ("POST", b"abc")


@pytest.mark.parametrize(
    "header", [f"content-length: {SMALL_BODY + 1}", "Transfer-Encoding: chunked", "Expect: 100-continue"]
)
def test_a_large_request_is_read_by_a_thread(pair: tuple[Connection, socket.socket], header: str) -> None:
    assert received(pair, HEAD + header.encode() + b"\r\n\r\n") == [True]
    assert pair[0].is_large


def test_a_head_without_an_end_and_a_client_that_leaves(pair: tuple[Connection, socket.socket]) -> None:
    part = b"a: " + b"b" * 8_000 + b"\r\n"
    answers = received(pair, HEAD, *([part] * 9))
    assert answers == [False] * 9 + [True]
    assert isinstance(pair[0].error, LimitRequestHeaders)
    pair[1].close()
    with pytest.raises(ConnectionResetError):
        pair[0].receive()


@pytest.mark.parametrize(
    ("line", "more", "error"),
    [
        (LONGEST_LINE, 0, None),
        (LONGEST_LINE, LONGEST_HEADERS - 4, None),
        (LONGEST_LINE + 1, 0, LimitRequestLine),
        (100, LONGEST_HEADERS + 1, LimitRequestHeaders),
    ],
)
def test_the_longest_head(
    pair: tuple[Connection, socket.socket], line: int, more: int, error: type[Exception] | None
) -> None:
    """However it comes in parts, each byte is looked at once."""
    begin, end = b"GET /api/v1/?", b" HTTP/1.1"
    sent = begin + b"a" * (line - len(begin) - len(end)) + end
    sent += b"\r\n" + b"b" * max(0, more - 2) + b"\r\n\r\n"
    answers: list[bool] = []
    while sent and not any(answers):
        answers += received(pair, sent[:8_000])
        sent = sent[8_000:]
    assert answers[-1], "a thread begins"
    assert type(pair[0].error) is (error or type(None))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"GET /healthz HTTP/1.1", True),
        (b"HEAD /healthz HTTP/1.1", True),
        (b"GET /healthzz HTTP/1.1", False),
        (b"GET /admin/?/healthz HTTP/1.1", False),
    ],
)
def test_the_health_check(pair: tuple[Connection, socket.socket], line: bytes, expected: bool) -> None:
    received(pair, line + b"\r\nHost: localhost\r\n\r\n")
    assert pair[0].is_health_check is expected


# --- A running server ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running server."""
    with running_server(tmp_path_factory.mktemp("data")) as server:
        yield server.port


def connected(port: int, *sent: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=600)
    for part in sent:
        client.sendall(part)
    return client


#: Any token will do where the cookie has the same.
CSRF = "a" * 32
COOKIE = f"Cookie: csrftoken={CSRF}\r\n"


def request(method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{COOKIE}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def seconds(port: int, path: str) -> float:
    """How long it takes until something is answered."""
    begun = time.monotonic()
    with closing(connected(port, request("GET", path))) as client:
        assert client.recv(100).startswith(b"HTTP/1.1 ")
    return time.monotonic() - begun


def require_service(port: int) -> None:
    for _ in range(3):
        assert seconds(port, "/healthz") < 1
        assert seconds(port, "/admin/login/") < 3
        assert seconds(port, "/api/v1/me/") < 3


CUT = request("POST", "/admin/login/", b"a" * 1_000)[:-900]
CUT_LARGE = request("POST", "/api/v1/tokens/", b"a" * 1_000_000)[:-900_000]
SLOW = {
    "idle": b"",
    "slow heads": CUT[:30],
    "slow bodies": CUT,
    "slow large bodies": CUT_LARGE,
    "not closed": request("GET", "/healthz"),
    "nonsense": b"\x16\x03\x01" * 100 + b"\r\n\r\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", SLOW)
def test_slow_clients_hold_nobody_up(port: int, kind: str) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(closing(connected(port, SLOW[kind])))
        require_service(port)


HOSTILE = (
    request("POST", "/api/v1/tokens/", b'[NaN, "' + b'\\"' * 12_000),
    request("POST", "/api/v1/corpora/", b"[" + b"{}," * 1_000_000 + b"{}]"),
    request("PATCH", "/api/v1/corpora/lake/", b'{"a":' * 100_000),
    request("POST", "/admin/login/", b"username=" + b"%F0" * 10_000, "application/x-www-form-urlencoded"),
    request("GET", "/api/v1/corpora/?" + "&" * 4_000),
)


@pytest.mark.slow
def test_the_house_under_load(port: int) -> None:
    """Idle and slow clients, sixteen who do nothing but sign in, and hostile bodies, all at once."""
    is_over = Event()

    def sign_in(number: int) -> None:
        body = f"csrfmiddlewaretoken={CSRF}&username=somebody{number}&password=wrong".encode()
        sent = request("POST", "/admin/login/", body, "application/x-www-form-urlencoded")
        send(sent)

    def send(sent: bytes) -> None:
        while not is_over.is_set():
            try:
                with closing(connected(port, sent)) as client:
                    while client.recv(65_536):
                        pass
            except OSError:
                continue

    with ExitStack() as stack, ThreadPoolExecutor(30) as pool:
        for sent in [b""] * 30 + [CUT] * 8 + [CUT_LARGE] * 8:
            stack.enter_context(closing(connected(port, sent)))
        jobs = [partial(sign_in, number) for number in range(16)] + [partial(send, sent) for sent in HOSTILE]
        running = [pool.submit(job) for job in jobs]
        try:
            time.sleep(2)
            for _ in range(3):
                require_service(port)
        finally:
            is_over.set()
        for job in running:
            job.result(600)


@pytest.mark.slow
def test_memory_comes_back(port: int) -> None:
    """A body of 31 MB is refused by its first bytes and its length; the processes stay as they were."""
    body = b"[" + b"{}," * (31 * 1024 * 1024 // 3) + b"{}]"
    before = memory(port)
    for path in ("/api/v1/tokens/", "/admin/login/", "/api/v1/corpora/lake/articles/"):
        with closing(connected(port)) as client:
            try:
                client.sendall(request("POST", path, body))
                client.recv(100)
            except OSError:
                pass  # refused before all of it was sent
    assert memory(port) < before + 40 * 1024


def memory(port: int) -> int:
    """The resident memory of the largest process of the server, in KiB."""
    sizes = []
    for status in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"PORT={port}".encode() in status.read_bytes().split(b"\0"):
                lines = (status.parent / "status").read_text().splitlines()
                sizes += [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
        except OSError:
            continue
    return max(sizes)


def answer(reader: IO[bytes]) -> bytes:
    """The head of the next answer; its body, of the length that it says, is read, too."""
    head = b"".join(iter(reader.readline, b"\r\n"))
    lengths = [line.split(b":")[1] for line in head.splitlines() if line.startswith(b"Content-Length")]
    reader.read(int(lengths[0]))
    return head


def is_kept(head: bytes) -> bool:
    return b"Connection: close" not in head


def test_a_connection_is_kept(port: int) -> None:
    with closing(connected(port)) as client:
        reader = client.makefile("rb")
        for path in ("/healthz", "/api/v1/me/", "/healthz"):
            client.sendall(request("GET", path))
            assert is_kept(answer(reader)), path
        # a head in parts
        client.sendall(request("GET", "/api/v1/me/")[:20])
        time.sleep(0.1)
        client.sendall(request("GET", "/api/v1/me/")[20:])
        assert is_kept(answer(reader))
        # what the client asks for
        client.sendall(request("GET", "/healthz").replace(b"Host:", b"Connection: close\r\nHost:"))
        assert not is_kept(answer(reader))
        assert client.recv(1) == b""


def test_requests_that_come_together_are_answered_in_their_order(port: int) -> None:
    with closing(connected(port)) as client:
        client.sendall(
            b"".join(request("GET", path) for path in ("/healthz", "/healthz", "/nothing", "/healthz"))
        )
        reader = client.makefile("rb")
        statuses = [answer(reader).split()[1] for _ in range(4)]
        assert statuses == [b"200", b"200", b"404", b"200"]


def test_a_large_body_ends_its_connection(port: int) -> None:
    """What is left of a body that was refused is not waited for."""
    with closing(connected(port, CUT_LARGE)) as client:
        assert not is_kept(answer(client.makefile("rb")))
