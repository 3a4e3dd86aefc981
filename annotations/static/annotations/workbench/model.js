/**
 * The state of the page: the set as the service acknowledged it (`stored`), the jobs on their way,
 * and what follows from both (`shown`). No DOM, no network. Objects are replaced, never changed, so
 * that a view sees by identity what it has to draw again.
 */

import { applyJob, PARTS, touchedIds } from "./jobs.js";
import { OffsetMap } from "./offsets.js";

const EDITABLE = ["open", "returned"];
const COMMENTABLE = ["open", "submitted", "in_review", "returned", "approved"];
const BLOCKING = ["submitted", "in_review"];
const REVIEWERS = ["reviewer", "manager"];

export class Model extends EventTarget {
  constructor(me) {
    super();
    this.me = me;
    this.jobs = [];
    this.problems = null;
    this.problemsBySpan = new Map();
    this.current = null;
    this.set = null;
  }

  /** Take the answer of GET sets/{id}/ as what is stored. */
  load(detail) {
    const { article, revision, spans, relations, comments, allowed, ...set } = detail;
    if (!this.units || this.revision.id !== revision.id) this.units = new OffsetMap(revision.text);
    this.article = article;
    this.revision = revision;
    this.set = set;
    this.allowed = allowed;
    this.stored = { set, spans: mapById(spans), relations: mapById(relations), comments: mapById(comments) };
    this.derive();
  }

  /** Work out what to show, and tell. */
  derive() {
    const shown = { set: this.set };
    for (const part of PARTS) shown[part] = new Map(this.stored[part]);
    for (const job of this.jobs) applyJob(shown, job);
    this.shown = shown;
    this.open = new Set(this.jobs.flatMap(touchedIds));
    this.ordered = [...shown.spans.values()].sort(comparePositions);
    this.ends = groupRows(shown.relations.values(), ({ source, target }) => [source, target]);
    this.talk = groupRows(shown.comments.values(), ({ span }) => [span]);
    if (this.current && !shown.spans.has(this.current)) this.current = null;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** Make a span the one that keys and panels speak of; null for none. */
  choose(id, { reveal = true } = {}) {
    this.current = id && this.shown.spans.has(id) ? id : null;
    this.dispatchEvent(new CustomEvent("choose", { detail: { reveal } }));
  }

  get chosen() {
    return this.shown.spans.get(this.current) ?? null;
  }

  span(id) {
    return this.shown.spans.get(id) ?? null;
  }

  isOpen(id) {
    return this.open.has(id);
  }

  /** Start and end of a span in UTF-16 units. */
  range(span) {
    return [this.units.fromPoints(span.start), this.units.fromPoints(span.end)];
  }

  /** The text between two unit offsets, and the code point range that the API knows. */
  cut(start, end) {
    const quote = this.revision.text.slice(start, end);
    return { start: this.units.toPoints(start), end: this.units.toPoints(end), quote };
  }

  relationsOf(id) {
    return this.ends.get(id) ?? [];
  }

  /** Comments from the oldest to the newest; of one span, or all. */
  comments(spanId) {
    const found = spanId === undefined ? [...this.shown.comments.values()] : [...(this.talk.get(spanId) ?? [])];
    return found.sort((one, other) => compare(one.created_at, other.created_at) || compare(one.id, other.id));
  }

  /** Take over what the service finds wrong. */
  judge(problems) {
    this.problems = problems;
    this.problemsBySpan = groupRows(problems, ({ span }) => [span]);
    this.changed();
  }

  /** The rules that a span breaks. */
  codesOf(id) {
    return new Set((this.problemsBySpan.get(id) ?? []).map(({ code }) => code));
  }

  /** Spans that hold a place, the shortest first. */
  at(units) {
    const point = this.units.toPoints(units);
    const here = this.ordered.filter(({ start, end }) => start <= point && point < end);
    return here.sort((one, other) => one.end - one.start - (other.end - other.start));
  }

  /** The span `step` places away from the current one. */
  neighbour(step, caret = 0) {
    const { ordered } = this;
    const index = ordered.findIndex(({ id }) => id === this.current);
    if (index >= 0) return ordered[index + step] ?? null;
    const next = ordered.findIndex(({ start }) => start >= this.units.toPoints(caret));
    const after = next < 0 ? ordered.length : next;
    return ordered[step > 0 ? after : after - 1] ?? null;
  }

  get isMine() {
    return this.set.owner === this.me.username;
  }

  /** A set is changed by its owner alone, and only before it is handed over. */
  get isEditable() {
    return this.isMine && EDITABLE.includes(this.set.state) && this.allowed.includes("submit");
  }

  get canComment() {
    const may = REVIEWERS.includes(this.me.role) || (this.isMine && this.me.role !== "viewer");
    return may && COMMENTABLE.includes(this.set.state) && !this.me.archived;
  }

  get canBlock() {
    const may = REVIEWERS.includes(this.me.role) && !this.isMine;
    return may && this.canComment && BLOCKING.includes(this.set.state);
  }

  canResolve(comment) {
    const owns = this.isMine && EDITABLE.includes(this.set.state);
    return this.canComment && (comment.author === this.me.username || owns || this.me.role === "manager");
  }
}

function mapById(rows) {
  return new Map(rows.map((row) => [row.id, row]));
}

/** Rows by each of their keys, so that a long list is looked through once and not for every mark. */
function groupRows(rows, keysOf) {
  const found = new Map();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      if (found.has(key)) found.get(key).push(row);
      else found.set(key, [row]);
    }
  }
  return found;
}

function compare(one, other) {
  return one < other ? -1 : Number(one > other);
}

function comparePositions(one, other) {
  return one.start - other.start || one.end - other.end || compare(one.id, other.id);
}
