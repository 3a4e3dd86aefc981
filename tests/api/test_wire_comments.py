"""Talking about a set: who may say, answer, block, edit and resolve, and when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.house import House, new_id, span


def say(house: House, who: str, row: Any, **body: Any) -> Any:
    reply = house[who].post(f"sets/{row.pk}/comments/", {"text": "So?", **body})
    assert reply.status == 201, reply
    return reply.data


@pytest.mark.parametrize("state", ["set", "submitted", "in_review", "approved"])
def test_who_talks_in_which_state(house: House, state: str) -> None:
    row = getattr(house, state)()
    for who in ("ann", "rae", "max", "ada"):
        say(house, who, row)
    refused = {
        "ben": 403 if state == "approved" else 404,
        "vic": 403 if state == "approved" else 404,
        "sam": 404,
    }
    for who, status in refused.items():
        assert house[who].post(f"sets/{row.pk}/comments/", {"text": "So?"}).status == status


def test_a_closed_discussion(house: House) -> None:
    row = house.set()
    said = say(house, "ann", row)
    house.ann.move(row.pk, "withdraw", reason="Too hard.")
    reply = house.ann.post(f"sets/{row.pk}/comments/", {"text": "So?"})
    assert reply.refusal == (409, "closed-set")
    assert (reply.data["state"], reply.data["allowed"]) == ("withdrawn", [])
    assert house.ann.patch(f"comments/{said['id']}/", {"text": "Oh."}, 1).refusal == (409, "closed-set")


def test_blocking(house: House) -> None:
    """Only by a reviewer who is not the owner, while the set is submitted or in review."""
    body = {"text": "No.", "blocking": True}
    opened = house.set()
    assert house.rae.post(f"sets/{opened.pk}/comments/", body).refusal == (409, "not-allowed-now")
    for row in (house.submitted(), house.in_review()):
        at = f"sets/{row.pk}/comments/"
        assert house.ann.post(at, body).refusal == (403, "role")
        for who in ("rae", "max", "ada"):
            assert house[who].post(at, body).data["blocking"] is True
    own = house.submitted("rae")
    assert house.rae.post(f"sets/{own.pk}/comments/", body).refusal == (403, "role")
    gold = house.approved()
    assert house.rae.post(f"sets/{gold.pk}/comments/", body).refusal == (409, "not-allowed-now")


def test_places(house: House) -> None:
    row, other = house.set(), house.set()
    here = house.ann.post(f"sets/{row.pk}/spans/", span()).data["id"]
    there = house.ann.post(f"sets/{other.pk}/spans/", span()).data["id"]
    said, elsewhere = say(house, "ann", row, span=here), say(house, "ann", other)
    answer = say(house, "rae", row, parent=said["id"])
    assert (answer["parent"], answer["span"]) == (said["id"], None)
    replies = {}
    for name, values in (("span", (there, new_id())), ("parent", (elsewhere["id"], new_id()))):
        for value in values:
            reply = house.ann.post(f"sets/{row.pk}/comments/", {"text": "So?", name: value})
            assert reply.refusal == (422, "not-in-corpus")
            assert reply.pointers == [f"/{name}"]
            replies[name, reply.content.replace(value.encode(), b"id")] = reply
    assert len(replies) == 2  # the same words for what is elsewhere and what is nowhere


def test_comments_outlive_their_span(house: House) -> None:
    row = house.set()
    marked = house.ann.post(f"sets/{row.pk}/spans/", span()).data["id"]
    said = say(house, "ann", row, span=marked)
    assert house.ann.delete(f"spans/{marked}/", 1).status == 204
    assert house.ann.get(f"comments/{said['id']}/").data == {**said, "span": None}


def test_the_text_is_its_authors(house: House) -> None:
    row = house.set()
    said = say(house, "rae", row)
    for who in ("ann", "max", "ada"):
        assert house[who].patch(f"comments/{said['id']}/", {"text": "No."}, 1).refusal == (403, "role")
    assert house.rae.patch(f"comments/{said['id']}/", {"text": "Better."}, 1).data["text"] == "Better."
    for body in ({"text": None}, {"text": ""}, {"blocking": True}, {"resolved": None}, {"author": "ann"}):
        assert house.rae.patch(f"comments/{said['id']}/", body, 2).refusal == (400, "invalid"), body


def test_who_resolves(house: House) -> None:
    """Its author, a manager, and the owner while the set is open or returned."""
    row = house.set()
    said = say(house, "rae", row)
    at, version = f"comments/{said['id']}/", 1
    for who in ("rae", "max", "ada", "ann"):
        for resolved in (True, False):
            reply = house[who].patch(at, {"resolved": resolved}, version)
            version += 1
            assert (reply.status, reply.data["resolved_by"]) == (200, who if resolved else None)
            assert (reply.data["resolved_at"] is not None) == resolved
    house.ann.post(f"sets/{row.pk}/spans/", span())
    house.ann.move(row.pk, "submit")
    assert house.ann.patch(at, {"resolved": True}, version).refusal == (403, "role")
    mine = say(house, "ann", row)
    assert house.ann.patch(f"comments/{mine['id']}/", {"resolved": True}, 1).status == 200
    other = say(house, "max", row)
    assert house.rae.patch(f"comments/{other['id']}/", {"resolved": True}, 1).refusal == (403, "role")
    # resolving what is resolved changes nothing, whoever resolved it
    again = house.max.patch(f"comments/{mine['id']}/", {"resolved": True}, 99)
    assert (again.status, again.data["resolved_by"]) == (200, "ann")


def test_a_former_member_says_nothing_more(house: House) -> None:
    row = house.set("ben")
    said = say(house, "ben", row)
    version = next(each for each in house.max.all("corpora/lake/members/") if each["username"] == "ben")[
        "version"
    ]
    assert house.max.patch("corpora/lake/members/ben/", {"role": "viewer"}, version).status == 200
    assert house.ben.post(f"sets/{row.pk}/comments/", {"text": "So?"}).refusal == (403, "role")
    assert house.ben.patch(f"comments/{said['id']}/", {"text": "No."}, 1).refusal == (403, "role")
    assert house.ben.get(f"comments/{said['id']}/").status == 200
    house.max.delete("corpora/lake/members/ben/", version + 1)
    assert house.ben.get(f"comments/{said['id']}/").status == 404


def test_discussions_are_not_marks(house: House) -> None:
    """Whoever only talks is no author, and may review."""
    row = house.submitted()
    say(house, "rae", row, text="Nice.")
    assert house.rae.move(row.pk, "start-review").status == 200
