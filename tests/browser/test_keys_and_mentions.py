"""Keys mean the same on every layout, a mention is chosen by keys, and times go by the service's clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from annotations.models import Comment, Notification
from annotations.services.core import comments
from annotations.services.core.comments import CommentDraft
from tests.browser.barriers import list_barriers
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Mira Halvorsen said that Ardenia would pay for the pilots. Velmora is against the toll."
PRESS = """([key, code, shiftKey]) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", {key, code, shiftKey: shiftKey ?? false, bubbles: true, cancelable: true}))"""


def strike(workbench: WorkbenchPage, key: str, code: str) -> None:
    """Press a key of another layout, which the driver's own keyboard lacks."""
    workbench.page.evaluate(PRESS, [key, code])


def test_keys_go_by_place_where_the_layout_writes_something_else(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.drag("Ardenia would pay")
    strike(workbench, "C", "KeyC")  # with Caps Lock
    workbench.saved()
    strike(workbench, "é", "Digit2")  # on AZERTY
    workbench.saved()
    second = workbench.field("claim_type").locator("option").nth(2).get_attribute("value")
    assert [span.attributes["claim_type"] for span in workbench.spans()] == [second]
    workbench.drag("Velmora")
    strike(workbench, "ש", "KeyA")
    workbench.saved()
    assert [label for label, _ in workbench.facts()] == ["claim", "actor"]
    strike(workbench, "U", "KeyU")  # with Caps Lock it undoes, and does nothing again
    workbench.saved()
    assert [label for label, _ in workbench.facts()] == ["claim"]


def test_a_mention_is_chosen_by_keys_and_tells_whom_it_means(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    Notification.objects.all().delete()
    workbench = open_workbench(row)
    workbench.press("n")
    box = workbench.part("comments").locator('[data-field="comment"]')
    workbench.page.keyboard.type("Ask @R")
    people = workbench.part("comments").get_by_role("listbox")
    option = people.get_by_role("option", selected=True)
    expect(option).to_have_text("@rae")
    expect(box).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    assert not list_barriers(workbench.page, "workbench")
    workbench.press("Escape")
    expect(people).to_be_hidden()
    expect(box).to_be_focused()
    workbench.page.keyboard.type("a")
    workbench.press("Enter")
    expect(box).to_have_value("Ask @rae ")
    workbench.page.keyboard.type("or @m")
    workbench.press("Tab")
    workbench.page.keyboard.type("or @ben please")
    expect(box).to_have_value("Ask @rae or @max or @ben please")
    # ben is another annotator, who cannot read it
    expect(workbench.part("comments")).to_contain_text("Nobody who can read this is called @ben.")
    workbench.press("Control+Enter")
    workbench.saved()
    told = Notification.objects.filter(kind="mention").values_list("recipient__username", flat=True)
    assert sorted(told) == ["max", "rae"]


def test_tab_walks_from_field_to_field(newsroom: Newsroom, open_workbench: Open) -> None:
    """A list of choices that is long enough to scroll would be a stop for Tab, and gone with it."""
    row = newsroom.set_on(" ".join(f"Actor{number}" for number in range(30)) + " said that it rains.")
    for word in re.finditer(r"Actor\d+", row.revision.text):
        make_span(row, start=word.start(), end=word.end())
    workbench = open_workbench(row)
    workbench.mark("it rains", "c")
    workbench.field("relation-target").focus()
    stops = [workbench.page.evaluate("document.activeElement.tagName")]
    while stops[-1] != "TEXTAREA":
        workbench.press("Tab")
        stops.append(workbench.page.evaluate("document.activeElement.tagName"))
        assert len(stops) < 30, "the comment is the last field"
    assert "BODY" not in stops
    assert "UL" not in stops


def test_times_go_by_the_clock_of_the_service(
    newsroom: Newsroom, open_workbench: Open, settings: Any
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    row = newsroom.set_on(TEXT, published_at=datetime(2025, 3, 1, 22, 30, tzinfo=UTC))
    comments.add_comment(newsroom.user("ann"), row.pk, CommentDraft(text="Hm."))
    Comment.objects.update(created_at="2025-03-01T22:30:00Z")
    workbench = open_workbench(row, timezone_id="America/New_York", fresh=True)
    expect(workbench.part("byline")).to_contain_text("Mar 2, 2025")
    workbench.page.locator('[data-tab="comments"]').click()
    expect(workbench.part("comments").locator("time")).to_have_text("Mar 2, 2025, 11:30 AM")
