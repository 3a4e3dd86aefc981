"""The client reads answers to their end, and counts what several threads do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.client import HOST, Client, UnexpectedStatusError, median_ms, percentile95_ms, run_together


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])) * 1000
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Match", self.headers.get("If-Match", ""))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer((HOST, 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_answers_are_read_to_their_end(port: int) -> None:
    with Client(port) as client:
        for _ in range(3):
            answer = client.expect(201, "POST", "/", "ü" * 1000, if_match=7)
            assert answer.size == len(answer.body) == 2_002_000
            assert answer.headers["x-match"] == '"7"'
        assert client.request("POST", "/", "ü" * 1000, keep=False).size == 2_002_000


def test_another_status_stops_the_run(port: int) -> None:
    with Client(port) as client, pytest.raises(UnexpectedStatusError, match="201 instead of 200"):
        client.expect(200, "POST", "/", "x")


def test_percentiles() -> None:
    seconds = [number / 1000 for number in range(1, 101)]
    assert median_ms(seconds) == pytest.approx(50.5)
    assert percentile95_ms(seconds) == pytest.approx(95)
    assert percentile95_ms([0.002]) == pytest.approx(2)


def test_tasks_run_together_and_their_faults_are_told() -> None:
    assert run_together([lambda: 3, lambda: 4]) > 0

    def fail() -> int:
        raise UnexpectedStatusError("no")

    with pytest.raises(UnexpectedStatusError):
        run_together([lambda: 1, fail])
