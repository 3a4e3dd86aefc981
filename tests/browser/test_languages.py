"""The workbench in German: every word of ours, and the same work."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from annotations.models import AnnotationSet
from tests.browser.conftest import Newsroom
from tests.browser.desk import Desk
from tests.browser.test_team import disputed, line
from tests.factories import make_span

pytestmark = pytest.mark.browser

Open = Callable[..., Desk]
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


def english(desk: Desk) -> list[str]:
    """What is left in English on the page."""
    return [text for text in desk.page.evaluate(SHOWN) if ENGLISH.search(text)]


def test_somebody_works_in_german(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT, title="Lampen", source="Seeblatt")
    make_span(row, "actor", 0, 14)
    desk = open_desk(row, locale="de-DE")
    expect(desk.part("saved")).to_have_text("Alles gespeichert")
    expect(desk.part("state")).to_have_text("offen Ihres")
    expect(desk.page.locator("#tab-spans")).to_have_attribute("aria-label", "Markierungen: 1 Markierung")
    desk.mark("Ardenien zahlt", "c")
    expect(desk.page.locator("#tab-spans")).to_have_attribute("aria-label", "Markierungen: 2 Markierungen")
    expect(desk.current.locator(".chip")).to_have_text("Aussage")
    expect(desk.current).to_contain_text("Behauptung")
    desk.press("f")
    desk.says("gemacht von „Mira Halvorsen“.")
    expect(desk.current.locator(".statement p")).to_have_text(
        ["„Mira Halvorsen“ – Behauptung: „Ardenien zahlt“"]
    )
    desk.press("u")
    desk.says("Rückgängig gemacht: die Beziehung.")
    assert english(desk) == []
    desk.press("?")
    expect(desk.page.locator('dialog[data-dialog="keys"]')).to_contain_text("Aussage: die Auswahl markieren")
    assert english(desk) == []
    desk.press("Escape")
    desk.saved()
    desk.page.click('[data-transition="submit"]')
    expect(desk.part("state")).to_contain_text("eingereicht")
    assert AnnotationSet.objects.get(pk=row.pk).state == "submitted"
    assert english(desk) == []


def test_a_reviewer_works_in_german(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "claim", 40, 59, attributes={"claim_type": "demand"})
    owner = open_desk(row, locale="de-DE")
    owner.page.click('[data-transition="submit"]')
    expect(owner.part("state")).to_contain_text("eingereicht")
    desk = open_desk(row, "rae", locale="de-DE")
    desk.page.click('[data-transition="start_review"]')
    desk.page.wait_for_selector('[data-transition="return"]')
    desk.press("j", "b")
    desk.page.keyboard.type("Bitte kürzer.")
    desk.press("Control+Enter")
    desk.saved()
    expect(desk.page.locator('[data-transition="approve"] .out-of-sight')).to_have_text(
        " (1 offener Kommentar, 1 davon hält auf)"
    )
    assert english(desk) == []
    desk.page.click('[data-transition="return"]')
    expect(desk.page.locator('dialog[data-dialog="return"]')).to_contain_text("An den Eigentümer zurückgeben")
    assert english(desk) == []


def test_somebody_settles_differences_in_german(newsroom: Newsroom, open_desk: Open) -> None:
    text = "Das Amt sagte, dass die Schleuse schließt. Ada Verde lehnt jede neue Gebühr ab."
    desk = open_desk(disputed(newsroom, text, ("die Schleuse", "Schleuse")), "rae", locale="de-DE")
    note = desk.part("decisions-note")
    expect(note).to_have_text("2 offen, insgesamt 2 Unterschiede.")
    expect(desk.page.locator("#tab-decisions")).to_have_attribute(
        "aria-label", "Unterschiede: 2 offene Entscheidungen"
    )
    expect(line(desk, 0)).to_contain_text("Grenze")
    expect(line(desk, 0)).to_contain_text("Warum sie sich unterscheiden")
    assert english(desk) == []
    desk.press("Shift+B")
    expect(line(desk, 1)).to_contain_text("Hier nichts markiert.")
    desk.press("Shift+O")
    expect(desk.page.locator(".own-span-form")).to_contain_text("Eine eigene Markierung")
    assert english(desk) == []
    desk.press("Escape", "Shift+X")
    desk.says("Jeder Unterschied ist entschieden.")
    desk.saved()
    expect(note).to_have_text("Alle 2 Unterschiede entschieden.")
    desk.press(",")
    expect(desk.page.locator(".verdict").first).to_contain_text("Grund: ")
    assert english(desk) == []
    desk.press("?")
    expect(desk.page.locator('dialog[data-dialog="keys"]')).to_contain_text("Nächster offener Unterschied")
    assert english(desk) == []


def test_the_service_speaks_german_in_the_workbench(newsroom: Newsroom, open_desk: Open) -> None:
    """Problems, what stops a submission, and a refusal."""
    row = newsroom.set(TEXT)
    make_span(row, "actor", 0, 15)
    desk = open_desk(row, locale="de-DE")
    desk.page.locator('[data-tab="problems"]').click()
    problems = desk.part("problems")
    expect(problems.locator('[data-code="A6"]')).to_contain_text(
        "Akteur „Mira Halvorsen“ ist nicht mit dem Register verknüpft; wählen Sie den Akteur"
    )
    expect(problems.locator('[data-code="B1"]')).to_contain_text(
        "markieren Sie stattdessen „Mira Halvorsen“, von 0 bis 14."
    )
    assert english(desk) == []
    desk.page.click('[data-transition="submit"]')
    dialog = desk.page.locator('dialog[data-dialog="missing"]')
    expect(dialog.locator('[data-code="B1"]')).to_contain_text("beginnt und endet nicht an einem Buchstaben")
    assert english(desk) == []
    desk.press("Escape")
    AnnotationSet.objects.filter(pk=row.pk).update(state="withdrawn")
    desk.drag("Ardenien zahlt")
    desk.press("c")
    desk.says(
        "Der Stand des Sets ist „zurückgezogen“; seine Markierungen ändern sich nur, solange es offen oder "
        "zurückgegeben ist."
    )
    assert english(desk) == []


def test_the_language_is_switched_in_the_header(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT))
    expect(desk.part("saved")).to_have_text("All changes saved")
    desk.page.get_by_role("button", name="Deutsch").click()
    desk.ready()
    expect(desk.part("saved")).to_have_text("Alles gespeichert")
    assert desk.page.evaluate("document.documentElement.lang") == "de"
    desk.page.get_by_role("button", name="English").click()
    desk.ready()
    expect(desk.part("saved")).to_have_text("All changes saved")


def test_without_the_catalogue_the_page_is_english(newsroom: Newsroom, open_desk: Open) -> None:
    """A file that does not come must not take the work away."""
    desk = open_desk(newsroom.set(TEXT), locale="de-DE")
    desk.page.route("**/admin/words.js", lambda route: route.abort())
    desk.open()
    expect(desk.part("saved")).to_have_text("All changes saved")
    desk.mark("Halvorsen", "a", nth=1)
    expect(desk.page.locator("#tab-spans")).to_have_attribute("aria-label", "Markierungen: 1 mark")
