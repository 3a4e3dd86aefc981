// @ts-check
/** Requests that belong to one job of the outbox. */

import { ApiError } from "./api.js";
import { partOf, rowIdOf } from "./jobs.js";

/**
 * Send a job; what was to be deleted may be gone already.
 *
 * @param {ApiClient} api
 * @param {Job} job
 * @param {ApiRequest} request
 * @returns {Promise<ApiAnswer>}
 */
export async function sendJobRequest(api, job, request) {
  try {
    return await api.send(request);
  } catch (error) {
    // the answer to the first try was lost, and what was to be deleted is gone
    const isGone = error instanceof ApiError && error.status === 404 && request.method === "DELETE" && job.tries;
    if (isGone) return { data: null, setVersion: null };
    throw error;
  }
}

/**
 * Fetch a row that has a newer version than the job knew.
 *
 * @param {ApiClient} api
 * @param {Job} job
 * @param {SetState} stored
 */
export async function refetchRow(api, job, stored) {
  /** @type {Map<string, ConflictRow>} */
  const rows = stored[partOf(job)];
  const [path = ""] = job.request?.path.split("?") ?? [];
  try {
    const { data } = await api.get(path);
    rows.set(rowIdOf(job), data);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) rows.delete(rowIdOf(job));
  }
}
