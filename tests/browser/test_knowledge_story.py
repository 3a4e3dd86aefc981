"""The story of the demo as its manager follows it: from three spellings to a change of mind and to a file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from annotations.models import Corpus, Merge

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
MINISTER = "Tamara Dravenkova"
#: Pairs that share a short form only, before the spellings of the minister.
LOOKALIKES = 2


@pytest.fixture
def demo(transactional_db: None, tmp_path: Path, settings: Settings) -> Corpus:
    """The corpus of a fresh demo."""
    settings.DATA_DIR = tmp_path
    call_command("demo", stdout=io.StringIO(), stderr=io.StringIO())
    return Corpus.objects.get()


def merge_by_keys(page: Page, loser: str) -> None:
    """Press 1 for the pair that is shown, read the preview, give a reason, and merge."""
    expect(page.locator(".comparison thead")).to_contain_text(loser)
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name=f"“{loser}” becomes “{MINISTER}”")).to_be_visible()
    page.get_by_label("Reason").focus()
    page.keyboard.type("One minister, spelt by three newsrooms.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/duplicates/?**")
    expect(page.locator(".messagelist a")).to_have_text(MINISTER)


def cells(page: Page) -> list[str | None]:
    """What the cells of the matrix say."""
    return [cell.get_attribute("aria-label") for cell in page.locator(".matrix tbody td a").all()]


def test_from_three_spellings_to_a_change_of_mind(demo: Corpus, open_page: Open) -> None:
    page = open_page("max")
    page.goto(reverse("admin:annotations_corpus_duplicates", args=(demo.pk,)))
    for left in range(8, 8 - LOOKALIKES, -1):
        expect(page.get_by_role("heading", name=f"1 of {left}")).to_be_visible()
        page.keyboard.press("2")
    for loser in ("Tamara Dravyenkova", "Tamara Drawenkowa"):
        merge_by_keys(page, loser)
    expect(page.locator(".comparison")).not_to_contain_text("Tamara")
    assert Merge.objects.filter(reason__startswith="One minister").count() == 2

    page.get_by_role("link", name="Positions", exact=True).click()
    page.get_by_role("link", name="Changes of mind").click()
    card = page.locator(".card", has_text=MINISTER)
    expect(card).to_contain_text("Change of mind")
    expect(card).to_contain_text("Boats should pay a toll for the Sarn Lock.")
    expect(card.locator(".stance")).to_have_text(["oppose", "support"])
    after = card.locator(".quote a").last
    expect(after).to_have_text("A fair toll is the price of an open gate")
    after.click()
    expect(page.locator('[data-part="text"]')).to_contain_text(
        "the trade minister, Tamara Dravyenkova, told the assembly"
    )
    chosen = page.locator('[data-part="spans"] [data-span][aria-current], [data-part="spans"] .current')
    expect(chosen.first).to_contain_text("A fair toll is the price of an open gate")

    page.goto(reverse("admin:annotations_corpus_positions", args=(demo.pk,)))
    page.get_by_text("Choose what is counted").click()
    page.get_by_label("Actors as").select_option("affiliation")
    page.get_by_label("Before").fill("2026-09-01")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**rollup_actor=affiliation**")
    counted, copied = cells(page), page.url
    assert any("Ministry of Trade of Velmora" in (cell or "") for cell in counted)
    colleague = open_page("vic")
    colleague.goto(copied)
    assert cells(colleague) == counted

    colleague.get_by_role("link", name="Network").click()
    told = re.search(r"(\d+) nodes, (\d+) ties", colleague.locator("#content-main").inner_text())
    assert told
    with colleague.expect_download() as waiting:
        colleague.get_by_role("link", name="GraphML").click()
    graph: Any = nx.read_graphml(waiting.value.path())
    assert (len(graph), graph.number_of_edges()) == tuple(map(int, told.groups()))
