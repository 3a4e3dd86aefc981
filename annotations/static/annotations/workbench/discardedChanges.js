// @ts-check
/** Changes that a person has thrown away: they are kept for a week, and come back as unsent ones. */

import { createButton, findPart } from "./dom.js";
import { describeJob, restoreJob } from "./jobs.js";
import { StoredRows } from "./storedRows.js";
import { formatCount, gettext, ngettext } from "./translation.js";

const ROOT = "standpoint.discarded";
/** How long they are kept, in milliseconds. */
const LIFETIME = 7 * 24 * 60 * 60 * 1000;

/** @extends {StoredRows<DiscardedJob>} */
export class DiscardedChanges extends StoredRows {
  /**
   * @param {Pick<Services, "model" | "outbox">} services
   * @param {PendingStore} store
   */
  constructor({ model, outbox }, store) {
    super(`${ROOT}/${encodeURIComponent(model.me.username)}/${model.set.id}/`);
    this.model = model;
    this.outbox = outbox;
    this.store = store;
    this.forgetOld();
    // the other version of a row was chosen
    outbox.on("yielded", ({ job }) => this.keep(job));
  }

  forgetOld() {
    for (const key of this.keys) if ((this.get(key)?.discarded ?? 0) < Date.now() - LIFETIME) this.delete(key);
  }

  /** @param {Job} job */
  keep(job) {
    if (job.key) this.set(job.key, { job, discarded: Date.now() });
  }

  /** Discard all that waits, and answer how many changes that were. */
  discardAll() {
    const { length } = this.model.jobs;
    this.model.jobs.forEach((job) => this.keep(job));
    this.outbox.discardAll();
    return length;
  }

  /**
   * Put what was discarded back among the changes that wait, in the old order. The service may have taken some
   * of them before, and others may have changed the same rows: that is found out as after a reload.
   */
  bringBack() {
    const jobs = this.keys.flatMap((key) => {
      const row = this.get(key);
      this.delete(key);
      if (!row) return [];
      // under a new key, since the old one is known to be finished
      const { key: old, ...job } = /** @type {Job} */ (restoreJob(row.job));
      this.store.save(job);
      return [job];
    });
    this.store.broadcast({ type: "added", jobs });
    this.outbox.onJobsAdded(jobs);
    return jobs.length;
  }

  /** Describe what waits, a line for each change. */
  describeWaiting() {
    const { shown, stored, jobs } = this.model;
    // what a job deletes is no longer shown, and what one adds is not stored yet
    const known = {
      spans: new Map([...shown.spans, ...stored.spans]),
      relations: new Map([...shown.relations, ...stored.relations]),
      comments: new Map([...shown.comments, ...stored.comments]),
    };
    return jobs.map((job) => describeJob(job, known));
  }
}

/** The button that brings discarded changes back, beside the words that say what is saved. */
export class BringBackButton {
  /** @param {Pick<Services, "discarded" | "messages">} services */
  constructor({ discarded, messages }) {
    this.discarded = discarded;
    this.messages = messages;
    this.button = createButton("", () => this.bringBack(), { "data-action": "bring-back" });
    findPart("saved").after(this.button);
    discarded.on("keys", () => this.draw());
    this.draw();
  }

  draw() {
    const { size } = this.discarded;
    this.button.hidden = !size;
    this.button.textContent = formatCount(ngettext("Bring back %(n)s change", "Bring back %(n)s changes", size), size);
  }

  bringBack() {
    this.discarded.bringBack();
    this.messages.showInfo(gettext("What was discarded is back and is sent again."));
  }
}
