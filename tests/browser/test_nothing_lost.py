"""Work outlives the page: reload, closed tab, log-out, two tabs; nothing lost, nothing doubled."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from annotations.services import spans
from tests.browser.conftest import Guards, Newsroom, session_of, sign_in
from tests.browser.desk import Desk
from tests.factories import make_span

pytestmark = pytest.mark.browser

Open = Callable[..., Desk]
TEXT = "Mira Halvorsen said that Ardenia would pay for the pilots. Velmora is against the toll."
SPANS = re.compile(r"/spans/")
WAITING = """Object.keys(localStorage).filter((name) => name.startsWith("standpoint.outbox/"))"""


def meet(desk: Desk, fault: Callable[[Route], None]) -> None:
    """Let every write to a span of this tab meet a fault."""
    desk.page.route(SPANS, lambda route: route.continue_() if route.request.method == "GET" else fault(route))


def waiting(page: Page) -> int:
    """How many changes lie in the browser's storage."""
    return len(page.evaluate(WAITING))


def beside(desk: Desk) -> Desk:
    """A second tab of the same person with the same set."""
    other = Desk(desk.page.context.new_page(), desk.row)
    other.open()
    return other


def test_unsent_work_outlives_a_reload(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "actor", TEXT.index("Velmora"), TEXT.index(" is against"))
    desk = open_desk(row)
    meet(desk, lambda route: route.abort())
    desk.drag("Ardenia")
    desk.press("a")
    expect(desk.part("saved")).to_have_text("1 change not saved")
    desk.field("role_text").fill("state")
    desk.press("Enter")
    desk.choose("Velmora")
    desk.press("Delete")
    expect(desk.part("saved")).to_have_text("3 changes not saved")
    # the guards answer the browser's question with staying, so a new tab takes the place of the old one
    again = beside(desk)
    expect(again.lines).to_have_count(1)
    expect(again.part("saved")).to_have_attribute("data-pending", "3")
    desk.page.close()
    again.saved()
    assert desk.facts() == [("actor", "Ardenia")]
    assert desk.spans()[0].attributes["role_text"] == "state"
    assert waiting(again.page) == 0


def test_unsent_work_is_sent_after_a_true_reload(newsroom: Newsroom, open_desk: Open, guards: Guards) -> None:
    desk = open_desk(newsroom.set(TEXT))
    meet(desk, lambda route: route.abort())
    desk.drag("Ardenia")
    desk.press("a")
    expect(desk.part("saved")).to_have_text("1 change not saved")
    asked: list[str] = []
    desk.page.on("dialog", lambda dialog: asked.append(dialog.type))
    guards.leaves = True
    desk.page.reload()
    assert asked == ["beforeunload"]
    desk.ready()
    expect(desk.lines).to_have_count(1)
    expect(desk.part("saved")).to_have_text("1 change not saved")
    assert not desk.spans()
    desk.page.unroute_all(behavior="wait")
    desk.page.reload()
    desk.ready()
    desk.saved()
    assert desk.facts() == [("actor", "Ardenia")]
    assert waiting(desk.page) == 0


def without_locks(desk: Desk) -> Desk:
    """The same page as a browser shows it on an address that is not secure."""
    hidden = "Object.defineProperty(Navigator.prototype, 'locks', {get: () => undefined})"
    desk.page.context.add_init_script(hidden)
    desk.open()
    assert desk.page.evaluate("navigator.locks === undefined")
    return desk


def test_without_locks_one_tab_sends_and_hands_over(newsroom: Newsroom, open_desk: Open) -> None:
    desk = without_locks(open_desk(newsroom.set(TEXT), fresh=True))
    desk.mark("Ardenia", "a")
    other = beside(desk)
    sent: list[str] = []
    other.page.on("request", lambda request: sent.append(request.method))
    other.mark("Velmora", "a")
    assert "POST" not in sent
    desk.page.close()
    other.mark("Mira Halvorsen", "a")
    assert sent.count("POST") == 1
    assert [quote for _, quote in desk.facts()] == ["Mira Halvorsen", "Ardenia", "Velmora"]


def test_the_lease_of_a_tab_that_crashed_ends(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT), fresh=True)
    name = f"standpoint.sender/standpoint.outbox/ann/{desk.row.pk}/"
    lease = "(name) => localStorage.setItem(name, JSON.stringify({tab: 'gone', until: Date.now() + 4000}))"
    desk.page.evaluate(lease, name)
    without_locks(desk)
    desk.drag("Ardenia")
    desk.press("a")
    desk.page.wait_for_timeout(500)
    assert not desk.spans()
    expect(desk.part("saved")).to_have_attribute("data-pending", "1")
    desk.saved()
    assert desk.facts() == [("actor", "Ardenia")]


def test_what_arrived_before_the_tab_was_closed_is_there_once(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT))

    def cut(route: Route) -> None:
        route.fetch()
        route.abort()

    meet(desk, cut)
    desk.drag("Ardenia")
    desk.press("a")
    expect(desk.part("saved")).to_have_text("1 change not saved")
    assert desk.facts() == [("actor", "Ardenia")]
    again = beside(desk)
    desk.page.close()
    again.saved()
    expect(again.lines).to_have_count(1)
    assert desk.facts() == [("actor", "Ardenia")]


