"""Reviewing in the workbench: walk, comment, suggest, see what changed, decide; and taking over."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from annotations.enums import State
from annotations.models import AnnotationSet, Comment, Span
from annotations.services.core import spans
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span, move
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

TEXT = "Ada Verde said that the lock 👩‍👩‍👧 leaks. Lorn is against the toll.\n\nNobody answered."
Open = Callable[..., WorkbenchPage]


def span_at(row: AnnotationSet, label: str, quote: str) -> Span:
    """Mark a quote by the service."""
    start = TEXT.index(quote)
    return make_span(row, label, start, start + len(quote))


def in_review(newsroom: Newsroom) -> AnnotationSet:
    """A set of ann's with two marks, which rae reviews."""
    row = newsroom.set_on(TEXT, title="The lock")
    span_at(row, "actor", "Ada Verde")
    span_at(row, "claim", "lock 👩‍👩‍👧 leaks")
    move(newsroom.user("ann"), row, "submit")
    return move(newsroom.user("rae"), row, "start_review")


def comment_of(text: str) -> Comment:
    """The stored comment."""
    return Comment.objects.select_related("span").get(text=text)


def test_a_reviewer_walks_and_comments_by_keys_alone(newsroom: Newsroom, open_workbench: Open) -> None:
    row = in_review(newsroom)
    workbench = open_workbench(row, "rae")
    workbench.press("j", "n")
    workbench.page.keyboard.type("Who is she?")
    workbench.press("Control+Enter")
    workbench.press("j", "b")
    workbench.page.keyboard.type("Too long.")
    workbench.press("Control+Enter", "Shift+N")
    workbench.page.keyboard.type("A good start.")
    workbench.press("Control+Enter")
    workbench.saved()
    first, second, third = (comment_of(text) for text in ("Who is she?", "Too long.", "A good start."))
    assert (first.span.quote if first.span else "", first.blocking) == ("Ada Verde", False)
    assert (second.span.label if second.span else "", second.blocking) == ("claim", True)
    assert third.span is None
    expect(workbench.page.locator('[data-transition="return"]')).to_contain_text(
        "3 open comments, 1 blocking"
    )
    assert workbench.facts() == [("actor", "Ada Verde"), ("claim", "lock 👩‍👩‍👧 leaks")]


def test_a_suggestion_is_made_and_taken_over_with_one_key(newsroom: Newsroom, open_workbench: Open) -> None:
    row = in_review(newsroom)
    workbench = open_workbench(row, "rae")
    workbench.choose("leaks").get_by_text("Suggest a change").count()
    workbench.press("n")
    workbench.current.get_by_text("Suggest a change").click()
    workbench.drag("the lock 👩‍👩‍👧 leaks")
    workbench.current.locator('[data-action="suggest-range"]').click()
    workbench.current.locator('[data-suggest="claim_type"]').select_option("assertion")
    workbench.current.locator('[data-action="comment"]').click()
    workbench.saved()
    stored = comment_of("I suggest this change.")
    start = TEXT.index("the lock")
    assert stored.suggestion is not None
    assert (stored.suggestion["start"], stored.suggestion["end"]) == (start, TEXT.index(". Lorn"))
    assert stored.suggestion["attributes"]["claim_type"] == "assertion"
    assert "label" not in stored.suggestion
    move(newsroom.user("rae"), row, "return")

    mine = open_workbench(row, "ann")
    expect(mine.line("leaks").locator(".talk")).to_have_text("💬 1")
    mine.press("j", "j")
    expect(mine.current.locator(".suggestion")).to_contain_text("the lock 👩‍👩‍👧 leaks")
    mine.press("o")
    mine.expect_message("Taken over")
    claim = Span.objects.get(set=row, label="claim")
    assert claim.quote == "the lock 👩‍👩‍👧 leaks"
    assert claim.attributes["claim_type"] == "assertion"
    stored.refresh_from_db()
    assert stored.resolved_at is not None
    expect(mine.line("leaks").locator(".talk")).to_have_count(0)
    mine.press("u")
    mine.saved()
    claim.refresh_from_db()
    stored.refresh_from_db()
    assert claim.quote == "lock 👩‍👩‍👧 leaks"
    assert stored.resolved_at is None


