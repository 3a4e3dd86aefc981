"""Comments: where they stand, who may change them, suggested changes, and who is told."""

from __future__ import annotations

import pytest

from annotations.exceptions import (
    ClosedSetError,
    DuplicateError,
    IdTakenError,
    InsufficientRoleError,
    InvalidInputError,
    NotAllowedNowError,
    NotInCorpusError,
    StaleVersionError,
)
from annotations.models import AnnotationSet, Comment, Notification, Span, uuid7
from annotations.services.core import comments, notifications, spans
from annotations.services.core.authors import author_ids
from annotations.services.core.comments import CommentDraft
from annotations.services.review import changes
from annotations.services.review.changes import ChangeKind
from tests import factories
from tests.newsroom import Newsroom


def add(newsroom: Newsroom, who: str, row: AnnotationSet, text: str, **fields: object) -> Comment:
    """Comment on a set."""
    return comments.add_comment(newsroom.user(who), row.pk, CommentDraft(text=text, **fields))[0]  # type: ignore[arg-type]


def told(newsroom: Newsroom, who: str) -> list[str]:
    """The notifications of a person, the oldest first."""
    rows = Notification.objects.filter(recipient=newsroom.user(who)).order_by("created_at", "pk")
    return list(rows.values_list("kind", flat=True))


def test_a_repeat_is_one_comment_and_another_text_under_its_id_is_refused(newsroom: Newsroom) -> None:
    row, id = newsroom.set(), uuid7()
    first = comments.add_comment(row.owner, row.pk, CommentDraft(text="Is it?", id=id))
    assert comments.add_comment(row.owner, row.pk, CommentDraft(text="Is it?", id=id)) == (
        first[0],
        False,
        first[2],
    )
    with pytest.raises(IdTakenError):
        comments.add_comment(row.owner, row.pk, CommentDraft(text="It is.", id=id))


def test_a_comment_stands_in_its_own_set(newsroom: Newsroom) -> None:
    row, other = newsroom.set(), newsroom.set("ben")
    span, remark = factories.make_span(other), add(newsroom, "ben", other, "Is it?")
    for place in ({"span_id": span.pk}, {"parent_id": remark.pk}):
        with pytest.raises(NotInCorpusError):
            add(newsroom, "ann", row, "Here?", **place)
    with pytest.raises(InvalidInputError, match="which one"):
        add(newsroom, "ann", row, "Longer?", suggestion={"end": 70})
    assert not Comment.objects.filter(set=row).exists()


def test_only_a_reviewer_blocks_and_only_what_was_submitted(newsroom: Newsroom) -> None:
    row = newsroom.set()
    with pytest.raises(InsufficientRoleError):
        add(newsroom, "ann", row, "Stop.", blocking=True)
    with pytest.raises(NotAllowedNowError, match="submitted or in review"):
        add(newsroom, "rae", row, "Stop.", blocking=True)
    assert add(newsroom, "rae", newsroom.in_review("ben"), "Stop.", blocking=True).blocking


def test_the_text_is_its_authors_and_resolving_also_the_owners(newsroom: Newsroom) -> None:
    row = newsroom.set()
    remark = add(newsroom, "rae", row, "Is it?")
    ann, rae = newsroom.user("ann"), newsroom.user("rae")
    with pytest.raises(InsufficientRoleError):
        comments.update_comment(ann, remark, {"text": "It is."}, version=1)
    resolved, _ = comments.update_comment(ann, remark, {"resolved": True}, version=1)
    assert (resolved.resolved_by, resolved.version) == (ann, 2)
    with pytest.raises(StaleVersionError):
        comments.update_comment(rae, remark, {"text": "Was it?"}, version=1)
    assert comments.update_comment(rae, remark, {"resolved": True}, version=1)[0].version == 2


def test_a_withdrawn_set_is_talked_about_no_more(newsroom: Newsroom) -> None:
    row = newsroom.moved(newsroom.set(), "ann", "withdraw", reason="Too hard.")
    with pytest.raises(ClosedSetError):
        add(newsroom, "ann", row, "Why?")


def test_a_suggestion_is_the_change_of_whoever_takes_it_over(newsroom: Newsroom) -> None:
    row = newsroom.set()
    span = factories.make_span(row)
    remark = add(newsroom, "rae", row, "Shorter.", span_id=span.pk, suggestion={"end": 63})
    with pytest.raises(InsufficientRoleError):
        comments.accept_proposed_change(newsroom.user("rae"), remark, version=1)
    with pytest.raises(StaleVersionError):
        comments.accept_proposed_change(row.owner, remark, version=2)
    accepted = comments.accept_proposed_change(row.owner, remark, version=1)
    taken = accepted.span
    assert (taken.quote, comments.accept_proposed_change(row.owner, remark, version=1)) == ("Ada", accepted)
    remark.refresh_from_db()
    assert remark.resolved_by == row.owner
    assert author_ids(row) == {row.owner_id}
    spans.delete_span(row.owner, taken, version=taken.version)
    with pytest.raises(NotAllowedNowError, match="span is gone"):
        comments.accept_proposed_change(row.owner, remark, version=remark.version)


