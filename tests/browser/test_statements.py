"""A claim in a few keys, all mentions of a name at once, and edges that go where one wants them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from annotations.models import Actor, Relation
from annotations.services import registry
from tests.browser.conftest import Newsroom
from tests.browser.desk import Desk
from tests.factories import make_span, seen_by

pytestmark = pytest.mark.browser

Open = Callable[..., Desk]
TEXT = "Mira Halvorsen spoke on Monday. Halvorsen said that Ardenia would pay. Ardenia and Ardenians wait."
MOST_KEYS = 6


def at(quote: str, nth: int = 0) -> tuple[int, int]:
    """Where a quote stands in the text."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(quote, start + 1)
    return start, start + len(quote)


def actor(newsroom: Newsroom, name: str) -> Actor:
    """An actor of the registry."""
    by = newsroom.people["max"]
    return registry.add_actor(by, seen_by(by, newsroom.corpus), {"name": name, "kind": "person"})[0]


def test_a_claim_with_a_known_source_takes_at_most_six_keys(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "actor", *at("Mira Halvorsen"))
    source = make_span(row, "actor", *at("Halvorsen", 1))
    desk = open_desk(row)
    desk.part("text").focus()
    # to the sentence; what is said; a claim; a prediction; made by the nearest actor
    keys = ["Alt+ArrowDown", "q", "c", "5", "f"]
    assert len(keys) <= MOST_KEYS
    desk.press(*keys)
    desk.says("made by “Halvorsen”. Press f again for another (1 of 2).")
    desk.saved()
    claim = desk.spans()[-1]
    assert claim.quote == "Ardenia would pay"
    assert claim.attributes == {
        "claim_type": "prediction", "mode": "indirect", "attribution": "named", "certainty": "certain",
    }  # fmt: skip
    assert Relation.objects.get(set=row).target_id == source.pk
    desk.press("f")
    desk.saved()
    assert Relation.objects.get(set=row).target.quote == "Mira Halvorsen"
    desk.press("u")
    desk.saved()
    assert Relation.objects.get(set=row).target_id == source.pk
    desk.press("x")
    assert desk.selected == "Ardenia and Ardenians wait"


#: Text, claim, and how it is quoted.
MODES = (
    ("“We will pay,” she said.", "We will pay", "direct"),
    ("She said that they would pay.", "they would pay", "indirect"),
    ("She called it “a very bad deal” for all.", "it “a very bad deal” for all", "mixed"),
    ("She said the “peace” plan had failed.", "the “peace” plan had failed", "indirect"),
    ("„Ja“, sagte sie, „im Juni.“", "Ja“, sagte sie, „im Juni", "direct"),
    ("「水門は開く」と述べた。", "水門は開く", "direct"),
)


def test_the_mode_is_proposed_from_the_quotation_marks(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set("\n\n".join(text for text, _, _ in MODES)))
    for _, quote, _ in MODES:
        desk.mark(quote, "c")
    assert [(span.quote, span.attributes["mode"]) for span in desk.spans()] == [
        (quote, mode) for _, quote, mode in MODES
    ]


def test_all_other_mentions_are_marked_and_unmarked_as_one(newsroom: Newsroom, open_desk: Open) -> None:
    state = actor(newsroom, "Ardenia")
    row = newsroom.set(TEXT + " Ardenia!")
    make_span(row, "actor", *at("Ardenia"), actor_id=state.pk)
    desk = open_desk(row)
    desk.press("j", "e")
    dialog = desk.page.locator('dialog[data-dialog="mentions"]')
    expect(dialog).to_contain_text("Mark 2 other mentions of “Ardenia”")
    expect(dialog.locator("mark")).to_have_text(["Ardenia", "Ardenia"])
    desk.press("Enter")
    expect(desk.lines).to_have_count(3)
    desk.saved()
    assert {span.actor_id for span in desk.spans()} == {state.pk}
    desk.part("text").focus()
    desk.press("u")
    expect(desk.lines).to_have_count(1)
    desk.saved()
    desk.press("Shift+U")
    desk.saved()
    assert [quote for _, quote in desk.facts()] == ["Ardenia"] * 3


def test_what_was_selected_can_be_kept_exactly(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set("She said (perhaps) so."))
    desk.mark("(perhaps)", "c")
    assert desk.facts() == [("claim", "perhaps")]
    desk.says("The edges were moved to letters (B1).")
    desk.press("=")
    desk.saved()
    expect(desk.current).to_contain_text("(perhaps)")
    assert desk.facts() == [("claim", "(perhaps)")]
    desk.part("text").focus()
    desk.press("u")
    desk.saved()
    assert desk.facts() == [("claim", "perhaps")]


def test_edges_move_by_keys(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "claim", *at("Ardenia would"))
    desk = open_desk(row)
    desk.choose("Ardenia would")
    desk.press(
        "Shift+ArrowRight", "Alt+ArrowLeft", "Alt+ArrowLeft", "Alt+ArrowRight", "Control+Shift+ArrowLeft"
    )
    desk.saved()
    assert desk.facts() == [("claim", "that Ardenia would pa")]
    expect(desk.current.locator(".span-head")).to_be_focused()