def test_what_changed_since_the_last_submission(newsroom: Newsroom, open_workbench: Open) -> None:
    ann, rae = newsroom.user("ann"), newsroom.user("rae")
    row = in_review(newsroom)
    first = open_workbench(row, "rae")
    expect(first.page.locator('[data-tab="changes"]')).to_be_hidden()
    move(rae, row, "return", comment="Look again.")
    rework(ann, row)
    move(ann, row, "submit")
    move(rae, row, "start_review")
    first.open()
    tab = first.page.locator('[data-tab="changes"]')
    expect(tab).to_contain_text("3")
    tab.click()
    items = first.part("changes").locator("[data-change]")
    assert [item.get_attribute("data-kind") for item in items.all()] == ["removed", "moved", "added"]
    expect(items.nth(1)).to_contain_text("the lock 👩‍👩‍👧 leaks")
    items.nth(0).locator("button").click()
    assert first.selected == "Ada Verde"
    items.nth(2).locator("button").click()
    expect(first.current.locator(".kind")).to_have_text("added")
    expect(first.current).to_contain_text("Lorn")


def rework(ann: User, row: AnnotationSet) -> None:
    """Remove a mark, move one, add one."""
    actor, claim = Span.objects.filter(set=row)
    spans.delete_span(ann, actor, version=actor.version)
    moved = {"start": TEXT.index("the lock"), "end": TEXT.index(". Lorn")}
    spans.update_span(ann, claim, moved, version=claim.version)
    span_at(row, "actor", "Lorn")


def test_answers_resolve_return_and_approve(newsroom: Newsroom, open_workbench: Open) -> None:
    row = in_review(newsroom)
    workbench = open_workbench(row, "rae")
    workbench.press("j", "b")
    workbench.page.keyboard.type("By name?")
    workbench.press("Control+Enter")
    workbench.saved()
    workbench.page.locator('[data-transition="return"]').click()
    workbench.page.locator('[data-confirm="return"]').click()
    workbench.expect_message("Returned to its owner.")
    mine = open_workbench(row, "ann")
    mine.press("j")
    mine.current.locator('[data-action="answer"]').click()
    mine.page.keyboard.type("Yes, by name.")
    mine.press("Control+Enter")
    mine.current.locator('[data-action="resolve"]').first.click()
    mine.saved()
    mine.page.locator('[data-transition="submit"]').click()
    mine.expect_message("Submitted for review.")
    workbench.open()
    workbench.page.locator('[data-transition="start_review"]').click()
    workbench.page.locator('[data-transition="approve"]').click()
    workbench.expect_message("Approved.")
    assert AnnotationSet.objects.get(pk=row.pk).state == State.APPROVED
    assert comment_of("Yes, by name.").parent_id == comment_of("By name?").pk


def test_nobody_comments_where_they_may_not(newsroom: Newsroom, open_workbench: Open) -> None:
    row = in_review(newsroom)
    move(newsroom.user("rae"), row, "approve")
    workbench = open_workbench(row, "vic")
    workbench.press("j", "n")
    workbench.expect_message("You cannot comment on this set as it stands.")
    workbench.press("o")
    workbench.expect_message("No open comment on this mark suggests a change")
    assert not Comment.objects.exists()


def test_the_guideline_is_found_by_code_and_by_words(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT, title="The lock")
    span_at(row, "actor", "Ada Verde")
    workbench = open_workbench(row)
    workbench.press("g")
    guideline = workbench.part("guideline")
    expect(guideline.locator('[data-rule="B1"]')).to_contain_text("Start and end on a letter or digit")
    workbench.page.keyboard.type("c3")
    expect(guideline.locator(".found-rule")).to_contain_text("Leave out the cue")
    workbench.part("rule-search").fill("metonym")
    expect(guideline.locator("tbody tr:visible")).to_have_count(1)
    expect(guideline.locator('[data-rule="B1"]')).to_be_hidden()
    workbench.page.locator('[data-tab="problems"]').click()
    workbench.part("problems").locator('[data-code="A6"] a').click()
    expect(guideline.locator(".found-rule")).to_contain_text("unnamed spokesperson")
    expect(guideline.locator('[data-rule="A6"]')).to_be_focused()


def test_an_approval_that_waits_for_a_proposition_offers_to_accept_it(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    proposed = newsroom.proposition("The toll is wrong", accepted=False)
    make_span(row, "position", TEXT.index("against"), TEXT.index(".\n"), proposition_id=UUID(proposed))
    move(newsroom.user("ann"), row, "submit")
    move(newsroom.user("rae"), row, "start_review")
    workbench = open_workbench(row, "rae")
    workbench.page.locator('[data-transition="approve"]').click()
    dialog = workbench.page.locator('[data-dialog="proposed"]')
    expect(dialog).to_contain_text("1 proposition is only proposed.")
    expect(dialog.locator("[data-confirm]")).to_be_disabled()
    dialog.locator('[data-action="accept"]').focus()
    workbench.press("Enter")
    expect(dialog.locator("[data-confirm]")).to_be_focused()
    workbench.press("Enter")
    expect(workbench.part("state")).to_have_attribute("data-state", "approved")
    assert newsroom.fresh(row).state == State.APPROVED
