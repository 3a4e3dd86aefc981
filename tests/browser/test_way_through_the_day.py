"""From one piece of work to the next, in keys: from home into the workbench, and on from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotations.enums import State
from annotations.models import AnnotationSet, Notification
from annotations.services.core import comments
from tests.browser.barriers import list_barriers
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., Any]


def home(open_page: Open, who: str, **options: Any) -> Page:
    """The first page, when its scripts have run."""
    page: Page = open_page(who, **options)
    page.goto(reverse("admin:index"))
    page.wait_for_load_state("load")
    return page


def arrive(page: Page, row: AnnotationSet) -> WorkbenchPage:
    """Wait until the workbench of a set is there."""
    workbench = WorkbenchPage(page, row)
    page.wait_for_url(f"**{workbench.path}**")
    workbench.ready()
    return workbench


def test_one_key_goes_on_and_one_leads_to_the_next_article(newsroom: Newsroom, open_page: Open) -> None:
    first, second = newsroom.set_on("Ada Verde said no."), newsroom.set_on("Lorn said yes.")
    make_span(first, "actor", 0, 9)
    page = home(open_page, "ann")
    page.keyboard.press("Enter")
    workbench = arrive(page, first)
    submit = page.locator('[data-transition="submit"]')
    submit.click()
    button = page.locator('[data-action="next-work"]')
    expect(button).to_be_focused()
    expect(button).to_have_text("Next article ↵")
    expect(workbench.part("state")).to_have_attribute("data-state", "submitted")
    page.keyboard.press("Enter")
    arrive(page, second)
    page.locator('[data-transition="submit"]').click()
    expect(page.locator('[data-action="next-work"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator('[data-action="home"]')).to_be_focused()
    WorkbenchPage(page, second).expect_message("Every article that you could annotate has its annotators")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    expect(page.locator(".today")).to_have_text("Today 2 articles submitted")


def test_a_list_of_reviews_is_walked_by_keys_alone(newsroom: Newsroom, open_page: Open) -> None:
    rows = [newsroom.submitted(article=newsroom.article()) for _ in range(3)]
    page = home(open_page, "rae")
    page.locator(".tasks .title").first.focus()
    page.keyboard.press("Enter")
    workbench = arrive(page, rows[0])
    assert "list=waiting" in page.url
    start = page.locator('[data-transition="start_review"]')
    expect(start).to_be_focused()
    page.keyboard.press("Enter")
    page.locator('[data-transition="approve"]').click()
    expect(page.locator('[data-action="next-work"]')).to_have_text("Next review ↵")
    expect(page.locator('[data-action="next-work"]')).to_be_focused()
    page.keyboard.press("Enter")
    workbench = arrive(page, rows[1])
    workbench.press("Shift+J")
    workbench = arrive(page, rows[2])
    workbench.press("Shift+J")
    workbench.expect_message("This is the last one of “Waiting for review”.")
    workbench.press("Shift+K")
    workbench = arrive(page, rows[1])
    newsroom.moved(rows[2], "max", "start_review")
    expect(start).to_be_focused()
    page.keyboard.press("Enter")
    page.locator('[data-transition="return"]').click()
    page.keyboard.type("Look again.")
    page.locator("dialog[open] button.primary").click()
    expect(page.locator('[data-action="next-work"]')).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/work/waiting/")
    expect(page.locator(".messagelist")).to_have_text("There is nothing more in this list.")
    assert [newsroom.fresh(row).state for row in rows] == [State.APPROVED, State.RETURNED, State.IN_REVIEW]


def test_a_settled_article_leads_to_the_next_one(newsroom: Newsroom, open_page: Open) -> None:
    row = newsroom.adjudication()
    page = home(open_page, "rae")
    expect(page.locator(".go-on")).to_contain_text("Go on settling:")
    page.keyboard.press("Enter")
    workbench = arrive(page, row)
    # the differences come after the article
    expect(page.locator("[data-decision]")).to_have_attribute("data-state", "open")
    workbench.press("Shift+A")
    page.locator('[data-action="submit-adjudication"]').click()
    expect(page.locator('[data-action="next-work"]')).to_be_focused()
    page.keyboard.press("Enter")
    workbench.expect_message("Nothing waits for adjudication.")


@pytest.mark.parametrize("on_span", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_one_click_leads_from_a_mention_to_its_thread(
    newsroom: Newsroom, open_page: Open, on_span: bool
) -> None:
    row = newsroom.set_on("Ada Verde said that the lock leaks.")
    spans = [make_span(row, "actor", 0, 9), make_span(row, "actor", 24, 28)]
    draft = comments.CommentDraft(text="Is it, @ann?", span_id=spans[1].pk if on_span else None)
    comment, _, _ = comments.add_comment(newsroom.user("rae"), row.pk, draft)
    page = home(open_page, "ann")
    page.locator(".event-list li", has_text="Is it, @ann?").locator("button").first.click()
    workbench = arrive(page, row)
    thread = page.locator(f'[data-comment="{comment.pk}"]:visible')
    expect(thread).to_be_focused()
    expect(thread).to_contain_text("Is it, @ann?")
    assert workbench.current.count() == on_span
    if on_span:
        expect(workbench.current).to_have_attribute("data-span", str(spans[1].pk))
    assert not Notification.objects.filter(comment=comment, read_at=None).exists()


def full_house(newsroom: Newsroom) -> None:
    """Something in every list of a reviewer who annotates as well, with long titles."""
    title = "Aldenien öffnet die Schleuse von Sarn für fremde Boote und für alles andere " * 2
    for _ in range(3):
        newsroom.set("rae", newsroom.article(title=title))
    newsroom.in_review()
    newsroom.submitted()
    newsroom.submitted("rae", newsroom.article(title="X" * 150))
    article = newsroom.article(annotators=2, title=title)
    for owner in ("ann", "ben"):
        newsroom.moved(newsroom.set(owner, article), owner, "submit")
    returned = newsroom.set("rae", newsroom.article(title="أردينيا ستفتح هويس سارن"))
    AnnotationSet.objects.filter(pk=returned.pk).update(state="returned", due_at="2026-01-01T00:00Z")
    draft = comments.CommentDraft(text="W" * 200 + " @rae")
    comments.add_comment(newsroom.user("rae"), returned.pk, draft)


def test_everybody_can_use_the_first_page(newsroom: Newsroom, open_page: Open) -> None:
    full_house(newsroom)
    page = home(open_page, "rae")
    assert page.locator(".my-work h2").count() == 8
    found = list_barriers(page, "home")
    page.goto(reverse("admin:work_list", args=("in-progress",)))
    found.update(list_barriers(page, "list"))
    page.locator(".tasks .title").nth(1).click()
    page.wait_for_selector("html[data-workbench=ready]")
    found.update(list_barriers(page, "workbench"))
    page.locator('[data-step="previous"]').click()
    page.wait_for_selector("html[data-workbench=ready]")
    expect(page.locator('[data-step="previous"]')).to_have_count(0)
    expect(page.locator('[data-step="next"]')).to_have_accessible_name("Next in “In progress”")
    manager = home(open_page, "max")
    manager.locator(".all-tables summary").click()
    found.update(list_barriers(manager, "tables"))
    assert not found


@pytest.mark.parametrize(
    ("language", "direction"), [("de", "rtl"), pytest.param("en", "ltr", marks=pytest.mark.slow)]
)
def test_nothing_is_wider_than_a_telephone(
    newsroom: Newsroom, open_page: Open, language: str, direction: str
) -> None:
    full_house(newsroom)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    for who in ("rae", "max"):
        page = home(open_page, who, viewport={"width": 390, "height": 844}, locale=language)
        page.evaluate(f"document.documentElement.dir = '{direction}'")
        assert page.evaluate(fits)
        if who == "max":
            page.locator(".all-tables summary").click()
            assert page.evaluate(fits)
        boxes = (
            "nodes => nodes.map((node) => node.getBoundingClientRect()).map(({left, right}) => [left, right])"
        )
        for left, right in page.locator(".my-work *:visible:not(.visually-hidden)").evaluate_all(boxes):
            assert left >= 0, (who, left)
            assert right <= 390, (who, right)
