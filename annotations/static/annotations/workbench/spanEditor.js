/** What can be seen and changed of one span, below its line in the list. */

import { CommentThread } from "./comments.js";
import { createButton, createElement, isolateText } from "./dom.js";
import { RelationEditor } from "./relationEditor.js";
import { capitalize, createActorField, createAttributeField, createLabelField, createPropositionField } from "./spanFields.js";
import { StatementSummary } from "./statementSummary.js";
import { gettext } from "./translation.js";

const LINK_FIELDS = { actor: (app, label, current) => createActorField(app, current), proposition: createPropositionField };

export class SpanEditor {
  constructor(app, span) {
    this.app = app;
    this.id = span.id;
    this.label = span.label;
    this.isEditable = app.model.isEditable;
    this.relations = new RelationEditor(app, span.id, { isEditable: this.isEditable });
    this.statement = new StatementSummary(app, span.id);
    this.thread = new CommentThread(app, span.id);
    this.fields = this.isEditable ? this.makeFields(span) : [];
    this.facts = this.isEditable ? null : createElement("dl", { class: "facts" });
    this.element = createElement("div", { class: "editor" }, this.parts());
    this.show(span);
  }

  /** Whose a claim or position is comes first: it is what differs from mark to mark. */
  parts() {
    const fields = this.facts ?? createElement("div", { class: "fields" }, this.fields.map(({ element }) => element));
    const relations = this.relations.element;
    const facts = this.relations.adder ? [relations, fields] : [fields, relations];
    return [this.statement.element, ...facts, this.isEditable && this.actions(), this.thread.element];
  }

  get current() {
    return () => this.app.model.span(this.id);
  }

  makeFields({ label }) {
    const { app, current } = this;
    const links = app.scheme.label(label).links.map((link) => LINK_FIELDS[link](app, label, current));
    const attributes = app.scheme
      .attributesOf(label)
      .map((attribute) => createAttributeField(app, attribute, label, current));
    return [...links, ...attributes, createLabelField(app, current)];
  }

  actions() {
    const { app } = this;
    const range = createButton(gettext("Move to selection"), () => app.commands.resize(), {
      title: gettext("Select other words in the text, then press r"),
    });
    const remove = createButton(gettext("Delete"), () => app.commands.remove(), { class: "danger", "data-action": "delete" });
    return createElement("div", { class: "actions" }, range, remove);
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
      ...Object.entries(span.attributes).map(([name, value]) => [capitalize(scheme.attribute(name).title), scheme.value(name, value)]),
    ];
    const shown = rows.filter(([, value]) => value);
    this.facts.replaceChildren(...shown.flatMap(([name, value]) => [createElement("dt", {}, name), createElement("dd", {}, isolateText(value))]));
    this.facts.hidden = !shown.length;
  }

  /** Put the focus where the work begins: the first field. */
  focus(name) {
    const field = this.element.querySelector(`[data-field="${name ?? "relation-target"}"]`);
    (field ?? this.element.querySelector("input, select, textarea, button"))?.focus();
  }
}
