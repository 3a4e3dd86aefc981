/** The caret of a text that cannot be edited: browsers draw none, so it is a thin box over the text. */

import { createElement } from "./dom.js";

export class Caret {
  constructor(frame, places) {
    this.frame = frame;
    this.places = places;
    this.element = createElement("div", { class: "caret", "aria-hidden": "true", hidden: true });
    frame.append(this.element);
    new ResizeObserver(() => this.again()).observe(places.root);
  }

  show(units) {
    this.units = units;
    const box = caretBoxAt(this.places, units);
    this.element.hidden = !box;
    if (!box) return;
    const origin = this.frame.getBoundingClientRect();
    this.element.style.setProperty("inset-inline-start", "auto");
    this.element.style.setProperty("left", `${box.x - origin.left + this.frame.scrollLeft}px`);
    this.element.style.setProperty("top", `${box.top - origin.top + this.frame.scrollTop}px`);
    this.element.style.setProperty("height", `${box.bottom - box.top}px`);
    this.blink();
  }

  /** Begin a new blink, so that a moving caret is always visible. */
  blink() {
    this.element.getAnimations().forEach((animation) => {
      animation.currentTime = 0;
    });
  }

  hide() {
    this.units = null;
    this.element.hidden = true;
  }

  again() {
    if (this.units !== null && this.units !== undefined && !this.element.hidden) this.show(this.units);
  }
}

/** Where a caret at this place stands: {x, top, bottom} in the viewport, or null. */
export function caretBoxAt(places, units) {
  const next = glyphBox(places, units, units + 1);
  if (next) return { x: next.isRight ? next.right : next.left, top: next.top, bottom: next.bottom };
  const last = glyphBox(places, units - 1, units);
  return last && { x: last.isRight ? last.left : last.right, top: last.top, bottom: last.bottom };
}

function glyphBox(places, start, end) {
  if (start < 0 || end > places.length) return null;
  const range = places.range(start, end);
  const [box] = range.getClientRects();
  if (!box || !box.height) return null;
  const block = range.startContainer.parentElement;
  const { left, right, top, bottom } = box;
  return { left, right, top, bottom, isRight: getComputedStyle(block).direction === "rtl" };
}
