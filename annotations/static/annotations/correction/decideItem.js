// @ts-check
/** Deciding what becomes of a mark: the keys of the buttons, and words selected in the new text. */

import { findElement, findPart } from "../workbench/dom.js";
import { TextNodes } from "../workbench/offsets.js";
import { Segments } from "../workbench/segments.js";
import { TextSelection } from "../workbench/textSelection.js";
import { gettext, interpolate } from "../workbench/translation.js";
import { wordsToSend } from "./selectedWords.js";

class ItemPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.root = findPart("new-text");
    this.textNodes = new TextNodes(this.root);
    this.text = this.root.textContent ?? "";
    this.start = Number(this.root.dataset.start);
    this.segments = new Segments(this.text, this.root.dataset.language ?? null);
    this.selection = new TextSelection(this.textNodes, this.segments);
    this.status = findPart("selected");
    this.button = /** @type {HTMLButtonElement} */ (findElement(form, "[data-select]"));
    this.button.hidden = false;
    this.selection.on("change", () => this.drawSelected());
    form.addEventListener("submit", (event) => this.onSubmit(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.reveal();
  }

  /** Scroll the boxes so that the mark is in view. */
  reveal() {
    for (const box of document.getElementsByClassName("passage")) {
      const mark = box.querySelector("mark");
      if (!mark) continue;
      const by = mark.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
      box.scrollTop += Math.max(0, by);
    }
  }

  get words() {
    const { range } = this.selection;
    return range && wordsToSend(this.text, this.start, this.segments, range);
  }

  drawSelected() {
    const { words } = this;
    const label = words ? gettext("Mark the selected words") : gettext("Select words myself");
    if (this.button.firstChild) this.button.firstChild.textContent = `${label} `;
    this.status.textContent = words ? interpolate(gettext("Selected: %(text)s"), { text: words.quote }, true) : "";
  }

  /** Begin to select by keys, with the proposal or the caret as the start. */
  startSelecting() {
    const mark = this.root.querySelector("mark");
    const marks = [...this.root.querySelectorAll("mark")];
    const last = marks.at(-1);
    this.root.focus();
    if (!mark || !last) return this.selection.select(0);
    const [from, to] = [this.textNodes.startOfNode(mark), this.textNodes.endOfNode(last)];
    return this.selection.select(from, to);
  }

  /** @param {SubmitEvent} event */
  onSubmit(event) {
    if (event.submitter !== this.button) return;
    const { words } = this;
    if (!words) {
      event.preventDefault();
      this.startSelecting();
      return;
    }
    for (const [name, value] of Object.entries(words)) {
      const field = this.form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = String(value);
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target instanceof Element && event.target.closest("input:not([type=hidden]), textarea, select")) return;
    if (event.key === "Enter" && document.activeElement === this.root && this.words) {
      event.preventDefault();
      this.form.requestSubmit(this.button);
      return;
    }
    const button = this.form.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    this.form.requestSubmit(button);
  }
}

const form = globalThis.document?.querySelector('[data-part="decision"]');
if (form instanceof HTMLFormElement) new ItemPage(form);
