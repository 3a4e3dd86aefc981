"""Comments on words without a mark: missing marks, comments that go with the decision, ticks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from annotations.models import AnnotationSet, Comment, Span
from tests.browser.conftest import Guards
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span, move
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

TEXT = "Ada Verde said that the lock 👩‍👩‍👧 leaks. Lorn is against the toll.\n\nNobody answered."
Open = Callable[..., WorkbenchPage]


def in_review(newsroom: Newsroom) -> AnnotationSet:
    """A set of ann's with one mark, which rae reviews."""
    row = newsroom.set_on(TEXT, title="The lock")
    make_span(row, "actor", 0, 9)
    move(newsroom.user("ann"), row, "submit")
    return move(newsroom.user("rae"), row, "start_review")


def test_a_missing_mark_is_proposed_and_taken_over_by_keys_alone(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = in_review(newsroom)
    page = open_workbench(row, "rae")
    page.drag("the toll.")
    page.press("n")
    page.page.keyboard.type("Which one?")
    assert page.part("word-comment").inner_text().startswith("Comment on “the toll.”")
    page.press("Control+Enter")
    page.saved()
    page.drag("lock 👩‍👩‍👧 leaks.")
    page.press("c")
    expect(page.part("missing").locator('[data-missing="label"]')).to_have_value("claim")
    page.part("missing").locator('[data-missing="claim_type"]').select_option("assertion")
    page.part("word-comment").locator("textarea").focus()
    page.press("Control+Enter")
    page.saved()
    asked, missing = Comment.objects.filter(set=row).order_by("pk")
    assert (asked.quote, asked.suggestion, asked.text) == ("the toll.", None, "Which one?")
    # the edges of a mark are those of the guideline
    assert (missing.quote, missing.text) == ("lock 👩‍👩‍👧 leaks", "I suggest this mark.")
    assert missing.suggestion is not None
    assert missing.suggestion["label"] == "claim"
    move(newsroom.user("rae"), row, "return")

    mine = open_workbench(row, "ann")
    mine.press("o")
    mine.expect_message("Taken over: “lock 👩‍👩‍👧 leaks”.")
    claim = Span.objects.get(set=row, label="claim")
    assert (claim.quote, claim.attributes["claim_type"]) == ("lock 👩‍👩‍👧 leaks", "assertion")
    expect(mine.current).to_have_attribute("data-span", str(claim.pk))
    missing.refresh_from_db()
    assert missing.resolved_by == row.owner
    mine.press("u")
    mine.saved()
    missing.refresh_from_db()
    assert (Span.objects.filter(set=row).count(), missing.resolved_at) == (1, None)
    mine.press("Shift+U")
    mine.saved()
    assert Span.objects.filter(set=row, label="claim").count() == 1
    mine.page.locator('[data-tab="comments"]').click()
    mine.page.locator('[data-action="show-words"]', has_text="the toll").click()
    assert mine.selected == "the toll."


def test_a_comment_is_kept_as_it_is_written_and_about_what_was_chosen_last(
    newsroom: Newsroom, open_workbench: Open, guards: Guards
) -> None:
    guards.leaves = True
    row = in_review(newsroom)
    page = open_workbench(row, "rae")
    page.drag("Nobody")
    page.page.locator('.float [data-action="comment-words"]').click()
    page.page.keyboard.type("Is that so?")
    page.press("Escape")
    expect(page.part("word-comment")).to_be_hidden()
    page.press("k", "n")
    expect(page.current.locator("textarea")).to_be_focused()
    page.open()
    page.page.locator('[data-action="drafts"]').click()
    expect(page.page.locator('[data-draft^="words/"]')).to_contain_text("Comment on “Nobody”")
    page.page.locator('[data-draft^="words/"] [data-action="open-draft"]').click()
    expect(page.part("word-comment").locator("textarea")).to_have_value("Is that so?")
    page.press("Control+Enter")
    page.saved()
    assert Comment.objects.get(set=row).quote == "Nobody"


def test_comments_wait_for_the_decision(newsroom: Newsroom, open_workbench: Open, guards: Guards) -> None:
    guards.leaves = True
    row = in_review(newsroom)
    page = open_workbench(row, "rae")
    page.page.locator('[data-tab="comments"]').click()
    page.page.get_by_label("Collect my comments").check()
    page.drag("Nobody")
    page.press("n")
    page.page.keyboard.type("Who?")
    page.press("Control+Enter")
    page.press("Shift+N")
    page.page.keyboard.type("Look again.")
    page.press("Control+Enter")
    expect(page.page.locator(".comment.collected")).to_have_count(2)
    page.open()
    page.page.locator('[data-tab="comments"]').click()
    expect(page.page.locator(".comment.collected")).to_have_count(2)
    assert not Comment.objects.filter(set=row).exists()
    page.page.locator('[data-transition="return"]').click()
    page.page.locator("[data-confirm]").click()
    expect(page.part("state")).to_have_attribute("data-state", "returned")
    assert [one.text for one in Comment.objects.filter(set=row).order_by("pk")] == ["Who?", "Look again."]
    expect(page.page.locator(".comment.collected")).to_have_count(0)


def test_marks_are_ticked_in_a_review(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    for start, end in ((0, 9), (10, 14), (15, 19)):
        make_span(row, "actor", start, end)
    move(newsroom.user("ann"), row, "submit")
    page = open_workbench(row, "rae")
    expect(page.part("looked-at")).to_have_text("0 of 3 marks looked at")
    page.press("v", "v", "v")
    expect(page.part("looked-at")).to_have_text("2 of 3 marks looked at")
    expect(page.current.locator(".span-head .quote")).to_have_text("that")
    page.open()
    expect(page.part("looked-at")).to_have_text("2 of 3 marks looked at")
    page.choose("said")
    expect(page.field("looked-at")).to_be_checked()
    page.field("looked-at").uncheck()
    expect(page.part("looked-at")).to_have_text("1 of 3 marks looked at")
    mine = open_workbench(row, "ann")
    expect(mine.part("looked-at")).to_be_hidden()
