// @ts-check
/** Two handles at the edges of the current mark: drag one, and the mark ends where it is let go. */

import { caretBoxAt } from "./caret.js";
import { createElement, parentOf } from "./dom.js";

export class EdgeHandles {
  /** @param {Pick<Services, "model" | "edits" | "selection" | "segments" | "textNodes" | "commands" | "text">} services */
  constructor({ model, edits, selection, segments, textNodes, commands, text }) {
    this.model = model;
    this.edits = edits;
    this.selection = selection;
    this.segments = segments;
    this.textNodes = textNodes;
    this.commands = commands;
    this.frame = parentOf(text);
    this.start = this.make("start");
    this.end = this.make("end");
    /** @type {{ edge: "start" | "end", id: string, range: UnitRange, wasMoved: boolean } | null} */
    this.held = null;
    this.frameId = 0;
    this.frame.append(this.start, this.end);
    model.on("change", () => this.later());
    model.on("choose", () => this.later());
    new ResizeObserver(() => this.later()).observe(text);
  }

  /** @param {"start" | "end"} edge */
  make(edge) {
    const handle = createElement("div", { class: "handle", "data-edge": edge, "aria-hidden": "true", hidden: true });
    handle.addEventListener("pointerdown", (event) => this.take(event, handle, edge));
    handle.addEventListener("pointermove", (event) => this.drag(event));
    handle.addEventListener("pointerup", () => this.letGo());
    handle.addEventListener("pointercancel", () => this.drop());
    return handle;
  }

  /** Once for each picture, since placing asks the browser for the layout. */
  later() {
    cancelAnimationFrame(this.frameId);
    this.frameId = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { model } = this;
    const span = model.isEditable ? model.chosen : null;
    const [start, end] = span ? model.range(span) : [0, 0];
    this.place(this.start, span && caretBoxAt(this.textNodes, start));
    this.place(this.end, span && endBox(this.textNodes, end));
  }

  /**
   * @param {HTMLElement} handle
   * @param {{ x: number, bottom: number } | null} box
   */
  place(handle, box) {
    handle.hidden = !box;
    if (!box) return;
    const origin = this.frame.getBoundingClientRect();
    handle.style.setProperty("left", `${box.x - origin.left + this.frame.scrollLeft}px`);
    handle.style.setProperty("top", `${box.bottom - origin.top + this.frame.scrollTop}px`);
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} handle
   * @param {"start" | "end"} edge
   */
  take(event, handle, edge) {
    const { model } = this;
    if (event.button || !model.chosen) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    this.frame.classList.add("resizing");
    this.held = { edge, id: model.chosen.id, range: model.range(model.chosen), wasMoved: false };
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { held } = this;
    if (!held) return;
    // the handle hangs below its line, and so does the hand
    const units = unitsAt(this.textNodes, event.clientX, event.clientY - this.start.offsetHeight);
    if (units === null) return;
    const [start, end] = held.range;
    /** @type {UnitRange} */
    const range = held.edge === "end" ? [start, units] : [units, end];
    if (range[0] >= range[1]) return;
    Object.assign(held, { range, wasMoved: true });
    this.selection.set(...range);
  }

  letGo() {
    const { held } = this;
    this.drop();
    const span = held?.wasMoved && this.model.span(held.id);
    if (!span) return;
    const [start, end] = this.segments.whole(...held.range);
    this.commands.exact = { id: span.id, start, end };
    this.edits.fit(span, start, end);
    this.selection.collapse();
  }

  drop() {
    /** @type {{ edge: "start" | "end", id: string, range: UnitRange, wasMoved: boolean } | null} */
    this.held = null;
    this.frameId = 0;
    this.frame.classList.remove("resizing");
    this.later();
  }
}

/**
 * Behind the last character, on its own line.
 *
 * @param {TextNodes} textNodes
 * @param {number} units
 */
function endBox(textNodes, units) {
  const boxes = textNodes.range(Math.max(0, units - 1), units).getClientRects();
  const last = boxes[boxes.length - 1];
  if (!last) return caretBoxAt(textNodes, units);
  const node = textNodes.point(units, true)[0];
  const isRight = getComputedStyle(parentOf(node)).direction === "rtl";
  return { x: isRight ? last.left : last.right, bottom: last.bottom };
}

/**
 * The place in the text that is nearest to a point of the window; null if none is.
 *
 * @param {TextNodes} textNodes
 * @param {number} x
 * @param {number} y
 */
export function unitsAt(textNodes, x, y) {
  const caret = document.caretPositionFromPoint?.(x, y);
  if (caret) return textNodes.units(caret.offsetNode, caret.offset);
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? textNodes.units(range.startContainer, range.startOffset) : null;
}
