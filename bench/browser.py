"""``python -m bench.browser``: the workbench in a real browser, with a long text and many spans.

Needs no PostgreSQL and no network: a service of its own on SQLite, thrown away afterwards.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.client import HOST
from bench.server import call_inside, run_manage, run_server, service_environment

CHROMIUM = "/usr/bin/chromium"
CHARACTERS, MARKS = 1_000_000, 5_000
TARGETS = {"open": 2_000, "mark": 100, "choose": 100, "scroll": 100}
"""Milliseconds, on a machine with nothing else to do."""

#: Milliseconds from a key press until the browser has drawn the line of another current span.
TIME_KEY = """(key) => new Promise((resolve) => {
  const root = document.querySelector('[data-part="text"]');
  const list = document.querySelector('[data-part="spans"]');
  const before = list.querySelector('.current')?.dataset.span;
  const started = performance.now();
  root.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  const look = () => {
    const now = list.querySelector('.current')?.dataset.span;
    if (now && now !== before) requestAnimationFrame(() => resolve(performance.now() - started));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""

TIME_SCROLLING = """() => new Promise((resolve) => {
  const times = [];
  let last = performance.now();
  const step = (now) => {
    times.push(now - last);
    last = now;
    scrollBy(0, 2000);
    if (times.length < 60) requestAnimationFrame(step);
    else resolve(Math.max(...times.slice(1)));
  };
  requestAnimationFrame(step);
})"""


def open_workbench(page: Page, path: str) -> float:
    """Open the page and wait until it is usable; return the milliseconds."""
    page.goto(path)
    page.wait_for_selector("html[data-workbench=ready]", timeout=60_000)
    return float(page.evaluate("window.workbenchReady"))


def measure_page(page: Page, path: str, times: int) -> dict[str, float]:
    """Return the median of each figure in milliseconds."""
    page.add_init_script(
        """new MutationObserver(() => {
          if (document.documentElement.dataset.workbench !== "ready" || window.workbenchReady) return;
          window.workbenchReady = 1;
          requestAnimationFrame(() => setTimeout(() => { window.workbenchReady = performance.now(); }));
        }).observe(document, {subtree: true, attributes: true, attributeFilter: ["data-workbench"]});"""
    )
    opens = []
    for _ in range(times):
        open_workbench(page, path)
        page.wait_for_function("window.workbenchReady > 1")
        opens.append(float(page.evaluate("window.workbenchReady")))
    page.locator('[data-part="text"]').focus()
    page.keyboard.press("Control+Home")
    marks, chosen = [], []
    for _ in range(times):
        for key in ["Control+ArrowDown", "w", "w"]:
            page.keyboard.press(key)
        marks.append(float(page.evaluate(TIME_KEY, "p")))
        chosen.append(float(page.evaluate(TIME_KEY, "j")))
    scrolls = [float(page.evaluate(TIME_SCROLLING)) for _ in range(times)]
    measured = {"open": opens, "mark": marks, "choose": chosen, "scroll": scrolls}
    return {name: statistics.median(values) for name, values in measured.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.browser", description=__doc__)
    parser.add_argument("--characters", type=int, default=CHARACTERS)
    parser.add_argument("--marks", type=int, default=MARKS)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="standpoint-bench-") as name:
        env = service_environment(f"sqlite:///{name}/bench.sqlite3", Path(name))
        run_manage(env, "migrate", "--verbosity", "0")
        row, session = call_inside(env, f"create_long_article({asked.characters}, {asked.marks})").split()
        with run_server(env) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            home = f"http://{HOST}:{server.port}"
            context = browser.new_context(base_url=home, viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": "sessionid", "value": session, "url": home}])
            path = f"/admin/annotations/annotationset/{row}/workbench/"
            for title, value in measure_page(context.new_page(), path, asked.times).items():
                print(f"{title:8} {value:8.0f} ms   target {TARGETS[title]:5} ms")
            browser.close()


if __name__ == "__main__":
    main()
