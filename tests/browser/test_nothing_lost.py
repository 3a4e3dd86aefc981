"""Work outlives the page: reload, closed tab, log-out, two tabs; nothing lost, nothing doubled."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from annotations.services.core import spans
from tests.browser.conftest import Guards, session_of, sign_in
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Mira Halvorsen said that Ardenia would pay for the pilots. Velmora is against the toll."
SPANS = re.compile(r"/spans/")
WAITING = """Object.keys(localStorage).filter((name) => name.startsWith("standpoint.outbox/"))"""


def meet(workbench: WorkbenchPage, fault: Callable[[Route], None]) -> None:
    """Let every write to a span of this tab meet a fault."""
    workbench.page.route(
        SPANS, lambda route: route.continue_() if route.request.method == "GET" else fault(route)
    )


def waiting(page: Page) -> int:
    """How many changes lie in the browser's storage."""
    return len(page.evaluate(WAITING))


def beside(workbench: WorkbenchPage) -> WorkbenchPage:
    """A second tab of the same person with the same set."""
    other = WorkbenchPage(workbench.page.context.new_page(), workbench.row)
    other.open()
    return other


def test_unsent_work_outlives_a_reload(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", TEXT.index("Velmora"), TEXT.index(" is against"))
    workbench = open_workbench(row)
    meet(workbench, lambda route: route.abort())
    workbench.drag("Ardenia")
    workbench.press("a")
    expect(workbench.part("saved")).to_have_text("1 change not saved")
    workbench.field("role_text").fill("state")
    workbench.press("Enter")
    workbench.choose("Velmora")
    workbench.press("Delete")
    expect(workbench.part("saved")).to_have_text("3 changes not saved")
    # the guards answer the browser's question with staying, so a new tab takes the place of the old one
    again = beside(workbench)
    expect(again.lines).to_have_count(1)
    expect(again.part("saved")).to_have_attribute("data-pending", "3")
    workbench.page.close()
    again.saved()
    assert workbench.facts() == [("actor", "Ardenia")]
    assert workbench.spans()[0].attributes["role_text"] == "state"
    assert waiting(again.page) == 0


def test_unsent_work_is_sent_after_a_true_reload(
    newsroom: Newsroom, open_workbench: Open, guards: Guards
) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    meet(workbench, lambda route: route.abort())
    workbench.drag("Ardenia")
    workbench.press("a")
    expect(workbench.part("saved")).to_have_text("1 change not saved")
    asked: list[str] = []
    workbench.page.on("dialog", lambda dialog: asked.append(dialog.type))
    guards.leaves = True
    workbench.page.reload()
    assert asked == ["beforeunload"]
    workbench.ready()
    expect(workbench.lines).to_have_count(1)
    expect(workbench.part("saved")).to_have_text("1 change not saved")
    assert not workbench.spans()
    workbench.page.unroute_all(behavior="wait")
    workbench.page.reload()
    workbench.ready()
    workbench.saved()
    assert workbench.facts() == [("actor", "Ardenia")]
    assert waiting(workbench.page) == 0


def without_locks(workbench: WorkbenchPage) -> WorkbenchPage:
    """The same page as a browser shows it on an address that is not secure."""
    hidden = "Object.defineProperty(Navigator.prototype, 'locks', {get: () => undefined})"
    workbench.page.context.add_init_script(hidden)
    workbench.open()
    assert workbench.page.evaluate("navigator.locks === undefined")
    return workbench


def test_without_locks_one_tab_sends_and_hands_over(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = without_locks(open_workbench(newsroom.set_on(TEXT), fresh=True))
    workbench.mark("Ardenia", "a")
    other = beside(workbench)
    sent: list[str] = []
    other.page.on("request", lambda request: sent.append(request.method))
    other.mark("Velmora", "a")
    assert "POST" not in sent
    workbench.page.close()
    other.mark("Mira Halvorsen", "a")
    assert sent.count("POST") == 1
    assert [quote for _, quote in workbench.facts()] == ["Mira Halvorsen", "Ardenia", "Velmora"]


def test_the_lease_of_a_tab_that_crashed_ends(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT), fresh=True)
    name = f"standpoint.sender/standpoint.outbox/ann/{workbench.row.pk}/"
    lease = """([name, most]) =>
        localStorage.setItem(name, JSON.stringify({tab: 'gone', until: Date.now() + most}))"""
    workbench.page.evaluate(lease, [name, 600_000])
    without_locks(workbench)
    workbench.drag("Ardenia")
    workbench.press("a")
    workbench.page.wait_for_timeout(500)
    assert not workbench.spans()
    expect(workbench.part("saved")).to_have_attribute("data-pending", "1")
    workbench.page.evaluate(lease, [name, -1])
    workbench.saved()
    assert workbench.facts() == [("actor", "Ardenia")]


def test_what_arrived_before_the_tab_was_closed_is_there_once(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))

    def cut(route: Route) -> None:
        route.fetch()
        route.abort()

    meet(workbench, cut)
    workbench.drag("Ardenia")
    workbench.press("a")
    expect(workbench.part("saved")).to_have_text("1 change not saved")
    assert workbench.facts() == [("actor", "Ardenia")]
    again = beside(workbench)
    workbench.page.close()
    again.saved()
    expect(again.lines).to_have_count(1)
    assert workbench.facts() == [("actor", "Ardenia")]


