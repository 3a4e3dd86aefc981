// @ts-check
/** The editor of one span, below its line in the list. */

import { CommentThread } from "./comments.js";
import { createButton, createElement, isolateText } from "./dom.js";
import { RelationEditor } from "./relationEditor.js";
import { capitalize, createActorField, createAttributeField, createLabelField, createPropositionField } from "./spanFields.js";
import { StatementSummary } from "./statementSummary.js";
import { gettext } from "./translation.js";

/** @type {Record<string, (services: FieldServices, label: string, current: CurrentSpan) => SpanField>} */
const LINK_FIELDS = { actor: (services, label, current) => createActorField(services, current), proposition: createPropositionField };

export class SpanEditor {
  /**
   * @param {SpanEditorServices} services
   * @param {Span} span
   */
  constructor(services, span) {
    const { model, scheme, registry } = services;
    this.services = services;
    this.model = model;
    this.scheme = scheme;
    this.registry = registry;
    this.id = span.id;
    this.label = span.label;
    this.isEditable = model.isEditable;
    this.relations = new RelationEditor(services, span.id, { isEditable: this.isEditable });
    this.statement = new StatementSummary(services, span.id);
    this.thread = new CommentThread(services, span.id);
    this.tick = services.lookedAt.createBox(this.getSpan);
    this.fields = this.isEditable ? this.createFields(span) : [];
    this.factList = this.isEditable ? null : createElement("dl", { class: "facts" });
    this.element = createElement("div", { class: "editor" }, this.createParts());
    this.show(span);
  }

  /** Create the parts. The source of a claim or position comes first: it differs most often from span to span. */
  createParts() {
    const fields = this.factList ?? createElement("div", { class: "fields" }, this.fields.map(({ element }) => element));
    const relations = this.relations.element;
    const facts = this.relations.adder ? [relations, fields] : [fields, relations];
    return [this.statement.element, ...facts, this.isEditable && this.createActions(), this.tick.element, this.thread.element];
  }

  get getSpan() {
    return () => this.model.findSpan(this.id);
  }

  /** @param {Span} span */
  createFields({ label }) {
    const { services, scheme, getSpan } = this;
    const links = scheme.findLabel(label).links.flatMap((link) => LINK_FIELDS[link]?.(services, label, getSpan) ?? []);
    const attributes = scheme
      .attributesOf(label)
      .map((attribute) => createAttributeField(services, attribute, label, getSpan));
    return [...links, ...attributes, createLabelField(services, getSpan)];
  }

  createActions() {
    const { commands } = this.services;
    const range = createButton(gettext("Move to selection"), () => commands.moveToSelection(), {
      title: gettext("Select other words in the text, then press r"),
    });
    const remove = createButton(gettext("Delete"), () => commands.deleteSpan(), { class: "danger", "data-action": "delete" });
    return createElement("div", { class: "actions" }, range, remove);
  }

  /**
   * Whether this editor can still show the span, or a new one is needed.
   *
   * @param {Span} span
   */
  fits(span) {
    return span.label === this.label && this.isEditable === this.model.isEditable;
  }

  /** @param {Span} span */
  show(span) {
    this.fields.forEach((field) => field.show(span));
    if (this.factList) this.showFacts(span);
    this.relations.show();
    this.statement.show();
    this.thread.show();
    this.tick.show(span);
  }

  /** @param {Span} span */
  showFacts(span) {
    const { registry, scheme } = this;
    const rows = [
      [gettext("Actor"), registry.actorName(span.actor)],
      [span.label === "position" ? gettext("Issue") : gettext("Proposition"), registry.propositionText(span.proposition)],
      ...Object.entries(span.attributes).map(([name, value]) => [capitalize(scheme.findAttribute(name).title), scheme.valueTitle(name, value)]),
    ];
    const shown = rows.filter(([, value]) => value);
    this.factList?.replaceChildren(...shown.flatMap(([name, value]) => [createElement("dt", {}, name), createElement("dd", {}, isolateText(value ?? ""))]));
    if (this.factList) this.factList.hidden = !shown.length;
  }

  /** Open the list of propositions, from which one key takes one. */
  pickIssue() {
    for (const field of this.fields) if ("pick" in field) field.pick?.();
  }

  /**
   * Put the focus where the work begins: the first field.
   *
   * @param {string | undefined} name
   */
  focus(name) {
    const field = this.element.querySelector(`[data-field="${name ?? "relation-target"}"]`);
    const target = field ?? this.element.querySelector("input, select, textarea, button");
    if (target instanceof HTMLElement) target.focus();
  }
}
