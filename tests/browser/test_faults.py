"""When a write does not succeed, the page says so, and nothing is lost or doubled."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from annotations.models import Span
from tests.browser.conftest import Newsroom
from tests.browser.desk import Desk
from tests.factories import make_span, move

pytestmark = pytest.mark.browser

Open = Callable[..., Desk]
TEXT = "Mira Halvorsen said that Ardenia would pay for the pilots. Velmora is against the toll."
SPANS = re.compile(r"/spans/")


def broken(desk: Desk, fault: Callable[[Route], None]) -> None:
    """Let every write to a span meet a fault."""
    desk.page.route(SPANS, lambda route: route.continue_() if route.request.method == "GET" else fault(route))


def mended(desk: Desk) -> None:
    """Take the fault away, and do not wait for the next try."""
    desk.page.unroute_all(behavior="wait")
    desk.page.locator('[data-action="retry"]').click()
    desk.saved()


FAULTS: dict[str, Callable[[Route], None]] = {
    "answered 500": lambda route: route.fulfill(status=500, content_type="text/html", body="<h1>Oops</h1>"),
    "answered 503": lambda route: route.fulfill(
        status=503, content_type="application/problem+json", body='{"detail": "The database is busy."}'
    ),
    "no network": lambda route: route.abort(),
}


#: A word for each fault.
WORDS = ("Ardenia", "Velmora", "Mira Halvorsen")


def test_what_cannot_be_delivered_is_not_called_saved_and_arrives_later(
    newsroom: Newsroom, open_desk: Open
) -> None:
    desk = open_desk(newsroom.set(TEXT))
    for number, (word, fault) in enumerate(zip(WORDS, FAULTS.values(), strict=True)):
        broken(desk, fault)
        desk.drag(word)
        desk.press("a")
        expect(desk.part("saved")).to_have_text("1 change not saved")
        expect(desk.part("saved")).to_have_attribute("data-pending", "1")
        expect(desk.part("trouble")).to_be_visible()
        expect(desk.current).to_contain_text("not saved")
        desk.field("role_text").fill("state")
        desk.press("Enter")
        expect(desk.part("saved")).to_have_text("2 changes not saved")
        assert len(desk.spans()) == number
        mended(desk)
        expect(desk.part("saved")).to_have_text("All changes saved")
        expect(desk.part("trouble")).to_be_hidden()
        assert {(span.quote, span.attributes["role_text"]) for span in desk.spans()} == {
            (done, "state") for done in WORDS[: number + 1]
        }
        desk.press("Escape")


def test_a_connection_cut_after_the_commit_makes_no_second_copy(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "actor", TEXT.index("Velmora"), TEXT.index(" is against"))
    desk = open_desk(row)

    def cut(route: Route) -> None:
        route.fetch()
        route.abort()

    broken(desk, cut)
    desk.drag("Ardenia")
    desk.press("a")
    expect(desk.part("saved")).to_have_text("1 change not saved")
    assert len(desk.spans()) == 2
    mended(desk)
    broken(desk, cut)
    desk.choose("Velmora")
    desk.press("Delete")
    expect(desk.part("saved")).to_have_text("1 change not saved")
    mended(desk)
    assert desk.facts() == [("actor", "Ardenia")]
    expect(desk.lines).to_have_count(1)


def test_a_slow_answer_counts_as_not_yet_saved(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT))
    held: list[Route] = []
    broken(desk, held.append)
    desk.drag("Ardenia")
    desk.press("a")
    expect(desk.part("saved")).to_have_text("Saving 1 change …")
    desk.press("Escape")
    # the browser asks before the page is left, and the guards answer that it stays
    with desk.page.expect_event("dialog", lambda dialog: dialog.type == "beforeunload"):
        desk.page.close(run_before_unload=True)
    held[0].continue_()
    desk.saved()
    assert desk.facts() == [("actor", "Ardenia")]
    with desk.page.expect_event("close"):
        desk.page.close(run_before_unload=True)


@pytest.mark.parametrize(("choice", "stays"), [("mine", "mixed"), ("theirs", "direct")])
def test_a_stale_change_shows_both_versions_and_asks(
    choice: str, stays: str, newsroom: Newsroom, open_desk: Open
) -> None:
    row = newsroom.set(TEXT)
    span = make_span(row, "claim", 25, 57, attributes={"mode": "indirect"})
    desk = open_desk(row)
    desk.choose("Ardenia would pay")
    assert desk.fetch("PATCH", f"spans/{span.pk}/", {"attributes": {"mode": "direct"}}, version=1) == 200
    desk.field("mode").select_option("mixed")
    dialog = desk.page.locator('dialog[data-dialog="conflict"]')
    expect(dialog.locator("tr.differs td")).to_have_text(["mixed", "direct"])
    expect(desk.part("saved")).to_have_text("1 change not saved")
    desk.press("Escape")
    expect(dialog).to_have_count(0)
    desk.page.locator('[data-action="compare"]').click()
    dialog.locator(f'[data-choice="{choice}"]').click()
    desk.saved()
    expect(desk.field("mode")).to_have_value(stays)
    assert Span.objects.get(pk=span.pk).attributes == {"mode": stays}


def test_a_refused_write_gives_back_what_was_there(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "actor", 0, 14)
    make_span(row, "actor", 25, 32)
    desk = open_desk(row)
    body = '{"detail": "Too old."}'
    broken(desk, lambda route: route.fulfill(status=409, content_type="application/problem+json", body=body))
    desk.choose("Ardenia")
    desk.press("Delete")
    desk.says("Too old.")
    expect(desk.lines).to_have_count(2)
    desk.saved()


def test_a_set_that_was_closed_meanwhile_takes_no_marks(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    desk = open_desk(row)
    move(newsroom.people["ann"], row, "submit")
    desk.drag("Ardenia")
    desk.press("a")
    desk.says("its marks change only while it is open")
    expect(desk.lines).to_have_count(0)
    expect(desk.part("state")).to_contain_text("submitted")
    expect(desk.part("labels")).to_be_hidden()


def test_signed_out_in_the_middle(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT))
    (session,) = (one for one in desk.page.context.cookies() if one["name"] == "sessionid")
    desk.page.context.clear_cookies(name="sessionid")
    desk.drag("Ardenia")
    desk.press("a")
    expect(desk.part("trouble")).to_contain_text("You are signed out.")
    expect(desk.part("saved")).to_have_attribute("data-pending", "1")
    value, origin = session["value"], desk.page.evaluate("location.origin")
    desk.page.context.add_cookies([{"name": "sessionid", "value": value, "url": origin}])
    mended(desk)
    assert desk.facts() == [("actor", "Ardenia")]


def test_waiting_changes_can_be_discarded(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "actor", 0, 14)
    desk = open_desk(row)
    broken(desk, FAULTS["no network"])
    desk.drag("Ardenia")
    desk.press("a")
    desk.choose("Mira Halvorsen")
    desk.press("Delete")
    expect(desk.part("saved")).to_have_text("2 changes not saved")
    desk.page.locator('[data-action="discard"]').click()
    expect(desk.lines).to_have_count(1)
    desk.saved()
    assert desk.facts() == [("actor", "Mira Halvorsen")]


def test_a_decision_on_a_stale_view_is_refused(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "actor", 0, 14)
    move(newsroom.people["ann"], row, "submit")
    move(newsroom.people["rae"], row, "start_review")
    desk = open_desk(row, "rae")
    assert desk.fetch("POST", f"sets/{row.pk}/comments/", {"text": "Wait."}) == 201
    desk.page.locator('[data-transition="approve"]').click()
    desk.says("load it again and decide with both in view")
    expect(desk.part("state")).to_contain_text("in review")
    desk.page.locator('[data-transition="approve"]').click()
    expect(desk.part("state")).to_contain_text("approved")


def test_what_others_changed_meanwhile_is_shown(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    desk = open_desk(row)
    other = open_desk(row, "rae")
    assert other.fetch("POST", f"sets/{row.pk}/comments/", {"text": "Mind the toll."}) == 201
    desk.mark("Ardenia", "a")
    desk.says("Somebody else has changed this set meanwhile")
    expect(desk.part("comments")).to_contain_text("Mind the toll.")
