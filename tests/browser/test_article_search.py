"""Finding words and marks in an article, keys with Ctrl, and what a redraw leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from annotations.models import AnnotationSet, Span
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Zoë Straße paid. ZOË STRASSE paid again, and Zoe Strasse said 🚢 so. Ben did not.\n\nzoë straße left."


def test_a_button_opens_the_search_where_a_layout_has_no_key_for_it(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    button = workbench.part("find-button")
    button.click()
    expect(workbench.page.locator('[data-field="find"]')).to_be_focused()
    button.click()
    expect(workbench.part("text")).to_be_focused()


def test_words_are_found_and_all_marked_by_one_write_and_one_undo(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    workbench = open_workbench(row)
    page = workbench.page
    workbench.part("text").focus()
    workbench.press("/")
    find = page.locator('[data-field="find"]')
    expect(find).to_be_focused()
    find.fill("zoe strasse")
    count = page.locator(".find .count")
    expect(count).to_have_text("1 of 4")
    workbench.press("Enter")
    expect(count).to_have_text("2 of 4")
    workbench.press("Shift+Enter", "Shift+Enter")
    expect(count).to_have_text("4 of 4")
    expect(workbench.part("strip")).to_have_attribute(
        "aria-label", "The whole article: 0 marks, 0 problems, 4 hits"
    )
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
    page.locator('[data-mark-all="actor"]').click()
    expect(workbench.lines).to_have_count(4)
    workbench.saved()
    assert sent == ["POST"]
    assert {quote for _, quote in workbench.facts()} == {
        "Zoë Straße",
        "ZOË STRASSE",
        "Zoe Strasse",
        "zoë straße",
    }
    row.refresh_from_db()
    assert row.version == 2
    page.locator('[data-mark-all="actor"]').click()
    workbench.expect_message("All hits are marked so already.")
    find.focus()
    workbench.press("Escape")
    expect(workbench.part("text")).to_be_focused()
    assert workbench.selected == "zoë straße"
    workbench.press("Control+z")
    expect(workbench.lines).to_have_count(0)
    workbench.saved()
    workbench.press("Control+Shift+z")
    expect(workbench.lines).to_have_count(4)
    workbench.saved()
    assert len(workbench.facts()) == 4


def test_what_a_batch_is_refused_for_is_said_of_each(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    refused: list[int] = []

    def refuse(route: Route) -> None:
        body = json.loads(route.request.post_data or "null")
        problem = {"detail": "No room.", "code": "bad", "status": 400, "title": "Bad"}
        if isinstance(body, list) or body["start"] == 0:
            refused.append(len(body) if isinstance(body, list) else 1)
            route.fulfill(status=400, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.continue_()

    workbench.page.route("**/spans/", refuse)
    workbench.part("text").focus()
    workbench.press("/")
    workbench.page.locator('[data-field="find"]').fill("zoe")
    workbench.page.locator('[data-mark-all="actor"]').click()
    expect(workbench.lines).to_have_count(3)
    workbench.saved()
    assert refused == [4, 1]
    workbench.expect_message("No room.")
    assert len(workbench.facts()) == 3


def test_marks_are_filtered_in_list_and_text(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", 0, 10)
    make_span(row, "claim", 11, 15)
    make_span(row, "actor", 17, 28)
    workbench = open_workbench(row)
    page = workbench.page
    page.locator('[data-part="filter"] summary').click()
    page.locator('[data-filter="label"]').select_option("claim")
    expect(workbench.lines).to_have_count(1)
    drawn = "() => ['actor', 'claim'].map((name) => CSS.highlights.get(name).size)"
    assert page.evaluate(drawn) == [0, 1]
    expect(page.locator('[data-part="filter"] summary')).to_have_text("1 of 3 marks shown")
    workbench.part("text").focus()
    workbench.press("j")
    workbench.press("j")
    expect(workbench.current).to_contain_text("paid")
    page.locator('[data-filter="code"]').select_option("any")
    page.locator('[data-filter="label"]').select_option("actor")
    expect(workbench.line("Zoë Straße")).to_have_count(1)
    page.locator('[data-action="show-all"]').click()
    expect(workbench.lines).to_have_count(3)
    assert page.evaluate(drawn) == [2, 1]


def test_the_caret_follows_and_the_article_is_selected(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "claim", 17, 28)
    workbench = open_workbench(row)
    workbench.part("text").focus()
    workbench.press("j", "w")
    assert workbench.selected == "ZOË"
    workbench.press("Control+a")
    assert workbench.selected == TEXT
    workbench.press("Control+Enter")
    expect(workbench.part("state")).to_contain_text("submitted")


def test_words_selected_while_an_answer_is_on_its_way_stay_selected(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    workbench = open_workbench(row)
    held: list[Route] = []
    workbench.page.route("**/spans/?snap=true", lambda route: held.append(route))  # noqa: PLW0108, Playwright needs a function
    workbench.drag("Ben")
    workbench.press("a")
    expect(workbench.lines).to_have_count(1)
    workbench.drag("ZOË")
    while not held:
        workbench.page.wait_for_timeout(20)
    with workbench.page.expect_response("**/problems/changes/**"):
        held.pop().continue_()
        workbench.saved()
    assert workbench.selected == "ZOË"
    workbench.page.unroute("**/spans/?snap=true")
    workbench.press("a")
    expect(workbench.lines).to_have_count(2)
    workbench.saved()
    assert [quote for _, quote in workbench.facts()] == ["ZOË", "Ben"]


def test_a_message_has_a_line_of_its_own(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on("She said " + "on and on " * 20 + "so. “Yes.” (No)")
    workbench = open_workbench(row)
    message = workbench.page.locator(".message")
    workbench.drag("“Yes.”")
    workbench.press("c")
    expect(message).to_have_count(1)  # an opening sign was cut
    workbench.drag("She said on")
    workbench.press("c")
    workbench.saved()
    workbench.press("Delete")
    workbench.press("Control+z")
    expect(message).to_have_count(1)
    expect(message).to_contain_text("Undone")
    workbench.page.locator(".message button").last.click()
    expect(message).to_have_count(0)
    workbench.drag("so. ")
    workbench.press("a")
    workbench.saved()
    expect(message).to_have_count(0)  # a full stop and a blank
    workbench.drag("on and on " * 12)
    workbench.press("c")
    workbench.saved()
    workbench.press("Delete")
    expect(message).to_contain_text(" … ")
    line, text, side = (workbench.part(name).bounding_box() for name in ("messages", "text", "side"))
    assert line
    assert text
    assert side
    assert text["y"] + text["height"] <= line["y"]
    assert side["y"] + side["height"] <= line["y"]
    assert Span.objects.filter(set=row).count() == 3
    assert AnnotationSet.objects.get(pk=row.pk).version > 1
