"""The pages of a corpus in a real browser: many articles in few clicks, on a phone, in the dark, by keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from playwright.sync_api import FilePayload, Locator, Page, expect

from annotations.models import AnnotationSet, Article
from tests.admin.conftest import page as address
from tests.browser.barriers import list_barriers
from tests.factories import make_article
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
#: More articles than a page of the list has.
MANY = 60
MOST_CLICKS = 5


def articles_url(newsroom: Newsroom) -> str:
    """The list of the articles of the corpus."""
    query = urlencode({"corpus__id__exact": str(newsroom.lake.pk)})
    return f"{address(Article, 'changelist')}?{query}"


def corpus_url(newsroom: Newsroom, name: str) -> str:
    """A page of the corpus."""
    return reverse(f"admin:annotations_corpus_{name}", args=(newsroom.lake.pk,))


def test_all_articles_are_handed_out_in_five_clicks(newsroom: Newsroom, open_page: Open) -> None:
    for number in range(MANY):
        make_article(newsroom.lake, title=f"Article {number}")
    page: Page = open_page("max")
    page.goto(articles_url(newsroom))
    page.wait_for_load_state("load")
    clicked: list[Locator] = []

    def click(place: Locator) -> None:
        clicked.append(place)
        place.click()

    click(page.locator("#action-toggle"))
    click(page.get_by_role("button", name=f"Select all {MANY}"))
    click(page.get_by_role("button", name="Hand out …"))
    click(page.locator("input[name=owners][value=ann]"))
    click(page.get_by_role("button", name="Hand out", exact=True))
    expect(page.locator(".messagelist")).to_contain_text(f"{MANY} sets were handed out.")
    assert len(clicked) <= MOST_CLICKS
    assert AnnotationSet.objects.filter(owner=newsroom.user("ann")).count() == MANY


def test_the_form_stands_beside_a_long_list_and_shift_ticks_a_range(
    newsroom: Newsroom, open_page: Open
) -> None:
    for number in range(MANY):
        make_article(newsroom.lake, title=f"Article {number}")
    page: Page = open_page("max", viewport={"width": 1180, "height": 900})
    page.goto(corpus_url(newsroom, "hand_out"))
    page.wait_for_load_state("load")
    boxes = page.locator(".pick input[type=checkbox]")
    boxes.nth(1).click()
    boxes.nth(6).click(modifiers=["Shift"])
    expect(page.locator(".pick input:checked")).to_have_count(6)
    place = page.get_by_role("button", name="Hand out", exact=True).bounding_box()
    assert place is not None
    assert place["y"] < 2 * 900, "the list scrolls in its box, and the page does not grow with it"
    page.get_by_role("button", name="Hand out", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("Tick at least one person.")
    expect(page.locator(".pick input:checked")).to_have_count(6)


@pytest.mark.parametrize("locale", ["en", pytest.param("de", marks=pytest.mark.slow)])
def test_the_pages_of_a_corpus_fit_a_phone_and_everybody(
    newsroom: Newsroom, open_page: Open, locale: str
) -> None:
    gold = newsroom.approved("ben")
    newsroom.set_on("Lorn said no.", title="Waits")
    names = ("overview", "stories", "hand_out", "import", "export", "release")
    urls = [corpus_url(newsroom, name) for name in names]
    urls += [articles_url(newsroom), address(Article, "change", gold.article_id)]
    found = {}
    page: Page = open_page("max", viewport={"width": 390, "height": 844}, color_scheme="dark", locale=locale)
    for url in urls:
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, url
        expect(page.locator(".corpus-tabs [aria-current]")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, url
        if locale == "en" or url == urls[0]:  # what axe asks is the same in every language
            found.update(list_barriers(page, url))
    page.goto(articles_url(newsroom))
    page.locator(".action-select").first.check()
    page.locator(".bulk-actions button").nth(1).click()
    page.wait_for_load_state("load")
    expect(page.locator("input[name=priority]")).to_be_visible()
    found.update(list_barriers(page, "many articles"))
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)


def test_a_release_is_read_compared_and_withdrawn(
    newsroom: Newsroom, open_page: Open, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path / "files"
    newsroom.approved("ben")
    page: Page = open_page("max", viewport={"width": 390, "height": 844})
    found = {}
    for source in ("nobody", ""):
        page.goto(corpus_url(newsroom, "release"))
        page.fill("#id_source", source)
        page.get_by_role("button", name="Make the release").click()
        page.wait_for_url("**/release/*/change/**")
    page.locator("summary", has_text="Show the data card").click()
    expect(page.locator("[data-card] h3").first).to_contain_text("release 2")
    found.update(list_barriers(page, "release"))
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("link", name="See each change").click()
    expect(page.locator("table.words ins").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found.update(list_barriers(page, "changes"))
    page.get_by_role("link", name="Back to the release").click()
    page.get_by_role("link", name="Withdraw the release …").click()
    found.update(list_barriers(page, "withdraw"))
    page.locator("#id_reason").fill("A text had to go.")
    page.get_by_role("button", name="Withdraw the release").click()
    expect(page.locator(".messagelist")).to_contain_text("withdrawn")
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)


def test_a_dry_run_is_imported_with_one_button(newsroom: Newsroom, open_page: Open) -> None:
    page: Page = open_page("max", viewport={"width": 390, "height": 844})
    page.goto(corpus_url(newsroom, "import"))
    table = "nr;Headline;Body\nk1;The lock;Ardenia opposes the lock.\n"
    upload: FilePayload = {"name": "lake.csv", "mimeType": "text/csv", "buffer": table.encode()}
    page.set_input_files("#id_sent_files", [upload])
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_label("Text:").select_option("Body")
    page.get_by_label("Title:").select_option("Headline")
    found = list_barriers(page, "import")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Import this 1 article").click()
    page.get_by_role("link", name="Hand them out").click()
    expect(page.locator(".pick")).to_contain_text("The lock")
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)
