/**
 * The way to the service: one job after the other, each until it is acknowledged or refused. What
 * cannot be delivered now stays, is counted and shown, and is tried again; nothing is given up in
 * silence.
 */

import { Refused } from "./api.js";
import { isPossible, request, says, store } from "./jobs.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

export class Outbox extends EventTarget {
  constructor(model, api) {
    super();
    this.model = model;
    this.api = api;
    this.moves = 0;
    this.trouble = null;
    this.wake = null;
    this.isHurried = false;
    this.running = null;
    window.addEventListener("online", () => this.wake?.());
    window.addEventListener("focus", () => this.wake?.());
  }

  /** The number of changes that the service has not acknowledged. */
  get pending() {
    return this.model.jobs.length + this.moves;
  }

  push(...jobs) {
    this.model.jobs.push(...jobs);
    this.model.derive();
    this.tell();
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Resolves when nothing is under way any more. */
  async settled() {
    while (this.running) await this.running;
  }

  async run() {
    const { jobs } = this.model;
    while (jobs.length) await this.deliver(jobs[0]);
    this.dispatchEvent(new Event("empty"));
  }

  async deliver(job) {
    const { stored } = this.model;
    if (!isPossible(job, stored)) return this.drop(job);
    job.request ??= request(job, stored);
    try {
      const answer = await this.send(job);
      this.acknowledge(job, answer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await (error.passing ? this.wait(error, job) : this.refuse(job, error));
    }
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
    store(this.model.stored, job, data);
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
    const at = this.model.jobs.indexOf(job);
    if (at >= 0) this.model.jobs.splice(at, 1);
    this.trouble = null;
    this.model.derive();
    this.tell();
  }

  /** Somebody does not want to wait for the next try; if one is under way, for the one after it. */
  retry() {
    this.isHurried = !this.wake;
    this.wake?.();
  }

  /** Keep the job, say why it waits, and go on after a while, or when somebody says so. */
  async wait(error, job) {
    job.tries = (job.tries ?? 0) + 1;
    if (this.isHurried) {
      this.isHurried = false;
      return;
    }
    const seconds = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (job.tries - 1));
    this.trouble = { detail: error.detail, until: Date.now() + seconds };
    this.tell();
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }

  async refuse(job, error) {
    const what = says(job, this.model.stored);
    if (error.stale) await this.refresh(job);
    this.drop(job);
    this.dispatchEvent(new CustomEvent("refused", { detail: { job, what, error } }));
  }

  /** Fetch what is stored where our version was an old one. */
  async refresh(job) {
    const part = `${job.kind.split(".")[0]}s`;
    try {
      const { data } = await this.api.get(job.request.path);
      this.model.stored[part].set(job.id, data);
    } catch (error) {
      if (error.status === 404) this.model.stored[part].delete(job.id);
    }
  }

  /** Give up all that waits. What of it had arrived, the service knows: load the set afterwards. */
  discard() {
    this.model.jobs.splice(0);
    this.trouble = null;
    this.wake?.();
    this.model.derive();
    this.tell();
  }

  /** Count something that is no job, such as a transition, as on its way. */
  async during(action) {
    this.moves += 1;
    this.tell();
    try {
      return await action();
    } finally {
      this.moves -= 1;
      this.tell();
    }
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}
