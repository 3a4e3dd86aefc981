"""Single sign-on and the second factor, as people meet them: under the policy, on a phone, for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import Page, expect

from annotations.issuers import IssuerSettings
from tests.browser.barriers import list_barriers
from tests.browser.conftest import Guards, sign_in
from tests.identity.issuer import CLIENT_ID, CLIENT_SECRET, StubIssuer, running_issuer
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
ACCOUNT = "/admin/account/"


def settle(issuer: StubIssuer, settings: LazySettings) -> None:
    cache.clear()
    settings.OUTGOING_ALLOW_LOOPBACK = True
    settings.MFA_REQUIRED = "NONE"
    settings.OIDC = IssuerSettings(
        issuer=issuer.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="House"
    )


def test_a_sign_in_by_the_button_and_out_again(
    newsroom: Newsroom, open_page: Open, guards: Guards, settings: LazySettings
) -> None:
    with running_issuer() as issuer:
        settle(issuer, settings)
        page = open_page("", viewport={"width": 390, "height": 844})
        page.goto(f"/admin/login/?next={ACCOUNT}")
        page.get_by_role("link", name="Sign in with House").click()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        expect(page.get_by_text("Your account is connected with House, as ines.")).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("link", name="Sign out of House as well")).to_be_visible()
        # the way there and back is the one request to another host; the policy has refused nothing
        guards.found[:] = [found for found in guards.found if not found.startswith(f"request: {issuer.url}/")]


def test_the_pages_of_sign_ins_can_be_used_by_everybody(
    newsroom: Newsroom, open_page: Open, guards: Guards, settings: LazySettings
) -> None:
    found = {}

    def look(page: Page, where: str) -> None:
        page.wait_for_load_state("load")
        found.update(list_barriers(page, where))
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    with running_issuer() as issuer:
        settle(issuer, settings)
        page = open_page("", viewport={"width": 390, "height": 844})
        page.goto("/admin/login/")
        look(page, "sign-in")
        sign_in(page, "max", ACCOUNT)
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        look(page, "account")
        page.get_by_role("link", name="Connect with House").click()
        expect(page.get_by_role("heading", name="Connect your account")).to_be_visible()
        look(page, "connect")
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_role("button", name="Disconnect")).to_be_visible()
        page.get_by_role("link", name="Add a second factor").click()
        look(page, "second factor")
        secret = page.locator(".factor-secret").inner_text().replace(" ", "")
        page.fill("#id_code", format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))
        page.fill("#id_password", "secret")
        page.get_by_role("button", name="Add the second factor").click()
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        look(page, "recovery codes")
        paper = page.locator(".recovery-codes li").first.inner_text()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_text("You are signed out here.")).to_be_visible()
        look(page, "signed out")
        sign_in(page, "max", "/admin/")
        expect(page.get_by_label("Code")).to_be_focused()
        page.fill("#id_code", "000000")
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile("This code is wrong"))).to_be_visible()
        look(page, "code")
        page.fill("#id_code", paper)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="My work")).to_be_visible()
        page.goto(f"{ACCOUNT}sign-in/back/")
        look(page, "refused")
        guards.found[:] = [found for found in guards.found if not found.startswith(f"request: {issuer.url}/")]
    assert not found, found
