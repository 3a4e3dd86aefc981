// @ts-check
/**
 * Work that was not sent before the text was corrected, on the new text: changes and drafts whose words stand
 * there, and those that have no place any more. No DOM, no network.
 */

import { draftKeys, parseDraftKey, parseWordsId } from "./drafts.js";
import { uuid7 } from "./ids.js";
import { describeJob, rowIdOf } from "./jobs.js";

/** What becomes of the rows of an old set: the ids that they have in the new one. */
class RowIds {
  /**
   * @param {SetDetail} old
   * @param {SetDetail} now
   * @param {TextCarrier} carrier
   */
  constructor(old, now, carrier) {
    this.carrier = carrier;
    this.now = now;
    /** @type {Set<string>} ids of the old set */
    this.oldIds = new Set([...old.spans, ...old.relations].map(({ id }) => id));
    /** @type {Set<string>} ids of the new set that a carried job deletes */
    this.deletedIds = new Set();
    /** @type {Map<string, string>} */
    this.relations = new Map();
    /** @type {Map<string, string>} */
    this.spans = new Map();
    /** @type {Map<string, string>} */
    this.comments = new Map();
    for (const span of old.spans) {
      const found = this.findSpan(span);
      if (found) this.spans.set(span.id, found.id);
    }
    for (const relation of old.relations) {
      const found = this.findRelation(relation);
      if (found) this.relations.set(relation.id, found.id);
    }
    for (const comment of old.comments) {
      const found = now.comments.find((one) => one.author === comment.author && one.created_at === comment.created_at && one.text === comment.text);
      if (found) this.comments.set(comment.id, found.id);
    }
  }

  /**
   * The span of the new set that an old one has become.
   *
   * @param {FrozenSpan} span
   */
  findSpan({ label, start, end, proposition }) {
    const place = this.carrier.carryRange(start, end);
    if (!place) return null;
    const here = this.now.spans.filter((one) => one.label === label && one.start === place.start && one.end === place.end && !this.deletedIds.has(one.id));
    return here.find((one) => one.proposition === proposition) ?? here[0] ?? null;
  }

  /**
   * The relation of the new set that is the same between the spans that the ends have become.
   *
   * @param {Relation} relation
   */
  findRelation({ type, source, target }) {
    const [from, to] = [this.spans.get(source), this.spans.get(target)];
    return this.now.relations.find((one) => one.type === type && one.source === from && one.target === to && !this.deletedIds.has(one.id)) ?? null;
  }

  /**
   * Whether a relation of the old set has lost an end, which waits for a look now.
   *
   * @param {Relation | undefined} relation
   */
  waits(relation) {
    return relation !== undefined && !(this.spans.has(relation.source) && this.spans.has(relation.target));
  }
}

/**
 * A job of the old set as one of the new set; "done" if there is nothing left to do, null if it has no place.
 *
 * @type {{ [Kind in JobKind]: (job: Extract<Job, { kind: Kind }>, ids: RowIds, known: SetParts) => Job | "done" | null }}
 */
const CARRY = {
  "span.add": (job, ids) => {
    const place = ids.carrier.carryRange(job.span.start, job.span.end);
    if (!place) return null;
    const same = ids.findSpan(job.span);
    const id = same?.id ?? uuid7();
    ids.spans.set(job.span.id, id);
    if (same) return "done";
    return { kind: "span.add", span: { ...job.span, ...place, id, set: ids.now.id, version: 0 }, snap: job.snap };
  },
  "span.change": (job, ids) => {
    const id = ids.spans.get(job.id);
    const { start, end, quote: _, ...rest } = job.changes;
    const moves = start !== undefined && end !== undefined;
    const place = moves ? ids.carrier.carryRange(start, end) : {};
    if (!id || !place) return null;
    return { kind: "span.change", id, changes: { ...rest, ...place }, snap: job.snap };
  },
  "span.delete": (job, ids) => {
    const id = ids.spans.get(job.id);
    // without a place the mark waits for a look, where it is dropped by hand
    if (!id) return ids.oldIds.has(job.id) ? null : "done";
    if (ids.deletedIds.has(id)) return "done";
    ids.deletedIds.add(id);
    for (const { id: relation, source, target } of ids.now.relations) if (source === id || target === id) ids.deletedIds.add(relation);
    return { kind: "span.delete", id };
  },
  "relation.add": ({ relation }, ids) => {
    const [source, target] = [ids.spans.get(relation.source), ids.spans.get(relation.target)];
    if (!source || !target) return null;
    const id = ids.findRelation(relation)?.id;
    ids.relations.set(relation.id, id ?? uuid7());
    return id ? "done" : { kind: "relation.add", relation: { ...relation, id: ids.relations.get(relation.id) ?? "", source, target, version: 0 } };
  },
  "relation.delete": (job, ids, known) => {
    const id = ids.relations.get(job.id);
    // it went with its span, or waits with one for a look; then it comes back when that is taken over
    if (!id) return ids.waits(known.relations.get(job.id)) ? null : "done";
    if (ids.deletedIds.has(id)) return "done";
    ids.deletedIds.add(id);
    return { kind: "relation.delete", id };
  },
  "comment.add": ({ comment }, ids) => {
    if (ids.comments.has(comment.id)) return "done";
    const id = uuid7();
    ids.comments.set(comment.id, id);
    const span = (comment.span && ids.spans.get(comment.span)) || null;
    const parent = (comment.parent && ids.comments.get(comment.parent)) || null;
    const { start, end } = comment;
    if (typeof start !== "number" || typeof end !== "number") return { kind: "comment.add", comment: { ...comment, id, span, parent, suggestion: null, version: 0 } };
    const place = ids.carrier.carryRange(start, end);
    return place && { kind: "comment.add", comment: { ...comment, ...place, id, parent, version: 0 } };
  },
  "comment.change": (job, ids) => {
    const id = ids.comments.get(job.id);
    return id ? { kind: "comment.change", id, changes: job.changes, shown: job.shown } : null;
  },
};

