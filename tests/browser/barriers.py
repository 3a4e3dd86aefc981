"""What keeps somebody from using a page: the rules of axe, in the light and in the dark theme.

Most of what axe takes for a page goes into contrasts, and nearly all texts of our pages wear the same few
pairs of colours. So its rules about colours look at texts whose looks they have not passed before in the
same process; all other rules look at the whole page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: The rules whose result differs between the light and the dark theme.
COLOURS = ("color-contrast", "link-in-text-block")
#: Of what is as it should be, axe tells one place for each rule: to name all takes longer than to look.
FAULTS_ONLY: Mapping[str, Any] = {"resultTypes": ["violations"], "preload": False}
#: Colours that fade from one theme to the other arrive at once. To wait for them may take for ever: a page
#: of which nobody asks for a picture need not be drawn.
ARRIVE = """() => {
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
}"""
#: How many texts of the same look are shown to axe: it cannot judge each, as one of a single letter.
SHOWN_OF_EACH = 3
RULES = """async (options) => {
  const found = await axe.run(document, options);
  return {faults: found.violations, looked: found.passes.length > 0};
}"""
#: The texts by what decides about their contrast, but those that were passed; then what axe says of them.
CONTRASTS = """async ({passed, shown, rules}) => {
  const look = (one) => {
    const own = getComputedStyle(one);
    const link = one.closest("a");
    const parts = [own.color, own.fontSize, own.fontWeight, own.textShadow, one.matches(":disabled")];
    if (link) {
      parts.push(getComputedStyle(link).textDecorationLine, getComputedStyle(link.parentElement).color);
    }
    if (one.closest("[aria-disabled=true], fieldset:disabled")) parts.push("disabled");
    for (let up = one; up; up = up.parentElement) {
      const css = getComputedStyle(up);
      if (css.opacity !== "1") parts.push(css.opacity);
      if (css.position === "absolute" || css.position === "fixed" || css.position === "sticky") {
        parts.push(up.tagName, up.className, up.id);
      }
      if (css.backgroundImage !== "none") parts.push(css.backgroundImage);
      if (css.backgroundColor !== "rgba(0, 0, 0, 0)") parts.push(css.backgroundColor);
      if (css.backgroundColor.startsWith("rgb(")) break;
    }
    return parts.join(" ");
  };
  const texts = new Map();
  const take = (one, long) => {
    const key = look(one);
    if (passed.includes(key)) return;
    const same = texts.get(key) ?? [];
    if (!same.includes(one) && (long || !same.length) && same.length < shown) texts.set(key, [...same, one]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const one = node.parentElement;
    const words = node.data.trim();
    const isShown = words && one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});
    if (isShown) take(one, words.length > 1);
  }
  for (const one of document.querySelectorAll("input, select, textarea")) {
    if (one.checkVisibility()) take(one, true);
  }
  if (!texts.size) return {faults: [], passed: []};
  const found = await axe.run(
    {include: [...texts.values()].flat()},
    {
      resultTypes: ["violations", "passes"],
      preload: false,
      elementRef: true,
      runOnly: {type: "rule", values: rules},
    },
  );
  const elements = (results) => results.flatMap((one) => one.nodes.map((node) => node.element));
  const good = elements(found.passes.filter((one) => one.id === "color-contrast"));
  const bad = elements(found.violations);
  const keys = [...texts].filter(([, same]) => same.some((one) => good.includes(one)));
  return {
    faults: found.violations.map((one) => ({...one, nodes: one.nodes.map(({html}) => ({html}))})),
    passed: keys.filter(([, same]) => !same.some((one) => bad.includes(one))).map(([key]) => key),
  };
}"""

#: The looks of texts that axe has passed.
_passed: dict[str, None] = {}

Faults = Sequence[Mapping[str, Any]]


def find_barriers(page: Page) -> Iterator[tuple[str, Faults]]:
    """Yield what axe finds by all rules in the light theme, and by those about colours in the dark."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(f"{Axe().axe_script};null")
    rules = {"rules": {rule: {"enabled": False} for rule in COLOURS}}
    found = page.evaluate(RULES, {**FAULTS_ONLY, **rules})
    assert found["looked"]
    yield "light", found["faults"]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(ARRIVE)
        sent = {"passed": list(_passed), "shown": SHOWN_OF_EACH, "rules": COLOURS}
        found = page.evaluate(CONTRASTS, sent)
        _passed.update(dict.fromkeys(found["passed"]))
        yield scheme, found["faults"]
    page.emulate_media(color_scheme="light")


def list_barriers(page: Page, where: str) -> dict[tuple[str, str], list[str]]:
    """Return what axe finds on a page, by theme and rule."""
    return {
        (f"{scheme} {where}", fault["id"]): [node["html"][:120] for node in fault["nodes"]]
        for scheme, faults in find_barriers(page)
        for fault in faults
    }
