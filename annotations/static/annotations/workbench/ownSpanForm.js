// @ts-check
/** The form for a span of the adjudicator's own, in the place of those of the sources. */

import { createButton, createElement, createId, findElement } from "./dom.js";
import { draftKeys } from "./drafts.js";
import { SpanForm } from "./spanForm.js";
import { gettext } from "./translation.js";

export class OwnSpanForm {
  /**
   * @param {SpanFormServices & Pick<Services, "drafts">} services
   * @param {Decision} row
   * @param {{ done: (span: OwnSpan) => void, cancel: () => void }} actions
   */
  constructor(services, row, { done, cancel }) {
    const { selection, drafts } = services;
    const draftKey = draftKeys.own(row.id);
    const begun = drafts.get(draftKey)?.change;
    this.onDone = done;
    this.onCancel = cancel;
    const base = row.sides.find(({ span }) => span)?.span;
    if (!base) throw new Error("no-span");
    const words = createElement("p", { class: "quote", dir: "auto", "data-part": "own-words" });
    const draft = new SpanForm(services, () => base, { kind: "own", words, description: gettext("My words: %(text)s"), most: 200, changed: () => this.keepDraft() });
    this.spanForm = draft;
    this.drafts = drafts;
    this.draftKey = draftKey;
    if (begun) draft.restore(begun);
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
        createButton(gettext("Cancel"), () => this.discard()),
        createElement("button", { type: "submit", class: "primary", "data-action": "own" }, gettext("Take my own")),
      ),
    );
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.isReady = Boolean(selection.range);
    if (this.isReady && !begun?.range) draft.useSelection();
    draft.draw();
  }

  /** Focus the button that takes the span if words are selected already; otherwise the first button. */
  focus() {
    findElement(this.element, this.isReady ? '[type="submit"]' : "button").focus();
  }

  keepDraft() {
    const change = this.spanForm.state;
    this.drafts.save(this.draftKey, { text: (change.range ?? this.spanForm.getSpan()).quote, change });
  }

  /** Close the form; what was chosen in it can be brought back. */
  discard() {
    this.onCancel();
    this.drafts.discard(this.draftKey);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.discard();
  }

  /** @param {Event} event */
  onSubmit(event) {
    event.preventDefault();
    const { range, getSpan, label, attributes, links } = this.spanForm;
    const { start, end, quote } = range ?? getSpan();
    this.drafts.delete(this.draftKey);
    this.onDone({ label, start, end, quote, attributes, ...links });
  }
}
