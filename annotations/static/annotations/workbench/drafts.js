// @ts-check
/**
 * What somebody is writing and has not sent: comments, answers, reasons, proposed changes, fields. Drafts are
 * kept by person and set, as unsent changes are, under a key that says where they are written.
 */

import { otherSetsUnder, StoredRows } from "./storedRows.js";

const ROOT = "standpoint.drafts";

let lastTime = 0;

/** The time of a draft: later than that of every other one of this page. */
function createTime() {
  lastTime = Math.max(lastTime + 1, Date.now());
  return lastTime;
}

/** Where drafts are written. The part after the first slash is the id of a row, if there is one. */
export const draftKeys = {
  /** @param {string | null} span null for the whole set */
  comment: (span) => `comment/${span ?? ""}`,
  /** @param {Pick<Words, "start" | "end">} words */
  words: ({ start, end }) => `words/${start}-${end}`,
  /** @param {string} comment */
  collected: (comment) => `collected/${comment}`,
  /** @param {string} comment */
  answer: (comment) => `answer/${comment}`,
  /** @param {string} transition */
  reason: (transition) => `reason/${transition}`,
  /**
   * @param {string} span
   * @param {string} attribute
   */
  field: (span, attribute) => `field/${span}/${attribute}`,
  /**
   * @param {"actor" | "proposition"} kind
   * @param {string} span
   * @param {string} id
   */
  entry: (kind, span, id) => `${kind}/${span}/${id}`,
  /** @param {string} decision */
  own: (decision) => `own/${decision}`,
};

/** @extends {StoredRows<Draft>} */
export class Drafts extends StoredRows {
  /**
   * @param {string} user
   * @param {string} set
   */
  constructor(user, set) {
    const owner = `${ROOT}/${encodeURIComponent(user)}/`;
    super(`${owner}${set}/`);
    this.owner = owner;
    this.setId = set;
    /** @type {Set<string>} ids of the rows that a draft is about */
    this.ids = new Set();
    /** @type {(discarded: DiscardedDraft) => void} called with a draft that a person throws away */
    this.onDiscard = () => {};
    this.on("keys", () => this.collectIds());
    this.collectIds();
  }

  collectIds() {
    this.ids = new Set(this.keys.map((key) => parseDraftKey(key).id).filter(Boolean));
  }

  /** Ids of other sets for which the same person has drafts. */
  otherSets() {
    return otherSetsUnder(this.owner, this.setId);
  }

  /**
   * Keep what is written; null if nothing is.
   *
   * @param {string} key
   * @param {DraftContent | null} content
   */
  save(key, content) {
    if (content) this.set(key, { ...content, at: createTime() });
    else this.delete(key);
  }

  /**
   * Throw a draft away, so that it can still be brought back.
   *
   * @param {string} key
   */
  discard(key) {
    const draft = this.get(key);
    this.delete(key);
    if (draft) this.onDiscard({ key, draft });
  }

  /**
   * Keep the words of a comment that the service has not taken, before what was written since.
   *
   * @param {SetComment} comment
   * @param {SpanDraft | null} change
   */
  restoreComment({ text, span, start, end, parent, blocking }, change) {
    const own = typeof start === "number" && typeof end === "number" ? draftKeys.words({ start, end }) : draftKeys.comment(span);
    const key = parent ? draftKeys.answer(parent) : own;
    const newer = this.get(key);
    const words = newer?.text && newer.text !== text ? `${text}\n\n${newer.text}` : text;
    this.save(key, { text: words, blocking, change: newer?.change ?? change });
  }
}

/**
 * The place that a draft of a comment on words is about, from the id in its key.
 *
 * @param {string} id
 */
export function parseWordsId(id) {
  const [start = 0, end = 0] = id.split("-").map(Number);
  return { start, end };
}

/**
 * The parts of a key: the kind of place, the id of a row, and what is told apart there.
 *
 * @param {string} key
 */
export function parseDraftKey(key) {
  const [kind = "", id = "", detail = ""] = key.split("/");
  return { kind, id, detail };
}
