"""Corrections: a new text carries the marks of every set, and nobody's work is approved in silence."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.enums import CarryDecision, State
from annotations.exceptions import (
    BlindError,
    ClosedSetError,
    DuplicateError,
    NotAllowedNowError,
    OpenItemsError,
    StaleVersionError,
)
from annotations.models import (
    AnnotationSet,
    Article,
    CarryItem,
    CarryOver,
    Comment,
    Event,
    Relation,
    Revision,
    Span,
    Statement,
    uuid7,
)
from annotations.permissions import VisibleRow, require_content_access
from annotations.services import integrity
from annotations.services.core import comments, relations
from annotations.services.correction import items, revisions
from annotations.text.align import CarryStatus
from annotations.visibility import visible
from tests import factories
from tests.newsroom import Newsroom

FIRST, LAST = "The harbour office spoke on Monday.", "Nobody answered."
BODY = "Ada Verde is opposed to any new toll."
TEXT = f"{FIRST}\n\n{BODY}\n\n{LAST}"
TYPO = TEXT.replace("spoke", "spoke up")
TOUCHED = TEXT.replace("Ada Verde is", "Ada Verde never was")
REWRITTEN = TEXT.replace(BODY, "It rained.")


def mark(row: AnnotationSet, quote: str, label: str = "actor", **fields: Any) -> Span:
    """A span on the first place of some words."""
    start = row.revision.text.index(quote)
    return factories.make_span(row, label, start, start + len(quote), **fields)


def correct(newsroom: Newsroom, row: AnnotationSet, text: str, **options: Any) -> revisions.RevisionResult:
    """A correction by the manager."""
    return revisions.add_revision(newsroom.user("max"), row.article_id, text, "A correction.", **options)


def successor(row: AnnotationSet) -> AnnotationSet:
    """The set that a set went on in."""
    return AnnotationSet.objects.select_related("owner", "article", "corpus", "revision").get(
        carried_from__from_set=row
    )


def marked(row: AnnotationSet) -> list[tuple[str, str]]:
    """The labels and words of a set, checked against its text."""
    text = row.revision.text
    found = list(Span.objects.filter(set=row))
    assert all(text[span.start : span.end] == span.quote for span in found)
    return [(span.label, span.quote) for span in found]


def settle(
    newsroom: Newsroom, item: CarryItem, decision: str, owner: str = "ann", **fields: Any
) -> CarryItem:
    version = AnnotationSet.objects.values_list("version", flat=True).get(pk=item.set_id)
    decided = items.ItemDecision(decision=CarryDecision(decision), **fields)
    return items.settle_item(newsroom.user(owner), item, decided, version=version)[0]


@pytest.fixture
def row(newsroom: Newsroom) -> AnnotationSet:
    """An open set of ann's with an actor, a position and the relation between them."""
    made = newsroom.set_on(TEXT)
    actor, position = mark(made, "Ada Verde"), mark(made, "opposed to any new toll", "position")
    relations.add_relations(
        newsroom.user("ann"),
        made.pk,
        [relations.RelationDraft(type="held_by", source_id=position.pk, target_id=actor.pk)],
    )
    return newsroom.fresh(made)


def test_an_open_set_goes_on_with_its_owner(newsroom: Newsroom, row: AnnotationSet) -> None:
    result = correct(newsroom, row, TYPO)
    new = successor(row)
    assert (newsroom.fresh(row).state, new.state, new.owner) == ("superseded", "open", row.owner)
    assert (new.revision, new.based_on_id, new.span_counts) == (result.revision, row.pk, row.span_counts)
    assert marked(new) == [("actor", "Ada Verde"), ("position", "opposed to any new toll")]
    assert Relation.objects.filter(set=new, type="held_by").count() == 1
    assert not CarryItem.objects.exists()
    (carry,) = result.carries
    assert (carry.counts["shifted"], carry.counts["touched"], carry.by) == (2, 0, newsroom.user("max"))
    newsroom.moved(new, "ann", "submit")