def test_two_tabs_send_once_and_see_each_other(newsroom: Newsroom, open_workbench: Open) -> None:
    workbench = open_workbench(newsroom.set_on(TEXT))
    other = beside(workbench)
    other.mark("Ardenia", "a")
    expect(workbench.lines).to_have_count(1)
    workbench.mark("Velmora", "a")
    expect(other.lines).to_have_count(2)
    other.choose("Velmora")
    other.field("role_text").fill("state")
    other.press("Enter")
    other.saved()
    workbench.choose("Velmora")
    expect(workbench.field("role_text")).to_have_value("state")
    other.part("text").focus()
    other.press("u", "u")
    expect(workbench.lines).to_have_count(1)
    workbench.saved()
    other.saved()
    assert workbench.facts() == [("actor", "Velmora")]


def test_work_is_never_sent_as_somebody_else(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    workbench = open_workbench(row)
    context, home = workbench.page.context, workbench.page.evaluate("location.origin")
    workbench.mark("Velmora", "a")
    context.clear_cookies(name="sessionid")
    workbench.drag("Ardenia")
    workbench.press("a")
    expect(workbench.part("trouble")).to_contain_text("You are signed out.")
    elsewhere = context.new_page()
    sign_in(elsewhere, "rae", "/admin/")
    elsewhere.wait_for_url("**/admin/")
    workbench.page.locator('[data-action="retry"]').click()
    expect(workbench.part("trouble")).to_contain_text("You are signed in as rae now.")
    expect(workbench.part("saved")).to_have_attribute("data-pending", "1")
    hers = WorkbenchPage(elsewhere, row)
    hers.open()
    expect(hers.lines).to_have_count(1)
    expect(hers.part("saved")).to_have_attribute("data-pending", "0")
    workbench.page.close()
    assert waiting(elsewhere) == 1
    context.add_cookies([session_of("ann", home)])
    hers.open()
    hers.saved()
    expect(hers.lines).to_have_count(2)
    assert workbench.facts() == [("actor", "Ardenia"), ("actor", "Velmora")]


#: How many changes the page has ever owned up to: the test is too slow itself to catch it in the act.
REMEMBER_MOST_PENDING = """() => {
  const part = document.querySelector('[data-part="saved"]');
  window.mostPending = 0;
  const look = () => { window.mostPending = Math.max(window.mostPending, Number(part.dataset.pending)); };
  new MutationObserver(look).observe(part, { attributes: true });
}"""


def test_five_fast_marks_over_a_slow_network_arrive_in_order(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    text = " ".join(f"Actor{number} spoke." for number in range(5))
    workbench = open_workbench(newsroom.set_on(text))

    def slowly(route: Route) -> None:
        time.sleep(3 if not workbench.spans() else 0.2)
        route.continue_()

    workbench.page.evaluate(REMEMBER_MOST_PENDING)
    meet(workbench, slowly)
    for number in range(5):
        workbench.drag(f"Actor{number}")
        workbench.press("a")
    for _ in range(5):
        workbench.press("j")
    workbench.saved()
    assert workbench.page.evaluate("window.mostPending") > 0
    assert [quote for _, quote in workbench.facts()] == [f"Actor{number}" for number in range(5)]
    expect(workbench.lines).to_have_count(5)


def test_an_unsent_change_does_not_cover_what_somebody_changed_since(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    span = make_span(row, "claim", 25, 57, attributes={"mode": "indirect"})
    workbench = open_workbench(row)
    meet(workbench, lambda route: route.abort())
    workbench.choose("Ardenia would pay")
    workbench.field("mode").select_option("mixed")
    expect(workbench.part("saved")).to_have_text("1 change not saved")
    other_page = workbench.page.context.new_page()
    workbench.page.close()
    spans.update_span(newsroom.user("ann"), span, {"attributes": {"mode": "direct"}}, version=1)
    other = WorkbenchPage(other_page, row)
    other.open()
    dialog = other.page.locator('dialog[data-dialog="conflict"]')
    expect(dialog.locator("tr.differs td")).to_have_text(["mixed", "direct"])
    dialog.locator('[data-choice="mine"]').click()
    other.saved()
    assert [one.attributes for one in other.spans()] == [{"mode": "mixed"}]


def test_everything_is_undone_and_done_again(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, "actor", TEXT.index("Velmora"), TEXT.index(" is against"))
    workbench = open_workbench(row)

    def facts() -> list[tuple[str, str, str]]:
        workbench.saved()
        return [(span.label, span.quote, str(sorted(span.attributes.items()))) for span in workbench.spans()]

    seen = [facts()]

    def over(quote: str, key: str) -> None:
        workbench.drag(quote)
        workbench.press(key)

    def alone(key: str) -> None:
        workbench.part("text").focus()
        workbench.press(key)

    steps: list[Callable[[], object]] = [
        lambda: over("Ardenia would pay", "c"),
        lambda: workbench.field("claim_type").select_option("demand"),
        lambda: alone("f"),
        lambda: over("would pay for", "r"),
        lambda: workbench.field("label").select_option("position"),
        lambda: alone("Delete"),
    ]
    for step in steps:
        step()
        seen.append(facts())
    assert len(seen[-1]) == 1
    workbench.part("text").focus()
    for before in reversed(seen[:-1]):
        workbench.press("u")
        assert facts() == before
    for after in seen[1:]:
        workbench.press("Shift+U")
        assert facts() == after
