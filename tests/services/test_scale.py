"""What is done otherwise in large corpora answers the same: each is compared with the plain way."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.admin import changelist
from annotations.enums import State
from annotations.models import AnnotationSet, Article, Event, Role, Source
from annotations.services.core import candidates
from annotations.services.core.authors import author_ids, author_ids_by_set
from annotations.services.double_annotation import agreement
from annotations.services.integrity import CHECKS, run_checks
from annotations.services.review.eligibility import CorpusTeam
from annotations.services.team import blockers, progress, queue, stale_work
from annotations.visibility import visible
from tests.factories import make_set, make_span, make_user, move
from tests.newsroom import Newsroom

pytestmark = pytest.mark.django_db


def test_reviews_come_in_the_order_of_urgency(newsroom: Newsroom) -> None:
    now = timezone.now()
    plan = [(0, None), (0, 2), (1, None), (0, 1), (-1, 1), (1, 5), (0, None), (-1, None)]
    rows = [newsroom.submitted() for _ in plan]
    for row, (priority, days) in zip(rows, plan, strict=True):
        Article.objects.filter(pk=row.article_id).update(priority=priority)
        due = None if days is None else now + timedelta(days=days)
        AnnotationSet.objects.filter(pk=row.pk).update(due_at=due)
    waiting = visible(newsroom.user("rae"), AnnotationSet.objects.filter(state=State.SUBMITTED))
    found = [row.pk for row in queue._most_urgent(newsroom.lake, waiting)]
    assert found == [row.pk for row in waiting.order_by(*queue.URGENCY)]
    assert found == [rows[place].pk for place in (5, 2, 3, 1, 0, 6, 4, 7)]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_median_of_waiting_times(newsroom: Newsroom, number: int) -> None:
    now, hours = timezone.now(), [5.0, 1.0, 40.0, 7.0][:number]
    for wait in hours:
        row = newsroom.submitted()
        Event.objects.filter(set_id=row.pk).update(time=now - timedelta(hours=wait))
        AnnotationSet.objects.filter(pk=row.pk).update(
            created_at=now - timedelta(hours=wait), submitted_at=now - timedelta(hours=wait)
        )
    found = {row["state"]: row for row in progress._waiting(newsroom.lake, now)}
    assert (found["submitted"]["sets"], found["submitted"]["longest_hours"]) == (number, max(hours))
    assert found["submitted"]["median_hours"] == median(hours)
    assert found["open"] == {"state": "open", "sets": 0, "median_hours": None, "longest_hours": None}


def test_sets_that_were_sent_back_wait_since_then(newsroom: Newsroom) -> None:
    now = timezone.now()
    row = newsroom.moved(newsroom.submitted(), "ann", "recall")
    again = newsroom.moved(newsroom.in_review("ben"), "rae", "release_review")
    AnnotationSet.objects.update(created_at=now - timedelta(hours=90))
    Event.objects.filter(set_id__in=[row.pk, again.pk]).update(time=now - timedelta(hours=3))
    found = {row["state"]: row["longest_hours"] for row in progress._waiting(newsroom.lake, now)}
    assert (found["open"], found["submitted"]) == (3, 3)


def test_who_is_an_author_of_everything_stops_the_review(newsroom: Newsroom) -> None:
    """A set waits for nobody where every reviewer is its owner or the owner of a source."""
    rae, max_ = newsroom.user("rae"), newsroom.user("max")
    blocked, free = newsroom.submitted("rae"), newsroom.submitted("ann")
    source = newsroom.set("max")
    Source.objects.create(set=blocked, source=source, position=0)
    assert CorpusTeam.load(newsroom.lake.pk).reviewer_ids() == {rae.pk, max_.pk}

    def of_code(code: str) -> list[str]:
        found = blockers.find_blockers(newsroom.lake, timezone.now())
        return [id for row in found if row["code"] == code for id in row["articles"]]

    assert of_code("no-reviewer") == [str(blocked.article_id)]
    assert str(free.article_id) not in of_code("no-reviewer")
    with CaptureQueriesContext(connection) as few:
        of_code("no-reviewer")
    for number in range(5):
        newsroom.join(make_user(f"reviewer{number}"), Role.REVIEWER)
    assert of_code("no-reviewer") == []
    with CaptureQueriesContext(connection) as many:
        of_code("no-reviewer")
    assert len(many) <= len(few) + 1, "each reviewer leaves fewer sets, and nobody asks about the rest"
    Source.objects.all().delete()  # only adjudications have them


@pytest.mark.parametrize("most", [0, 1, 500])
def test_lists_are_the_same_for_few_and_many_candidates(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(candidates, "MAX_CANDIDATES", most)
    ada, other = UUID(newsroom.actor()), UUID(newsroom.actor("Unused"))
    rows = [newsroom.approved(), newsroom.submitted(), newsroom.set()]
    spans = [make_span(row, start=0, end=3, actor_id=ada) for row in rows if row.state == State.OPEN]
    for row in rows[:2]:
        row.spans.update(actor_id=ada)
    theirs = sorted([*(str(id) for row in rows[:2] for id in row.spans.values_list("pk", flat=True))])
    everything = sorted([*theirs, *(str(span.pk) for span in spans)])

    def listed(name: str, path: str, **parameters: object) -> list[str]:
        return [row["id"] for row in newsroom[name].all(f"corpora/lake/{path}/", **parameters)]

    assert listed("ann", "spans", actor=ada) == everything
    assert listed("ann", "spans", actor=ada, label="claim") == []
    assert listed("ann", "spans", actor=other) == []
    assert listed("ann", "spans", state="open") == [str(span.pk) for span in spans]
    assert listed("ann", "spans", state="withdrawn") == []
    assert listed("ben", "spans", actor=ada) == [str(rows[0].spans.get().pk)], "approved work alone"
    assert listed("ben", "spans", state="submitted") == []
    assert listed("ann", "articles", actor=ada) == sorted(str(row.article_id) for row in rows)
    assert listed("ben", "articles", actor=ada) == [str(rows[0].article_id)]
    assert listed("ann", "articles", actor=other) == []
    for row in rows[:2]:
        row.spans.update(actor_id=None)  # closed sets do not change


def test_a_report_of_many_pairs_has_the_worst(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    article = newsroom.article(annotators=3)
    newsroom.join(make_user("cem"), Role.ANNOTATOR)
    rows = [newsroom.set(name, article) for name in ("ann", "ben")]
    rows.append(make_set(article, User.objects.get(username="cem")))
    for row, (start, end) in zip(rows, ((0, 3), (0, 3), (40, 42)), strict=True):
        make_span(row, start=start, end=end)
        move(row.owner, row, "submit")

    def report(**parameters: str) -> tuple[list[list[str]], int]:
        found = newsroom.max.get("corpora/lake/agreement/", **parameters).data
        return [pair["owners"] for pair in found["pairs"]], found["pairs_left_out"]

    everybody = [["ann", "ben"], ["ann", "cem"], ["ben", "cem"]]
    assert report() == (everybody, 0)
    found = newsroom.max.get("corpora/lake/agreement/").data
    assert found["people"] == [
        {"username": "ann", "pairs": 2, "comparisons": 2, "iou_f1": 0.5},
        {"username": "ben", "pairs": 2, "comparisons": 2, "iou_f1": 0.5},
        {"username": "cem", "pairs": 2, "comparisons": 2, "iou_f1": 0.0},
    ]
    assert report(person="cem") == (everybody[1:], 0)
    assert report(person="nobody") == ([], 0)
    monkeypatch.setattr(agreement, "MAX_PAIRS", 2)
    assert report() == (everybody[1:], 1), "ann and ben agree, and are left out"
    assert report(person="ann") == (everybody[:2], 0)


def test_authors_of_many_sets_are_those_of_each(newsroom: Newsroom) -> None:
    adjudication = newsroom.adjudication()
    approved = newsroom.approved("ben")
    rows = [adjudication, approved, newsroom.set("max")]
    found = author_ids_by_set(rows)
    assert found == {row.pk: author_ids(row) for row in rows}
    ann, ben, rae = (newsroom.user(name).pk for name in ("ann", "ben", "rae"))
    assert found[adjudication.pk] == {ann, ben, rae}
    assert found[approved.pk] == {ben}


def test_the_stalest_sets_come_first(newsroom: Newsroom) -> None:
    now, manager = timezone.now(), newsroom.user("max")
    rows = {days: newsroom.set() for days in (20, 1, 30, 9)}
    for days, row in rows.items():
        time = now - timedelta(days=days)
        Event.objects.filter(set_id=row.pk).update(time=time)
        AnnotationSet.objects.filter(pk=row.pk).update(created_at=time)
    found = stale_work.find_stalest_sets(manager, newsroom.lake, 7, 2)
    assert [row.pk for row in found] == [rows[30].pk, rows[20].pk]
    found = stale_work.find_stalest_sets(manager, newsroom.lake, 7, 50)
    assert [row.pk for row in found] == [rows[30].pk, rows[20].pk, rows[9].pk]


def test_each_check_is_told_once_it_is_done(newsroom: Newsroom) -> None:
    told: list[str] = []
    report = run_checks(newsroom.lake, lambda name, result: told.append(f"{name} {result.found}"))
    assert told == [f"{name} 0" for name in CHECKS]
    assert report.found == 0


@pytest.mark.parametrize(("most", "counted", "capped"), [(3, 3, True), (4, 4, False), (9, 4, False)])
def test_a_list_counts_only_so_far(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, most: int, counted: int, *, capped: bool
) -> None:
    monkeypatch.setattr(changelist, "MAX_COUNTED", most)
    for _ in range(4):
        newsroom.article()
    pages = changelist.CappedPaginator(Article.objects.order_by("pk"), 2)
    assert (pages.count, pages.is_capped, pages.num_pages) == (counted, capped, (counted + 1) // 2)
