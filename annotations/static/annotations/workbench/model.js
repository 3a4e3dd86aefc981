// @ts-check
/**
 * The state of the page: the set as the service acknowledged it (`stored`), the jobs on their way,
 * and what follows from both (`shown`). No DOM, no network. Objects are replaced, never changed, so
 * that a view sees by identity what it has to draw again.
 */

import { Emitter } from "./emitter.js";
import { applyJob, rowIdOf } from "./jobs.js";
import { OffsetMap } from "./offsets.js";

const EDITABLE = ["open", "returned"];
const COMMENTABLE = ["open", "submitted", "in_review", "returned", "approved"];
const BLOCKABLE = ["submitted", "in_review"];
const REVIEWERS = ["reviewer", "manager"];

/** @extends {Emitter<{ change: null, choose: { reveal: boolean } }>} */
export class Model extends Emitter {
  /** @param {Me} me */
  constructor(me) {
    super();
    this.me = me;
    /** @type {Job[]} */
    this.jobs = [];
    /** @type {Problem[] | null} */
    this.problems = null;
    /** @type {Map<string | null, Problem[]>} */
    this.problemsBySpan = new Map();
    /** @type {string | null} the id of the span that keys and panels speak of */
    this.currentId = null;
    /** @type {SetDetail | null} */
    this.detail = null;
    /** @type {SetState | null} */
    this.loadedState = null;
    /** @type {SetParts} */
    this.shown = { spans: new Map(), relations: new Map(), comments: new Map() };
    /** @type {Set<string>} ids of rows that a job changes */
    this.unsavedIds = new Set();
    /** @type {Span[]} the shown spans in reading order */
    this.orderedSpans = [];
    /** @type {Span[]} those of them that fit the filter */
    this.listedSpans = [];
    /** @type {SpanFilterValues} */
    this.filter = { label: "", actor: "", code: "" };
    /** @type {Map<string | null, Relation[]>} the shown relations by both of their ends */
    this.relationsBySpan = new Map();
    /** @type {Map<string | null, SetComment[]>} */
    this.commentsBySpan = new Map();
    this.offsetMap = new OffsetMap("");
  }

  /**
   * Take the answer of `GET sets/{id}/` as what is stored.
   *
   * @param {SetDetail} detail
   */
  load(detail) {
    if (this.detail?.revision.id !== detail.revision.id) this.offsetMap = new OffsetMap(detail.revision.text);
    this.detail = detail;
    this.loadedState = {
      set: { ...detail },
      spans: mapById(detail.spans),
      relations: mapById(detail.relations),
      comments: mapById(detail.comments),
    };
    this.deriveShown();
  }

  /** The answer that was loaded. The page is built after it, so nothing asks for it before. */
  get loaded() {
    if (!this.detail) throw new Error("not-loaded");
    return this.detail;
  }

  /** @returns {SetState} */
  get stored() {
    if (!this.loadedState) throw new Error("not-loaded");
    return this.loadedState;
  }

  get set() {
    return this.stored.set;
  }

  /**
   * Take over a newer version of the set. Answers whether it jumps, since another person has changed the
   * set as well.
   *
   * @param {number | null} version
   */
  noteVersion(version) {
    const { set } = this;
    const isJump = version !== null && version > set.version + 1;
    set.version = Math.max(version ?? 0, set.version);
    return isJump;
  }

  get article() {
    return this.loaded.article;
  }

  get revision() {
    return this.loaded.revision;
  }

  /** Names of the transitions that this person may make now. */
  get allowed() {
    return this.loaded.allowed;
  }

  /** Work out what to show, and tell the views. */
  deriveShown() {
    const { spans, relations, comments } = this.stored;
    const shown = { spans: new Map(spans), relations: new Map(relations), comments: new Map(comments) };
    for (const job of this.jobs) applyJob(shown, job);
    this.shown = shown;
    this.unsavedIds = new Set(this.jobs.map(rowIdOf));
    this.orderedSpans = [...shown.spans.values()].sort(comparePositions);
    this.relationsBySpan = groupRows(shown.relations.values(), ({ source, target }) => [source, target]);
    this.commentsBySpan = groupRows(shown.comments.values(), ({ span }) => [span]);
    this.listedSpans = this.orderedSpans.filter((span) => this.isListed(span));
    if (this.currentId && !shown.spans.has(this.currentId)) this.currentId = null;
    this.notifyViews();
  }

  /** Tell the views that something has changed. */
  notifyViews() {
    this.emit("change");
  }

  /**
   * Show the spans that fit a filter, and hide the others.
   *
   * @param {SpanFilterValues} filter
   */
  setFilter(filter) {
    this.filter = filter;
    this.listedSpans = this.orderedSpans.filter((span) => this.isListed(span));
    this.notifyViews();
  }

  get isFiltered() {
    return Object.values(this.filter).some(Boolean);
  }

  /**
   * Whether a span fits the filter.
   *
   * @param {Span} span
   */
  isListed({ id, label, actor }) {
    const { filter } = this;
    if (filter.label && filter.label !== label) return false;
    if (filter.actor && filter.actor !== (actor ?? "none")) return false;
    const codes = filter.code ? this.problemCodesOf(id) : null;
    return !codes || (filter.code === "any" ? codes.size > 0 : codes.has(filter.code));
  }

  /**
   * Make a span the one that keys and panels speak of; null for none.
   *
   * @param {string | null} id
   * @param {{ reveal?: boolean }} [options]
   */
  chooseSpan(id, { reveal = true } = {}) {
    this.currentId = id && this.shown.spans.has(id) ? id : null;
    this.emit("choose", { reveal });
  }

  get currentSpan() {
    return this.findSpan(this.currentId);
  }

