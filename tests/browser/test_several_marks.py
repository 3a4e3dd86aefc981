"""Several marks at once: chosen by keys alone, changed as one write, and taken back by one undo."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Request, expect

from annotations.models import Event, Span
from tests.browser.workbench_page import WorkbenchPage
from tests.factories import make_span
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., WorkbenchPage]
TEXT = "Ada Verde paid. Ben said no. Ada Verde paid again, and Lorn said so.\n\nAda Verde left."


def labels(workbench: WorkbenchPage) -> list[str]:
    """The labels of the stored marks, in reading order."""
    spans = Span.objects.filter(set=workbench.row).order_by("start")
    return [f"{span.label} {span.quote} {span.actor.name if span.actor else '-'}" for span in spans]


def attributes(workbench: WorkbenchPage) -> list[dict[str, str]]:
    """The attributes of the stored marks, in reading order."""
    return list(Span.objects.filter(set=workbench.row).order_by("start").values_list("attributes", flat=True))


def change_by_keys(workbench: WorkbenchPage, sent: list[Request]) -> None:
    """By keys alone: a run, then one more, then the bar."""
    page, bar = workbench.page, workbench.part("group")
    before = labels(workbench)
    workbench.part("text").focus()
    workbench.press("j")
    workbench.current.locator(".span-head").focus()
    workbench.press("Shift+ArrowDown")
    expect(bar.locator('[data-part="group-count"]')).to_have_text("2 marks chosen")
    workbench.press("j", "j", "z")
    expect(bar.locator('[data-part="group-count"]')).to_have_text("3 marks chosen")
    expect(workbench.part("announce")).to_have_text("3 marks chosen")
    expect(page.locator(".span.grouped")).to_have_count(3)
    workbench.press("h")
    expect(bar.locator('[data-action="delete-group"]')).to_be_focused()
    workbench.press("Tab", "Tab", "Enter")
    expect(bar.locator('[data-group-label="claim"]')).to_be_focused()
    workbench.saved()
    assert [one.split()[0] for one in labels(workbench)] == ["claim", "claim", "actor", "claim"]
    assert [(one.method, one.url.rsplit("/", 2)[1]) for one in sent] == [("POST", "bulk")]
    workbench.press("Control+z")
    workbench.saved()
    assert labels(workbench) == before
    assert len(sent) == 2


def set_an_attribute(workbench: WorkbenchPage, sent: list[Request]) -> None:
    """The kind of mention of all, by keys from the bar, and taken back."""
    page, bar = workbench.page, workbench.part("group")
    before = attributes(workbench)
    del sent[:]
    workbench.part("text").focus()
    workbench.press("Shift+Z", "h")
    expect(bar.locator('[data-part="group-count"]')).to_have_text("4 marks chosen")
    bar.locator('[data-field="group-attribute"]').select_option("mention_type")
    value = bar.locator('[data-field="group-value"]')
    value.select_option("description")
    value.press("Enter")
    workbench.expect_message("Changed “mention type” of 4 marks.")
    workbench.saved()
    assert attributes(workbench) == [{"mention_type": "description"}] * 4
    assert [(one.method, one.url.rsplit("/", 2)[1]) for one in sent] == [("POST", "bulk")]
    page.locator('[data-part="undo"]').click()
    workbench.saved()
    assert attributes(workbench) == before
    workbench.part("text").focus()
    workbench.press("Escape")


def link_a_filter(workbench: WorkbenchPage, actor: str) -> None:
    """All of a filter, linked from the field of the bar."""
    page, bar = workbench.page, workbench.part("group")
    page.locator('[data-part="filter"] summary').click()
    page.locator('[data-filter="label"]').select_option("actor")
    page.locator('[data-action="choose-shown"]').click()
    expect(bar.locator('[data-part="group-count"]')).to_have_text("4 marks chosen")
    bar.locator('[data-field="group-actor"]').fill("Lorn")
    page.locator('[role="option"]', has_text="Lorn").first.click()
    workbench.saved()
    assert {str(pk) for pk in Span.objects.filter(set=workbench.row).values_list("actor", flat=True)} == {
        actor
    }
    workbench.part("text").focus()
    workbench.press("Escape")
    expect(bar).to_be_hidden()


def delete_hits_offline(workbench: WorkbenchPage, sent: list[Request]) -> None:
    """The marks on the hits of a search, deleted while nothing reaches the service."""
    page, bar = workbench.page, workbench.part("group")
    workbench.press("/")
    page.locator('[data-field="find"]').fill("ada verde")
    page.locator('[data-action="choose-hits"]').click()
    expect(bar.locator('[data-part="group-count"]')).to_have_text("2 marks chosen")
    page.context.set_offline(True)
    workbench.part("text").focus()
    workbench.press("Delete")
    expect(workbench.lines).to_have_count(2)
    workbench.expect_message("Deleted 2 marks.")
    expect(workbench.part("saved")).to_have_attribute("data-pending", "2")
    del sent[:]
    page.context.set_offline(False)
    workbench.saved()
    assert [one.split()[1] for one in labels(workbench)] == ["Ben", "Lorn"]
    workbench.press("u")
    expect(workbench.lines).to_have_count(4)
    workbench.saved()
    assert len(labels(workbench)) == 4
    actions = list(
        Event.objects.filter(set_id=workbench.row.pk, action="span_deleted").values_list(
            "username", flat=True
        )
    )
    assert actions == ["ann", "ann"]


def test_many_marks_are_changed_by_one_write_and_one_undo(newsroom: Newsroom, open_workbench: Open) -> None:
    lorn = newsroom.actor("Lorn", kind="state")
    row = newsroom.set_on(TEXT)
    for quote in ("Ada Verde paid.", "Ben", "Ada Verde paid again", "Lorn"):
        start = TEXT.index(quote)
        make_span(row, start=start, end=start + len(quote), attributes={})
    workbench = open_workbench(row)
    page = workbench.page
    page.wait_for_load_state("load")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method != "GET" else None)
    change_by_keys(workbench, sent)
    set_an_attribute(workbench, sent)
    link_a_filter(workbench, lorn)
    delete_hits_offline(workbench, sent)


def test_the_mouse_chooses_a_run_and_single_marks(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.set_on(TEXT)
    for start in (0, 16, 29, 55):
        make_span(row, start=start, end=start + 3)
    workbench = open_workbench(row)
    heads = workbench.page.locator(".span-head")
    heads.nth(0).click()
    heads.nth(2).click(modifiers=["Shift"])
    count = workbench.part("group").locator('[data-part="group-count"]')
    expect(count).to_have_text("3 marks chosen")
    heads.nth(1).click(modifiers=["Control"])
    expect(count).to_have_text("2 marks chosen")
    heads.nth(3).click(modifiers=["Control"])
    expect(count).to_have_text("3 marks chosen")
    workbench.part("group").locator('[data-action="delete-group"]').click()
    expect(workbench.lines).to_have_count(1)
    workbench.saved()
    assert Span.objects.filter(set=row).count() == 1
    expect(workbench.current.locator(".span-head").or_(heads.first)).to_be_focused()


def test_the_bar_of_a_phone_is_beside_the_button_that_closes_the_sheet(
    newsroom: Newsroom, open_workbench: Open
) -> None:
    row = newsroom.set_on(TEXT)
    make_span(row, start=0, end=3)
    workbench = open_workbench(row)
    workbench.page.set_viewport_size({"width": 390, "height": 800})
    workbench.part("text").focus()
    workbench.press("j", "z")
    expect(workbench.part("group")).to_be_visible()
    close = workbench.page.locator(".sheet-close").bounding_box()
    delete = workbench.part("group").locator('[data-action="delete-group"]').bounding_box()
    assert close is not None
    assert delete is not None
    assert delete["x"] + delete["width"] <= close["x"]


def test_a_reader_chooses_nothing(newsroom: Newsroom, open_workbench: Open) -> None:
    row = newsroom.submitted("ann")
    workbench = open_workbench(row, "rae")
    workbench.part("text").focus()
    workbench.press("Z")
    workbench.expect_message("This set is not yours; its marks cannot be changed.")
    expect(workbench.part("group")).to_be_hidden()
