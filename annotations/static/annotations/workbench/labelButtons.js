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
    this.floating = createElement("div", { class: "float", role: "group", "aria-label": gettext("Mark the selection"), hidden: true });
    parentOf(text).append(this.floating);
    this.bar.replaceChildren(...this.createButtons());
    this.floating.replaceChildren(...this.createButtons());
    text.addEventListener("pointerup", () => setTimeout(() => this.showFloating()));
    text.addEventListener("pointerdown", (event) => this.onDown(event));
    document.addEventListener("selectionchange", () => this.onTouchSelection());
    selection.on("change", () => this.draw());
    model.on("change", () => this.draw());
    this.draw();
  }

  /** @param {PointerEvent} event */
  onDown({ pointerType }) {
    this.isTouch = pointerType === "touch";
    this.hideFloating();
  }

  /** Offer the buttons once a selection by finger rests: no pointer event says that it has ended. */
  onTouchSelection() {
    clearTimeout(this.timer);
    if (this.isTouch) this.timer = setTimeout(() => this.showFloating(), REST);
  }

  createButtons() {
    return this.scheme.labels.map(({ name, title, key, description }) => {
      const mark = () => {
        this.commands.markSelection(name);
        this.hideFloating();
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
    if (!selection.range || !model.isEditable) this.hideFloating();
  }

  /** Show the buttons below the end of a selection made by mouse or touch. */
  showFloating() {
    const { model, selection, text } = this;
    selection.readDocument();
    const box = model.isEditable && selection.range && selection.caretBox();
    if (!box) return;
    this.floating.hidden = false;
    const frame = parentOf(text).getBoundingClientRect();
    const widest = frame.width - this.floating.offsetWidth - 8;
    const left = Math.max(0, Math.min(box.x - frame.left - this.floating.offsetWidth / 2, widest));
    this.floating.style.setProperty("left", `${left}px`);
    this.floating.style.setProperty("top", `${box.bottom - frame.top + 6}px`);
  }

  hideFloating() {
    this.floating.hidden = true;
  }
}
