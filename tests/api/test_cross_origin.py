"""Pages of other origins call the API by a token, where the operator names them, and never by cookies."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.newsroom import Newsroom

DESK = "https://desk.example"


@pytest.fixture(autouse=True)
def listed(settings: Any) -> None:
    """One origin, and our own."""
    settings.CORS_ORIGINS = [DESK, "http://testserver"]


@pytest.mark.parametrize("path", ["/api/v1/me/", "/api/v1/nowhere/", "/api/v1/corpora/lake/feeds/"])
def test_a_browser_may_ask_without_a_token(db: None, path: str) -> None:
    asked = {"Origin": DESK, "Access-Control-Request-Method": "PATCH"}
    answer = Client().options(path, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == DESK
    assert "PATCH" in answer["Access-Control-Allow-Methods"]
    assert {"Authorization", "If-Match", "Content-Type"} <= set(
        answer["Access-Control-Allow-Headers"].split(", ")
    )
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Origin" in answer["Vary"]
    for origin in ("https://desk.example:8443", "http://desk.example", "null", "https://x.desk.example"):
        other = Client().options(path, headers={**asked, "Origin": origin})
        assert "Access-Control-Allow-Origin" not in other, origin
        assert "Origin" in other["Vary"]


def test_a_token_reads_and_a_session_does_not(newsroom: Newsroom) -> None:
    reply = newsroom.vic.raw("GET", "corpora/lake/", headers={"Origin": DESK})
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == DESK
    shown = reply.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Location", "Retry-After", "Loss-Count", "Link", "Set-Version"} <= set(shown)
    assert "Access-Control-Allow-Credentials" not in reply.headers
    signed_in = Client()
    signed_in.force_login(newsroom.user("vic"))
    assert signed_in.get("/api/v1/me/", headers={"Origin": DESK}).status_code == 401
    # our own pages send their origin too
    assert signed_in.get("/api/v1/me/", headers={"Origin": "http://testserver"}).status_code == 200
    # a refusal can be read as well
    refused = newsroom.anonymous.raw("GET", "me/", headers={"Origin": DESK})
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (401, DESK)


def test_nothing_else_is_open(newsroom: Newsroom, settings: Any) -> None:
    for path in ("/healthz", "/admin/login/", "/static/annotations/quote.css"):
        answer = newsroom.anonymous.raw("GET", path, headers={"Origin": DESK})
        assert "Access-Control-Allow-Origin" not in answer.headers, path
    settings.CORS_ORIGINS = []
    reply = newsroom.vic.raw("GET", "me/", headers={"Origin": DESK})
    assert "Access-Control-Allow-Origin" not in reply.headers
