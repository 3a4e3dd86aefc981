"""The queue over HTTP: what it gives to whom, and in which order."""

from __future__ import annotations

from typing import Any

from annotations.models import AnnotationSet, Membership, Role
from tests.api.house import Caller, House
from tests.api.test_wire_shapes import has_shape


def take(caller: Caller, task: str = "annotate") -> Any:
    reply = caller.post("corpora/lake/queue/", {"task": task})
    assert reply.status == 200, reply
    return reply.data["set"]


def test_what_one_holds_comes_first(house: House) -> None:
    first, second = house.article(), house.article()
    taken = take(house.ann)
    assert taken["article"] == str(first.pk)
    assert take(house.ann) == taken
    assert take(house.ben)["article"] == str(second.pk)
    house.ann.move(taken["id"], "submit")
    assert take(house.ann) is None
    review = take(house.rae, "review")
    assert (review["id"], review["state"], review["reviewer"]) == (taken["id"], "in_review", "rae")
    assert take(house.rae, "review") == review
    assert take(house.max, "review") is None
    house.rae.move(taken["id"], "return", comment="Mend it.")
    assert take(house.ann)["id"] == taken["id"]


def test_due_dates_come_first(house: House) -> None:
    rows = [house.submitted() for _ in range(3)]
    AnnotationSet.objects.filter(pk=rows[2].pk).update(due_at="2026-01-01T00:00:00Z")
    AnnotationSet.objects.filter(pk=rows[1].pk).update(due_at="2027-01-01T00:00:00Z")
    seen = []
    for _ in rows:
        taken = take(house.rae, "review")["id"]
        seen.append(taken)
        house.rae.move(taken, "approve")
    assert seen == [str(rows[number].pk) for number in (2, 1, 0)]


def test_work_is_found_behind_everything_that_others_hold(house: House) -> None:
    for _ in range(55):
        house.set("ben")
    free = house.article()
    assert take(house.ann)["article"] == str(free.pk)


def test_reviews_are_found_behind_everything_of_ones_own(house: House) -> None:
    for _ in range(52):
        row = house.set("rae")
        AnnotationSet.objects.filter(pk=row.pk)
        house.moved(row, "rae", "submit")
    other = house.submitted("ann")
    assert take(house.rae, "review")["id"] == str(other.pk)


def test_the_queue_gives_nobody_what_they_had_before(house: House) -> None:
    row = house.set()
    house.ann.move(row.pk, "withdraw", reason="Too hard.")
    assert take(house.ann) is None
    assert take(house.ben)["article"] == str(row.article_id)


def test_the_queue_leaves_out_what_is_not_to_be_done(house: House) -> None:
    article = house.article()
    house.max.post(f"articles/{article.pk}/exclude/", {"reason": "Twice."})
    house.approved("ben")
    assert take(house.ann) is None
    house.max.post(f"articles/{article.pk}/include/", {"reason": "Once."})
    assert take(house.ann)["article"] == str(article.pk)


def test_tasks_ask_for_their_role_and_scope(house: House) -> None:
    for who, task in (("ann", "review"), ("ann", "adjudicate"), ("vic", "annotate"), ("vic", "review")):
        reply = house[who].post("corpora/lake/queue/", {"task": task})
        assert reply.refusal == (403, "role"), (who, task)
    only = Caller(house.user("rae"), ["annotate"])  # type: ignore[list-item]
    assert only.post("corpora/lake/queue/", {"task": "review"}).refusal == (403, "scope")
    assert house.rae.post("corpora/lake/queue/", {"task": "adjudicate"}).data["set"] is None


def test_work_of_people_who_left_can_be_taken_over_and_reopened_for_others(house: House) -> None:
    row, gold = house.set("ben"), house.approved("ben")
    ben = house.user("ben")
    version = Membership.objects.get(corpus=house.lake, user=ben).version
    house.max.delete("corpora/lake/members/ben/", version)
    assert house.ben.get(f"sets/{row.pk}/").status == 404
    assert house.max.move(gold.pk, "reopen", reason="So.").refusal == (422, "not-in-corpus")
    ben.is_active = False
    ben.save()
    assert house.max.move(gold.pk, "reopen", reason="So.").refusal == (409, "not-allowed-now")
    assert house.max.move(gold.pk, "reopen", reason="So.", owner="ann").status == 201
    assert house.rae.move(row.pk, "take-over", reason="Ben left.").status == 201
    assert Membership.objects.filter(role=Role.MANAGER, corpus=house.lake).count() == 1


def test_the_queue(house: House) -> None:
    nothing = house.ann.post("corpora/lake/queue/", {"task": "annotate"})
    has_shape(nothing.data, "queue")
    assert nothing.data["set"] is None
    assert nothing.data["reason"].endswith(".")
    article = house.article()
    taken = house.ann.post("corpora/lake/queue/", {"task": "annotate"})
    has_shape(taken.data, "queue")
    has_shape(taken.data["set"], "set")
    assert (taken.status, taken.data["reason"], taken.data["set"]["article"]) == (200, None, str(article.pk))
