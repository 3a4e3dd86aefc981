/** A mark that somebody thinks of: its words, label and attributes, and the fields in which they are chosen. */

import { createElement, createId, replaceContent, shortenText } from "./dom.js";
import { capitalize } from "./spanFields.js";
import { gettext, interpolate, quoteText } from "./translation.js";

/**
 * It begins as the mark that `base()` answers. `kind` names the fields in the page (`data-<kind>`), `words` is the
 * element that shows at most `most` of the words, and `says` announces them (with `%(text)s` for the words).
 */
export class SpanForm {
  constructor(app, base, { kind, words, says, most }) {
    Object.assign(this, { app, base, kind, words, says, most });
    this.fields = createElement("div", { class: "fields" });
    this.reset();
  }

  reset() {
    const { label, attributes, actor, proposition } = this.base();
    Object.assign(this, { label, attributes: { ...attributes }, links: { actor, proposition }, range: null });
  }

  /** Select words in the text, then press the button that leads here. */
  useSelection() {
    const { selection, segments, model, messages } = this.app;
    const range = selection.range && segments.snapped(...selection.range);
    if (!range) return messages.say(gettext("Select words in the text first."));
    this.range = model.cut(...range);
    this.drawWords();
    return messages.announce(interpolate(this.says, { text: this.range.quote }, true));
  }

  draw() {
    const { scheme } = this.app;
    const labels = scheme.labels.map(({ name, title }) => ({ value: name, text: title }));
    const label = this.field("label", gettext("Label"), labels, this.label, (value) => this.relabel(value));
    const choices = scheme.attributesOf(this.label).filter(({ kind }) => kind === "choice");
    replaceContent(this.fields, label, choices.map((attribute) => this.attributeField(attribute)));
    this.drawWords();
  }

  drawWords() {
    replaceContent(this.words, quoteText(shortenText((this.range ?? this.base()).quote, this.most)));
  }

  attributeField({ name, title, choices }) {
    const options = [{ value: "", text: "–" }, ...choices];
    return this.field(name, capitalize(title), options, this.attributes[name] ?? "", (value) => {
      this.attributes = this.app.scheme.changed(this.attributes, name, value);
    });
  }

  relabel(label) {
    const base = this.base();
    const span = { ...base, attributes: { ...base.attributes, ...this.attributes } };
    const { attributes, actor, proposition } = this.app.scheme.relabelled(span, label);
    Object.assign(this, { label, attributes, links: { actor, proposition } });
    this.draw();
    this.fields.querySelector("select").focus();
  }

  field(name, title, options, value, change) {
    const id = createId(this.kind);
    const items = options.map((one) => createElement("option", { value: one.value }, one.text));
    const attributes = { id, [`data-${this.kind}`]: name, onchange: ({ target }) => change(target.value) };
    const select = createElement("select", attributes, items);
    select.value = value;
    return createElement("div", { class: "field" }, createElement("label", { for: id }, title), select);
  }
}
