/** The relations of one span: those it has, and the way to add one. */

import { Combobox } from "./combobox.js";
import { createButton, createElement, isolateText, replaceContent, shortenText } from "./dom.js";
import { foldText } from "./registry.js";
import { gettext, interpolate, quoteText } from "./translation.js";

/** What a span is called in a list: the linked actor's name, else its words. */
export function spanTitle({ registry }, span) {
  if (!span) return gettext("a mark that is gone");
  const words = quoteText(shortenText(span.quote, 60));
  if (!span.actor) return words;
  const name = registry.actorName(span.actor);
  return name === span.quote ? name : `${name} (${words})`;
}

export class RelationEditor {
  constructor(app, spanId, { isEditable }) {
    this.app = app;
    this.spanId = spanId;
    this.isEditable = isEditable;
    this.list = createElement("ul", { class: "relations" });
    this.adder = isEditable ? this.makeAdder() : null;
    this.element = createElement("div", { class: "relations-part" }, this.list, this.adder);
    this.key = null;
  }

  get span() {
    return this.app.model.span(this.spanId);
  }

  show() {
    const { model } = this.app;
    const all = model.relationsOf(this.spanId);
    const out = all.filter(({ source }) => source === this.spanId);
    const into = all.filter(({ source }) => source !== this.spanId);
    const rows = [...out.map((one) => this.describe(one, true)), ...into.map((one) => this.describe(one, false))];
    const key = JSON.stringify(rows.map(({ relation, title, name, isOpen }) => [relation.id, title, name, isOpen]));
    if (key === this.key) return;
    this.key = key;
    replaceContent(this.list, rows.map((one) => this.item(one)));
    this.list.hidden = !rows.length;
    this.element.hidden = !rows.length && !this.adder;
  }

  describe(relation, isSource) {
    const { model, scheme } = this.app;
    const other = model.span(isSource ? relation.target : relation.source);
    const { title } = scheme.relation(relation.type);
    const label = other ? scheme.label(other.label).title : gettext("Mark");
    const words = isSource ? title : interpolate(gettext("%(label)s %(relation)s this"), { label, relation: title }, true);
    return { relation, title: words, other, name: spanTitle(this.app, other), isOpen: model.isOpen(relation.id) };
  }

  item({ relation, title, other, name, isOpen }) {
    const { model, edits } = this.app;
    const go = createButton(isolateText(name), () => other && model.choose(other.id), { class: "link" });
    const remove = createButton("×", () => edits.unrelate(relation), {
      class: "icon",
      "aria-label": interpolate(gettext("Remove: %(relation)s %(name)s"), { relation: title, name }, true),
      title: gettext("Remove the relation"),
    });
    const attributes = { "data-relation": relation.id, "data-type": relation.type, class: isOpen ? "unsaved" : null };
    return createElement("li", attributes, createElement("span", { class: "relation-type" }, title), go, this.isEditable && remove);
  }

  makeAdder() {
    const types = this.app.scheme.relationsFrom(this.span.label);
    if (!types.length) return null;
    const options = types.map(({ name, title }) => createElement("option", { value: name }, `${title} …`));
    this.type = createElement("select", { "aria-label": gettext("Kind of relation"), "data-field": "relation-type" }, options);
    this.target = new Combobox({
      label: gettext("Mark at the other end of the relation"),
      field: "relation-target",
      placeholder: gettext("Choose a mark"),
      prefersFirst: true,
      shown: () => "",
      search: async (typed) => this.targets(typed),
    });
    return createElement("div", { class: "relation-adder" }, this.type, this.target.element);
  }

  /** What the relation may end at, the nearest first. */
  targets(typed) {
    const { model, scheme, edits } = this.app;
    const { span } = this;
    const { targets } = scheme.relation(this.type.value);
    const near = (one) => Math.abs(one.start - span.start);
    const fits = (one) =>
      one.id !== span.id && targets.includes(one.label) && foldText(spanTitle(this.app, one)).includes(foldText(typed));
    const found = model.ordered.filter(fits).sort((one, other) => near(one) - near(other));
    return found.map((one) => ({
      text: spanTitle(this.app, one),
      hint: quoteInContext(model, one),
      take: () => edits.relate(this.type.value, span.id, one.id),
    }));
  }
}

/** The words around a mark, which tell two mentions of one name apart. */
function quoteInContext(model, span) {
  const [start, end] = model.range(span);
  const { text } = model.revision;
  const before = Array.from(text.slice(Math.max(0, start - 30), start)).slice(-24).join("");
  const after = Array.from(text.slice(end, end + 30)).slice(0, 24).join("");
  return `…${before}[${shortenText(span.quote, 30)}]${after}…`.replace(/\s+/g, " ");
}
