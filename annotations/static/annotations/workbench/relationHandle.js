// @ts-check
/**
 * The handle that connects spans by mouse: drag it from the current claim or position to the span that it
 * belongs to, in the text or in the list. The keys `f` and `m` do the same.
 */

import { isRightToLeft } from "./articleText.js";
import { caretBoxAt } from "./caret.js";
import { createButton, createElement, parentOf } from "./dom.js";
import { unitsAt } from "./edgeHandles.js";
import { spanTitle } from "./relationEditor.js";
import { gettext, interpolate } from "./translation.js";

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
/** How far beside a span the drag may end, in pixels. */
const TOLERANCE = 4;
/** How far within the edge of the paper the middle of the handle stands, in pixels. */
const MARGIN = 6;

export class RelationHandle {
  /** @param {Pick<Services, "model" | "edits" | "scheme" | "registry" | "messages" | "textNodes" | "highlights" | "text">} services */
  constructor({ model, edits, scheme, registry, messages, textNodes, highlights, text }) {
    this.model = model;
    this.edits = edits;
    this.scheme = scheme;
    this.registry = registry;
    this.messages = messages;
    this.textNodes = textNodes;
    this.highlights = highlights;
    this.text = text;
    this.frame = parentOf(text);
    this.handle = createElement("div", { class: "relation-handle", "data-part": "linker", "aria-hidden": "true", hidden: true }, "→");
    this.handle.title = gettext("Drag to the mark that this one belongs to: who says it, who holds it");
    this.line = document.createElementNS(SVG_NAMESPACE, "line");
    this.drawing = document.createElementNS(SVG_NAMESPACE, "svg");
    this.drawing.setAttribute("class", "relation-line");
    this.drawing.setAttribute("aria-hidden", "true");
    this.drawing.append(this.line);
    /** @type {string | null} the id of the span at which the drag began */
    this.sourceId = null;
    this.frameId = 0;
    this.frame.append(this.handle);
    this.listen();
  }

  listen() {
    const { model, text } = this;
    this.handle.addEventListener("pointerdown", (event) => this.startDrag(event));
    this.handle.addEventListener("pointermove", (event) => this.drag(event));
    this.handle.addEventListener("pointerup", (event) => this.finishDrag(event));
    this.handle.addEventListener("pointercancel", () => this.cancelDrag());
    model.on("change", () => this.drawLater());
    model.on("choose", () => this.drawLater());
    new ResizeObserver(() => this.drawLater()).observe(text);
  }

  drawLater() {
    cancelAnimationFrame(this.frameId);
    this.frameId = requestAnimationFrame(() => this.draw());
  }

  /** Place the handle in the margin, beside the line in which the span begins: there it covers no word. */
  draw() {
    const { model, scheme, textNodes } = this;
    const span = model.isEditable ? model.currentSpan : null;
    const start = span && scheme.relationsFrom(span.label).length ? model.unitRangeOf(span)[0] : null;
    const box = start === null ? null : caretBoxAt(textNodes, start);
    this.handle.hidden = !box;
    if (!box || start === null) return;
    const origin = this.frame.getBoundingClientRect();
    const paper = this.text.getBoundingClientRect();
    const x = isRightToLeft(textNodes, start) ? paper.right - MARGIN : paper.left + MARGIN;
    this.handle.style.setProperty("left", `${x - origin.left + this.frame.scrollLeft}px`);
    this.handle.style.setProperty("top", `${(box.top + box.bottom) / 2 - origin.top + this.frame.scrollTop}px`);
  }

  /** @param {PointerEvent} event */
  startDrag(event) {
    if (event.button || !this.model.currentSpan) return;
    event.preventDefault();
    this.handle.setPointerCapture(event.pointerId);
    this.sourceId = this.model.currentId;
    const { left, right, top, bottom } = this.handle.getBoundingClientRect();
    this.line.setAttribute("x1", String((left + right) / 2));
    this.line.setAttribute("y1", String((top + bottom) / 2));
    document.body.append(this.drawing);
    this.drag(event);
  }

  /** @param {PointerEvent} event */
  drag({ clientX, clientY }) {
    if (!this.sourceId) return;
    this.line.setAttribute("x2", String(clientX));
    this.line.setAttribute("y2", String(clientY));
    const target = this.findTarget(clientX, clientY);
    this.drawing.classList.toggle("has-target", Boolean(target));
    this.highlights.highlightTarget(target);
  }

  /** @param {PointerEvent} event */
  finishDrag({ clientX, clientY }) {
    const source = this.model.findSpan(this.sourceId);
    const target = source && this.findTarget(clientX, clientY);
    this.cancelDrag();
    if (source && target) this.addRelation(source, target);
  }

  cancelDrag() {
    this.sourceId = null;
    this.drawing.remove();
    this.highlights.highlightTarget(null);
  }

  /**
   * The span under the pointer that a relation may end at; of several the shortest.
   *
   * @param {number} x
   * @param {number} y
   */
  findTarget(x, y) {
    const source = this.model.findSpan(this.sourceId);
    return this.spansUnder(x, y).find((span) => this.possibleTypes(source, span).length) ?? null;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  spansUnder(x, y) {
    const { model, textNodes } = this;
    const line = document.elementFromPoint(x, y)?.closest("[data-span]");
    if (line instanceof HTMLElement) return [model.findSpan(line.dataset.span ?? "")].filter((span) => span !== null);
    const units = unitsAt(textNodes, x, y);
    if (units === null) return [];
    const near = new Set([...model.spansAt(units), ...model.spansAt(Math.max(0, units - 1))]);
    return [...near].filter((span) => this.isUnder(span, x, y));
  }

  /**
   * Whether the pointer is on a span. The browser names the nearest letter, however far away it is.
   *
   * @param {Span} span
   * @param {number} x
   * @param {number} y
   */
  isUnder(span, x, y) {
    const boxes = [...this.textNodes.createRange(...this.model.unitRangeOf(span)).getClientRects()];
    /** @param {DOMRect} box */
    const isIn = ({ left, right, top, bottom }) =>
      left - TOLERANCE <= x && x <= right + TOLERANCE && top - TOLERANCE <= y && y <= bottom + TOLERANCE;
    return boxes.some(isIn);
  }

  /**
   * The types of relation that may go from one span to the other, in scheme order.
   *
   * @param {Span | null} source
   * @param {Span} target
   */
  possibleTypes(source, target) {
    if (!source || source.id === target.id) return [];
    return this.scheme.relationsFrom(source.label).filter(({ targets }) => targets.includes(target.label));
  }

  /**
   * Add the relation of the first type that fits, which is nearly always meant, and offer the others.
   *
   * @param {Span} source
   * @param {Span} target
   */
  addRelation(source, target) {
    const { edits, model, messages } = this;
    const [kind, ...others] = this.possibleTypes(source, target);
    if (!kind) return;
    edits.addRelation(kind.name, source.id, target.id);
    const told = { relation: kind.title, name: spanTitle(this.registry, target) };
    const made = model.relationsOf(source.id).find((one) => one.type === kind.name && one.target === target.id);
    const rather = others.map(({ name, title }) => {
      const change = () => {
        message.remove();
        if (made) edits.replaceRelation(made, name, source.id, target.id);
      };
      return createButton(title, change, { "data-relate": name });
    });
    const words = interpolate(gettext("%(relation)s %(name)s."), told, true);
    const message = messages.showInfo(words, ...(rather.length ? [" ", gettext("Rather:"), " ", ...rather.flatMap((one) => [one, " "])] : []));
  }
}
