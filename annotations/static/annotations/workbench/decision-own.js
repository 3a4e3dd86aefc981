/** A mark of the adjudicator's own, in the place of what the sources have. */

import { button, fill, freshId, h, shortened } from "./dom.js";
import { capital } from "./fields.js";
import { gettext, interpolate, quoted } from "./words.js";

export class OwnForm {
  constructor(app, row, { done, cancel }) {
    this.app = app;
    this.done = done;
    this.cancel = cancel;
    const base = row.sides.find(({ span }) => span).span;
    this.base = base;
    this.label = base.label;
    this.attributes = { ...base.attributes };
    this.links = { actor: base.actor, proposition: base.proposition };
    this.range = { start: base.start, end: base.end, quote: base.quote };
    this.words = h("p", { class: "quote", dir: "auto", "data-part": "own-words" });
    this.fields = h("div", { class: "fields" });
    const heading = freshId("own");
    this.element = h(
      "form",
      { class: "own-form", "aria-labelledby": heading, onsubmit: (event) => this.onSubmit(event) },
      h("h2", { id: heading }, gettext("A mark of your own")),
      this.words,
      button(gettext("Use the selected words"), () => this.useSelection(), { "data-action": "own-range" }),
      this.fields,
      h(
        "div",
        { class: "actions" },
        button(gettext("Cancel"), () => cancel()),
        h("button", { type: "submit", class: "primary", "data-action": "own" }, gettext("Take my own")),
      ),
    );
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.isReady = Boolean(app.selection.range);
    if (this.isReady) this.useSelection();
    this.draw();
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

  useSelection() {
    const { selection, segments, model, messages } = this.app;
    const range = selection.range && segments.snapped(...selection.range);
    if (!range) return messages.say(gettext("Select words in the text first."));
    this.range = model.cut(...range);
    this.drawWords();
    return messages.announce(interpolate(gettext("My words: %(text)s"), { text: this.range.quote }, true));
  }

  draw() {
    const { scheme } = this.app;
    const labels = scheme.labels.map(({ name, title }) => ({ value: name, text: title }));
    const label = field("label", gettext("Label"), labels, this.label, (value) => this.relabel(value));
    const choices = scheme.attributesOf(this.label).filter(({ kind }) => kind === "choice");
    const rest = choices.map(({ name, title, choices: values }) => {
      const options = [{ value: "", text: "–" }, ...values.map(({ value, text }) => ({ value, text }))];
      return field(name, capital(title), options, this.attributes[name] ?? "", (value) => {
        this.attributes = scheme.changed(this.attributes, name, value);
      });
    });
    fill(this.fields, label, rest);
    this.drawWords();
  }

  drawWords() {
    fill(this.words, quoted(shortened(this.range.quote, 200)));
  }

  relabel(value) {
    const { attributes, actor, proposition } = this.app.scheme.relabelled({ ...this.base, attributes: this.attributes }, value);
    this.label = value;
    this.attributes = attributes;
    this.links = { actor, proposition };
    this.draw();
    this.fields.querySelector("select").focus();
  }

  onSubmit(event) {
    event.preventDefault();
    const { start, end, quote } = this.range;
    this.done({ label: this.label, start, end, quote, attributes: this.attributes, ...this.links });
  }
}

function field(name, title, options, value, change) {
  const id = freshId("own");
  const items = options.map((one) => h("option", { value: one.value }, one.text));
  const select = h("select", { id, "data-own": name, onchange: ({ target }) => change(target.value) }, items);
  select.value = value;
  return h("div", { class: "field" }, h("label", { for: id }, title), select);
}
