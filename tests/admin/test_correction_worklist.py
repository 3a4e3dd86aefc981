"""The page of marks that wait for a look after a correction."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from annotations.models import AnnotationSet, CarryItem, Event, Span
from tests import factories
from tests.admin.corrected import (
    CUT,
    REWRITTEN,
    body,
    correct,
    items_url,
    marked_set,
    signed_in,
    staff,
)
from tests.newsroom import Newsroom

__all__ = ["staff"]


def decide(client: Client, row: AnnotationSet, item: CarryItem, decision: str, **more: Any) -> Any:
    """Press a button of the worklist."""
    version = AnnotationSet.objects.values_list("version", flat=True).get(pk=row.pk)
    sent = {"item": item.pk, "decision": decision, "seen": version, **more}
    return client.post(items_url(row), sent, follow=True)


def test_marks_are_decided_one_after_the_other(newsroom: Newsroom) -> None:
    row, ann = correct(newsroom, marked_set(newsroom), CUT), signed_in(newsroom, "ann")
    home = body(ann.get(reverse("admin:index")))
    assert "2 marks to look at after a correction" in home
    assert items_url(row) in home
    first = body(ann.get(items_url(row)))
    assert "1 of 2 · Its sentence has changed" in first
    assert 'data-key="0"' in first
    assert 'data-key="1"' not in first
    touched, cut = CarryItem.objects.order_by("start")
    second = body(decide(ann, row, touched, "fine"))
    assert "The mark stays as it is." in second
    assert f"workbench/#span={touched.span_id}" in second
    assert "2 of 2 · Its words have changed" in second
    assert 'data-key="1"' in second
    done = body(decide(ann, row, cut, "kept"))
    assert "All marks of this set are decided" in done
    assert Span.objects.filter(set=row, label="position").get().quote == "is opposed to any toll"
    assert "to look at" not in body(ann.get(reverse("admin:index")))
    assert "the proposal was taken" in body(ann.get(f"{items_url(row)}?item={cut.pk}"))


def test_other_words_are_marked_cut_to_letters(newsroom: Newsroom) -> None:
    row, ann = correct(newsroom, marked_set(newsroom), REWRITTEN), signed_in(newsroom, "ann")
    actor, position = CarryItem.objects.order_by("start")
    start = REWRITTEN.index(" rained.")
    sent = {"start": start, "end": start + 8, "quote": " rained."}
    assert "is not inside the text" in body(decide(ann, row, actor, "moved", start=0, end=10**6, quote="x"))
    assert "not “other”" in body(decide(ann, row, actor, "moved", **{**sent, "quote": "other"}))
    assert "no letter and no digit" in body(
        decide(ann, row, actor, "moved", start=start, end=start + 1, quote=" ")
    )
    assert "Select the words in the new text first" in body(decide(ann, row, actor, "moved"))
    assert "does not say what to do" in body(decide(ann, row, actor, "unknown"))
    assert "cannot be decided as" in body(decide(ann, row, actor, "fine"))
    assert CarryItem.objects.exclude(decision="").count() == 0
    assert "The words that you selected are marked." in body(decide(ann, row, actor, "moved", **sent))
    assert Span.objects.get(set=row).quote == "rained"
    dropped = body(decide(ann, row, position, "dropped"))
    assert "The mark was dropped." in dropped
    assert "Mark it again in the workbench" in dropped


def test_words_that_are_marked_already_are_taken_or_lead_to_their_mark(newsroom: Newsroom) -> None:
    row, ann = correct(newsroom, marked_set(newsroom), CUT), signed_in(newsroom, "ann")
    cut = CarryItem.objects.get(status="uncertain")
    assert cut.proposal_start is not None
    assert cut.proposal_end is not None
    where = {"start": cut.proposal_start, "end": cut.proposal_end}
    CarryItem.objects.filter(pk=cut.pk).update(attributes={"stance": "oppose"})
    standing = factories.make_span(row, "position", attributes={"stance": "support"}, **where)
    refused = body(decide(ann, row, cut, "kept"))
    assert "the two marks differ in: stance" in refused
    assert f'workbench/#span={standing.pk}">Show that mark in the workbench' in refused
    Span.objects.filter(pk=standing.pk).update(attributes={"stance": "oppose"})
    assert f"workbench/#span={standing.pk}" in body(decide(ann, row, cut, "kept"))
    assert Span.objects.filter(set=row, label="position").count() == 1


def test_a_stale_decision_is_told(newsroom: Newsroom) -> None:
    row, ann = correct(newsroom, marked_set(newsroom), CUT), signed_in(newsroom, "ann")
    touched = CarryItem.objects.order_by("start")[0]
    sent = {"item": touched.pk, "decision": "fine", "seen": row.version + 5}
    answer = body(ann.post(items_url(row), sent, follow=True))
    assert "load it again" in answer
    assert "1 of 2" in answer, "the same mark is shown again"


def test_the_owner_alone_decides(newsroom: Newsroom) -> None:
    row = correct(newsroom, marked_set(newsroom), CUT)
    touched = CarryItem.objects.order_by("start")[0]
    for name, status, decides in (("rae", 200, 403), ("max", 200, 403), ("ben", 404, 404), ("sam", 404, 404)):
        client = signed_in(newsroom, name)
        answer = client.get(items_url(row))
        assert answer.status_code == status, name
        assert 'name="decision"' not in body(answer)
        assert decide(client, row, touched, "fine").status_code == decides, name
        assert "to look at after a correction" not in body(client.get(reverse("admin:index")))
    assert not CarryItem.objects.exclude(decision="").exists()
    elsewhere = correct(newsroom, marked_set(newsroom), CUT)
    assert decide(signed_in(newsroom, "ann"), elsewhere, touched, "fine").status_code == 404


def test_a_mark_that_waits_since_two_corrections_shows_its_first_words(newsroom: Newsroom) -> None:
    row = correct(newsroom, correct(newsroom, marked_set(newsroom), REWRITTEN), f"News. {REWRITTEN}")
    ann = signed_in(newsroom, "ann")
    shown = body(ann.get(items_url(row)))
    assert "Ada Verde</mark>" in shown
    assert "2 marks to look at after a correction" in body(
        ann.get(reverse("admin:annotations_annotationset_change", args=(row.pk,)))
    )


def test_the_history_tells_of_decisions(newsroom: Newsroom) -> None:
    row, ann = correct(newsroom, marked_set(newsroom), CUT), signed_in(newsroom, "ann")
    decide(ann, row, CarryItem.objects.order_by("start")[0], "fine")
    history = body(ann.get(reverse("admin:annotations_annotationset_history", args=(row.pk,))))
    assert "decided on a mark after a correction" in history
    assert Event.objects.filter(action="item_settled").count() == 1
