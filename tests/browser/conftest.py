"""A real Chromium, people who sign in, and guards that no page may ever trip."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, expect, sync_playwright

from annotations.models import AnnotationSet
from tests.browser.workbench_page import WorkbenchPage
from tests.conftest import CHROMIUM
from tests.newsroom import Newsroom

FLAGS = (
    "--no-sandbox",  # as root, in a container
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--in-process-gpu",  # nothing is drawn by one; its process would only copy pixels
)
#: Long enough for a machine that does much else; a test that passes never waits for it.
TIMEOUT = 60_000
expect.set_options(timeout=TIMEOUT)
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
    tellViolation(`${event.violatedDirective}: ${event.blockedURI}`));"""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser. It ends with the package: while it runs, the thread has an event loop of
    Playwright's, which makes Django refuse the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            yield browser
            browser.close()


@dataclass
class Guards:
    """What went wrong in a page without anybody asking."""

    home: str
    found: list[str] = field(default_factory=list)
    #: Whether somebody who is asked on leaving says yes.
    leaves: bool = False

    def watch(self, context: BrowserContext) -> None:
        """Listen to everything that happens in a context."""
        context.expose_function("tellViolation", lambda what: self.found.append(f"CSP: {what}"))
        context.add_init_script(TELL_VIOLATIONS)
        context.on("request", self.request)
        context.on("page", self.page)

    def page(self, page: Page) -> None:
        """Listen to a page."""
        page.on("pageerror", lambda error: self.found.append(f"error: {error}"))
        page.on("dialog", self.dialog)

    def dialog(self, dialog: Dialog) -> None:
        """Nothing of ours opens a dialog of the browser but the one on leaving."""
        if dialog.type != "beforeunload":
            self.found.append(f"dialog: {dialog.message}")
        if self.leaves and dialog.type == "beforeunload":
            dialog.accept()
        else:
            dialog.dismiss()

    def request(self, request: Request) -> None:
        """Nothing is asked of another host."""
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws"} and f"{parts.scheme}://{parts.netloc}" != self.home:
            self.found.append(f"request: {request.url}")


@pytest.fixture
def newsroom(transactional_db: None) -> Newsroom:
    """People of every role who may sign in, which the server sees."""
    return Newsroom(staff=True)


def sign_in(page: Page, who: str, path: str) -> None:
    """Through the admin's page, as people do."""
    page.goto(f"/admin/login/?next={path}")
    page.fill("#id_username", who)
    page.fill("#id_password", "secret")
    page.click("[type=submit]")


def session_of(who: str, url: str) -> Any:
    """The cookie of somebody who has signed in."""
    client = Client()
    client.force_login(User.objects.get(username=who))
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}


@pytest.fixture(scope="session", autouse=True)
def nobody_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """At the very end: a thread of the live server may still hold a connection, and no database with
    one can be dropped."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@dataclass
class Contexts:
    """Contexts of the browser that the tests of a worker use one after the other.

    A context that has shown a page before has its scripts in its cache, and shows the next one in a
    quarter of the time. Between two tests it loses its pages, its cookies and what they stored.
    """

    browser: Browser
    guards: Guards
    idle: dict[str, list[BrowserContext]] = field(default_factory=dict)
    used: list[tuple[str, BrowserContext]] = field(default_factory=list)

    def open(self, who: str, *, fresh: bool = False, **options: Any) -> Page:
        """Open an empty page as somebody. ``fresh``: in a context that no other test gets."""
        key = "" if fresh else repr(sorted(options.items()))
        idle = self.idle.get(key, []) if key else []
        context = idle.pop() if idle else self._make(options)
        self.used.append((key, context))
        if who:
            context.add_cookies([session_of(who, self.guards.home)])
        return context.new_page()

    def _make(self, options: dict[str, Any]) -> BrowserContext:
        context = self.browser.new_context(base_url=self.guards.home, **options)
        context.set_default_timeout(TIMEOUT)
        self.guards.watch(context)
        return context

    def end(self) -> None:
        """Close what a test has opened."""
        for key, context in self.used:
            if not key:
                context.close()
                continue
            context.clear_cookies()
            page = context.new_page()
            for other in context.pages:
                if other is not page:
                    other.close()
            stored = {"origin": self.guards.home, "storageTypes": "local_storage,indexeddb"}
            context.new_cdp_session(page).send("Storage.clearDataForOrigin", stored)
            page.close()
            self.idle.setdefault(key, []).append(context)
        self.used.clear()


@pytest.fixture(scope="package")
def all_guards(live_server: Any) -> Guards:
    """What watches every page of a worker."""
    return Guards(live_server.url)


@pytest.fixture(scope="package")
def all_contexts(chromium: Browser, all_guards: Guards) -> Contexts:
    """The contexts of a worker."""
    return Contexts(chromium, all_guards)


@pytest.fixture
def guards(all_guards: Guards) -> Iterator[Guards]:
    """What watches every page of a test; at its end no guard may have tripped."""
    all_guards.found.clear()
    all_guards.leaves = False
    yield all_guards
    assert not all_guards.found


@pytest.fixture
def contexts(all_contexts: Contexts, guards: Guards) -> Iterator[Contexts]:
    """The pages of a test, which are closed at its end."""
    yield all_contexts
    all_contexts.end()
    let_requests_end()


@pytest.fixture
def open_page(contexts: Contexts) -> Callable[..., Page]:
    """Open the admin as somebody."""
    return contexts.open


@pytest.fixture
def open_workbench(contexts: Contexts) -> Callable[..., WorkbenchPage]:
    """Open a workbench as somebody."""

    def opened(
        row: AnnotationSet, who: str = "ann", *, by_page: bool = False, **options: Any
    ) -> WorkbenchPage:
        settings = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        page = contexts.open("" if by_page else who, **settings)
        workbench = WorkbenchPage(page, row)
        if by_page:
            sign_in(page, who, workbench.path)
            workbench.ready()
        else:
            workbench.open()
        return workbench

    return opened


def let_requests_end() -> None:
    """Wait until the server is done with what closed pages still asked for.

    The test ends by emptying the tables, and PostgreSQL would find the two in each other's way.
    """
    others = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    still = 0
    for _ in range(200 if connection.vendor == "postgresql" else 0):
        with connection.cursor() as cursor:
            cursor.execute(others)
            still = 0 if cursor.fetchone()[0] else still + 1
        if still == 3:
            return
        time.sleep(0.05)
