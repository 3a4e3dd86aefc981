"""Calls to another service: when each ends, what is read of an answer, and how long a connection is kept."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from annotations.services.outgoing import addresses, calls
from annotations.services.outgoing.calls import Deadline, OutgoingConnection, OutgoingError
from tests.receiver import running_receiver


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on this machine that does with each connection what a test wants."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    answer(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"]
)
def test_a_slow_drip_ends_with_the_time_of_the_call(
    head: bytes, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the first line, of the headers, of the body: each byte comes in time, and all together do not."""
    settings.OUTGOING_ALLOW_LOOPBACK = True
    monkeypatch.setattr(calls, "CALL_SECONDS", 0.3)

    def drip(connection: socket.socket) -> None:
        connection.recv(1_000)
        connection.sendall(head)
        while True:
            connection.sendall(b"X")
            time.sleep(0.02)

    with raw_server(drip) as url, pytest.raises(OutgoingError, match="no whole answer"):
        calls.post(url, b"{}", {})


def test_the_time_of_a_call_is_ten_seconds_however_many_steps_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    deadline = Deadline(calls.CALL_SECONDS)
    for second in range(10):
        assert deadline.seconds_left() == 10 - second
        now[0] += 1
    with pytest.raises(TimeoutError):
        deadline.seconds_left()


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("answers", "connections"),
    [
        pytest.param([ANSWER] * 3, 1, id="kept"),
        pytest.param([b"HTTP/1.1 204 No Content\r\n\r\n"] * 3, 1, id="nothing to read"),
        pytest.param([ANSWER.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")] * 3, 3, id="closed"),
        pytest.param([ANSWER.replace(b"1.1", b"1.0")] * 3, 3, id="an older protocol"),
        pytest.param([ANSWER, None, ANSWER, ANSWER], 2, id="ended without a word"),
        pytest.param([ANSWER + b"HTTP/1.1 500 No\r\n\r\n", ANSWER, ANSWER], 2, id="an answer too many"),
    ],
)
def test_a_connection_is_kept_as_long_as_the_other_side_keeps_it(
    answers: list[bytes | None], connections: int, settings: Any
) -> None:
    """None ends the connection in place of an answer; the call is made again."""
    settings.OUTGOING_ALLOW_LOOPBACK = True
    todo, made = list(answers), []

    def answer(connection: socket.socket) -> None:
        made.append(connection)
        while connection.recv(1_000) and todo:
            given = todo.pop(0)
            if given is None:
                return
            connection.sendall(given)

    with raw_server(answer) as url, OutgoingConnection() as connection:
        for _ in range(3):
            assert connection.post(url, b"{}", {}).status in {200, 204}
    assert len(made) == connections
    assert todo == []


def test_another_host_is_another_connection(settings: Any) -> None:
    settings.OUTGOING_ALLOW_LOOPBACK = True

    def answer(connection: socket.socket) -> None:
        while connection.recv(1_000):
            connection.sendall(ANSWER)

    with raw_server(answer) as one, raw_server(answer) as two, OutgoingConnection() as connection:
        for url in (one, two, one):
            assert connection.post(url, b"{}", {}).content == b"ok"
        connection.close()


def test_an_answer_is_read_up_to_a_megabyte(settings: Any) -> None:
    settings.OUTGOING_ALLOW_LOOPBACK = True

    def flood(connection: socket.socket) -> None:
        connection.recv(1_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    with raw_server(flood) as url:
        answer = calls.post(url, b"{}", {})
    assert (answer.status, len(answer.content)) == (200, calls.MAX_ANSWER)


def test_what_is_no_http_is_an_error(settings: Any) -> None:
    settings.OUTGOING_ALLOW_LOOPBACK = True
    for sent in (
        b"",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200,
    ):

        def answer(connection: socket.socket, sent: bytes = sent) -> None:
            connection.recv(1_000)
            connection.sendall(sent)

        with raw_server(answer) as url, pytest.raises(OutgoingError):
            calls.post(url, b"{}", {})


def test_the_request_is_a_plain_post(settings: Any) -> None:
    settings.OUTGOING_ALLOW_LOOPBACK = True
    with running_receiver() as receiver:
        receiver.statuses, receiver.headers = [302], {"Location": receiver.url}
        answer = calls.post(receiver.url + "?a=1", b"{}", {"X-A": "b"})
    [message] = receiver.messages
    assert (answer.status, message.path, message.body) == (302, "/hook?a=1", b"{}")
    assert message.headers["host"] == receiver.url.split("/")[2]
    assert message.headers["x-a"] == "b"


def test_a_proxy_is_asked_for_the_address_that_was_checked(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def refuse(connection: socket.socket) -> None:
        asked.append(connection.recv(1_000))
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

    monkeypatch.setattr(addresses, "resolve_host", lambda *_: ["93.184.215.14"])
    with raw_server(refuse) as url:
        settings.OUTGOING_PROXY = url.rstrip("/")
        with pytest.raises(OutgoingError, match="the proxy refused to connect"):
            calls.post("https://cms.example.org/", b"", {})
    assert asked[0].startswith(b"CONNECT 93.184.215.14:443 HTTP/1.1\r\n")
