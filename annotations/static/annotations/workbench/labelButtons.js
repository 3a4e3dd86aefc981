// @ts-check
/**
 * The buttons that mark: in the bar above the text, where they are the legend as well, and beside
 * the selection, so that the mouse has no long way.
 */

import { createButton, createElement, findPart, parentOf } from "./dom.js";
import { gettext } from "./translation.js";

const REST = 400;

export class LabelButtons {
  /** @param {Pick<Services, "model" | "scheme" | "selection" | "commands" | "text">} services */
  constructor({ model, scheme, selection, commands, text }) {
    this.model = model;
    this.scheme = scheme;
    this.selection = selection;
    this.commands = commands;
    this.text = text;
    this.bar = findPart("labels");
    this.float = createElement("div", { class: "float", role: "group", "aria-label": gettext("Mark the selection"), hidden: true });
    parentOf(text).append(this.float);
    this.bar.replaceChildren(...this.buttons());
    this.float.replaceChildren(...this.buttons());
    text.addEventListener("pointerup", () => setTimeout(() => this.offer()));
    text.addEventListener("pointerdown", (event) => this.onDown(event));
    document.addEventListener("selectionchange", () => this.onTouchSelection());
    selection.on("change", () => this.draw());
    model.on("change", () => this.draw());
    this.draw();
  }

  /** @param {PointerEvent} event */
  onDown({ pointerType }) {
    this.isTouch = pointerType === "touch";
    this.hide();
  }

  /** A finger's selection ends without a pointer of ours going up: offer once it rests. */
  onTouchSelection() {
    clearTimeout(this.timer);
    if (this.isTouch) this.timer = setTimeout(() => this.offer(), REST);
  }

  buttons() {
    return this.scheme.labels.map(({ name, title, key, description }) => {
      const mark = () => {
        this.commands.mark(name);
        this.hide();
      };
      const sign = createElement("kbd", { "aria-hidden": "true" }, key);
      const attributes = { class: `mark ${name}`, "data-label": name, "aria-keyshortcuts": key, title: description };
      const made = createButton(createElement("span", { class: "sample" }, title), mark, attributes);
      made.append(sign);
      // a press must not take the selection away
      made.addEventListener("pointerdown", (event) => event.preventDefault());
      made.addEventListener("mousedown", (event) => event.preventDefault());
      return made;
    });
  }

  draw() {
    const { model, selection } = this;
    this.bar.hidden = !model.isEditable;
    for (const one of this.bar.children) one.setAttribute("aria-disabled", String(!selection.range));
    if (!selection.range || !model.isEditable) this.hide();
  }

  /** Show the buttons below the end of a selection made by mouse or touch. */
  offer() {
    const { model, selection, text } = this;
    selection.read();
    const box = model.isEditable && selection.range && selection.box();
    if (!box) return;
    this.float.hidden = false;
    const frame = parentOf(text).getBoundingClientRect();
    const widest = frame.width - this.float.offsetWidth - 8;
    const left = Math.max(0, Math.min(box.x - frame.left - this.float.offsetWidth / 2, widest));
    this.float.style.setProperty("left", `${left}px`);
    this.float.style.setProperty("top", `${box.bottom - frame.top + 6}px`);
  }

  hide() {
    this.float.hidden = true;
  }
}
