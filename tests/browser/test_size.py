"""A long article with many marks: exact to the character, every mark within reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from annotations.models import Revision
from annotations.services.core import spans
from tests.browser.workbench_page import WorkbenchPage
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
PARAGRAPH = "Ada Verde said 🚢 that the lock would close. " * 12 + "\r\n\r\n"
TEXT = PARAGRAPH * 200 + "The very last words."
MARKS = 400


def test_a_long_article_is_whole_and_every_mark_within_reach(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    text = Revision.objects.get(pk=row.revision_id).text
    half = len(text) // MARKS // 2
    starts = [text.index("Ada Verde", index * half * 2) for index in range(MARKS - 1)]
    drafts = [spans.SpanDraft(label="actor", start=start, end=start + 9) for start in dict.fromkeys(starts)]
    spans.add_spans(newsroom.user("ann"), row.pk, drafts)
    workbench = open_workbench(row)
    assert workbench.text == text
    expect(workbench.lines).to_have_count(len(drafts))
    last = workbench.lines.last
    last.locator(".span-head").click()
    expect(last).to_have_class("span current")
    workbench.part("text").focus()
    workbench.press("Control+Home", *["ArrowDown"] * 40, "w", "w")
    assert workbench.selected
    assert workbench.selected in text
    box = workbench.page.evaluate("() => getSelection().getRangeAt(0).getBoundingClientRect().top")
    assert 0 < box < 900
    workbench.press("Control+End")
    workbench.press(*["Control+Shift+ArrowLeft"] * 3, "c")
    workbench.saved()
    assert workbench.facts()[-1] == ("claim", "very last words")
