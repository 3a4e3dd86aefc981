"""Transitions: who, from which version and state; four eyes; what a decision freezes and supersedes."""

from __future__ import annotations

import pytest

from annotations.exceptions import (
    Blind,
    FourEyes,
    HasProblems,
    NotAllowedNow,
    NotVisible,
    NotYourRole,
    Stale,
    StandpointError,
)
from annotations.models import AnnotationSet, Article, Event, Notification, Span, uuid7
from annotations.services import articles, assignments, comments, planning, review, spans
from annotations.services.authors import authors
from annotations.services.review import Request
from annotations.services.spans import SpanDraft
from annotations.states import State
from annotations.visibility import get_seen
from tests import factories
from tests.newsroom import Newsroom


def move(newsroom: Newsroom, who: str, row: AnnotationSet, name: str, **fields: str) -> review.Outcome:
    """Make a transition from the version that is stored."""
    version = AnnotationSet.objects.values_list("version", flat=True).get(pk=row.pk)
    return review.move(newsroom.user(who), row.pk, name, Request(version=version, **fields))


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
    with pytest.raises(FourEyes):
        move(newsroom, "rae", row, "start_review")
    seen = get_seen(newsroom.user("rae"), AnnotationSet.objects.select_related("corpus"), pk=row.pk)
    assert "start_review" not in review.allowed_to(newsroom.user("rae"), seen)
    # work that was taken over has two authors
    taken = newsroom.set("ann")
    factories.make_span(taken)
    new = move(newsroom, "rae", taken, "take_over", reason="Ill.").row
    assert authors(new) == {newsroom.user("ann").pk, newsroom.user("rae").pk}
    move(newsroom, "rae", new, "submit")
    with pytest.raises(FourEyes):
        move(newsroom, "rae", new, "start_review")
    assert move(newsroom, "max", new, "start_review").row.state == State.IN_REVIEW


def test_a_decision_needs_the_version_that_was_seen_and_a_repeat_answers(newsroom: Newsroom) -> None:
    row = newsroom.in_review()
    with pytest.raises(Stale):
        review.move(newsroom.user("rae"), row.pk, "approve", Request(version=row.version - 1))
    done = review.move(newsroom.user("rae"), row.pk, "approve", Request(version=row.version)).row
    again = review.move(newsroom.user("rae"), row.pk, "approve", Request(version=row.version)).row
    assert (again.pk, again.version, again.state) == (done.pk, done.version, State.APPROVED)


@pytest.mark.parametrize(
    ("who", "error"), [("vic", NotVisible), ("ben", NotVisible), ("sam", NotVisible), ("ann", NotYourRole)]
)
def test_only_reviewers_review(newsroom: Newsroom, who: str, error: type[StandpointError]) -> None:
    row = newsroom.submitted()
    with pytest.raises(error):
        move(newsroom, who, row, "start_review")


def test_what_stops_a_transition(newsroom: Newsroom) -> None:
    row = newsroom.set()
    factories.make_span(row, end=70)  # begins and ends on a letter, or it is a problem
    with pytest.raises(HasProblems) as refused:
        move(newsroom, "ann", row, "submit")
    assert [problem["code"] for problem in refused.value.data["problems"]] == ["B1"]
    reviewed = newsroom.in_review()
    with pytest.raises(NotAllowedNow, match="Say what should change"):
        move(newsroom, "rae", reviewed, "return")
    draft = comments.CommentDraft(text="By name?", blocking=True)
    comments.add(newsroom.user("rae"), reviewed.pk, draft)
    with pytest.raises(NotAllowedNow, match="blocking"):
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
    assert review.digest(newsroom.fresh(row)) != review.digest(outcome.row)


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
    with pytest.raises(Blind):
        move(newsroom, "max", two, "take_over", reason="So.")
    for name in ("ann", "rae"):
        with pytest.raises(NotVisible):
            move(newsroom, name, two if name == "ann" else one, "start_review")
    move(newsroom, "ann", one, "recall")
    move(newsroom, "ann", one, "submit")
    move(newsroom, "ben", two, "submit")
    with pytest.raises(NotAllowedNow, match="no longer hidden"):
        move(newsroom, "ann", one, "recall")


def test_one_set_for_each_person_and_as_many_as_the_article_takes(newsroom: Newsroom) -> None:
    article, max_ = newsroom.article(), newsroom.user("max")
    id = uuid7()
    row, created = assignments.assign(max_, article.pk, owner=newsroom.user("ann"), id=id)
    assert created
    assert assignments.assign(max_, article.pk, owner=newsroom.user("ann"), id=id) == (row, False)
    with pytest.raises(NotAllowedNow, match="all the annotators"):
        assignments.assign(max_, article.pk, owner=newsroom.user("ben"))
    assert Notification.objects.filter(recipient=newsroom.user("ann"), set=row).count() == 1
    articles.exclude(max_, other := newsroom.article().pk, "Twice.")
    with pytest.raises(NotAllowedNow, match="excluded"):
        assignments.assign(max_, other, owner=newsroom.user("ben"))
    with pytest.raises(NotYourRole):
        assignments.assign(newsroom.user("rae"), article.pk, owner=newsroom.user("ben"))


def test_work_that_was_given_back_is_gone_on_with(newsroom: Newsroom) -> None:
    row = newsroom.set()
    spans.add(row.owner, row.pk, [SpanDraft(label="actor", start=60, end=69)])
    move(newsroom, "max", row, "unassign")
    new, _ = assignments.assign(newsroom.user("max"), row.article_id, owner=newsroom.user("ben"))
    assert new.based_on_id == row.pk
    assert [span.quote for span in Span.objects.filter(set=new)] == ["Ada Verde"]


def test_only_work_under_way_is_due(newsroom: Newsroom) -> None:
    row = newsroom.set()
    due = row.created_at
    max_ = newsroom.user("max")
    planning.set_due(max_, row.pk, due, version=row.version)
    assert newsroom.fresh(row).due_at == due
    with pytest.raises(Stale):
        planning.set_due(max_, row.pk, None, version=row.version)
    gold = newsroom.approved("ben")
    with pytest.raises(NotAllowedNow):
        planning.set_due(max_, gold.pk, due, version=gold.version)
    ids = [row.article_id, gold.article_id]
    assert planning.set_priority(max_, factories.seen_by(max_, newsroom.lake), ids, 5) == 2
    assert planning.set_priority(max_, factories.seen_by(max_, newsroom.lake), ids, 5) == 0
