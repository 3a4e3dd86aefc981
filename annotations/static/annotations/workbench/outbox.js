// @ts-check
/**
 * The way to the service: one job after the other, each until it is acknowledged or refused. A job that
 * cannot be delivered now stays, is counted and shown, and is tried again; nothing is given up in
 * silence. The jobs lie in the browser's storage; of several tabs with one set a single one sends, and
 * tells the others what the service answered.
 */

import { ApiError } from "./api.js";
import { Emitter } from "./emitter.js";
import { Identity } from "./identity.js";
import { compareKeys, createRequest, describeJob, fieldsBefore, hasDiverged, isFulfilled, isPossible, isStored, partOf, restoreJob, rowIdOf, storeAnswer } from "./jobs.js";
import { batchOf, deliverBatch } from "./jobBatches.js";
import { refetchRow, sendJobRequest } from "./jobRequests.js";
import { RetryPause, waitAfter } from "./retryPause.js";
import { followMessage } from "./tabMessages.js";
import { gettext } from "./translation.js";

/** How long a transition waits for changes to be saved, in milliseconds. */
const SAVE_TIMEOUT = 5_000;

/** @extends {Emitter<OutboxEvents>} */
export class Outbox extends Emitter {
  /**
   * @param {Model} model
   * @param {ApiClient} api
   * @param {PendingStore} store
   */
  constructor(model, api, store) {
    super();
    this.model = model;
    this.api = api;
    this.store = store;
    this.actionCount = 0;
    /** @type {Trouble | null} */
    this.trouble = null;
    /** @type {Conflict | null} */
    this.conflict = null;
    this.pause = new RetryPause();
    /** @type {((choice: ConflictChoice) => void) | null} answers the conflict that is asked about */
    this.answerConflict = null;
    /** @type {string | null} the set in which the work goes on, since the text was corrected; then nothing is sent */
    this.successor = null;
    /** Whether this tab is the one that sends. */
    this.isSender = false;
    /** @type {Promise<void> | null} */
    this.sending = null;
    /** @type {Set<string | undefined>} keys of finished jobs; the storage may still list them for a while */
    this.finishedKeys = new Set();
    this.identity = new Identity(api, model.me.username);
    window.addEventListener("online", () => this.pause.end?.());
    window.addEventListener("focus", () => this.pause.end?.());
    window.addEventListener("storage", ({ key }) => store.isOwnKey(key) && this.restore());
    store.onMessage((message) => followMessage(this, message));
  }

  /** Show the jobs that were left here, and send them when it is this tab's turn. */
  async start() {
    this.restore();
    await this.store.waitForTurn();
    this.isSender = true;
    return this.restore({ isFirstTurn: true });
  }

  /**
   * Read the jobs of the storage that are not known here. When it becomes this tab's turn, jobs that the
   * tab before it has delivered are dropped; at other times the storage may be behind its messages.
   *
   * @param {{ isFirstTurn?: boolean }} [options]
   */
  restore({ isFirstTurn = false } = {}) {
    const { jobs } = this.model;
    const found = this.unknownJobs(this.store.readAll());
    const kept = isFirstTurn ? jobs.filter((job) => this.store.has(job)) : jobs;
    // a tab that is closed now was told what became of them
    if (kept.length < jobs.length) this.emit("others");
    if (kept.length < jobs.length || found.length) this.replaceJobs([...kept, ...found.map(restoreJob)]);
    return this.startSending();
  }

  /** @param {Job[]} jobs */
  unknownJobs(jobs) {
    const known = new Set(this.model.jobs.map(({ key }) => key));
    return jobs.filter(({ key }) => !known.has(key) && !this.finishedKeys.has(key));
  }

  /** @param {Job[]} jobs */
  replaceJobs(jobs) {
    this.model.jobs.splice(0, Infinity, ...jobs.sort(compareKeys));
    this.onJobsChanged();
  }

  /** @param {Job[]} jobs */
  onJobsAdded(jobs) {
    this.replaceJobs([...this.model.jobs, ...this.unknownJobs(jobs)]);
    this.startSending();
  }

  /** @param {{ job: Job, data: any, setVersion: number | null }} answer */
  onJobStored({ job, data, setVersion }) {
    storeAnswer(this.model.stored, job, data);
    this.model.noteVersion(setVersion);
    this.removeJob(job);
    this.emit("stored", { job, data });
  }

