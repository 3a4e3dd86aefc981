"""Transitions: who, from which version and state; four eyes; what a decision freezes and supersedes."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.enums import State
from annotations.exceptions import (
    BlindError,
    FourEyesError,
    InsufficientRoleError,
    NotAllowedNowError,
    NotVisibleError,
    StaleVersionError,
    StandpointError,
    UnsolvedProblemsError,
)
from annotations.models import AnnotationSet, Article, Event, Notification, Span, uuid7
from annotations.services.core import articles, comments, spans
from annotations.services.core.authors import author_ids
from annotations.services.core.spans import SpanDraft
from annotations.services.review import transitions
from annotations.services.review.guards import TransitionRequest
from annotations.services.team import assignments, due_dates
from annotations.visibility import get_visible_row
from tests import factories
from tests.newsroom import Newsroom


def move(
    newsroom: Newsroom, who: str, row: AnnotationSet, name: str, **fields: Any
) -> transitions.TransitionResult:
    """Make a transition from the version that is stored."""
    version = AnnotationSet.objects.values_list("version", flat=True).get(pk=row.pk)
    return transitions.make_transition(
        newsroom.user(who), row.pk, name, TransitionRequest(version=version, **fields)
    )


def test_the_way_to_gold_is_stamped_and_told(newsroom: Newsroom) -> None:
    row = newsroom.approved()
    assert (row.state, row.reviewer) == (State.APPROVED, newsroom.user("rae"))
    assert row.submitted_at
    assert row.approved_at
    assert row.submitted_at <= row.approved_at
    actions = Event.objects.filter(set_id=row.pk).order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["created", "span_added", "submit", "start_review", "approve"]
    assert Article.objects.get(pk=row.article_id).status == "done"


def test_nobody_decides_on_their_own_work(newsroom: Newsroom) -> None:
    row = newsroom.submitted("rae")
    with pytest.raises(FourEyesError):
        move(newsroom, "rae", row, "start_review")
    seen = get_visible_row(newsroom.user("rae"), AnnotationSet.objects.select_related("corpus"), pk=row.pk)
    assert "start_review" not in transitions.available_transitions(newsroom.user("rae"), seen)
    # work that was taken over has two authors
    taken = newsroom.set("ann")
    factories.make_span(taken)
    new = move(newsroom, "rae", taken, "take_over", reason="Ill.").row
    assert author_ids(new) == {newsroom.user("ann").pk, newsroom.user("rae").pk}
    move(newsroom, "rae", new, "submit")
    with pytest.raises(FourEyesError):
        move(newsroom, "rae", new, "start_review")
    assert move(newsroom, "max", new, "start_review").row.state == State.IN_REVIEW


def test_a_decision_needs_the_version_that_was_seen_and_a_repeat_answers(newsroom: Newsroom) -> None:
    row = newsroom.in_review()
    with pytest.raises(StaleVersionError):
        transitions.make_transition(
            newsroom.user("rae"), row.pk, "approve", TransitionRequest(version=row.version - 1)
        )
    done = transitions.make_transition(
        newsroom.user("rae"), row.pk, "approve", TransitionRequest(version=row.version)
    ).row
    again = transitions.make_transition(
        newsroom.user("rae"), row.pk, "approve", TransitionRequest(version=row.version)
    ).row
    assert (again.pk, again.version, again.state) == (done.pk, done.version, State.APPROVED)


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("vic", NotVisibleError),
        ("ben", NotVisibleError),
        ("sam", NotVisibleError),
        ("ann", InsufficientRoleError),
    ],
)
def test_only_reviewers_review(newsroom: Newsroom, who: str, error: type[StandpointError]) -> None:
    row = newsroom.submitted()
    with pytest.raises(error):
        move(newsroom, who, row, "start_review")


def test_what_stops_a_transition(newsroom: Newsroom) -> None:
    row = newsroom.set()
    factories.make_span(row, end=70)  # begins and ends on a letter, or it is a problem
    with pytest.raises(UnsolvedProblemsError) as refused:
        move(newsroom, "ann", row, "submit")
    assert [problem["code"] for problem in refused.value.data["problems"]] == ["B1"]
    reviewed = newsroom.in_review()
    with pytest.raises(NotAllowedNowError, match="Say what should change"):
        move(newsroom, "rae", reviewed, "return")
    draft = comments.CommentDraft(text="By name?", blocking=True)
    comments.add_comment(newsroom.user("rae"), reviewed.pk, draft)
    with pytest.raises(NotAllowedNowError, match="blocking"):
        move(newsroom, "rae", reviewed, "approve")
    assert move(newsroom, "rae", reviewed, "return").row.state == State.RETURNED


def test_taking_over_copies_the_work_under_new_ids_and_closes_the_old_set(newsroom: Newsroom) -> None:
    row = newsroom.set()
    span = factories.make_span(row)
    outcome = move(newsroom, "rae", row, "take_over", reason="Ill.")
    assert outcome.created
    assert outcome.row.based_on_id == row.pk
    copied = Span.objects.get(set=outcome.row)
    assert (copied.quote, copied.pk == span.pk) == (span.quote, False)
    assert newsroom.fresh(row).state == State.WITHDRAWN
    assert transitions.set_digest(newsroom.fresh(row)) != transitions.set_digest(outcome.row)


def test_approving_supersedes_the_gold_before(newsroom: Newsroom) -> None:
    old = newsroom.approved()
    new = move(newsroom, "max", old, "reopen", reason="A name was wrong.").row
    move(newsroom, "ann", new, "submit")
    move(newsroom, "rae", new, "start_review")
    move(newsroom, "rae", new, "approve")
    assert newsroom.fresh(old).state == State.SUPERSEDED
    gold = AnnotationSet.objects.filter(article=old.article_id, state=State.APPROVED)
    assert [row.pk for row in gold] == [new.pk]


def test_independent_work_is_hidden_until_all_have_submitted(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    one = newsroom.submitted("ann", article)
    two = newsroom.set("ben", article)
    with pytest.raises(BlindError):
        move(newsroom, "max", two, "take_over", reason="So.")
    for name in ("ann", "rae"):
        with pytest.raises(NotVisibleError):
            move(newsroom, name, two if name == "ann" else one, "start_review")
    move(newsroom, "ann", one, "recall")
    move(newsroom, "ann", one, "submit")
    move(newsroom, "ben", two, "submit")
    with pytest.raises(NotAllowedNowError, match="no longer hidden"):
        move(newsroom, "ann", one, "recall")


def test_one_set_for_each_person_and_as_many_as_the_article_takes(newsroom: Newsroom) -> None:
    article, max_ = newsroom.article(), newsroom.user("max")
    id = uuid7()
    row, created = assignments.assign_article(max_, article.pk, owner=newsroom.user("ann"), id=id)
    assert created
    assert assignments.assign_article(max_, article.pk, owner=newsroom.user("ann"), id=id) == (row, False)
    with pytest.raises(NotAllowedNowError, match="all the annotators"):
        assignments.assign_article(max_, article.pk, owner=newsroom.user("ben"))
    assert Notification.objects.filter(recipient=newsroom.user("ann"), set=row).count() == 1
    articles.exclude_article(max_, other := newsroom.article().pk, "Twice.")
    with pytest.raises(NotAllowedNowError, match="excluded"):
        assignments.assign_article(max_, other, owner=newsroom.user("ben"))
    with pytest.raises(InsufficientRoleError):
        assignments.assign_article(newsroom.user("rae"), article.pk, owner=newsroom.user("ben"))


def test_work_that_was_given_back_is_gone_on_with(newsroom: Newsroom) -> None:
    row = newsroom.set()
    spans.add_spans(row.owner, row.pk, [SpanDraft(label="actor", start=60, end=69)])
    move(newsroom, "max", row, "unassign")
    new, _ = assignments.assign_article(newsroom.user("max"), row.article_id, owner=newsroom.user("ben"))
    assert new.based_on_id == row.pk
    assert [span.quote for span in Span.objects.filter(set=new)] == ["Ada Verde"]


def test_only_work_under_way_is_due(newsroom: Newsroom) -> None:
    row = newsroom.set()
    due = row.created_at
    max_ = newsroom.user("max")
    due_dates.set_due_date(max_, row.pk, due, version=row.version)
    assert newsroom.fresh(row).due_at == due
    with pytest.raises(StaleVersionError):
        due_dates.set_due_date(max_, row.pk, None, version=row.version)
    gold = newsroom.approved("ben")
    with pytest.raises(NotAllowedNowError):
        due_dates.set_due_date(max_, gold.pk, due, version=gold.version)
    ids = [row.article_id, gold.article_id]
    assert due_dates.set_article_priority(max_, factories.seen_by(max_, newsroom.lake), ids, 5) == 2
    assert due_dates.set_article_priority(max_, factories.seen_by(max_, newsroom.lake), ids, 5) == 0