def test_a_sentence_that_changed_is_looked_at_before_it_is_submitted(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    correct(newsroom, row, TOUCHED)
    new = successor(row)
    assert marked(new) == [("actor", "Ada Verde"), ("position", "opposed to any new toll")]
    with pytest.raises(OpenItemsError) as refused:
        newsroom.moved(new, "ann", "submit")
    assert refused.value.data["items"] == 2
    first, second = CarryItem.objects.waiting().order_by("start")
    assert {first.status, second.status} == {"touched"}
    settle(newsroom, first, "fine")
    settle(newsroom, second, "dropped")
    assert marked(new) == [("actor", "Ada Verde")]
    newsroom.moved(new, "ann", "submit")


def test_a_span_that_is_gone_is_marked_again_with_its_relations_and_comments(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    actor = Span.objects.get(set=row, label="actor")
    comments.add_comment(
        newsroom.user("rae"), row.pk, comments.CommentDraft(text="Which Verde?", span_id=actor.pk)
    )
    correct(newsroom, row, TEXT.replace("Ada Verde", "The mayor"))
    new = successor(row)
    assert marked(new) == [("position", "opposed to any new toll")]
    assert Comment.objects.get(set=new).span is None
    lost, touched = CarryItem.objects.order_by("start")
    assert (lost.status, touched.status, lost.proposal_start) == ("lost", "touched", None)
    with pytest.raises(NotAllowedNowError) as refused:
        settle(newsroom, lost, "kept")
    assert refused.value.data["allowed"] == ["moved", "dropped"]
    start = new.revision.text.index("The mayor")
    settle(newsroom, lost, "moved", start=start, end=start + 9, quote="The mayor")
    assert marked(new)[0] == ("actor", "The mayor")
    assert Relation.objects.get(set=new).target.quote == "The mayor"
    assert Comment.objects.get(set=new).span == CarryItem.objects.get(pk=lost.pk).span


def test_words_that_a_comment_is_on_move_with_the_text_or_are_kept_as_a_quote(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    rae, missing = newsroom.user("rae"), {"label": "actor"}
    there, lost = TEXT.index(LAST), TEXT.index("Ada Verde")
    for start, end in ((there, there + 9), (lost, lost + 9)):
        draft = comments.CommentDraft(text="Who?", start=start, end=end, suggestion=missing)
        comments.add_comment(rae, row.pk, draft)
    text = "Late. " + TEXT.replace("Ada Verde", "The mayor")
    correct(newsroom, row, text)
    new = successor(row)
    placed, gone = Comment.objects.filter(set=new).order_by("pk")
    assert (placed.start, placed.end, placed.quote) == (there + 6, there + 15, LAST[:9])
    assert placed.suggestion == missing
    assert (gone.start, gone.end, gone.quote, gone.suggestion) == (None, None, "Ada Verde", None)
    with pytest.raises(NotAllowedNowError, match="suggests no change"):
        comments.accept_proposed_change(row.owner, gone, version=1)
    assert comments.accept_proposed_change(row.owner, placed, version=1).span.quote == LAST[:9]
    correct(newsroom, new, TEXT)
    later = Comment.objects.filter(set=successor(new)).order_by("pk")
    assert [(each.start, each.quote) for each in later] == [(there, LAST[:9]), (None, "Ada Verde")]


def test_both_ends_of_a_relation_are_settled_one_after_the_other(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    correct(newsroom, row, f"{FIRST}\n\n{LAST}\n\nAda Verdee is opposedd to any new toll.")
    new = successor(row)
    for item in CarryItem.objects.order_by("start"):
        words = "Ada Verdee" if item.label == "actor" else "to any new toll"
        start = new.revision.text.index(words)
        settle(newsroom, item, "moved", start=start, end=start + len(words))
    relation = Relation.objects.get(set=new)
    assert (relation.source.quote, relation.target.quote) == ("to any new toll", "Ada Verdee")


def test_a_proposal_is_taken(newsroom: Newsroom, row: AnnotationSet) -> None:
    correct(newsroom, row, TEXT.replace("any new toll", "any toll"))
    new = successor(row)
    item = CarryItem.objects.get(status=CarryStatus.UNCERTAIN)
    assert item.proposal_quote == "opposed to any toll"
    settled = settle(newsroom, item, "kept")
    assert ("position", "opposed to any toll") in marked(new)
    # the same decision again changes nothing, another one is refused
    version = newsroom.fresh(new).version
    assert settle(newsroom, settled, "kept").pk == item.pk
    assert newsroom.fresh(new).version == version
    with pytest.raises(NotAllowedNowError, match="decided already"):
        settle(newsroom, settled, "dropped")
    touched = CarryItem.objects.get(status=CarryStatus.TOUCHED)
    fine = items.ItemDecision(decision=CarryDecision.FINE)
    with pytest.raises(StaleVersionError):
        items.settle_item(newsroom.user("ann"), touched, fine, version=1)


def test_what_waits_goes_on_to_the_next_revision(newsroom: Newsroom, row: AnnotationSet) -> None:
    correct(newsroom, row, TEXT.replace("any new toll", "any toll"))
    second = successor(row)
    correct(newsroom, second, second.revision.text.replace("spoke", "spoke up"))
    third = successor(second)
    waiting = CarryItem.objects.waiting().order_by("status")
    assert [(item.set_id, item.status) for item in waiting] == [
        (third.pk, "touched"),
        (third.pk, "uncertain"),
    ]
    settle(newsroom, waiting[1], "kept")
    assert ("position", "opposed to any toll") in marked(third)
    assert Relation.objects.filter(set=third).count() == 1


def test_what_waits_goes_along_when_somebody_takes_over(newsroom: Newsroom, row: AnnotationSet) -> None:
    correct(newsroom, row, TEXT.replace("any new toll", "any toll"))
    taken = newsroom.moved(successor(row), "rae", "take_over", reason="Urgent.")
    uncertain = CarryItem.objects.waiting().get(status="uncertain")
    assert uncertain.set_id == taken.pk
    settle(newsroom, uncertain, "kept", "rae")
    settle(newsroom, CarryItem.objects.waiting().get(status="touched"), "fine", "rae")
    assert Relation.objects.filter(set=taken).count() == 1


def test_what_is_under_review_keeps_its_text(newsroom: Newsroom) -> None:
    submitted = newsroom.submitted()
    with pytest.raises(NotAllowedNowError, match="submitted") as refused:
        correct(newsroom, submitted, TEXT)
    assert refused.value.data["set"] == str(submitted.pk)
    assert (refused.value.data["owner"], refused.value.data["state"]) == ("ann", "submitted")
    correct(newsroom, submitted, factories.TEXT.replace("Monday", "Tuesday"), recall=True)
    assert successor(submitted).state == State.OPEN
    reviewed = newsroom.in_review()
    with pytest.raises(NotAllowedNowError, match="rae") as refused:
        correct(newsroom, reviewed, TEXT, recall=True)
    assert (refused.value.data["reviewer"], Revision.objects.filter(article=reviewed.article).count()) == (
        "rae",
        1,
    )


def test_whoever_settles_differences_is_named_before_what_they_settle(newsroom: Newsroom) -> None:
    row = newsroom.adjudication()
    with pytest.raises(NotAllowedNowError, match="rae is settling the differences") as refused:
        correct(newsroom, row, factories.TEXT.replace("Monday", "Tuesday"))
    assert refused.value.data["set"] == str(row.pk)


def test_gold_stays_the_gold_of_its_text_until_the_new_set_is_approved(newsroom: Newsroom) -> None:
    gold = newsroom.approved()
    correct(newsroom, gold, factories.TEXT.replace("Monday", "Tuesday"))
    new = successor(gold)
    assert (newsroom.fresh(gold).state, new.state, new.due_at is not None) == ("approved", "open", True)
    assert Article.objects.get(pk=gold.article_id).status == "annotating"
    # a second correction takes the new set along, and makes no further one
    correct(newsroom, gold, factories.TEXT.replace("Monday", "Friday"))
    newer = successor(new)
    assert AnnotationSet.objects.filter(article=gold.article, state="open").count() == 1
    for name, by in (("submit", "ann"), ("start_review", "rae"), ("approve", "rae")):
        newer = newsroom.moved(newer, by, name)
    assert (newsroom.fresh(gold).state, newer.approved_by) == ("superseded", "review")


def untouched(newsroom: Newsroom) -> None:
    newsroom.lake.carry_approval = "when_untouched"
    newsroom.lake.save()


def test_what_no_correction_touched_stays_approved(newsroom: Newsroom) -> None:
    untouched(newsroom)
    gold = newsroom.approved()
    correct(newsroom, gold, "News. " + factories.TEXT)
    new = successor(gold)
    assert (newsroom.fresh(gold).state, new.state, new.approved_by) == (
        "superseded",
        "approved",
        "equivalence",
    )
    assert (new.owner, new.reviewer_id, new.kind, new.round) == (
        gold.owner,
        gold.reviewer_id,
        gold.kind,
        gold.round,
    )
    event = Event.objects.get(set_id=new.pk, action="approve_by_equivalence")
    assert event.data["after"]["mapping"] == CarryOver.objects.get(to_set=new).digest
    assert event.data["after"]["equivalent_to"] == str(gold.pk)
    assert Article.objects.get(pk=gold.article_id).status == "done"
    # what is approved in this way can be corrected again, and its approval is proved each time
    correct(newsroom, new, factories.TEXT)
    assert successor(new).approved_by == "equivalence"


def test_a_touched_sentence_is_reviewed_again(newsroom: Newsroom) -> None:
    untouched(newsroom)
    gold = newsroom.approved()
    correct(newsroom, gold, factories.TEXT.replace("is opposed", "never was opposed"))
    assert (newsroom.fresh(gold).state, successor(gold).state) == ("approved", "open")


def test_fsck_finds_an_approval_that_does_not_hold(newsroom: Newsroom) -> None:
    untouched(newsroom)
    gold = newsroom.approved()
    correct(newsroom, gold, "News. " + factories.TEXT)
    new = successor(gold)
    changed = new.revision.text.replace("opposed to", "in favour of")
    Revision.objects.filter(pk=new.revision_id).update(text=changed)
    assert integrity.run_checks().checks["equivalence"].found == 1
    Revision.objects.filter(pk=new.revision_id).update(text=new.revision.text)
    AnnotationSet.objects.filter(pk=new.pk).update(reviewer=newsroom.user("max"))
    assert integrity.run_checks().checks["equivalence"].found == 1
    AnnotationSet.objects.filter(pk=new.pk).update(reviewer=newsroom.user("rae"))


def test_fsck_finds_a_set_that_was_handed_in_too_early(newsroom: Newsroom, row: AnnotationSet) -> None:
    correct(newsroom, row, TOUCHED)
    rows = AnnotationSet.objects.filter(pk=successor(row).pk)
    rows.update(state="submitted")
    assert integrity.run_checks().checks["carry-items"].found == 2
    rows.update(state="open")


def test_statements_are_those_of_the_new_gold(newsroom: Newsroom, row: AnnotationSet) -> None:
    untouched(newsroom)
    for name, by in (("submit", "ann"), ("start_review", "rae"), ("approve", "rae")):
        row = newsroom.moved(row, by, name)
    assert Statement.objects.filter(set=row).count() == 1
    correct(newsroom, row, TYPO)
    assert Statement.objects.get().set_id == successor(row).pk


def test_several_annotators_go_on_each_by_themselves_and_blind(newsroom: Newsroom) -> None:
    article = newsroom.article(TEXT, annotators=2)
    ann, ben = newsroom.set("ann", article), newsroom.set("ben", article)
    mark(ann, "Ada Verde"), mark(ben, "Ada Verde is")
    correct(newsroom, ann, TYPO)
    for old in (ann, ben):
        new = successor(old)
        assert (new.owner_id, new.blind, newsroom.fresh(old).blind) == (old.owner_id, True, True)
        with pytest.raises(BlindError):
            require_content_access(newsroom.user("rae"), new)
    newsroom.moved(successor(ann), "ann", "submit")
    assert successor(ben).blind
    newsroom.moved(successor(ben), "ben", "submit")
    assert not successor(ben).blind


def test_nothing_is_written_to_a_set_whose_text_was_corrected(newsroom: Newsroom, row: AnnotationSet) -> None:
    correct(newsroom, row, TYPO)
    with pytest.raises(ClosedSetError):
        mark(row, "toll", "claim")


def test_a_repeat_adds_nothing(newsroom: Newsroom, row: AnnotationSet) -> None:
    id = uuid7()
    first = correct(newsroom, row, TYPO, revision_id=id)
    again = correct(newsroom, row, TYPO, revision_id=id)
    assert (first.created, again.created) == (True, False)
    assert [carry.pk for carry in again.carries] == [carry.pk for carry in first.carries]
    with pytest.raises(DuplicateError):
        correct(newsroom, row, TYPO)


def test_a_preview_stores_nothing(newsroom: Newsroom) -> None:
    submitted = newsroom.submitted()
    text = factories.TEXT.replace("is opposed", "never was opposed")
    (plan,) = revisions.preview_revision(newsroom.user("max"), submitted.article_id, text, recall=True)
    assert plan.counts["touched"] == 1
    assert newsroom.fresh(submitted).state == State.SUBMITTED
    assert not CarryOver.objects.exists()


def test_items_are_as_hidden_as_their_sets(newsroom: Newsroom) -> None:
    article = newsroom.article(TEXT, annotators=2)
    ann = newsroom.set("ann", article)
    mark(ann, "Ada Verde")
    correct(newsroom, ann, TOUCHED)
    for name, number in (("ann", 1), ("ben", 0), ("rae", 0), ("max", 0), ("sam", 0)):
        assert visible(newsroom.user(name), CarryItem.objects.all()).count() == number, name
    assert VisibleRow.of(visible(newsroom.user("ann"), CarryItem.objects.all()).get()).role == "annotator"
