"""Corrections as people meet them: looked at, stored, settled by keys, and never at the cost of work."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotations.models import AnnotationSet, CarryItem, Revision, Span
from annotations.services.correction import revisions
from tests import factories
from tests.browser.barriers import list_barriers
from tests.browser.workbench_page import ENDS, WorkbenchPage
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
TEXT = (
    "The harbour 👋 office spoke on Monday.\n\nAda Verde is opposed to any new toll.\n\n"
    "Ben Roth said no. Nobody answered."
)
CORRECTED = TEXT.replace("Ada Verde is", "Ada Verde never was").replace(
    "Ben Roth said no.", "Kim Lund agreed."
)


def marked_set(newsroom: Newsroom) -> AnnotationSet:
    row = newsroom.set_on(TEXT, title="Tolls", language="en")
    for label, quote in (
        ("actor", "Ada Verde"),
        ("position", "opposed to any new toll"),
        ("actor", "Ben Roth"),
    ):
        start = TEXT.index(quote)
        factories.make_span(row, label, start, start + len(quote))
    return row


def correct(newsroom: Newsroom, row: AnnotationSet, text: str = CORRECTED) -> AnnotationSet:
    revisions.add_revision(newsroom.user("max"), row.article_id, text, "A correction.")
    return AnnotationSet.objects.select_related("article", "revision").get(based_on=row)


def wait_for_keys(page: Page) -> None:
    """Wait until the scripts of the page that is shown have run, and so take keys."""
    page.wait_for_load_state("load")


def select(page: Page, quote: str) -> None:
    """Select words of the new text with the mouse."""
    script = ENDS.replace("""[data-part="text"]""", """[data-part="new-text"]""")
    x1, y1, x2, y2 = page.evaluate(script, [quote, 0])
    page.mouse.move(x1, y1)
    page.mouse.down()
    page.mouse.move(x2, y2, steps=3)
    page.mouse.up()


def test_from_the_correction_to_the_submission(newsroom: Newsroom, open_page: Open) -> None:
    row = marked_set(newsroom)
    page = open_page("max")
    page.goto(reverse("admin:annotations_article_change", args=(row.article_id,)))
    page.get_by_role("link", name="Correct the text").click()
    page.get_by_label("Text:").fill(CORRECTED)
    page.get_by_label("Reason:").fill("Two were confused.")
    page.get_by_role("button", name="See what happens").click()
    expect(page.get_by_role("heading", name="This is what happens")).to_be_focused()
    expect(page.locator(".outcome")).to_contain_text("2 marks stay, but their sentences have changed")
    assert Revision.objects.count() == 1
    page.get_by_role("button", name="Store the correction").click()
    page.get_by_role("link", name="see what changed").click()
    expect(page.locator("#change-1")).to_be_visible()
    wait_for_keys(page)
    page.keyboard.press("j")
    expect(page.locator("#change-1")).to_be_focused()
    for key, number in (("j", 2), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(page.locator('[data-part="where"]')).to_have_text(f"Change {number}")
    page.get_by_role("link", name="In one text").click()
    expect(page.locator("ins").first).to_be_visible()

    theirs = open_page("ann")
    theirs.goto(reverse("admin:index"))
    theirs.get_by_role("link", name="3 marks to look at after a correction").click()
    expect(theirs.get_by_role("heading", name="1 of 3")).to_be_focused()
    wait_for_keys(theirs)
    theirs.keyboard.press("0")
    expect(theirs.get_by_role("heading", name="2 of 3")).to_be_focused()
    wait_for_keys(theirs)
    theirs.keyboard.press("3")
    expect(theirs.get_by_role("heading", name="3 of 3")).to_be_focused()
    wait_for_keys(theirs)
    theirs.keyboard.press("2")
    expect(theirs.locator('[data-part="new-text"]')).to_be_focused()
    select(theirs, "Kim Lund")
    expect(theirs.locator('[data-part="selected"]')).to_have_text("Selected: Kim Lund")
    theirs.keyboard.press("2")
    expect(theirs.locator("#content")).to_contain_text("All marks of this set are decided")
    new = AnnotationSet.objects.get(based_on=row)
    assert list(Span.objects.filter(set=new).values_list("quote", flat=True)) == ["Ada Verde", "Kim Lund"]
    theirs.locator("#content-main").get_by_role("link", name="Open in the workbench").click()
    theirs.locator('[data-transition="submit"]').click()
    expect(theirs.locator('[data-part="state"]')).to_contain_text("submitted")


def test_words_are_selected_by_keys_alone(newsroom: Newsroom, open_page: Open) -> None:
    new = correct(newsroom, marked_set(newsroom))
    lost = CarryItem.objects.get(quote="Ben Roth")
    page = open_page("ann")
    page.goto(f"{reverse('admin:annotations_annotationset_items', args=(new.pk,))}?item={lost.pk}")
    page.keyboard.press("2")
    page.keyboard.press("Control+Home")
    for _ in range(2):
        page.keyboard.press("Control+Shift+ArrowRight")
    status = page.locator('[data-part="selected"]')
    expect(status).to_have_text("Selected: The harbour")
    page.keyboard.press("Control+Shift+End")
    expect(status).to_contain_text("Nobody answered")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+ArrowRight")
    for _ in range(2):
        page.keyboard.press("Control+Shift+ArrowRight")
    expect(status).to_contain_text("office")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("The words that you selected are marked.")
    marked = CarryItem.objects.select_related("span").get(pk=lost.pk).span
    assert marked is not None
    assert marked.quote == "harbour 👋 office"


def test_open_marks_stop_the_submission_and_lead_to_the_list(
    newsroom: Newsroom, open_workbench: Callable[..., WorkbenchPage]
) -> None:
    workbench = open_workbench(correct(newsroom, marked_set(newsroom)))
    notice = workbench.part("correction")
    expect(notice).to_contain_text("3 marks need a look since the text was corrected.")
    workbench.page.locator('[data-transition="submit"]').click()
    link = workbench.part("messages").get_by_role("link", name="Look at them")
    link.click()
    expect(workbench.page.get_by_role("heading", name="1 of 3")).to_be_visible()


def test_a_correction_under_an_open_page_costs_no_work(
    newsroom: Newsroom, open_workbench: Callable[..., WorkbenchPage]
) -> None:
    row = marked_set(newsroom)
    workbench = open_workbench(row)
    page = workbench.page
    page.locator('[data-tab="comments"]').click()
    page.locator('[data-part="comments"] textarea').first.fill("A thought that is not sent.")
    new = correct(newsroom, row)
    workbench.drag("Monday")
    workbench.press("a")
    notice = workbench.part("correction")
    expect(notice).to_contain_text("The text was corrected to revision 2. Your set goes on in a new one.")
    expect(notice).to_contain_text("1 change that is not saved goes along.")
    expect(workbench.part("saved")).to_have_attribute("data-pending", "1")
    workbench.drag("said no")
    notice.get_by_role("link", name="Go on at the same place").click()
    page.wait_for_url(f"**/{new.pk}/workbench/**")
    workbench.ready()
    dialog = page.locator('[data-dialog="carried"]')
    expect(dialog).to_contain_text("Fits the new text")
    expect(dialog).to_contain_text("Monday")
    expect(dialog).to_contain_text("A thought that is not sent.")
    dialog.get_by_role("button", name="Take 2 over").click()
    workbench.row = new
    expect(workbench.part("saved")).to_have_attribute("data-pending", "0")
    expect(workbench.part("saved")).to_have_attribute("data-drafts", "1")
    assert Span.objects.filter(set=new, quote="Monday", label="actor").exists()
    kept = page.evaluate("(id) => Object.keys(localStorage).filter((key) => key.includes(id))", str(row.pk))
    assert kept == []


def test_the_pages_of_corrections_have_no_barrier(newsroom: Newsroom, open_page: Open) -> None:
    row = marked_set(newsroom)
    new = correct(newsroom, row)
    article = row.article_id
    found = {}
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    for who, name, pk, query in (
        ("max", "article_correct", article, ""),
        ("max", "article_diff", article, ""),
        ("max", "article_diff", article, "?view=inline"),
        ("ann", "annotationset_items", new.pk, ""),
        ("ann", "annotationset_workbench", row.pk, ""),
        ("ann", "annotationset_workbench", new.pk, ""),
    ):
        page = open_page(who)
        page.goto(reverse(f"admin:annotations_{name}", args=(pk,)) + query)
        if name == "article_correct":
            page.get_by_label("Text:").fill(TEXT.replace("Monday", "Tuesday"))
            page.get_by_role("button", name="See what happens").click()
            expect(page.locator(".outcome")).to_be_visible()
        if name == "annotationset_workbench":
            page.wait_for_selector("html[data-workbench=ready]")
        found.update(list_barriers(page, f"{name}{query}"))
        for width in (390, 590):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(fits), (name, width)
        page.set_viewport_size({"width": 1180, "height": 800})
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert page.evaluate(fits), (name, "rtl")
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)
