"""What somebody writes outlives another mark, a click and a reload, and is not called saved before it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from annotations.models import AnnotationSet, Comment
from annotations.services.core import comments
from annotations.services.core.comments import CommentDraft
from tests.browser.barriers import list_barriers
from tests.browser.conftest import Guards
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span, move
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Mira Halvorsen said that Ardenia would pay for the pilots. Velmora is against the toll."


def in_review(newsroom: Newsroom) -> AnnotationSet:
    """A set of ann's with two marks, which rae reviews."""
    row = newsroom.set_on(TEXT)
    for quote in ("Mira Halvorsen", "Velmora"):
        start = TEXT.index(quote)
        make_span(row, "actor", start, start + len(quote))
    move(newsroom.user("ann"), row, "submit")
    return move(newsroom.user("rae"), row, "start_review")


def comment_field(workbench: WorkbenchPage) -> Locator:
    """Where a comment on the chosen mark is written."""
    return workbench.field("comment")


def comment_on_set(workbench: WorkbenchPage) -> Locator:
    """Where a comment on the set, or an answer, is written."""
    return workbench.part("comments").locator('[data-field="comment"]')


def reload(workbench: WorkbenchPage, guards: Guards) -> None:
    """Leave the page although it asks, and come back."""
    asked: list[str] = []
    workbench.page.once("dialog", lambda dialog: asked.append(dialog.type))
    guards.leaves = True
    workbench.page.reload()
    workbench.ready()
    assert asked == ["beforeunload"]


def write_drafts(workbench: WorkbenchPage, asked: Comment) -> None:
    """Write a comment with a suggestion, one on another mark, one on the set, an answer and a reason."""
    saved = workbench.part("saved")
    workbench.choose("Mira Halvorsen")
    comment_field(workbench).click()
    workbench.page.keyboard.type("Who is")
    expect(saved).to_have_text("1 draft not sent")
    expect(saved).to_be_visible()
    workbench.current.get_by_text("Suggest a change").click()
    workbench.drag("Mira")
    workbench.current.locator('[data-action="suggest-range"]').click()
    workbench.current.locator('[data-suggest="mention_type"]').select_option("description")
    workbench.choose("Velmora")
    expect(comment_field(workbench)).to_have_value("")
    comment_field(workbench).fill("Why?")
    expect(saved).to_have_text("2 drafts not sent")
    expect(workbench.line("Mira Halvorsen")).to_contain_text("draft")
    # the comment on the set and an answer are apart
    workbench.page.locator('[data-tab="comments"]').click()
    on_set = comment_on_set(workbench)
    on_set.fill("A good start.")
    workbench.page.locator(f'[data-comment="{asked.pk}"] [data-action="answer"]').click()
    expect(on_set).to_have_value("")
    on_set.fill("Yes, she is.")
    workbench.part("text").click(position={"x": 2, "y": 10})
    workbench.page.locator('[data-transition="return"]').click()
    workbench.page.get_by_label("Comment", exact=True).fill("Look again, @an")
    workbench.press("Escape", "Escape")
    expect(workbench.page.locator("dialog")).to_have_count(0)


def send_suggestion(workbench: WorkbenchPage) -> None:
    """Find the comment with its suggestion as it was written, and send it."""
    workbench.choose("Mira Halvorsen")
    expect(comment_field(workbench)).to_have_value("Who is")
    expect(workbench.part("suggested-words").first).to_have_text("“Mira”")
    workbench.current.locator('[data-action="comment"]').click()
    expect(workbench.part("saved")).to_have_text("4 drafts not sent")
    suggestion = {"start": 0, "end": 4, "attributes": {"mention_type": "description"}}
    assert Comment.objects.get(text="Who is").suggestion == suggestion


def test_drafts_outlive_another_mark_a_click_and_a_reload(
    newsroom: Newsroom, open_workbench: Open, guards: Guards
) -> None:
    row = in_review(newsroom)
    asked = comments.add_comment(newsroom.user("ann"), row.pk, CommentDraft(text="Is she meant?"))[0]
    workbench = open_workbench(row, "rae")
    saved, on_set = workbench.part("saved"), comment_on_set(workbench)
    write_drafts(workbench, asked)
    expect(saved).to_have_text("5 drafts not sent")
    assert not Comment.objects.filter(author__username="rae").exists()

    reload(workbench, guards)
    expect(saved).to_have_text("5 drafts not sent")
    send_suggestion(workbench)
    workbench.press("j")
    expect(comment_field(workbench)).to_have_value("Why?")
    workbench.page.locator('[data-action="drafts"]').click()
    drafts = workbench.page.locator("[data-draft]")
    expect(drafts).to_have_count(4)
    assert not list_barriers(workbench.page, "workbench")
    drafts.filter(has_text="Yes, she is.").locator('[data-action="open-draft"]').click()
    expect(on_set).to_be_focused()
    expect(on_set).to_have_value("Yes, she is.")
    workbench.press("Control+Enter")
    expect(on_set).to_have_value("A good start.")
    workbench.page.locator('[data-transition="return"]').click()
    expect(workbench.page.get_by_label("Comment", exact=True)).to_have_value("Look again, @an")
    workbench.page.locator('[data-confirm="return"]').click()
    workbench.expect_message("Returned")
    expect(saved).to_have_text("2 drafts not sent")
    assert Comment.objects.get(text="Yes, she is.").parent_id == asked.pk
    # thrown away, and back
    workbench.page.locator('[data-action="drafts"]').click()
    drafts.filter(has_text="Why?").locator('[data-action="discard-draft"]').click()
    workbench.press("Escape")
    expect(saved).to_have_text("1 draft not sent")
    workbench.page.locator('[data-action="bring-draft-back"]').click()
    expect(saved).to_have_text("2 drafts not sent")


