/** What can be seen and changed of one span, below its line in the list. */

import { Thread } from "./comments.js";
import { bdi, button, h } from "./dom.js";
import { actorField, attributeField, capital, labelField, propositionField } from "./fields.js";
import { Relations } from "./relations.js";
import { Statement } from "./statement.js";
import { gettext } from "./words.js";

const LINKS = { actor: (app, label, current) => actorField(app, current), proposition: propositionField };

export class Editor {
  constructor(app, span) {
    this.app = app;
    this.id = span.id;
    this.label = span.label;
    this.isEditable = app.model.isEditable;
    this.relations = new Relations(app, span.id, { isEditable: this.isEditable });
    this.statement = new Statement(app, span.id);
    this.thread = new Thread(app, span.id);
    this.fields = this.isEditable ? this.makeFields(span) : [];
    this.facts = this.isEditable ? null : h("dl", { class: "facts" });
    this.element = h("div", { class: "editor" }, this.parts());
    this.show(span);
  }

  /** Whose a claim or position is comes first: it is what differs from mark to mark. */
  parts() {
    const fields = this.facts ?? h("div", { class: "fields" }, this.fields.map(({ element }) => element));
    const relations = this.relations.element;
    const facts = this.relations.adder ? [relations, fields] : [fields, relations];
    return [this.statement.element, ...facts, this.isEditable && this.actions(), this.thread.element];
  }

  get current() {
    return () => this.app.model.span(this.id);
  }

  makeFields({ label }) {
    const { app, current } = this;
    const links = app.scheme.label(label).links.map((link) => LINKS[link](app, label, current));
    const attributes = app.scheme
      .attributesOf(label)
      .map((attribute) => attributeField(app, attribute, label, current));
    return [...links, ...attributes, labelField(app, current)];
  }

  actions() {
    const { app } = this;
    const range = button(gettext("Move to selection"), () => app.commands.resize(), {
      title: gettext("Select other words in the text, then press r"),
    });
    const remove = button(gettext("Delete"), () => app.commands.remove(), { class: "danger", "data-action": "delete" });
    return h("div", { class: "actions" }, range, remove);
  }

  /** Whether this editor still fits, or a new one has to be made. */
  fits(span) {
    return span.label === this.label && this.isEditable === this.app.model.isEditable;
  }

  show(span) {
    this.fields.forEach((field) => field.show(span));
    if (this.facts) this.showFacts(span);
    this.relations.show();
    this.statement.show();
    this.thread.show();
  }

  showFacts(span) {
    const { registry, scheme } = this.app;
    const rows = [
      [gettext("Actor"), registry.actorName(span.actor)],
      [span.label === "position" ? gettext("Issue") : gettext("Proposition"), registry.propositionText(span.proposition)],
      ...Object.entries(span.attributes).map(([name, value]) => [capital(scheme.attribute(name).title), scheme.value(name, value)]),
    ];
    const shown = rows.filter(([, value]) => value);
    this.facts.replaceChildren(...shown.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, bdi(value))]));
    this.facts.hidden = !shown.length;
  }

  /** Put the focus where the work begins: the first field. */
  focus(name) {
    const field = this.element.querySelector(`[data-field="${name ?? "relation-target"}"]`);
    (field ?? this.element.querySelector("input, select, textarea, button"))?.focus();
  }
}
