"""What the server refuses before Django sees it: a problem document below ``/api/``."""

from __future__ import annotations

import json
import runpy
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.handlers.wsgi import WSGIRequest
from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.http import wsgi as gunicorn_wsgi
from gunicorn.http.errors import (  # type: ignore[attr-defined]
    InvalidHeaderName,
    InvalidResponseHeader,
    LimitRequestHeaders,
    LimitRequestLine,
)

from annotations.formats.core.term_mapping import MAX_LENGTH
from project.refused_requests import LONGEST_LINE, is_api_request, refusal_bytes
from tests.server import Server, running_server

CONFIG = Path(__file__).resolve().parents[2] / "project" / "gunicorn.py"
HEAD = "HTTP/1.1\r\nHost: localhost\r\n"
HEADER = "A: b\r\n"
#: What a proxy may say, and what gunicorn would believe from this machine.
FORWARDED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Protocol": "ssl",
    "X-Forwarded-Ssl": "on",
    "SCRIPT_NAME": "/api",
}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (LimitRequestLine(9, 8), 414, "address-too-long"),
        (LimitRequestHeaders("x"), 431, "headers-too-large"),
        (InvalidHeaderName("x"), 400, "invalid"),
        (InvalidResponseHeader("x"), 500, "internal"),
        (ValueError("x"), 500, "internal"),
    ],
)
def test_a_refusal_is_a_problem_document(error: Exception, status: int, code: str) -> None:
    head, _, body = refusal_bytes(error, with_body=True).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/problem+json" in head
    assert f"Content-Length: {len(body)}".encode() in head
    document = json.loads(body)
    assert (document["status"], document["code"]) == (status, code)
    assert document["detail"].endswith(".")
    assert refusal_bytes(error, with_body=False) == head + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"GET /api/v1/", True),
        (b"POST /api/?x", True),
        (b"GET http://localhost/api/v1/me/", True),
        (b"GET /below/api/v1/", True),
        (b"GET /admin/?next=/api/v1/", False),
        (b"GET /admin/", False),
        (b"nonsense", False),
    ],
)
def test_which_requests_are_of_the_api(line: bytes, expected: bool) -> None:
    assert is_api_request(line) is expected


@pytest.mark.parametrize(("trusted", "scheme"), [(False, "http"), (True, "https")])
@pytest.mark.parametrize("name", FORWARDED)
def test_no_header_is_believed_that_no_setting_names(
    settings: Any, name: str, trusted: bool, scheme: str
) -> None:
    """Also from this machine, which is where the proxy stands, and everybody else with it."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if trusted else None
    request = WSGIRequest(_environ(f"GET /api/v1/me/ {HEAD}{name}: {FORWARDED[name]}\r\n\r\n".encode()))
    assert request.scheme == (scheme if name == "X-Forwarded-Proto" else "http")
    assert (request.path, request.META["SCRIPT_NAME"]) == ("/api/v1/me/", "")


def _environ(sent: bytes) -> dict[str, Any]:
    """What Django is given of a request from this machine."""
    config = Config()
    for key, value in runpy.run_path(str(CONFIG)).items():
        if key in config.settings:
            config.set(key, value)
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        theirs.sendall(sent)
        address = ("127.0.0.1", 50_000)
        parser: Any = get_parser(config, ours, address)
        environ = gunicorn_wsgi.create(next(parser), ours, address, address, config)[1]
        return dict(environ)


# --- A running server ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="module")
def manager(server: Server) -> dict[str, str]:
    """The headers of the manager of the demo."""
    server.manage("demo")
    scopes = ("--scope", "read", "--scope", "manage", "--scope", "ingest")
    return {"Authorization": f"Bearer {server.manage('token', 'max', *scopes)}"}


@pytest.mark.slow
def test_the_longest_map_works(server: Server, manager: dict[str, str]) -> None:
    slug = json.loads(server.request("GET", "/api/v1/corpora/", headers=manager)[1])["results"][0]["slug"]
    end = ",claim:Zitat"
    terms = f"position:{'🦊' * (MAX_LENGTH - len('position:') - len(end))}{end}"
    assert len(terms) == MAX_LENGTH
    body = json.dumps({"text": "Wir sagen das.", "label": [[0, 3, "Zitat"]]}).encode()
    headers = {**manager, "Content-Type": "application/octet-stream"}
    at = f"/api/v1/corpora/{slug}/imports/?format=doccano&map="
    response, content = server.request("POST", at + quote(terms), body, headers)
    assert response.status == 200, content
    assert (json.loads(content)["created"], json.loads(content)["losses"]) == (1, [])
    response, content = server.request("POST", at + quote(terms + ","), body, headers)
    assert (response.status, json.loads(content)["code"]) == (400, "invalid")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_a_long_address_is_refused_as_a_problem(server: Server, method: str) -> None:
    for length, status in ((4_095, 401), (9_000, 401), (LONGEST_LINE, 414), (2 * LONGEST_LINE, 414)):
        response, content = server.request(method, f"/api/v1/me/?{'x' * length}")
        assert response.status == status
        assert response.headers["Content-Type"] == "application/problem+json"
        assert method == "HEAD" or json.loads(content)["status"] == status
    response, content = server.request(method, f"/admin/?{'x' * LONGEST_LINE}")
    assert (response.status, response.headers["Content-Type"]) == (414, "text/html")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (f"GET /api/v1/me/ {HEAD}If-Match: {'x' * 9_000}\r\n\r\n", 431, "headers-too-large"),
        (f"GET /api/v1/me/ {HEAD}{HEADER * 20_000}\r\n", 431, "headers-too-large"),
        (f"GET /api/v1/me/ {HEAD}{HEADER * 200}\r\n", 431, "headers-too-large"),
        (f"GET /api/v1/me/ {HEAD}B c: d\r\n\r\n", 400, "invalid"),
        ("GET /api/v1/me/ HTTP/9.9\r\n\r\n", 400, "invalid"),
        ("get /api/v1/me/ HTTP/1.1\r\n\r\n", 400, "invalid"),
        (f"GET /api/v1/me/ {HEAD}Content-Length: x\r\n\r\n", 400, "invalid"),
    ],
)
def test_an_unreadable_request_is_refused_as_a_problem(
    server: Server, sent: str, status: int, code: str
) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=600)) as client:
        client.sendall(sent.encode())
        with client.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode()), head
    assert json.loads(body)["code"] == code


@pytest.mark.slow
def test_the_address_of_an_answer_is_plain_http(server: Server, manager: dict[str, str]) -> None:
    slug = json.loads(server.request("GET", "/api/v1/corpora/", headers=manager)[1])["results"][0]["slug"]
    headers = {**manager, "X-Forwarded-Proto": "https"}
    response, content = server.request("POST", f"/api/v1/corpora/{slug}/exports/", headers=headers)
    assert response.status == 202, content
    assert response.headers["Location"].startswith(f"{server.url}/api/v1/jobs/")