def test_a_field_that_is_being_filled_in_and_a_new_entry_outlive_a_reload(
    newsroom: Newsroom, open_workbench: Open, guards: Guards
) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", 0, len("Mira Halvorsen"))
    workbench = open_workbench(row)
    workbench.choose("Mira Halvorsen")
    workbench.field("role_text").click()
    workbench.page.keyboard.type("mayor of")
    expect(workbench.part("saved")).to_have_text("1 draft not sent")
    reload(workbench, guards)
    workbench.choose("Mira Halvorsen")
    expect(workbench.field("role_text")).to_have_value("mayor of")
    assert "role_text" not in workbench.spans()[0].attributes
    workbench.field("role_text").press("End")
    workbench.page.keyboard.type(" Lorn")
    workbench.press("Enter")
    expect(workbench.part("saved")).to_have_text("All changes saved")
    assert workbench.spans()[0].attributes["role_text"] == "mayor of Lorn"
    workbench.pick("actor", "Mira H", "New actor")
    workbench.page.get_by_label("Name").fill("Mira Halvorsen of Lorn")
    reload(workbench, guards)
    workbench.page.locator('[data-action="drafts"]').click()
    workbench.page.locator('[data-action="open-draft"]').click()
    expect(workbench.page.get_by_label("Name")).to_have_value("Mira Halvorsen of Lorn")
    workbench.page.locator('[data-confirm="actor"]').click()
    expect(workbench.part("saved")).to_have_text("All changes saved")
    actor = workbench.spans()[0].actor
    assert actor is not None
    assert actor.name == "Mira Halvorsen of Lorn"


def test_a_comment_that_is_refused_is_a_draft_again(newsroom: Newsroom, open_workbench: Open) -> None:
    row = in_review(newsroom)
    workbench = open_workbench(row, "rae")
    refusal = '{"detail": "Not now.", "code": "invalid", "status": 400}'
    workbench.page.route(
        re.compile("/comments/"),
        lambda route: route.fulfill(status=400, content_type="application/problem+json", body=refusal),
    )
    workbench.choose("Velmora")
    comment_field(workbench).fill("A long thought.")
    workbench.current.locator('[data-action="comment"]').click()
    workbench.expect_message("Not now.")
    expect(comment_field(workbench)).to_have_value("A long thought.")
    expect(workbench.part("saved")).to_have_text("1 draft not sent")


def test_discarding_asks_with_the_number_and_can_be_taken_back(
    newsroom: Newsroom, open_workbench: Open, guards: Guards
) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.page.route(
        re.compile("/spans/"),
        lambda route: route.continue_() if route.request.method == "GET" else route.abort(),
    )
    for quote, key in (("Mira Halvorsen", "a"), ("Ardenia would pay", "c")):
        workbench.drag(quote)
        workbench.press(key)
    workbench.page.locator('[data-action="discard"]').click()
    dialog = workbench.page.locator('dialog[data-dialog="discard"]')
    expect(dialog).to_contain_text("Discard 2 changes")
    expect(dialog).to_contain_text("Ardenia would pay")
    workbench.press("Enter")  # the harmless answer has the focus
    expect(workbench.part("saved")).to_have_text("2 changes not saved")
    workbench.page.locator('[data-action="discard"]').click()
    dialog.locator('[data-confirm="discard"]').click()
    workbench.expect_message("2 changes were discarded")
    expect(workbench.lines).to_have_count(0)
    expect(workbench.part("saved")).to_have_text("All changes saved")
    workbench.page.unroute_all(behavior="wait")
    guards.leaves = True
    workbench.page.reload()
    workbench.ready()
    workbench.page.locator('[data-action="bring-back"]').click()
    expect(workbench.lines).to_have_count(2)
    workbench.saved()
    assert workbench.facts() == [("actor", "Mira Halvorsen"), ("claim", "Ardenia would pay")]
    expect(workbench.page.locator('[data-action="bring-back"]')).to_be_hidden()
