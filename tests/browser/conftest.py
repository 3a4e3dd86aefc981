"""A real Chromium, people who sign in, and guards that no page may ever trip."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles.handlers import StaticFilesHandler
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
    # All pages of a context live in one process, which outlives them (``Kept``): to start one and to compile
    # the scripts again would take longer than most pages do.
    "--renderer-process-limit=1",
    "--process-per-site",
    "--disable-site-isolation-trials",
    "--num-raster-threads=1",
)
#: What a context is made with; pages that want something else of these change it for themselves.
LOOKS: Mapping[str, Any] = {
    "viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "reduced_motion": "reduce",
    "forced_colors": "none",
}  # fmt: skip
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


class Kept:
    """A context of the browser that tests use one after the other, without pages in between.

    An empty page of it stays open, and with it the process of its pages, which knows their scripts.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.keeper = context.new_page()
        self.session = context.new_cdp_session(self.keeper)
        self.whole = True
        self.keeper.on("crash", self.crash)

    def crash(self, _: Page) -> None:
        """Note that the process has ended, so that no other test gets this context."""
        self.whole = False

    def forget(self, home: str) -> None:
        """Close the pages of a test; lose its cookies and what it stored."""
        for page in self.context.pages:
            if page is not self.keeper:
                page.close()
        self.context.clear_cookies()
        stored = {"origin": home, "storageTypes": "local_storage,indexeddb"}
        self.session.send("Storage.clearDataForOrigin", stored)


@dataclass
class Contexts:
    """Contexts of the browser that the tests of a worker use one after the other.

    A context that has shown a page before has its scripts in its cache, and shows the next one in a
    quarter of the time.
    """

    browser: Browser
    guards: Guards
    idle: dict[str, list[Kept]] = field(default_factory=lambda: defaultdict(list))
    used: list[tuple[str, Kept]] = field(default_factory=list)
    fresh: list[BrowserContext] = field(default_factory=list)

    def open(self, who: str, *, fresh: bool = False, **options: Any) -> Page:
        """Open an empty page as somebody. ``fresh``: in a context that no other test gets."""
        looks = {name: options.pop(name) for name in LOOKS if name in options}
        context = self._make(options) if fresh else self._take(options)
        if fresh:
            self.fresh.append(context)
        if who:
            context.add_cookies([session_of(who, self.guards.home)])
        page = context.new_page()
        if size := looks.pop("viewport", None):
            page.set_viewport_size(size)
        if looks:
            page.emulate_media(**looks)
        return page

    def _make(self, options: dict[str, Any]) -> BrowserContext:
        context = self.browser.new_context(base_url=self.guards.home, **LOOKS, **options)
        context.set_default_timeout(TIMEOUT)
        self.guards.watch(context)
        return context

    def _take(self, options: dict[str, Any]) -> BrowserContext:
        key = repr(sorted(options.items()))
        kept = self.idle[key].pop() if self.idle[key] else Kept(self._make(options))
        self.used.append((key, kept))
        return kept.context

    def end(self) -> None:
        """Close what a test has opened."""
        for context in self.fresh:
            context.close()
        for key, kept in self.used:
            if kept.whole:
                kept.forget(self.guards.home)
                self.idle[key].append(kept)
            else:
                kept.context.close()
        self.fresh.clear()
        self.used.clear()


@pytest.fixture(scope="package")
def home(live_server: Any) -> Iterator[str]:
    """The address of the service. It serves its static files itself, with its own headers and compressed.

    Django's server for tests would answer them before any middleware, so that no browser would show
    whether they are kept.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "_should_handle", lambda *_: False)
        yield live_server.url


@pytest.fixture(scope="package")
def all_guards(home: str) -> Guards:
    """What watches every page of a worker."""
    return Guards(home)


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
        page = contexts.open("" if by_page else who, **options)
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
