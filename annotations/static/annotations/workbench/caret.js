// @ts-check
/** The caret of a text that cannot be edited: browsers draw none, so it is a thin box over the text. */

import { createElement, parentOf } from "./dom.js";

export class Caret {
  /**
   * @param {HTMLElement} frame
   * @param {TextNodes} textNodes
   */
  constructor(frame, textNodes) {
    this.frame = frame;
    this.textNodes = textNodes;
    this.element = createElement("div", { class: "caret", "aria-hidden": "true", hidden: true });
    frame.append(this.element);
    new ResizeObserver(() => this.redraw()).observe(textNodes.root);
  }

  /** @param {number} units */
  show(units) {
    this.units = units;
    const box = caretBoxAt(this.textNodes, units);
    this.element.hidden = !box;
    if (!box) return;
    const origin = this.frame.getBoundingClientRect();
    this.element.style.setProperty("inset-inline-start", "auto");
    this.element.style.setProperty("left", `${box.x - origin.left + this.frame.scrollLeft}px`);
    this.element.style.setProperty("top", `${box.top - origin.top + this.frame.scrollTop}px`);
    this.element.style.setProperty("height", `${box.bottom - box.top}px`);
    this.blink();
  }

  /** Restart the blinking, so that a moving caret is always visible. */
  blink() {
    this.element.getAnimations().forEach((animation) => {
      animation.currentTime = 0;
    });
  }

  hide() {
    this.units = null;
    this.element.hidden = true;
  }

  redraw() {
    if (this.units !== null && this.units !== undefined && !this.element.hidden) this.show(this.units);
  }
}

/**
 * Where a caret at this place stands: {x, top, bottom} in the viewport, or null.
 *
 * @param {TextNodes} textNodes
 * @param {number} units
 */
export function caretBoxAt(textNodes, units) {
  const next = glyphBox(textNodes, units, units + 1);
  if (next) return { x: next.isRight ? next.right : next.left, top: next.top, bottom: next.bottom };
  const last = glyphBox(textNodes, units - 1, units);
  return last && { x: last.isRight ? last.left : last.right, top: last.top, bottom: last.bottom };
}

/**
 * @param {TextNodes} textNodes
 * @param {number} start
 * @param {number} end
 */
function glyphBox(textNodes, start, end) {
  if (start < 0 || end > textNodes.length) return null;
  const range = textNodes.createRange(start, end);
  const [box] = range.getClientRects();
  if (!box || !box.height) return null;
  const block = parentOf(range.startContainer);
  const { left, right, top, bottom } = box;
  return { left, right, top, bottom, isRight: getComputedStyle(block).direction === "rtl" };
}
