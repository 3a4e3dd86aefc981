"""Stories as people meet them: for everybody, on small screens, with hostile names, and judged by keys."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotations.models import Story, StoryMember
from tests.browser.barriers import list_barriers
from tests.browser.test_safety import IMAGE
from tests.newsroom import Newsroom
from tests.press import Press

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def test_copies_are_judged_by_keys_on_pages_that_everybody_can_use(
    newsroom: Newsroom, open_page: Open
) -> None:
    text = Press().text(102)
    articles = [
        newsroom.article(body, title=f"{IMAGE} {n}", source="Courier")
        for n, body in enumerate((text, f"{text}\n\n{IMAGE} is here.", text[: len(text) * 3 // 4]))
    ]
    story = Story.objects.get()
    listed = reverse("admin:annotations_corpus_stories", args=(newsroom.lake.pk,))
    shown = reverse("admin:annotations_corpus_story", args=(newsroom.lake.pk, story.pk))
    page = open_page("rae", viewport={"width": 390, "height": 844})
    found = {}
    for url in (listed, shown, reverse("admin:annotations_article_change", args=(articles[1].pk,))):
        page.goto(url)
        found.update(list_barriers(page, url))
        assert page.evaluate(FITS), url
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)
    page.goto(shown)
    buttons = page.locator(".members tbody tr:nth-child(2) .verdicts").bounding_box()
    assert buttons is not None
    assert buttons["x"] + buttons["width"] <= 390, "nothing has to be moved to be judged"
    for key, state in (("2", "apart"), ("1", "confirmed")):
        page.keyboard.press(key)
        expect(page.locator(".messagelist")).to_be_visible()
        assert StoryMember.objects.filter(story=story, state=state).count() == 1
        page.goto(shown)
    expect(page.locator('[data-key="1"]')).to_have_count(0)
