"""A long article with many marks: exact to the character, every mark within reach."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Revision
from annotations.services.core import spans
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
PARAGRAPH = "Ada Verde said 🚢 that the lock would close. " * 12 + "\r\n\r\n"
TEXT = PARAGRAPH * 200 + "The very last words."
MARKS = 400


@pytest.mark.slow
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


@pytest.mark.slow
def test_of_thousands_only_what_is_in_view_is_drawn_and_only_what_changed_is_sent(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(("They said it would close. " * 6 + "\n\n") * 350)
    text = Revision.objects.get(pk=row.revision_id).text
    starts = [found.start() for found in re.finditer("it would close", text)]
    for at in range(0, len(starts), 1000):
        drafts = [
            spans.SpanDraft(label="claim", start=start, end=start + 14) for start in starts[at : at + 1000]
        ]
        spans.add_spans(newsroom.user("ann"), row.pk, drafts)
    workbench = open_workbench(row)
    page = workbench.page
    problems = page.locator("#panel-problems .problem")
    expect(page.locator("#tab-problems .badge")).to_have_text("6300")
    assert workbench.lines.count() < 100
    page.locator("#tab-problems").click()
    expect(problems.first).to_be_visible()
    assert problems.count() < 100
    assert page.locator("*").count() < 5_000
    page.evaluate("""document.querySelector('[data-part="side"]').scrollTop = 1e7""")
    expect(page.locator("#panel-problems .problem[aria-posinset='6300']")).to_be_visible()
    assert problems.count() < 100
    page.locator("#panel-problems .problem[aria-posinset='6300'] button").click()
    expect(workbench.current.locator(".span-head")).to_be_focused()
    assert workbench.lines.count() < 100
    with page.expect_response(lambda answer: "/problems/" in answer.url) as told:
        workbench.press("Delete")
    answer = told.value.body()
    assert 0 < len(answer) < 20_000
    expect(page.locator("#tab-problems .badge")).to_have_text("6297")
    assert len(json.loads(answer)["problems"]) < 100


def url_of(event: dict[str, Any]) -> str:
    """The address of a request that the browser tells of."""
    return str(event["request"]["url"])


def test_a_first_visit_asks_for_little(newsroom: Newsroom, open_page: Callable[..., Page]) -> None:
    """All that comes over the line, for an article of usual length with many marks."""
    row = newsroom.set_on("Ada Verde said that the lock would close. " * 70)
    for start in range(0, 48 * 42, 42):
        make_span(row, start=start, end=start + 9)
    workbench = WorkbenchPage(open_page("ann", fresh=True), row)
    session = workbench.page.context.new_cdp_session(workbench.page)
    session.send("Network.enable")
    asked: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: url_of(event)}))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    workbench.open()
    workbench.page.wait_for_load_state("networkidle")
    assert 10 <= len(asked) <= 40
    assert 50_000 < sum(sizes.values()) < 150_000, {asked[key]: size for key, size in sizes.items()}


def test_a_second_article_asks_for_nothing_again(newsroom: Newsroom, open_page: Callable[..., Page]) -> None:
    """What the marks link to comes with the page, and nothing that a browser keeps is asked again."""
    page = open_page("ann", fresh=True)
    row = newsroom.set_on("Ben said no.")
    actor, issue = newsroom.actor("Lorn"), newsroom.proposition("A lock")
    make_span(row, start=0, end=3, actor_id=UUID(actor))
    make_span(row, label="position", start=4, end=11, proposition_id=UUID(issue))
    kept: dict[str, str] = {}
    page.on("response", lambda answer: kept.update({answer.url: answer.headers.get("cache-control", "")}))
    WorkbenchPage(page, newsroom.set_on("Ada Verde said so.")).open()
    page.wait_for_load_state("networkidle")
    static = {address: how for address, how in kept.items() if "/static/" in address}
    # any browser keeps a static file for a minute: longer than a test, shorter than the work on an article
    assert static
    assert [address for address, how in static.items() if "immutable" not in how] == []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    asked: dict[str, str] = {}
    session.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: url_of(event)}))

    def keep(event: dict[str, Any]) -> None:
        """What the browser has kept is not asked of the service."""
        if event.get("response", {"fromDiskCache": True})["fromDiskCache"]:
            asked.pop(event["requestId"], None)

    session.on("Network.requestServedFromCache", keep)
    session.on("Network.responseReceived", keep)
    workbench = WorkbenchPage(page, row)
    workbench.open()
    page.wait_for_load_state("networkidle")
    assert 1 <= len(asked) <= 5, sorted(asked.values())
    expect(workbench.line("Ben")).to_contain_text("Lorn")
    expect(workbench.line("said no")).to_contain_text("A lock")
