"""What becomes of a mark: edited, linked, related, discussed, deleted; and the set handed over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from annotations.models import Actor, AnnotationSet, Comment, Event, Proposition, Relation, Span
from annotations.services import registry, review
from annotations.visibility import get_seen
from annotations.workflow import BY_PEOPLE
from tests.browser.conftest import Newsroom
from tests.browser.desk import Desk
from tests.factories import make_span, move, seen_by

pytestmark = pytest.mark.browser

Open = Callable[..., Desk]
TEXT = "🚧 Mira Halvorsen said that Ardenia would pay for the pilots. Velmora is against the toll."


def mark(row: AnnotationSet, label: str, quote: str, **fields: Any) -> Span:
    """A span of the set on these words."""
    start = TEXT.index(quote)
    return make_span(row, label, start, start + len(quote), **fields)


def actor(newsroom: Newsroom, name: str, **values: Any) -> Actor:
    """An actor of the registry."""
    by = newsroom.people["max"]
    return registry.add_actor(by, seen_by(by, newsroom.corpus), {"name": name, "kind": "person", **values})[0]


def issue(newsroom: Newsroom, text: str) -> Proposition:
    """An issue that a reviewer has accepted."""
    by = newsroom.people["max"]
    made, _ = registry.propose(by, seen_by(by, newsroom.corpus), {"text": text, "kind": "issue"})
    return registry.accept(newsroom.people["rae"], made.pk)


def test_a_whole_statement_by_keys_alone(newsroom: Newsroom, open_desk: Open) -> None:
    mira = actor(newsroom, "Mira Halvorsen")
    desk = open_desk(newsroom.set("Mira Halvorsen said that Ardenia would pay."))
    desk.part("text").focus()
    desk.press("Control+Home", "w", "w", "a", "Enter")
    expect(desk.page.locator('[role="option"][aria-selected="true"]')).to_contain_text("Mira Halvorsen")
    desk.press("Enter", "Escape", "t")
    # said, that; then the rest of the sentence is the claim
    desk.press(*["Control+ArrowRight"] * 2, "ArrowRight", "Shift+End", "c", "m", "Enter")
    desk.saved()
    expect(desk.current.locator(".summary")).to_contain_text("made by Mira Halvorsen")
    source, claim = desk.spans()
    assert (source.quote, source.actor_id) == ("Mira Halvorsen", mira.pk)
    assert claim.quote == "Ardenia would pay"
    assert claim.attributes == {
        "claim_type": "assertion", "mode": "indirect", "attribution": "named", "certainty": "certain",
    }  # fmt: skip
    relation = Relation.objects.get(set=desk.row)
    assert (relation.type, relation.source_id, relation.target_id) == ("made_by", claim.pk, source.pk)


def test_attributes_links_and_label_are_edited(newsroom: Newsroom, open_desk: Open) -> None:
    toll = issue(newsroom, "The toll should be kept.")
    desk = open_desk(newsroom.set(TEXT))
    desk.mark("is against the toll", "p")
    desk.field("stance").select_option("oppose")
    desk.pick("proposition", "toll", "The toll should be kept.")
    desk.field("statement_date").fill("2025-03")
    desk.press("Enter")
    desk.saved()
    (span,) = desk.spans()
    assert span.attributes == {
        "stance": "oppose", "basis": "stated", "attribution": "named", "statement_date": "2025-03",
    }  # fmt: skip
    assert span.proposition_id == toll.pk
    desk.field("label").select_option("claim")
    desk.saved()
    (span,) = desk.spans()
    assert (span.label, span.attributes["attribution"], span.proposition_id) == ("claim", "named", toll.pk)
    assert "stance" not in span.attributes
    desk.drag("Velmora is against")
    desk.press("r")
    desk.saved()
    assert desk.facts() == [("claim", "Velmora is against")]


def test_an_actor_and_a_proposition_are_added_on_the_way(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT))
    desk.mark("Velmora", "a")
    desk.pick("actor", "Velmora", "New actor “Velmora”")
    dialog = desk.page.locator('dialog[data-dialog="actor"]')
    dialog.get_by_label("Kind").select_option("state")
    dialog.locator("[data-confirm]").click()
    expect(desk.field("actor")).to_have_value("Velmora")
    desk.mark("is against the toll", "p")
    desk.pick("proposition", "The toll is fair.", "Propose “The toll is fair.”")
    desk.page.locator('dialog[data-dialog="proposition"] [data-confirm]').click()
    expect(desk.field("proposition")).to_have_value("The toll is fair.")
    desk.saved()
    linked, position = desk.spans()
    found = Actor.objects.get(spans=linked)
    assert (found.name, found.kind) == ("Velmora", "state")
    proposed = Proposition.objects.get(spans=position)
    assert (proposed.text, proposed.status) == ("The toll is fair.", "proposed")


def test_relations_are_added_followed_and_removed(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    mark(row, "actor", "Mira Halvorsen")
    mark(row, "actor", "Velmora")
    mark(row, "position", "is against the toll")
    desk = open_desk(row)
    desk.choose("is against the toll")
    desk.pick("relation-target", "", "Velmora")
    desk.field("relation-type").select_option("about")
    desk.pick("relation-target", "mira", "Mira Halvorsen")
    desk.saved()
    relations = Relation.objects.filter(set=row).order_by("pk")
    assert [(one.type, one.target.quote) for one in relations] == [
        ("held_by", "Velmora"),
        ("about", "Mira Halvorsen"),
    ]
    desk.current.locator('[data-type="held_by"] .link').click()
    expect(desk.current).to_contain_text("Position held by this")
    desk.press("k", "j")
    desk.choose("is against the toll")
    desk.current.locator('[data-type="held_by"] .icon').click()
    desk.saved()
    assert [one.type for one in relations.all()] == ["about"]


def test_a_mark_is_deleted_and_the_deletion_undone(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    claim = mark(row, "claim", "Ardenia would pay for the pilots", attributes={"mode": "direct"})
    source = mark(row, "actor", "Mira Halvorsen")
    desk = open_desk(row)
    desk.choose("Ardenia would pay")
    desk.pick("relation-target", "", "Mira Halvorsen")
    desk.saved()
    desk.press("Escape", "Delete")
    desk.says("Deleted “Ardenia would pay for the pilots”.")
    desk.saved()
    assert desk.spans() == [source]
    assert not Relation.objects.filter(set=row).exists()
    desk.page.locator('[data-action="undo"]').click()
    expect(desk.lines).to_have_count(2)
    desk.saved()
    again = Span.objects.get(set=row, label="claim")
    assert (again.pk, again.attributes) == (claim.pk, {"mode": "direct"})
    assert Relation.objects.get(set=row).target_id == source.pk
    desk.part("text").focus()
    desk.press("u")  # the relation, which was made before the deletion
    desk.saved()
    assert not Relation.objects.filter(set=row).exists()
    desk.press("Shift+U")
    desk.saved()
    assert Relation.objects.filter(set=row).count() == 1


def test_problems_are_listed_live_and_lead_to_their_place(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT))
    desk.mark("Mira Halvorsen", "a")
    desk.page.locator('[data-tab="problems"]').click()
    problem = desk.part("problems").locator('[data-code="A6"]')
    expect(problem).to_contain_text("not linked to the registry")
    problem.locator("button").click()
    expect(desk.current.locator(".span-head")).to_be_focused()
    expect(desk.current.locator(".code")).to_have_text("A6")


def test_the_way_from_submission_to_approval(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    desk = open_desk(row)
    desk.mark("Velmora", "a")
    expect(desk.part("state")).to_contain_text("open")
    desk.page.locator('[data-transition="submit"]').click()
    expect(desk.part("state")).to_contain_text("submitted")
    expect(desk.part("labels")).to_be_hidden()
    expect(desk.current.locator("select")).to_have_count(0)

    review = open_desk(row, "rae")
    review.page.locator('[data-transition="start_review"]').click()
    expect(review.part("state")).to_contain_text("in review")
    review.choose("Velmora")
    review.field("comment").fill("Link it to the registry.")
    review.field("blocking").check()
    review.current.locator('[data-action="comment"]').click()
    expect(review.current.locator(".comment")).to_contain_text("Link it to the registry.")
    review.saved()
    review.page.locator('[data-transition="approve"]').click()
    review.says("blocking comment")
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

    desk.open()
    desk.page.locator('[data-tab="comments"]').click()
    desk.part("comments").locator('[data-action="answer"]').click()
    desk.part("comments").locator("textarea").fill("Nobody knows it yet.")
    desk.press("Control+Enter")
    expect(desk.part("comments").locator(".comment.answer")).to_contain_text("Nobody knows it yet.")
    desk.part("comments").locator('[data-action="resolve"]').first.click()
    expect(desk.part("comments").locator(".comment").first).to_contain_text("resolved by ann")
    desk.saved()
    desk.page.locator('[data-transition="submit"]').click()
    expect(desk.part("state")).to_contain_text("submitted")

    review.open()
    review.page.locator('[data-transition="start_review"]').click()
    review.page.locator('[data-transition="approve"]').click()
    expect(review.part("state")).to_contain_text("approved")
    row.refresh_from_db()
    assert (row.state, row.reviewer) == ("approved", newsroom.people["rae"])


def test_submit_says_what_is_missing(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    mark(row, "actor", "Mira Halvorsen ")
    mark(row, "actor", "Velmora ")
    desk = open_desk(row)
    desk.page.locator('[data-transition="submit"]').click()
    dialog = desk.page.locator('dialog[data-dialog="missing"]')
    expect(dialog).to_contain_text("2 problems have to be solved first.")
    expect(dialog.locator("[data-code]")).to_have_count(2)
    expect(dialog.locator('[data-code="B1"]').first).to_contain_text("Mira Halvorsen")
    expect(desk.part("problems").locator('[data-code="B1"]').first).to_contain_text("Blocks submission")
    dialog.locator(".detail", has_text="Velmora").click()
    expect(dialog).to_have_count(0)
    expect(desk.current.locator(".span-head")).to_be_focused()
    expect(desk.current).to_contain_text("Velmora")
    desk.page.locator('[data-transition="submit"]').click()
    dialog.locator("a.code").first.click()
    expect(desk.part("guideline").locator('[data-rule="B1"]')).to_be_focused()
    expect(desk.part("state")).to_contain_text("open")
    row.refresh_from_db()
    assert row.state == "open"


def test_every_transition_of_the_table_has_its_button(newsroom: Newsroom, open_desk: Open) -> None:
    rae = newsroom.people["rae"]
    rows = {name: newsroom.set(TEXT) for name in ("open", "submitted", "in_review", "approved")}
    for row in list(rows.values())[1:]:
        move(row.owner, row, "submit")
    for name in ("in_review", "approved"):
        move(rae, rows[name], "start_review")
    move(rae, rows["approved"], "approve")
    shown: set[str] = set()
    looks = (
        ("open", "ann"),
        ("open", "max"),
        ("submitted", "ann"),
        ("submitted", "rae"),
        ("in_review", "rae"),
    )
    for state, who in (*looks, ("approved", "max")):
        by = newsroom.people[who]
        seen = get_seen(by, AnnotationSet.objects.select_related("corpus"), pk=rows[state].pk)
        offered = review.allowed_to(by, seen)
        buttons = open_desk(seen.row, who).part("transitions").locator("[data-transition]")
        expect(buttons).to_have_count(len(offered))
        assert {button.get_attribute("data-transition") for button in buttons.all()} == set(offered)
        shown.update(offered)
    assert shown == {row.name for row in BY_PEOPLE}


def test_a_reviewer_takes_the_work_over(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    mark(row, "actor", "Velmora")
    desk = open_desk(row, "rae")
    expect(desk.part("state")).to_contain_text("read-only")
    desk.page.locator('[data-transition="take_over"]').click()
    dialog = desk.page.locator('dialog[data-dialog="take_over"]')
    dialog.locator("[data-confirm]").click()  # the browser asks for the reason
    dialog.get_by_label("Reason").fill("Ann is ill.")
    dialog.locator("[data-confirm]").click()
    new = "/admin/annotations/annotationset/*/workbench/"
    desk.page.wait_for_url(lambda url: str(row.pk) not in url)
    desk.page.wait_for_url(f"**{new}")
    desk.ready()
    expect(desk.part("state")).to_contain_text("yours")
    expect(desk.lines).to_have_count(1)
    mine = AnnotationSet.objects.get(owner__username="rae")
    assert (mine.based_on_id, mine.state) == (row.pk, "open")
    assert Event.objects.get(set_id=row.pk, action="take_over").data["after"]["reason"] == "Ann is ill."


@pytest.mark.parametrize("who", ["ann", "vic", "rae"])
def test_a_closed_set_is_there_to_be_read(who: str, newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    mark(row, "claim", "Ardenia would pay for the pilots", attributes={"mode": "indirect"})
    for by, name in (("ann", "submit"), ("rae", "start_review"), ("rae", "approve")):
        move(newsroom.people[by], row, name)
    desk = open_desk(row, who)
    desk.choose("Ardenia would pay")
    expect(desk.current.locator(".facts")).to_contain_text("indirect")
    fields = desk.page.locator('[data-field]:not([data-field="comment"], [data-field="blocking"])')
    expect(fields).to_have_count(0)
    expect(desk.current.locator("textarea")).to_have_count(0 if who == "vic" else 1)
    desk.drag("Velmora")
    desk.press("a")
    desk.says("its marks cannot be changed")
    desk.press("j", "Delete")
    expect(desk.lines).to_have_count(1)
    assert len(desk.spans()) == 1
