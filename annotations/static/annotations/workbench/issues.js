// @ts-check
/** Which propositions are offered first: those that were used last, then those of the article. */

import { readEntry, tryOrNull } from "./storedRows.js";

const ROOT = "standpoint.issues";
const MOST_RECENT = 20;

/** The propositions that a person has linked to last in a corpus, kept in this browser. */
export class RecentIssues {
  /**
   * @param {string} user
   * @param {string} corpus
   */
  constructor(user, corpus) {
    this.name = `${ROOT}/${encodeURIComponent(user)}/${corpus}`;
  }

  /**
   * Their ids, the last one first.
   *
   * @returns {string[]}
   */
  get ids() {
    const ids = readEntry(this.name)?.ids;
    return Array.isArray(ids) ? ids : [];
  }

  /** @param {string} id */
  remember(id) {
    const ids = [id, ...this.ids.filter((one) => one !== id)].slice(0, MOST_RECENT);
    tryOrNull(() => localStorage.setItem(this.name, JSON.stringify({ ids })));
  }
}

/**
 * Sort propositions: those used last, those used most in the article, then the others as they stand.
 *
 * @template {{ id: string }} Row
 * @param {Row[]} rows
 * @param {string[]} recent
 * @param {(string | null)[]} used the propositions of the marks of the article, each as often as it is used
 */
export function sortByUse(rows, recent, used) {
  /** @type {Map<string | null, number>} */
  const counts = new Map();
  for (const id of used) counts.set(id, (counts.get(id) ?? 0) + 1);
  /** @param {Row} row */
  const place = ({ id }) => (recent.includes(id) ? recent.indexOf(id) : recent.length);
  return [...rows].sort((one, other) => place(one) - place(other) || (counts.get(other.id) ?? 0) - (counts.get(one.id) ?? 0));
}
