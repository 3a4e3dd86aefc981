"""When a write does not succeed, the page says so, and nothing is lost or doubled."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from annotations.models import Span
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span, move
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Mira Halvorsen said that Ardenia would pay for the pilots. Velmora is against the toll."
SPANS = re.compile(r"/spans/")


def broken(workbench: WorkbenchPage, fault: Callable[[Route], None]) -> None:
    """Let every write to a span meet a fault."""
    workbench.page.route(
        SPANS, lambda route: route.continue_() if route.request.method == "GET" else fault(route)
    )


def mended(workbench: WorkbenchPage) -> None:
    """Take the fault away, and do not wait for the next try."""
    workbench.page.unroute_all(behavior="wait")
    workbench.page.locator('[data-action="retry"]').click()
    workbench.saved()


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
    newsroom: Newsroom, open_workbench: Open
) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    for number, (word, fault) in enumerate(zip(WORDS, FAULTS.values(), strict=True)):
        broken(workbench, fault)
        workbench.drag(word)
        workbench.press("a")
        expect(workbench.part("saved")).to_have_text("1 change not saved")
        expect(workbench.part("saved")).to_have_attribute("data-pending", "1")
        expect(workbench.part("trouble")).to_be_visible()
        expect(workbench.current).to_contain_text("not saved")
        workbench.field("role_text").fill("state")
        workbench.press("Enter")
        expect(workbench.part("saved")).to_have_text("2 changes not saved")
        assert len(workbench.spans()) == number
        mended(workbench)
        expect(workbench.part("saved")).to_have_text("All changes saved")
        expect(workbench.part("trouble")).to_be_hidden()
        assert {(span.quote, span.attributes["role_text"]) for span in workbench.spans()} == {
            (done, "state") for done in WORDS[: number + 1]
        }
        workbench.press("Escape")


def test_a_connection_cut_after_the_commit_makes_no_second_copy(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", TEXT.index("Velmora"), TEXT.index(" is against"))
    workbench = open_workbench(row)

    def cut(route: Route) -> None:
        route.fetch()
        route.abort()

    broken(workbench, cut)
    workbench.drag("Ardenia")
    workbench.press("a")
    expect(workbench.part("saved")).to_have_text("1 change not saved")
    assert len(workbench.spans()) == 2
    mended(workbench)
    broken(workbench, cut)
    workbench.choose("Velmora")
    workbench.press("Delete")
    expect(workbench.part("saved")).to_have_text("1 change not saved")
    mended(workbench)
    assert workbench.facts() == [("actor", "Ardenia")]
    expect(workbench.lines).to_have_count(1)


def test_a_slow_answer_counts_as_not_yet_saved(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    held: list[Route] = []
    broken(workbench, held.append)
    workbench.drag("Ardenia")
    workbench.press("a")
    expect(workbench.part("saved")).to_have_text("Saving 1 change …")
    workbench.press("Escape")
    # the browser asks before the page is left, and the guards answer that it stays
    with workbench.page.expect_event("dialog", lambda dialog: dialog.type == "beforeunload"):
        workbench.page.close(run_before_unload=True)
    held[0].continue_()
    workbench.saved()
    assert workbench.facts() == [("actor", "Ardenia")]
    with workbench.page.expect_event("close"):
        workbench.page.close(run_before_unload=True)


@pytest.mark.parametrize(("choice", "stays"), [("mine", "mixed"), ("theirs", "direct")])
def test_a_stale_change_shows_both_versions_and_asks(
    choice: str, stays: str, newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    span = make_span(row, "claim", 25, 57, attributes={"mode": "indirect"})
    workbench = open_workbench(row)
    workbench.choose("Ardenia would pay")
    assert workbench.fetch("PATCH", f"spans/{span.pk}/", {"attributes": {"mode": "direct"}}, version=1) == 200
    workbench.field("mode").select_option("mixed")
    dialog = workbench.page.locator('dialog[data-dialog="conflict"]')
    expect(dialog.locator("tr.differs td")).to_have_text(["mixed", "direct"])
    expect(workbench.part("saved")).to_have_text("1 change not saved")
    workbench.press("Escape")
    expect(dialog).to_have_count(0)
    workbench.page.locator('[data-action="compare"]').click()
    dialog.locator(f'[data-choice="{choice}"]').click()
    workbench.saved()
    expect(workbench.field("mode")).to_have_value(stays)
    assert Span.objects.get(pk=span.pk).attributes == {"mode": stays}


def test_a_refused_write_gives_back_what_was_there(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", 0, 14)
    make_span(row, "actor", 25, 32)
    workbench = open_workbench(row)
    body = '{"detail": "Too old."}'
    broken(
        workbench, lambda route: route.fulfill(status=409, content_type="application/problem+json", body=body)
    )
    workbench.choose("Ardenia")
    workbench.press("Delete")
    workbench.expect_message("Too old.")
    expect(workbench.lines).to_have_count(2)
    workbench.saved()


def test_a_set_that_was_closed_meanwhile_takes_no_marks(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    workbench = open_workbench(row)
    move(newsroom.user("ann"), row, "submit")
    workbench.drag("Ardenia")
    workbench.press("a")
    workbench.expect_message("its marks change only while it is open")
    expect(workbench.lines).to_have_count(0)
    expect(workbench.part("state")).to_contain_text("submitted")
    expect(workbench.part("labels")).to_be_hidden()


def test_signed_out_in_the_middle(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    (session,) = (one for one in workbench.page.context.cookies() if one["name"] == "sessionid")
    workbench.page.context.clear_cookies(name="sessionid")
    workbench.drag("Ardenia")
    workbench.press("a")
    expect(workbench.part("trouble")).to_contain_text("You are signed out.")
    expect(workbench.part("saved")).to_have_attribute("data-pending", "1")
    value, origin = session["value"], workbench.page.evaluate("location.origin")
    workbench.page.context.add_cookies([{"name": "sessionid", "value": value, "url": origin}])
    mended(workbench)
    assert workbench.facts() == [("actor", "Ardenia")]


def test_waiting_changes_can_be_discarded(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", 0, 14)
    workbench = open_workbench(row)
    broken(workbench, FAULTS["no network"])
    workbench.drag("Ardenia")
    workbench.press("a")
    workbench.choose("Mira Halvorsen")
    workbench.press("Delete")
    expect(workbench.part("saved")).to_have_text("2 changes not saved")
    workbench.page.locator('[data-action="discard"]').click()
    workbench.page.locator('[data-confirm="discard"]').click()
    expect(workbench.lines).to_have_count(1)
    workbench.saved()
    assert workbench.facts() == [("actor", "Mira Halvorsen")]


def test_a_decision_on_a_stale_view_is_refused(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", 0, 14)
    move(newsroom.user("ann"), row, "submit")
    move(newsroom.user("rae"), row, "start_review")
    workbench = open_workbench(row, "rae")
    assert workbench.fetch("POST", f"sets/{row.pk}/comments/", {"text": "Wait."}) == 201
    workbench.page.locator('[data-transition="approve"]').click()
    workbench.expect_message("load it again and decide with both in view")
    expect(workbench.part("state")).to_contain_text("in review")
    workbench.page.locator('[data-transition="approve"]').click()
    expect(workbench.part("state")).to_contain_text("approved")


def test_what_others_changed_meanwhile_is_shown(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    workbench = open_workbench(row)
    other = open_workbench(row, "rae")
    assert other.fetch("POST", f"sets/{row.pk}/comments/", {"text": "Mind the toll."}) == 201
    workbench.mark("Ardenia", "a")
    workbench.expect_message("Somebody else has changed this set meanwhile")
    expect(workbench.part("comments")).to_contain_text("Mind the toll.")


def test_an_approval_that_did_not_arrive_is_made_only_on_a_second_press(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", 0, 14)
    move(newsroom.user("ann"), row, "submit")
    move(newsroom.user("rae"), row, "start_review")
    workbench = open_workbench(row, "rae")
    workbench.page.route("**/approve/", lambda route: route.abort())
    workbench.page.get_by_role("button", name="Approve", exact=True).click()
    again = workbench.page.get_by_role("button", name="Try again: Approve")
    expect(again).to_be_visible()
    workbench.page.unroute_all(behavior="wait")
    row.refresh_from_db()
    assert row.state == "in_review"
    again.click()
    expect(workbench.part("state")).to_contain_text("approved")
    expect(again).to_have_count(0)
    row.refresh_from_db()
    assert row.state == "approved"
