"""The workbench as a person uses it: drag, press, look."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from annotations.models import AnnotationSet, Span

#: Where to press and where to let go to select the nth occurrence of a quote.
ENDS = """([quote, nth]) => {
  const root = document.querySelector('[data-part="text"]');
  const text = root.textContent;
  let at = -1;
  for (let found = 0; found <= nth; found += 1) at = text.indexOf(quote, at + 1);
  if (at < 0) throw new Error(`not in the text: ${quote}`);
  const nodes = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let start = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push([node, start]);
    start += node.length;
  }
  const box = (from, to) => {
    const range = document.createRange();
    const place = (units) => nodes.findLast(([, begin]) => begin <= units);
    const [first, begin] = place(from);
    const [last, lastBegin] = place(to - 1);
    range.setStart(first, from - begin);
    range.setEnd(last, to - lastBegin);
    return range;
  };
  const segments = [...new Intl.Segmenter().segment(quote)];
  const clusters = segments.map(({index, segment}) => [index, index + segment.length]);
  const [head, tail] = [clusters[0], clusters.at(-1)];
  box(at, at + 1).startContainer.parentElement.scrollIntoView({block: "center"});
  const one = box(at + head[0], at + head[1]).getClientRects()[0];
  const end = box(at + tail[0], at + tail[1]).getClientRects()[0];
  const next = clusters.length > 1 ? box(at + clusters[1][0], at + clusters[1][1]).getClientRects()[0] : null;
  const isRight = next && next.top === one.top && next.left < one.left;
  return isRight
    ? [one.right - 1, (one.top + one.bottom) / 2, end.left + 1, (end.top + end.bottom) / 2]
    : [one.left + 1, (one.top + one.bottom) / 2, end.right - 1, (end.top + end.bottom) / 2];
}"""


class WorkbenchPage:
    """One page with one set."""

    def __init__(self, page: Page, row: AnnotationSet) -> None:
        self.page = page
        self.row = row

    def open(self) -> None:
        """Load the page and wait until it is ready."""
        self.page.goto(self.path)
        self.ready()

    def ready(self) -> None:
        """Wait until the page can be worked with."""
        self.page.wait_for_selector("html[data-workbench=ready]")

    @property
    def path(self) -> str:
        """The address of the workbench."""
        return f"/admin/annotations/annotationset/{self.row.pk}/workbench/"

    def part(self, name: str) -> Locator:
        """A part of the page by its stable name."""
        return self.page.locator(f'[data-part="{name}"]')

    @property
    def text(self) -> str:
        """The article as the page has it."""
        return str(self.page.evaluate("""document.querySelector('[data-part="text"]').textContent"""))

    @property
    def selected(self) -> str:
        """What the browser says is selected, as a string of the text's own characters."""
        return str(
            self.page.evaluate(
                """() => { const range = getSelection().getRangeAt(0); return range.toString(); }"""
            )
        )

    def drag(self, quote: str, nth: int = 0) -> None:
        """Select words with the mouse."""
        x1, y1, x2, y2 = self.page.evaluate(ENDS, [quote, nth])
        mouse = self.page.mouse
        mouse.move(x1, y1)
        mouse.down()
        mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
        mouse.move(x2, y2, steps=2)
        mouse.up()
        assert self.selected == quote

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def mark(self, quote: str, key: str, nth: int = 0) -> Locator:
        """Select words and mark them; answers the line of the mark, which is stored."""
        before = self.lines.count()
        self.drag(quote, nth)
        self.press(key)
        expect(self.lines).to_have_count(before + 1)
        self.saved()
        return self.current

    @property
    def lines(self) -> Locator:
        """The list of marks."""
        return self.page.locator("[data-span]")

    @property
    def current(self) -> Locator:
        """The line of the chosen mark."""
        return self.page.locator("[data-span].current")

    def line(self, words: str) -> Locator:
        """The line of a mark by its words."""
        return self.lines.filter(has=self.page.locator(".span-head .quote", has_text=words))

    def choose(self, words: str) -> Locator:
        """Press the line of a mark."""
        line = self.line(words).first
        line.locator(".span-head").click()
        return line

    def field(self, name: str) -> Locator:
        """A field of the chosen mark."""
        return self.current.locator(f'[data-field="{name}"]')

    def pick(self, name: str, typed: str, option: str) -> None:
        """Search in a field with suggestions and take one."""
        box = self.field(name)
        box.click()
        if typed:
            box.fill(typed)
        self.page.locator('[role="option"]', has_text=option).first.click()
        # until the list is gone, Escape would close it and not leave the field
        expect(self.page.locator('[role="option"]:visible')).to_have_count(0)

    def saved(self) -> None:
        """Wait until everything is acknowledged."""
        expect(self.part("saved")).to_have_attribute("data-pending", "0")

    def expect_message(self, words: str) -> None:
        """A sentence that the page shows."""
        expect(self.part("messages")).to_contain_text(words)

    def spans(self) -> list[Span]:
        """What is stored, in reading order."""
        return list(Span.objects.filter(set=self.row))

    def facts(self) -> list[tuple[str, str]]:
        """Label and quote of what is stored."""
        return [(span.label, span.quote) for span in self.spans()]

    def fetch(self, method: str, path: str, body: Any = None, version: int | None = None) -> int:
        """Ask the API from within the page, as another tab would; answers the status."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return int(
            self.page.evaluate(
                """async ([method, path, body, headers]) => {
                  const token = document.querySelector('meta[name="csrf-token"]').content;
                  const answer = await fetch(`/api/v1/${path}`, {
                    method,
                    headers: {"Content-Type": "application/json", "X-CSRFToken": token, ...headers},
                    body: body === null ? undefined : JSON.stringify(body),
                  });
                  return answer.status;
                }""",
                [method, path, body, headers],
            )
        )