def test_a_missing_span_is_the_owners_when_it_is_taken_over(newsroom: Newsroom) -> None:
    row = newsroom.set()
    there = {"start": 60, "end": 69, "quote": "Ada Verde"}
    remark = add(newsroom, "rae", row, "Who?", **there, suggestion={"label": "actor"})
    with pytest.raises(InsufficientRoleError):
        comments.accept_proposed_change(newsroom.user("rae"), remark, version=1)
    accepted = comments.accept_proposed_change(row.owner, remark, version=1)
    made = Span.objects.get(set=row)
    assert (accepted.span, accepted.created, made.label, made.quote) == (made, True, "actor", "Ada Verde")
    again = comments.accept_proposed_change(row.owner, remark, version=1)
    assert (again.span, again.created, again.version) == (made, False, accepted.version)
    remark.refresh_from_db()
    assert remark.resolved_by == row.owner
    assert author_ids(row) == {row.owner_id}
    # as undoing it does, and doing it again
    spans.delete_span(row.owner, made, version=1)
    remark, _ = comments.update_comment(row.owner, remark, {"resolved": False}, version=2)
    assert comments.accept_proposed_change(row.owner, remark, version=3).created


def test_a_missing_span_that_is_there_already_is_not_taken_over(newsroom: Newsroom) -> None:
    row = newsroom.set()
    factories.make_span(row)
    remark = add(newsroom, "rae", row, "Who?", start=60, end=69, suggestion={"label": "actor"})
    with pytest.raises(DuplicateError):
        comments.accept_proposed_change(row.owner, remark, version=1)
    remark.refresh_from_db()
    assert (remark.resolved_by, newsroom.fresh(row).span_counts) == (None, {"actor": 1})


def test_who_is_told_of_a_comment(newsroom: Newsroom) -> None:
    row = newsroom.set()
    Notification.objects.all().delete()
    remark = add(newsroom, "rae", row, "Ask @max, not @ben or @nobody.")
    assert (told(newsroom, "ann"), told(newsroom, "max"), told(newsroom, "ben")) == (
        ["comment"],
        ["mention"],
        [],
    )
    add(newsroom, "ann", row, "I will.", parent_id=remark.pk)
    assert (told(newsroom, "rae"), told(newsroom, "ann")) == (["comment"], ["comment"])
    comments.update_comment(newsroom.user("rae"), remark, {"text": "Ask @max, please."}, version=1)
    assert told(newsroom, "max") == ["mention"]
    assert notifications.mark_all_read(newsroom.user("max")) == 1
    assert notifications.mark_all_read(newsroom.user("max")) == 0


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("rae", "@Rae please look"),
        ("rae", "(@RAE)."),
        ("rae", "\uff20\uff52\uff41\uff45, please"),  # full width, as an input method of Japanese writes it
        ("Zoë.K", "@zoe\u0308.k: please"),  # a letter and its accent
        ("Weiß", "@WEISS"),
        ("Σοφός", "@ΣΟΦΌΣ!"),
        ("Ёлка", "@ёлка"),
    ],
)
def test_a_mention_reaches_whom_it_means_however_it_is_written(
    newsroom: Newsroom, name: str, written: str
) -> None:
    row, rae = newsroom.set(), newsroom.user("rae")
    rae.username = name
    rae.save()
    Notification.objects.all().delete()
    remark = add(newsroom, "ann", row, written)
    assert [found.kind for found in Notification.objects.filter(recipient=rae)] == ["mention"]
    comments.update_comment(row.owner, remark, {"text": f"{written} and @{name}"}, version=1)
    assert [found.kind for found in Notification.objects.filter(recipient=rae)] == ["mention"]


def test_a_name_that_somebody_bears_means_nobody_else(newsroom: Newsroom) -> None:
    row = newsroom.set()
    max_ = newsroom.user("max")
    max_.username = "Rae"
    max_.save()
    Notification.objects.all().delete()
    add(newsroom, "ann", row, "@Rae please look")
    assert [found.recipient for found in Notification.objects.filter(kind="mention")] == [max_]
    add(newsroom, "ann", row, "@RAE please look")
    assert Notification.objects.filter(kind="mention").count() == 3


def test_names_in_a_text() -> None:
    assert notifications.mentioned_usernames("@ann, @ben. and x@max.org @d.e") >= {"ann", "ben", "d.e"}
    assert "max" not in notifications.mentioned_usernames("x@max.org")


def test_changes_since_a_return_are_net(newsroom: Newsroom) -> None:
    row = newsroom.set()
    gone, moved, same = (
        factories.make_span(row, start=start, end=end) for start, end in ((0, 3), (60, 69), (4, 11))
    )
    row = newsroom.moved(row, "ann", "submit")
    assert changes.changes_since_submission(row).since is None
    newsroom.moved(row, "rae", "start_review")
    row = newsroom.moved(row, "rae", "return", comment="Look again.")
    spans.delete_span(row.owner, gone, version=1)
    spans.update_span(row.owner, moved, {"end": 63}, version=1)
    spans.update_span(row.owner, same, {"end": 12}, version=1)
    spans.update_span(row.owner, same, {"end": 11}, version=2)
    passing = factories.make_span(row, "claim", 39, 58)
    spans.delete_span(row.owner, passing, version=1)
    new = factories.make_span(row, "claim", 19, 58)
    found = changes.changes_since_submission(row).changes
    assert [(each.kind, each.span) for each in found] == [
        (ChangeKind.REMOVED, str(gone.pk)),
        (ChangeKind.ADDED, str(new.pk)),
        (ChangeKind.MOVED, str(moved.pk)),
    ]
    assert Span.objects.filter(set=row).count() == 3
