"""Decisions about items whose words are marked already: the mark that stands there is taken, or told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from annotations.exceptions import DuplicateError, QuoteMismatchError
from annotations.models import Actor, AnnotationSet, CarryItem, Comment, EntryKind, Relation, Span
from annotations.services.core import comments
from annotations.services.registry import merges
from tests import factories
from tests.newsroom import Newsroom
from tests.services.test_correction import (
    BODY,
    FIRST,
    LAST,
    REWRITTEN,
    TEXT,
    correct,
    mark,
    marked,
    row,
    settle,
    successor,
)

__all__ = ["row"]

POSITION = "opposed to any new toll"
OPPOSED = {"stance": "oppose"}
TWO = f"{FIRST}\n\nAda Verde is opposed. Ada Verde said so.\n\n{LAST}"


def proposed(
    newsroom: Newsroom, row: AnnotationSet, label: str = "position", **values: Any
) -> tuple[AnnotationSet, CarryItem, CarryItem]:
    """A set in which both marks wait with their old places as proposals: the actor, then the position."""
    Span.objects.filter(set=row, label=label).update(**values)
    correct(newsroom, row, REWRITTEN)
    correct(newsroom, successor(row), TEXT)
    back = successor(successor(row))
    actor, position = CarryItem.objects.waiting().filter(set=back).order_by("start")
    return back, actor, position


@pytest.mark.parametrize("decision", ["kept", "moved"])
def test_a_mark_that_stands_there_already_is_taken(
    newsroom: Newsroom, row: AnnotationSet, decision: str
) -> None:
    old = Span.objects.get(set=row, label="actor")
    comments.add_comment(newsroom.user("rae"), row.pk, comments.CommentDraft(text="Who?", span_id=old.pk))
    back, actor, position = proposed(newsroom, row)
    standing = mark(back, "Ada Verde")
    where: dict[str, Any] = {"start": standing.start, "end": standing.end} if decision == "moved" else {}
    assert settle(newsroom, actor, decision, **where).span == standing
    settle(newsroom, position, "kept")
    assert marked(back) == [("actor", "Ada Verde"), ("position", POSITION)]
    assert Relation.objects.get(set=back).target == standing
    assert Comment.objects.get(set=back).span == standing
    newsroom.moved(back, "ann", "submit")


def test_what_the_other_mark_says_beyond_the_item_is_no_hindrance(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    back, _, position = proposed(newsroom, row)
    more = {"attributes": OPPOSED, "proposition_id": UUID(newsroom.proposition())}
    standing = mark(back, POSITION, "position", **more)
    assert settle(newsroom, position, "kept").span == standing


def test_a_mark_that_says_something_else_is_told(newsroom: Newsroom, row: AnnotationSet) -> None:
    says = {"attributes": {"mention_type": "name", "role_text": "Mayor"}, "actor_id": UUID(newsroom.actor())}
    back, actor, _ = proposed(newsroom, row, "actor", **says)
    standing = mark(back, "Ada Verde", attributes={"mention_type": "name"})
    with pytest.raises(DuplicateError, match="differ in: role_text, actor") as refused:
        settle(newsroom, actor, "kept")
    assert refused.value.data["span"] == str(standing.pk)
    assert str(standing.pk) in refused.value.detail
    assert CarryItem.objects.get(pk=actor.pk).decision == ""
    # changed as the sentence says, it is taken
    Span.objects.filter(pk=standing.pk).update(**says)
    assert settle(newsroom, actor, "kept").span == standing


def test_links_to_merged_entries_are_the_same(newsroom: Newsroom, row: AnnotationSet) -> None:
    gone, stays = (UUID(newsroom.actor(name)) for name in ("A. Verde", "Ada Verde"))
    back, actor, _ = proposed(newsroom, row, "actor", actor_id=gone)
    standing = mark(back, "Ada Verde", actor_id=stays)
    version = Actor.objects.values_list("version", flat=True).get(pk=gone)
    values = {"into": stays, "reason": "The same person."}
    merges.merge_entry(newsroom.user("rae"), EntryKind.ACTOR, gone, values, version=version)
    assert settle(newsroom, actor, "kept").span == standing


def test_another_proposition_is_another_mark(newsroom: Newsroom, row: AnnotationSet) -> None:
    ours, theirs = (UUID(newsroom.proposition(text)) for text in ("A new toll", "A fine"))
    back, _, position = proposed(newsroom, row, proposition_id=ours)
    standing = mark(back, POSITION, "position", proposition_id=theirs)
    assert settle(newsroom, position, "kept").span != standing
    assert Span.objects.filter(set=back, label="position").count() == 2


def test_the_words_are_checked_before_a_mark_is_taken(newsroom: Newsroom, row: AnnotationSet) -> None:
    back, actor, _ = proposed(newsroom, row)
    mark(back, "Ada Verde")
    with pytest.raises(QuoteMismatchError):
        settle(newsroom, actor, "kept", quote="Ada Verdi")


@pytest.fixture
def touched(newsroom: Newsroom, row: AnnotationSet) -> tuple[AnnotationSet, CarryItem, Span]:
    """A set whose sentence was touched, the item of its actor, and another mark of her in the new text."""
    correct(newsroom, row, TEXT.replace(BODY, f"{BODY[:-1]}, says Ada Verde."))
    new = successor(row)
    item = CarryItem.objects.waiting().get(set=new, label="actor")
    start = new.revision.text.rindex("Ada Verde")
    return new, item, factories.make_span(new, "actor", start, start + 9)


def move_to(newsroom: Newsroom, item: CarryItem, span: Span) -> CarryItem:
    return settle(newsroom, item, "moved", start=span.start, end=span.end, quote="Ada Verde")


def test_a_touched_mark_becomes_one_with_the_mark_to_which_it_is_moved(
    newsroom: Newsroom, touched: tuple[AnnotationSet, CarryItem, Span]
) -> None:
    new, item, other = touched
    comments.add_comment(
        newsroom.user("rae"), new.pk, comments.CommentDraft(text="Who?", span_id=item.span_id)
    )
    assert move_to(newsroom, item, other).span == other
    assert [span.pk for span in Span.objects.filter(set=new, label="actor")] == [other.pk]
    assert Relation.objects.get(set=new).target == other
    assert Comment.objects.get(set=new).span == other
    assert newsroom.fresh(new).span_counts == {"actor": 1, "position": 1}


def test_a_mark_that_two_items_share_is_dropped_for_one_of_them_only(
    newsroom: Newsroom, touched: tuple[AnnotationSet, CarryItem, Span]
) -> None:
    new, item, other = touched
    move_to(newsroom, item, other)
    position = CarryItem.objects.waiting().get(set=new, label="position")
    CarryItem.objects.filter(pk=position.pk).update(label="actor", span=other)
    position.refresh_from_db()
    dropped = settle(newsroom, position, "dropped")
    assert (dropped.span, CarryItem.objects.get(pk=item.pk).span) == (None, other)


def test_relations_that_wait_end_at_the_mark_that_stays(newsroom: Newsroom, row: AnnotationSet) -> None:
    correct(newsroom, row, TEXT.replace(f"{BODY}", "Ada Verde opposed it, says Ada Verde."))
    new = successor(row)
    actor, position = CarryItem.objects.waiting().filter(set=new).order_by("start")
    assert (actor.status, position.status) == ("touched", "lost")
    start = new.revision.text.rindex("Ada Verde")
    other = factories.make_span(new, "actor", start, start + 9)
    move_to(newsroom, actor, other)
    start = new.revision.text.index("opposed it")
    settle(newsroom, position, "moved", start=start, end=start + 10)
    assert Relation.objects.get(set=new).target == other
