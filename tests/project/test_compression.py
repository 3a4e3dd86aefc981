"""Answers are compressed where no other site can have asked for them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from project.compression import MIN_ANSWER, AnswerCompressionMiddleware

LONG = b'{"a": "' + b"words " * MIN_ANSWER + b'"}'
GZIP = {"HTTP_ACCEPT_ENCODING": "br, gzip"}
TOKEN = {"HTTP_AUTHORIZATION": "Bearer x"}
OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}
ELSEWHERE = {"HTTP_SEC_FETCH_SITE": "cross-site"}


def answer(
    meta: dict[str, str], content: bytes = LONG, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Any:
    """What becomes of an answer."""
    request = HttpRequest()
    request.method, request.META = method, dict(meta)
    tag = {"ETag": '"3"'} if OURS.items() <= meta.items() else {}
    given = {"Content-Type": "application/json", **tag, **(headers or {})}
    return AnswerCompressionMiddleware(lambda _: HttpResponse(content, headers=given))(request)


@pytest.mark.parametrize("sender", [TOKEN, OURS])
def test_what_only_we_ask_for_is_compressed(sender: dict[str, str]) -> None:
    lengths = set()
    for _ in range(20):
        response = answer({**GZIP, **sender})
        assert gzip.decompress(response.content) == LONG
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Content-Length"] == str(len(response.content))
        assert response.headers.get("ETag", 'W/"3"') == 'W/"3"'
        assert response.headers["Vary"] == "Accept-Encoding"
        lengths.add(len(response.content))
    assert len(lengths) > 1


@pytest.mark.parametrize(
    "meta",
    [GZIP, {**GZIP, **ELSEWHERE}, {**TOKEN}, {**TOKEN, "HTTP_ACCEPT_ENCODING": "gzip;q=0, br"}],
)
def test_what_others_may_have_asked_for_and_who_reads_no_gzip(meta: dict[str, str]) -> None:
    response = answer(meta)
    assert response.content == LONG
    assert not response.has_header("Content-Encoding")
    assert response.headers["Vary"] == "Accept-Encoding"


def test_the_tag_that_a_program_sends_back_stays_strong() -> None:
    response = answer({**GZIP, **TOKEN}, headers={"ETag": '"3"'})
    assert (response.content, response.headers["ETag"]) == (LONG, '"3"')


def test_what_is_short_or_packed_or_compared_by_its_bytes_stays() -> None:
    asked = {**GZIP, **TOKEN}
    kept = [
        answer(asked, LONG[: MIN_ANSWER - 1]),
        answer(asked, method="POST"),
        answer(asked, headers={"Content-Type": "application/zip"}),
        answer(asked, headers={"Content-Encoding": "br"}),
        answer(asked, headers={"Repr-Digest": "sha-256=:AAAA:"}),
        answer(asked, headers={"Content-Type": "text/html; charset=utf-8", "ETag": '"3"'}),
    ]
    assert all(response.headers.get("Content-Encoding") != "gzip" for response in kept)
    assert all(response.headers.get("ETag", '"3"') == '"3"' for response in kept)


def test_downloads_are_sent_as_they_are() -> None:
    """Their checksum is that of the bytes that are sent."""
    request = HttpRequest()
    request.META = {**GZIP, **TOKEN}
    sent = StreamingHttpResponse([LONG], content_type="application/json")
    assert AnswerCompressionMiddleware(lambda _: sent)(request) is sent
    assert not sent.has_header("Content-Encoding")
