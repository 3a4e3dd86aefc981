"""Hostile text runs nothing and asks nobody; and everybody can use the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.models import AnnotationSet, Comment, Role
from annotations.services.core import comments
from annotations.services.core.comments import CommentDraft
from annotations.services.registry import entries
from tests.browser.barriers import list_barriers
from tests.browser.conftest import Guards
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span, make_user, move, seen_by
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
IMAGE = '<img src="https://elsewhere.example/x" onerror="alert(1)">'
SCRIPT = "</script><script>alert(document.domain)</script>"
VECTORS = (
    SCRIPT,
    IMAGE,
    '"><svg onload=alert(1)>',
    "<style>@import 'https://elsewhere.example/x';</style>",
    "<!--<script>",
    "javascript:alert(1)",
    "{{ constructor.constructor('alert(1)')() }}",
    "\u202egnorw si siht",
)


def hostile_set(newsroom: Newsroom) -> AnnotationSet:
    """A set in which every text that a person can write is an attack."""
    by = newsroom.user("max")
    villain = make_user("<b>villain</b>")
    newsroom.join(villain, Role.REVIEWER)
    text = "\n\n".join(f"{vector} said Lorn." for vector in VECTORS)
    row = newsroom.set_on(text, title=IMAGE, source=SCRIPT, author=IMAGE, external_id=SCRIPT)
    corpus = seen_by(by, newsroom.lake)
    actor, _ = entries.add_actor(by, corpus, {"name": IMAGE, "kind": "person"})
    issue, _ = entries.add_proposition(by, corpus, {"text": SCRIPT, "kind": "issue"})
    start = text.index("Lorn")
    span = make_span(row, "actor", start, start + 4, actor_id=actor.pk, attributes={"role_text": IMAGE})
    make_span(row, "position", 0, len(SCRIPT), proposition_id=issue.pk, attributes={"stance": "oppose"})
    for number, vector in enumerate(VECTORS[:3]):
        draft = CommentDraft(text=vector, span_id=span.pk if number else None)
        comments.add_comment(newsroom.user("ann") if number else villain, row.pk, draft)
    return row


@pytest.mark.parametrize("who", ["ann", pytest.param("rae", marks=pytest.mark.slow)])
def test_hostile_text_is_only_text(who: str, newsroom: Newsroom, open_workbench: Open) -> None:
    row = hostile_set(newsroom)
    workbench = open_workbench(row, who, by_page=True)
    assert workbench.text == row.revision.text
    expect(workbench.part("title")).to_have_text(IMAGE)
    expect(workbench.part("comments")).to_contain_text(SCRIPT)
    for words in ("Lorn", SCRIPT[:20]):
        workbench.choose(words)
        expect(workbench.current.locator(".summary")).to_contain_text(
            IMAGE if words == "Lorn" else SCRIPT[:20]
        )
    for tab in ("problems", "comments", "spans"):
        workbench.page.locator(f'[data-tab="{tab}"]').click()
    if who == "ann":
        workbench.choose("Lorn")
        workbench.field("actor").click()
        workbench.field("actor").fill("img")
        expect(workbench.page.locator('[role="option"]').first).to_contain_text(IMAGE)
    assert (
        workbench.page.locator("img, script:not([src]):not([type='application/json']), svg[onload]").count()
        == 0
    )
    assert Comment.objects.filter(set=row).count() == 3  # the guards look for what ran


def test_the_reference_of_the_api_keeps_the_policy(
    open_page: Callable[..., Page], newsroom: Newsroom
) -> None:
    """The guards look for what the policy stops, and for requests to other hosts."""
    page = open_page("max", fresh=True)
    page.goto("/api/v1/docs/")
    operation = page.locator("#operations-actor-actor_list")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("slug").fill("lake")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('"results"')
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert page.evaluate("ui.getConfigs().validatorUrl") is None


def test_a_text_that_is_a_page_runs_nothing(open_page: Callable[..., Page], newsroom: Newsroom) -> None:
    article = newsroom.article("<script>document.title = 'ran'</script>")
    page = open_page("max", fresh=True)
    page.goto(f"/api/v1/articles/{article.pk}/text/")
    assert page.evaluate("[document.title, self.origin]") == ["", "null"]


def test_the_page_is_served_under_a_strict_policy(
    newsroom: Newsroom, open_workbench: Open, guards: Guards
) -> None:
    workbench = open_workbench(newsroom.set_on("Lorn said no."))
    answer = workbench.page.goto(workbench.path)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    # an inline handler would be dropped and told; that the guard hears of it is proved here
    workbench.page.evaluate("""document.body.setAttribute("onclick", "window.ran = 1")""")
    workbench.page.locator("h1").click()
    assert workbench.page.evaluate("window.ran") is None
    assert guards.found == ["CSP: script-src-attr: inline"]
    guards.found.clear()


def test_no_barrier_for_anybody(newsroom: Newsroom, open_workbench: Open) -> None:
    text = "Mira Halvorsen said that Ardenia would pay.\n\nقالت ميرا ذلك."
    row = newsroom.set_on(text, language="en", source="Lakeside Courier")
    source = make_span(row, "actor", 0, 14, attributes={"mention_type": "name"})
    claim = make_span(row, "claim", 25, 42)
    comments.add_comment(newsroom.user("rae"), row.pk, CommentDraft(text="Who pays?", span_id=claim.pk))
    workbench = open_workbench(row)
    workbench.choose("Ardenia would pay")
    workbench.pick("relation-target", "", source.quote)
    workbench.saved()
    found = [list_barriers(workbench.page, "spans")]
    for tab in ("problems", "comments"):
        workbench.page.locator(f'[data-tab="{tab}"]').click()
        workbench.drag("Mira")  # brings up the buttons beside the selection
        found.append(list_barriers(workbench.page, tab))
    for opened in ("withdraw", "keys"):
        button = f'[data-transition="{opened}"], [data-part="{opened}"]'
        workbench.page.locator(button).click()
        expect(workbench.page.locator(f'dialog[data-dialog="{opened}"]')).to_be_visible()
        found.append(list_barriers(workbench.page, opened))
        workbench.press("Escape")
    workbench.page.locator('[data-tab="spans"]').click()
    workbench.choose("Mira")
    workbench.field("actor").fill("M")
    expect(workbench.page.locator('[role="option"]').first).to_be_visible()
    found.append(list_barriers(workbench.page, "options"))
    move(newsroom.user("ann"), row, "submit")
    review = open_workbench(row, "rae", viewport={"width": 768, "height": 1024})
    review.choose("Mira")
    found.append(list_barriers(review.page, "review"))
    review.drag("Ardenia")
    review.press("c")
    found.append(list_barriers(review.page, "suggestion"))
    assert not any(found), found


def test_the_page_fits_a_narrow_window(newsroom: Newsroom, open_workbench: Open) -> None:
    # 320 CSS pixels are 1280 at 400 % zoom: nothing may need scrolling in two directions
    row = newsroom.set_on("Mira Halvorsen said that Ardenia would pay. " * 20)
    make_span(row, "actor", 0, 14)
    workbench = open_workbench(row, viewport={"width": 320, "height": 640})
    workbench.choose("Mira")
    width = workbench.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
