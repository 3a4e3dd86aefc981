"""The pages of webhooks in a real browser: made, copied, tested, on a phone and in the dark."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotations.models import Delivery, Webhook
from annotations.services.webhooks import sender
from tests.browser.barriers import list_barriers
from tests.newsroom import Newsroom
from tests.receiver import running_receiver

pytestmark = pytest.mark.browser

Open = Callable[..., Any]


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to see the pages."""
    if folder := os.environ.get("STANDPOINT_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")


def test_a_manager_makes_a_webhook_and_sees_what_became_of_a_test(
    newsroom: Newsroom, open_page: Open, settings: Any
) -> None:
    settings.OUTGOING_ALLOW_LOOPBACK = True
    page: Page = open_page("max")
    with running_receiver() as receiver:
        receiver.statuses, receiver.content = [200], b"Thank you."
        page.goto(reverse("admin:annotations_corpus_webhooks", args=(newsroom.lake.pk,)))
        page.wait_for_load_state("load")
        page.get_by_role("textbox", name="Address").fill("https://10.0.0.1/hook")
        page.get_by_label("An article was added.").check()
        page.get_by_role("button", name="Add the webhook").click()
        expect(page.locator(".errorlist")).to_contain_text("10.0.0.1 is not a public address")
        page.get_by_role("textbox", name="Address").fill(receiver.url)
        page.get_by_role("button", name="Add the webhook").click()
        secret = page.get_by_label("Secret", exact=True).input_value()
        assert secret == Webhook.objects.get().secret
        assert list_barriers(page, "list") == {}
        look(page, "webhooks")
        page.get_by_role("link", name="I have copied it").click()
        page.get_by_role("button", name="Send a test").click()
        expect(page.locator(".messagelist")).to_contain_text("A test is on its way")
        assert sender.send_due()
        assert receiver.messages[0].verify(secret)
    page.reload()
    page.locator(".deliveries summary", has_text="webhook.test").click()
    expect(page.locator(".deliveries pre").last).to_have_text("Thank you.")
    assert list_barriers(page, "webhook") == {}
    look(page, "webhook")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".deliveries summary strong")).to_have_text("pending")
    page.get_by_role("button", name="Make a new secret").click()
    expect(page.get_by_label("Secret", exact=True)).not_to_have_value(secret)
    page.get_by_role("button", name="Disable").click()
    expect(page.locator("strong", has_text="A manager has disabled it.")).to_be_visible()
    assert Delivery.objects.count() == 1


def test_the_pages_are_whole_on_a_phone_in_the_dark_and_in_german(
    newsroom: Newsroom, open_page: Open
) -> None:
    row = Webhook.objects.create(
        corpus=newsroom.lake, url="https://cms.example.org/" + "hook-" * 20, events=["set.approved"],
        secret="whsec_x", created_by=newsroom.user("max"), created_at=timezone.now(),
        state="disabled", disabled_reason="failing", disabled_at=timezone.now(),
    )  # fmt: skip
    Delivery.objects.create(
        webhook=row, message_id="msg_1", event_seq=1, event_time=timezone.now(), type="set.approved",
        state="parked", request='{"type":"set.approved"}' * 20, answer="Sorry. " * 90, status=500,
        error="It answered 500; only 2xx counts as received.", created_at=timezone.now(),
    )  # fmt: skip
    page: Page = open_page("max")
    fits = "document.documentElement.scrollWidth <= innerWidth"
    for name, arguments in (("webhooks", ()), ("webhook", (row.pk,))):
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(reverse(f"admin:annotations_corpus_{name}", args=(newsroom.lake.pk, *arguments)))
        page.wait_for_load_state("load")
        if name == "webhook":
            page.locator(".deliveries summary").click()
        assert list_barriers(page, name) == {}
        assert page.evaluate(fits)
        look(page, f"{name}-phone")
        page.set_viewport_size({"width": 1180, "height": 800})
        page.emulate_media(color_scheme="dark")
        assert list_barriers(page, f"{name}, wide") == {}
        look(page, f"{name}-dark")
        page.context.add_cookies([{"name": "django_language", "value": "de", "url": page.url}])
        page.reload()
        assert page.evaluate("document.documentElement.lang") == "de"
        assert page.evaluate(fits)
        look(page, f"{name}-de")
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate(fits)
        page.context.clear_cookies(name="django_language")
