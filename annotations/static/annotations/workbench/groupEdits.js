// @ts-check
/** Edits of many marks as one step: one request where the service takes it, and one undo. */

import { addRelationJob, removeRelationJob } from "./edits.js";
import { uuid7 } from "./ids.js";
import { fieldNames, pickFields } from "./jobs.js";
import { interpolate, ngettext } from "./translation.js";

export class GroupEdits {
  /** @param {Pick<Services, "model" | "edits" | "scheme">} services */
  constructor({ model, edits, scheme }) {
    this.model = model;
    this.edits = edits;
    this.scheme = scheme;
  }

  /** @param {Span[]} spans */
  remove(spans) {
    const relations = new Map(spans.flatMap(({ id }) => this.model.relationsOf(id)).map((one) => [one.id, one]));
    const words = ngettext("the removal of %(n)s mark", "the removal of %(n)s marks", spans.length);
    this.perform(interpolate(words, { n: spans.length }, true), spans.map(({ id }) => ({ kind: "span.delete", id })), [
      ...spans.map((span) => /** @type {Job} */ ({ kind: "span.add", span, snap: false })),
      ...[...relations.values()].map(addRelationJob),
    ]);
  }

  /**
   * Give marks a label, with the attributes that fit it; relations that do not fit it go. Answers how many changed.
   *
   * @param {Span[]} spans
   * @param {string} label
   */
  setLabel(spans, label) {
    const others = spans.filter((span) => span.label !== label);
    const ids = new Set(others.map(({ id }) => id));
    const relations = new Map(others.flatMap(({ id }) => this.model.relationsOf(id)).map((one) => [one.id, one]));
    const dead = [...relations.values()].filter(({ type, source, target }) => {
      const { sources, targets } = this.scheme.findRelation(type);
      return (ids.has(source) && !sources.includes(label)) || (ids.has(target) && !targets.includes(label));
    });
    const { forth, back } = this.changeJobs(others, (span) => this.scheme.relabelSpan(span, label));
    this.performChange([...dead.map(removeRelationJob), ...forth], [...back, ...dead.map(addRelationJob)], forth.length);
    return forth.length;
  }

  /**
   * Link those marks to an actor that may have one; null takes the links away. Answers how many changed.
   *
   * @param {Span[]} spans
   * @param {string | null} actor
   */
  setActor(spans, actor) {
    const able = spans.filter((span) => this.scheme.findLabel(span.label).links.includes("actor"));
    const { forth, back } = this.changeJobs(able, () => ({ actor }));
    this.performChange(forth, back, forth.length);
    return forth.length;
  }

  /**
   * Give an attribute to those marks that may have it; an empty value takes it away. Answers how many changed.
   *
   * @param {Span[]} spans
   * @param {string} name
   * @param {string} value
   */
  setAttribute(spans, name, value) {
    const { scheme } = this;
    const able = spans.filter(({ label, attributes }) => label in scheme.findAttribute(name).uses && (attributes[name] ?? "") !== value);
    const { forth, back } = this.changeJobs(able, ({ attributes }) => ({ attributes: scheme.setAttribute(attributes, name, value) }));
    this.performChange(forth, back, forth.length);
    return forth.length;
  }

  /**
   * @param {Span[]} spans
   * @param {(span: Span) => Partial<Span>} change
   */
  changeJobs(spans, change) {
    /** @type {Job[]} */
    const forth = [];
    /** @type {Job[]} */
    const back = [];
    for (const span of spans) {
      const changes = change(span);
      const before = pickFields(span, fieldNames(changes));
      if (JSON.stringify(before) === JSON.stringify(changes)) continue;
      forth.push({ kind: "span.change", id: span.id, changes });
      back.push({ kind: "span.change", id: span.id, changes: before });
    }
    return { forth, back };
  }

  /**
   * @param {Job[]} forth
   * @param {Job[]} back
   * @param {number} count
   */
  performChange(forth, back, count) {
    if (count) this.perform(interpolate(ngettext("the change of %(n)s mark", "the change of %(n)s marks", count), { n: count }, true), forth, back);
  }

  /**
   * @param {string} description
   * @param {Job[]} forth
   * @param {Job[]} back
   */
  perform(description, forth, back) {
    const batch = uuid7();
    const undone = uuid7();
    this.edits.performStep(description, forth.map((job) => ({ ...job, batch })), back.map((job) => ({ ...job, batch: undone })));
  }
}
