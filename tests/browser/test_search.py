"""Search as people meet it: asked by keys, read on small screens and in both themes, and led to the words."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.barriers import list_barriers
from tests.browser.test_safety import IMAGE
from tests.browser.workbench_page import WorkbenchPage
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
#: Letters that are two units of a script's strings, so that offsets in units would lead astray.
BEFORE = "😀 The lock stays shut, they said. " * 120
WORDS = "Stra\u00dfenbau bei 東京"


def test_a_hit_leads_to_its_words_by_keys(newsroom: Newsroom, open_page: Open) -> None:
    """With a set the words are selected in the workbench; without one the page of the article shows them."""
    article = newsroom.article(f"{BEFORE}Der {WORDS} 👍🏿 endet.", title="Wege")
    row = newsroom.set(article=article)
    at = reverse("admin:annotations_corpus_search", args=(newsroom.lake.pk,))
    for who in ("ann", "vic"):
        page = open_page(who, viewport={"width": 1180, "height": 820})
        page.goto(at)
        page.wait_for_load_state("load")
        expect(page.locator("#search-q")).to_be_focused()
        page.keyboard.type('"strassenbau bei 東京"')
        page.keyboard.press("Enter")
        expect(page.locator(".kwic mark")).to_have_text(WORDS)
        for _ in range(60):
            if page.evaluate("document.activeElement.closest('.kwic') !== null"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        if who == "ann":
            workbench = WorkbenchPage(page, row)
            workbench.ready()
            assert workbench.selected == WORDS
            page.wait_for_function(IN_VIEW)  # it scrolls there
        else:
            expect(page.locator("#hit")).to_have_text(WORDS)
            expect(page.locator("#hit")).to_be_in_viewport()


#: Whether the middle of the selection is between the edges of the window.
IN_VIEW = """() => {
  const box = getSelection().getRangeAt(0).getBoundingClientRect();
  return box.top > 0 && box.bottom < innerHeight;
}"""


def test_an_address_without_words_opens_the_workbench(newsroom: Newsroom, open_page: Open) -> None:
    page = open_page("ann")
    workbench = WorkbenchPage(page, newsroom.set())
    for place in ("at=3-2", "at=0-99999999", "at=x", "at=-1-2", "at=4-4"):
        page.goto("about:blank")  # where only what is behind # changes, nothing is loaded
        page.goto(f"{workbench.path}#{place}")
        workbench.ready()
        assert page.evaluate("getSelection().toString()") == "", place


def test_everybody_can_use_the_page(newsroom: Newsroom, open_page: Open) -> None:
    newsroom.approved(article=newsroom.article(title=f"{IMAGE} First", source=f"{IMAGE} Post"))
    for n in range(25):
        newsroom.article(f"قال {IMAGE} lock {'x' * 300} العربية " * 8, title=f"عنوان {n}", language="ar")
    saved = {"name": f"{IMAGE} {'n' * 120}", "query": "lock", "shared": True}
    assert newsroom.vic.post("corpora/lake/searches/", saved).status == 201
    at = reverse("admin:annotations_corpus_search", args=(newsroom.lake.pk,))
    page = open_page("max", viewport={"width": 390, "height": 844})
    found = {}
    for query in (
        "",
        "?q=lock+OR+toll&language=ar",
        "?q=nothing",
        "?q=toll&in=quotes&sort=relevance&label=claim",
    ):
        page.goto(f"{at}{query}")
        found.update(list_barriers(page, query))
        assert page.evaluate(FITS), query
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)
    page.goto(f"{at}?q=lock")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("link", name="Page before")).to_be_visible()
