/**
 * The way to the service: one job after the other, each until it is acknowledged or refused. What
 * cannot be delivered now stays, is counted and shown, and is tried again; nothing is given up in
 * silence. The jobs lie in the browser's storage; of several tabs with one set a single one sends, and
 * tells the others what the service answered.
 */

import { ApiError } from "./api.js";
import { createRequest, describeJob, fieldsBefore, hasDiverged, isFulfilled, isPossible, isStored, storeAnswer } from "./jobs.js";
import { gettext, interpolate } from "./translation.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

export class Outbox extends EventTarget {
  constructor(model, api, shelf) {
    super();
    Object.assign(this, { model, api, shelf });
    this.moves = 0;
    this.trouble = null;
    this.conflict = null;
    this.wake = null;
    this.isHurried = false;
    this.isSender = false;
    this.running = null;
    /** Keys of jobs that are done with, however late the storage says so. */
    this.over = new Set();
    this.token = api.currentToken;
    this.isIdentified = true;
    window.addEventListener("online", () => this.wake?.());
    window.addEventListener("focus", () => this.wake?.());
    window.addEventListener("storage", ({ key }) => shelf.owns(key) && this.takeUp());
    shelf.listen((message) => this.hear(message));
  }

  /** Take up what was left here, and send it when it is this tab's turn. */
  async begin() {
    this.takeUp();
    await this.shelf.turn();
    this.isSender = true;
    return this.takeUp({ prunes: true });
  }

  /**
   * Jobs that lie in the storage and are not known here. When it becomes this tab's turn, those that the
   * tab before it has delivered go; at other times the storage may tell of another tab's news too late.
   */
  takeUp({ prunes = false } = {}) {
    const { jobs } = this.model;
    const known = new Set(jobs.map(({ key }) => key));
    const found = this.shelf.all().filter(({ key }) => !known.has(key) && !this.over.has(key));
    const kept = prunes ? jobs.filter((job) => this.shelf.holds(job)) : jobs;
    // what became of them was said to a tab that is gone
    if (kept.length < jobs.length) this.dispatchEvent(new Event("others"));
    if (kept.length < jobs.length || found.length) this.order([...kept, ...found.map(restoreJob)]);
    return this.go();
  }

  order(jobs) {
    this.model.jobs.splice(0, Infinity, ...jobs.sort((one, other) => (one.key < other.key ? -1 : 1)));
    this.changed();
  }

  /** What another tab of the same person says. */
  hear({ says: what, ...message }) {
    const hears = {
      added: () => this.heardAdded(message.jobs),
      stored: () => this.heardStored(message),
      gone: () => this.remove(message.job),
      refused: () => this.dispatchEvent(new CustomEvent("refused", { detail: message })),
      trouble: () => this.suffer(message.trouble),
      conflict: () => this.meet(message.conflict),
      decided: () => this.decide(message.choice, { isHeard: true }),
      retry: () => this.isSender && this.retry(),
      discard: () => this.discard({ isHeard: true }),
    };
    hears[what]?.();
  }

  heardAdded(added) {
    const known = new Set(this.model.jobs.map(({ key }) => key));
    this.order([...this.model.jobs, ...added.filter(({ key }) => !known.has(key) && !this.over.has(key))]);
    this.go();
  }

  heardStored({ job, data, setVersion }) {
    storeAnswer(this.model.stored, job, data);
    this.model.set.version = Math.max(setVersion ?? 0, this.model.set.version);
    this.remove(job);
    this.dispatchEvent(new CustomEvent("stored", { detail: { job, data } }));
  }

  /** The number of changes that the service has not acknowledged. */
  get pending() {
    return this.model.jobs.length + this.moves;
  }

  push(...jobs) {
    for (const job of jobs) {
      job.before = this.model.isOpen(job.id) ? null : fieldsBefore(job, this.model.shown);
      this.shelf.put(job);
    }
    this.model.jobs.push(...jobs);
    this.changed();
    this.shelf.tell({ says: "added", jobs: jobs.map(toPlain) });
    return this.go();
  }

