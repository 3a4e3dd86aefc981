"""The pictures of the documentation, taken from the running demo.

Start the demo (``make run``) in one terminal, then run ``.venv/bin/python docs/images/make.py`` in another.
The log-ins are read from ``var/demo-logins.json``. Nothing is written but the pictures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CHROMIUM = "/usr/bin/chromium"
SIZE = {"width": 1000, "height": 600}
LARGEST = 150_000


@dataclass(frozen=True)
class Picture:
    """What somebody sees after following links and pressing keys; ``top`` is scrolled to the upper edge."""

    name: str
    who: str
    links: tuple[str, ...] = ()
    keys: str = ""
    press: str = ""
    top: str = ""


PICTURES = (
    Picture("my-work", "ann"),
    Picture("mark", "ann", ("Lamps on the water",), "jj"),
    Picture("review", "rae", ("Recognition: who wants what",), "jjn"),
    Picture("guideline", "rae", ("Recognition: who wants what",), "gb1"),
    Picture("overview", "rae", ("Lake and border desk (demo)",)),
    Picture("matrix", "max", ("Lake and border desk (demo)", "Positions"), top=".matrix-box"),
    Picture(
        "changes",
        "max",
        ("Lake and border desk (demo)", "Positions", "Changes of mind"),
        top=".card:nth-child(4)",
    ),
)


def sign_in(browser: Browser, address: str, who: str, password: str) -> Page:
    """Return a page on which a user is signed in."""
    context = browser.new_context(base_url=address, viewport=SIZE, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/admin/")
    page.fill("#id_username", who)
    page.fill("#id_password", password)
    page.click("[type=submit]")
    return page


def take(page: Page, picture: Picture) -> None:
    """Go there and take the picture."""
    for place, link in enumerate(picture.links):
        within = page.locator(".main" if place else ".my-work")
        within.get_by_role("link", name=link, exact=True).first.click()
    if "/workbench/" in page.url:
        page.wait_for_selector("html[data-workbench=ready]")
        page.wait_for_load_state("networkidle")
    for key in picture.keys:
        page.keyboard.press(key)
        page.wait_for_timeout(200)
    if picture.press:
        page.click(picture.press)
    if picture.top:
        page.locator(picture.top).evaluate("(part) => part.scrollIntoView()")
    page.wait_for_timeout(400)
    file = HERE / f"{picture.name}.png"
    page.screenshot(path=file)
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}: {size} bytes")
    if size > LARGEST:
        raise SystemExit(f"{file.name} is larger than {LARGEST} bytes.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--log-ins", type=Path, default=ROOT / "var" / "demo-logins.json")
    options = parser.parse_args(arguments)
    log_ins = json.loads(options.log_ins.read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for picture in PICTURES:
            page = sign_in(browser, options.address, picture.who, log_ins[picture.who]["password"])
            take(page, picture)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