  /** @param {string | null} id */
  findSpan(id) {
    return (id && this.shown.spans.get(id)) || null;
  }

  /**
   * Whether a row has a change that the service has not acknowledged.
   *
   * @param {string} id
   */
  isUnsaved(id) {
    return this.unsavedIds.has(id);
  }

  /**
   * Start and end of a span in UTF-16 units.
   *
   * @param {{ start: number, end: number }} span
   * @returns {UnitRange}
   */
  unitRangeOf({ start, end }) {
    return [this.offsetMap.toUnits(start), this.offsetMap.toUnits(end)];
  }

  /**
   * The text between two unit offsets, and its range in code points, as the API has them.
   *
   * @param {number} start
   * @param {number} end
   */
  quoteRange(start, end) {
    const quote = this.revision.text.slice(start, end);
    return { start: this.offsetMap.toPoints(start), end: this.offsetMap.toPoints(end), quote };
  }

  /** @param {string} id */
  relationsOf(id) {
    return this.relationsBySpan.get(id) ?? [];
  }

  /**
   * Comments from the oldest to the newest; those on one span, or all.
   *
   * @param {string} [spanId]
   */
  commentsOn(spanId) {
    const found = spanId === undefined ? [...this.shown.comments.values()] : [...(this.commentsBySpan.get(spanId) ?? [])];
    return found.sort((one, other) => compare(one.created_at, other.created_at) || compare(one.id, other.id));
  }

  /**
   * Take over which problems the service finds, or those of the buckets alone in which something differs.
   *
   * @param {Problem[]} problems
   * @param {{ buckets: number[] | null, bucket_count: number }} [part]
   */
  setProblems(problems, { buckets, bucket_count: count } = { buckets: null, bucket_count: 1 }) {
    if (buckets && !buckets.length) return this.notifyViews();
    this.problems = buckets ? this.replaceProblems(problems, new Set(buckets), count) : problems;
    this.problemsBySpan = groupRows(this.problems, ({ span }) => [span]);
    if (this.filter.code) this.listedSpans = this.orderedSpans.filter((span) => this.isListed(span));
    return this.notifyViews();
  }

  /**
   * The problems, with those of some buckets replaced, in reading order.
   *
   * @param {Problem[]} problems
   * @param {Set<number>} buckets
   * @param {number} count of all buckets
   */
  replaceProblems(problems, buckets, count) {
    const kept = (this.problems ?? []).filter(({ span }) => !buckets.has(Number.parseInt((span ?? "").slice(-4), 16) % count));
    const places = new Map(this.orderedSpans.map(({ id }, index) => [id, index]));
    /** @param {Problem} problem */
    const placeOf = ({ span }) => places.get(span ?? "") ?? -1;
    return [...kept, ...problems].sort((one, other) => placeOf(one) - placeOf(other));
  }

  /**
   * The codes of the rules that a span breaks.
   *
   * @param {string} id
   */
  problemCodesOf(id) {
    return new Set((this.problemsBySpan.get(id) ?? []).map(({ code }) => code));
  }

  /**
   * Spans that cover a place, the shortest first.
   *
   * @param {number} units
   */
  spansAt(units) {
    const point = this.offsetMap.toPoints(units);
    const here = this.orderedSpans.filter(({ start, end }) => start <= point && point < end);
    return here.sort((one, other) => one.end - one.start - (other.end - other.start));
  }

  /**
   * The span that is `step` lines away from the current one; without a current one, from the caret.
   *
   * @param {number} step
   * @param {number} [caret] in units
   */
  spanBeside(step, caret = 0) {
    const { listedSpans } = this;
    const index = listedSpans.findIndex(({ id }) => id === this.currentId);
    if (index >= 0) return listedSpans[index + step] ?? null;
    const next = listedSpans.findIndex(({ start }) => start >= this.offsetMap.toPoints(caret));
    const after = next < 0 ? listedSpans.length : next;
    return listedSpans[step > 0 ? after : after - 1] ?? null;
  }

  get isMine() {
    return this.set.owner === this.me.username;
  }

  /** Whether the person may change the set: its owner alone, and only before it is submitted. */
  get isEditable() {
    return this.isMine && EDITABLE.includes(this.set.state) && this.allowed.includes("submit");
  }

  get canComment() {
    const may = REVIEWERS.includes(this.me.role) || (this.isMine && this.me.role !== "viewer");
    return may && COMMENTABLE.includes(this.set.state) && !this.me.archived;
  }

  /** Whether a comment of this person may block approval. */
  get canBlock() {
    const may = REVIEWERS.includes(this.me.role) && !this.isMine;
    return may && this.canComment && BLOCKABLE.includes(this.set.state);
  }

  /** @param {SetComment} comment */
  canResolve(comment) {
    const owns = this.isMine && EDITABLE.includes(this.set.state);
    return this.canComment && (comment.author === this.me.username || owns || this.me.role === "manager");
  }
}

/**
 * @template {{ id: string }} Row
 * @param {Row[]} rows
 * @returns {Map<string, Row>}
 */
function mapById(rows) {
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Rows by each of their keys, so that a long list is searched once and not for every span.
 *
 * @template Row
 * @param {Iterable<Row>} rows
 * @param {(row: Row) => (string | null)[]} keysOf
 * @returns {Map<string | null, Row[]>}
 */
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

/**
 * @param {string} one
 * @param {string} other
 */
function compare(one, other) {
  return one < other ? -1 : Number(one > other);
}

/**
 * @param {Span} one
 * @param {Span} other
 */
function comparePositions(one, other) {
  return one.start - other.start || one.end - other.end || compare(one.id, other.id);
}
