// @ts-check
/** The form for a span of the adjudicator's own, in the place of those of the sources. */

import { createButton, createElement, createId, findElement } from "./dom.js";
import { SpanForm } from "./spanForm.js";
import { gettext } from "./translation.js";

export class OwnSpanForm {
  /**
   * @param {SpanFormServices} services
   * @param {Decision} row
   * @param {{ done: (span: OwnSpan) => void, cancel: () => void }} actions
   */
  constructor(services, row, { done, cancel }) {
    const { selection } = services;
    this.onDone = done;
    this.onCancel = cancel;
    const base = row.sides.find(({ span }) => span)?.span;
    if (!base) throw new Error("no-span");
    const words = createElement("p", { class: "quote", dir: "auto", "data-part": "own-words" });
    const draft = new SpanForm(services, () => base, { kind: "own", words, description: gettext("My words: %(text)s"), most: 200 });
    this.spanForm = draft;
    const heading = createId("own");
    this.element = createElement(
      "form",
      { class: "own-span-form", "aria-labelledby": heading, onsubmit: (event) => this.onSubmit(event) },
      createElement("h2", { id: heading }, gettext("A mark of your own")),
      words,
      createButton(gettext("Use the selected words"), () => draft.useSelection(), { "data-action": "own-range" }),
      draft.fields,
      createElement(
        "div",
        { class: "actions" },
        createButton(gettext("Cancel"), () => cancel()),
        createElement("button", { type: "submit", class: "primary", "data-action": "own" }, gettext("Take my own")),
      ),
    );
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.isReady = Boolean(selection.range);
    if (this.isReady) draft.useSelection();
    draft.draw();
  }

  /** Focus the button that takes the span if words are selected already; otherwise the first button. */
  focus() {
    findElement(this.element, this.isReady ? '[type="submit"]' : "button").focus();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.onCancel();
  }

  /** @param {Event} event */
  onSubmit(event) {
    event.preventDefault();
    const { range, getSpan, label, attributes, links } = this.spanForm;
    const { start, end, quote } = range ?? getSpan();
    this.onDone({ label, start, end, quote, attributes, ...links });
  }
}
