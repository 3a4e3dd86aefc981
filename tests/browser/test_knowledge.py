"""The pages that count statements in a real browser: by keys to the words, on a phone, for everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotations.models import Statement
from tests.browser.barriers import list_barriers
from tests.newsroom import Newsroom
from tests.statements import approve_position, enter_published

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
SECTIONS = ("positions", "statements", "changes", "quoted", "network")


def address(newsroom: Newsroom, section: str) -> str:
    return reverse(f"admin:annotations_corpus_{section}", args=(newsroom.lake.pk,))


def test_keys_alone_lead_from_the_matrix_to_the_words(newsroom: Newsroom, open_page: Open) -> None:
    enter_published(newsroom)
    page = open_page("vic")
    page.goto(address(newsroom, "positions"))
    first = page.locator(".matrix tbody td a").first
    first.focus()
    label = first.get_attribute("aria-label")
    page.keyboard.press("ArrowDown")
    below = page.locator(":focus")
    assert below.get_attribute("aria-label") not in (None, label)
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    assert page.locator(".matrix tbody td a[tabindex='0']").count() == 1, (
        "the table is one stop of the tab key"
    )
    page.keyboard.press("Enter")
    quote = page.locator(".statements .quote a").first
    words = quote.inner_text()
    quote.focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-part="text"]')).to_contain_text(words)
    chosen = page.locator('[data-part="spans"] [data-span][aria-current], [data-part="spans"] .current')
    expect(chosen.first).to_contain_text(words)
    assert page.url.endswith(str(Statement.objects.get(span__quote=words).span_id))


def test_the_pages_are_usable_by_everybody(newsroom: Newsroom, open_page: Open) -> None:
    enter_published(newsroom)
    page = open_page("max", viewport={"width": 390, "height": 800})
    found: dict[tuple[str, str], list[str]] = {}
    for section in SECTIONS:
        page.goto(address(newsroom, section))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, section
        found |= list_barriers(page, section)
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)


def test_the_network_is_saved_as_a_picture(newsroom: Newsroom, open_page: Open) -> None:
    enter_published(newsroom)
    page = open_page("vic")
    page.goto(address(newsroom, "network"))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="PNG").click()
    assert waiting.value.path().read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_pages_read_from_right_to_left(newsroom: Newsroom, open_page: Open, settings: Any) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("he", "Hebrew")]
    long, other = newsroom.actor("ש" * 200), newsroom.actor("اتحاد الصيادين 🐟")
    issues = [newsroom.proposition(text) for text in ("האם יוטל מס חדש?", "The lock.", "يفتح الميناء ليلا")]
    for place, issue in enumerate(issues):
        for actor in (long, other)[: 1 + place % 2]:
            approve_position(newsroom, actor, issue, article=newsroom.article("يرفض السد " * 12))
    page = open_page("vic", locale="he-IL", viewport={"width": 700, "height": 800})
    for section in SECTIONS:
        page.goto(address(newsroom, section))
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert page.evaluate("document.documentElement.scrollWidth") <= 700, section
    page.goto(address(newsroom, "positions"))
    links = page.locator(".matrix tbody tr").first.locator("td a")
    links.first.focus()
    start = links.first.bounding_box()["x"]
    page.keyboard.press("ArrowLeft")
    assert page.locator(":focus").bounding_box()["x"] < start
    page.keyboard.press("ArrowRight")
    assert page.locator(":focus").bounding_box()["x"] == start
    box = page.locator(".matrix-box")
    box.evaluate("box => { box.scrollLeft = -300; }")
    right = [
        round(part.evaluate("part => part.getBoundingClientRect().right"))
        for part in (box, page.locator(".matrix tbody th").first)
    ]
    assert right[0] - right[1] <= 2, "the head of the row stays at the right"
    page.goto(address(newsroom, "statements"))
    assert (
        page.locator("blockquote.quote").first.evaluate("part => getComputedStyle(part).direction") == "rtl"
    )
