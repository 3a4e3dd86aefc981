"""One small request must not stop the newsroom: what is read, and what is made of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from annotations import limits
from annotations.api.parsers import StrictJSONParser
from annotations.api.problems import TooLargeError
from tests.newsroom import Newsroom, span
from tests.speed import shared_rows

pytestmark = pytest.mark.django_db


class Unread(io.BytesIO):
    """A body that must not be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("The body was read.")


WRITES = {
    "spans": ("POST", "sets/{set}/spans/"),
    "relations": ("POST", "sets/{set}/relations/"),
    "comments": ("POST", "sets/{set}/comments/"),
    "span": ("PATCH", "spans/{span}/"),
    "submit": ("POST", "sets/{set}/submit/"),
    "articles": ("POST", "corpora/lake/articles/"),
    "revisions": ("POST", "articles/{article}/revisions/"),
    "sets": ("POST", "articles/{article}/sets/"),
    "queue": ("POST", "corpora/lake/queue/"),
    "actors": ("POST", "corpora/lake/actors/"),
    "import": ("POST", "corpora/lake/imports/"),
    "corpora": ("POST", "corpora/"),
    "corpus": ("PATCH", "corpora/lake/"),
    "invitations": ("POST", "corpora/lake/invitations/"),
    "releases": ("POST", "corpora/lake/releases/"),
}


@pytest.fixture(scope="module")
def ids(stored_newsroom: Newsroom, django_db_blocker: Any) -> Iterator[Mapping[str, object]]:
    """A set with a span, by what addresses call them; only the requests write in a test."""

    def make_set() -> Mapping[str, object]:
        row = stored_newsroom.set()
        span_id = stored_newsroom.ann.post(f"sets/{row.pk}/spans/", span()).data["id"]
        return {"set": row.pk, "span": span_id, "article": row.article_id}

    yield from shared_rows(django_db_blocker, make_set)


@pytest.mark.parametrize("who", ["vic", "sam", "anonymous"])
@pytest.mark.parametrize("name", WRITES)
def test_nothing_is_read_of_a_body_before_its_sender_may_write(
    newsroom: Newsroom, ids: Mapping[str, object], who: str, name: str
) -> None:
    if (who, name) == ("sam", "corpora"):
        newsroom.user("sam").user_permissions.clear()
    method, path = WRITES[name]
    at = path.format_map(ids)
    extra: dict[str, Any] = {"wsgi.input": Unread(), "CONTENT_LENGTH": 1000, "HTTP_IF_MATCH": '"1"'}
    reply = newsroom[who].raw(method, at, **extra)
    assert reply.status in (401, 403, 404), reply


@pytest.mark.parametrize("unit", [b"{},", b"[],", b"0,", b'"",', b'{"a":[]},'])
def test_more_values_than_a_request_has_are_refused_unparsed(unit: bytes) -> None:
    raw = b'{"text":[' + unit * (limits.MAX_VALUES_PER_BODY + 1) + b"0]}"
    with pytest.raises(TooLargeError, match="more than 100,000 values"):
        StrictJSONParser().parse(io.BytesIO(raw))


@pytest.mark.parametrize(
    "text", ["a, b, [c] {d} " * 50_000, '\\"[,' * 90_000, "\\\\,{" * 90_000, "x" + "," * 200_000]
)
def test_commas_in_a_text_are_no_values(text: str) -> None:
    raw = b'{"text":"' + text.encode() + b'"}'
    assert len(StrictJSONParser().parse(io.BytesIO(raw))["text"]) > 100_000
    with pytest.raises(TooLargeError):
        StrictJSONParser().parse(io.BytesIO(raw[:-2] + b'","a":[' + b"0," * 100_000 + b"0]}"))
