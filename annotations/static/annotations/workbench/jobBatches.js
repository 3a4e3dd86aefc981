// @ts-check
/** Jobs of one step that go to the service as one request: all or none. */

import { ApiError } from "./api.js";
import { createRequest, createSpanBody, isPossible, rowIdOf, storeAnswer } from "./jobs.js";

/** As many rows as the service takes in one request. */
const MOST_IN_BATCH = 1_000;

/**
 * How jobs of one kind go to the service together. `isGuarded`: only if nobody else has changed the set.
 *
 * @type {{ [Kind in JobKind]?: BatchType<Extract<Job, { kind: Kind }>> }}
 */
const BATCHES = {
  "span.add": {
    path: (set, [first]) => `sets/${set.id}/spans/${first?.snap ? "?snap=true" : ""}`,
    body: (jobs) => jobs.map(({ span }) => createSpanBody(span)),
  },
  "span.change": {
    isGuarded: true,
    path: (set) => `sets/${set.id}/spans/bulk/`,
    body: (jobs) => groupChanges(jobs),
  },
  "span.delete": {
    isGuarded: true,
    path: (set) => `sets/${set.id}/spans/bulk/`,
    body: (jobs) => ({ ids: jobs.map(({ id }) => id), delete: true }),
  },
  "relation.add": {
    path: (set) => `sets/${set.id}/relations/`,
    body: (jobs) => jobs.map(({ relation: { id, type, source, target } }) => ({ id, type, source, target })),
  },
};

/**
 * The row of the table for a job; the checker cannot see that a job's kind and its row belong together.
 *
 * @param {Job} job
 */
function typeOf({ kind }) {
  return /** @type {BatchType<Job> | undefined} */ (/** @type {unknown} */ (BATCHES[kind]));
}

/**
 * Spans that get the same values, together.
 *
 * @param {SpanChangeJob[]} jobs
 */
function groupChanges(jobs) {
  /** @type {Map<string, { ids: string[] }>} */
  const groups = new Map();
  for (const { id, changes } of jobs) {
    const key = JSON.stringify(changes);
    const group = groups.get(key);
    if (group) group.ids.push(id);
    else groups.set(key, { ids: [id], ...changes });
  }
  return [...groups.values()];
}

/**
 * The jobs that go with the first as one request: those of one kind of one step. One that an earlier page has left
 * goes alone, since it may have arrived.
 *
 * @param {Job[]} jobs
 * @param {SetState} stored
 * @returns {Job[]}
 */
export function batchOf(jobs, stored) {
  const [first] = jobs;
  if (!first?.batch || !typeOf(first)) return [];
  const found = [];
  for (const job of jobs.slice(0, MOST_IN_BATCH)) {
    const isAlike = job.kind === first.kind && job.batch === first.batch && snapOf(job) === snapOf(first);
    if (!isAlike || job.restored || !isPossible(job, stored)) break;
    found.push(job);
  }
  return found;
}

/** @param {Job} job */
function snapOf(job) {
  return "snap" in job && Boolean(job.snap);
}

/**
 * @param {Job[]} jobs
 * @param {SetState} stored
 * @returns {ApiRequest}
 */
function createBatchRequest(jobs, { set }) {
  const type = jobs[0] && typeOf(jobs[0]);
  if (!type) throw new Error("no-batch");
  const request = { method: "POST", path: type.path(set, jobs), body: type.body(jobs) };
  return type.isGuarded ? { ...request, version: set.version } : request;
}

/**
 * Deliver jobs as one request. If it is refused, each is sent alone, and says what is wrong.
 *
 * @param {Outbox} outbox
 * @param {Job[]} jobs
 */
export async function deliverBatch(outbox, jobs) {
  const { stored } = outbox.model;
  for (const job of jobs) {
    job.request ??= createRequest(job, stored);
    outbox.store.save(job);
  }
  try {
    await outbox.identity.check();
    const { data, setVersion } = await outbox.api.send(createBatchRequest(jobs, stored));
    acknowledgeBatch(outbox, jobs, new Map(data.map((/** @type {ConflictRow} */ row) => [row.id, row])));
    if (outbox.model.noteVersion(setVersion)) outbox.emit("others");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const [first] = jobs;
    if (error.isTemporary && first) return outbox.waitForRetry(error, first);
    if (error.problem.successor) return outbox.halt(error.problem.successor);
    for (const job of jobs) delete job.batch;
  }
  return null;
}

/**
 * @param {Outbox} outbox
 * @param {Job[]} jobs
 * @param {Map<string, ConflictRow>} answers by id; a row that was deleted has none
 */
function acknowledgeBatch(outbox, jobs, answers) {
  const { model, store } = outbox;
  // those that were discarded meanwhile are not ours any more
  for (const job of jobs.filter((one) => model.jobs.includes(one))) {
    const data = answers.get(rowIdOf(job)) ?? null;
    storeAnswer(model.stored, job, data);
    store.remove(job);
    store.broadcast({ type: "stored", job, data, setVersion: null });
    outbox.finishedKeys.add(job.key);
    outbox.emit("stored", { job, data });
  }
  outbox.trouble = null;
  outbox.replaceJobs(model.jobs.filter(({ key }) => !outbox.finishedKeys.has(key)));
}
