/**
 * The article. It is put together from text nodes alone, and its text content is exactly the
 * revision's text: offsets in the page are offsets in the text. One block for each paragraph gives
 * it its direction; a lone carriage return, which a browser shows as a space, ends a line by being
 * the end of a block of its own.
 */

import { h } from "./dom.js";
import { Places } from "./offsets.js";

/** Lines that end in a lone carriage return, and all that stands between them. */
const RETURN_LINE = /[^\r\n\u2029]*\r(?!\n)/gu;

export function renderText(root, text, segments, language) {
  root.replaceChildren(...segments.blocks.map(([start, end]) => paragraph(text.slice(start, end))));
  if (language) root.setAttribute("lang", language);
  if (root.textContent !== text) throw new Error("The text on the page differs from the stored text.");
  return new Places(root);
}

function paragraph(text) {
  return h("div", { class: "paragraph", dir: "auto" }, lines(text));
}

function lines(text) {
  const parts = [];
  let at = 0;
  for (const { index, 0: line } of text.matchAll(RETURN_LINE)) {
    if (index > at) parts.push(text.slice(at, index));
    parts.push(h("span", { class: "line" }, line));
    at = index + line.length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** Whether a place lies in a paragraph that is read from right to left. */
export function isRightToLeft(places, units) {
  const [node] = places.point(units);
  const block = node?.parentElement?.closest(".paragraph");
  return Boolean(block) && getComputedStyle(block).direction === "rtl";
}

/** Scroll a range into view, if it is not there already. */
export function reveal(places, start, end) {
  const box = places.range(start, end).getBoundingClientRect();
  const bar = document.querySelector('[data-part="bar"]')?.getBoundingClientRect().bottom ?? 0;
  const scroller = scrollerOf(places.root);
  const frame = scroller === document.scrollingElement ? null : scroller.getBoundingClientRect();
  const top = Math.max(bar, frame?.top ?? 0) + 24;
  const bottom = Math.min(window.innerHeight, frame?.bottom ?? window.innerHeight) - 24;
  if (box.top >= top && box.bottom <= bottom) return;
  const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const by = box.top - (top + (bottom - top) / 3);
  scroller.scrollBy({ top: by, behavior: smooth ? "smooth" : "instant" });
}

function scrollerOf(element) {
  for (let at = element; at; at = at.parentElement) {
    const { overflowY } = getComputedStyle(at);
    if (/auto|scroll/.test(overflowY) && at.scrollHeight > at.clientHeight + 1) return at;
  }
  return document.scrollingElement;
}
