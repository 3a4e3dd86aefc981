"""Comments on words without a mark: offsets, quotes, edges, and spans that are missing there."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import AnnotationSet, Comment, Event, Span
from tests.newsroom import PERSONAS, Newsroom, Reply, new_id, span

#: A family of emoji, a flag, a letter beyond the first plane.
WIDE = "Zoë 👩‍👩‍👧 met 🇩🇪 𝔘lf, then left."
WORDS = {"start": 60, "end": 69, "quote": "Ada Verde"}
MISSING = {**WORDS, "suggestion": {"label": "actor", "attributes": {"mention_type": "name"}}}


def say(newsroom: Newsroom, who: str, row: AnnotationSet, **body: Any) -> Reply:
    parameters = {name: body.pop(name) for name in ("snap", "offsets") if name in body}
    return newsroom[who].post(f"sets/{row.pk}/comments/", {"text": "So?", **body}, **parameters)


def test_words_are_named_as_a_span_names_them(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    said = say(newsroom, "rae", row, **WORDS)
    assert (said.status, said.data["span"]) == (201, None)
    assert {name: said.data[name] for name in WORDS} == WORDS
    assert say(newsroom, "rae", row, start=60, end=69).data["quote"] == "Ada Verde"
    shown = newsroom.rae.get(f"sets/{row.pk}/").data["comments"]
    assert [each["quote"] for each in shown] == ["Ada Verde", "Ada Verde"]
    assert newsroom.rae.get(f"comments/{said.data['id']}/").data == said.data
    # an answer need not repeat the words
    assert say(newsroom, "ann", row, parent=said.data["id"]).data["start"] is None
    event = Event.objects.filter(action="comment_added").earliest("seq")
    assert (event.data["after"]["start"], event.data["after"]["end"]) == (60, 69)


@pytest.mark.parametrize(
    ("body", "refusal", "pointers"),
    [
        ({"start": 60, "end": 999}, (422, "out-of-bounds"), ["/end"]),
        ({"start": -1, "end": 3}, (422, "out-of-bounds"), ["/start"]),
        ({"start": 5, "end": 5}, (422, "empty-span"), ["/end"]),
        ({"start": 61, "end": 70, "quote": "Ada Verde"}, (422, "quote-mismatch"), ["/quote"]),
        ({"start": 59, "end": 60, "snap": "true"}, (422, "snap-empty"), ["/start"]),
        ({"start": 60}, (400, "invalid"), ["/end"]),
        ({"end": 60}, (400, "invalid"), ["/start"]),
        ({"quote": "Ada Verde"}, (400, "invalid"), ["/start", "/end"]),
        ({"start": "60", "end": 69}, (400, "invalid"), ["/start"]),
        ({"start": 60.0, "end": 69}, (400, "invalid"), ["/start"]),
        ({"start": True, "end": 69}, (400, "invalid"), ["/start"]),
        ({"start": 60, "end": 69, "span": new_id()}, (400, "invalid"), ["/start"]),
        ({"start": 60, "end": 69, "suggestion": {"attributes": {}}}, (400, "invalid"), ["/suggestion/label"]),
        (
            {"start": 60, "end": 69, "suggestion": {"label": "actor", "start": 61}},
            (400, "invalid"),
            ["/suggestion/start"],
        ),
        (
            {"start": 60, "end": 69, "suggestion": {"label": "actor", "attributes": {"stance": "oppose"}}},
            (400, "invalid"),
            ["/suggestion/attributes/stance"],
        ),
        ({"suggestion": {"label": "actor"}}, (400, "invalid"), ["/suggestion"]),
    ],
)
def test_what_is_wrong_is_placed(
    newsroom: Newsroom, body: dict[str, Any], refusal: tuple[int, str], pointers: list[str]
) -> None:
    row = newsroom.submitted()
    reply = say(newsroom, "rae", row, **body)
    assert (reply.refusal, reply.pointers) == (refusal, pointers), reply
    assert not Comment.objects.exists()


def test_offsets_of_browsers_and_edges(newsroom: Newsroom) -> None:
    row = newsroom.set(article=newsroom.article(WIDE))
    start = WIDE.index("𝔘lf")
    units = len(WIDE[:start].encode("utf-16-le")) // 2
    wide = say(newsroom, "ann", row, start=units, end=units + 4, quote="𝔘lf", offsets="utf16").data
    assert (wide["start"], wide["end"], wide["quote"]) == (start, start + 3, "𝔘lf")
    half = say(newsroom, "ann", row, start=units + 1, end=units + 4, offsets="utf16")
    assert half.refusal[0] == 422
    snapped = say(newsroom, "ann", row, start=start - 1, end=start + 5, snap="true").data
    assert (snapped["start"], snapped["quote"]) == (start, "𝔘lf")
    # what is suggested for a mark counts the same
    marked = newsroom.ann.post(f"sets/{row.pk}/spans/", span(start, start + 3)).data["id"]
    proposal = {"span": marked, "suggestion": {"end": units + 10}, "offsets": "utf16"}
    assert say(newsroom, "ann", row, **proposal).data["suggestion"] == {"end": start + 9}
    torn = {**proposal, "suggestion": {"start": units + 1}}
    assert say(newsroom, "ann", row, **torn).pointers == ["/suggestion/start"]


def test_long_words(newsroom: Newsroom) -> None:
    row = newsroom.set(article=newsroom.article("word " * 3_000))
    assert say(newsroom, "ann", row, start=0, end=10_000).status == 201
    assert say(newsroom, "ann", row, start=0, end=10_001).refusal == (400, "invalid")


def test_a_repeat_is_the_same_comment(newsroom: Newsroom) -> None:
    row, body = newsroom.submitted(), {"id": new_id(), **MISSING}
    first = say(newsroom, "rae", row, **body)
    again = say(newsroom, "rae", row, **body)
    assert (again.status, again.data) == (200, first.data)
    assert say(newsroom, "rae", row, **{**body, "quote": None}).status == 200
    for change in ({"start": 64, "quote": "Verde"}, {"suggestion": None}):
        assert say(newsroom, "rae", row, **{**body, **change}).refusal == (409, "id-taken")


def test_a_missing_span_is_taken_over_in_one_write(newsroom: Newsroom) -> None:
    row = newsroom.set()
    said = say(newsroom, "rae", row, **MISSING)
    at = f"comments/{said.data['id']}/take/"
    taken = newsroom.ann.post(at, {}, version=1)
    assert (taken.status, taken.set_version) == (201, said.set_version + 1)
    assert taken.headers["Location"].endswith(f"/spans/{taken.data['id']}/")
    found = newsroom.ann.get(f"sets/{row.pk}/").data
    assert found["spans"] == [taken.data]
    assert {name: taken.data[name] for name in WORDS} == WORDS
    assert (taken.data["attributes"], taken.data["origin"]) == ({"mention_type": "name"}, "human")
    assert found["comments"][0]["resolved_by"] == "ann"
    again = newsroom.ann.post(at, {}, version=1)
    assert (again.status, again.data) == (200, taken.data)
    assert newsroom.ann.delete(f"spans/{taken.data['id']}/", 1).status == 204
    assert newsroom.ann.patch(f"comments/{said.data['id']}/", {"resolved": False}, 2).status == 200
    assert newsroom.ann.post(at, {}, version=3).status == 201


@pytest.mark.parametrize("state", ["set", "submitted"])
def test_who_takes_a_missing_span_over(newsroom: Newsroom, state: str) -> None:
    """The owner alone, of a set that is open or returned; who may not leaves everything as it is."""
    row = getattr(newsroom, state)()
    said, marks = say(newsroom, "rae", row, **MISSING).data, Span.objects.count()
    statuses = {"ann": 409, "ben": 404, "vic": 404, "sam": 404, "anonymous": 401}
    for who in (name for name in PERSONAS if state == "submitted" or name != "ann"):
        reply = newsroom[who].post(f"comments/{said['id']}/take/", {}, version=1)
        assert reply.status == statuses.get(who, 403), (who, reply)
    assert (Span.objects.count(), Comment.objects.get().resolved_at) == (marks, None)


@pytest.mark.parametrize("who", ["ben", "max", "rae", "vic", "sam"])
def test_the_words_of_a_blind_set_are_nowhere(newsroom: Newsroom, who: str) -> None:
    article = newsroom.article(annotators=2)
    row, _ = newsroom.set("ann", article), newsroom.set("ben", article)
    said = say(newsroom, "ann", row, **MISSING).data
    caller = newsroom[who]
    assert caller.get(f"comments/{said['id']}/").status == 404
    assert caller.post(f"comments/{said['id']}/take/", {}, version=1).status == 404
    refused = caller.post(f"sets/{row.pk}/comments/", {"text": "So?", "start": 0, "end": 3, "quote": "xyz"})
    assert refused.status == (403 if who == "max" else 404)
    assert b"Ada" not in refused.content
