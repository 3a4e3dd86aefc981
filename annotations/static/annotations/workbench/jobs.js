// @ts-check
/**
 * Changes as plain data. A job says what to do to the set; the tables below say how the set looks before
 * the service has answered (`apply`), what request the job is, and what the answer leaves behind
 * (`store`). What the page shows is always what the service acknowledged, plus the jobs that it has not.
 */

import { shortenQuote } from "./dom.js";
import { gettext, interpolate } from "./translation.js";

/**
 * Parts of a set that are keyed by id.
 *
 * @type {PartName[]}
 */
export const PARTS = ["spans", "relations", "comments"];

/**
 * @param {SetParts} state
 * @param {string} id
 * @param {Partial<Span>} changes
 */
function updateSpan(state, id, changes) {
  const old = state.spans.get(id);
  if (old) state.spans.set(id, { ...old, ...changes });
}

/**
 * Remove a span with its relations; comments on it become comments on the set.
 *
 * @param {SetParts} state
 * @param {string} id
 */
function removeSpan(state, id) {
  state.spans.delete(id);
  for (const [key, relation] of state.relations) {
    if (relation.source === id || relation.target === id) state.relations.delete(key);
  }
  for (const [key, comment] of state.comments) {
    if (comment.span === id) state.comments.set(key, { ...comment, span: null });
  }
}

/**
 * The fields that are sent for a new span. The quote goes with the range, so that the service checks
 * that both sides read the same text.
 *
 * @param {Span} span
 */
export function createSpanBody({ id, label, start, end, quote, attributes, actor, proposition }) {
  return { id, label, start, end, quote, attributes, actor, proposition };
}

/**
 * The version of a stored row, for the request that changes it.
 *
 * @param {Map<string, { version: number }>} rows
 * @param {string} id
 */
function versionOf(rows, id) {
  const row = rows.get(id);
  if (!row) throw new Error(`not-stored: ${id}`);
  return row.version;
}

/** @type {JobType<SpanAddJob>} */
const SPAN_ADD = {
  describe: (job) => interpolate(gettext("the new mark on “%(quote)s”"), { quote: shortenQuote(job.span.quote) }, true),
  id: (job) => job.span.id,
  apply: (state, job) => state.spans.set(job.span.id, job.span),
  request: (job, { set }) => ({
    method: "POST",
    path: `sets/${set.id}/spans/${job.snap ? "?snap=true" : ""}`,
    body: createSpanBody(job.span),
  }),
  store: (state, job, answer) => state.spans.set(job.span.id, answer),
};

/** @type {JobType<SpanChangeJob>} */
const SPAN_CHANGE = {
  describe: (job, { spans }) =>
    interpolate(gettext("the change of “%(quote)s”"), { quote: shortenQuote(spans.get(job.id)?.quote ?? "…") }, true),
  id: (job) => job.id,
  needs: (job) => [["spans", job.id]],
  apply: (state, job) => updateSpan(state, job.id, job.changes),
  request: (job, { spans }) => ({
    method: "PATCH",
    path: `spans/${job.id}/${job.snap ? "?snap=true" : ""}`,
    body: job.changes,
    version: versionOf(spans, job.id),
  }),
  store: (state, job, answer) => state.spans.set(job.id, answer),
};

/** @type {JobType<SpanDeleteJob>} */
const SPAN_DELETE = {
  describe: (job, { spans }) =>
    interpolate(gettext("the removal of “%(quote)s”"), { quote: shortenQuote(spans.get(job.id)?.quote ?? "…") }, true),
  id: (job) => job.id,
  needs: (job) => [["spans", job.id]],
  apply: (state, job) => removeSpan(state, job.id),
  request: (job, { spans }) => ({ method: "DELETE", path: `spans/${job.id}/`, version: versionOf(spans, job.id) }),
  store: (state, job) => removeSpan(state, job.id),
};