  /** The number of jobs and other requests that the service has not acknowledged. */
  get pendingCount() {
    return this.model.jobs.length + this.actionCount;
  }

  /**
   * Store jobs and send them.
   *
   * @param {...Job} jobs
   */
  addJobs(...jobs) {
    for (const job of jobs) {
      job.before = this.model.isUnsaved(rowIdOf(job)) ? null : fieldsBefore(job, this.model.shown);
      this.store.save(job);
    }
    this.model.jobs.push(...jobs);
    this.onJobsChanged();
    this.store.broadcast({ type: "added", jobs: jobs });
    return this.startSending();
  }

  startSending() {
    if (!this.isSender) return null;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  /** Wait until nothing is under way any more, here or in the tab that sends. */
  async waitUntilEmpty() {
    while (this.sending) await this.sending;
    while (this.model.jobs.length) await this.next("change");
  }

  /** Wait a little until everything is saved, and throw if it is not: a transition is decided on what is stored. */
  async requireSaved() {
    if (!this.pendingCount) return;
    let timer;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, SAVE_TIMEOUT);
    });
    await Promise.race([this.waitUntilEmpty(), timeout]);
    clearTimeout(timer);
    if (this.pendingCount) throw new Error(gettext("Not all changes are saved yet; wait until they are."));
  }

  async sendAll() {
    const { jobs } = this.model;
    for (let [job] = jobs; job && !this.successor; [job] = jobs) {
      const batch = batchOf(jobs, this.model.stored);
      await (batch.length > 1 ? deliverBatch(this, batch) : this.deliverJob(job));
    }
  }

  /**
   * Deliver one job, or find out why it cannot be.
   *
   * @param {Job} job
   */
  async deliverJob(job) {
    const { stored } = this.model;
    if (!isPossible(job, stored) || (job.restored && isStored(job, stored))) return this.dropJob(job);
    if (job.restored && !job.request && hasDiverged(job, stored)) return this.askForChoice(job);
    job.request ??= createRequest(job, stored);
    // before it is sent: if the page ends now, the next one knows that it may have arrived
    this.store.save(job);
    try {
      await this.identity.check();
      const answer = await sendJobRequest(this.api, job, job.request);
      return this.acknowledgeJob(job, answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.isTemporary ? this.waitForRetry(error, job) : this.refuseJob(job, error);
    }
  }

  /**
   * @param {Job} job
   * @param {ApiAnswer} answer
   */
  acknowledgeJob(job, { data, setVersion }) {
    if (!this.model.jobs.includes(job)) return;
    storeAnswer(this.model.stored, job, data);
    this.store.remove(job);
    this.store.broadcast({ type: "stored", job, data, setVersion });
    this.dropJob(job);
    this.emit("stored", { job, data });
    if (this.model.noteVersion(setVersion)) this.emit("others");
  }

  /**
   * Remove a job here, from the storage and in other tabs.
   *
   * @param {Job} job
   */
  dropJob(job) {
    this.store.remove(job);
    this.store.broadcast({ type: "gone", job });
    this.removeJob(job);
  }

  /** @param {Job} job */
  removeJob({ key }) {
    this.finishedKeys.add(key);
    const index = this.model.jobs.findIndex((job) => job.key === key);
    if (index >= 0) this.model.jobs.splice(index, 1);
    this.trouble = null;
    this.onJobsChanged();
  }

  /** Try again now; if a try is under way, again right after it. */
  retryNow() {
    if (!this.isSender) return this.store.broadcast({ type: "retry" });
    return this.pause.skip();
  }

  /**
   * Keep the job, say why it waits, and go on after a while, or when the pause is ended.
   *
   * @param {ApiError} error
   * @param {Job} job
   */
  async waitForRetry(error, job) {
    job.tries = (job.tries ?? 0) + 1;
    if (error.status !== 0) this.identity.isKnown = false;
    this.store.save(job);
    if (this.pause.takeSkip()) return;
    const wait = waitAfter(job.tries);
    const trouble = { detail: error.detail, until: Date.now() + wait };
    this.setTrouble(trouble);
    this.store.broadcast({ type: "trouble", trouble });
    await this.pause.wait(wait);
  }

  /** @param {Trouble | null} trouble */
  setTrouble(trouble) {
    this.trouble = trouble;
    this.emit("change");
  }

  /**
   * Give up a job that the service refused, unless it conflicts with a change that can be compared.
   *
   * @param {Job} job
   * @param {ApiError} error
   */
  async refuseJob(job, error) {
    // perhaps another person has signed in since: then it is not this person whom the service refused
    if ([403, 404].includes(error.status) && this.identity.isKnown && !job.isChecked) {
      job.isChecked = true;
      this.identity.isKnown = false;
      return null;
    }
    if (error.problem.successor) return this.halt(error.problem.successor);
    const what = describeJob(job, this.model.stored);
    if (error.isStale) {
      await refetchRow(this.api, job, this.model.stored);
      if (isFulfilled(job, this.model.stored)) return this.dropJob(job);
      if (isPossible(job, this.model.stored)) return this.askForChoice(job);
    }
    const { status, code, detail, isStale: stale } = error;
    const refusal = { job, what, error: { status, code, detail, stale } };
    this.dropJob(job);
    this.store.broadcast({ type: "refused", ...refusal });
    return this.emit("refused", refusal);
  }

  /**
   * Send nothing more: the text was corrected, and the set goes on in another one. What waits stays for it.
   *
   * @param {string} successor
   * @param {{ isRemote?: boolean }} [options] whether another tab says so
   */
  halt(successor, { isRemote = false } = {}) {
    if (this.successor) return;
    this.successor = successor;
    if (!isRemote) this.store.broadcast({ type: "superseded", successor });
    this.emit("superseded");
    this.emit("change");
  }

  /**
   * Show the two versions of one row, and wait until the person has chosen.
   *
   * @param {Job} job
   */
  async askForChoice(job) {
    const theirs = this.model.stored[partOf(job)].get(rowIdOf(job));
    if (!theirs) return this.dropJob(job);
    const conflict = { job, theirs };
    this.showConflict(conflict);
    this.store.broadcast({ type: "conflict", conflict });
    /** @type {ConflictChoice} */
    const choice = await new Promise((resolve) => {
      this.answerConflict = resolve;
    });
    this.answerConflict = null;
    if (!this.model.jobs.includes(job)) return null;
    if (choice === "theirs") return this.acceptTheirs(job);
    delete job.request;
    job.restored = false;
    return this.store.save(job);
  }

  /**
   * Drop a change, and the later ones of the same row that were built on it.
   * @param {Job} job
   */
  acceptTheirs(job) {
    const later = this.model.jobs.filter((one) => one.kind === job.kind && rowIdOf(one) === rowIdOf(job));
    for (const one of later) {
      this.emit("yielded", { job: one });
      this.dropJob(one);
    }
  }

  /** @param {Conflict} conflict */
  showConflict(conflict) {
    const { job, theirs } = conflict;
    this.conflict = conflict;
    /** @type {Map<string, ConflictRow>} */
    const rows = this.model.stored[partOf(job)];
    rows.set(theirs.id, theirs);
    this.onJobsChanged();
    this.emit("conflict", conflict);
  }

  /**
   * Take `mine` or `theirs`, here or in the tab that sends.
   *
   * @param {ConflictChoice} choice
   * @param {{ isRemote?: boolean }} [options] whether another tab says so
   */
  resolveConflict(choice, { isRemote = false } = {}) {
    this.conflict = null;
    if (!isRemote) this.store.broadcast({ type: "decided", choice });
    this.answerConflict?.(choice);
    this.emit("decided");
    this.emit("change");
  }

  /**
   * Give up all jobs. Some of them may have arrived, so the set has to be loaded afterwards.
   *
   * @param {{ isRemote?: boolean }} [options] whether another tab says so
   */
  discardAll({ isRemote = false } = {}) {
    for (const job of this.model.jobs.splice(0)) {
      this.finishedKeys.add(job.key);
      this.store.remove(job);
    }
    if (!isRemote) this.store.broadcast({ type: "discard" });
    this.trouble = null;
    this.pause.end?.();
    if (this.conflict) this.resolveConflict("theirs", { isRemote: true });
    this.onJobsChanged();
  }

  /**
   * Count a request that is no job, such as a transition, as on its way.
   *
   * @template Result
   * @param {() => Promise<Result>} action
   * @returns {Promise<Result>}
   */
  async trackAction(action) {
    this.actionCount += 1;
    this.emit("change");
    try {
      await this.identity.check();
      return await action();
    } finally {
      this.actionCount -= 1;
      this.emit("change");
    }
  }

  onJobsChanged() {
    this.model.deriveShown();
    this.emit("change");
  }
}
