/**
 * Where changes wait until the service has acknowledged them: local storage, one entry for each, under
 * the name of who made them and the set that they belong to. So they survive a reload, a closed tab
 * and a log-out, and are never sent as somebody else. Tabs tell each other what becomes of them.
 */

import { uuid7 } from "./ids.js";

const ROOT = "standpoint.outbox";
const HEARTBEAT = 2_000;
const LEASE = 6_000;

let lastKey = 0;

/** Keys that sort in the order in which they were made, also within one millisecond. */
function createKey() {
  lastKey = Math.max(lastKey + 1, Date.now() * 1000);
  return `${lastKey.toString(36).padStart(12, "0")}-${uuid7().slice(-8)}`;
}

/** What is written; what the page alone needs is not. */
function serialize({ key, restored, ...job }) {
  return JSON.stringify(job);
}

export class PendingStore {
  constructor(user, set) {
    this.owner = `${ROOT}/${encodeURIComponent(user)}/`;
    this.root = `${this.owner}${set}/`;
    this.tab = uuid7();
    this.channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(this.root) : null;
    /** Whether the browser keeps what we write; if not, the page warns before it is left. */
    this.keeps = true;
  }

  /** Everything that waits, the oldest first. */
  all() {
    return keysUnder(this.root).map((name) => readEntry(name, name.slice(this.root.length))).filter(Boolean);
  }

  put(job) {
    job.key ??= createKey();
    try {
      localStorage.setItem(this.root + job.key, serialize(job));
    } catch {
      this.keeps = false;
    }
  }

  owns(name) {
    return Boolean(name?.startsWith(this.root));
  }

  holds(job) {
    return !this.keeps || tryOrNull(() => localStorage.getItem(this.root + job.key)) !== null;
  }

  remove(job) {
    tryOrNull(() => localStorage.removeItem(this.root + job.key));
  }

  /** Sets of the same person in which changes wait, but this one. */
  elsewhere() {
    const sets = keysUnder(this.owner).map((name) => name.slice(this.owner.length).split("/")[0]);
    return [...new Set(sets)].filter((set) => !this.root.endsWith(`/${set}/`));
  }

  tell(message) {
    this.channel?.postMessage(message);
  }

  listen(heard) {
    this.channel?.addEventListener("message", ({ data }) => heard(data));
  }

  /** Resolves when this tab is the one that sends; it stays so until it is closed. */
  async turn() {
    if (!navigator.locks) return this.lease();
    return new Promise((resolve) => {
      const held = () => {
        resolve();
        return new Promise(() => {});
      };
      navigator.locks.request(this.root, held).catch(resolve);
    });
  }

  /** The same without locks, which a browser has on a secure address alone: an entry with a date. */
  async lease() {
    const name = `standpoint.sender/${this.root}`;
    for (;;) {
      const found = readEntry(name) ?? { until: 0 };
      if (found.tab === this.tab) break;
      if (found.until < Date.now()) this.renew(name);
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
      if (!this.keeps) return;
    }
    setInterval(() => this.renew(name), HEARTBEAT);
    window.addEventListener("pagehide", () => tryOrNull(() => localStorage.removeItem(name)));
  }

  renew(name) {
    const lease = JSON.stringify({ tab: this.tab, until: Date.now() + LEASE });
    if (tryOrNull(() => localStorage.setItem(name, lease) ?? true) === null) this.keeps = false;
  }
}

function tryOrNull(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

function keysUnder(root) {
  return tryOrNull(() => Object.keys(localStorage).filter((name) => name.startsWith(root)).sort()) ?? [];
}

function readEntry(name, key) {
  const found = tryOrNull(() => JSON.parse(localStorage.getItem(name)));
  return found && typeof found === "object" ? { ...found, ...(key && { key }) } : null;
}
