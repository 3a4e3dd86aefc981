/** Two handles at the edges of the current mark: drag one, and the mark ends where it is let go. */

import { caretBoxAt } from "./caret.js";
import { createElement } from "./dom.js";

export class EdgeHandles {
  constructor(app) {
    this.app = app;
    this.frame = app.text.parentElement;
    this.start = this.make("start");
    this.end = this.make("end");
    this.held = null;
    this.frame.append(this.start, this.end);
    app.model.addEventListener("change", () => this.later());
    app.model.addEventListener("choose", () => this.later());
    new ResizeObserver(() => this.later()).observe(app.text);
  }

  make(edge) {
    const handle = createElement("div", { class: "handle", "data-edge": edge, "aria-hidden": "true", hidden: true });
    handle.addEventListener("pointerdown", (event) => this.take(event, edge));
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
    const { model } = this.app;
    const span = model.isEditable ? model.chosen : null;
    const [start, end] = span ? model.range(span) : [0, 0];
    this.place(this.start, span && caretBoxAt(this.app.places, start));
    this.place(this.end, span && endBox(this.app.places, end));
  }

  place(handle, box) {
    handle.hidden = !box;
    if (!box) return;
    const origin = this.frame.getBoundingClientRect();
    handle.style.setProperty("left", `${box.x - origin.left + this.frame.scrollLeft}px`);
    handle.style.setProperty("top", `${box.bottom - origin.top + this.frame.scrollTop}px`);
  }

  take(event, edge) {
    const { model } = this.app;
    if (event.button || !model.chosen) return;
    event.preventDefault();
    event.target.setPointerCapture(event.pointerId);
    this.frame.classList.add("resizing");
    this.held = { edge, id: model.current, range: model.range(model.chosen), wasMoved: false };
  }

  drag(event) {
    const { held } = this;
    if (!held) return;
    // the handle hangs below its line, and so does the hand
    const units = unitsAt(this.app.places, event.clientX, event.clientY - this.start.offsetHeight);
    if (units === null) return;
    const [start, end] = held.range;
    const range = held.edge === "end" ? [start, units] : [units, end];
    if (range[0] >= range[1]) return;
    Object.assign(held, { range, wasMoved: true });
    this.app.selection.set(...range);
  }

  letGo() {
    const { held } = this;
    this.drop();
    const span = held?.wasMoved && this.app.model.span(held.id);
    if (!span) return;
    const [start, end] = this.app.segments.whole(...held.range);
    this.app.commands.exact = { id: span.id, start, end };
    this.app.edits.fit(span, start, end);
    this.app.selection.collapse();
  }

  drop() {
    this.held = null;
    this.frame.classList.remove("resizing");
    this.later();
  }
}

/** Behind the last character, on its own line. */
function endBox(places, units) {
  const boxes = places.range(Math.max(0, units - 1), units).getClientRects();
  const last = boxes[boxes.length - 1];
  if (!last) return caretBoxAt(places, units);
  const node = places.point(units, true)[0];
  const isRight = getComputedStyle(node.parentElement).direction === "rtl";
  return { x: isRight ? last.left : last.right, bottom: last.bottom };
}

/** The place in the text that is nearest to a point of the window; null if none is. */
export function unitsAt(places, x, y) {
  const caret = document.caretPositionFromPoint?.(x, y);
  if (caret) return places.units(caret.offsetNode, caret.offset);
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? places.units(range.startContainer, range.startOffset) : null;
}
