// @ts-check
/** A span that is being thought of: its words, label and attributes, and the fields for them. */

import { createElement, createId, findElement, replaceContent, shortenText } from "./dom.js";
import { capitalize } from "./spanFields.js";
import { gettext, interpolate, quoteText } from "./translation.js";

/**
 * It begins as the span that `base()` answers. `kind` names the fields in the page (`data-<kind>`), `words` is the
 * element that shows at most `most` of the words, and `description` announces them (with `%(text)s` for the words).
 */
export class SpanForm {
  /**
   * @param {SpanFormServices} services
   * @param {() => FrozenSpan} base
   * @param {{ kind: string, words: HTMLElement, description: string, most: number, changed: () => void }} options
   */
  constructor({ model, scheme, messages, selection, segments }, base, { kind, words, description, most, changed }) {
    this.model = model;
    this.scheme = scheme;
    this.messages = messages;
    this.selection = selection;
    this.segments = segments;
    this.getSpan = base;
    this.kind = kind;
    this.quoteElement = words;
    this.announcement = description;
    this.maxLength = most;
    this.onChanged = changed;
    /** @type {{ start: number, end: number, quote: string } | null} the chosen words, in code points */
    this.range = null;
    this.label = "";
    /** @type {Attributes} */
    this.attributes = {};
    /** @type {Pick<FrozenSpan, "actor" | "proposition">} */
    this.links = { actor: null, proposition: null };
    this.fields = createElement("div", { class: "fields" });
    this.reset();
  }

  reset() {
    const { label, attributes, actor, proposition } = this.getSpan();
    this.label = label;
    this.attributes = { ...attributes };
    this.links = { actor, proposition };
    this.range = null;
  }

  /**
   * What was chosen so far, to be kept as a draft.
   *
   * @returns {SpanDraft}
   */
  get state() {
    const { label, attributes, links, range } = this;
    return { label, attributes, links, range };
  }

  /** @param {SpanDraft} state */
  restore({ label, attributes, links, range }) {
    Object.assign(this, { label, attributes: { ...attributes }, links, range });
  }

  /** Take the words that are selected in the text. */
  useSelection() {
    const { selection, segments, model, messages } = this;
    const range = selection.range && segments.snapRange(...selection.range);
    if (!range) return messages.showInfo(gettext("Select words in the text first."));
    this.range = model.quoteRange(...range);
    this.drawQuote();
    this.onChanged();
    return messages.announce(interpolate(this.announcement, { text: this.range.quote }, true));
  }

  draw() {
    const { scheme } = this;
    const labels = scheme.labels.map(({ name, title }) => ({ value: name, text: title }));
    const label = this.createField("label", gettext("Label"), labels, this.label, (value) => this.relabel(value));
    const choices = scheme.attributesOf(this.label).filter(({ kind }) => kind === "choice");
    replaceContent(this.fields, label, choices.map((attribute) => this.createAttributeField(attribute)));
    this.drawQuote();
  }

  drawQuote() {
    replaceContent(this.quoteElement, quoteText(shortenText((this.range ?? this.getSpan()).quote, this.maxLength)));
  }

  /** @param {AttributeRow} attribute */
  createAttributeField({ name, title, choices }) {
    const options = [{ value: "", text: "–" }, ...(choices ?? [])];
    return this.createField(name, capitalize(title), options, this.attributes[name] ?? "", (value) => {
      this.attributes = this.scheme.setAttribute(this.attributes, name, value);
      this.onChanged();
    });
  }

  /** @param {string} label */
  relabel(label) {
    const base = this.getSpan();
    const span = { ...base, attributes: { ...base.attributes, ...this.attributes } };
    const { attributes, actor, proposition } = this.scheme.relabelSpan(span, label);
    this.label = label;
    this.attributes = attributes;
    this.links = { actor, proposition };
    this.draw();
    this.onChanged();
    findElement(this.fields, "select").focus();
  }

  /**
   * @param {string} name
   * @param {string} title
   * @param {Choice[]} options
   * @param {string} value
   * @param {(value: string) => void} change
   */
  createField(name, title, options, value, change) {
    const id = createId(this.kind);
    const items = options.map((one) => createElement("option", { value: one.value }, one.text));
    const select = createElement("select", { id, [`data-${this.kind}`]: name }, items);
    select.addEventListener("change", () => change(select.value));
    select.value = value;
    return createElement("div", { class: "field" }, createElement("label", { for: id }, title), select);
  }
}
