"""The workflow over HTTP: who moves what from where, guards, repeats, four eyes."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import AnnotationSet, Event
from tests.api.house import TEXT, House, new_id, span
from tests.api.test_wire_shapes import has_shape


def state_of(house: House, set_id: Any) -> str:
    return str(AnnotationSet.objects.get(pk=set_id).state)


def test_the_whole_way(house: House) -> None:
    row = house.set()
    at = f"sets/{row.pk}"
    house.ann.post(f"{at}/spans/", span())
    shown = house.ann.get(f"{at}/")
    assert shown.data["allowed"] == ["submit", "withdraw"]
    reply = house.ann.move(row.pk, "submit")
    has_shape(reply.data, "set")
    assert (reply.status, reply.data["state"], reply.version) == (200, "submitted", shown.version + 1)
    assert reply.set_version == reply.version
    assert reply.data["submitted_at"]
    assert house.ann.get(f"{at}/").data["allowed"] == ["recall"]
    assert house.rae.get(f"{at}/").data["allowed"] == ["start_review", "take_over"]
    assert house.max.get(f"{at}/").data["allowed"] == ["start_review", "take_over", "withdraw"]
    assert house.rae.move(row.pk, "start-review").data["reviewer"] == "rae"
    assert house.rae.get(f"{at}/").data["allowed"] == ["release_review", "return", "approve"]
    assert house.max.get(f"{at}/").data["allowed"] == ["release_review", "withdraw"]
    assert house.ann.get(f"{at}/").data["allowed"] == []
    returned = house.rae.move(row.pk, "return", comment="Mark the claim, too.")
    assert (returned.data["state"], returned.data["reviewer"]) == ("returned", "rae")
    comments = house.ann.all(f"{at}/comments/")
    assert [(each["author"], each["text"], each["blocking"]) for each in comments] == [
        ("rae", "Mark the claim, too.", False)
    ]
    assert house.ann.get(f"{at}/").data["allowed"] == ["submit", "withdraw"]
    house.ann.post(f"{at}/spans/", span(4, 50, "claim"))
    assert house.ann.move(row.pk, "submit").data["reviewer"] is None
    house.rae.move(row.pk, "start-review")
    approved = house.rae.move(row.pk, "approve")
    assert (approved.data["state"], approved.data["reviewer"]) == ("approved", "rae")
    assert approved.data["approved_at"]
    assert house.vic.get(f"articles/{row.article_id}/").data["status"] == "done"
    assert house.vic.get(f"{at}/").data["allowed"] == []
    actions = [event["action"] for event in house.vic.all(f"{at}/history/")]
    assert actions == [
        "created", "span_added", "submit", "start_review", "comment_added", "return", "span_added", "submit",
        "start_review", "approve",
    ]  # fmt: skip


def test_a_move_that_the_state_does_not_allow(house: House) -> None:
    cases = [
        (house.set(), "ann", "recall", "open", ["submit", "withdraw"]),
        (house.set(), "rae", "start-review", "open", ["take_over"]),
        (house.set(), "rae", "approve", "open", ["take_over"]),
        (house.submitted(), "ann", "submit", "submitted", ["recall"]),
        (house.submitted(), "rae", "approve", "submitted", ["start_review", "take_over"]),
        (house.submitted(), "max", "release-review", "submitted", ["start_review", "take_over", "withdraw"]),
        (house.in_review(), "ann", "recall", "in_review", []),
        (house.approved(), "rae", "return", "approved", []),
    ]
    for row, who, name, state, allowed in cases:
        reply = house[who].move(row.pk, name, comment="So.")
        assert reply.refusal == (409, "not-allowed-now"), (name, reply)
        assert (reply.data["state"], reply.data["allowed"]) == (state, allowed), name
    closed = house.approved()
    for name in ("take-over", "withdraw"):
        assert house.rae.move(closed.pk, name, reason="So.").status in (403, 409)


REPEATS: list[tuple[str, str, str, dict[str, str]]] = [
    ("set", "ann", "submit", {}),
    ("submitted", "ann", "recall", {}),
    ("submitted", "rae", "start-review", {}),
    ("in_review", "rae", "release-review", {}),
    ("in_review", "max", "release-review", {}),
    ("in_review", "rae", "return", {"comment": "Mend it."}),
    ("in_review", "rae", "approve", {}),
    ("set", "rae", "take-over", {"reason": "Away."}),
    ("approved", "max", "reopen", {"reason": "A mistake."}),
    ("set", "ann", "withdraw", {"reason": "Too hard."}),
    ("approved", "max", "withdraw", {"reason": "Wrong article."}),
]


@pytest.mark.parametrize(("start", "who", "name", "body"), REPEATS)
def test_the_same_move_again(house: House, start: str, who: str, name: str, body: dict[str, str]) -> None:
    """200 and the same answer; nothing is written a second time."""
    row = getattr(house, start)()
    version = house.fresh(row).version
    first = house[who].move(row.pk, name, version, **body)
    assert first.status == (201 if name in ("take-over", "reopen") else 200), first
    events, sets = Event.objects.count(), AnnotationSet.objects.count()
    again = house[who].move(row.pk, name, version, **body)
    assert (again.status, again.data) == (200, first.data)
    assert (Event.objects.count(), AnnotationSet.objects.count()) == (events, sets)
    # from another version it is no repeat, and from the new one it is another move
    assert house[who].move(row.pk, name, version + 7, **body).refusal == (412, "stale")
    if name != "reopen":
        assert house[who].move(row.pk, name, version + 1, **body).refusal == (409, "not-allowed-now")


def test_the_move_of_somebody_else_is_no_repeat_of_mine(house: House) -> None:
    row = house.submitted()
    assert house.rae.move(row.pk, "start-review", row.version).status == 200
    reply = house.max.move(row.pk, "start-review", row.version)
    assert reply.refusal == (412, "stale")
    assert reply.data["version"] == row.version + 1


def test_a_repeat_is_over_when_the_set_has_moved_on(house: House) -> None:
    row = house.set()
    assert house.ann.move(row.pk, "submit", 1).status == 200
    assert house.ann.move(row.pk, "recall", 2).status == 200
    assert house.ann.move(row.pk, "submit", 1).refusal == (412, "stale")


def test_reasons(house: House) -> None:
    row, gold = house.set(), house.approved()
    for who, of, name in (("ann", row, "withdraw"), ("rae", row, "take-over"), ("max", gold, "reopen")):
        for body in ({}, {"reason": ""}, {"reason": None}, {"reason": " \n"}):
            reply = house[who].move(of.pk, name, **body)
            assert reply.refusal == (400, "invalid"), (name, body, reply)
            assert reply.pointers == ["/reason"]
    assert house.ann.move(row.pk, "submit", reason="As agreed.", comment="Done.").status == 200
    told = [event for event in house.ann.all(f"sets/{row.pk}/history/") if event["action"] == "submit"]
    assert told[0]["data"]["after"]["reason"] == "As agreed."


def test_submitting_a_set_with_problems(house: House) -> None:
    """At depth spans only the B rules block, at depth statements every rule."""
    row = house.set(article=house.article("One. Two three.\n\nFour five six."))
    at = f"sets/{row.pk}"
    for place in ((0, 4), (5, 20), (9, 14)):
        assert house.ann.post(f"{at}/spans/", span(*place)).status == 201
    reply = house.ann.move(row.pk, "submit")
    assert reply.refusal == (409, "has-problems")
    assert {problem["code"] for problem in reply.data["problems"]} == {"B1", "B2", "B3"}
    for problem in reply.data["problems"]:
        has_shape(problem, "problem")
        assert problem["blocking"] is True
    for each in house.ann.all(f"{at}/spans/"):
        assert house.ann.delete(f"spans/{each['id']}/", 1).status == 204
    house.ann.post(f"{at}/spans/", span(0, 3, "claim"))
    house.max.patch("corpora/lake/", {"depth": "statements"}, 1)
    reply = house.ann.move(row.pk, "submit")
    assert reply.refusal == (409, "has-problems")
    assert {problem["code"] for problem in reply.data["problems"]} == {"C5", "C6", "C7"}
    house.max.patch("corpora/lake/", {"depth": "spans"}, 2)
    assert house.ann.move(row.pk, "submit").status == 200


def test_a_full_statement_passes_at_depth_statements(house: House) -> None:
    house.max.patch("corpora/lake/", {"depth": "statements"}, 1)
    row, actor, issue = house.set(), house.actor(), house.proposition()
    at = f"sets/{row.pk}"
    holder = span(60, 69, actor=actor, attributes={"mention_type": "name"}, id=new_id())
    stand = {"stance": "oppose", "basis": "stated", "attribution": "named"}
    position = span(70, 96, "position", proposition=issue, attributes=stand, id=new_id())
    assert house.ann.post(f"{at}/spans/", [holder, position]).status == 201
    problems = house.ann.get(f"{at}/problems/").data["problems"]
    assert [(each["code"], each["blocking"]) for each in problems] == [("P5", True)]
    link = {"type": "held_by", "source": position["id"], "target": holder["id"]}
    house.ann.post(f"{at}/relations/", link)
    assert house.ann.get(f"{at}/problems/").data["problems"] == []
    assert house.ann.move(row.pk, "submit").status == 200


def test_returning_needs_a_request(house: House) -> None:
    row = house.submitted()
    house.rae.post(f"sets/{row.pk}/comments/", {"text": "Before the review."})
    house.rae.move(row.pk, "start-review")
    assert house.rae.move(row.pk, "return").refusal == (409, "not-allowed-now")
    house.max.post(f"sets/{row.pk}/comments/", {"text": "Of somebody else."})
    assert house.rae.move(row.pk, "return").refusal == (409, "not-allowed-now")
    said = house.rae.post(f"sets/{row.pk}/comments/", {"text": "Mend it."}).data
    house.rae.patch(f"comments/{said['id']}/", {"resolved": True}, 1)
    assert house.rae.move(row.pk, "return").refusal == (409, "not-allowed-now")
    house.rae.patch(f"comments/{said['id']}/", {"resolved": False}, 2)
    assert house.rae.move(row.pk, "return").status == 200


def test_blocking_comments_hold_approval_and_submission(house: House) -> None:
    row = house.in_review()
    said = house.rae.post(f"sets/{row.pk}/comments/", {"text": "No.", "blocking": True}).data
    assert house.rae.move(row.pk, "approve").refusal == (409, "not-allowed-now")
    house.rae.move(row.pk, "return")
    assert house.ann.move(row.pk, "submit").refusal == (409, "not-allowed-now")
    assert house.ann.patch(f"comments/{said['id']}/", {"resolved": True}, 1).data["resolved_by"] == "ann"
    assert house.ann.move(row.pk, "submit").status == 200


def test_proposed_propositions_hold_approval(house: House) -> None:
    row = house.set()
    issue = house.proposition(accepted=False)
    house.ann.post(f"sets/{row.pk}/spans/", span(70, 96, "position", proposition=issue))
    house.ann.move(row.pk, "submit")
    house.rae.move(row.pk, "start-review")
    assert house.rae.move(row.pk, "approve").refusal == (409, "not-allowed-now")
    house.rae.post(f"propositions/{issue}/accept/")
    assert house.rae.move(row.pk, "approve").status == 200


def test_a_newer_gold_supersedes_the_older(house: House) -> None:
    gold = house.approved()
    made = house.max.move(gold.pk, "reopen", reason="A mistake.")
    assert (made.status, made.data["owner"], made.data["based_on"]) == (201, "ann", str(gold.pk))
    assert made.headers["Location"].endswith(f"/api/v1/sets/{made.data['id']}/")
    assert state_of(house, gold.pk) == "approved"
    assert house.vic.get(f"articles/{gold.article_id}/").data["status"] == "annotating"
    new = made.data["id"]
    copied = house.ann.get(f"sets/{new}/").data["spans"]
    assert [(each["quote"], each["set"]) for each in copied] == [("Ada Verde", new)]
    house.ann.move(new, "submit")
    house.rae.move(new, "start-review")
    assert house.rae.move(new, "approve").status == 200
    assert state_of(house, gold.pk) == "superseded"
    assert [each["action"] for each in house.max.all(f"sets/{gold.pk}/history/")][-1] == "supersede"


def test_reopening(house: House) -> None:
    gold = house.approved()
    for body, refusal in (
        ({"owner": "nobody"}, (422, "unknown-user")),
        ({"owner": "sam"}, (422, "not-in-corpus")),
        ({"owner": "vic"}, (422, "not-in-corpus")),
    ):
        reply = house.max.move(gold.pk, "reopen", None, reason="So.", **body)
        assert reply.refusal == refusal
    made = house.max.move(gold.pk, "reopen", reason="So.", owner="ben")
    assert made.data["owner"] == "ben"
    reply = house.max.move(gold.pk, "reopen", reason="So.")
    assert reply.refusal == (409, "not-allowed-now")
    assert house.max.move(made.data["id"], "withdraw", reason="So.").status == 200
    assert house.max.move(gold.pk, "reopen", reason="So.", owner="ben").status == 201


def test_reopening_on_an_excluded_article(house: House) -> None:
    gold = house.approved()
    house.max.post(f"articles/{gold.article_id}/exclude/", {"reason": "Twice."})
    assert house.max.move(gold.pk, "reopen", reason="So.").refusal == (409, "not-allowed-now")


def test_taking_over(house: House) -> None:
    row = house.set()
    mention = house.ann.post(f"sets/{row.pk}/spans/", span()).data
    claim = house.ann.post(f"sets/{row.pk}/spans/", span(4, 50, "claim")).data
    link = {"type": "made_by", "source": claim["id"], "target": mention["id"]}
    house.ann.post(f"sets/{row.pk}/relations/", link)
    made = house.rae.move(row.pk, "take-over", reason="Away.")
    assert (made.status, made.data["owner"], made.data["state"]) == (201, "rae", "open")
    assert state_of(house, row.pk) == "withdrawn"
    new = house.rae.get(f"sets/{made.data['id']}/").data
    assert [each["quote"] for each in new["spans"]] == [TEXT[4:50], "Ada Verde"]
    assert not {each["id"] for each in new["spans"]} & {mention["id"], claim["id"]}
    assert new["relations"][0]["source"] == new["spans"][0]["id"]
    assert house.rae.move(made.data["id"], "take-over", reason="So.").refusal == (409, "not-allowed-now")


# --- Four eyes -----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rae", "max", "ada"])
def test_nobody_reviews_their_own_set(house: House, who: str) -> None:
    if who == "ada":
        row = AnnotationSet.objects.get(pk=house.ada.post(f"articles/{house.article().pk}/sets/").data["id"])
    else:
        row = house.set(who)
    house[who].post(f"sets/{row.pk}/spans/", span())
    assert house[who].move(row.pk, "submit").status == 200
    reply = house[who].move(row.pk, "start-review")
    assert reply.refusal == (403, "four-eyes")
    assert "start_review" not in house[who].get(f"sets/{row.pk}/").data["allowed"]
    taken = house[who].post("corpora/lake/queue/", {"task": "review"})
    assert taken.data["set"] is None
    assert "own" in taken.data["reason"]


@pytest.mark.parametrize("editor", ["rae", "max", "ada"])
def test_who_had_a_hand_in_it_does_not_review_it(house: House, editor: str) -> None:
    """Through a chain: ann marks, the editor takes over and mends, ben ends up as the owner."""
    row = house.set()
    house.ann.post(f"sets/{row.pk}/spans/", span())
    taken = house[editor].move(row.pk, "take-over", reason="I mend it.").data["id"]
    house[editor].post(f"sets/{taken}/spans/", span(4, 50, "claim"))
    house[editor].move(taken, "submit")
    helper = "max" if editor == "rae" else "rae"
    # ann's work is in it, but ann is no reviewer; make her one
    member = next(each for each in house.max.all("corpora/lake/members/") if each["username"] == "ann")
    house.max.patch("corpora/lake/members/ann/", {"role": "reviewer"}, member["version"])
    for who in ("ann", editor):
        assert house[who].move(taken, "start-review").refusal == (403, "four-eyes"), who
    house[helper].move(taken, "start-review")
    assert house[helper].move(taken, "approve").status == 200
    again = house.max.move(taken, "reopen", reason="A mistake.", owner="ben").data["id"]
    house.ben.move(again, "submit")
    for who in ("ann", editor):
        reply = house[who].move(again, "start-review")
        assert reply.refusal == (403, "four-eyes"), who
        assert "start_review" not in house[who].get(f"sets/{again}/").data["allowed"]
    # whoever only decided, or only opened it again, is no author
    free = "max" if editor != "max" else "rae"
    assert house[free].move(again, "start-review").status == 200
    assert house[free].move(again, "approve").status == 200


def test_whoever_imported_marks_does_not_review_them(house: House) -> None:
    line = b'{"text": "One two three.", "spans": [{"label": "actor", "start": 0, "end": 3}]}'
    at = "corpora/lake/imports/?owner=ann&state=submitted"
    reply = house.max.raw("POST", at, line, "application/x-ndjson")
    assert (reply.status, reply.data["created"]) == (200, 1), reply
    row = AnnotationSet.objects.get()
    assert (row.owner.get_username(), row.state) == ("ann", "submitted")
    assert house.max.move(row.pk, "start-review").refusal == (403, "four-eyes")
    assert house.max.post("corpora/lake/queue/", {"task": "review"}).data["set"] is None
    assert house.rae.move(row.pk, "start-review").status == 200


def test_a_reviewer_who_takes_the_set_over_in_between_is_an_author(house: House) -> None:
    row = house.in_review()
    house.rae.move(row.pk, "release-review")
    made = house.rae.move(row.pk, "take-over", reason="I mend it.").data["id"]
    house.rae.move(made, "submit")
    assert house.rae.move(made, "start-review").refusal == (403, "four-eyes")
    assert house.rae.move(made, "approve").refusal == (403, "four-eyes")
    assert house.rae.move(made, "return", comment="So.").refusal == (403, "four-eyes")
