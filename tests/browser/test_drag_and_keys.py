"""By mouse and by finger: relations are drawn, words are touched, and all places count the same."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from annotations.models import AnnotationSet, Relation
from tests.browser.workbench_page import ENDS, WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Mira Halvorsen spoke on Monday. Halvorsen said that Ardenia would pay. Velmora is against it."


def mark(row: AnnotationSet, label: str, quote: str, nth: int = 0) -> None:
    """Mark a quote by the service."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(quote, start + 1)
    make_span(row, label, start, start + len(quote))


def pull(workbench: WorkbenchPage, x: float, y: float) -> None:
    """Drag from the sign of the chosen mark to a place."""
    sign = workbench.part("linker")
    expect(sign).to_be_visible()
    box = sign.bounding_box()
    assert box
    workbench.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    workbench.page.mouse.down()
    workbench.page.mouse.move(x, y, steps=4)
    workbench.page.mouse.up()


def middle(workbench: WorkbenchPage, quote: str, nth: int = 0) -> tuple[float, float]:
    """The middle of words in the text."""
    x1, y1, x2, y2 = workbench.page.evaluate(ENDS, [quote, nth])
    return (x1 + x2) / 2, (y1 + y2) / 2


def middle_of(line: Locator) -> tuple[float, float]:
    """The middle of an element."""
    box = line.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_relation_is_drawn_from_mark_to_mark(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    mark(row, "actor", "Mira Halvorsen")
    mark(row, "actor", "Halvorsen", 1)
    mark(row, "claim", "Ardenia would pay")
    workbench = open_workbench(row)
    workbench.choose("Mira Halvorsen")
    expect(workbench.part("linker")).to_be_hidden()  # nothing starts at an actor
    workbench.choose("Ardenia would pay")
    pull(workbench, *middle(workbench, "Halvorsen", 1))
    workbench.saved()
    relations = Relation.objects.filter(set=row)
    assert [(one.type, one.source.quote, one.target.start) for one in relations] == [
        ("made_by", "Ardenia would pay", TEXT.index("Halvorsen said"))
    ]
    expect(workbench.current.locator(".statement p")).to_have_text(
        ["“Halvorsen” – Claim: “Ardenia would pay”"]
    )
    workbench.expect_message("made by “Halvorsen”.")
    # the other kinds that fit are one press away, and both steps can be taken back
    workbench.page.locator('[data-relate="about"]').click()
    workbench.saved()
    assert [one.type for one in relations.all()] == ["about"]
    workbench.part("text").focus()
    workbench.press("u")
    workbench.saved()
    assert [one.type for one in relations.all()] == ["made_by"]
    workbench.press("u")
    workbench.saved()
    assert not relations.all().exists()


def test_a_relation_is_drawn_to_a_line_of_the_list_or_to_nothing(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    mark(row, "actor", "Velmora")
    mark(row, "position", "is against it")
    mark(row, "claim", "Ardenia would pay")
    workbench = open_workbench(row)
    workbench.choose("is against it")
    # words without a mark, and room beside the words
    pull(workbench, *middle(workbench, "spoke"))
    x, y = middle(workbench, "Velmora")
    pull(workbench, x, y + 60)
    workbench.saved()
    assert not Relation.objects.filter(set=row).exists()
    pull(workbench, *middle_of(workbench.line("Velmora").locator(".span-head")))
    workbench.saved()
    assert [one.type for one in Relation.objects.filter(set=row)] == ["held_by"]


def test_words_are_marked_by_finger(newsroom: Newsroom, open_workbench: Open) -> None:
    """The browser's own handles select; what a finger needs is a button where it is."""
    workbench = open_workbench(newsroom.set_on(TEXT), has_touch=True, viewport={"width": 768, "height": 1024})
    x, y = middle(workbench, "Ardenia")
    workbench.page.touchscreen.tap(x, y)
    workbench.page.evaluate(
        """([quote]) => {
          const node = document.querySelector('[data-part="text"] .paragraph').firstChild;
          const at = node.data.indexOf(quote);
          getSelection().setBaseAndExtent(node, at, node, at + 4);
          setTimeout(() => getSelection().extend(node, at + quote.length), 100);
        }""",
        ["Ardenia would pay"],
    )
    workbench.page.wait_for_timeout(300)
    assert workbench.selected == "Ardenia would pay"
    button = workbench.page.locator('.float [data-label="claim"]')
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box
    assert box["height"] >= 24
    button.tap()
    expect(workbench.lines).to_have_count(1)
    workbench.saved()
    assert workbench.facts() == [("claim", "Ardenia would pay")]
    expect(button).to_be_hidden()


def test_list_workbench_and_api_count_the_same(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    for quote, key in (
        ("Mira Halvorsen", "a"),
        ("Ardenia would pay", "c"),
        ("Velmora", "a"),
        ("is against it", "p"),
    ):
        workbench.mark(quote, key)
    workbench.choose("Velmora")
    workbench.press("Delete")
    workbench.saved()
    workbench.part("text").focus()
    workbench.press("u", "Shift+U")  # back, and away again
    workbench.saved()
    counted = {"actor": 1, "claim": 1, "position": 1}
    expect(workbench.lines).to_have_count(3)
    expect(workbench.page.locator("#tab-spans .badge")).to_have_text("3")
    ask = "async (path) => (await fetch(`/api/v1/${path}`)).text()"
    stats = json.loads(workbench.page.evaluate(ask, "corpora/lake/stats/"))
    assert stats["spans"] == {"total": 3, "by_label": counted}
    rows = json.loads(workbench.page.evaluate(ask, f"sets/{workbench.row.pk}/spans/"))["results"]
    assert len(rows) == len(workbench.spans()) == 3
    assert AnnotationSet.objects.get(pk=workbench.row.pk).span_counts == counted
    workbench.page.goto("/admin/annotations/annotationset/")
    expect(workbench.page.locator("#result_list .field-marks")).to_have_text(["3"])
    workbench.page.goto(f"/admin/annotations/span/?set={workbench.row.pk}")
    expect(workbench.page.locator("#result_list tbody tr")).to_have_count(3)
