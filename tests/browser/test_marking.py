"""Marking words: what is stored is what was selected, in every script and by mouse and keys alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from annotations.models import Span
from annotations.text.edges import snap_range
from annotations.text.ranges import Range
from tests.browser.workbench_page import ENDS, WorkbenchPage
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]

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
    return snap_range(quote, Range(0, len(quote))).quote(quote)


def _arrows(name: str) -> tuple[str, str]:
    """The arrows that go back and ahead in the text."""
    return ("ArrowRight", "ArrowLeft") if name == "rtl" else ("ArrowLeft", "ArrowRight")


#: Each makes the way from a point on the screen to an offset hard in its own way; Node tests count them all.
DRAGGED = ("rtl", "crlf", "cjk")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in DRAGGED else pytest.mark.slow) for name in TEXTS]
)
def test_what_is_selected_is_what_is_stored(name: str, newsroom: Newsroom, open_workbench: Open) -> None:
    text, quote = TEXTS[name]
    workbench = open_workbench(newsroom.set_on(text))
    assert workbench.text == text
    workbench.mark(quote, "a")
    (span,) = workbench.spans()
    assert (span.label, span.quote) == ("actor", quote)
    assert text[span.start : span.end] == quote
    assert span.attributes == {"mention_type": "name"}
    assert workbench.text == text
    workbench.part("text").focus()
    mark_by_keys(workbench, *_arrows(name))


def mark_by_keys(workbench: WorkbenchPage, back: str, ahead: str) -> None:
    """Mark the last words, and then the first characters."""
    workbench.press("Control+End", *[f"Control+{back}"] * 3, f"Shift+Control+{ahead}")
    by_word = workbench.selected
    workbench.press("c")
    workbench.saved()
    workbench.press("Control+Home", f"Control+{ahead}", f"Control+{back}")
    # a character at a time, over surrogate pairs, joined emoji and combining marks
    workbench.press(*[f"Shift+{ahead}"] * 3)
    by_character = workbench.selected
    workbench.press("p")
    workbench.saved()
    claim, position = (Span.objects.get(set=workbench.row, label=label) for label in ("claim", "position"))
    assert by_word
    assert (claim.quote, position.quote) == (snapped(by_word), snapped(by_character))
    for span in (claim, position):
        assert workbench.text[span.start : span.end] == span.quote


def test_keys_move_by_sentence_paragraph_and_line(newsroom: Newsroom, open_workbench: Open) -> None:
    text = "One is here. Two is there.\nA line.\n\nNext one. Last one."
    workbench = open_workbench(newsroom.set_on(text))
    workbench.part("text").focus()
    workbench.press("Control+Home", "Shift+Alt+ArrowDown")
    assert workbench.selected == "One is here. "
    workbench.press("Control+ArrowDown", "Shift+Control+ArrowDown")
    assert workbench.selected == "Next one. Last one."
    workbench.press("Control+Home", "ArrowDown", "Shift+End")
    assert workbench.selected == "A line."
    workbench.press("ArrowLeft", "s")
    assert workbench.selected == "A line."
    workbench.press("Control+Home", "w", "w")
    assert workbench.selected == "One is"
    workbench.press("Escape")
    assert workbench.selected == ""


def test_arrows_follow_the_eye_in_a_text_from_right_to_left(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on("قالت ميرا ذلك."))
    workbench.part("text").focus()
    workbench.press("Control+Home", "Shift+Control+ArrowLeft")
    assert workbench.selected == "قالت"


def test_edges_follow_the_guideline_and_the_page_shows_what_was_stored(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    workbench = open_workbench(newsroom.set_on("She said: “The lock, yes, leaks.” And left."))
    workbench.mark("“The lock, yes, leaks.”", "c")
    expect(workbench.current.locator(".span-head .quote")).to_have_text("The lock, yes, leaks")
    assert workbench.facts() == [("claim", "The lock, yes, leaks")]


def test_a_selection_without_a_letter_is_refused_in_words(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on("Lorn — … — said no."))
    workbench.drag("— … —")
    workbench.press("a")
    workbench.expect_message("Not saved: the new mark on “— … —”.")
    workbench.expect_message("no letter and no digit")
    expect(workbench.lines).to_have_count(0)
    workbench.saved()


def test_overlapping_marks_have_different_decorations(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on("Mira Halvorsen said that Ardenia would pay for the pilots."))
    workbench.mark("Ardenia would pay for the pilots", "c")
    workbench.mark("would pay", "p")
    workbench.mark("Ardenia", "a")
    assert workbench.facts() == [
        ("actor", "Ardenia"),
        ("claim", "Ardenia would pay for the pilots"),
        ("position", "would pay"),
    ]
    sizes = workbench.page.evaluate(
        "['actor', 'claim', 'position'].map((name) => CSS.highlights.get(name).size)"
    )
    assert sizes == [1, 1, 1]
    # a click chooses the innermost mark at the place, another click the one around it
    x1, y1, x2, _ = workbench.page.evaluate(ENDS, ["would pay", 0])
    workbench.page.mouse.click((x1 + x2) / 2, y1)
    expect(workbench.current).to_have_attribute("data-label", "position")
    workbench.page.mouse.click((x1 + x2) / 2, y1)
    expect(workbench.current).to_have_attribute("data-label", "claim")


def test_the_buttons_beside_the_selection_mark_too(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on("The harbour office said that the lock will close."))
    workbench.drag("harbour office")
    workbench.page.locator('.float [data-label="actor"]').click()
    workbench.saved()
    workbench.drag("the lock will close")
    workbench.part("labels").locator('[data-label="claim"]').click()
    workbench.saved()
    assert workbench.facts() == [("actor", "harbour office"), ("claim", "the lock will close")]


def test_letters_are_letters_in_a_field_and_may_be_turned_off(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    workbench = open_workbench(newsroom.set_on("The harbour office said that the lock will close."))
    workbench.mark("harbour office", "a")
    workbench.field("role_text").fill("")
    workbench.field("role_text").press_sequentially("captain")
    workbench.press("Enter")
    workbench.saved()
    assert [span.attributes["role_text"] for span in workbench.spans()] == ["captain"]
    workbench.part("text").focus()
    workbench.press("?")
    keys = workbench.page.locator('dialog[data-dialog="keys"]')
    expect(keys).to_contain_text("Claim: mark the selection")
    expect(keys.get_by_role("heading", name="Keys", exact=True)).to_be_in_viewport()
    keys.get_by_label("Single letters are commands").uncheck()
    workbench.press("Escape")
    workbench.drag("the lock will close")
    workbench.press("c")
    workbench.page.wait_for_timeout(100)
    expect(workbench.lines).to_have_count(1)
