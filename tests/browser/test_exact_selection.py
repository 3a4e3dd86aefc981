"""What is stored is what was dragged, whatever was selected before and wherever the cursor has been."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from annotations.models import Comment
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span, move
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
FIRST = "Mira Halvorsen spoke on Monday."
LAST = "Velmora is against the toll."
TEXT = "\n\n".join([FIRST, *["Nothing happened in between."] * 4, LAST])


def write_into(workbench: WorkbenchPage, field: str) -> None:
    """Put the cursor into a field by mouse and type."""
    workbench.page.locator(field).click()
    workbench.page.keyboard.type("abc")


def test_words_dragged_after_writing_are_those_that_are_marked(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.drag("Mira Halvorsen")
    workbench.press("g")
    workbench.page.keyboard.type("actor")
    workbench.drag("is against the toll")
    workbench.press("p")
    workbench.saved()
    assert workbench.facts() == [("position", "is against the toll")]
    # backwards, over words of the old range, and by a click that selects nothing
    workbench.page.locator('[data-tab="comments"]').click()
    workbench.drag("Nothing happened in between.\n\nVelmora")
    write_into(workbench, '[data-part="comments"] [data-field="comment"]')
    workbench.drag("happened", 3)
    workbench.press("c")
    workbench.saved()
    assert workbench.facts()[0] == ("claim", "happened")
    workbench.drag("Mira")
    write_into(workbench, '.current [data-field="comment"]')
    workbench.page.get_by_text("Velmora").last.click(position={"x": 3, "y": 8})
    expect(workbench.page.locator('.bar [data-label="actor"]')).to_have_attribute("aria-disabled", "true")
    # by keys the old words come back
    workbench.drag("Monday")
    workbench.press("g")
    workbench.press("Escape")
    assert workbench.selected == "Monday"
    workbench.press("a")
    workbench.saved()
    assert ("actor", "Monday") in workbench.facts()


def test_a_press_with_shift_does_not_reach_out_of_the_text(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.drag("Mira Halvorsen")
    workbench.press("g")
    workbench.page.keyboard.type("actor")
    workbench.page.get_by_text("Velmora").last.click(position={"x": 3, "y": 8}, modifiers=["Shift"])
    expect(workbench.page.locator('.bar [data-label="actor"]')).to_have_attribute("aria-disabled", "true")


def test_a_suggestion_has_the_words_that_were_dragged(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", TEXT.index("Velmora"), TEXT.index(" is against"))
    move(newsroom.user("ann"), row, "submit")
    row = move(newsroom.user("rae"), row, "start_review")
    workbench = open_workbench(row, "rae")
    workbench.choose("Velmora")
    workbench.press("n")
    workbench.current.get_by_text("Suggest a change").click()
    workbench.drag("Mira Halvorsen")
    workbench.field("comment").click()
    workbench.page.keyboard.type("These words.")
    workbench.drag("against the toll")
    workbench.current.locator('[data-action="suggest-range"]').click()
    workbench.current.locator('[data-action="comment"]').click()
    workbench.saved()
    suggestion = Comment.objects.get(text="These words.").suggestion
    assert suggestion is not None
    assert TEXT[suggestion["start"] : suggestion["end"]] == "against the toll"