def test_edges_move_by_dragging(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "claim", *at("Ardenia would"))
    desk = open_desk(row)
    desk.choose("Ardenia would")
    handle = desk.page.locator('.handle[data-edge="end"]')
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 38, y - 12, steps=4)
    desk.page.mouse.up()
    desk.saved()
    assert desk.facts() == [("claim", "Ardenia would pay")]


def test_a_mention_becomes_an_alias(newsroom: Newsroom, open_desk: Open) -> None:
    mira = actor(newsroom, "Mira Halvorsen")
    desk = open_desk(newsroom.set(TEXT))
    desk.mark("Halvorsen", "a", nth=1)
    desk.pick("actor", "Halvorsen", "Mira Halvorsen")
    desk.saved()
    desk.says("“Halvorsen” is no name of Mira Halvorsen yet.")
    desk.press("Escape")
    expect(desk.field("actor")).not_to_be_focused()
    desk.press("+")
    desk.says("“Halvorsen” is an alias of Mira Halvorsen now.")
    assert [alias.text for alias in mira.aliases.all()] == ["Halvorsen"]


def test_enter_takes_what_was_typed_and_not_what_is_still_shown(newsroom: Newsroom, open_desk: Open) -> None:
    actor(newsroom, "Mira Halvorsen")
    other = actor(newsroom, "Ada Verde")
    desk = open_desk(newsroom.set(TEXT))
    desk.mark("Halvorsen", "a", nth=1)
    desk.field("actor").click()
    expect(desk.page.locator('[role="option"]', has_text="Mira Halvorsen")).to_be_visible()
    desk.field("actor").fill("Ada Verde")
    desk.press("Enter")
    expect(desk.page.locator('[role="option"]:visible')).to_have_count(0)
    expect(desk.field("actor")).to_have_value("Ada Verde")
    desk.saved()
    assert [span.actor_id for span in desk.spans()] == [other.pk]


def test_an_answer_that_comes_late_opens_no_list(newsroom: Newsroom, open_desk: Open) -> None:
    actor(newsroom, "Mira Halvorsen")
    desk = open_desk(newsroom.set(TEXT))
    desk.mark("Halvorsen", "a", nth=1)
    box, options = desk.field("actor"), desk.page.locator('[role="option"]:visible')
    box.click()
    expect(options.first).to_be_visible()
    box.fill("Halv")
    options.filter(has_text="Mira Halvorsen").click()
    desk.page.wait_for_timeout(600)
    expect(options).to_have_count(0)
    expect(box).to_have_value("Mira Halvorsen")


def test_an_ambiguous_alias_shows_all_and_picks_none(newsroom: Newsroom, open_desk: Open) -> None:
    for name in ("Mira Halvorsen", "Jon Halvorsen"):
        actor(newsroom, name)
    desk = open_desk(newsroom.set(TEXT))
    desk.mark("Halvorsen", "a", nth=1)
    desk.press("Enter")
    desk.field("actor").click()
    options = desk.page.locator('[role="option"]')
    expect(options.filter(has_text="Halvorsen").filter(has_text="person")).to_have_count(2)
    expect(desk.page.locator('[role="option"][aria-selected="true"]')).to_have_count(0)
    desk.press("Enter")
    assert [span.actor_id for span in desk.spans()] == [None]


def test_claim_source_and_position_read_as_one_statement(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "actor", *at("Halvorsen", 1))
    make_span(row, "claim", *at("Ardenia would pay"), attributes={"claim_type": "prediction"})
    make_span(row, "position", *at("would pay"), attributes={"stance": "support"})
    desk = open_desk(row)
    desk.choose("Ardenia would pay")
    desk.press("f")
    desk.saved()
    lines = desk.current.locator(".statement p")
    expect(lines).to_have_text(
        [
            "“Halvorsen” – prediction: “Ardenia would pay”",
            "Position in it: Nobody yet – support: “would pay”",
        ]
    )
    lines.get_by_text("“would pay”").click()
    desk.press("f")
    expect(lines).to_have_text(
        ["“Halvorsen” – support: “would pay”", "In the claim: “Halvorsen” – prediction: “Ardenia would pay”"]
    )


def test_an_issue_has_a_line_of_its_own_in_the_statement(newsroom: Newsroom, open_desk: Open) -> None:
    by = newsroom.people["max"]
    issue, _ = registry.propose(
        by, seen_by(by, newsroom.corpus), {"text": "Ardenia should pay.", "kind": "issue"}
    )
    row = newsroom.set(TEXT)
    attributes = {"stance": "support", "attribution": "unnamed"}
    make_span(row, "position", *at("would pay"), attributes=attributes, proposition_id=issue.pk)
    desk = open_desk(row)
    desk.choose("would pay")
    expect(desk.current.locator(".statement p")).to_have_text(
        ["Somebody unnamed – support: “would pay”", "Issue: Ardenia should pay."]
    )
