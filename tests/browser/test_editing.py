"""What becomes of a mark: edited, linked, related, discussed, deleted; and the set handed over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from annotations.models import Actor, AnnotationSet, Comment, Event, Proposition, Relation, Span
from annotations.services.registry import entries
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span, move, seen_by
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "🚧 Mira Halvorsen said that Ardenia would pay for the pilots. Velmora is against the toll."


def mark(row: AnnotationSet, label: str, quote: str, **fields: Any) -> Span:
    """A span of the set on these words."""
    start = TEXT.index(quote)
    return make_span(row, label, start, start + len(quote), **fields)


def actor(newsroom: Newsroom, name: str, **values: Any) -> Actor:
    """An actor of the registry."""
    by = newsroom.user("max")
    return entries.add_actor(by, seen_by(by, newsroom.lake), {"name": name, "kind": "person", **values})[0]


def issue(newsroom: Newsroom, text: str) -> Proposition:
    """An issue that a reviewer has accepted."""
    by = newsroom.user("max")
    corpus = seen_by(by, newsroom.lake)
    made, _ = entries.add_proposition(by, corpus, {"text": text, "kind": "issue"})
    return entries.accept_proposition(newsroom.user("rae"), made.pk)


def test_a_whole_statement_by_keys_alone(newsroom: Newsroom, open_workbench: Open) -> None:
    mira = actor(newsroom, "Mira Halvorsen")
    workbench = open_workbench(newsroom.set_on("Mira Halvorsen said that Ardenia would pay."))
    workbench.part("text").focus()
    workbench.press("Control+Home", "w", "w", "a", "Enter")
    expect(workbench.page.locator('[role="option"][aria-selected="true"]')).to_contain_text("Mira Halvorsen")
    workbench.press("Enter", "Escape", "t")
    # said, that; then the rest of the sentence is the claim
    workbench.press(*["Control+ArrowRight"] * 2, "ArrowRight", "Shift+End", "c", "m", "Enter")
    workbench.saved()
    expect(workbench.current.locator(".summary")).to_contain_text("made by Mira Halvorsen")
    source, claim = workbench.spans()
    assert (source.quote, source.actor_id) == ("Mira Halvorsen", mira.pk)
    assert claim.quote == "Ardenia would pay"
    assert claim.attributes == {
        "claim_type": "assertion", "mode": "indirect", "attribution": "named", "certainty": "certain",
    }  # fmt: skip
    relation = Relation.objects.get(set=workbench.row)
    assert (relation.type, relation.source_id, relation.target_id) == ("made_by", claim.pk, source.pk)


def test_attributes_links_and_label_are_edited(newsroom: Newsroom, open_workbench: Open) -> None:
    toll = issue(newsroom, "The toll should be kept.")
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.mark("is against the toll", "p")
    workbench.field("stance").select_option("oppose")
    workbench.pick("proposition", "toll", "The toll should be kept.")
    workbench.field("statement_date").fill("2025-03")
    workbench.press("Enter")
    workbench.saved()
    (span,) = workbench.spans()
    assert span.attributes == {
        "stance": "oppose", "basis": "stated", "attribution": "named", "statement_date": "2025-03",
    }  # fmt: skip
    assert span.proposition_id == toll.pk
    workbench.field("label").select_option("claim")
    workbench.saved()
    (span,) = workbench.spans()
    assert (span.label, span.attributes["attribution"], span.proposition_id) == ("claim", "named", toll.pk)
    assert "stance" not in span.attributes
    workbench.drag("Velmora is against")
    workbench.press("r")
    workbench.saved()
    assert workbench.facts() == [("claim", "Velmora is against")]


def test_an_actor_and_a_proposition_are_added_on_the_way(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.mark("Velmora", "a")
    workbench.pick("actor", "Velmora", "New actor “Velmora”")
    dialog = workbench.page.locator('dialog[data-dialog="actor"]')
    dialog.get_by_label("Kind").select_option("state")
    dialog.locator("[data-confirm]").click()
    expect(workbench.field("actor")).to_have_value("Velmora")
    workbench.mark("is against the toll", "p")
    workbench.pick("proposition", "The toll is fair.", "Propose “The toll is fair.”")
    workbench.page.locator('dialog[data-dialog="proposition"] [data-confirm]').click()
    expect(workbench.field("proposition")).to_have_value("The toll is fair.")
    workbench.saved()
    linked, position = workbench.spans()
    found = Actor.objects.get(spans=linked)
    assert (found.name, found.kind) == ("Velmora", "state")
    proposed = Proposition.objects.get(spans=position)
    assert (proposed.text, proposed.status) == ("The toll is fair.", "proposed")


def test_relations_are_added_followed_and_removed(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    mark(row, "actor", "Mira Halvorsen")
    mark(row, "actor", "Velmora")
    mark(row, "position", "is against the toll")
    workbench = open_workbench(row)
    workbench.choose("is against the toll")
    workbench.pick("relation-target", "", "Velmora")
    workbench.field("relation-type").select_option("about")
    workbench.pick("relation-target", "mira", "Mira Halvorsen")
    workbench.saved()
    relations = Relation.objects.filter(set=row).order_by("pk")
    assert [(one.type, one.target.quote) for one in relations] == [
        ("held_by", "Velmora"),
        ("about", "Mira Halvorsen"),
    ]
    workbench.current.locator('[data-type="held_by"] .link').click()
    expect(workbench.current).to_contain_text("Position held by this")
    workbench.press("k", "j")
    workbench.choose("is against the toll")
    workbench.current.locator('[data-type="held_by"] .icon').click()
    workbench.saved()
    assert [one.type for one in relations.all()] == ["about"]


def test_a_mark_is_deleted_and_the_deletion_undone(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    claim = mark(row, "claim", "Ardenia would pay for the pilots", attributes={"mode": "direct"})
    source = mark(row, "actor", "Mira Halvorsen")
    workbench = open_workbench(row)
    workbench.choose("Ardenia would pay")
    workbench.pick("relation-target", "", "Mira Halvorsen")
    workbench.saved()
    workbench.press("Escape", "Delete")
    workbench.expect_message("Deleted “Ardenia would pay for the pilots”.")
    workbench.saved()
    assert workbench.spans() == [source]
    assert not Relation.objects.filter(set=row).exists()
    workbench.page.locator('[data-action="undo"]').click()
    expect(workbench.lines).to_have_count(2)
    workbench.saved()
    again = Span.objects.get(set=row, label="claim")
    assert (again.pk, again.attributes) == (claim.pk, {"mode": "direct"})
    assert Relation.objects.get(set=row).target_id == source.pk
    workbench.part("text").focus()
    workbench.press("u")  # the relation, which was made before the deletion
    workbench.saved()
    assert not Relation.objects.filter(set=row).exists()
    workbench.press("Shift+U")
    workbench.saved()
    assert Relation.objects.filter(set=row).count() == 1


def test_problems_are_listed_live_and_lead_to_their_place(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.mark("Mira Halvorsen", "a")
    workbench.page.locator('[data-tab="problems"]').click()
    problem = workbench.part("problems").locator('[data-code="A6"]')
    expect(problem).to_contain_text("not linked to the registry")
    problem.locator("button").click()
    expect(workbench.current.locator(".span-head")).to_be_focused()
    expect(workbench.current.locator(".code")).to_have_text("A6")


def test_the_way_from_submission_to_approval(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    workbench = open_workbench(row)
    workbench.mark("Velmora", "a")
    expect(workbench.part("state")).to_contain_text("open")
    workbench.page.locator('[data-transition="submit"]').click()
    expect(workbench.part("state")).to_contain_text("submitted")
    expect(workbench.part("labels")).to_be_hidden()
    expect(workbench.current.locator("select")).to_have_count(0)

    review = open_workbench(row, "rae")
    review.page.locator('[data-transition="start_review"]').click()
    expect(review.part("state")).to_contain_text("in review")
    review.choose("Velmora")
    review.field("comment").fill("Link it to the registry.")
    review.field("blocking").check()
    review.current.locator('[data-action="comment"]').click()
    expect(review.current.locator(".comment")).to_contain_text("Link it to the registry.")
    review.saved()
    review.page.locator('[data-transition="approve"]').click()
    review.expect_message("blocking comment")
    review.page.locator('[data-transition="return"]').click()
    review.page.locator('dialog [data-confirm="return"]').click()
    expect(review.part("state")).to_contain_text("returned")
    comment = Comment.objects.select_related("span").get(set=row)
    assert comment.span
    assert (comment.text, comment.blocking, comment.span.quote) == (
        "Link it to the registry.",
        True,
        "Velmora",
    )

    workbench.open()
    workbench.page.locator('[data-tab="comments"]').click()
    workbench.part("comments").locator('[data-action="answer"]').click()
    workbench.part("comments").locator("textarea").fill("Nobody knows it yet.")
    workbench.press("Control+Enter")
    expect(workbench.part("comments").locator(".comment.answer")).to_contain_text("Nobody knows it yet.")
    workbench.part("comments").locator('[data-action="resolve"]').first.click()
    expect(workbench.part("comments").locator(".comment").first).to_contain_text("resolved by ann")
    workbench.saved()
    workbench.page.locator('[data-transition="submit"]').click()
    expect(workbench.part("state")).to_contain_text("submitted")

    review.open()
    review.page.locator('[data-transition="start_review"]').click()
    review.page.locator('[data-transition="approve"]').click()
    expect(review.part("state")).to_contain_text("approved")
    row.refresh_from_db()
    assert (row.state, row.reviewer) == ("approved", newsroom.user("rae"))


def test_submit_says_what_is_missing(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    mark(row, "actor", "Mira Halvorsen ")
    mark(row, "actor", "Velmora ")
    workbench = open_workbench(row)
    workbench.page.locator('[data-transition="submit"]').click()
    dialog = workbench.page.locator('dialog[data-dialog="missing"]')
    expect(dialog).to_contain_text("2 problems have to be solved first.")
    expect(dialog.locator("[data-code]")).to_have_count(2)
    expect(dialog.locator("button.detail").first).to_be_focused()
    expect(dialog.locator('[data-code="B1"]').first).to_contain_text("Mira Halvorsen")
    expect(workbench.part("problems").locator('[data-code="B1"]').first).to_contain_text("Blocks submission")
    dialog.locator(".detail", has_text="Velmora").click()
    expect(dialog).to_have_count(0)
    expect(workbench.current.locator(".span-head")).to_be_focused()
    expect(workbench.current).to_contain_text("Velmora")
    workbench.page.locator('[data-transition="submit"]').click()
    dialog.locator("a.code").first.click()
    expect(workbench.part("guideline").locator('[data-rule="B1"]')).to_be_focused()
    expect(workbench.part("state")).to_contain_text("open")
    row.refresh_from_db()
    assert row.state == "open"


def test_a_reviewer_takes_the_work_over(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    mark(row, "actor", "Velmora")
    workbench = open_workbench(row, "rae")
    expect(workbench.part("state")).to_contain_text("read-only")
    workbench.page.locator('[data-transition="take_over"]').click()
    dialog = workbench.page.locator('dialog[data-dialog="take_over"]')
    dialog.locator("[data-confirm]").click()  # the browser asks for the reason
    dialog.get_by_label("Reason").fill("Ann is ill.")
    dialog.locator("[data-confirm]").click()
    new = "/admin/annotations/annotationset/*/workbench/"
    workbench.page.wait_for_url(lambda url: str(row.pk) not in url)
    workbench.page.wait_for_url(f"**{new}")
    workbench.ready()
    expect(workbench.part("state")).to_contain_text("yours")
    expect(workbench.lines).to_have_count(1)
    mine = AnnotationSet.objects.get(owner__username="rae")
    assert (mine.based_on_id, mine.state) == (row.pk, "open")
    assert Event.objects.get(set_id=row.pk, action="take_over").data["after"]["reason"] == "Ann is ill."


@pytest.mark.parametrize(
    "who", ["vic", *(pytest.param(who, marks=pytest.mark.slow) for who in ("ann", "rae"))]
)
def test_a_closed_set_is_there_to_be_read(who: str, newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    mark(row, "claim", "Ardenia would pay for the pilots", attributes={"mode": "indirect"})
    for by, name in (("ann", "submit"), ("rae", "start_review"), ("rae", "approve")):
        move(newsroom.user(by), row, name)
    workbench = open_workbench(row, who)
    workbench.choose("Ardenia would pay")
    expect(workbench.current.locator(".facts")).to_contain_text("indirect")
    fields = workbench.current.locator(
        '[data-field]:visible:not([data-field="comment"], [data-field="blocking"])'
    )
    expect(fields).to_have_count(0)
    expect(workbench.current.locator("textarea")).to_have_count(0 if who == "vic" else 1)
    workbench.drag("Velmora")
    workbench.press("a")
    workbench.expect_message("its marks cannot be changed")
    workbench.press("j", "Delete")
    expect(workbench.lines).to_have_count(1)
    assert len(workbench.spans()) == 1
