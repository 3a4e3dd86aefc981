"""A claim in a few keys, all mentions of a name at once, and edges that go where one wants them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import expect

from annotations.models import Actor, Alias, Relation
from annotations.services.registry import entries
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span, seen_by
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
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
    by = newsroom.user("max")
    return entries.add_actor(by, seen_by(by, newsroom.lake), {"name": name, "kind": "person"})[0]


def test_a_claim_with_a_known_source_takes_at_most_six_keys(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", *at("Mira Halvorsen"))
    source = make_span(row, "actor", *at("Halvorsen", 1))
    workbench = open_workbench(row)
    workbench.part("text").focus()
    # to the sentence; what is said; a claim; a prediction; made by the nearest actor
    keys = ["Alt+ArrowDown", "q", "c", "5", "f"]
    assert len(keys) <= MOST_KEYS
    workbench.press(*keys)
    workbench.expect_message("made by “Halvorsen”. Press f again for another (1 of 2).")
    workbench.saved()
    claim = workbench.spans()[-1]
    assert claim.quote == "Ardenia would pay"
    assert claim.attributes == {
        "claim_type": "prediction", "mode": "indirect", "attribution": "named", "certainty": "certain",
    }  # fmt: skip
    assert Relation.objects.get(set=row).target_id == source.pk
    workbench.press("f")
    workbench.saved()
    assert Relation.objects.get(set=row).target.quote == "Mira Halvorsen"
    workbench.press("u")
    workbench.saved()
    assert Relation.objects.get(set=row).target_id == source.pk
    workbench.press("x")
    assert workbench.selected == "Ardenia and Ardenians wait"


#: Text, claim, and how it is quoted.
MODES = (
    ("“We will pay,” she said.", "We will pay", "direct"),
    ("She said that they would pay.", "they would pay", "indirect"),
    ("She called it “a very bad deal” for all.", "it “a very bad deal” for all", "mixed"),
    ("She said the “peace” plan had failed.", "the “peace” plan had failed", "indirect"),
    ("„Ja“, sagte sie, „im Juni.“", "Ja“, sagte sie, „im Juni", "direct"),
    ("「水門は開く」と述べた。", "水門は開く", "direct"),
)


def test_the_mode_is_proposed_from_the_quotation_marks(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on("\n\n".join(text for text, _, _ in MODES)))
    for _, quote, _ in MODES:
        workbench.mark(quote, "c")
    assert [(span.quote, span.attributes["mode"]) for span in workbench.spans()] == [
        (quote, mode) for _, quote, mode in MODES
    ]


def test_all_other_mentions_are_marked_and_unmarked_as_one(newsroom: Newsroom, open_workbench: Open) -> None:
    state = actor(newsroom, "Ardenia")
    row = newsroom.set_on(TEXT + " Ardenia!")
    make_span(row, "actor", *at("Ardenia"), actor_id=state.pk)
    workbench = open_workbench(row)
    workbench.press("j", "e")
    dialog = workbench.page.locator('dialog[data-dialog="mentions"]')
    expect(dialog).to_contain_text("Mark 2 other mentions of “Ardenia”")
    expect(dialog.locator("mark")).to_have_text(["Ardenia", "Ardenia"])
    workbench.press("Enter")
    expect(workbench.lines).to_have_count(3)
    workbench.saved()
    assert {span.actor_id for span in workbench.spans()} == {state.pk}
    workbench.part("text").focus()
    workbench.press("u")
    expect(workbench.lines).to_have_count(1)
    workbench.saved()
    workbench.press("Shift+U")
    workbench.saved()
    assert [quote for _, quote in workbench.facts()] == ["Ardenia"] * 3


def test_what_was_selected_can_be_kept_exactly(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on("She said (perhaps) so."))
    workbench.mark("(perhaps)", "c")
    assert workbench.facts() == [("claim", "perhaps")]
    workbench.expect_message("The edges were moved to letters (B1).")
    workbench.press("=")
    workbench.saved()
    expect(workbench.current).to_contain_text("(perhaps)")
    assert workbench.facts() == [("claim", "(perhaps)")]
    workbench.part("text").focus()
    workbench.press("u")
    workbench.saved()
    assert workbench.facts() == [("claim", "perhaps")]


def test_edges_move_by_keys(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "claim", *at("Ardenia would"))
    workbench = open_workbench(row)
    workbench.choose("Ardenia would")
    workbench.press(
        "Shift+ArrowRight", "Alt+ArrowLeft", "Alt+ArrowLeft", "Alt+ArrowRight", "Control+Shift+ArrowLeft"
    )
    workbench.saved()
    assert workbench.facts() == [("claim", "that Ardenia would pa")]
    expect(workbench.current.locator(".span-head")).to_be_focused()


def test_edges_move_by_dragging(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "claim", *at("Ardenia would"))
    workbench = open_workbench(row)
    workbench.choose("Ardenia would")
    handle = workbench.page.locator('.handle[data-edge="end"]')
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    workbench.page.mouse.move(x, y)
    workbench.page.mouse.down()
    workbench.page.mouse.move(x + 38, y - 12, steps=4)
    workbench.page.mouse.up()
    workbench.saved()
    assert workbench.facts() == [("claim", "Ardenia would pay")]


def test_a_mention_becomes_an_alias(newsroom: Newsroom, open_workbench: Open) -> None:
    mira = actor(newsroom, "Mira Halvorsen")
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.mark("Halvorsen", "a", nth=1)
    workbench.pick("actor", "Halvorsen", "Mira Halvorsen")
    workbench.saved()
    workbench.expect_message("“Halvorsen” is no name of Mira Halvorsen yet.")
    workbench.press("Escape")
    expect(workbench.field("actor")).not_to_be_focused()
    workbench.press("+")
    workbench.expect_message("“Halvorsen” is an alias of Mira Halvorsen now.")
    assert [alias.text for alias in Alias.objects.filter(actor=mira)] == ["Halvorsen"]


def test_enter_takes_what_was_typed_and_not_what_is_still_shown(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    actor(newsroom, "Mira Halvorsen")
    other = actor(newsroom, "Ada Verde")
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.mark("Halvorsen", "a", nth=1)
    workbench.field("actor").click()
    expect(workbench.page.locator('[role="option"]', has_text="Mira Halvorsen")).to_be_visible()
    workbench.field("actor").fill("Ada Verde")
    workbench.press("Enter")
    expect(workbench.page.locator('[role="option"]:visible')).to_have_count(0)
    expect(workbench.field("actor")).to_have_value("Ada Verde")
    workbench.saved()
    assert [span.actor_id for span in workbench.spans()] == [other.pk]


def test_an_answer_that_comes_late_opens_no_list(newsroom: Newsroom, open_workbench: Open) -> None:
    actor(newsroom, "Mira Halvorsen")
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.mark("Halvorsen", "a", nth=1)
    box, options = workbench.field("actor"), workbench.page.locator('[role="option"]:visible')
    box.click()
    expect(options.first).to_be_visible()
    box.fill("Halv")
    options.filter(has_text="Mira Halvorsen").click()
    workbench.page.wait_for_timeout(600)
    expect(options).to_have_count(0)
    expect(box).to_have_value("Mira Halvorsen")


def test_an_ambiguous_alias_shows_all_and_picks_none(newsroom: Newsroom, open_workbench: Open) -> None:
    for name in ("Mira Halvorsen", "Jon Halvorsen"):
        actor(newsroom, name)
    workbench = open_workbench(newsroom.set_on(TEXT))
    workbench.mark("Halvorsen", "a", nth=1)
    workbench.press("Enter")
    workbench.field("actor").click()
    options = workbench.page.locator('[role="option"]')
    expect(options.filter(has_text="Halvorsen").filter(has_text="person")).to_have_count(2)
    expect(workbench.page.locator('[role="option"][aria-selected="true"]')).to_have_count(0)
    workbench.press("Enter")
    assert [span.actor_id for span in workbench.spans()] == [None]


def test_claim_source_and_position_read_as_one_statement(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", *at("Halvorsen", 1))
    make_span(row, "claim", *at("Ardenia would pay"), attributes={"claim_type": "prediction"})
    make_span(row, "position", *at("would pay"), attributes={"stance": "support"})
    workbench = open_workbench(row)
    workbench.choose("Ardenia would pay")
    workbench.press("f")
    workbench.saved()
    lines = workbench.current.locator(".statement p")
    expect(lines).to_have_text(
        [
            "“Halvorsen” – prediction: “Ardenia would pay”",
            "Position in it: Nobody yet – support: “would pay”",
        ]
    )
    lines.get_by_text("“would pay”").click()
    workbench.press("f")
    expect(lines).to_have_text(
        ["“Halvorsen” – support: “would pay”", "In the claim: “Halvorsen” – prediction: “Ardenia would pay”"]
    )


def test_an_issue_has_a_line_of_its_own_in_the_statement(newsroom: Newsroom, open_workbench: Open) -> None:
    by = newsroom.user("max")
    issue, _ = entries.add_proposition(
        by, seen_by(by, newsroom.lake), {"text": "Ardenia should pay.", "kind": "issue"}
    )
    row = newsroom.set_on(TEXT)
    attributes = {"stance": "support", "attribution": "unnamed"}
    make_span(row, "position", *at("would pay"), attributes=attributes, proposition_id=issue.pk)
    workbench = open_workbench(row)
    workbench.choose("would pay")
    expect(workbench.current.locator(".statement p")).to_have_text(
        ["Somebody unnamed – support: “would pay”", "Issue: Ardenia should pay."]
    )


SENTENCE = "It rained. Mira Halvorsen said that Ardenia opposes the new toll. Nobody answered."


@pytest.mark.slow
def test_a_claim_with_source_stance_and_known_issue_takes_at_most_twelve_keys(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    """Each press counts as one key, with its modifiers. The actor is marked; nothing was used before."""
    row = newsroom.set_on(SENTENCE)
    make_span(row, "actor", 11, 25)
    for text in ("The harbour opens", "The toll rises"):
        newsroom.proposition(text)
    workbench = open_workbench(row)
    workbench.part("text").focus()
    # the sentence, what is said, a claim, made by; the same words as a position, oppose, held by; the issue
    keys = ["Alt+ArrowDown", "q", "c", "f", "p", "2", "f", "i", "2"]
    assert len(keys) <= 12
    workbench.press(*keys)
    workbench.saved()
    claim, position = workbench.spans()[1:]
    assert (claim.label, position.label, claim.quote) == ("claim", "position", position.quote)
    assert position.quote == "Ardenia opposes the new toll"
    assert position.attributes["stance"] == "oppose"
    assert position.proposition is not None
    assert position.proposition.text == "The toll rises"
    assert set(Relation.objects.filter(set=row).values_list("type", flat=True)) == {"made_by", "held_by"}
    # it was used last, so it is the first one now; and letters are commands again
    workbench.press("i")
    expect(workbench.page.locator('[role="option"]:visible').first).to_contain_text("The toll rises")
    workbench.press("Escape", "u")
    workbench.saved()
    position.refresh_from_db()
    assert position.proposition is None


def test_a_statement_from_nothing_takes_at_most_twenty_five_keys(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    """As above; neither actor nor issue are known. What is proposed are the words of the mark."""
    row = newsroom.set_on(SENTENCE)
    topic = newsroom.max.post("corpora/lake/topics/", {"name": "Traffic"}).data["id"]
    older = newsroom.proposition("The road is closed", topic=topic)
    make_span(row, "position", SENTENCE.index("Nobody"), len(SENTENCE) - 1, proposition_id=UUID(older))
    workbench = open_workbench(row)
    workbench.part("text").focus()
    actor_keys = ["Alt+ArrowDown", "w", "w", "a", "Enter", "Enter"]
    workbench.press(*actor_keys)
    expect(workbench.page.locator('[data-dialog="actor"]')).to_be_visible()
    new_actor = ["Enter", "Escape", "Escape"]
    workbench.press(new_actor[0])
    expect(workbench.page.locator('[data-dialog="actor"]')).to_have_count(0)
    workbench.press(*new_actor[1:])
    statement = ["q", "c", "f", "p", "2", "f", "i", "0"]
    workbench.press(*statement)
    expect(workbench.page.locator('[data-dialog="proposition"]')).to_be_visible()
    assert len([*actor_keys, *new_actor, *statement, "Enter"]) <= 25
    workbench.press("Enter")
    expect(workbench.page.locator('[data-dialog="proposition"]')).to_have_count(0)
    workbench.saved()
    actor_span, claim, position, _ = workbench.spans()
    assert actor_span.actor is not None
    assert (actor_span.actor.name, claim.quote) == ("Mira Halvorsen", "Ardenia opposes the new toll")
    assert position.proposition is not None
    assert (position.proposition.text, position.proposition.status) == (claim.quote, "proposed")
    assert Relation.objects.filter(set=row, target=actor_span).count() == 2
    # the topic of what the article was about before
    assert str(position.proposition.topic_id) == topic
