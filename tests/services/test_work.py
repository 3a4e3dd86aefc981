"""Who gets which work next: the queue, the silent share, handing out, adjudication, stuck work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotations.exceptions import (
    FourEyes,
    Invalid,
    NotAllowedNow,
    NotInCorpus,
    NotYourRole,
    Stale,
    UnknownUser,
)
from annotations.models import AnnotationSet, Article, Corpus, Decision, Span
from annotations.permissions import Seen
from annotations.services import (
    adjudication,
    assignments,
    blocks,
    calibrations,
    decisions,
    doubling,
    progress,
    queue,
    stuck,
    team,
)
from annotations.services.decisions import Verdict
from annotations.services.queue import Task
from annotations.states import DecisionState, ReasonCode, Round, Settlement, State
from tests import factories
from tests.newsroom import Newsroom


def take(newsroom: Newsroom, who: str, task: Task = Task.ANNOTATE, **options: Any) -> queue.Taken:
    """Ask for the next piece of work in ``lake``."""
    user = newsroom.user(who)
    return queue.take(user, factories.seen_by(user, newsroom.lake), task, **options)


def seen(newsroom: Newsroom, who: str = "max") -> Seen[Corpus]:
    """The corpus with the role of a person."""
    return factories.seen_by(newsroom.user(who), newsroom.lake)


def settle(
    row: AnnotationSet, decision: Decision, choice: Settlement, version: int | None = None
) -> Decision:
    """Settle one difference as the owner of the adjudication."""
    seen = decision.version if version is None else version
    verdict = Verdict(id=decision.pk, version=seen, choice=choice, reason=ReasonCode.SLIP)
    return decisions.settle(row.owner, row.pk, [verdict])[0][0]


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
    assert str(take(newsroom, "rae", Task.REVIEW).reason) == "Nothing waits for review."
    Corpus.objects.filter(pk=newsroom.lake.pk).update(most_open=1)
    newsroom.article()
    assert take(newsroom, "ann").row is not None
    assert "hands out at most 1" in str(take(newsroom, "ann", another=True).reason)
    with pytest.raises(NotYourRole):
        take(newsroom, "vic")


def test_nobody_is_handed_their_own_work_to_review(newsroom: Newsroom) -> None:
    newsroom.submitted("rae")
    assert "your own work" in str(take(newsroom, "rae", Task.REVIEW).reason)
    taken = take(newsroom, "max", Task.REVIEW).row
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
        assert doubling.owed(corpus) == owed
    Corpus.objects.filter(pk=corpus.pk).update(handed_out=4, double_share=50)
    newsroom.article(annotators=2)
    Article.objects.update(doubled=True)
    assert doubling.owed(corpus) == 1


def test_a_second_annotator_has_handed_in_before_and_comes_unseen(newsroom: Newsroom) -> None:
    newsroom.submitted("ben")
    single = newsroom.set("ann")
    Corpus.objects.filter(pk=newsroom.lake.pk).update(handed_out=2, double_share=50)
    members = team.Team.of(newsroom.lake.pk)
    lake = seen(newsroom, "ben").row
    assert doubling.second(newsroom.user("rae"), lake, members) is None
    article = doubling.second(newsroom.user("ben"), lake, members)
    assert article is not None
    assert (article.pk, article.annotators, article.doubled) == (single.article_id, 2, True)
    assert article.version == single.article.version
    assert doubling.second(newsroom.user("ben"), lake, members) is None
    newsroom.set("ben", article)  # or the article is one of a single annotator again


def test_much_work_is_handed_out_or_none(newsroom: Newsroom) -> None:
    max_, lake = newsroom.user("max"), seen(newsroom)
    ids = [newsroom.article().pk for _ in range(4)]
    for job, error in (
        (assignments.Job(articles=ids, owners=["ann", "nobody"]), UnknownUser),
        (assignments.Job(articles=ids, owners=["vic"]), NotInCorpus),
        (assignments.Job(articles=ids, owners=["ann", "ann"]), Invalid),
        (assignments.Job(articles=[*ids, ids[0]], owners=["ann"]), Invalid),
        (
            assignments.Job(articles=[*ids, newsroom.article(corpus=newsroom.sea).pk], owners=["ann"]),
            NotInCorpus,
        ),
    ):
        with pytest.raises(error):
            assignments.assign_many(max_, lake, job)
    assert not AnnotationSet.objects.exists()
    rows = assignments.assign_many(max_, lake, assignments.Job(articles=ids, owners=["ann", "ben"]))
    assert [row.owner.get_username() for row in rows] == ["ann", "ben", "ann", "ben"]
    with pytest.raises(NotAllowedNow, match="all the annotators"):
        assignments.assign_many(max_, lake, assignments.Job(articles=ids[:1], owners=["rae"]))


def test_a_calibration_goes_to_everybody_and_can_be_ended(newsroom: Newsroom) -> None:
    max_, lake = newsroom.user("max"), seen(newsroom)
    article = newsroom.article()
    job = assignments.Job(articles=[article.pk], owners=["ann", "ben"], round=Round.CALIBRATION)
    one, two = assignments.assign_many(max_, lake, job)
    factories.make_span(one)
    newsroom.moved(one, "ann", "submit")
    (row,) = calibrations.of_corpus(newsroom.lake)
    assert (row.finished, row.at_work, row.is_open) == (["ann"], ["ben"], True)
    assert calibrations.close(max_, lake, [article.pk], reason="Ben is ill.") == 1
    assert newsroom.fresh(two).state == State.WITHDRAWN
    assert not calibrations.of_corpus(newsroom.lake)[0].is_open


def test_what_is_alike_is_merged_and_the_rest_is_decided(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    one, two = newsroom.set("ann", article), newsroom.set("ben", article)
    for row, start in ((one, 39), (two, 34)):
        factories.make_span(row)
        factories.make_span(row, "claim", start, 58)
    newsroom.moved(one, "ann", "submit")
    with pytest.raises(NotAllowedNow, match="all its annotators"):
        adjudication.begin(newsroom.user("rae"), article.pk)
    newsroom.moved(two, "ben", "submit")
    with pytest.raises(NotYourRole):
        adjudication.begin(newsroom.user("ann"), article.pk)
    row, _ = adjudication.begin(newsroom.user("rae"), article.pk)
    assert [span.label for span in Span.objects.filter(set=row)] == ["actor"]
    (decision,) = Decision.objects.filter(set=row)
    assert (decision.kind, decision.state) == ("boundary", DecisionState.OPEN)
    with pytest.raises(NotAllowedNow, match="still open"):
        newsroom.moved(row, "rae", "submit")
    settled = settle(row, decision, Settlement.TAKE_B)
    assert settle(row, decision, Settlement.TAKE_B).version == settled.version  # a repeat
    with pytest.raises(Stale):
        settle(row, decision, Settlement.DROP, version=decision.version)
    assert newsroom.fresh(row).span_counts == {"actor": 1, "claim": 1}
    taken = settle(row, settled, Settlement.TAKE_A)
    assert Span.objects.get(set=row, label="claim").start == 39
    reopened, _ = decisions.reopen(row.owner, taken, version=taken.version)
    assert (reopened.state, newsroom.fresh(row).span_counts) == (DecisionState.OPEN, {"actor": 1})
    settle(row, reopened, Settlement.DROP)
    newsroom.moved(row, "rae", "submit")
    newsroom.moved(row, "max", "start_review")
    newsroom.moved(row, "max", "approve")
    assert {newsroom.fresh(each).state for each in (one, two)} == {State.SUPERSEDED}


def test_an_author_of_a_source_settles_nothing(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    newsroom.submitted("ann", article)
    newsroom.moved(newsroom.set("rae", article), "rae", "submit")
    with pytest.raises(FourEyes):
        adjudication.begin(newsroom.user("rae"), article.pk)
    assert "your own work" in str(take(newsroom, "rae", Task.ADJUDICATE).reason)
    taken = take(newsroom, "max", Task.ADJUDICATE).row
    assert taken is not None
    assert taken.kind == "adjudication"


def test_work_on_which_nothing_happens_is_stuck(newsroom: Newsroom) -> None:
    row = newsroom.set()
    newsroom.nothing_happens(8)
    fresh = newsroom.set("ben")
    assert [each.pk for each in stuck.of_corpus(newsroom.user("max"), seen(newsroom).row)] == [row.pk]
    assert not stuck.of_corpus(newsroom.user("max"), seen(newsroom).row, days=9)
    assert fresh.pk in {each.pk for each in stuck.of_corpus(newsroom.user("max"), seen(newsroom).row, days=0)}


def test_what_stops_work_and_how_far_it_is(newsroom: Newsroom) -> None:
    row = newsroom.set()
    now = timezone.now()
    AnnotationSet.objects.filter(pk=row.pk).update(due_at=now - timedelta(days=1))
    found = {block["code"]: block for block in blocks.of_corpus(newsroom.lake, now)}
    assert (found["overdue"]["who"], found["overdue"]["articles"]) == ("ann", [str(row.article_id)])
    assert "overdue" not in {
        block["code"] for block in blocks.of_corpus(newsroom.lake, now - timedelta(days=2))
    }
    assert progress.of_corpus(newsroom.lake)


def test_the_last_reviewer_is_not_spent_on_annotation(newsroom: Newsroom) -> None:
    members = team.Team.of(newsroom.lake.pk)
    rae, max_, ann, ben = (newsroom.user(name).pk for name in ("rae", "max", "ann", "ben"))
    assert members.reviewers() == {rae, max_}
    assert members.annotators() >= {ann, ben}
    assert members.can_settle([ann, ben])
    assert not members.can_settle([rae, ann])
    assert members.is_spoilt_by(rae, 2, [])
    assert not members.is_spoilt_by(rae, 1, [])
    assert not members.is_spoilt_by(ann, 2, [])
    found = team.reviewers_of(newsroom.submitted("rae"))
    assert {mode["mode"] for mode in found["modes"]} == {"single", "double"}
