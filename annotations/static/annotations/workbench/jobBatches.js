// @ts-check
/** New spans of one step, which go to the service as one request: all or none. */

import { ApiError } from "./api.js";
import { createRequest, createSpanBody, storeAnswer } from "./jobs.js";

/** As many spans as the service takes in one request. */
const MOST_IN_BATCH = 1_000;

/**
 * The jobs that go with the first as one request: the new spans of one step. One that an earlier page has left
 * goes alone, since it may have arrived.
 *
 * @param {Job[]} jobs
 * @returns {SpanAddJob[]}
 */
export function batchOf(jobs) {
  const [first] = jobs;
  if (first?.kind !== "span.add" || !first.batch) return [];
  const found = [];
  for (const job of jobs.slice(0, MOST_IN_BATCH)) {
    if (job.kind !== "span.add" || job.batch !== first.batch || job.restored || job.snap !== first.snap) break;
    found.push(job);
  }
  return found;
}

/**
 * @param {SpanAddJob[]} jobs
 * @param {SetState} stored
 * @returns {ApiRequest}
 */
function createBatchRequest(jobs, { set }) {
  return { method: "POST", path: `sets/${set.id}/spans/${jobs[0]?.snap ? "?snap=true" : ""}`, body: jobs.map(({ span }) => createSpanBody(span)) };
}

/**
 * Deliver new spans as one request. If it is refused, each is sent alone, and says what is wrong.
 *
 * @param {Outbox} outbox
 * @param {SpanAddJob[]} jobs
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
    acknowledgeBatch(outbox, jobs, new Map(data.map((/** @type {Span} */ span) => [span.id, span])));
    if (outbox.model.noteVersion(setVersion)) outbox.emit("others");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const [first] = jobs;
    if (error.isTemporary && first) return outbox.waitForRetry(error, first);
    for (const job of jobs) delete job.batch;
  }
  return null;
}

/**
 * @param {Outbox} outbox
 * @param {SpanAddJob[]} jobs
 * @param {Map<string, Span>} answers by id
 */
function acknowledgeBatch(outbox, jobs, answers) {
  const { model, store } = outbox;
  // those that were discarded meanwhile are not ours any more
  for (const job of jobs.filter((one) => model.jobs.includes(one))) {
    const data = answers.get(job.span.id);
    storeAnswer(model.stored, job, data);
    store.remove(job);
    store.broadcast({ type: "stored", job, data, setVersion: null });
    outbox.finishedKeys.add(job.key);
    outbox.emit("stored", { job, data });
  }
  outbox.trouble = null;
  outbox.replaceJobs(model.jobs.filter(({ key }) => !outbox.finishedKeys.has(key)));
}
