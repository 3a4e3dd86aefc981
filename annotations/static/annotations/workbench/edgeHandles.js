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
    this.start = this.createHandle("start");
    this.end = this.createHandle("end");
    /** @type {{ edge: "start" | "end", id: string, range: UnitRange, wasMoved: boolean } | null} */
    this.dragged = null;
    this.frameId = 0;
    this.frame.append(this.start, this.end);
    model.on("change", () => this.drawLater());
    model.on("choose", () => this.drawLater());
    new ResizeObserver(() => this.drawLater()).observe(text);
  }

  /** @param {"start" | "end"} edge */
  createHandle(edge) {
    const handle = createElement("div", { class: "handle", "data-edge": edge, "aria-hidden": "true", hidden: true });
    handle.addEventListener("pointerdown", (event) => this.startDrag(event, handle, edge));
    handle.addEventListener("pointermove", (event) => this.drag(event));
    handle.addEventListener("pointerup", () => this.finishDrag());
    handle.addEventListener("pointercancel", () => this.cancelDrag());
    return handle;
  }

  /** Draw once for each frame, since placing asks the browser for the layout. */
  drawLater() {
    cancelAnimationFrame(this.frameId);
    this.frameId = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { model } = this;
    const span = model.isEditable ? model.currentSpan : null;
    const [start, end] = span ? model.unitRangeOf(span) : [0, 0];
    this.placeHandle(this.start, span && caretBoxAt(this.textNodes, start));
    this.placeHandle(this.end, span && endBox(this.textNodes, end));
  }

  /**
   * @param {HTMLElement} handle
   * @param {{ x: number, bottom: number } | null} box
   */
  placeHandle(handle, box) {
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
  startDrag(event, handle, edge) {
    const { model } = this;
    if (event.button || !model.currentSpan) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    this.frame.classList.add("resizing");
    this.dragged = { edge, id: model.currentSpan.id, range: model.unitRangeOf(model.currentSpan), wasMoved: false };
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { dragged } = this;
    if (!dragged) return;
    // the handle hangs below its line, and so does the hand
    const units = unitsAt(this.textNodes, event.clientX, event.clientY - this.start.offsetHeight);
    if (units === null) return;
    const [start, end] = dragged.range;
    /** @type {UnitRange} */
    const range = dragged.edge === "end" ? [start, units] : [units, end];
    if (range[0] >= range[1]) return;
    Object.assign(dragged, { range, wasMoved: true });
    this.selection.select(...range);
  }

  finishDrag() {
    const { dragged } = this;
    this.cancelDrag();
    const span = dragged?.wasMoved && this.model.findSpan(dragged.id);
    if (!span) return;
    const [start, end] = this.segments.widenToCharacters(...dragged.range);
    this.commands.selectedRange = { id: span.id, start, end };
    this.edits.setRange(span, start, end);
    this.selection.collapse();
  }

  cancelDrag() {
    /** @type {{ edge: "start" | "end", id: string, range: UnitRange, wasMoved: boolean } | null} */
    this.dragged = null;
    this.frameId = 0;
    this.frame.classList.remove("resizing");
    this.drawLater();
  }
}

/**
 * The place behind the last character of a range, on the line of that character.
 *
 * @param {TextNodes} textNodes
 * @param {number} units
 */
function endBox(textNodes, units) {
  const boxes = textNodes.createRange(Math.max(0, units - 1), units).getClientRects();
  const last = boxes[boxes.length - 1];
  if (!last) return caretBoxAt(textNodes, units);
  const node = textNodes.positionAt(units, true)[0];
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
  if (caret) return textNodes.offsetOf(caret.offsetNode, caret.offset);
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? textNodes.offsetOf(range.startContainer, range.startOffset) : null;
}
