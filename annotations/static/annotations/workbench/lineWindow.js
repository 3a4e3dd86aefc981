// @ts-check
/**
 * Which lines of a long list are drawn: those near the view, and those that have to stay. Gaps as high
 * as the others take their place, so that the list can be scrolled as if it were whole.
 */

import { createElement } from "./dom.js";

/** A list of at most so many lines is drawn whole. */
const WHOLE = 500;
/** How far beyond the view lines are drawn, in pixels. */
const MARGIN = 600;
/** What a line is taken to be high until one was measured. */
const LINE_HEIGHT = 48;

export class LineWindow {
  /**
   * @param {HTMLElement} root the list
   * @param {() => void} redraw called when the view has moved
   */
  constructor(root, redraw) {
    this.root = root;
    /** @type {Map<string, number>} heights of lines that were drawn, by their keys */
    this.heights = new Map();
    /** @type {Map<string, HTMLElement>} the drawn lines by their keys */
    this.drawnLines = new Map();
    this.isLong = false;
    this.frame = 0;
    /** @type {UnitRange} what is in view or near it, in pixels from the top of the list */
    this.view = [0, 2 * MARGIN];
    this.isFollowing = false;
    this.redraw = redraw;
    document.addEventListener("scroll", () => this.followLater(), { capture: true, passive: true });
    window.addEventListener("resize", () => this.followLater());
    // a list that was hidden
    new ResizeObserver(() => this.followLater()).observe(root);
  }

  followLater() {
    if (this.isLong && !this.frame) this.frame = requestAnimationFrame(() => this.follow());
  }

  /** Draw again for the view as it is now. Only here is anything measured: the page is about to be laid out anyway. */
  follow() {
    this.frame = 0;
    if (!this.isShown) return;
    this.measure();
    this.view = this.visibleRange();
    this.isFollowing = true;
    this.redraw();
    this.isFollowing = false;
  }

  get isShown() {
    return this.root.getClientRects().length > 0;
  }

  /**
   * The places of the lines that are to be drawn.
   *
   * @param {string[]} keys those of all lines
   * @param {(key: string) => boolean} isKept whether a line stays, wherever the view is
   * @returns {number[]}
   */
  select(keys, isKept) {
    this.isLong = keys.length > WHOLE;
    if (!this.isLong) return keys.map((_, index) => index);
    if (!this.isFollowing) this.followLater();
    const [top, bottom] = this.view;
    const usual = this.usualHeight;
    const chosen = [];
    let at = 0;
    for (const [index, key] of keys.entries()) {
      const end = at + (this.heights.get(key) ?? usual);
      if ((end > top && at < bottom) || isKept(key)) chosen.push(index);
      at = end;
    }
    return chosen;
  }

  /** The middle height of the lines that were measured. */
  get usualHeight() {
    const known = [...this.heights.values()].sort((one, other) => one - other);
    return known[known.length >> 1] ?? LINE_HEIGHT;
  }

  measure() {
    for (const [key, line] of this.drawnLines) {
      const next = line.nextElementSibling;
      const height = next instanceof HTMLElement ? next.offsetTop - line.offsetTop : line.offsetHeight;
      if (height > 0) this.heights.set(key, height);
    }
  }

  /**
   * From where to where the list is in view or near it, in pixels from its top.
   *
   * @returns {UnitRange}
   */
  visibleRange() {
    const { top } = this.root.getBoundingClientRect();
    const frame = this.root.closest('[data-part="side"]')?.getBoundingClientRect();
    const from = Math.max(0, frame?.top ?? 0);
    const to = Math.min(window.innerHeight, frame?.bottom ?? window.innerHeight);
    return [from - top - MARGIN, to - top + MARGIN];
  }

  /**
   * Put the lines into the list, with gaps for the others; a line in its place is not touched.
   *
   * @param {string[]} keys those of all lines
   * @param {number[]} chosen
   * @param {(index: number) => HTMLElement} lineAt
   */
  place(keys, chosen, lineAt) {
    const gaps = this.clear(new Set(chosen.map((index) => keys[index] ?? "")));
    const usual = this.isLong ? this.usualHeight : 0;
    let there = this.root.firstElementChild;
    let last = 0;
    /** @param {HTMLElement} element */
    const put = (element) => {
      if (there === element) there = element.nextElementSibling;
      else this.root.insertBefore(element, there);
    };
    /** @param {number} to */
    const putGap = (to) => {
      if (to === last) return;
      const gap = gaps.shift() ?? createElement("li", { class: "gap", "aria-hidden": "true" });
      const height = keys.slice(last, to).reduce((sum, key) => sum + (this.heights.get(key) ?? usual), 0);
      gap.style.setProperty("height", `${height}px`);
      put(gap);
    };
    for (const index of chosen) {
      const line = lineAt(index);
      putGap(index);
      if (this.isLong) line.setAttribute("aria-posinset", String(index + 1));
      if (this.isLong) line.setAttribute("aria-setsize", String(keys.length));
      put(line);
      this.drawnLines.set(keys[index] ?? "", line);
      last = index + 1;
    }
    putGap(keys.length);
    while (there) {
      const next = there.nextElementSibling;
      there.remove();
      there = next;
    }
  }

  /**
   * Take out the gaps and the lines that go, before any other is put in: a line that is moved loses the focus.
   *
   * @param {Set<string>} staying
   */
  clear(staying) {
    const gaps = [...this.root.querySelectorAll(":scope > .gap")].filter((gap) => gap instanceof HTMLElement);
    for (const gap of gaps) gap.remove();
    for (const [key, line] of this.drawnLines) if (!staying.has(key)) line.remove();
    this.drawnLines = new Map();
    return gaps;
  }
}
