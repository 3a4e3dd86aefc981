"""The workflow over HTTP: who moves what from where, guards, repeats, four eyes."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import AnnotationSet, Event
from tests.api.test_wire_shapes import has_shape
from tests.newsroom import TEXT, Newsroom, new_id, span


def state_of(newsroom: Newsroom, set_id: Any) -> str:
    return str(AnnotationSet.objects.get(pk=set_id).state)


def test_the_whole_way(newsroom: Newsroom) -> None:
    row = newsroom.set()
    at = f"sets/{row.pk}"
    newsroom.ann.post(f"{at}/spans/", span())
    shown = newsroom.ann.get(f"{at}/")
    assert shown.data["allowed"] == ["submit", "withdraw"]
    reply = newsroom.ann.move(row.pk, "submit")
    has_shape(reply.data, "set")
    assert (reply.status, reply.data["state"], reply.version) == (200, "submitted", shown.version + 1)
    assert reply.set_version == reply.version
    assert reply.data["submitted_at"]
    assert newsroom.ann.get(f"{at}/").data["allowed"] == ["recall"]
    assert newsroom.rae.get(f"{at}/").data["allowed"] == ["start_review", "take_over"]
    assert newsroom.max.get(f"{at}/").data["allowed"] == ["start_review", "take_over", "withdraw"]
    assert newsroom.rae.move(row.pk, "start-review").data["reviewer"] == "rae"
    assert newsroom.rae.get(f"{at}/").data["allowed"] == ["release_review", "return", "approve"]
    assert newsroom.max.get(f"{at}/").data["allowed"] == ["release_review", "withdraw"]
    assert newsroom.ann.get(f"{at}/").data["allowed"] == []
    returned = newsroom.rae.move(row.pk, "return", comment="Mark the claim, too.")
    assert (returned.data["state"], returned.data["reviewer"]) == ("returned", "rae")
    comments = newsroom.ann.all(f"{at}/comments/")
    assert [(each["author"], each["text"], each["blocking"]) for each in comments] == [
        ("rae", "Mark the claim, too.", False)
    ]
    assert newsroom.ann.get(f"{at}/").data["allowed"] == ["submit", "withdraw"]
    newsroom.ann.post(f"{at}/spans/", span(4, 50, "claim"))
    assert newsroom.ann.move(row.pk, "submit").data["reviewer"] is None
    newsroom.rae.move(row.pk, "start-review")
    approved = newsroom.rae.move(row.pk, "approve")
    assert (approved.data["state"], approved.data["reviewer"]) == ("approved", "rae")
    assert approved.data["approved_at"]
    assert newsroom.vic.get(f"articles/{row.article_id}/").data["status"] == "done"
    assert newsroom.vic.get(f"{at}/").data["allowed"] == []
    actions = [event["action"] for event in newsroom.vic.all(f"{at}/history/")]
    assert actions == [
        "created", "span_added", "submit", "start_review", "comment_added", "return", "span_added", "submit",
        "start_review", "approve",
    ]  # fmt: skip


def test_a_move_that_the_state_does_not_allow(newsroom: Newsroom) -> None:
    cases = [
        (newsroom.set(), "ann", "recall", "open", ["submit", "withdraw"]),
        (newsroom.set(), "rae", "start-review", "open", ["take_over"]),
        (newsroom.set(), "rae", "approve", "open", ["take_over"]),
        (newsroom.submitted(), "ann", "submit", "submitted", ["recall"]),
        (newsroom.submitted(), "rae", "approve", "submitted", ["start_review", "take_over"]),
        (
            newsroom.submitted(),
            "max",
            "release-review",
            "submitted",
            ["start_review", "take_over", "withdraw"],
        ),
        (newsroom.in_review(), "ann", "recall", "in_review", []),
        (newsroom.approved(), "rae", "return", "approved", []),
    ]
    for row, who, name, state, allowed in cases:
        reply = newsroom[who].move(row.pk, name, comment="So.")
        assert reply.refusal == (409, "not-allowed-now"), (name, reply)
        assert (reply.data["state"], reply.data["allowed"]) == (state, allowed), name
    closed = newsroom.approved()
    for name in ("take-over", "withdraw"):
        assert newsroom.rae.move(closed.pk, name, reason="So.").status in (403, 409)


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
def test_the_same_move_again(
    newsroom: Newsroom, start: str, who: str, name: str, body: dict[str, str]
) -> None:
    """200 and the same answer; nothing is written a second time."""
    row = getattr(newsroom, start)()
    version = newsroom.fresh(row).version
    first = newsroom[who].move(row.pk, name, version, **body)
    assert first.status == (201 if name in ("take-over", "reopen") else 200), first
    events, sets = Event.objects.count(), AnnotationSet.objects.count()
    again = newsroom[who].move(row.pk, name, version, **body)
    assert (again.status, again.data) == (200, first.data)
    assert (Event.objects.count(), AnnotationSet.objects.count()) == (events, sets)
    # from another version it is no repeat, and from the new one it is another move
    assert newsroom[who].move(row.pk, name, version + 7, **body).refusal == (412, "stale")
    if name != "reopen":
        assert newsroom[who].move(row.pk, name, version + 1, **body).refusal == (409, "not-allowed-now")


def test_the_move_of_somebody_else_is_no_repeat_of_mine(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    assert newsroom.rae.move(row.pk, "start-review", row.version).status == 200
    reply = newsroom.max.move(row.pk, "start-review", row.version)
    assert reply.refusal == (412, "stale")
    assert reply.data["version"] == row.version + 1


def test_a_repeat_is_over_when_the_set_has_moved_on(newsroom: Newsroom) -> None:
    row = newsroom.set()
    assert newsroom.ann.move(row.pk, "submit", 1).status == 200
    assert newsroom.ann.move(row.pk, "recall", 2).status == 200
    assert newsroom.ann.move(row.pk, "submit", 1).refusal == (412, "stale")


def test_reasons(newsroom: Newsroom) -> None:
    row, gold = newsroom.set(), newsroom.approved()
    for who, of, name in (("ann", row, "withdraw"), ("rae", row, "take-over"), ("max", gold, "reopen")):
        for body in ({}, {"reason": ""}, {"reason": None}, {"reason": " \n"}):
            reply = newsroom[who].move(of.pk, name, **body)
            assert reply.refusal == (400, "invalid"), (name, body, reply)
            assert reply.pointers == ["/reason"]
    assert newsroom.ann.move(row.pk, "submit", reason="As agreed.", comment="Done.").status == 200
    told = [event for event in newsroom.ann.all(f"sets/{row.pk}/history/") if event["action"] == "submit"]
    assert told[0]["data"]["after"]["reason"] == "As agreed."


def test_submitting_a_set_with_problems(newsroom: Newsroom) -> None:
    """At depth spans only the B rules block, at depth statements every rule."""
    row = newsroom.set(article=newsroom.article("One. Two three.\n\nFour five six."))
    at = f"sets/{row.pk}"
    for place in ((0, 4), (5, 20), (9, 14)):
        assert newsroom.ann.post(f"{at}/spans/", span(*place)).status == 201
    reply = newsroom.ann.move(row.pk, "submit")
    assert reply.refusal == (409, "has-problems")
    assert {problem["code"] for problem in reply.data["problems"]} == {"B1", "B2", "B3"}
    for problem in reply.data["problems"]:
        has_shape(problem, "problem")
        assert problem["blocking"] is True
    for each in newsroom.ann.all(f"{at}/spans/"):
        assert newsroom.ann.delete(f"spans/{each['id']}/", 1).status == 204
    newsroom.ann.post(f"{at}/spans/", span(0, 3, "claim"))
    newsroom.max.patch("corpora/lake/", {"depth": "statements"}, 1)
    reply = newsroom.ann.move(row.pk, "submit")
    assert reply.refusal == (409, "has-problems")
    assert {problem["code"] for problem in reply.data["problems"]} == {"C5", "C6", "C7"}
    newsroom.max.patch("corpora/lake/", {"depth": "spans"}, 2)
    assert newsroom.ann.move(row.pk, "submit").status == 200


def test_a_full_statement_passes_at_depth_statements(newsroom: Newsroom) -> None:
    newsroom.max.patch("corpora/lake/", {"depth": "statements"}, 1)
    row, actor, issue = newsroom.set(), newsroom.actor(), newsroom.proposition()
    at = f"sets/{row.pk}"
    holder = span(60, 69, actor=actor, attributes={"mention_type": "name"}, id=new_id())
    stand = {"stance": "oppose", "basis": "stated", "attribution": "named"}
    position = span(70, 96, "position", proposition=issue, attributes=stand, id=new_id())
    assert newsroom.ann.post(f"{at}/spans/", [holder, position]).status == 201
    problems = newsroom.ann.get(f"{at}/problems/").data["problems"]
    assert [(each["code"], each["blocking"]) for each in problems] == [("P5", True)]
    link = {"type": "held_by", "source": position["id"], "target": holder["id"]}
    newsroom.ann.post(f"{at}/relations/", link)
    assert newsroom.ann.get(f"{at}/problems/").data["problems"] == []
    assert newsroom.ann.move(row.pk, "submit").status == 200


def test_returning_needs_a_request(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    newsroom.rae.post(f"sets/{row.pk}/comments/", {"text": "Before the review."})
    newsroom.rae.move(row.pk, "start-review")
    assert newsroom.rae.move(row.pk, "return").refusal == (409, "not-allowed-now")
    newsroom.max.post(f"sets/{row.pk}/comments/", {"text": "Of somebody else."})
    assert newsroom.rae.move(row.pk, "return").refusal == (409, "not-allowed-now")
    said = newsroom.rae.post(f"sets/{row.pk}/comments/", {"text": "Mend it."}).data
    newsroom.rae.patch(f"comments/{said['id']}/", {"resolved": True}, 1)
    assert newsroom.rae.move(row.pk, "return").refusal == (409, "not-allowed-now")
    newsroom.rae.patch(f"comments/{said['id']}/", {"resolved": False}, 2)
    assert newsroom.rae.move(row.pk, "return").status == 200


def test_blocking_comments_hold_approval_and_submission(newsroom: Newsroom) -> None:
    row = newsroom.in_review()
    said = newsroom.rae.post(f"sets/{row.pk}/comments/", {"text": "No.", "blocking": True}).data
    assert newsroom.rae.move(row.pk, "approve").refusal == (409, "not-allowed-now")
    newsroom.rae.move(row.pk, "return")
    assert newsroom.ann.move(row.pk, "submit").refusal == (409, "not-allowed-now")
    assert newsroom.ann.patch(f"comments/{said['id']}/", {"resolved": True}, 1).data["resolved_by"] == "ann"
    assert newsroom.ann.move(row.pk, "submit").status == 200


def test_proposed_propositions_hold_approval(newsroom: Newsroom) -> None:
    row = newsroom.set()
    issue = newsroom.proposition(accepted=False)
    newsroom.ann.post(f"sets/{row.pk}/spans/", span(70, 96, "position", proposition=issue))
    newsroom.ann.move(row.pk, "submit")
    newsroom.rae.move(row.pk, "start-review")
    assert newsroom.rae.move(row.pk, "approve").refusal == (409, "not-allowed-now")
    newsroom.rae.post(f"propositions/{issue}/accept/")
    assert newsroom.rae.move(row.pk, "approve").status == 200


def test_a_newer_gold_supersedes_the_older(newsroom: Newsroom) -> None:
    gold = newsroom.approved()
    made = newsroom.max.move(gold.pk, "reopen", reason="A mistake.")
    assert (made.status, made.data["owner"], made.data["based_on"]) == (201, "ann", str(gold.pk))
    assert made.headers["Location"].endswith(f"/api/v1/sets/{made.data['id']}/")
    assert state_of(newsroom, gold.pk) == "approved"
    assert newsroom.vic.get(f"articles/{gold.article_id}/").data["status"] == "annotating"
    new = made.data["id"]
    copied = newsroom.ann.get(f"sets/{new}/").data["spans"]
    assert [(each["quote"], each["set"]) for each in copied] == [("Ada Verde", new)]
    newsroom.ann.move(new, "submit")
    newsroom.rae.move(new, "start-review")
    assert newsroom.rae.move(new, "approve").status == 200
    assert state_of(newsroom, gold.pk) == "superseded"
    assert [each["action"] for each in newsroom.max.all(f"sets/{gold.pk}/history/")][-1] == "supersede"


def test_reopening(newsroom: Newsroom) -> None:
    gold = newsroom.approved()
    for body, refusal in (
        ({"owner": "nobody"}, (422, "unknown-user")),
        ({"owner": "sam"}, (422, "not-in-corpus")),
        ({"owner": "vic"}, (422, "not-in-corpus")),
    ):
        reply = newsroom.max.move(gold.pk, "reopen", None, reason="So.", **body)
        assert reply.refusal == refusal
    made = newsroom.max.move(gold.pk, "reopen", reason="So.", owner="ben")
    assert made.data["owner"] == "ben"
    reply = newsroom.max.move(gold.pk, "reopen", reason="So.")
    assert reply.refusal == (409, "not-allowed-now")
    assert newsroom.max.move(made.data["id"], "withdraw", reason="So.").status == 200
    assert newsroom.max.move(gold.pk, "reopen", reason="So.", owner="ben").status == 201


def test_reopening_on_an_excluded_article(newsroom: Newsroom) -> None:
    gold = newsroom.approved()
    newsroom.max.post(f"articles/{gold.article_id}/exclude/", {"reason": "Twice."})
    assert newsroom.max.move(gold.pk, "reopen", reason="So.").refusal == (409, "not-allowed-now")


def test_taking_over(newsroom: Newsroom) -> None:
    row = newsroom.set()
    mention = newsroom.ann.post(f"sets/{row.pk}/spans/", span()).data
    claim = newsroom.ann.post(f"sets/{row.pk}/spans/", span(4, 50, "claim")).data
    link = {"type": "made_by", "source": claim["id"], "target": mention["id"]}
    newsroom.ann.post(f"sets/{row.pk}/relations/", link)
    made = newsroom.rae.move(row.pk, "take-over", reason="Away.")
    assert (made.status, made.data["owner"], made.data["state"]) == (201, "rae", "open")
    assert state_of(newsroom, row.pk) == "withdrawn"
    new = newsroom.rae.get(f"sets/{made.data['id']}/").data
    assert [each["quote"] for each in new["spans"]] == [TEXT[4:50], "Ada Verde"]
    assert not {each["id"] for each in new["spans"]} & {mention["id"], claim["id"]}
    assert new["relations"][0]["source"] == new["spans"][0]["id"]
    assert newsroom.rae.move(made.data["id"], "take-over", reason="So.").refusal == (409, "not-allowed-now")


# --- Four eyes -----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rae", "max", "ada"])
def test_nobody_reviews_their_own_set(newsroom: Newsroom, who: str) -> None:
    if who == "ada":
        row = AnnotationSet.objects.get(
            pk=newsroom.ada.post(f"articles/{newsroom.article().pk}/sets/").data["id"]
        )
    else:
        row = newsroom.set(who)
    newsroom[who].post(f"sets/{row.pk}/spans/", span())
    assert newsroom[who].move(row.pk, "submit").status == 200
    reply = newsroom[who].move(row.pk, "start-review")
    assert reply.refusal == (403, "four-eyes")
    assert "start_review" not in newsroom[who].get(f"sets/{row.pk}/").data["allowed"]
    taken = newsroom[who].post("corpora/lake/queue/", {"task": "review"})
    assert taken.data["set"] is None
    assert "own" in taken.data["reason"]


@pytest.mark.parametrize("editor", ["rae", "max", "ada"])
def test_who_had_a_hand_in_it_does_not_review_it(newsroom: Newsroom, editor: str) -> None:
    """Through a chain: ann marks, the editor takes over and mends, ben ends up as the owner."""
    row = newsroom.set()
    newsroom.ann.post(f"sets/{row.pk}/spans/", span())
    taken = newsroom[editor].move(row.pk, "take-over", reason="I mend it.").data["id"]
    newsroom[editor].post(f"sets/{taken}/spans/", span(4, 50, "claim"))
    newsroom[editor].move(taken, "submit")
    helper = "max" if editor == "rae" else "rae"
    # ann's work is in it, but ann is no reviewer; make her one
    member = next(each for each in newsroom.max.all("corpora/lake/members/") if each["username"] == "ann")
    newsroom.max.patch("corpora/lake/members/ann/", {"role": "reviewer"}, member["version"])
    for who in ("ann", editor):
        assert newsroom[who].move(taken, "start-review").refusal == (403, "four-eyes"), who
    newsroom[helper].move(taken, "start-review")
    assert newsroom[helper].move(taken, "approve").status == 200
    again = newsroom.max.move(taken, "reopen", reason="A mistake.", owner="ben").data["id"]
    newsroom.ben.move(again, "submit")
    for who in ("ann", editor):
        reply = newsroom[who].move(again, "start-review")
        assert reply.refusal == (403, "four-eyes"), who
        assert "start_review" not in newsroom[who].get(f"sets/{again}/").data["allowed"]
    # whoever only decided, or only opened it again, is no author
    free = "max" if editor != "max" else "rae"
    assert newsroom[free].move(again, "start-review").status == 200
    assert newsroom[free].move(again, "approve").status == 200


def test_whoever_imported_marks_does_not_review_them(newsroom: Newsroom) -> None:
    line = b'{"text": "One two three.", "spans": [{"label": "actor", "start": 0, "end": 3}]}'
    at = "corpora/lake/imports/?owner=ann&state=submitted"
    reply = newsroom.max.raw("POST", at, line, "application/x-ndjson")
    assert (reply.status, reply.data["created"]) == (200, 1), reply
    row = AnnotationSet.objects.get()
    assert (row.owner.get_username(), row.state) == ("ann", "submitted")
    assert newsroom.max.move(row.pk, "start-review").refusal == (403, "four-eyes")
    assert newsroom.max.post("corpora/lake/queue/", {"task": "review"}).data["set"] is None
    assert newsroom.rae.move(row.pk, "start-review").status == 200


def test_a_reviewer_who_takes_the_set_over_in_between_is_an_author(newsroom: Newsroom) -> None:
    row = newsroom.in_review()
    newsroom.rae.move(row.pk, "release-review")
    made = newsroom.rae.move(row.pk, "take-over", reason="I mend it.").data["id"]
    newsroom.rae.move(made, "submit")
    assert newsroom.rae.move(made, "start-review").refusal == (403, "four-eyes")
    assert newsroom.rae.move(made, "approve").refusal == (403, "four-eyes")
    assert newsroom.rae.move(made, "return", comment="So.").refusal == (403, "four-eyes")
