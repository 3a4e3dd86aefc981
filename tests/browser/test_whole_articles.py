"""Two articles of the seeds from the first to the last paragraph and through review: one without a
mouse, one without a keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from annotations.models import AnnotationSet, Relation, Span
from tests.browser.test_drag_and_keys import middle, pull
from tests.browser.workbench_page import WorkbenchPage
from tests.newsroom import Newsroom

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., WorkbenchPage]
ARTICLES = Path(__file__).resolve().parent.parent.parent / "seeds" / "articles"
MOST_SENTENCES = 60
AT = "() => document.activeElement?.closest('[data-transition]')?.dataset.transition ?? ''"


def article(name: str) -> str:
    """A text of the seeds."""
    return (ARTICLES / name).read_bytes().decode()


def tab_to(workbench: WorkbenchPage, transition: str) -> None:
    """Walk to a button of the workflow by Tab alone."""
    workbench.part("text").focus()  # where Escape leads; Tab goes on from there
    for _ in range(40):
        if workbench.page.evaluate(AT) == transition:
            return
        workbench.press("Shift+Tab")
    pytest.fail(f"Tab does not lead to {transition}.")


def nth(text: str, quote: str, start: int) -> tuple[str, int]:
    """A quote with the number of times that it stands before a place."""
    return quote, text.count(quote, 0, text.index(quote, start))


def paragraphs_with(row: AnnotationSet, text: str) -> list[bool]:
    """Whether each paragraph has a mark."""
    spans = list(Span.objects.filter(set=row))
    found, at = [], 0
    for paragraph in text.split("\n\n"):
        end = at + len(paragraph)
        if paragraph.strip():
            found.append(any(at <= span.start < end for span in spans))
        at = end + 2
    return found


def test_an_article_by_keyboard_alone(newsroom: Newsroom, open_workbench: Open) -> None:
    text = article("harbour-nights.txt")
    row = newsroom.set_on(text, title="Harbour workers vote against night shifts")
    workbench = open_workbench(row)
    workbench.press("t", "Control+Home")
    ends = workbench.part("messages").get_by_text("holds a mark.")
    for number in range(MOST_SENTENCES):
        workbench.press("x")
        if ends.count():
            break
        # the first word is who; what is said is a claim, made by who is nearest
        workbench.press("ArrowLeft", "w", "a", "q", "c", str(number % 5 + 1), "f")
    else:
        pytest.fail("There is no end to the sentences.")
    workbench.saved()
    assert all(paragraphs_with(row, text))
    assert Span.objects.filter(set=row, label="claim").count() == number
    assert Relation.objects.filter(set=row, type="made_by").count() == number
    for span in workbench.spans():
        assert text[span.start : span.end] == span.quote
    tab_to(workbench, "submit")
    workbench.press("Enter")
    expect(workbench.part("state")).to_contain_text("submitted")
    review = open_workbench(row, "rae")
    tab_to(review, "start_review")
    review.press("Enter")
    expect(review.part("state")).to_contain_text("reviewed by you")
    review.part("text").focus()
    review.press("Control+Home")
    for _ in range(review.lines.count()):
        review.press("j")
    expect(review.current).to_have_count(1)
    review.press("n")
    review.page.keyboard.type("Well cut.")
    review.press("Control+Enter")
    review.saved()
    tab_to(review, "approve")
    review.press("Enter")
    expect(review.part("state")).to_contain_text("approved")
    row.refresh_from_db()
    assert row.state == "approved"


def test_an_article_by_mouse_alone(newsroom: Newsroom, open_workbench: Open) -> None:
    text = article("pilot-boats.txt")
    row = newsroom.set_on(text, title="Pilots for every foreign boat")
    workbench = open_workbench(row)
    places = []
    at = 0
    for paragraph in text.split("\n\n"):
        words = paragraph.split()
        if len(words) > 5:
            who, what = words[0], paragraph[paragraph.index(words[1]) :].split(".")[0]
            start = text.index(paragraph, at)
            places.append(tuple(nth(text, quote, start) for quote in (who, what)))
        at += len(paragraph)
    for pair in places:
        for place, label in zip(pair, ("actor", "claim"), strict=True):
            before = workbench.lines.count()
            workbench.drag(*place)
            workbench.page.locator(f'.float [data-label="{label}"]').click()
            expect(workbench.lines).to_have_count(before + 1)
        workbench.saved()
        workbench.field("claim_type").select_option("announcement")
        pull(workbench, *middle(workbench, *pair[0]))
        workbench.saved()
    assert all(paragraphs_with(row, text))
    assert Relation.objects.filter(set=row, type="made_by").count() == len(places)
    workbench.page.locator('[data-transition="submit"]').click()
    expect(workbench.part("state")).to_contain_text("submitted")
    review = open_workbench(row, "rae")
    review.page.locator('[data-transition="start_review"]').click()
    expect(review.part("state")).to_contain_text("reviewed by you")
    for line in review.lines.all():
        line.locator(".span-head").click()
    review.page.locator('[data-transition="approve"]').click()
    expect(review.part("state")).to_contain_text("approved")
    row.refresh_from_db()
    assert row.state == "approved"
