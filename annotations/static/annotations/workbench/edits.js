// @ts-check
/** Edits of a set: each is a step of jobs, with the jobs that undo it. */

import { shortenQuote } from "./dom.js";
import { Emitter } from "./emitter.js";
import { uuid7 } from "./ids.js";
import { fieldNames, pickFields } from "./jobs.js";
import { proposeMode } from "./quotes.js";
import { gettext, interpolate, ngettext } from "./translation.js";

/** @extends {Emitter<{ change: null }>} */
export class Edits extends Emitter {
  /**
   * @param {Model} model
   * @param {Outbox} outbox
   * @param {Scheme} scheme
   */
  constructor(model, outbox, scheme) {
    super();
    this.model = model;
    this.outbox = outbox;
    this.scheme = scheme;
    /** @type {EditStep[]} the last one last */
    this.undoSteps = [];
    /** @type {EditStep[]} */
    this.redoSteps = [];
    outbox.on("refused", (detail) => this.forgetJob(detail.job));
  }

  /**
   * Mark the text between two unit offsets; the service snaps its edges to the guideline unless `snap` is false.
   *
   * @param {string} label
   * @param {number} start
   * @param {number} end
   * @param {{ snap?: boolean }} [options]
   */
  addSpan(label, start, end, { snap = true } = {}) {
    const same = this.model.orderedSpans.find((span) => span.label === label && this.hasRange(span, start, end));
    if (same) return same.id;
    const span = this.createSpan(label, start, end, this.initialFields(label, start, end));
    this.performStep(interpolate(gettext("marking “%(quote)s”"), { quote: shortenQuote(span.quote) }, true), [{ kind: "span.add", span, snap }], [
      { kind: "span.delete", id: span.id },
    ]);
    return span.id;
  }

  /**
   * @param {string} label
   * @param {number} start
   * @param {number} end
   * @param {Partial<Span>} fields
   * @returns {Span}
   */
  createSpan(label, start, end, fields) {
    return {
      id: uuid7(),
      set: this.model.set.id,
      label,
      ...this.model.quoteRange(start, end),
      attributes: this.scheme.defaultAttributes(label),
      actor: null,
      proposition: null,
      origin: "human",
      version: 0,
      ...fields,
    };
  }

  /**
   * The fields that a new span starts with: the defaults, and the mode that the quotation marks propose.
   *
   * @param {string} label
   * @param {number} start
   * @param {number} end
   */
  initialFields(label, start, end) {
    const attributes = this.scheme.defaultAttributes(label);
    if (!attributes.mode) return { attributes };
    const { text } = this.model.revision;
    const from = Math.max(text.lastIndexOf("\n", start - 1), text.lastIndexOf("\r", start - 1)) + 1;
    const rest = text.slice(end).search(/[\r\n]/);
    const paragraph = text.slice(from, rest < 0 ? text.length : end + rest);
    return { attributes: { ...attributes, mode: proposeMode(paragraph, start - from, end - from) } };
  }

  /**
   * Mark many ranges as one step.
   *
   * @param {string} label
   * @param {UnitRange[]} ranges
   * @param {Partial<Span>} [fields] those that a span alone would get, if they are not given
   */
  addSpans(label, ranges, fields) {
    const spans = ranges.map(([start, end]) => this.createSpan(label, start, end, fields ?? this.initialFields(label, start, end)));
    const batch = uuid7();
    const facts = { quote: shortenQuote(spans[0]?.quote ?? ""), n: spans.length };
    const description = interpolate(ngettext("marking “%(quote)s” once", "marking “%(quote)s” %(n)s times", facts.n), facts, true);
    this.performStep(description, spans.map((span) => ({ ...addSpanJob(span), batch })), spans.map(({ id }) => ({ kind: "span.delete", id })));
  }

  /**
   * Give a span another range; the service snaps its edges unless `snap` is false.
   *
   * @param {Span} span
   * @param {number} start
   * @param {number} end
   * @param {{ snap?: boolean, from?: UnitRange }} [options]
   */
  setRange(span, start, end, { snap = true, from = this.model.unitRangeOf(span) } = {}) {
    const changes = this.model.quoteRange(start, end);
    const before = this.model.quoteRange(...from);
    if (changes.start === before.start && changes.end === before.end) return;
    this.performStep(interpolate(gettext("the new range of “%(quote)s”"), { quote: shortenQuote(span.quote) }, true), [{ kind: "span.change", id: span.id, changes, snap }], [
      { kind: "span.change", id: span.id, changes: before },
    ]);
  }

  /**
   * @param {Span} span
   * @param {number} start
   * @param {number} end
   */
  hasRange(span, start, end) {
    const [from, to] = this.model.unitRangeOf(span);
    return from === start && to === end;
  }

  /**
   * Change fields of a span, if anything is different.
   *
   * @param {Span | null} span null if it is gone: then nothing happens
   * @param {Partial<Span>} changes
   */
  changeSpan(span, changes) {
    if (!span) return;
    const before = pickFields(span, fieldNames(changes));
    if (JSON.stringify(before) === JSON.stringify(changes)) return;
    this.performStep(interpolate(gettext("the change of “%(quote)s”"), { quote: shortenQuote(span.quote) }, true), [{ kind: "span.change", id: span.id, changes }], [
      { kind: "span.change", id: span.id, changes: before },
    ]);
  }

  /**
   * @param {Span | null} span null if it is gone: then nothing happens
   * @param {string} name
   * @param {string} value
   */
  setAttribute(span, name, value) {
    if (span) this.changeSpan(span, { attributes: this.scheme.setAttribute(span.attributes, name, value) });
  }

