"""Who gets which work next: the queue, the silent share, handing out, adjudication, stuck work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotations.enums import DecisionChoice, DecisionState, ReasonCode, Round, State
from annotations.exceptions import (
    FourEyesError,
    InsufficientRoleError,
    InvalidInputError,
    NotAllowedNowError,
    NotInCorpusError,
    StaleVersionError,
    UnknownUserError,
)
from annotations.models import AnnotationSet, Article, Corpus, Decision, Event, FrozenAgreement, Span
from annotations.permissions import VisibleRow
from annotations.services import integrity
from annotations.services.core.events import IMPORTED
from annotations.services.double_annotation import adjudication, calibration, decisions, overlap
from annotations.services.double_annotation.decisions import DecisionResolution
from annotations.services.review import eligibility
from annotations.services.team import assignments, blockers, corpus_counts, progress, queue, stale_work
from annotations.services.team.queue import QueueTask
from tests import factories
from tests.newsroom import Newsroom


def take(
    newsroom: Newsroom, who: str, task: QueueTask = QueueTask.ANNOTATE, **options: Any
) -> queue.QueueResult:
    """Ask for the next piece of work in ``lake``."""
    user = newsroom.user(who)
    return queue.take_next_set(user, factories.seen_by(user, newsroom.lake), task, **options)


def seen(newsroom: Newsroom, who: str = "max") -> VisibleRow[Corpus]:
    """The corpus with the role of a person."""
    return factories.seen_by(newsroom.user(who), newsroom.lake)


def settle(
    row: AnnotationSet, decision: Decision, choice: DecisionChoice, version: int | None = None
) -> Decision:
    """Settle one difference as the owner of the adjudication."""
    seen = decision.version if version is None else version
    verdict = DecisionResolution(id=decision.pk, version=seen, choice=choice, reason=ReasonCode.SLIP)
    return decisions.resolve_decisions(row.owner, row.pk, [verdict])[0][0]


def test_what_one_holds_comes_before_what_is_urgent(newsroom: Newsroom) -> None:
    newsroom.article()
    urgent = newsroom.article(priority=5)
    first = take(newsroom, "ann").row
    assert first is not None
    assert first.article_id == urgent.pk
    newsroom.article(priority=9)
    assert take(newsroom, "ann").row == first
    another = take(newsroom, "ann", another=True).row
    assert another is not None
    assert another.article.priority == 9
    assert take(newsroom, "ben").row not in {first, another}


def test_nothing_comes_with_its_reason(newsroom: Newsroom) -> None:
    taken = take(newsroom, "ann")
    assert (taken.row, taken.reason) == (None, "The corpus has no articles yet; a manager can import some.")
    newsroom.set("ben")
    assert "has its annotators" in str(take(newsroom, "ann").reason)
    assert str(take(newsroom, "rae", QueueTask.REVIEW).reason) == "Nothing waits for review."
    Corpus.objects.filter(pk=newsroom.lake.pk).update(most_open=1)
    newsroom.article()
    assert take(newsroom, "ann").row is not None
    assert "hands out at most 1" in str(take(newsroom, "ann", another=True).reason)
    with pytest.raises(InsufficientRoleError):
        take(newsroom, "vic")


def test_nobody_is_handed_their_own_work_to_review(newsroom: Newsroom) -> None:
    newsroom.submitted("rae")
    assert "your own work" in str(take(newsroom, "rae", QueueTask.REVIEW).reason)
    taken = take(newsroom, "max", QueueTask.REVIEW).row
    assert taken is not None
    assert (taken.state, taken.reviewer) == (State.IN_REVIEW, newsroom.user("max"))


def test_the_silent_share_is_owed_exactly(newsroom: Newsroom) -> None:
    corpus = newsroom.lake
    for handed_out, share, owed in (
        (0, 50, 0),
        (1, 50, 0),
        (2, 50, 1),
        (9, 33, 2),
        (10, 100, 10),
        (10, 0, 0),
    ):
        Corpus.objects.filter(pk=corpus.pk).update(handed_out=handed_out, double_share=share)
        assert overlap.count_due_overlaps(corpus) == owed
    Corpus.objects.filter(pk=corpus.pk).update(handed_out=4, double_share=50)
    newsroom.article(annotators=2)
    Article.objects.update(doubled=True)
    assert overlap.count_due_overlaps(corpus) == 1


def test_a_second_annotator_has_handed_in_before_and_comes_unseen(newsroom: Newsroom) -> None:
    newsroom.submitted("ben")
    single = newsroom.set("ann")
    Corpus.objects.filter(pk=newsroom.lake.pk).update(handed_out=2, double_share=50)
    members = eligibility.CorpusTeam.load(newsroom.lake.pk)
    lake = seen(newsroom, "ben").row
    assert overlap.claim_overlap_article(newsroom.user("rae"), lake, members) is None
    article = overlap.claim_overlap_article(newsroom.user("ben"), lake, members)
    assert article is not None
    assert (article.pk, article.annotators, article.doubled) == (single.article_id, 2, True)
    assert article.version == single.article.version
    assert overlap.claim_overlap_article(newsroom.user("ben"), lake, members) is None
    newsroom.set("ben", article)  # or the article is one of a single annotator again


def test_much_work_is_handed_out_or_none(newsroom: Newsroom) -> None:
    max_, lake = newsroom.user("max"), seen(newsroom)
    ids = [newsroom.article().pk for _ in range(4)]
    for job, error in (
        (assignments.AssignmentRequest(articles=ids, owners=["ann", "nobody"]), UnknownUserError),
        (assignments.AssignmentRequest(articles=ids, owners=["vic"]), NotInCorpusError),
        (assignments.AssignmentRequest(articles=ids, owners=["ann", "ann"]), InvalidInputError),
        (assignments.AssignmentRequest(articles=[*ids, ids[0]], owners=["ann"]), InvalidInputError),
        (
            assignments.AssignmentRequest(
                articles=[*ids, newsroom.article(corpus=newsroom.sea).pk], owners=["ann"]
            ),
            NotInCorpusError,
        ),
    ):
        with pytest.raises(error):
            assignments.assign_articles(max_, lake, job)
    assert not AnnotationSet.objects.exists()
    rows = assignments.assign_articles(
        max_, lake, assignments.AssignmentRequest(articles=ids, owners=["ann", "ben"])
    )
    assert [row.owner.get_username() for row in rows] == ["ann", "ben", "ann", "ben"]
    with pytest.raises(NotAllowedNowError, match="all the annotators"):
        assignments.assign_articles(
            max_, lake, assignments.AssignmentRequest(articles=ids[:1], owners=["rae"])
        )


def test_a_calibration_goes_to_everybody_and_can_be_ended(newsroom: Newsroom) -> None:
    max_, lake = newsroom.user("max"), seen(newsroom)
    article = newsroom.article()
    job = assignments.AssignmentRequest(articles=[article.pk], owners=["ann", "ben"], round=Round.CALIBRATION)
    one, two = assignments.assign_articles(max_, lake, job)
    factories.make_span(one)
    newsroom.moved(one, "ann", "submit")
    (row,) = calibration.calibration_articles(newsroom.lake)
    assert (row.finished, row.at_work, row.is_open) == (["ann"], ["ben"], True)
    assert calibration.close_calibration(max_, lake, [article.pk], reason="Ben is ill.") == 1
    assert newsroom.fresh(two).state == State.WITHDRAWN
    assert not calibration.calibration_articles(newsroom.lake)[0].is_open


@pytest.mark.parametrize("way", ["withdraw", "unassign"])
def test_agreement_is_frozen_when_the_last_open_set_goes(newsroom: Newsroom, way: str) -> None:
    """Whoever is still at work keeps the others blind; they may talk as soon as that set is gone."""
    max_, lake = newsroom.user("max"), seen(newsroom)
    article = newsroom.article()
    job = assignments.AssignmentRequest(
        articles=[article.pk], owners=["ann", "ben", "rae"], round=Round.CALIBRATION
    )
    one, two, last = assignments.assign_articles(max_, lake, job)
    for row, name in ((one, "ann"), (two, "ben")):
        factories.make_span(row)
        newsroom.moved(row, name, "submit")
    assert not FrozenAgreement.objects.exists()
    newsroom.moved(last, "max", way, reason="Rae is ill.")
    (frozen,) = FrozenAgreement.objects.all()
    assert (frozen.first, frozen.second, frozen.round) == (one.owner, two.owner, Round.CALIBRATION)
    assert not integrity.run_checks().found


def test_what_is_alike_is_merged_and_the_rest_is_decided(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    one, two = newsroom.set("ann", article), newsroom.set("ben", article)
    for row, start in ((one, 39), (two, 34)):
        factories.make_span(row)
        factories.make_span(row, "claim", start, 58)
    newsroom.moved(one, "ann", "submit")
    with pytest.raises(NotAllowedNowError, match="all its annotators"):
        adjudication.begin_adjudication(newsroom.user("rae"), article.pk)
    newsroom.moved(two, "ben", "submit")
    with pytest.raises(InsufficientRoleError):
        adjudication.begin_adjudication(newsroom.user("ann"), article.pk)
    row, _ = adjudication.begin_adjudication(newsroom.user("rae"), article.pk)
    assert [span.label for span in Span.objects.filter(set=row)] == ["actor"]
    (decision,) = Decision.objects.filter(set=row)
    assert (decision.kind, decision.state) == ("boundary", DecisionState.OPEN)
    with pytest.raises(NotAllowedNowError, match="still open"):
        newsroom.moved(row, "rae", "submit")
    settled = settle(row, decision, DecisionChoice.TAKE_B)
    assert settle(row, decision, DecisionChoice.TAKE_B).version == settled.version  # a repeat
    with pytest.raises(StaleVersionError):
        settle(row, decision, DecisionChoice.DROP, version=decision.version)
    assert newsroom.fresh(row).span_counts == {"actor": 1, "claim": 1}
    taken = settle(row, settled, DecisionChoice.TAKE_A)
    assert Span.objects.get(set=row, label="claim").start == 39
    reopened, _ = decisions.reopen_decision(row.owner, taken, version=taken.version)
    assert (reopened.state, newsroom.fresh(row).span_counts) == (DecisionState.OPEN, {"actor": 1})
    settle(row, reopened, DecisionChoice.DROP)
    newsroom.moved(row, "rae", "submit")
    newsroom.moved(row, "max", "start_review")
    newsroom.moved(row, "max", "approve")
    assert {newsroom.fresh(each).state for each in (one, two)} == {State.SUPERSEDED}


def test_an_author_of_a_source_settles_nothing(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    newsroom.submitted("ann", article)
    newsroom.moved(newsroom.set("rae", article), "rae", "submit")
    with pytest.raises(FourEyesError):
        adjudication.begin_adjudication(newsroom.user("rae"), article.pk)
    assert "your own work" in str(take(newsroom, "rae", QueueTask.ADJUDICATE).reason)
    taken = take(newsroom, "max", QueueTask.ADJUDICATE).row
    assert taken is not None
    assert taken.kind == "adjudication"


def test_work_on_which_nothing_happens_is_stuck(newsroom: Newsroom) -> None:
    row = newsroom.set()
    newsroom.nothing_happens(8)
    fresh = newsroom.set("ben")
    assert [each.pk for each in stale_work.stale_sets(newsroom.user("max"), seen(newsroom).row)] == [row.pk]
    assert not stale_work.stale_sets(newsroom.user("max"), seen(newsroom).row, days=9)
    assert fresh.pk in {
        each.pk for each in stale_work.stale_sets(newsroom.user("max"), seen(newsroom).row, days=0)
    }


def test_what_stops_work_and_how_far_it_is(newsroom: Newsroom) -> None:
    row = newsroom.set()
    now = timezone.now()
    AnnotationSet.objects.filter(pk=row.pk).update(due_at=now - timedelta(days=1))
    found = {block["code"]: block for block in blockers.find_blockers(newsroom.lake, now)}
    assert (found["overdue"]["who"], found["overdue"]["articles"]) == ("ann", [str(row.article_id)])
    assert "overdue" not in {
        block["code"] for block in blockers.find_blockers(newsroom.lake, now - timedelta(days=2))
    }
    assert progress.corpus_progress(newsroom.user("max"), newsroom.lake)


def test_a_restored_corpus_is_counted_by_what_its_file_tells(newsroom: Newsroom) -> None:
    """What was done before a restore has no event; the pages take it from the same place all the same."""
    manager, ago = newsroom.user("max"), timezone.now() - timedelta(days=10)
    row, again = newsroom.submitted(), newsroom.submitted("ben")
    for each in (row, again):  # as a restore leaves them: one event, of today
        Event.objects.filter(set_id=each.pk).exclude(action="submit").delete()
        Event.objects.filter(set_id=each.pk).update(action=IMPORTED, user_id=None, username="")
    AnnotationSet.objects.update(imported=True, submitted_at=ago, created_at=ago - timedelta(hours=1))
    returned = newsroom.moved(newsroom.moved(again, "rae", "start_review"), "rae", "return", comment="Why?")
    newsroom.moved(returned, "ben", "submit")

    report = progress.corpus_progress(manager, newsroom.lake)
    days = corpus_counts.count_per_day(manager, newsroom.lake)
    submitted = {day["day"]: day["submit"] for day in report["throughput"] if day["submit"]}
    assert submitted == {day.date.isoformat(): day.submitted for day in days if day.submitted}
    assert submitted == {timezone.localdate(ago).isoformat(): 1, timezone.localdate().isoformat(): 1}
    assert sum(day["created"] for day in report["throughput"]) == 2
    waits = {state["state"]: state["longest_hours"] for state in report["waiting"]}["submitted"]
    assert waits == pytest.approx(240, abs=1)
    assert [each.pk for each in stale_work.stale_sets(manager, newsroom.lake)] == [row.pk]


def test_the_last_reviewer_is_not_spent_on_annotation(newsroom: Newsroom) -> None:
    members = eligibility.CorpusTeam.load(newsroom.lake.pk)
    rae, max_, ann, ben = (newsroom.user(name).pk for name in ("rae", "max", "ann", "ben"))
    assert members.reviewer_ids() == {rae, max_}
    assert members.annotator_ids() >= {ann, ben}
    assert members.can_adjudicate([ann, ben])
    assert not members.can_adjudicate([rae, ann])
    assert members.lacks_reviewers_after(rae, 2, [])
    assert not members.lacks_reviewers_after(rae, 1, [])
    assert not members.lacks_reviewers_after(ann, 2, [])
    found = eligibility.describe_reviewers(newsroom.submitted("rae"))
    assert {mode["mode"] for mode in found["modes"]} == {"single", "double"}