/**
 * Where a draft goes on; null if it has no place.
 *
 * @param {string} key
 * @param {RowIds} ids
 */
function carryDraftKey(key, ids) {
  const { kind, id, detail } = parseDraftKey(key);
  const span = ids.spans.get(id);
  const comment = ids.comments.get(id);
  if (kind === "reason" || (kind === "comment" && !id)) return key;
  if (kind === "comment") return span ? draftKeys.comment(span) : null;
  if (kind === "words") {
    const { start, end } = parseWordsId(id);
    const place = ids.carrier.carryRange(start, end);
    return place && draftKeys.words(place);
  }
  if (kind === "answer") return comment ? draftKeys.answer(comment) : null;
  if (["field", "actor", "proposition"].includes(kind)) return span ? [kind, span, detail].join("/") : null;
  return null;
}

/**
 * The words of a job that a person would not want to write again, or by which its row is found.
 *
 * @param {Job} job
 * @param {SetParts} known
 */
function wordsOf(job, known) {
  const relation = job.kind === "relation.delete" && known.relations.get(job.id);
  if (relation) return [relation.source, relation.target].map((id) => known.spans.get(id)?.quote ?? "…").join(" → ");
  if (job.kind === "span.add") return job.span.quote;
  if (job.kind === "comment.add") return job.comment.text;
  return job.kind === "span.change" ? (job.changes.quote ?? "") : "";
}

/**
 * The jobs that are of no account, since a later one deletes what they add or change, or they delete what was never sent.
 *
 * @param {Job[]} jobs
 * @param {Set<string>} oldIds of rows that are stored
 */
function findOvertaken(jobs, oldIds) {
  /** @type {Map<string, number>} */
  const lastDeletes = new Map();
  for (const [at, job] of jobs.entries()) if (job.kind.endsWith(".delete")) lastDeletes.set(rowIdOf(job), at);
  /** @type {Set<string>} */
  const added = new Set();
  return new Set(jobs.filter((job, at) => {
    const id = rowIdOf(job);
    if (job.kind.endsWith(".add")) added.add(id);
    const isOfNew = job.kind.endsWith(".delete") && added.has(id) && !oldIds.has(id);
    return isOfNew || (lastDeletes.get(id) ?? -1) > at;
  }));
}

/**
 * Divide the work of an old set into what fits the new one and what does not.
 *
 * @param {{ jobs: Job[], drafts: [string, Draft][] }} work
 * @param {SetDetail} old
 * @param {SetDetail} now
 * @param {TextCarrier} carrier
 * @returns {CarriedWork}
 */
export function planWork({ jobs, drafts }, old, now, carrier) {
  const ids = new RowIds(old, now, carrier);
  const overtaken = findOvertaken(jobs, ids.oldIds);
  /** @type {CarriedWork} */
  const plan = { jobs: [], done: [], lostJobs: [], drafts: [], lostDrafts: [] };
  /** @type {SetParts} */
  const known = {
    spans: new Map([...old.spans, ...jobs.flatMap((job) => (job.kind === "span.add" ? [job.span] : []))].map((row) => [row.id, row])),
    relations: new Map(old.relations.map((row) => [row.id, row])),
    comments: new Map(),
  };
  for (const job of jobs) {
    const carry = /** @type {(job: Job, ids: RowIds, known: SetParts) => Job | "done" | null} */ (/** @type {unknown} */ (CARRY[job.kind]));
    const carried = overtaken.has(job) ? "done" : carry(job, ids, known);
    const what = describeJob(job, known);
    if (carried && carried !== "done" && job.batch) carried.batch = job.batch;
    if (carried === "done") plan.done.push(job);
    else if (carried) plan.jobs.push({ old: job, job: carried, what });
    else plan.lostJobs.push({ job, what, words: wordsOf(job, known) });
  }
  for (const [key, draft] of drafts) {
    const place = carryDraftKey(key, ids);
    if (place) plan.drafts.push({ key, place, draft });
    else plan.lostDrafts.push({ key, draft });
  }
  return plan;
}
