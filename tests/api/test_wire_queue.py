"""The queue over HTTP: what it gives to whom, and in which order."""

from __future__ import annotations

from typing import Any

from annotations.models import AnnotationSet, Membership, Role
from tests.api.test_wire_shapes import has_shape
from tests.newsroom import Caller, Newsroom


def take(caller: Caller, task: str = "annotate") -> Any:
    reply = caller.post("corpora/lake/queue/", {"task": task})
    assert reply.status == 200, reply
    return reply.data["set"]


def test_what_one_holds_comes_first(newsroom: Newsroom) -> None:
    first, second = newsroom.article(), newsroom.article()
    taken = take(newsroom.ann)
    assert taken["article"] == str(first.pk)
    assert take(newsroom.ann) == taken
    assert take(newsroom.ben)["article"] == str(second.pk)
    newsroom.ann.move(taken["id"], "submit")
    assert take(newsroom.ann) is None
    review = take(newsroom.rae, "review")
    assert (review["id"], review["state"], review["reviewer"]) == (taken["id"], "in_review", "rae")
    assert take(newsroom.rae, "review") == review
    assert take(newsroom.max, "review") is None
    newsroom.rae.move(taken["id"], "return", comment="Mend it.")
    assert take(newsroom.ann)["id"] == taken["id"]


def test_due_dates_come_first(newsroom: Newsroom) -> None:
    rows = [newsroom.submitted() for _ in range(3)]
    AnnotationSet.objects.filter(pk=rows[2].pk).update(due_at="2026-01-01T00:00:00Z")
    AnnotationSet.objects.filter(pk=rows[1].pk).update(due_at="2027-01-01T00:00:00Z")
    seen = []
    for _ in rows:
        taken = take(newsroom.rae, "review")["id"]
        seen.append(taken)
        newsroom.rae.move(taken, "approve")
    assert seen == [str(rows[number].pk) for number in (2, 1, 0)]


def test_work_is_found_behind_everything_that_others_hold(newsroom: Newsroom) -> None:
    for _ in range(55):
        newsroom.set("ben")
    free = newsroom.article()
    assert take(newsroom.ann)["article"] == str(free.pk)


def test_reviews_are_found_behind_everything_of_ones_own(newsroom: Newsroom) -> None:
    for _ in range(52):
        row = newsroom.set("rae")
        AnnotationSet.objects.filter(pk=row.pk)
        newsroom.moved(row, "rae", "submit")
    other = newsroom.submitted("ann")
    assert take(newsroom.rae, "review")["id"] == str(other.pk)


def test_the_queue_gives_nobody_what_they_had_before(newsroom: Newsroom) -> None:
    row = newsroom.set()
    newsroom.ann.move(row.pk, "withdraw", reason="Too hard.")
    assert take(newsroom.ann) is None
    assert take(newsroom.ben)["article"] == str(row.article_id)


def test_the_queue_leaves_out_what_is_not_to_be_done(newsroom: Newsroom) -> None:
    article = newsroom.article()
    newsroom.max.post(f"articles/{article.pk}/exclude/", {"reason": "Twice."})
    newsroom.approved("ben")
    assert take(newsroom.ann) is None
    newsroom.max.post(f"articles/{article.pk}/include/", {"reason": "Once."})
    assert take(newsroom.ann)["article"] == str(article.pk)


def test_tasks_ask_for_their_role_and_scope(newsroom: Newsroom) -> None:
    for who, task in (("ann", "review"), ("ann", "adjudicate"), ("vic", "annotate"), ("vic", "review")):
        reply = newsroom[who].post("corpora/lake/queue/", {"task": task})
        assert reply.refusal == (403, "role"), (who, task)
    only = Caller(newsroom.user("rae"), ["annotate"])  # type: ignore[list-item]
    assert only.post("corpora/lake/queue/", {"task": "review"}).refusal == (403, "scope")
    assert newsroom.rae.post("corpora/lake/queue/", {"task": "adjudicate"}).data["set"] is None


def test_work_of_people_who_left_can_be_taken_over_and_reopened_for_others(newsroom: Newsroom) -> None:
    row, gold = newsroom.set("ben"), newsroom.approved("ben")
    ben = newsroom.user("ben")
    version = Membership.objects.get(corpus=newsroom.lake, user=ben).version
    newsroom.max.delete("corpora/lake/members/ben/", version)
    assert newsroom.ben.get(f"sets/{row.pk}/").status == 404
    assert newsroom.max.move(gold.pk, "reopen", reason="So.").refusal == (422, "not-in-corpus")
    ben.is_active = False
    ben.save()
    assert newsroom.max.move(gold.pk, "reopen", reason="So.").refusal == (409, "not-allowed-now")
    assert newsroom.max.move(gold.pk, "reopen", reason="So.", owner="ann").status == 201
    assert newsroom.rae.move(row.pk, "take-over", reason="Ben left.").status == 201
    assert Membership.objects.filter(role=Role.MANAGER, corpus=newsroom.lake).count() == 1


def test_the_queue(newsroom: Newsroom) -> None:
    nothing = newsroom.ann.post("corpora/lake/queue/", {"task": "annotate"})
    has_shape(nothing.data, "queue")
    assert nothing.data["set"] is None
    assert nothing.data["reason"].endswith(".")
    article = newsroom.article()
    taken = newsroom.ann.post("corpora/lake/queue/", {"task": "annotate"})
    has_shape(taken.data, "queue")
    has_shape(taken.data["set"], "set")
    assert (taken.status, taken.data["reason"], taken.data["set"]["article"]) == (200, None, str(article.pk))
