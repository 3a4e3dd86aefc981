// @ts-check
/** Rows that outlive the page: in local storage, and in memory for a browser that stores nothing. */

import { Emitter } from "./emitter.js";

/**
 * Rows by their keys below one root of the storage. Another tab that changes a row is heard.
 *
 * @template {object} Row
 * @extends {Emitter<{ change: { key: string }, keys: null, remote: null }>}
 */
export class StoredRows extends Emitter {
  /** @param {string} root */
  constructor(root) {
    super();
    this.root = root;
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    for (const name of keysUnder(root)) this.readRow(name);
    window.addEventListener("storage", (event) => this.onStorage(/** @type {StorageEvent} */ (event).key));
  }

  /** @param {string} name */
  readRow(name) {
    const row = readEntry(name);
    const key = name.slice(this.root.length);
    if (row) this.rows.set(key, row);
    else this.rows.delete(key);
  }

  /** @param {string | null} name null if the whole storage was emptied: what is in memory stays then */
  onStorage(name) {
    if (!name?.startsWith(this.root)) return;
    this.readRow(name);
    this.emit("keys");
    this.emit("remote");
  }

  get size() {
    return this.rows.size;
  }

  /** Keys of all rows, in their order. */
  get keys() {
    return [...this.rows.keys()].sort();
  }

  /**
   * @param {string} key
   * @returns {Row | null}
   */
  get(key) {
    return this.rows.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {Row} row
   */
  set(key, row) {
    const isNew = !this.rows.has(key);
    this.rows.set(key, row);
    tryOrNull(() => localStorage.setItem(this.root + key, JSON.stringify(row)));
    this.emit("change", { key });
    if (isNew) this.emit("keys");
  }

  /** @param {string} key */
  delete(key) {
    tryOrNull(() => localStorage.removeItem(this.root + key));
    if (!this.rows.delete(key)) return;
    this.emit("change", { key });
    this.emit("keys");
  }
}

/**
 * What a function answers; null where the browser refuses access to the storage.
 *
 * @template Result
 * @param {() => Result} action
 */
export function tryOrNull(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/**
 * Names of the entries below a root, in their order.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function keysUnder(root) {
  return tryOrNull(() => Object.keys(localStorage).filter((name) => name.startsWith(root)).sort()) ?? [];
}

/**
 * Read an entry of the storage; null where there is none, or none of ours.
 *
 * @param {string} name
 * @returns {any}
 */
export function readEntry(name) {
  const found = tryOrNull(() => JSON.parse(localStorage.getItem(name) ?? "null"));
  return found && typeof found === "object" ? found : null;
}

/**
 * Ids of the other sets for which rows of the same person wait.
 *
 * @param {string} owner the part of the root before the set
 * @param {string} set
 */
export function otherSetsUnder(owner, set) {
  const sets = keysUnder(owner).map((name) => name.slice(owner.length).split("/")[0] ?? "");
  return [...new Set(sets)].filter((one) => one !== set);
}

/**
 * Whether a tab hears something for the first time since it was opened; from now on it has heard it.
 *
 * @param {string} news
 */
export function isFirstHeard(news) {
  const key = `standpoint.heard/${news}`;
  const isKnown = tryOrNull(() => sessionStorage.getItem(key));
  tryOrNull(() => sessionStorage.setItem(key, "yes"));
  return !isKnown;
}
