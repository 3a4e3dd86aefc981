/**
 * Changes as plain data. A job says what to do to the set; the tables below say how it looks before
 * the service has answered (`show`), what request it is, and what the answer leaves behind (`store`).
 * What the page shows is always what the service acknowledged, plus the jobs that it has not.
 */

import { gettext, interpolate } from "./translation.js";

/** Parts of a set that are keyed by id. */
export const PARTS = ["spans", "relations", "comments"];

function updateSpan(state, id, changes) {
  const old = state.spans.get(id);
  if (old) state.spans.set(id, { ...old, ...changes });
}

function removeSpan(state, id) {
  state.spans.delete(id);
  for (const [key, relation] of state.relations) {
    if (relation.source === id || relation.target === id) state.relations.delete(key);
  }
  for (const [key, comment] of state.comments) {
    if (comment.span === id) state.comments.set(key, { ...comment, span: null });
  }
}

/** The quote goes with the range, so that the service checks that both sides read the same text. */
function createSpanBody({ id, label, start, end, quote, attributes, actor, proposition }) {
  return { id, label, start, end, quote, attributes, actor, proposition };
}

const SPAN_ADD = {
  says: (job) => interpolate(gettext("the new mark on “%(quote)s”"), { quote: job.span.quote }, true),
  touches: (job) => [job.span.id],
  show: (state, job) => state.spans.set(job.span.id, job.span),
  request: (job, { set }) => ({
    method: "POST",
    path: `sets/${set.id}/spans/${job.snap ? "?snap=true" : ""}`,
    body: createSpanBody(job.span),
  }),
  store: (state, job, answer) => state.spans.set(job.span.id, answer),
};

const SPAN_CHANGE = {
  says: (job, { spans }) => interpolate(gettext("the change of “%(quote)s”"), { quote: spans.get(job.id)?.quote ?? "…" }, true),
  touches: (job) => [job.id],
  needs: (job) => [["spans", job.id]],
  show: (state, job) => updateSpan(state, job.id, job.changes),
  request: (job, { spans }) => ({
    method: "PATCH",
    path: `spans/${job.id}/${job.snap ? "?snap=true" : ""}`,
    body: job.changes,
    version: spans.get(job.id).version,
  }),
  store: (state, job, answer) => state.spans.set(job.id, answer),
};

const SPAN_DELETE = {
  says: (job, { spans }) => interpolate(gettext("the removal of “%(quote)s”"), { quote: spans.get(job.id)?.quote ?? "…" }, true),
  touches: (job) => [job.id],
  needs: (job) => [["spans", job.id]],
  show: (state, job) => removeSpan(state, job.id),
  request: (job, { spans }) => ({
    method: "DELETE",
    path: `spans/${job.id}/`,
    version: spans.get(job.id).version,
  }),
  store: (state, job) => removeSpan(state, job.id),
};

const RELATION_ADD = {
  says: () => gettext("the new relation"),
  touches: (job) => [job.relation.id],
  needs: (job) => [
    ["spans", job.relation.source],
    ["spans", job.relation.target],
  ],
  show: (state, job) => state.relations.set(job.relation.id, job.relation),
  request: ({ relation: { id, type, source, target } }, { set }) => ({
    method: "POST",
    path: `sets/${set.id}/relations/`,
    body: { id, type, source, target },
  }),
  store: (state, job, answer) => state.relations.set(job.relation.id, answer),
};

const RELATION_DELETE = {
  says: () => gettext("the removal of a relation"),
  touches: (job) => [job.id],
  needs: (job) => [["relations", job.id]],
  show: (state, job) => state.relations.delete(job.id),
  request: (job, { relations }) => ({
    method: "DELETE",
    path: `relations/${job.id}/`,
    version: relations.get(job.id).version,
  }),
  store: (state, job) => state.relations.delete(job.id),
};

