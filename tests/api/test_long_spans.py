"""What a span may cost: its length, the length of many, and what is kept and shown of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from annotations import limits
from annotations.models import AnnotationSet, Comment, Event, Span, uuid7
from tests.newsroom import Newsroom, span

pytestmark = pytest.mark.django_db

WORDS = "A long text about the lock. "
LONG = WORDS * 1_000
MOST = limits.MAX_SPAN


@pytest.fixture
def row(newsroom: Newsroom) -> AnnotationSet:
    return newsroom.set(article=newsroom.article(LONG))


def test_a_span_has_a_greatest_length(newsroom: Newsroom, row: AnnotationSet) -> None:
    at = f"sets/{row.pk}/spans/"
    assert newsroom.ann.post(at, span(0, MOST)).status == 201
    for body, pointer in ((span(1, MOST + 2), "/end"), ([span(1, 3), span(1, MOST + 2)], "/1/end")):
        reply = newsroom.ann.post(at, body)
        assert reply.refusal == (400, "invalid")
        assert [(error["pointer"], error["code"]) for error in reply.data["errors"]] == [
            (pointer, "too-long")
        ]
        assert "at most 10,000" in reply.data["detail"]
    # counted in code points, after the edges have been moved
    assert newsroom.ann.post(f"{at}?snap=true", span(27, MOST + 28)).status == 201
    assert Span.objects.filter(set=row).count() == 2


def test_a_span_does_not_grow_beyond_it(newsroom: Newsroom, row: AnnotationSet) -> None:
    made = newsroom.ann.post(f"sets/{row.pk}/spans/", span(0, 6)).data["id"]
    reply = newsroom.ann.patch(f"spans/{made}/", {"end": MOST + 1}, 1)
    assert (reply.refusal, reply.data["errors"][0]["code"]) == ((400, "invalid"), "too-long")
    # what was stored before there was a limit can still be changed in everything else
    Span.objects.filter(pk=made).update(end=MOST + 9, quote=LONG[: MOST + 9])
    assert newsroom.ann.patch(f"spans/{made}/", {"attributes": {"role_text": "so"}}, 1).status == 200


def test_spans_of_a_request_have_a_greatest_sum(newsroom: Newsroom, row: AnnotationSet) -> None:
    at, number = f"sets/{row.pk}/spans/", limits.MAX_QUOTES_PER_REQUEST // MOST
    reply = newsroom.ann.post(at, [span(n, n + MOST) for n in range(number + 1)])
    assert reply.refusal == (400, "invalid")
    assert reply.data["errors"][0] == {"pointer": "", "code": "too-long", "detail": reply.data["detail"]}
    assert not Span.objects.filter(set=row).exists()


def imported(newsroom: Newsroom, **line: Any) -> Any:
    raw = json.dumps({"type": "article", "text": LONG, **line}).encode() + b"\n"
    reply = newsroom.max.raw("POST", "corpora/lake/imports/?format=jsonl", raw, "application/x-ndjson")
    return reply.data["errors"]


def test_a_line_of_an_import_has_the_same_limits(newsroom: Newsroom) -> None:
    (error,) = imported(newsroom, spans=[span(0, MOST + 1)])
    assert (error["pointer"], error["code"]) == ("/spans/0/end", "too-long")
    many = [span(n, n + MOST) for n in range(limits.MAX_QUOTES_PER_LINE // MOST + 1)]
    (error,) = imported(newsroom, spans=many)
    assert (error["pointer"], error["code"]) == ("/spans", "too-long")
    # of several sets together
    half = many[: len(many) // 2 + 1]
    (error,) = imported(newsroom, sets=[{"owner": "ann", "spans": half}, {"owner": "ben", "spans": half}])
    assert error["pointer"] == "/sets/1/spans"
    assert imported(newsroom, spans=[span(0, MOST)]) == []


def test_the_trail_keeps_no_second_copy(newsroom: Newsroom, row: AnnotationSet) -> None:
    made = newsroom.ann.post(f"sets/{row.pk}/spans/", span(7, 16)).data["id"]
    newsroom.ann.patch(f"spans/{made}/", {"end": 26}, 1)
    newsroom.ann.delete(f"spans/{made}/", 2)
    for event in Event.objects.filter(set_id=row.pk, action__startswith="span_"):
        assert LONG[7:16] not in json.dumps(event.data)
        for payload in filter(None, event.data.values()):
            assert len(payload["digest"]) == 64


def returned(newsroom: Newsroom) -> tuple[AnnotationSet, dict[str, Any]]:
    row = newsroom.set(article=newsroom.article(LONG))
    kept, changed = (
        newsroom.ann.post(f"sets/{row.pk}/spans/", span(*at)).data["id"] for at in ((0, 6), (7, 11))
    )
    for who, name in (("ann", "submit"), ("rae", "start_review")):
        newsroom.moved(row, who, name)
    newsroom.moved(row, "rae", "return", comment="No.")
    newsroom.ann.patch(f"spans/{changed}/", {"end": 18}, 1)
    newsroom.ann.delete(f"spans/{kept}/", 1)
    return row, {"kept": kept, "changed": changed}


def with_words_in_events(row: AnnotationSet) -> None:
    """As the trail was written before: with the words, without a digest."""
    for event in Event.objects.filter(set_id=row.pk, action__startswith="span_"):
        for payload in filter(None, event.data.values()):
            del payload["digest"]
            payload["quote"] = LONG[payload["start"] : payload["end"]]
        event.save()


@pytest.mark.parametrize("earlier", [str, with_words_in_events])
def test_changes_and_history_show_the_old_words(
    newsroom: Newsroom, client: Client, earlier: Callable[[AnnotationSet], object]
) -> None:
    row, ids = returned(newsroom)
    earlier(row)
    shown = newsroom.rae.get(f"sets/{row.pk}/changes/").data["changes"]
    by_span = {change["span"]: change for change in shown}
    removed, moved = by_span[ids["kept"]], by_span[ids["changed"]]
    assert (removed["kind"], removed["before"]["quote"], removed["after"]) == ("removed", LONG[:6], None)
    assert (moved["before"]["quote"], moved["after"]["quote"]) == (LONG[7:11], LONG[7:18])
    assert "digest" not in moved["before"]
    boss = newsroom.user("ada")
    boss.is_staff = True
    boss.save()
    client.force_login(boss)
    for page in (
        f"/admin/annotations/annotationset/{row.pk}/history/",
        f"/admin/annotations/article/{row.article_id}/history/",
        "/admin/annotations/event/",
    ):
        content = client.get(page).content.decode()
        for quote in (LONG[:6], LONG[7:11], LONG[7:18]):
            assert f"{quote}<" in content, (page, quote)


def test_a_set_shows_the_first_of_its_comments_and_the_way_to_the_others(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    now = row.created_at
    most = limits.MAX_COMMENTS_SHOWN
    comments = [
        Comment(id=uuid7(), set=row, author=newsroom.user("ann"), text=str(n), created_at=now)
        for n in range(most + 3)
    ]
    Comment.objects.bulk_create(comments[:most])
    assert "Link" not in newsroom.ann.get(f"sets/{row.pk}/").headers
    Comment.objects.bulk_create(comments[most:])
    reply = newsroom.ann.get(f"sets/{row.pk}/")
    assert [comment["text"] for comment in reply.data["comments"]] == [str(n) for n in range(most)]
    address, relation = reply.headers["Link"].split("; ")
    assert relation == 'rel="next"'
    following = newsroom.ann.raw("GET", address.strip("<>"))
    assert [comment["text"] for comment in following.data["results"]] == [
        str(n) for n in range(most, most + 3)
    ]
