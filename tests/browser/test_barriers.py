"""The search for barriers finds each of them, whatever it has looked at before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.barriers import list_barriers

pytestmark = pytest.mark.browser

#: What is wrong with a page, and what axe calls it.
FAULTS: tuple[tuple[str, str, set[tuple[str, str]]], ...] = (
    ("", "", set()),
    (
        "<p style='color: #777; background: #888'>Hard to read</p>",
        "",
        {("light", "color-contrast"), ("dark", "color-contrast")},
    ),
    ("<p class='a'>Hard to read</p>", ".a { color: #777 }", {("dark", "color-contrast")}),
    ("<input value='Words' aria-label='A' class='a'>", ".a { color: #222 }", {("dark", "color-contrast")}),
    ("<button></button>", "", {("light", "button-name")}),
    (
        "<p>Before you begin, read <a href='/' style='color: #333; text-decoration: none'>this</a>.</p>",
        "a { color: #ddd !important }",
        {("light", "link-in-text-block"), ("dark", "link-in-text-block")},
    ),
)
PAGE = """<!doctype html><html lang="en"><head><title>A page</title><style>
  body {{ color: #222; background: #fff }} input {{ color: #222; background: #fff }}
  @media (prefers-color-scheme: dark) {{
    body {{ color: #eee; background: #111 }} input {{ color: #eee; background: #111 }} {dark}
  }}
</style></head><body><main><h1>A page</h1><p>With words</p>{body}</main></body></html>"""


def test_a_barrier_is_found_whatever_was_looked_at_before(open_page: Callable[..., Page]) -> None:
    page = open_page("", bypass_csp=True)
    for _ in range(2):
        for body, dark, expected in FAULTS:
            page.goto("/healthz")
            page.set_content(PAGE.format(body=body, dark=dark))
            found = {(where.split()[0], rule) for where, rule in list_barriers(page, "page")}
            assert found == expected, body