/** @type {JobType<RelationAddJob>} */
const RELATION_ADD = {
  describe: () => gettext("the new relation"),
  id: (job) => job.relation.id,
  needs: (job) => [
    ["spans", job.relation.source],
    ["spans", job.relation.target],
  ],
  apply: (state, job) => state.relations.set(job.relation.id, job.relation),
  request: ({ relation: { id, type, source, target } }, { set }) => ({
    method: "POST",
    path: `sets/${set.id}/relations/`,
    body: { id, type, source, target },
  }),
  store: (state, job, answer) => state.relations.set(job.relation.id, answer),
};

/** @type {JobType<RelationDeleteJob>} */
const RELATION_DELETE = {
  describe: () => gettext("the removal of a relation"),
  id: (job) => job.id,
  needs: (job) => [["relations", job.id]],
  apply: (state, job) => state.relations.delete(job.id),
  request: (job, { relations }) => ({
    method: "DELETE",
    path: `relations/${job.id}/`,
    version: versionOf(relations, job.id),
  }),
  store: (state, job) => state.relations.delete(job.id),
};

/** @type {JobType<CommentAddJob>} */
const COMMENT_ADD = {
  describe: (job) => interpolate(gettext("the comment “%(text)s”"), { text: shortenQuote(job.comment.text) }, true),
  id: (job) => job.comment.id,
  apply: (state, job) => state.comments.set(job.comment.id, job.comment),
  // the edges of a mark that is missing are those of a mark; a comment may be on a comma
  request: ({ comment: { id, text, span, start, end, quote, parent, blocking, suggestion } }, { set }) => ({
    method: "POST",
    path: `sets/${set.id}/comments/${typeof start === "number" && suggestion ? "?snap=true" : ""}`,
    body: { id, text, span, start, end, quote, parent, blocking, suggestion },
  }),
  store: (state, job, answer) => state.comments.set(job.comment.id, answer),
};

/** @type {JobType<CommentChangeJob>} */
const COMMENT_CHANGE = {
  describe: () => gettext("the change of a comment"),
  id: (job) => job.id,
  needs: (job) => [["comments", job.id]],
  apply: (state, job) => {
    const old = state.comments.get(job.id);
    if (old) state.comments.set(job.id, { ...old, ...job.shown });
  },
  request: (job, { comments }) => ({
    method: "PATCH",
    path: `comments/${job.id}/`,
    body: job.changes,
    version: versionOf(comments, job.id),
  }),
  store: (state, job, answer) => state.comments.set(job.id, answer),
};

/**
 * The fields that tell two versions of a span apart for a person.
 *
 * @type {(keyof Span)[]}
 */
const COMPARED_FIELDS = ["label", "start", "end", "attributes", "actor", "proposition"];

/** @type {{ [Kind in JobKind]: JobType<Extract<Job, { kind: Kind }>> }} */
const JOB_TYPES = {
  "span.add": SPAN_ADD,
  "span.change": SPAN_CHANGE,
  "span.delete": SPAN_DELETE,
  "relation.add": RELATION_ADD,
  "relation.delete": RELATION_DELETE,
  "comment.add": COMMENT_ADD,
  "comment.change": COMMENT_CHANGE,
};

/**
 * The row of the table for a job. The checker cannot see that a job's kind and its row belong together.
 *
 * @param {Job} job
 */
function typeOf({ kind }) {
  return /** @type {JobType<Job>} */ (/** @type {unknown} */ (JOB_TYPES[kind]));
}

/**
 * What a job is called in a sentence.
 *
 * @param {Job} job
 * @param {SetParts} stored
 */
export function describeJob(job, stored) {
  return typeOf(job).describe(job, stored);
}

/**
 * The id of the row that a job adds, changes or deletes.
 *
 * @param {Job} job
 */
export function rowIdOf(job) {
  return typeOf(job).id(job);
}

/**
 * The part of a set that a job changes.
 *
 * @param {Job} job
 * @returns {PartName}
 */
export function partOf({ kind }) {
  return PARTS.find((part) => kind.startsWith(part.slice(0, -1))) ?? "spans";
}

/**
 * Whether the rows that a job refers to are (still) stored. A job on a span whose creation was refused
 * is void.
 *
 * @param {Job} job
 * @param {SetParts} stored
 */
