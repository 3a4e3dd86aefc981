// @ts-check
/**
 * The buttons that mark: in the bar above the text, where they are the legend as well, and beside
 * the selection, so that the mouse has no long way.
 */

import { createButton, createElement, findPart, parentOf } from "./dom.js";
import { gettext } from "./translation.js";

const REST = 400;

export class LabelButtons {
  /** @param {Pick<Services, "model" | "scheme" | "selection" | "commands" | "text" | "wordComments">} services */
  constructor({ model, scheme, selection, commands, text, wordComments }) {
    this.model = model;
    this.scheme = scheme;
    this.selection = selection;
    this.commands = commands;
    this.text = text;
    this.wordComments = wordComments;
    this.bar = findPart("labels");
    this.floating = createElement("div", { class: "float", role: "group", "aria-label": gettext("Mark the selection"), hidden: true });
    parentOf(text).append(this.floating);
    this.bar.replaceChildren(...this.createButtons());
    this.floating.replaceChildren(...this.createButtons(), this.createCommentButton());
    text.addEventListener("pointerup", () => setTimeout(() => this.showFloating()));
    text.addEventListener("pointerdown", (event) => this.onDown(event));
    document.addEventListener("selectionchange", () => this.onTouchSelection());
    selection.on("change", () => this.draw());
    model.on("change", () => this.draw());
    model.on("choose", () => this.draw());
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
        if (this.wordComments.canPropose) this.wordComments.openOnSelection({ label: name });
        else this.commands.markSelection(name);
        this.hideFloating();
      };
      const sign = createElement("kbd", { "aria-hidden": "true" }, key);
      const attributes = { class: `mark ${name}`, "data-label": name, "aria-keyshortcuts": key, title: description };
      const made = createButton(createElement("span", { class: "sample" }, title), mark, attributes);
      made.append(sign);
      return keepSelection(made);
    });
  }

  createCommentButton() {
    const comment = () => {
      this.wordComments.openOnSelection();
      this.hideFloating();
    };
    const made = createButton(gettext("Comment"), comment, { class: "mark comment", "data-action": "comment-words", "aria-keyshortcuts": "n" });
    made.append(createElement("kbd", { "aria-hidden": "true" }, "n"));
    return keepSelection(made);
  }

  /** Whether the buttons beside the selection mark, or propose a mark that is missing. */
  get isOffered() {
    return this.model.isEditable || this.model.canComment;
  }

  draw() {
    const { model, selection } = this;
    this.bar.hidden = !model.isEditable;
    for (const one of this.bar.querySelectorAll("button")) {
      const can = selection.range || this.commands.rangeToMarkAgain(one.dataset.label ?? "");
      one.setAttribute("aria-disabled", String(!can));
    }
    if (!selection.range || !this.isOffered) this.hideFloating();
  }

  /** Show the buttons below the end of a selection made by mouse or touch. */
  showFloating() {
    const { model, selection, text, wordComments } = this;
    selection.readDocument();
    const box = this.isOffered && selection.range && selection.caretBox();
    if (!box) return;
    const isMarking = model.isEditable || wordComments.canPropose;
    for (const one of this.floating.querySelectorAll("[data-label]")) one.toggleAttribute("hidden", !isMarking);
    this.floating.setAttribute("aria-label", model.isEditable ? gettext("Mark the selection") : gettext("Comment on the selection, or say which mark is missing"));
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

/**
 * A press on a button must not take the selection away.
 *
 * @param {HTMLButtonElement} button
 */
function keepSelection(button) {
  for (const press of ["pointerdown", "mousedown"]) button.addEventListener(press, (event) => event.preventDefault());
  return button;
}
