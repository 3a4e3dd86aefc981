/** The relations of one span: those it has, and the way to add one. */

import { Combobox } from "./combobox.js";
import { bdi, button, fill, h, shortened } from "./dom.js";
import { folded } from "./registry.js";
import { gettext, interpolate, quoted } from "./words.js";

/** What a span is called in a list: the linked actor's name, else its words. */
export function spanName({ registry }, span) {
  if (!span) return gettext("a mark that is gone");
  const words = quoted(shortened(span.quote, 60));
  if (!span.actor) return words;
  const name = registry.actorName(span.actor);
  return name === span.quote ? name : `${name} (${words})`;
}

export class Relations {
  constructor(app, spanId, { isEditable }) {
    this.app = app;
    this.spanId = spanId;
    this.isEditable = isEditable;
    this.list = h("ul", { class: "relations" });
    this.adder = isEditable ? this.makeAdder() : null;
    this.element = h("div", { class: "relations-part" }, this.list, this.adder);
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
    fill(this.list, rows.map((one) => this.item(one)));
    this.list.hidden = !rows.length;
    this.element.hidden = !rows.length && !this.adder;
  }

  describe(relation, isSource) {
    const { model, scheme } = this.app;
    const other = model.span(isSource ? relation.target : relation.source);
    const { title } = scheme.relation(relation.type);
    const label = other ? scheme.label(other.label).title : gettext("Mark");
    const words = isSource ? title : interpolate(gettext("%(label)s %(relation)s this"), { label, relation: title }, true);
    return { relation, title: words, other, name: spanName(this.app, other), isOpen: model.isOpen(relation.id) };
  }

  item({ relation, title, other, name, isOpen }) {
    const { model, edits } = this.app;
    const go = button(bdi(name), () => other && model.choose(other.id), { class: "link" });
    const remove = button("×", () => edits.unrelate(relation), {
      class: "icon",
      "aria-label": interpolate(gettext("Remove: %(relation)s %(name)s"), { relation: title, name }, true),
      title: gettext("Remove the relation"),
    });
    const attributes = { "data-relation": relation.id, "data-type": relation.type, class: isOpen ? "unsaved" : null };
    return h("li", attributes, h("span", { class: "relation-type" }, title), go, this.isEditable && remove);
  }

  makeAdder() {
    const types = this.app.scheme.relationsFrom(this.span.label);
    if (!types.length) return null;
    const options = types.map(({ name, title }) => h("option", { value: name }, `${title} …`));
    this.type = h("select", { "aria-label": gettext("Kind of relation"), "data-field": "relation-type" }, options);
    this.target = new Combobox({
      label: gettext("Mark at the other end of the relation"),
      field: "relation-target",
      placeholder: gettext("Choose a mark"),
      prefersFirst: true,
      shown: () => "",
      search: async (typed) => this.targets(typed),
    });
    return h("div", { class: "relation-adder" }, this.type, this.target.element);
  }

  /** What the relation may end at, the nearest first. */
  targets(typed) {
    const { model, scheme, edits } = this.app;
    const { span } = this;
    const { targets } = scheme.relation(this.type.value);
    const near = (one) => Math.abs(one.start - span.start);
    const fits = (one) =>
      one.id !== span.id && targets.includes(one.label) && folded(spanName(this.app, one)).includes(folded(typed));
    const found = model.ordered.filter(fits).sort((one, other) => near(one) - near(other));
    return found.map((one) => ({
      text: spanName(this.app, one),
      hint: context(model, one),
      take: () => edits.relate(this.type.value, span.id, one.id),
    }));
  }
}

/** The words around a mark, which tell two mentions of one name apart. */
function context(model, span) {
  const [start, end] = model.range(span);
  const { text } = model.revision;
  const before = Array.from(text.slice(Math.max(0, start - 30), start)).slice(-24).join("");
  const after = Array.from(text.slice(end, end + 30)).slice(0, 24).join("");
  return `…${before}[${shortened(span.quote, 30)}]${after}…`.replace(/\s+/g, " ");
}