export function isPossible(job, stored) {
  const needs = typeOf(job).needs?.(job) ?? [];
  return needs.every(([part, id]) => stored[part].has(id));
}

/**
 * The fields of a span that a job changes, as the page showed them before: a later page compares them with
 * what is stored then.
 *
 * @param {Job} job
 * @param {SetParts} shown
 * @returns {Partial<Span> | null}
 */
export function fieldsBefore(job, { spans }) {
  if (job.kind !== "span.change" && job.kind !== "span.delete") return null;
  const old = spans.get(job.id);
  if (!old) return null;
  const names = job.kind === "span.change" ? fieldNames(job.changes) : COMPARED_FIELDS;
  return pickFields(old, names);
}

/**
 * @param {Partial<Span>} fields
 * @returns {(keyof Span)[]}
 */
export function fieldNames(fields) {
  return /** @type {(keyof Span)[]} */ (Object.keys(fields));
}

/**
 * @param {Span} span
 * @param {(keyof Span)[]} names
 * @returns {Partial<Span>}
 */
export function pickFields(span, names) {
  return Object.fromEntries(names.map((name) => [name, span[name]]));
}

/**
 * Whether another person has changed meanwhile what a job of an earlier page was to change.
 *
 * @param {Job} job
 * @param {SetParts} stored
 */
export function hasDiverged(job, stored) {
  const now = stored.spans.get(rowIdOf(job));
  return Boolean(job.before && now && !hasFields(job.before, now) && !isFulfilled(job, stored));
}

/**
 * Whether the first try of a job arrived: what it was to add is stored, or what it was to change is changed.
 *
 * @param {Job} job
 * @param {SetParts} stored
 */
export function isStored(job, stored) {
  return job.kind.endsWith(".add") ? stored[partOf(job)].has(rowIdOf(job)) : isFulfilled(job, stored);
}

/**
 * Whether the stored span is what a change was to bring about.
 *
 * @param {Job} job
 * @param {SetParts} stored
 */
export function isFulfilled(job, stored) {
  if (job.kind !== "span.change") return false;
  const now = stored.spans.get(job.id);
  if (!now) return false;
  const { start, end, quote, ...rest } = job.changes;
  if (!job.snap || start === undefined || end === undefined) return hasFields(job.changes, now);
  const isInside = start <= now.start && now.end <= end && trimToLetters(quote ?? "") === trimToLetters(now.quote);
  return isInside && hasFields(rest, now);
}

/** @param {string} quote */
function trimToLetters(quote) {
  return quote.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, "");
}

/**
 * @param {Partial<Span>} fields
 * @param {Span} span
 */
function hasFields(fields, span) {
  return fieldNames(fields).every((name) => toComparable(fields[name]) === toComparable(span[name]));
}

/**
 * A value as text in which the order of attributes does not matter.
 *
 * @param {unknown} value
 */
export function toComparable(value) {
  const isMap = value && typeof value === "object";
  return JSON.stringify(isMap ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)) : value);
}

/**
 * Change the state that the page shows as the job will change the stored one.
 *
 * @param {SetParts} shown
 * @param {Job} job
 */
export function applyJob(shown, job) {
  typeOf(job).apply(shown, job);
}

/**
 * @param {Job} job
 * @param {SetState} stored
 * @returns {ApiRequest}
 */
export function createRequest(job, stored) {
  return typeOf(job).request(job, stored);
}

/**
 * Store what the service answered to a job.
 *
 * @param {SetParts} stored
 * @param {Job} job
 * @param {any} answer the row, in the shape of its part
 */
export function storeAnswer(stored, job, answer) {
  typeOf(job).store(stored, job, answer);
}

/**
 * Compare jobs by their age.
 *
 * @param {Job} one
 * @param {Job} other
 */
export function compareKeys(one, other) {
  return (one.key ?? "") < (other.key ?? "") ? -1 : 1;
}

/**
 * A job that an earlier page has left. If it was ever on its way, it may have arrived.
 *
 * @param {Job} job
 * @returns {Job}
 */
export function restoreJob(job) {
  return { ...job, restored: true, tries: job.request ? (job.tries ?? 1) : 0 };
}