  go() {
    if (!this.isSender) return null;
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Resolves when nothing is under way any more, here or in the tab that sends. */
  async settled() {
    while (this.running) await this.running;
    while (this.model.jobs.length) {
      await new Promise((resolve) => this.addEventListener("change", resolve, { once: true }));
    }
  }

  async run() {
    const { jobs } = this.model;
    while (jobs.length) await this.deliver(jobs[0]);
    this.dispatchEvent(new Event("empty"));
  }

  async deliver(job) {
    const { stored } = this.model;
    if (!isPossible(job, stored) || (job.restored && isStored(job, stored))) return this.drop(job);
    if (job.restored && !job.request && hasDiverged(job, stored)) return this.ask(job);
    job.request ??= createRequest(job, stored);
    // before it is sent: if the page ends now, the next one knows that it may have arrived
    this.shelf.put(job);
    try {
      await this.identify();
      const answer = await this.send(job);
      this.acknowledge(job, answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await (error.passing ? this.wait(error, job) : this.refuse(job, error));
    }
  }

  /** Whoever signs in gets a new token; then, and after a refusal, ask who that is before sending. */
  async identify() {
    const token = this.api.currentToken;
    if (this.isIdentified && this.token === token) return;
    const { data } = await this.api.get("me/");
    const { username } = this.model.me;
    if (data.username !== username) throw new ApiError(401, { detail: otherAccountText(data.username, username) });
    this.token = token;
    this.isIdentified = true;
  }

  async send(job) {
    try {
      return await this.api.send(job.request);
    } catch (error) {
      // the answer to the first try was lost, and what was to be deleted is gone
      const gone = error.status === 404 && job.request.method === "DELETE" && job.tries;
      if (gone) return { data: null, setVersion: null };
      throw error;
    }
  }

  acknowledge(job, { data, setVersion }) {
    if (!this.model.jobs.includes(job)) return;
    storeAnswer(this.model.stored, job, data);
    this.shelf.remove(job);
    this.shelf.tell({ says: "stored", job: toPlain(job), data, setVersion });
    this.drop(job);
    this.dispatchEvent(new CustomEvent("stored", { detail: { job, data } }));
    this.sawVersion(setVersion);
  }

  /** A version that jumps says that somebody else has changed the set as well. */
  sawVersion(version) {
    if (!version) return;
    const others = version > this.model.set.version + 1;
    this.model.set.version = Math.max(version, this.model.set.version);
    if (others) this.dispatchEvent(new Event("others"));
  }

  drop(job) {
    this.shelf.remove(job);
    this.shelf.tell({ says: "gone", job: toPlain(job) });
    this.remove(job);
  }

  remove({ key }) {
    this.over.add(key);
    const at = this.model.jobs.findIndex((one) => one.key === key);
    if (at >= 0) this.model.jobs.splice(at, 1);
    this.trouble = null;
    this.changed();
  }

  /** Somebody does not want to wait for the next try; if one is under way, for the one after it. */
  retry() {
    if (!this.isSender) return this.shelf.tell({ says: "retry" });
    this.isHurried = !this.wake;
    return this.wake?.();
  }

  /** Keep the job, say why it waits, and go on after a while, or when somebody says so. */
  async wait(error, job) {
    job.tries = (job.tries ?? 0) + 1;
    if (error.status !== 0) this.isIdentified = false;
    this.shelf.put(job);
    if (this.isHurried) {
      this.isHurried = false;
      return;
    }
    const seconds = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (job.tries - 1));
    const trouble = { detail: error.detail, until: Date.now() + seconds };
    this.suffer(trouble);
    this.shelf.tell({ says: "trouble", trouble });
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }

  suffer(trouble) {
    this.trouble = trouble;
    this.tell();
  }

  async refuse(job, error) {
    // who may not see or do it may be somebody else by now
    if ([403, 404].includes(error.status) && this.isIdentified && !job.isChecked) {
      job.isChecked = true;
      this.isIdentified = false;
      return null;
    }
    const what = describeJob(job, this.model.stored);
    if (error.stale) {
      await this.refresh(job);
      if (isFulfilled(job, this.model.stored)) return this.drop(job);
      if (isPossible(job, this.model.stored)) return this.ask(job);
    }
    const told = { job: toPlain(job), what, error: { ...error, detail: error.detail, stale: error.stale } };
    this.drop(job);
    this.shelf.tell({ says: "refused", ...told });
    return this.dispatchEvent(new CustomEvent("refused", { detail: told }));
  }

  /** Two versions of one thing: wait until somebody has chosen. */
  async ask(job) {
    const conflict = { job: toPlain(job), theirs: this.model.stored[partOf(job)].get(job.id) };
    this.meet(conflict);
    this.shelf.tell({ says: "conflict", conflict });
    const choice = await new Promise((resolve) => {
      this.answer = resolve;
    });
    this.answer = null;
    if (!this.model.jobs.includes(job)) return null;
    if (choice === "theirs") {
      return this.yield(job);
    }
    delete job.request;
    job.restored = false;
    return this.shelf.put(job);
  }

  /** What came after the change that is given up was built on it. */
  yield(job) {
    const later = this.model.jobs.filter(({ kind, id }) => kind === job.kind && id === job.id);
    for (const one of later) {
      this.dispatchEvent(new CustomEvent("yielded", { detail: { job: one } }));
      this.drop(one);
    }
  }

  meet(conflict) {
    this.conflict = conflict;
    this.model.stored[partOf(conflict.job)].set(conflict.theirs.id, conflict.theirs);
    this.changed();
    this.dispatchEvent(new CustomEvent("conflict", { detail: conflict }));
  }

  /** Take `mine` or `theirs`, here or in the tab that sends. */
  decide(choice, { isHeard = false } = {}) {
    this.conflict = null;
    if (!isHeard) this.shelf.tell({ says: "decided", choice });
    this.answer?.(choice);
    this.dispatchEvent(new Event("decided"));
    this.tell();
  }

  /** Fetch what is stored where our version was an old one. */
  async refresh(job) {
    const part = partOf(job);
    try {
      const { data } = await this.api.get(job.request.path.split("?")[0]);
      this.model.stored[part].set(job.id, data);
    } catch (error) {
      if (error.status === 404) this.model.stored[part].delete(job.id);
    }
  }

  /** Give up all that waits. What of it had arrived, the service knows: load the set afterwards. */
  discard({ isHeard = false } = {}) {
    for (const job of this.model.jobs.splice(0)) {
      this.over.add(job.key);
      this.shelf.remove(job);
    }
    if (!isHeard) this.shelf.tell({ says: "discard" });
    this.trouble = null;
    this.wake?.();
    if (this.conflict) this.decide("theirs", { isHeard: true });
    this.changed();
  }

  /** Count something that is no job, such as a transition, as on its way. */
  async during(action) {
    this.moves += 1;
    this.tell();
    try {
      await this.identify();
      return await action();
    } finally {
      this.moves -= 1;
      this.tell();
    }
  }

  changed() {
    this.model.derive();
    this.tell();
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The part of a set that a job changes. */
function partOf(job) {
  return `${job.kind.split(".")[0]}s`;
}

/** A job of an earlier page; if it was ever on its way, it may have arrived. */
function restoreJob(job) {
  return { ...job, restored: true, tries: job.request ? (job.tries ?? 1) : 0 };
}

/** A job as other tabs get it. */
function toPlain(job) {
  return JSON.parse(JSON.stringify(job));
}

function otherAccountText(now, owner) {
  const told = gettext("You are signed in as %(now)s now. The changes that wait here are by %(owner)s; sign in as %(owner)s again.");
  return interpolate(told, { now, owner }, true);
}
