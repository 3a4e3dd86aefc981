"""The workbench in German: every word of ours, and the same work."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from annotations.models import AnnotationSet
from tests.browser.test_team import disputed, line
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Mira Halvorsen spricht. Halvorsen sagt, dass Ardenien zahlt."
#: Words that no German sentence has.
ENGLISH = re.compile(
    r"\b(the|this|that|and|not|saved|mark|marks|of|your|yours|with|by|is|are|nothing|no)\b", re.IGNORECASE
)
#: What people read, but for the text and names; the sentences of the service are among it.
SHOWN = """() => {
  const theirs = ['text', 'guideline', 'title'].map((name) => `[data-part="${name}"]`);
  const skip = [...theirs, 'kbd', 'script', 'style', 'option'].join(', ');
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!holder.closest(skip) && node.data.trim()) found.push(node.data.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    if (element.closest(skip)) continue;
    for (const name of ['aria-label', 'title', 'placeholder']) found.push(element.getAttribute(name) ?? '');
  }
  return found;
}"""


def english(workbench: WorkbenchPage) -> list[str]:
    """What is left in English on the page."""
    return [text for text in workbench.page.evaluate(SHOWN) if ENGLISH.search(text)]


def test_somebody_works_in_german(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT, title="Lampen", source="Seeblatt")
    make_span(row, "actor", 0, 14)
    workbench = open_workbench(row, locale="de-DE")
    expect(workbench.part("saved")).to_have_text("Alles gespeichert")
    expect(workbench.part("state")).to_have_text("offen Ihres")
    expect(workbench.page.locator("#tab-spans")).to_have_attribute("aria-label", "Markierungen: 1 Markierung")
    workbench.mark("Ardenien zahlt", "c")
    expect(workbench.page.locator("#tab-spans")).to_have_attribute(
        "aria-label", "Markierungen: 2 Markierungen"
    )
    expect(workbench.current.locator(".chip")).to_have_text("Aussage")
    expect(workbench.current).to_contain_text("Behauptung")
    workbench.press("f")
    workbench.expect_message("gemacht von „Mira Halvorsen“.")
    expect(workbench.current.locator(".statement p")).to_have_text(
        ["„Mira Halvorsen“ – Behauptung: „Ardenien zahlt“"]
    )
    workbench.press("u")
    workbench.expect_message("Rückgängig gemacht: die Beziehung.")
    assert english(workbench) == []
    workbench.press("?")
    expect(workbench.page.locator('dialog[data-dialog="keys"]')).to_contain_text(
        "Aussage: die Auswahl markieren"
    )
    assert english(workbench) == []
    workbench.press("Escape")
    workbench.saved()
    workbench.page.click('[data-transition="submit"]')
    expect(workbench.part("state")).to_contain_text("eingereicht")
    assert AnnotationSet.objects.get(pk=row.pk).state == "submitted"
    assert english(workbench) == []


@pytest.mark.slow
def test_a_reviewer_works_in_german(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "claim", 40, 59, attributes={"claim_type": "demand"})
    owner = open_workbench(row, locale="de-DE")
    owner.page.click('[data-transition="submit"]')
    expect(owner.part("state")).to_contain_text("eingereicht")
    workbench = open_workbench(row, "rae", locale="de-DE")
    workbench.page.click('[data-transition="start_review"]')
    workbench.page.wait_for_selector('[data-transition="return"]')
    workbench.press("j", "b")
    workbench.page.keyboard.type("Bitte kürzer.")
    workbench.press("Control+Enter")
    workbench.saved()
    expect(workbench.page.locator('[data-transition="approve"] .out-of-sight')).to_have_text(
        " (1 offener Kommentar, 1 davon hält auf)"
    )
    assert english(workbench) == []
    workbench.page.click('[data-transition="return"]')
    expect(workbench.page.locator('dialog[data-dialog="return"]')).to_contain_text(
        "An den Eigentümer zurückgeben"
    )
    assert english(workbench) == []


@pytest.mark.slow
def test_somebody_settles_differences_in_german(newsroom: Newsroom, open_workbench: Open) -> None:
    text = "Das Amt sagte, dass die Schleuse schließt. Ada Verde lehnt jede neue Gebühr ab."
    workbench = open_workbench(disputed(newsroom, text, ("die Schleuse", "Schleuse")), "rae", locale="de-DE")
    note = workbench.part("decisions-note")
    expect(note).to_have_text("2 offen, insgesamt 2 Unterschiede.")
    expect(workbench.page.locator("#tab-decisions")).to_have_attribute(
        "aria-label", "Unterschiede: 2 offene Entscheidungen"
    )
    expect(line(workbench, 0)).to_contain_text("Grenze")
    expect(line(workbench, 0)).to_contain_text("Warum sie sich unterscheiden")
    assert english(workbench) == []
    workbench.press("Shift+B")
    expect(line(workbench, 1)).to_contain_text("Hier nichts markiert.")
    workbench.press("Shift+O")
    expect(workbench.page.locator(".own-span-form")).to_contain_text("Eine eigene Markierung")
    assert english(workbench) == []
    workbench.press("Escape", "Shift+X")
    workbench.expect_message("Jeder Unterschied ist entschieden.")
    workbench.saved()
    expect(note).to_have_text("Alle 2 Unterschiede entschieden.")
    workbench.press(",")
    expect(workbench.page.locator(".verdict").first).to_contain_text("Grund: ")
    assert english(workbench) == []
    workbench.press("?")
    expect(workbench.page.locator('dialog[data-dialog="keys"]')).to_contain_text(
        "Nächster offener Unterschied"
    )
    assert english(workbench) == []


def test_the_service_speaks_german_in_the_workbench(newsroom: Newsroom, open_workbench: Open) -> None:
    """Problems, what stops a submission, and a refusal."""
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", 0, 15)
    workbench = open_workbench(row, locale="de-DE")
    workbench.page.locator('[data-tab="problems"]').click()
    problems = workbench.part("problems")
    expect(problems.locator('[data-code="A6"]')).to_contain_text(
        "Akteur „Mira Halvorsen“ ist nicht mit dem Register verknüpft; wählen Sie den Akteur"
    )
    expect(problems.locator('[data-code="B1"]')).to_contain_text(
        "markieren Sie stattdessen „Mira Halvorsen“, von 0 bis 14."
    )
    assert english(workbench) == []
    workbench.page.click('[data-transition="submit"]')
    dialog = workbench.page.locator('dialog[data-dialog="missing"]')
    expect(dialog.locator('[data-code="B1"]')).to_contain_text("beginnt und endet nicht an einem Buchstaben")
    assert english(workbench) == []
    workbench.press("Escape")
    AnnotationSet.objects.filter(pk=row.pk).update(state="withdrawn")
    workbench.drag("Ardenien zahlt")
    workbench.press("c")
    workbench.expect_message(
        "Der Stand des Sets ist „zurückgezogen“; seine Markierungen ändern sich nur, solange es offen oder "
        "zurückgegeben ist."
    )
    assert english(workbench) == []


def test_the_language_is_switched_in_the_header(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    expect(workbench.part("saved")).to_have_text("All changes saved")
    workbench.page.get_by_role("button", name="Deutsch").click()
    workbench.ready()
    expect(workbench.part("saved")).to_have_text("Alles gespeichert")
    assert workbench.page.evaluate("document.documentElement.lang") == "de"
    workbench.page.get_by_role("button", name="English").click()
    workbench.ready()
    expect(workbench.part("saved")).to_have_text("All changes saved")


@pytest.mark.slow
def test_without_the_catalogue_the_page_is_english(newsroom: Newsroom, open_workbench: Open) -> None:
    """A file that does not come must not take the work away."""
    workbench = open_workbench(newsroom.set_on(TEXT), locale="de-DE")
    workbench.page.route("**/admin/words.js*", lambda route: route.abort())
    workbench.open()
    expect(workbench.part("saved")).to_have_text("All changes saved")
    workbench.mark("Halvorsen", "a", nth=1)
    expect(workbench.page.locator("#tab-spans")).to_have_attribute("aria-label", "Markierungen: 1 mark")
