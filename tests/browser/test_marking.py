"""Marking words: what is stored is what was selected, in every script and by mouse and keys alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from annotations.models import Span
from annotations.text.edges import snap
from annotations.text.ranges import Range
from tests.browser.conftest import Newsroom
from tests.browser.desk import ENDS, Desk

pytestmark = pytest.mark.browser

Open = Callable[..., Desk]

# name: text, what to mark by mouse, what the keys below select
TEXTS: dict[str, tuple[str, str]] = {
    "emoji": ("🚧🛶 Lorn 👩‍👩‍👧‍👦 said 𝔸denia 🇺🇳 pays.\n\nThe 🐟 quota stays.", "𝔸denia"),
    "rtl": ("قالت ميرا هالفورسن إن أردينيا ستدفع.\n\nلكن الاتحاد يرفض «Lakewire» ذلك.", "ميرا هالفورسن"),
    "mixed": ("The word שלום עולם means peace, said Lorn.", "עולם"),
    "cjk": ("東京の𠮷野大臣は、水門を開くと述べた。\n\n島民は反対している。", "𠮷野大臣"),
    "crlf": ("First line\r\nsecond Lorn line\r\n\r\nThird Ardenia\rafter a lone return.\r\n", "Ardenia"),
    "combining": ("Le re\u0301sume\u0301 d\u2019A\u0308lva est la\u0300. Zo\u0308e dit oui.", "Zo\u0308e"),
    "spaces": ("\n\n  Two  spaces\tand a tab, said Lorn .  \n", "Lorn"),
}


def snapped(quote: str) -> str:
    """The words as the guideline marks them."""
    return snap(quote, Range(0, len(quote))).quote(quote)


def _arrows(name: str) -> tuple[str, str]:
    """The arrows that go back and ahead in the text."""
    return ("ArrowRight", "ArrowLeft") if name == "rtl" else ("ArrowLeft", "ArrowRight")


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_selected_is_what_is_stored(name: str, newsroom: Newsroom, open_desk: Open) -> None:
    text, quote = TEXTS[name]
    desk = open_desk(newsroom.set(text))
    assert desk.text == text
    desk.mark(quote, "a")
    (span,) = desk.spans()
    assert (span.label, span.quote) == ("actor", quote)
    assert text[span.start : span.end] == quote
    assert span.attributes == {"mention_type": "name"}
    assert desk.text == text
    desk.part("text").focus()
    mark_by_keys(desk, *_arrows(name))


def mark_by_keys(desk: Desk, back: str, ahead: str) -> None:
    """Mark the last words, and then the first characters."""
    desk.press("Control+End", *[f"Control+{back}"] * 3, f"Shift+Control+{ahead}")
    by_word = desk.selected
    desk.press("c")
    desk.saved()
    desk.press("Control+Home", f"Control+{ahead}", f"Control+{back}")
    # a character at a time, over surrogate pairs, joined emoji and combining marks
    desk.press(*[f"Shift+{ahead}"] * 3)
    by_character = desk.selected
    desk.press("p")
    desk.saved()
    claim, position = (Span.objects.get(set=desk.row, label=label) for label in ("claim", "position"))
    assert by_word
    assert (claim.quote, position.quote) == (snapped(by_word), snapped(by_character))
    for span in (claim, position):
        assert desk.text[span.start : span.end] == span.quote


def test_keys_move_by_sentence_paragraph_and_line(newsroom: Newsroom, open_desk: Open) -> None:
    text = "One is here. Two is there.\nA line.\n\nNext one. Last one."
    desk = open_desk(newsroom.set(text))
    desk.part("text").focus()
    desk.press("Control+Home", "Shift+Alt+ArrowDown")
    assert desk.selected == "One is here. "
    desk.press("Control+ArrowDown", "Shift+Control+ArrowDown")
    assert desk.selected == "Next one. Last one."
    desk.press("Control+Home", "ArrowDown", "Shift+End")
    assert desk.selected == "A line."
    desk.press("ArrowLeft", "s")
    assert desk.selected == "A line."
    desk.press("Control+Home", "w", "w")
    assert desk.selected == "One is"
    desk.press("Escape")
    assert desk.selected == ""


def test_arrows_follow_the_eye_in_a_text_from_right_to_left(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set("قالت ميرا ذلك."))
    desk.part("text").focus()
    desk.press("Control+Home", "Shift+Control+ArrowLeft")
    assert desk.selected == "قالت"


def test_edges_follow_the_guideline_and_the_page_shows_what_was_stored(
    newsroom: Newsroom, open_desk: Open
) -> None:
    desk = open_desk(newsroom.set("She said: “The lock, yes, leaks.” And left."))
    desk.mark("“The lock, yes, leaks.”", "c")
    expect(desk.current.locator(".span-head .quote")).to_have_text("The lock, yes, leaks")
    assert desk.facts() == [("claim", "The lock, yes, leaks")]


def test_a_selection_without_a_letter_is_refused_in_words(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set("Lorn — … — said no."))
    desk.drag("— … —")
    desk.press("a")
    desk.says("Not saved: the new mark on “— … —”.")
    desk.says("no letter and no digit")
    expect(desk.lines).to_have_count(0)
    desk.saved()


def test_overlapping_marks_have_different_decorations(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set("Mira Halvorsen said that Ardenia would pay for the pilots."))
    desk.mark("Ardenia would pay for the pilots", "c")
    desk.mark("would pay", "p")
    desk.mark("Ardenia", "a")
    assert desk.facts() == [
        ("actor", "Ardenia"),
        ("claim", "Ardenia would pay for the pilots"),
        ("position", "would pay"),
    ]
    sizes = desk.page.evaluate("['actor', 'claim', 'position'].map((name) => CSS.highlights.get(name).size)")
    assert sizes == [1, 1, 1]
    # a click chooses the innermost mark at the place, another click the one around it
    x1, y1, x2, _ = desk.page.evaluate(ENDS, ["would pay", 0])
    desk.page.mouse.click((x1 + x2) / 2, y1)
    expect(desk.current).to_have_attribute("data-label", "position")
    desk.page.mouse.click((x1 + x2) / 2, y1)
    expect(desk.current).to_have_attribute("data-label", "claim")


def test_the_buttons_beside_the_selection_mark_too(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set("The harbour office said that the lock will close."))
    desk.drag("harbour office")
    desk.page.locator('.float [data-label="actor"]').click()
    desk.saved()
    desk.drag("the lock will close")
    desk.part("labels").locator('[data-label="claim"]').click()
    desk.saved()
    assert desk.facts() == [("actor", "harbour office"), ("claim", "the lock will close")]


def test_letters_are_letters_in_a_field_and_may_be_turned_off(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set("The harbour office said that the lock will close."))
    desk.mark("harbour office", "a")
    desk.field("role_text").fill("")
    desk.field("role_text").press_sequentially("captain")
    desk.press("Enter")
    desk.saved()
    assert [span.attributes["role_text"] for span in desk.spans()] == ["captain"]
    desk.part("text").focus()
    desk.press("?")
    keys = desk.page.locator('dialog[data-dialog="keys"]')
    expect(keys).to_contain_text("Claim: mark the selection")
    keys.get_by_label("Single letters are commands").uncheck()
    desk.press("Escape")
    desk.drag("the lock will close")
    desk.press("c")
    desk.page.wait_for_timeout(100)
    expect(desk.lines).to_have_count(1)
