/** A mark of the adjudicator's own, in the place of what the sources have. */

import { button, freshId, h } from "./dom.js";
import { Draft } from "./draft.js";
import { gettext } from "./words.js";

export class OwnForm {
  constructor(app, row, { done, cancel }) {
    Object.assign(this, { done, cancel });
    const base = row.sides.find(({ span }) => span).span;
    const words = h("p", { class: "quote", dir: "auto", "data-part": "own-words" });
    const draft = new Draft(app, () => base, { kind: "own", words, says: gettext("My words: %(text)s"), most: 200 });
    this.draft = draft;
    const heading = freshId("own");
    this.element = h(
      "form",
      { class: "own-form", "aria-labelledby": heading, onsubmit: (event) => this.onSubmit(event) },
      h("h2", { id: heading }, gettext("A mark of your own")),
      words,
      button(gettext("Use the selected words"), () => draft.useSelection(), { "data-action": "own-range" }),
      draft.fields,
      h(
        "div",
        { class: "actions" },
        button(gettext("Cancel"), () => cancel()),
        h("button", { type: "submit", class: "primary", "data-action": "own" }, gettext("Take my own")),
      ),
    );
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.isReady = Boolean(app.selection.range);
    if (this.isReady) draft.useSelection();
    draft.draw();
  }

  /** With words selected, Enter is all that is left to press. */
  focus() {
    this.element.querySelector(this.isReady ? '[type="submit"]' : "button").focus();
  }

  onKey(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.cancel();
  }

  onSubmit(event) {
    event.preventDefault();
    const { range, base, label, attributes, links } = this.draft;
    const { start, end, quote } = range ?? base();
    this.done({ label, start, end, quote, attributes, ...links });
  }
}
