"""Adjudication and the pages of a team in a real browser: by keys, in the dark, and for everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotations.enums import DecisionState, State
from annotations.models import AnnotationSet, Decision, Membership, Role
from annotations.services.double_annotation import adjudication
from annotations.services.team import invitations
from tests.browser.barriers import list_barriers
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_article, make_set, make_span, make_user, move, seen_by
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
TEXT = "👩‍👩‍👧 The office said that the lock will close. Ada Verde is opposed to any new toll."
HEBREW = "שר התחבורה אמר כי הסכר ייסגר. עדה ורדה מתנגדת לכל היטל חדש."


def disputed(
    newsroom: Newsroom, text: str = TEXT, quotes: tuple[str, ...] = ("the lock", "lock")
) -> AnnotationSet:
    """Rae's adjudication of two sets that agree in one mark and differ in two."""
    article = make_article(newsroom.lake, text, annotators=2, title="The lock")
    actor = "Ada Verde" if "Ada" in text else "עדה ורדה"
    for name, quote in zip(("ann", "ben"), quotes, strict=True):
        row = make_set(article, newsroom.user(name))
        mark(row, "actor", actor, text)
        mark(row, "claim", quote, text)
        if name == "ben":
            mark(row, "position", text[-20:-1].strip(), text)
        move(newsroom.user(name), row, "submit")
    return adjudication.begin_adjudication(newsroom.user("rae"), article.pk)[0]


def mark(row: AnnotationSet, label: str, quote: str, text: str) -> None:
    """Mark the words."""
    start = text.index(quote)
    make_span(row, label, start, start + len(quote))


def line(workbench: WorkbenchPage, number: int) -> Any:
    """One of the differences."""
    return workbench.page.locator("[data-decision]").nth(number)


def test_differences_are_settled_by_keys_alone(newsroom: Newsroom, open_workbench: Open) -> None:
    row = disputed(newsroom)
    workbench = open_workbench(row, "rae")
    expect(workbench.page.locator("[data-decision]")).to_have_count(2)
    expect(workbench.part("decisions-note")).to_have_text("2 of 2 differences open.")
    expect(line(workbench, 0).locator('[data-side="A"]')).to_contain_text("ann")
    expect(line(workbench, 0).locator('[data-side="A"] mark')).to_have_text("the lock")
    expect(line(workbench, 1)).to_have_attribute("data-state", "open")
    workbench.page.locator('[data-transition="submit"]').click()
    workbench.expect_message("settle every difference first")
    workbench.page.locator("body").click(position={"x": 5, "y": 5})
    workbench.press("y", "Shift+B", "Shift+X")
    workbench.expect_message("Every difference is settled.")
    workbench.saved()
    found = {one.kind: one for one in Decision.objects.filter(set=row)}
    assert (found["boundary"].choice, found["boundary"].reason) == ("take_b", "label")
    assert (found["missed"].choice, found["missed"].reason) == ("drop", "missed")
    assert workbench.facts() == [("claim", "lock"), ("actor", "Ada Verde")]
    workbench.press(",", "Shift+R")
    workbench.saved()  # the answer draws the text again, and a selection made before it is gone
    expect(workbench.part("decisions-note")).to_have_text("1 of 2 differences open.")
    workbench.drag("said that the lock will close")
    workbench.press("Shift+O", "Enter")
    workbench.saved()
    expect(workbench.part("decisions-note")).to_have_text("All 2 differences settled.")
    own = Decision.objects.get(set=row, choice="own")
    assert own.span is not None
    assert own.span.quote == "said that the lock will close"
    workbench.page.locator('[data-transition="submit"]').click()
    workbench.expect_message("Submitted for review.")


def test_a_refused_decision_is_open_again_and_said(newsroom: Newsroom, open_workbench: Open) -> None:
    row = disputed(newsroom)
    workbench = open_workbench(row, "rae")
    expect(workbench.page.locator("[data-decision]")).to_have_count(2)
    first = Decision.objects.filter(set=row).order_by("pk")[0]
    status = workbench.fetch(
        "POST", f"decisions/{first.pk}/settle/", {"choice": "take_a", "reason": "slip"}, 1
    )
    assert status == 200
    line(workbench, 0).locator('[data-decide="take-B"]').click()
    workbench.expect_message("Not saved:")
    expect(line(workbench, 0)).to_have_attribute("data-state", "settled")
    assert Decision.objects.get(pk=first.pk).choice == "take_a", "what was decided stays"