const COMMENT_ADD = {
  says: (job) => interpolate(gettext("the comment “%(text)s”"), { text: job.comment.text }, true),
  touches: (job) => [job.comment.id],
  show: (state, job) => state.comments.set(job.comment.id, job.comment),
  request: ({ comment: { id, text, span: on, parent, blocking, suggestion } }, { set }) => ({
    method: "POST",
    path: `sets/${set.id}/comments/`,
    body: { id, text, span: on, parent, blocking, suggestion },
  }),
  store: (state, job, answer) => state.comments.set(job.comment.id, answer),
};

const COMMENT_CHANGE = {
  says: () => gettext("the change of a comment"),
  touches: (job) => [job.id],
  needs: (job) => [["comments", job.id]],
  show: (state, job) => {
    const old = state.comments.get(job.id);
    if (old) state.comments.set(job.id, { ...old, ...job.shown });
  },
  request: (job, { comments }) => ({
    method: "PATCH",
    path: `comments/${job.id}/`,
    body: job.changes,
    version: comments.get(job.id).version,
  }),
  store: (state, job, answer) => state.comments.set(job.id, answer),
};

/** What tells two versions of a span apart for whoever looks at them. */
const COMPARED_FIELDS = ["label", "start", "end", "attributes", "actor", "proposition"];

const KINDS = {
  "span.add": SPAN_ADD,
  "span.change": SPAN_CHANGE,
  "span.delete": SPAN_DELETE,
  "relation.add": RELATION_ADD,
  "relation.delete": RELATION_DELETE,
  "comment.add": COMMENT_ADD,
  "comment.change": COMMENT_CHANGE,
};

/** What a job is called in a sentence. */
export function describeJob(job, state) {
  return KINDS[job.kind].says(job, state);
}

/** The ids whose state is open until the job is acknowledged. */
export function touchedIds(job) {
  return KINDS[job.kind].touches(job);
}

/** Whether what the job speaks of is (still) stored; a job whose mark was refused is void. */
export function isPossible(job, stored) {
  const needs = KINDS[job.kind].needs?.(job) ?? [];
  return needs.every(([part, id]) => stored[part].has(id));
}

/** What the page showed where a job changes it, so that a later page knows whether it still stands. */
export function fieldsBefore(job, { spans }) {
  const old = spans.get(job.id);
  if (!old || !["span.change", "span.delete"].includes(job.kind)) return null;
  const names = job.kind === "span.change" ? Object.keys(job.changes) : COMPARED_FIELDS;
  return Object.fromEntries(names.map((name) => [name, old[name]]));
}

/** Whether somebody else has changed meanwhile what a job of an earlier page was to change. */
export function hasDiverged(job, stored) {
  const now = stored.spans.get(job.id);
  return Boolean(job.before && now) && !hasFields(job.before, now) && !isFulfilled(job, stored);
}

/** Whether what a job was to add is there, since its first try arrived. */
export function isStored(job, stored) {
  const [part, action] = job.kind.split(".");
  return action === "add" ? stored[`${part}s`].has(job[part].id) : isFulfilled(job, stored);
}

/** Whether what is stored is what a change was to bring about. */
export function isFulfilled(job, stored) {
  const now = job.kind === "span.change" && stored.spans.get(job.id);
  if (!now) return false;
  if (!job.snap) return hasFields(job.changes, now);
  const { start, end, quote, ...rest } = job.changes;
  const isInside = start <= now.start && now.end <= end && trimToLetters(quote) === trimToLetters(now.quote);
  return isInside && hasFields(rest, now);
}

function trimToLetters(quote) {
  return quote.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, "");
}

function hasFields(fields, row) {
  return Object.entries(fields).every(([name, value]) => toComparable(value) === toComparable(row[name]));
}

function toComparable(value) {
  const isMap = value && typeof value === "object";
  return JSON.stringify(isMap ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)) : value);
}

export function applyJob(state, job) {
  KINDS[job.kind].show(state, job);
}

export function createRequest(job, stored) {
  return KINDS[job.kind].request(job, stored);
}

export function storeAnswer(stored, job, answer) {
  KINDS[job.kind].store(stored, job, answer);
}
