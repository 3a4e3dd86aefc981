// @ts-check
/**
 * Where changes wait until the service has acknowledged them: local storage, one entry for each, under
 * the name of who made them and the set that they belong to. So they survive a reload, a closed tab
 * and a log-out, and are never sent as somebody else. Tabs tell each other what becomes of them.
 */

import { uuid7 } from "./ids.js";
import { keysUnder, otherSetsUnder, readEntry, tryOrNull } from "./storedRows.js";

const ROOT = "standpoint.outbox";
/** How often the sending tab says that it is still there, and for how long it is believed, in milliseconds. */
const HEARTBEAT = 2_000;
const LEASE = 6_000;

let lastKey = 0;

/** Create a key. Keys sort in the order in which they were made, also within one millisecond. */
function createKey() {
  lastKey = Math.max(lastKey + 1, Date.now() * 1000);
  return `${lastKey.toString(36).padStart(12, "0")}-${uuid7().slice(-8)}`;
}

/**
 * A job as it is stored: without the fields that only this page needs.
 *
 * @param {Job} job
 */
function serialize({ key, restored, ...job }) {
  return JSON.stringify(job);
}

export class PendingStore {
  /**
   * @param {string} user
   * @param {string} set
   */
  constructor(user, set) {
    this.owner = `${ROOT}/${encodeURIComponent(user)}/`;
    this.setId = set;
    this.root = `${this.owner}${set}/`;
    this.tab = uuid7();
    this.channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(this.root) : null;
    /** Whether the browser keeps what we write; if not, the page warns before it is left. */
    this.isWritable = true;
  }

  /**
   * All jobs that wait, the oldest first.
   *
   * @returns {Job[]}
   */
  readAll() {
    const jobs = keysUnder(this.root).map((name) => {
      const found = readEntry(name);
      return found && { ...found, key: name.slice(this.root.length) };
    });
    return jobs.filter((job) => job !== null);
  }

  /** @param {Job} job */
  save(job) {
    job.key ??= createKey();
    try {
      localStorage.setItem(this.root + job.key, serialize(job));
    } catch {
      this.isWritable = false;
    }
  }

  /** @param {string | null} name */
  isOwnKey(name) {
    return Boolean(name?.startsWith(this.root));
  }

  /** @param {Job} job */
  has(job) {
    return !this.isWritable || tryOrNull(() => localStorage.getItem(this.root + job.key)) !== null;
  }

  /** @param {Job} job */
  remove(job) {
    tryOrNull(() => localStorage.removeItem(this.root + job.key));
  }

  /** Ids of other sets for which changes of the same person wait. */
  otherSets() {
    return otherSetsUnder(this.owner, this.setId);
  }

  /** @param {TabMessage} message */
  broadcast(message) {
    this.channel?.postMessage(message);
  }

  /** @param {(message: TabMessage) => void} heard */
  onMessage(heard) {
    this.channel?.addEventListener("message", ({ data }) => heard(data));
  }

  /** Wait until this tab is the one that sends; it stays so until it is closed. */
  async waitForTurn() {
    const { locks } = navigator;
    if (!locks) return this.waitForLease();
    return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      const holdForever = () => {
        resolve();
        return new Promise(() => {});
      };
      locks.request(this.root, holdForever).catch(() => resolve());
    });
  }

  /**
   * The same by an entry with a date: a browser has locks on a secure address alone.
   *
   * @returns {Promise<void>}
   */
  async waitForLease() {
    const name = `standpoint.sender/${this.root}`;
    for (;;) {
      const { tab, until = 0 } = readEntry(name) ?? {};
      if (tab === this.tab) break;
      if (until < Date.now()) this.renewLease(name);
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
      if (!this.isWritable) return;
    }
    setInterval(() => this.renewLease(name), HEARTBEAT);
    window.addEventListener("pagehide", () => tryOrNull(() => localStorage.removeItem(name)));
  }

  /** @param {string} name */
  renewLease(name) {
    const lease = JSON.stringify({ tab: this.tab, until: Date.now() + LEASE });
    if (tryOrNull(() => localStorage.setItem(name, lease) ?? true) === null) this.isWritable = false;
  }
}