def test_a_cut_connection_delays_a_decision_and_loses_none(newsroom: Newsroom, open_workbench: Open) -> None:
    row = disputed(newsroom)
    workbench = open_workbench(row, "rae")
    expect(workbench.page.locator("[data-decision]")).to_have_count(2)
    workbench.page.route("**/settle/", lambda route: route.abort(), times=2)
    workbench.press("Shift+A", "Shift+B")
    expect(workbench.part("saved")).not_to_have_attribute("data-pending", "0")
    workbench.saved()
    workbench.expect_message("Every difference is settled.")
    assert Decision.objects.filter(set=row, state=DecisionState.SETTLED).count() == 2


def test_who_may_not_settle_only_reads(newsroom: Newsroom, open_workbench: Open) -> None:
    row = disputed(newsroom)
    workbench = open_workbench(row, "max")
    expect(line(workbench, 0).locator('[data-side="A"]')).to_be_visible()
    assert workbench.page.locator("[data-decide]").count() == 0
    workbench.press("Shift+A")
    workbench.expect_message("This adjudication is not yours")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEBREW, id="right to left"),
        pytest.param(TEXT, id="left to right", marks=pytest.mark.slow),
    ],
)
def test_adjudication_can_be_used_by_everybody(newsroom: Newsroom, open_workbench: Open, text: str) -> None:
    quotes = ("the lock", "lock") if text == TEXT else ("הסכר ייסגר", "כי הסכר ייסגר")
    workbench = open_workbench(disputed(newsroom, text, quotes), "rae")
    expect(workbench.page.locator("[data-decision]")).to_have_count(2)
    workbench.press(".", "Shift+O")
    found = list_barriers(workbench.page, text)
    assert not found, json.dumps([[*key, nodes] for key, nodes in found.items()], indent=1)
    focused = workbench.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert focused == "solid", "one sees where one is"


def test_the_pages_of_a_team_can_be_used_by_everybody(newsroom: Newsroom, open_page: Open) -> None:
    row = disputed(newsroom)
    newsroom.set_on("Lorn said no.", title="Waits")
    names = ("team", "hand_out", "calibration", "agreement", "invitations")
    pages = [reverse(f"admin:annotations_corpus_{name}", args=(newsroom.lake.pk,)) for name in names]
    pages += [
        reverse("admin:annotations_annotationset_reviewers", args=(row.pk,)),
        reverse("admin:notifications"),
        reverse("admin:annotations_annotationset_change", args=(row.pk,)),
    ]
    found = {}
    page: Page = open_page("max")
    for url in pages:
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, url
        page.evaluate("document.querySelectorAll('#content details').forEach((one) => { one.open = true; })")
        found.update(list_barriers(page, url))
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)


def test_a_manager_hands_out_and_releases(newsroom: Newsroom, open_page: Open) -> None:
    article = make_article(newsroom.lake, title="By hand")
    page: Page = open_page("max")
    page.goto(reverse("admin:annotations_corpus_hand_out", args=(newsroom.lake.pk,)))
    expect(page.get_by_role("link", name="Choose a Date: Due")).to_be_visible()
    expect(page.get_by_role("link", name="Choose a Time: Due")).to_be_visible()
    page.get_by_label("Take By hand").check()
    page.locator("input[name=owners][value=ben]").check()
    page.get_by_role("button", name="Hand out").click()
    expect(page.locator(".messagelist")).to_contain_text("1 set was handed out.")
    row = AnnotationSet.objects.get(article=article)
    page.goto(reverse("admin:annotations_annotationset_change", args=(row.pk,)))
    page.locator("summary", has_text="Give back to the queue").click()
    page.get_by_role("button", name="Give back to the queue").click()
    expect(page.locator(".messagelist")).to_contain_text("given back to the queue")
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN


def test_an_invited_person_comes_in(newsroom: Newsroom, open_page: Open) -> None:
    boss = newsroom.user("max")
    token = invitations.create_invitation(boss, seen_by(boss, newsroom.lake), Role.REVIEWER)[1]
    make_user("una")
    page: Page = open_page("una")
    page.context.clear_cookies()
    page.goto(invitations.invitation_path(token))
    page.get_by_label("User name").fill("kim")
    page.get_by_label("Password", exact=False).first.fill("a ferry in the morning")
    page.get_by_label("The password again").fill("a ferry in the morning")
    page.get_by_role("button", name="Make my account").click()
    expect(page.locator(".messagelist")).to_contain_text("Welcome")
    kim = User.objects.get(username="kim")
    assert Membership.objects.get(user=kim).role == Role.REVIEWER
