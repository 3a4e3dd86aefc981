"""Talking about a set: who may say, answer, block, edit and resolve, and when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.newsroom import Newsroom, new_id, span


def say(newsroom: Newsroom, who: str, row: Any, **body: Any) -> Any:
    reply = newsroom[who].post(f"sets/{row.pk}/comments/", {"text": "So?", **body})
    assert reply.status == 201, reply
    return reply.data


@pytest.mark.parametrize("state", ["set", "submitted", "in_review", "approved"])
def test_who_talks_in_which_state(newsroom: Newsroom, state: str) -> None:
    row = getattr(newsroom, state)()
    for who in ("ann", "rae", "max", "ada"):
        say(newsroom, who, row)
    refused = {
        "ben": 403 if state == "approved" else 404,
        "vic": 403 if state == "approved" else 404,
        "sam": 404,
    }
    for who, status in refused.items():
        assert newsroom[who].post(f"sets/{row.pk}/comments/", {"text": "So?"}).status == status


def test_a_closed_discussion(newsroom: Newsroom) -> None:
    row = newsroom.set()
    said = say(newsroom, "ann", row)
    newsroom.ann.move(row.pk, "withdraw", reason="Too hard.")
    reply = newsroom.ann.post(f"sets/{row.pk}/comments/", {"text": "So?"})
    assert reply.refusal == (409, "closed-set")
    assert (reply.data["state"], reply.data["allowed"]) == ("withdrawn", [])
    assert newsroom.ann.patch(f"comments/{said['id']}/", {"text": "Oh."}, 1).refusal == (409, "closed-set")


def test_blocking(newsroom: Newsroom) -> None:
    """Only by a reviewer who is not the owner, while the set is submitted or in review."""
    body = {"text": "No.", "blocking": True}
    opened = newsroom.set()
    assert newsroom.rae.post(f"sets/{opened.pk}/comments/", body).refusal == (409, "not-allowed-now")
    for row in (newsroom.submitted(), newsroom.in_review()):
        at = f"sets/{row.pk}/comments/"
        assert newsroom.ann.post(at, body).refusal == (403, "role")
        for who in ("rae", "max", "ada"):
            assert newsroom[who].post(at, body).data["blocking"] is True
    own = newsroom.submitted("rae")
    assert newsroom.rae.post(f"sets/{own.pk}/comments/", body).refusal == (403, "role")
    gold = newsroom.approved()
    assert newsroom.rae.post(f"sets/{gold.pk}/comments/", body).refusal == (409, "not-allowed-now")


def test_places(newsroom: Newsroom) -> None:
    row, other = newsroom.set(), newsroom.set()
    here = newsroom.ann.post(f"sets/{row.pk}/spans/", span()).data["id"]
    there = newsroom.ann.post(f"sets/{other.pk}/spans/", span()).data["id"]
    said, elsewhere = say(newsroom, "ann", row, span=here), say(newsroom, "ann", other)
    answer = say(newsroom, "rae", row, parent=said["id"])
    assert (answer["parent"], answer["span"]) == (said["id"], None)
    replies = {}
    for name, values in (("span", (there, new_id())), ("parent", (elsewhere["id"], new_id()))):
        for value in values:
            reply = newsroom.ann.post(f"sets/{row.pk}/comments/", {"text": "So?", name: value})
            assert reply.refusal == (422, "not-in-corpus")
            assert reply.pointers == [f"/{name}"]
            replies[name, reply.content.replace(value.encode(), b"id")] = reply
    assert len(replies) == 2  # the same words for what is elsewhere and what is nowhere


def test_comments_outlive_their_span(newsroom: Newsroom) -> None:
    row = newsroom.set()
    marked = newsroom.ann.post(f"sets/{row.pk}/spans/", span()).data["id"]
    said = say(newsroom, "ann", row, span=marked)
    assert newsroom.ann.delete(f"spans/{marked}/", 1).status == 204
    assert newsroom.ann.get(f"comments/{said['id']}/").data == {**said, "span": None}


def test_the_text_is_its_authors(newsroom: Newsroom) -> None:
    row = newsroom.set()
    said = say(newsroom, "rae", row)
    for who in ("ann", "max", "ada"):
        assert newsroom[who].patch(f"comments/{said['id']}/", {"text": "No."}, 1).refusal == (403, "role")
    assert newsroom.rae.patch(f"comments/{said['id']}/", {"text": "Better."}, 1).data["text"] == "Better."
    for body in ({"text": None}, {"text": ""}, {"blocking": True}, {"resolved": None}, {"author": "ann"}):
        assert newsroom.rae.patch(f"comments/{said['id']}/", body, 2).refusal == (400, "invalid"), body


def test_who_resolves(newsroom: Newsroom) -> None:
    """Its author, a manager, and the owner while the set is open or returned."""
    row = newsroom.set()
    said = say(newsroom, "rae", row)
    at, version = f"comments/{said['id']}/", 1
    for who in ("rae", "max", "ada", "ann"):
        for resolved in (True, False):
            reply = newsroom[who].patch(at, {"resolved": resolved}, version)
            version += 1
            assert (reply.status, reply.data["resolved_by"]) == (200, who if resolved else None)
            assert (reply.data["resolved_at"] is not None) == resolved
    newsroom.ann.post(f"sets/{row.pk}/spans/", span())
    newsroom.ann.move(row.pk, "submit")
    assert newsroom.ann.patch(at, {"resolved": True}, version).refusal == (403, "role")
    mine = say(newsroom, "ann", row)
    assert newsroom.ann.patch(f"comments/{mine['id']}/", {"resolved": True}, 1).status == 200
    other = say(newsroom, "max", row)
    assert newsroom.rae.patch(f"comments/{other['id']}/", {"resolved": True}, 1).refusal == (403, "role")
    # resolving what is resolved changes nothing, whoever resolved it
    again = newsroom.max.patch(f"comments/{mine['id']}/", {"resolved": True}, 99)
    assert (again.status, again.data["resolved_by"]) == (200, "ann")


def test_a_former_member_says_nothing_more(newsroom: Newsroom) -> None:
    row = newsroom.set("ben")
    said = say(newsroom, "ben", row)
    version = next(each for each in newsroom.max.all("corpora/lake/members/") if each["username"] == "ben")[
        "version"
    ]
    assert newsroom.max.patch("corpora/lake/members/ben/", {"role": "viewer"}, version).status == 200
    assert newsroom.ben.post(f"sets/{row.pk}/comments/", {"text": "So?"}).refusal == (403, "role")
    assert newsroom.ben.patch(f"comments/{said['id']}/", {"text": "No."}, 1).refusal == (403, "role")
    assert newsroom.ben.get(f"comments/{said['id']}/").status == 200
    newsroom.max.delete("corpora/lake/members/ben/", version + 1)
    assert newsroom.ben.get(f"comments/{said['id']}/").status == 404


def test_discussions_are_not_marks(newsroom: Newsroom) -> None:
    """Whoever only talks is no author, and may review."""
    row = newsroom.submitted()
    say(newsroom, "rae", row, text="Nice.")
    assert newsroom.rae.move(row.pk, "start-review").status == 200