  /**
   * @param {Span | null} span null if it is gone: then nothing happens
   * @param {string} label
   */
  setLabel(span, label) {
    if (!span) return;
    const changes = this.scheme.relabelSpan(span, label);
    const dead = this.model.relationsOf(span.id).filter((relation) => {
      const { sources, targets } = this.scheme.findRelation(relation.type);
      const ends = relation.source === span.id ? sources : targets;
      return !ends.includes(label);
    });
    const before = pickFields(span, fieldNames(changes));
    /** @type {Job[]} */
    const forth = [...dead.map(removeRelationJob), { kind: "span.change", id: span.id, changes }];
    this.performStep(interpolate(gettext("the change of “%(quote)s”"), { quote: shortenQuote(span.quote) }, true), forth, [
      { kind: "span.change", id: span.id, changes: before },
      ...dead.map(addRelationJob),
    ]);
  }

  /** @param {Span} span */
  removeSpan(span) {
    const relations = this.model.relationsOf(span.id);
    this.performStep(interpolate(gettext("the removal of “%(quote)s”"), { quote: shortenQuote(span.quote) }, true), [{ kind: "span.delete", id: span.id }], [
      { kind: "span.add", span, snap: false },
      ...relations.map(addRelationJob),
    ]);
  }

  /**
   * @param {string} type
   * @param {string} source
   * @param {string} target
   */
  addRelation(type, source, target) {
    const same = this.model
      .relationsOf(source)
      .some((one) => one.type === type && one.source === source && one.target === target);
    if (same) return;
    const relation = { id: uuid7(), type, source, target, version: 0 };
    this.performStep(gettext("the relation"), [addRelationJob(relation)], [removeRelationJob(relation)]);
  }

  /**
   * Put one relation in the place of another, as one step.
   *
   * @param {Relation | undefined} old
   * @param {string} type
   * @param {string} source
   * @param {string} target
   */
  replaceRelation(old, type, source, target) {
    if (old?.target === target && old.type === type) return;
    const relation = { id: uuid7(), type, source, target, version: 0 };
    const forth = [...(old ? [removeRelationJob(old)] : []), addRelationJob(relation)];
    this.performStep(gettext("the relation"), forth, [removeRelationJob(relation), ...(old ? [addRelationJob(old)] : [])]);
  }

  /** @param {Relation} relation */
  removeRelation(relation) {
    this.performStep(gettext("the removal of the relation"), [removeRelationJob(relation)], [addRelationJob(relation)]);
  }

  /**
   * Send jobs, and remember those that take them back.
   *
   * @param {string} description
   * @param {Job[]} forth
   * @param {Job[]} back
   */
  performStep(description, forth, back) {
    this.undoSteps.push({ description, forth, back });
    this.redoSteps = [];
    this.sendJobs(forth);
  }

  /** @param {Job[]} jobs */
  sendJobs(jobs) {
    this.outbox.addJobs(...jobs.map(withToken));
    this.emit("change");
  }

  /** Take the last step back, and answer it; null if there is none. */
  undo() {
    const step = this.undoSteps.pop();
    if (!step) return null;
    this.redoSteps.push(step);
    this.sendJobs(step.back);
    return step;
  }

  redo() {
    const step = this.redoSteps.pop();
    if (!step) return null;
    this.undoSteps.push(step);
    this.sendJobs(step.forth);
    return step;
  }

  /**
   * Forget the steps of a refused job: what did not happen cannot be undone.
   *
   * @param {Job} job
   */
  forgetJob(job) {
    /** @param {EditStep} step */
    const other = (step) => ![...step.forth, ...step.back].some((one) => one.token === job.token);
    this.undoSteps = this.undoSteps.filter(other);
    this.redoSteps = this.redoSteps.filter(other);
    this.emit("change");
  }

  /** Forget all steps, since the set was loaded again and they may no longer fit. */
  clearSteps() {
    this.undoSteps = [];
    this.redoSteps = [];
    this.emit("change");
  }

  /**
   * @param {string} text
   * @param {CommentFields} fields
   * @returns {SetComment}
   */
  createComment(text, { span = null, words = null, parent = null, blocking = false, suggestion = null }) {
    const place = words ?? { start: null, end: null, quote: null };
    const { username: author } = this.model.me;
    const now = new Date().toISOString();
    const nobody = { resolved_by: null, resolved_at: null };
    return { id: uuid7(), span, ...place, parent, author, text, blocking, suggestion, ...nobody, created_at: now, version: 0 };
  }

  /** @param {SetComment} comment */
  sendComment(comment) {
    this.sendJobs([{ kind: "comment.add", comment }]);
  }

  /**
   * @param {SetComment} comment
   * @param {boolean} resolved
   */
  setResolved(comment, resolved) {
    const shown = resolved
      ? { resolved_by: this.model.me.username, resolved_at: new Date().toISOString() }
      : { resolved_by: null, resolved_at: null };
    this.sendJobs([{ kind: "comment.change", id: comment.id, changes: { resolved }, shown }]);
  }
}

/**
 * @param {Span} span
 * @returns {SpanAddJob}
 */
function addSpanJob(span) {
  return { kind: "span.add", span };
}

/**
 * @param {Relation} relation
 * @returns {RelationAddJob}
 */
export function addRelationJob(relation) {
  return { kind: "relation.add", relation };
}

/**
 * @param {Relation} relation
 * @returns {RelationDeleteJob}
 */
export function removeRelationJob({ id }) {
  return { kind: "relation.delete", id };
}

/**
 * Copy a job for one run of its step, since the outbox writes the request into it.
 *
 * @param {Job} job
 * @returns {Job}
 */
function withToken(job) {
  job.token ??= uuid7();
  return { ...job };
}
