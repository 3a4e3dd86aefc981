// @ts-check
/**
 * The article. It is put together from text nodes alone, and its text content is exactly the
 * revision's text: offsets in the page are offsets in the text. One block for each paragraph gives
 * it its direction; a lone carriage return, which a browser shows as a space, ends a line by being
 * the end of a block of its own.
 */

import { createElement } from "./dom.js";
import { TextNodes } from "./offsets.js";
import { gettext } from "./translation.js";

const LONG_TEXT = 60_000;

/**
 * @param {HTMLElement} root
 * @param {string} text
 * @param {Segments} segments
 * @param {string | null} language
 */
export function renderText(root, text, segments, language) {
  root.replaceChildren(...segments.paragraphs.map(([start, end]) => createParagraph(text.slice(start, end))));
  // paragraphs far away need no layout in a long text; in a short one, guessed heights would only make the page jump
  root.classList.toggle("long", text.length > LONG_TEXT);
  if (language) root.setAttribute("lang", language);
  if (root.textContent !== text) throw new Error(gettext("The text on the page differs from the stored text."));
  return new TextNodes(root);
}

/** @param {string} text */
function createParagraph(text) {
  return createElement("div", { class: "paragraph", dir: "auto" }, splitLines(text));
}

/**
 * Put each line that ends in a lone carriage return into an element of its own; the text between stays text.
 *
 * @param {string} text
 */
function splitLines(text) {
  const parts = [];
  let from = 0;
  for (let at = text.indexOf("\r"); at >= 0; at = text.indexOf("\r", at + 1)) {
    if (text[at + 1] === "\n") continue;
    const start = Math.max(from, text.lastIndexOf("\n", at) + 1);
    if (start > from) parts.push(text.slice(from, start));
    parts.push(createElement("span", { class: "line" }, text.slice(start, at + 1)));
    from = at + 1;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/**
 * Whether a place lies in a paragraph that is read from right to left.
 *
 * @param {TextNodes} textNodes
 * @param {number} units
 */
export function isRightToLeft(textNodes, units) {
  const [node] = textNodes.positionAt(units);
  const block = node.parentElement?.closest(".paragraph");
  return block ? getComputedStyle(block).direction === "rtl" : false;
}

/**
 * Scroll a range into view, if it is not there already.
 *
 * @param {TextNodes} textNodes
 * @param {number} start
 * @param {number} end
 * @param {number} [tries]
 */
export function revealRange(textNodes, start, end, tries = 2) {
  const box = textNodes.createRange(start, end).getBoundingClientRect();
  const bar = document.querySelector('[data-part="bar"]')?.getBoundingClientRect();
  const scroller = findScroller(textNodes.root);
  const frame = scroller === document.scrollingElement ? null : scroller.getBoundingClientRect();
  const line = document.querySelector('[data-part="messages"]')?.getBoundingClientRect().top ?? window.innerHeight;
  const bottom = Math.min(line, frame?.bottom ?? line, sheetTop() - 24) - 24;
  const below = Math.max(bar?.bottom ?? 0, frame?.top ?? 0) + 24;
  // where a sheet leaves no room below the bar, the page scrolls until the bar is at its top
  const top = bottom - below > 2 * box.height ? below : (bar?.height ?? 0) + 24;
  if (box.top >= top && box.bottom <= bottom) return;
  const by = box.top - (top + (bottom - top) / 3);
  const isFar = Math.abs(by) > 3 * window.innerHeight;
  const smooth = !isFar && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  scroller.scrollBy({ top: by, behavior: smooth ? "smooth" : "instant" });
  // paragraphs on the way had a guessed height until now
  if (isFar && tries > 0) requestAnimationFrame(() => revealRange(textNodes, start, end, tries - 1));
}

/** Where the sheet begins, over which the handles of a mark need room, that shows the chosen mark on a small screen. */
function sheetTop() {
  const side = document.querySelector('[data-part="side"]');
  return side && getComputedStyle(side).position === "fixed" ? side.getBoundingClientRect().top : Infinity;
}

/** @param {Element} element */
function findScroller(element) {
  for (let at = /** @type {Element | null} */ (element); at; at = at.parentElement) {
    const { overflowY } = getComputedStyle(at);
    if (/auto|scroll/.test(overflowY) && at.scrollHeight > at.clientHeight + 1) return at;
  }
  return document.scrollingElement ?? document.documentElement;
}