def test_two_tabs_send_once_and_see_each_other(newsroom: Newsroom, open_desk: Open) -> None:
    desk = open_desk(newsroom.set(TEXT))
    other = beside(desk)
    other.mark("Ardenia", "a")
    expect(desk.lines).to_have_count(1)
    desk.mark("Velmora", "a")
    expect(other.lines).to_have_count(2)
    other.choose("Velmora")
    other.field("role_text").fill("state")
    other.press("Enter")
    other.saved()
    desk.choose("Velmora")
    expect(desk.field("role_text")).to_have_value("state")
    other.part("text").focus()
    other.press("u", "u")
    expect(desk.lines).to_have_count(1)
    desk.saved()
    other.saved()
    assert desk.facts() == [("actor", "Velmora")]


def test_work_is_never_sent_as_somebody_else(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    desk = open_desk(row)
    context, home = desk.page.context, desk.page.evaluate("location.origin")
    desk.mark("Velmora", "a")
    context.clear_cookies(name="sessionid")
    desk.drag("Ardenia")
    desk.press("a")
    expect(desk.part("trouble")).to_contain_text("You are signed out.")
    elsewhere = context.new_page()
    sign_in(elsewhere, "rae", "/admin/")
    elsewhere.wait_for_url("**/admin/")
    desk.page.locator('[data-action="retry"]').click()
    expect(desk.part("trouble")).to_contain_text("You are signed in as rae now.")
    expect(desk.part("saved")).to_have_attribute("data-pending", "1")
    hers = Desk(elsewhere, row)
    hers.open()
    expect(hers.lines).to_have_count(1)
    expect(hers.part("saved")).to_have_attribute("data-pending", "0")
    desk.page.close()
    assert waiting(elsewhere) == 1
    context.add_cookies([session_of("ann", home)])
    hers.open()
    hers.saved()
    expect(hers.lines).to_have_count(2)
    assert desk.facts() == [("actor", "Ardenia"), ("actor", "Velmora")]


#: How many changes the page has ever owned up to: the test is too slow itself to catch it in the act.
REMEMBER_MOST_PENDING = """() => {
  const part = document.querySelector('[data-part="saved"]');
  window.mostPending = 0;
  const look = () => { window.mostPending = Math.max(window.mostPending, Number(part.dataset.pending)); };
  new MutationObserver(look).observe(part, { attributes: true });
}"""


def test_five_fast_marks_over_a_slow_network_arrive_in_order(newsroom: Newsroom, open_desk: Open) -> None:
    text = " ".join(f"Actor{number} spoke." for number in range(5))
    desk = open_desk(newsroom.set(text))

    def slowly(route: Route) -> None:
        time.sleep(3 if not desk.spans() else 0.2)
        route.continue_()

    desk.page.evaluate(REMEMBER_MOST_PENDING)
    meet(desk, slowly)
    for number in range(5):
        desk.drag(f"Actor{number}")
        desk.press("a")
    for _ in range(5):
        desk.press("j")
    desk.saved()
    assert desk.page.evaluate("window.mostPending") > 0
    assert [quote for _, quote in desk.facts()] == [f"Actor{number}" for number in range(5)]
    expect(desk.lines).to_have_count(5)


def test_an_unsent_change_does_not_cover_what_somebody_changed_since(
    newsroom: Newsroom, open_desk: Open
) -> None:
    row = newsroom.set(TEXT)
    span = make_span(row, "claim", 25, 57, attributes={"mode": "indirect"})
    desk = open_desk(row)
    meet(desk, lambda route: route.abort())
    desk.choose("Ardenia would pay")
    desk.field("mode").select_option("mixed")
    expect(desk.part("saved")).to_have_text("1 change not saved")
    other_page = desk.page.context.new_page()
    desk.page.close()
    spans.change(newsroom.people["ann"], span, {"attributes": {"mode": "direct"}}, version=1)
    other = Desk(other_page, row)
    other.open()
    dialog = other.page.locator('dialog[data-dialog="conflict"]')
    expect(dialog.locator("tr.differs td")).to_have_text(["mixed", "direct"])
    dialog.locator('[data-choice="mine"]').click()
    other.saved()
    assert [one.attributes for one in other.spans()] == [{"mode": "mixed"}]


def test_everything_is_undone_and_done_again(newsroom: Newsroom, open_desk: Open) -> None:
    row = newsroom.set(TEXT)
    make_span(row, "actor", TEXT.index("Velmora"), TEXT.index(" is against"))
    desk = open_desk(row)

    def facts() -> list[tuple[str, str, str]]:
        desk.saved()
        return [(span.label, span.quote, str(sorted(span.attributes.items()))) for span in desk.spans()]

    seen = [facts()]

    def over(quote: str, key: str) -> None:
        desk.drag(quote)
        desk.press(key)

    def alone(key: str) -> None:
        desk.part("text").focus()
        desk.press(key)

    steps: list[Callable[[], object]] = [
        lambda: over("Ardenia would pay", "c"),
        lambda: desk.field("claim_type").select_option("demand"),
        lambda: alone("f"),
        lambda: over("would pay for", "r"),
        lambda: desk.field("label").select_option("position"),
        lambda: alone("Delete"),
    ]
    for step in steps:
        step()
        seen.append(facts())
    assert len(seen[-1]) == 1
    desk.part("text").focus()
    for before in reversed(seen[:-1]):
        desk.press("u")
        assert facts() == before
    for after in seen[1:]:
        desk.press("Shift+U")
        assert facts() == after
