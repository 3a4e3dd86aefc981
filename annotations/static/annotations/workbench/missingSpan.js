// @ts-check
/** The part of the form for a comment on words in which a mark is proposed that is missing there. */

import { createElement, replaceContent } from "./dom.js";
import { SpanForm } from "./spanForm.js";
import { gettext } from "./translation.js";

export class MissingSpanForm {
  /**
   * @param {SpanFormServices} services
   * @param {Words} words
   * @param {() => void} changed
   */
  constructor(services, words, changed) {
    const { scheme } = services;
    this.label = scheme.labels[0]?.name ?? "";
    const quote = createElement("span", { class: "quote", dir: "auto" });
    const links = { actor: null, proposition: null };
    const span = () => ({ id: "", ...words, ...links, label: this.label, attributes: scheme.defaultAttributes(this.label) });
    this.spanForm = new SpanForm(services, span, { kind: "missing", words: quote, description: "", most: 80, changed });
    this.element = createElement(
      "details",
      { class: "suggestion-form", "data-part": "missing", ontoggle: () => this.draw() },
      createElement("summary", {}, gettext("A mark is missing here")),
      createElement("div", { class: "field" }, createElement("span", { class: "title" }, gettext("Words")), quote),
      this.spanForm.fields,
    );
    this.element.addEventListener("toggle", changed);
  }

  /**
   * Propose a mark with this label.
   *
   * @param {string} label
   */
  propose(label) {
    this.label = label;
    this.spanForm.reset();
    this.element.open = true;
    this.draw();
  }

  reset() {
    this.element.open = false;
    this.spanForm.reset();
    this.draw();
  }

  /**
   * What was chosen so far; null if nothing is proposed.
   *
   * @returns {SpanDraft | null}
   */
  get state() {
    return this.element.open ? this.spanForm.state : null;
  }

  /** @param {SpanDraft | null | undefined} state */
  restore(state) {
    if (!state) return this.reset();
    this.label = state.label;
    this.spanForm.restore(state);
    this.element.open = true;
    return this.draw();
  }

  /** Create the fields when the part is opened. */
  draw() {
    if (this.element.open) this.spanForm.draw();
    else replaceContent(this.spanForm.fields);
  }

  /**
   * The mark that is proposed; null if none.
   *
   * @returns {ProposedChange | null}
   */
  get value() {
    const { label, attributes } = this.spanForm;
    return this.element.open ? { label, attributes } : null;
  }
}
