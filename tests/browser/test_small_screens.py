"""A phone, 200 % zoom and forced colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Mira Halvorsen spoke on Monday. Halvorsen said that Ardenia would pay." + "\n\nAnd so on." * 40
BOX = """([words]) => {
  const node = document.querySelector('[data-part="text"] .paragraph').firstChild;
  const range = document.createRange();
  range.setStart(node, node.data.indexOf(words));
  range.setEnd(node, node.data.indexOf(words) + words.length);
  const box = range.getClientRects()[0];
  return [box.left, box.right, (box.top + box.bottom) / 2];
}"""

NEXT_PICTURE = "() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))"


def touch(workbench: WorkbenchPage, *points: tuple[float, float]) -> None:
    """A finger that comes down at the first place, moves to the others, and is lifted."""
    session = workbench.page.context.new_cdp_session(workbench.page)

    def send(kind: str, *places: tuple[float, float]) -> None:
        body: dict[str, Any] = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]}
        session.send("Input.dispatchTouchEvent", body)
        workbench.page.evaluate(NEXT_PICTURE)  # a finger is no faster than the screen

    send("touchStart", points[0])
    for point in points[1:]:
        send("touchMove", point)
    send("touchEnd")


@pytest.mark.parametrize(
    "viewport",
    [{"width": 390, "height": 844}, pytest.param({"width": 590, "height": 450}, marks=pytest.mark.slow)],
)
def test_the_text_comes_first_and_a_sheet_shows_the_chosen_mark(
    newsroom: Newsroom, open_workbench: Open, viewport: dict[str, int]
) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", 0, 14)
    workbench = open_workbench(row, has_touch=True, viewport=viewport)
    page = workbench.page
    left, right, middle = page.evaluate(BOX, ["Mira"])
    assert middle < viewport["height"] / 2
    bar = workbench.part("bar").bounding_box()
    assert bar
    assert bar["height"] < 60
    expect(workbench.part("messages")).to_have_css("height", "0px")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    touch(workbench, ((left + right) / 2, middle))
    side = workbench.part("side")
    expect(workbench.current).to_be_visible()
    expect(side).to_have_css("position", "fixed")
    box = side.bounding_box()
    assert box
    assert box["y"] > page.evaluate(BOX, ["Mira"])[2]
    # the end of the mark is drawn along by the finger
    handle = page.locator(".handle").last.bounding_box()
    assert handle
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    _, target, _ = page.evaluate(BOX, ["spoke"])
    touch(workbench, (x, y), ((x + target) / 2, y), (target - 1, y))
    expect(workbench.current).to_contain_text("Mira Halvorsen spoke")
    workbench.saved()
    assert workbench.facts() == [("actor", "Mira Halvorsen spoke")]
    close = workbench.part("close-sheet")
    close.tap()
    expect(close).to_be_hidden()
    expect(side).to_have_css("position", "static")


def test_forced_colours_keep_labels_apart(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT), forced_colors="active")
    styles = workbench.page.evaluate(
        """() => ["actor", "claim", "position"].map((name) => getComputedStyle(
          document.querySelector('[data-part="text"]'), `::highlight(${name})`).textDecorationStyle)"""
    )
    assert styles == ["double", "solid", "wavy"]
    buttons = workbench.page.locator('[data-part="labels"] .sample')
    ask = "(element) => getComputedStyle(element).textDecorationStyle"
    shown = [button.evaluate(ask) for button in buttons.all()]
    assert shown == ["double", "solid", "wavy"]
