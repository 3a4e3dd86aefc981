"""The desks of reviewing and of adjudication: on a phone, under hasty fingers, and where a step fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Request, expect

from annotations.models import Decision
from annotations.services.core.comments import CommentDraft, add_comment
from tests.browser.test_team import TEXT, disputed
from tests.browser.workbench_page import ENDS, WorkbenchPage
from tests.factories import make_span, move
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
HOLD = """(key) => {
  const options = {key, code: `Key${key}`, shiftKey: true, bubbles: true, cancelable: true};
  for (const repeat of [false, true, true, true]) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", {...options, repeat}));
  }
}"""

TWICE = "(button) => { for (const turn of [1, 2]) document.querySelector(button).click(); }"


def test_a_difference_is_a_sheet_on_a_phone(newsroom: Newsroom, open_workbench: Open) -> None:
    row = disputed(newsroom)
    workbench = open_workbench(row, "rae", viewport={"width": 390, "height": 844}, has_touch=True)
    page, sheet = workbench.page, workbench.part("side")
    current = page.locator("[data-decision].current")
    expect(current).to_contain_text("the lock")
    expect(sheet).to_have_css("position", "fixed")
    workbench.part("close-sheet").click()
    expect(sheet).to_have_css("position", "static")
    x, y, *_ = page.evaluate(ENDS, [TEXT[-20:-1].strip(), 0])
    page.touchscreen.tap(x + 5, y)
    expect(current).to_contain_text("any new toll")
    expect(sheet).to_have_css("position", "fixed")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(HOLD, "A")
    workbench.saved()
    expect(workbench.part("decisions-note")).to_have_text("1 of 2 differences open.")
    assert Decision.objects.filter(set=row, choice="take_a").count() == 1, "a held key decides once"


def test_a_refused_approval_shows_what_blocks_it_and_a_second_press_asks_nothing(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on("Ada Verde said so.")
    make_span(row, start=0, end=9)
    move(newsroom.user("ann"), row, "submit")
    move(newsroom.user("rae"), row, "start_review")
    add_comment(newsroom.user("rae"), row.pk, CommentDraft(text="Who?", blocking=True))
    workbench = open_workbench(row, "rae")
    page = workbench.page
    page.locator('[data-transition="approve"]').click()
    workbench.expect_message("1 blocking comment is not resolved; resolve it first.")
    page.locator("#panel-comments").get_by_role("button", name="Resolve").click()
    workbench.saved()
    expect(workbench.part("saved")).to_have_text("All changes saved")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if "/approve/" in request.url else None)
    page.evaluate(TWICE, '[data-transition="approve"]')
    workbench.expect_message("Approved.")
    expect(workbench.part("messages")).not_to_contain_text("blocking")
    assert len(sent) == 1
