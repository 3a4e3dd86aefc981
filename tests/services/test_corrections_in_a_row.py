"""Corrections that follow one another, while marks of an earlier one wait or were settled by hand."""

from __future__ import annotations

import pytest
from django.db.models import F

from annotations.models import AnnotationSet, CarryItem, Relation
from tests.newsroom import Newsroom
from tests.services.test_correction import (
    REWRITTEN,
    TEXT,
    TOUCHED,
    correct,
    marked,
    row,
    settle,
    successor,
)

__all__ = ["row"]

MARKS = [("actor", "Ada Verde"), ("position", "opposed to any new toll")]


def waiting(row: AnnotationSet) -> list[tuple[str, str]]:
    """What waits in a set: the status and the words that are proposed."""
    items = CarryItem.objects.waiting().filter(set=row).order_by("start")
    return [(item.status, item.proposal_quote) for item in items]


@pytest.mark.parametrize("first", [REWRITTEN, TEXT.replace("any new toll", "any toll")])
def test_words_that_come_back_are_proposed_and_never_carried(
    newsroom: Newsroom, row: AnnotationSet, first: str
) -> None:
    correct(newsroom, row, first)
    cut = successor(row)
    waited = CarryItem.objects.waiting().filter(set=cut).exclude(status="touched").count()
    correct(newsroom, cut, f"News. {TEXT}")
    back = successor(cut)
    proposed = [words for status, words in waiting(back) if status == "uncertain"]
    assert proposed == [words for _, words in MARKS][-waited:]
    assert len(marked(back)) == 2 - waited
    for item in CarryItem.objects.waiting().filter(set=back):
        settle(newsroom, item, "fine" if item.status == "touched" else "kept")
    assert (marked(back), Relation.objects.filter(set=back).count()) == (MARKS, 1)
    newsroom.moved(back, "ann", "submit")


def test_what_is_lost_for_the_first_text_is_proposed_nowhere(newsroom: Newsroom, row: AnnotationSet) -> None:
    correct(newsroom, row, REWRITTEN)
    second = successor(row)
    correct(newsroom, second, REWRITTEN.replace("It rained.", "Snow fell on every roof."))
    assert {status for status, _ in waiting(successor(second))} == {"lost"}


def test_a_range_that_is_not_that_of_the_quote_leads_nowhere(newsroom: Newsroom, row: AnnotationSet) -> None:
    """As in a file that somebody has edited and restored: no other words may be proposed for those."""
    correct(newsroom, row, REWRITTEN)
    second = successor(row)
    CarryItem.objects.filter(set=second).update(start=F("start") + 1, end=F("end") + 1)
    correct(newsroom, second, f"News. {TEXT}")
    assert {status for status, _ in waiting(successor(second))} == {"lost"}


def test_what_was_settled_by_hand_goes_on_as_any_other_mark(newsroom: Newsroom, row: AnnotationSet) -> None:
    correct(newsroom, row, TEXT.replace("Ada Verde", "The mayor"))
    second = successor(row)
    lost, touched = CarryItem.objects.waiting().filter(set=second).order_by("start")
    start = second.revision.text.index("The mayor")
    settle(newsroom, lost, "moved", start=start, end=start + 9, quote="The mayor")
    settle(newsroom, touched, "fine")
    correct(newsroom, second, f"News. {second.revision.text}")
    third = successor(second)
    assert (waiting(third), marked(third)) == ([], [("actor", "The mayor"), MARKS[1]])
    correct(newsroom, third, third.revision.text.replace("The mayor is", "The mayor never was"))
    fourth = successor(third)
    assert waiting(fourth) == [("touched", ""), ("touched", "")]
    assert Relation.objects.filter(set=fourth).count() == 1


def test_a_touched_mark_that_goes_next_is_marked_again_with_its_relation(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    correct(newsroom, row, TOUCHED)
    second = successor(row)
    correct(newsroom, second, REWRITTEN)
    third = successor(second)
    assert waiting(third) == [("lost", ""), ("lost", "")]
    correct(newsroom, third, TOUCHED)
    fourth = successor(third)
    for item in CarryItem.objects.waiting().filter(set=fourth):
        settle(newsroom, item, "kept")
    assert (marked(fourth), Relation.objects.filter(set=fourth).count()) == (MARKS, 1)
