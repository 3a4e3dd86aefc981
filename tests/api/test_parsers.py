"""Bodies: strict JSON, and files that are read bit by bit."""

from __future__ import annotations

import io

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from annotations.api.body_streams import BodyStream
from annotations.api.parsers import StrictJSONParser
from annotations.api.problems import TooLargeError
from annotations.exceptions import InvalidInputError
from tests.api.conftest import MakeClient

pytestmark = pytest.mark.urls("tests.api.views_for_tests")

JSON = "application/json"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b'{"name": "a",}', "syntax"),
        (b'{"name": "a", "name": "b"}', "duplicate-key"),
        (b'{"name": NaN}', "syntax"),
        (b'{"count": 1e999}', "number"),
        (b'{"count": ' + b"9" * 900 + b"}", "number"),
        (b'{"\\u0000": 1}', "key"),
        (b"\xef\xbb\xbf{}", "encoding"),
        (b'{"name": "\xff"}', "encoding"),
        (b"[" * 450 + b"]" * 450, "too-deep"),
        (b" ", "syntax"),
    ],
)
def test_json_that_is_not_strict(bearer: MakeClient, raw: bytes, fault: str) -> None:
    response = bearer("annotate").post("/api/v1/thing/", raw, JSON)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert response.json()["errors"][0]["code"] == fault
    assert response.json()["errors"][0]["pointer"] == ""


def test_an_array_is_refused_unparsed_where_an_object_is_expected(bearer: MakeClient) -> None:
    """Millions of small objects would take many times the memory of the body."""
    whole, cut = (
        bearer("manage").patch("/api/v1/thing/", raw, JSON, headers={"If-Match": '"3"'})
        for raw in (b" \n[{}]", b" \n[{}")
    )
    assert whole.status_code == cut.status_code == 400
    assert whole.json() == cut.json()
    assert whole.json()["errors"] == [{"pointer": "", "code": "type", "detail": "It has to be an object."}]
    taken = bearer("annotate").post("/api/v1/thing/", b'[{"name": "a"}]', JSON)
    assert taken.status_code == 201


def test_says_where(bearer: MakeClient) -> None:
    document = bearer("annotate").post("/api/v1/thing/", b'{"name":\n  oops}', JSON).json()
    assert (document["line"], document["column"]) == (2, 3)


def test_values_reach_the_gate_and_keys_do_not(bearer: MakeClient) -> None:
    """NUL and lone surrogates in a value are for the field to refuse, at its own pointer."""
    for raw in (rb'{"name": "a\u0000"}', rb'{"name": "\ud800"}'):
        response = bearer("annotate").post("/api/v1/thing/", raw, JSON)
        assert response.status_code == 400
        assert response.json()["errors"][0]["pointer"] == "/name"
        assert response.json()["errors"][0]["code"] == "characters"


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "latin-1", "bz2_codec", "nonsense", "ascii"])
@pytest.mark.parametrize("address", ["thing", "upload"])
def test_no_other_charset(bearer: MakeClient, charset: str, address: str) -> None:
    kind = JSON if address == "thing" else "text/plain"
    response = bearer("annotate", "ingest").generic(
        "POST", f"/api/v1/{address}/", b'{"name": "a"}', f"{kind}; charset={charset}"
    )
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "Content-Type"


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
def test_utf8_under_its_names(bearer: MakeClient, charset: str) -> None:
    response = bearer("annotate").generic(
        "POST", "/api/v1/thing/", b'{"name": "a"}', f"application/json; charset={charset}"
    )
    assert response.status_code == 201


def test_at_the_limit_and_above(bearer: MakeClient) -> None:
    client = bearer("annotate")
    for size, status in ((1000, 201), (1001, 413)):
        raw = b'{"name": "a"}'.ljust(size)
        assert client.post("/api/v1/thing/", raw, JSON).status_code == status


def test_a_body_that_breaks_off() -> None:
    """Also where what has come so far happens to be JSON."""
    request = Request(APIRequestFactory().generic("POST", "/", "[]", JSON))
    request.META["CONTENT_LENGTH"] = "3"
    with pytest.raises(InvalidInputError, match="after 2 of 3 bytes"):
        StrictJSONParser().parse(io.BytesIO(b"[]"), JSON, {"request": request})


@pytest.mark.parametrize("kind", ["application/x-ndjson", "text/plain", "application/octet-stream"])
def test_a_file(bearer: MakeClient, kind: str) -> None:
    response = bearer("ingest").generic("POST", "/api/v1/upload/?format=x", b"a\nb\nc", kind)
    assert response.json() == {"lines": 3, "bytes": 5, "type": kind}


@pytest.mark.parametrize("kind", ["application/x-ndjson", "text/plain", ""])
def test_an_empty_file(bearer: MakeClient, kind: str) -> None:
    response = bearer("ingest").generic("POST", "/api/v1/upload/", b"", kind)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert "empty" in response.json()["detail"]


def test_a_file_of_another_kind(bearer: MakeClient) -> None:
    response = bearer("ingest").generic("POST", "/api/v1/upload/?no=1", b"a", JSON)
    assert response.status_code == 415
    taken = "application/x-ndjson, text/plain or application/octet-stream"
    assert f"This address takes {taken};" in response.json()["detail"]


def test_a_stream_is_bounded_and_complete() -> None:
    good = BodyStream(io.BytesIO(b"ab\ncd"), length=5, limit=5, media_type="text/plain")
    assert (good.readline(), good.read(), good.read(), good.bytes_read) == (b"ab\n", b"cd", b"", 5)
    with pytest.raises(TooLargeError):
        BodyStream(io.BytesIO(b"x" * 200_000), length=1, limit=100_000, media_type="").read()
    with pytest.raises(InvalidInputError, match="after 2 of 3 bytes"):
        BodyStream(io.BytesIO(b"ab"), length=3, limit=5, media_type="").read()


def test_a_stream_does_not_read_ahead() -> None:
    source = io.BytesIO(b"x\n" * 1_000_000)
    body = BodyStream(source, length=2_000_000, limit=10_000_000, media_type="")
    assert body.readline() == b"x\n"
    assert source.tell() < 100_000
