"""Several people's work becomes one gold set, difference by difference, and somebody else approves it."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.enums import DifferenceKind
from annotations.models import AnnotationSet, Article, Decision, Event, Relation, Source, Span, SpanSource
from annotations.services import integrity
from annotations.services.core import relations
from annotations.services.core.relations import RelationDraft
from tests import factories
from tests.newsroom import Newsroom, Reply, new_id

pytestmark = pytest.mark.django_db

# "Ada Verde" 60-69, "is opposed to any new toll" 70-96, "The harbour office" 0-18,
# "said on Monday that the lock will close" 19-58
CLAIM = {"claim_type": "assertion"}


def both(newsroom: Newsroom, **more: Any) -> Article:
    return newsroom.article(annotators=2, **more)


def marked(newsroom: Newsroom, owner: str, article: Article, *marks: tuple[str, int, int]) -> AnnotationSet:
    """A submitted set with these marks."""
    row = newsroom.set(owner, article)
    for label, start, end in marks:
        factories.make_span(row, label, start, end, attributes=CLAIM if label == "claim" else {})
    return row


def submitted(newsroom: Newsroom, *rows: AnnotationSet) -> None:
    for row in rows:
        newsroom.moved(row, row.owner.get_username(), "submit")


def begun(newsroom: Newsroom, article: Article, by: str = "rae") -> Reply:
    reply = newsroom[by].post(f"articles/{article.pk}/sets/", {"kind": "adjudication"})
    assert reply.status == 201, reply
    return reply


def two_views(newsroom: Newsroom) -> tuple[Article, Any]:
    """Ann and ben agree on one actor, differ in a boundary, and each has one mark alone."""
    article = both(newsroom)
    one = marked(newsroom, "ann", article, ("actor", 60, 69), ("claim", 19, 58), ("actor", 0, 18))
    other = marked(newsroom, "ben", article, ("actor", 60, 69), ("claim", 24, 58), ("actor", 43, 47))
    submitted(newsroom, one, other)
    return article, begun(newsroom, article).data["id"]


def decisions(newsroom: Newsroom, set_id: str, **filters: Any) -> list[Any]:
    return newsroom.rae.all(f"sets/{set_id}/decisions/", **filters)


def settle(
    newsroom: Newsroom, decision: Any, choice: str, reason: str = "boundary", by: str = "rae", **more: Any
) -> Reply:
    sent = {"choice": choice, "reason": reason, **more}
    return newsroom[by].post(f"decisions/{decision['id']}/settle/", sent, version=decision["version"])


def spans(set_id: Any) -> list[tuple[str, int, int]]:
    return list(Span.objects.filter(set_id=set_id).values_list("label", "start", "end"))


def clean() -> None:
    report = integrity.run_checks()
    found = {name: tally.findings for name, tally in report.checks.items() if tally.found}
    assert not found


def test_what_is_alike_is_merged_and_the_rest_becomes_decisions(newsroom: Newsroom) -> None:
    article, set_id = two_views(newsroom)
    assert newsroom.max.get(f"articles/{article.pk}/").data["status"] == "adjudicating"
    assert spans(set_id) == [("actor", 60, 69)]
    merged = Span.objects.get(set_id=set_id)
    assert (merged.origin, merged.sources.count()) == ("human", 2)
    found = decisions(newsroom, set_id)
    assert [row["kind"] for row in found] == ["missed", "boundary", "missed"]
    assert [[side["owner"] for side in row["sides"]] for row in found] == [["ann", "ben"]] * 3
    boundary = found[1]
    assert [(side["span"]["start"], side["span"]["end"]) for side in boundary["sides"]] == [
        (19, 58),
        (24, 58),
    ]
    assert found[0]["sides"][1]["span"] is None
    assert {row["state"] for row in found} == {"open"}
    clean()


def test_from_the_first_decision_to_gold(newsroom: Newsroom) -> None:
    article, set_id = two_views(newsroom)
    first, boundary, last = decisions(newsroom, set_id)
    refused = newsroom.rae.move(set_id, "submit")
    assert refused.refusal == (409, "not-allowed-now")
    assert refused.data["open_decisions"] == 3
    taken = settle(newsroom, first, "take_a", "missed")
    assert taken.status == 200, taken
    assert (taken.data["state"], taken.data["owner"], taken.data["choice"]) == ("settled", "ann", "take_a")
    source = SpanSource.objects.get(span=taken.data["span"])
    assert source.source.set.owner.get_username() == "ann"
    own = {"label": "claim", "start": 19, "end": 23, "attributes": CLAIM}
    assert settle(newsroom, boundary, "own", "guideline_unclear", span=own).status == 200
    assert settle(newsroom, last, "drop", "slip").status == 200
    assert spans(set_id) == [("actor", 0, 18), ("claim", 19, 23), ("actor", 60, 69)]
    assert newsroom.rae.move(set_id, "submit").status == 200
    for who in ("ann", "ben"):
        assert newsroom[who].move(set_id, "start-review").status == 404
    assert newsroom.rae.move(set_id, "start-review").refusal == (403, "four-eyes")
    assert newsroom.max.move(set_id, "start-review").status == 200
    assert newsroom.max.move(set_id, "approve").status == 200
    assert newsroom.max.get(f"articles/{article.pk}/").data["status"] == "done"
    states = AnnotationSet.objects.filter(article=article, kind="annotation").values_list("state", flat=True)
    assert set(states) == {"superseded"}
    clean()


def test_the_owner_of_a_source_approves_no_gold_that_was_made_of_it(newsroom: Newsroom) -> None:
    article = both(newsroom)
    one, other = marked(newsroom, "ann", article, ("actor", 60, 69)), marked(newsroom, "max", article)
    submitted(newsroom, one, other)
    refused = newsroom.max.post(f"articles/{article.pk}/sets/", {"kind": "adjudication"})
    assert refused.refusal == (403, "four-eyes")
    set_id = begun(newsroom, article).data["id"]
    (decision,) = decisions(newsroom, set_id)
    assert settle(newsroom, decision, "take_a", "missed").status == 200
    assert newsroom.rae.move(set_id, "submit").status == 200
    assert newsroom.max.move(set_id, "start-review").refusal == (403, "four-eyes")
    assert newsroom.ada.move(set_id, "start-review").status == 200
    assert newsroom.ada.move(set_id, "approve").status == 200
    clean()


def test_who_begins_an_adjudication_and_when(newsroom: Newsroom) -> None:
    article = both(newsroom)
    one = marked(newsroom, "ann", article, ("actor", 60, 69))
    at = f"articles/{article.pk}/sets/"
    wanted = {"kind": "adjudication"}
    submitted(newsroom, one)
    assert newsroom.rae.post(at, wanted).refusal == (409, "not-allowed-now")
    assert newsroom.ann.post(at, wanted).refusal == (403, "role")
    submitted(newsroom, marked(newsroom, "ben", article, ("actor", 60, 69)))
    assert newsroom.rae.post(at, {**wanted, "round": "calibration"}).refusal == (400, "invalid")
    assert newsroom.rae.post(at, {**wanted, "owner": "max"}).refusal == (403, "role")
    assert newsroom.max.post(at, {**wanted, "owner": "ann"}).refusal == (403, "four-eyes")
    sent = {**wanted, "id": new_id(), "owner": "rae"}
    made = newsroom.max.post(at, sent)
    assert (made.status, made.data["owner"], made.data["kind"]) == (201, "rae", "adjudication")
    assert newsroom.max.post(at, sent).status == 200
    assert newsroom.max.post(at, {**wanted, "owner": "rae"}).refusal == (409, "not-allowed-now")
    assert decisions(newsroom, made.data["id"]) == []
    assert newsroom.rae.move(made.data["id"], "submit").status == 200
    # who has handed it over takes it back, before somebody has begun to review it
    assert newsroom.rae.move(made.data["id"], "recall").status == 200


def test_the_same_again_changes_nothing_and_a_stale_one_is_told(newsroom: Newsroom) -> None:
    _, set_id = two_views(newsroom)
    first, boundary, _ = decisions(newsroom, set_id)
    once = settle(newsroom, first, "take_a", "missed")
    again = settle(newsroom, first, "take_a", "missed")
    assert (again.status, again.data, again.set_version) == (200, once.data, once.set_version)
    assert settle(newsroom, first, "drop", "missed").refusal == (412, "stale")
    at = f"decisions/{first['id']}/settle/"
    assert newsroom.rae.post(at, {"choice": "drop", "reason": "slip"}).refusal == (
        428,
        "precondition-required",
    )
    changed = settle(newsroom, once.data, "take_b", "slip")
    assert (changed.data["choice"], changed.data["owner"], changed.data["span"]) == ("take_b", "ben", None)
    assert spans(set_id) == [("actor", 60, 69)]
    back = newsroom.rae.post(f"decisions/{first['id']}/reopen/", version=changed.version)
    assert (back.data["state"], back.data["choice"], back.data["reason"]) == ("open", None, None)
    assert settle(newsroom, boundary, "take", owner="ben").data["choice"] == "take_b"
    actions = list(Event.objects.filter(set_id=set_id).order_by("seq").values_list("action", flat=True))
    assert actions == [
        "created", "merged", "span_added", "decision_settled", "span_deleted", "decision_settled",
        "decision_reopened", "span_added", "decision_settled",
    ]  # fmt: skip
    clean()


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"choice": "own"}, "/span"),
        ({"choice": "drop", "span": {"label": "actor", "start": 0, "end": 3}}, "/span"),
        ({"choice": "take"}, "/owner"),
        ({"choice": "take", "owner": "max"}, "/owner"),
        ({"choice": "drop", "owner": "ann"}, "/owner"),
        ({"choice": "both"}, "/choice"),
        ({"choice": "drop", "reason": "bored"}, "/reason"),
    ],
)
def test_what_does_not_fit_is_refused(newsroom: Newsroom, sent: dict[str, Any], pointer: str) -> None:
    _, set_id = two_views(newsroom)
    first = decisions(newsroom, set_id)[0]
    body = {"reason": "slip", **sent}
    reply = newsroom.rae.post(f"decisions/{first['id']}/settle/", body, version=1)
    assert reply.refusal == (400, "invalid")
    assert reply.pointers == [pointer]


def test_several_are_settled_at_once_or_none(newsroom: Newsroom) -> None:
    _, set_id = two_views(newsroom)
    found = decisions(newsroom, set_id)
    at = f"sets/{set_id}/decisions/"
    sent = [{"id": row["id"], "version": 1, "choice": "drop", "reason": "slip"} for row in found]
    broken = [*sent[:2], {**sent[2], "version": 9}]
    refused = newsroom.rae.post(at, broken)
    assert (refused.refusal, refused.pointers) == ((412, "stale"), ["/2"])
    assert Decision.objects.filter(set_id=set_id, state="settled").count() == 0
    assert newsroom.rae.post(at, [sent[0], sent[0]]).refusal == (400, "invalid")
    done = newsroom.rae.post(at, sent)
    assert [row["state"] for row in done.data] == ["settled"] * 3
    assert newsroom.rae.post(at, sent).data == done.data
    assert newsroom.rae.get(f"sets/{set_id}/").version == done.set_version
    assert decisions(newsroom, set_id, state="open") == []
    assert newsroom.rae.post(at, {**sent[0], "id": new_id()}).refusal == (404, "not-found")


def test_only_the_adjudicator_settles(newsroom: Newsroom) -> None:
    _, set_id = two_views(newsroom)
    first = decisions(newsroom, set_id)[0]
    assert settle(newsroom, first, "drop", by="max").refusal == (403, "role")
    assert settle(newsroom, first, "drop", by="ann").refusal == (404, "not-found")
    assert settle(newsroom, first, "drop", by="sam").refusal == (404, "not-found")
    for row in decisions(newsroom, set_id):
        settle(newsroom, row, "drop")
    newsroom.rae.move(set_id, "submit")
    again = newsroom.rae.get(f"decisions/{first['id']}/").data
    assert settle(newsroom, again, "take_a").refusal == (409, "closed-set")


def linked(row: AnnotationSet, type_: str = "made_by") -> None:
    """Link the first claim of a set to its actor "Ada Verde"."""
    claim = Span.objects.get(set=row, label="claim")
    actor = Span.objects.get(set=row, label="actor", start=60)
    relations.add_relations(
        row.owner, row.pk, [RelationDraft(type=type_, source_id=claim.pk, target_id=actor.pk)]
    )


def test_links_between_what_is_alike_are_merged_or_decided(newsroom: Newsroom) -> None:
    article = both(newsroom)
    marks = ("actor", 60, 69), ("claim", 19, 58)
    one, other = marked(newsroom, "ann", article, *marks), marked(newsroom, "ben", article, *marks)
    linked(one)
    linked(other)
    linked(one, "about")
    submitted(newsroom, one, other)
    set_id = begun(newsroom, article).data["id"]
    assert list(Relation.objects.filter(set_id=set_id).values_list("type", flat=True)) == ["made_by"]
    (decision,) = decisions(newsroom, set_id)
    assert decision["kind"] == DifferenceKind.RELATION
    assert [[row["type"] for row in side["relations"]] for side in decision["sides"]] == [["about"], []]
    assert [Span.objects.get(pk=end).label for end in decision["ends"]] == ["claim", "actor"]
    taken = settle(newsroom, decision, "take_a", "link")
    assert Relation.objects.filter(set_id=set_id, type="about").count() == 1
    assert settle(newsroom, taken.data, "take_b", "link").status == 200
    assert Relation.objects.filter(set_id=set_id, type="about").count() == 0
    refused = settle(newsroom, decision, "own", "link", span={"label": "actor", "start": 0, "end": 3})
    assert refused.pointers == ["/choice"]
    clean()


def test_links_follow_when_both_ends_exist(newsroom: Newsroom) -> None:
    article = both(newsroom)
    one = marked(newsroom, "ann", article, ("actor", 60, 69), ("claim", 19, 58))
    other = marked(newsroom, "ben", article, ("actor", 60, 63), ("claim", 24, 58))
    linked(one)
    submitted(newsroom, one, other)
    set_id = begun(newsroom, article).data["id"]
    claim, actor = decisions(newsroom, set_id)
    assert settle(newsroom, claim, "take_b").status == 200
    assert not Relation.objects.filter(set_id=set_id).exists()
    # ann's link comes with ann's actor, and ends at what was taken for her claim
    settled = settle(newsroom, actor, "take_a")
    link = Relation.objects.get(set_id=set_id)
    assert (link.source.start, str(link.target_id)) == (24, settled.data["span"])
    assert settle(newsroom, settled.data, "take_b").status == 200
    assert not Relation.objects.filter(set_id=set_id).exists()
    clean()


def test_a_changed_source_raises_a_flag_and_decides_nothing(newsroom: Newsroom) -> None:
    article, set_id = two_views(newsroom)
    first = decisions(newsroom, set_id)[0]
    settled = settle(newsroom, first, "take_a", "missed").data
    source = AnnotationSet.objects.get(article=article, owner=newsroom.user("ann"), kind="annotation")
    assert newsroom.max.move(source.pk, "withdraw", reason="Not our guideline.").status == 200
    now = newsroom.rae.get(f"decisions/{first['id']}/").data
    assert now["source_changed"] is True
    assert (now["choice"], now["span"]) == (settled["choice"], settled["span"])
    assert settle(newsroom, settled, "drop").refusal == (412, "stale")
    assert len(decisions(newsroom, set_id, source_changed="true")) == 3
    # looking again and deciding the same takes the flag away
    assert settle(newsroom, now, "take_a", "missed").data["source_changed"] is False
    # nobody new starts while the adjudication is under way
    assert newsroom.max.post(f"articles/{article.pk}/sets/", {"owner": "ben"}).status == 409
    assert newsroom.max.post(f"articles/{article.pk}/sets/", {"owner": "max"}).status == 409
    assert newsroom.rae.get(f"sets/{set_id}/").status == 200
    clean()
    # once it is gone, the article is blind again, and so is what was made of it
    assert newsroom.max.move(set_id, "withdraw", reason="Begin anew.").status == 200
    assert newsroom.max.get(f"sets/{set_id}/").refusal == (403, "blind")
    assert newsroom.max.post(f"articles/{article.pk}/sets/", {"owner": "max"}).status == 201
    clean()


def test_an_adjudication_is_taken_over_with_its_decisions(newsroom: Newsroom) -> None:
    _, set_id = two_views(newsroom)
    first = decisions(newsroom, set_id)[0]
    settle(newsroom, first, "take_a", "missed")
    taken = newsroom.max.move(set_id, "take-over", reason="Rae is away.")
    assert taken.status == 201, taken
    found = newsroom.max.all(f"sets/{taken.data['id']}/decisions/")
    assert [row["state"] for row in found] == ["settled", "open", "open"]
    assert Span.objects.get(pk=found[0]["span"]).set_id == AnnotationSet.objects.get(pk=taken.data["id"]).pk
    assert Source.objects.filter(set_id=taken.data["id"]).count() == 2
    for row in found[1:]:
        assert settle(newsroom, row, "drop", by="max").status == 200
    assert newsroom.max.move(taken.data["id"], "submit").status == 200
    assert newsroom.rae.move(taken.data["id"], "start-review").refusal == (403, "four-eyes")
    clean()


def test_three_annotators_name_whose_side_is_taken(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=3)
    rows = [
        marked(newsroom, "ann", article, ("actor", 60, 69)),
        marked(newsroom, "ben", article, ("actor", 60, 69)),
        marked(newsroom, "max", article, ("actor", 60, 63)),
    ]
    submitted(newsroom, *rows)
    set_id = begun(newsroom, article).data["id"]
    (decision,) = decisions(newsroom, set_id)
    assert (decision["kind"], len(decision["sides"])) == ("boundary", 3)
    taken = settle(newsroom, decision, "take", owner="max")
    assert (taken.data["choice"], taken.data["owner"]) == ("take", "max")
    assert spans(set_id) == [("actor", 60, 63)]


def test_the_queue_hands_out_adjudications(newsroom: Newsroom) -> None:
    article = both(newsroom)
    submitted(newsroom, marked(newsroom, "ann", article), marked(newsroom, "rae", article))
    other = both(newsroom)
    submitted(newsroom, marked(newsroom, "ann", other), marked(newsroom, "ben", other))
    at, task = "corpora/lake/queue/", {"task": "adjudicate"}
    taken = newsroom.rae.post(at, task).data["set"]
    assert (taken["article"], taken["kind"]) == (str(other.pk), "adjudication")
    assert newsroom.rae.post(at, task).data["set"]["id"] == taken["id"]
    assert newsroom.max.post(at, task).data["set"]["article"] == str(article.pk)
    assert newsroom.ada.post(at, task).data == {"set": None, "reason": "Nothing waits for adjudication."}
    assert newsroom.ann.post(at, task).refusal == (403, "role")
