"""By mouse and by finger: relations are drawn, words are touched, and all places count the same."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from annotations.models import AnnotationSet, Relation
from tests.browser.conftest import Newsroom
from tests.browser.desk import ENDS, Desk
from tests.factories import make_span

pytestmark = pytest.mark.browser

Open = Callable[..., Desk]
TEXT = "Mira Halvorsen spoke on Monday. Halvorsen said that Ardenia would pay. Velmora is against it."


def mark(row: AnnotationSet, label: str, quote: str, nth: int = 0) -> None:
    """Mark a quote by the service."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(quote, start + 1)
    make_span(row, label, start, start + len(quote))


def pull(desk: Desk, x: float, y: float) -> None:
    """Drag from the sign of the chosen mark to a place."""
    sign = desk.part("linker")
    expect(sign).to_be_visible()
    box = sign.bounding_box()
    assert box
    desk.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.page.mouse.down()
    desk.page.mouse.move(x, y, steps=4)
    desk.page.mouse.up()


def middle(desk: Desk, quote: str, nth: int = 0) -> tuple[float, float]:
    """The middle of words in the text."""
    x1, y1, x2, y2 = desk.page.evaluate(ENDS, [quote, nth])
    return (x1 + x2) / 2, (y1 + y2) / 2


def middle_of(line: Locator) -> tuple[float, float]:
    """The middle of an element."""
    box = line.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_relation_is_drawn_from_mark_to_mark(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    mark(row, "actor", "Mira Halvorsen")
    mark(row, "actor", "Halvorsen", 1)
    mark(row, "claim", "Ardenia would pay")
    desk = open_desk(row)
    desk.choose("Mira Halvorsen")
    expect(desk.part("linker")).to_be_hidden()  # nothing starts at an actor
    desk.choose("Ardenia would pay")
    pull(desk, *middle(desk, "Halvorsen", 1))
    desk.saved()
    relations = Relation.objects.filter(set=row)
    assert [(one.type, one.source.quote, one.target.start) for one in relations] == [
        ("made_by", "Ardenia would pay", TEXT.index("Halvorsen said"))
    ]
    expect(desk.current.locator(".statement p")).to_have_text(["“Halvorsen” – Claim: “Ardenia would pay”"])
    desk.says("made by “Halvorsen”.")
    # the other kinds that fit are one press away, and both steps can be taken back
    desk.page.locator('[data-relate="about"]').click()
    desk.saved()
    assert [one.type for one in relations.all()] == ["about"]
    desk.part("text").focus()
    desk.press("u")
    desk.saved()
    assert [one.type for one in relations.all()] == ["made_by"]
    desk.press("u")
    desk.saved()
    assert not relations.all().exists()


def test_a_relation_is_drawn_to_a_line_of_the_list_or_to_nothing(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    mark(row, "actor", "Velmora")
    mark(row, "position", "is against it")
    mark(row, "claim", "Ardenia would pay")
    desk = open_desk(row)
    desk.choose("is against it")
    # words without a mark, and room beside the words
    pull(desk, *middle(desk, "spoke"))
    x, y = middle(desk, "Velmora")
    pull(desk, x, y + 60)
    desk.saved()
    assert not Relation.objects.filter(set=row).exists()
    pull(desk, *middle_of(desk.line("Velmora").locator(".span-head")))
    desk.saved()
    assert [one.type for one in Relation.objects.filter(set=row)] == ["held_by"]


def test_words_are_marked_by_finger(newsroom: Newsroom, open_desk: Open) -> None:
    """The browser's own handles select; what a finger needs is a button where it is."""
    desk = open_desk(newsroom.set(TEXT), has_touch=True, viewport={"width": 768, "height": 1024})
    x, y = middle(desk, "Ardenia")
    desk.page.touchscreen.tap(x, y)
    desk.page.evaluate(
        """([quote]) => {
          const node = document.querySelector('[data-part="text"] .paragraph').firstChild;
          const at = node.data.indexOf(quote);
          getSelection().setBaseAndExtent(node, at, node, at + 4);
          setTimeout(() => getSelection().extend(node, at + quote.length), 100);
        }""",
        ["Ardenia would pay"],
    )
    desk.page.wait_for_timeout(300)
    assert desk.selected == "Ardenia would pay"
    button = desk.page.locator('.float [data-label="claim"]')
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box
    assert box["height"] >= 24
    button.tap()
    expect(desk.lines).to_have_count(1)
    desk.saved()
    assert desk.facts() == [("claim", "Ardenia would pay")]
    expect(button).to_be_hidden()


def test_list_workbench_and_api_count_the_same(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT))
    for quote, key in (
        ("Mira Halvorsen", "a"),
        ("Ardenia would pay", "c"),
        ("Velmora", "a"),
        ("is against it", "p"),
    ):
        desk.mark(quote, key)
    desk.choose("Velmora")
    desk.press("Delete")
    desk.saved()
    desk.part("text").focus()
    desk.press("u", "Shift+U")  # back, and away again
    desk.saved()
    counted = {"actor": 1, "claim": 1, "position": 1}
    expect(desk.lines).to_have_count(3)
    expect(desk.page.locator("#tab-spans .badge")).to_have_text("3")
    ask = "async (path) => (await fetch(`/api/v1/${path}`)).text()"
    stats = json.loads(desk.page.evaluate(ask, "corpora/lake/stats/"))
    assert stats["spans"] == {"total": 3, "by_label": counted}
    rows = json.loads(desk.page.evaluate(ask, f"sets/{desk.row.pk}/spans/"))["results"]
    assert len(rows) == len(desk.spans()) == 3
    assert AnnotationSet.objects.get(pk=desk.row.pk).span_counts == counted
    desk.page.goto("/admin/annotations/annotationset/")
    expect(desk.page.locator("#result_list .field-marks")).to_have_text(["3"])
    desk.page.goto(f"/admin/annotations/span/?set={desk.row.pk}")
    expect(desk.page.locator("#result_list tbody tr")).to_have_count(3)
