// @ts-check
/**
 * Connecting marks by mouse: drag from the sign at the current claim or position to the mark that it
 * belongs to, in the text or in the list. By keys it is `f` and `m`.
 */

import { isRightToLeft } from "./articleText.js";
import { caretBoxAt } from "./caret.js";
import { createButton, createElement, parentOf } from "./dom.js";
import { unitsAt } from "./edgeHandles.js";
import { spanTitle } from "./relationEditor.js";
import { gettext, interpolate } from "./translation.js";

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
/** How far beside a mark one may let go. */
const TOLERANCE = 4;
/** How far within the edge of the paper the middle of the sign stands. */
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
    this.sign = createElement("div", { class: "linker", "data-part": "linker", "aria-hidden": "true", hidden: true }, "→");
    this.sign.title = gettext("Drag to the mark that this one belongs to: who says it, who holds it");
    this.line = document.createElementNS(SVG_NAMESPACE, "line");
    this.drawing = document.createElementNS(SVG_NAMESPACE, "svg");
    this.drawing.setAttribute("class", "linker-line");
    this.drawing.setAttribute("aria-hidden", "true");
    this.drawing.append(this.line);
    /** @type {string | null} the id of the span at which the drag began */
    this.from = null;
    this.frameId = 0;
    this.frame.append(this.sign);
    this.listen();
  }

  listen() {
    const { model, text } = this;
    this.sign.addEventListener("pointerdown", (event) => this.take(event));
    this.sign.addEventListener("pointermove", (event) => this.drag(event));
    this.sign.addEventListener("pointerup", (event) => this.letGo(event));
    this.sign.addEventListener("pointercancel", () => this.drop());
    model.on("change", () => this.later());
    model.on("choose", () => this.later());
    new ResizeObserver(() => this.later()).observe(text);
  }

  later() {
    cancelAnimationFrame(this.frameId);
    this.frameId = requestAnimationFrame(() => this.draw());
  }

  /** The sign stands in the margin, beside the line in which the mark begins: there it covers no word. */
  draw() {
    const { model, scheme, textNodes } = this;
    const span = model.isEditable ? model.chosen : null;
    const start = span && scheme.relationsFrom(span.label).length ? model.range(span)[0] : null;
    const box = start === null ? null : caretBoxAt(textNodes, start);
    this.sign.hidden = !box;
    if (!box || start === null) return;
    const origin = this.frame.getBoundingClientRect();
    const paper = this.text.getBoundingClientRect();
    const x = isRightToLeft(textNodes, start) ? paper.right - MARGIN : paper.left + MARGIN;
    this.sign.style.setProperty("left", `${x - origin.left + this.frame.scrollLeft}px`);
    this.sign.style.setProperty("top", `${(box.top + box.bottom) / 2 - origin.top + this.frame.scrollTop}px`);
  }

  /** @param {PointerEvent} event */
  take(event) {
    if (event.button || !this.model.chosen) return;
    event.preventDefault();
    this.sign.setPointerCapture(event.pointerId);
    this.from = this.model.current;
    const { left, right, top, bottom } = this.sign.getBoundingClientRect();
    this.line.setAttribute("x1", String((left + right) / 2));
    this.line.setAttribute("y1", String((top + bottom) / 2));
    document.body.append(this.drawing);
    this.drag(event);
  }

  /** @param {PointerEvent} event */
  drag({ clientX, clientY }) {
    if (!this.from) return;
    this.line.setAttribute("x2", String(clientX));
    this.line.setAttribute("y2", String(clientY));
    const target = this.target(clientX, clientY);
    this.drawing.classList.toggle("fits", Boolean(target));
    this.highlights.aim(target);
  }

  /** @param {PointerEvent} event */
  letGo({ clientX, clientY }) {
    const source = this.model.span(this.from);
    const target = source && this.target(clientX, clientY);
    this.drop();
    if (source && target) this.connect(source, target);
  }

  drop() {
    this.from = null;
    this.drawing.remove();
    this.highlights.aim(null);
  }

  /**
   * The mark under the hand that a relation may end at; of several the shortest.
   *
   * @param {number} x
   * @param {number} y
   */
  target(x, y) {
    const source = this.model.span(this.from);
    return this.under(x, y).find((span) => this.kinds(source, span).length) ?? null;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  under(x, y) {
    const { model, textNodes } = this;
    const line = document.elementFromPoint(x, y)?.closest("[data-span]");
    if (line instanceof HTMLElement) return [model.span(line.dataset.span ?? "")].filter((span) => span !== null);
    const units = unitsAt(textNodes, x, y);
    if (units === null) return [];
    const near = new Set([...model.at(units), ...model.at(Math.max(0, units - 1))]);
    return [...near].filter((span) => this.covers(span, x, y));
  }

  /**
   * A browser names the nearest letter, however far away; only a mark under the hand is meant.
   *
   * @param {Span} span
   * @param {number} x
   * @param {number} y
   */
  covers(span, x, y) {
    const boxes = [...this.textNodes.range(...this.model.range(span)).getClientRects()];
    /** @param {DOMRect} box */
    const isIn = ({ left, right, top, bottom }) =>
      left - TOLERANCE <= x && x <= right + TOLERANCE && top - TOLERANCE <= y && y <= bottom + TOLERANCE;
    return boxes.some(isIn);
  }

  /**
   * The relations that may go from one mark to the other, in scheme order.
   *
   * @param {Span | null} source
   * @param {Span} target
   */
  kinds(source, target) {
    if (!source || source.id === target.id) return [];
    return this.scheme.relationsFrom(source.label).filter(({ targets }) => targets.includes(target.label));
  }

  /**
   * The first kind that fits is meant nearly always; the others are one press away.
   *
   * @param {Span} source
   * @param {Span} target
   */
  connect(source, target) {
    const { edits, model, messages } = this;
    const [kind, ...others] = this.kinds(source, target);
    if (!kind) return;
    edits.relate(kind.name, source.id, target.id);
    const told = { relation: kind.title, name: spanTitle(this.registry, target) };
    const made = model.relationsOf(source.id).find((one) => one.type === kind.name && one.target === target.id);
    const rather = others.map(({ name, title }) => {
      const change = () => {
        message.remove();
        if (made) edits.reconnect(made, name, source.id, target.id);
      };
      return createButton(title, change, { "data-relate": name });
    });
    const words = interpolate(gettext("%(relation)s %(name)s."), told, true);
    const message = messages.say(words, ...(rather.length ? [" ", gettext("Rather:"), " ", ...rather.flatMap((one) => [one, " "])] : []));
  }
}
