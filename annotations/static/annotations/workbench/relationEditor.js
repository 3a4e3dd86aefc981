// @ts-check
/** The relations of one span: those it has, and the way to add one. */

import { Combobox } from "./combobox.js";
import { createButton, createElement, isolateText, replaceContent, shortenText } from "./dom.js";
import { foldText } from "./registry.js";
import { gettext, interpolate, quoteText } from "./translation.js";

/**
 * The title of a span in a list: the name of its actor, or else its words.
 *
 * @param {Registry} registry
 * @param {Span | null} span
 */
export function spanTitle(registry, span) {
  if (!span) return gettext("a mark that is gone");
  const words = quoteText(shortenText(span.quote, 60));
  if (!span.actor) return words;
  const name = registry.actorName(span.actor);
  return name === span.quote ? name : `${name} (${words})`;
}

export class RelationEditor {
  /**
   * @param {Pick<Services, "model" | "edits" | "scheme" | "registry">} services
   * @param {string} spanId
   * @param {{ isEditable: boolean }} options
   */
  constructor({ model, edits, scheme, registry }, spanId, { isEditable }) {
    this.model = model;
    this.edits = edits;
    this.scheme = scheme;
    this.registry = registry;
    this.spanId = spanId;
    this.isEditable = isEditable;
    this.list = createElement("ul", { class: "relations" });
    this.adder = isEditable && this.span ? this.createAdder(this.span.label) : null;
    this.element = createElement("div", { class: "relations-part" }, this.list, this.adder);
    /** @type {string | null} */
    this.key = null;
  }

  get span() {
    return this.model.findSpan(this.spanId);
  }

  show() {
    const { model } = this;
    const all = model.relationsOf(this.spanId);
    const out = all.filter(({ source }) => source === this.spanId);
    const into = all.filter(({ source }) => source !== this.spanId);
    const rows = [...out.map((one) => this.createRow(one, true)), ...into.map((one) => this.createRow(one, false))];
    const key = JSON.stringify(rows.map(({ relation, title, name, isOpen }) => [relation.id, title, name, isOpen]));
    if (key === this.key) return;
    this.key = key;
    replaceContent(this.list, rows.map((one) => this.createItem(one)));
    this.list.hidden = !rows.length;
    this.element.hidden = !rows.length && !this.adder;
  }

  /**
   * @param {Relation} relation
   * @param {boolean} isSource
   */
  createRow(relation, isSource) {
    const { model, scheme } = this;
    const other = model.findSpan(isSource ? relation.target : relation.source);
    const { title } = scheme.findRelation(relation.type);
    const label = other ? scheme.findLabel(other.label).title : gettext("Mark");
    const words = isSource ? title : interpolate(gettext("%(label)s %(relation)s this"), { label, relation: title }, true);
    return { relation, title: words, other, name: spanTitle(this.registry, other), isOpen: model.isUnsaved(relation.id) };
  }

  /** @param {RelationRow} row */
  createItem({ relation, title, other, name, isOpen }) {
    const { model, edits } = this;
    const go = createButton(isolateText(name), () => other && model.chooseSpan(other.id), { class: "link" });
    const remove = createButton("×", () => edits.removeRelation(relation), {
      class: "icon",
      "aria-label": interpolate(gettext("Remove: %(relation)s %(name)s"), { relation: title, name }, true),
      title: gettext("Remove the relation"),
    });
    const attributes = { "data-relation": relation.id, "data-type": relation.type, class: isOpen ? "unsaved" : null };
    return createElement("li", attributes, createElement("span", { class: "relation-type" }, title), go, this.isEditable && remove);
  }

  /** @param {string} label */
  createAdder(label) {
    const types = this.scheme.relationsFrom(label);
    if (!types.length) return null;
    const options = types.map(({ name, title }) => createElement("option", { value: name }, `${title} …`));
    const attributes = { "aria-label": gettext("Kind of relation"), "data-field": "relation-type" };
    const type = createElement("select", attributes, options);
    const target = new Combobox({
      label: gettext("Mark at the other end of the relation"),
      field: "relation-target",
      placeholder: gettext("Choose a mark"),
      prefersFirst: true,
      shown: () => "",
      search: async (typed) => this.findTargets(type.value, typed),
    });
    return createElement("div", { class: "relation-adder" }, type, target.element);
  }

  /**
   * The spans that a relation of this type may end at, as options, the nearest first.
   *
   * @param {string} type
   * @param {string} typed
   * @returns {Option[]}
   */
  findTargets(type, typed) {
    const { model, scheme, edits, registry, span } = this;
    if (!span) return [];
    const { targets } = scheme.findRelation(type);
    const words = foldText(typed);
    const fitting = model.orderedSpans.filter(
      ({ id, label }) => id !== span.id && targets.includes(label),
    ).filter((other) => foldText(spanTitle(registry, other)).includes(words));
    fitting.sort((one, other) => Math.abs(one.start - span.start) - Math.abs(other.start - span.start));
    return fitting.map((other) => ({
      text: spanTitle(registry, other),
      hint: quoteInContext(model, other),
      take: () => edits.addRelation(type, span.id, other.id),
    }));
  }
}

/**
 * The words around a mark, which tell two mentions of one name apart.
 *
 * @param {Model} model
 * @param {Span} span
 */
function quoteInContext(model, span) {
  const [start, end] = model.unitRangeOf(span);
  const { text } = model.revision;
  const before = Array.from(text.slice(Math.max(0, start - 30), start)).slice(-24).join("");
  const after = Array.from(text.slice(end, end + 30)).slice(0, 24).join("");
  return `…${before}[${shortenText(span.quote, 30)}]${after}…`.replace(/\s+/g, " ");
}
