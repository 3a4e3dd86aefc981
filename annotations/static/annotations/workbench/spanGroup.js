// @ts-check
/** The marks that are chosen together, for one change of all of them. No DOM, no network. */

import { Emitter } from "./emitter.js";

/** @extends {Emitter<{ change: null }>} */
export class SpanGroup extends Emitter {
  /** @param {Model} model */
  constructor(model) {
    super();
    this.model = model;
    /** @type {Set<string>} */
    this.ids = new Set();
    /** @type {string | null} the mark from which a run of marks grows */
    this.anchorId = null;
    model.on("change", () => this.forgetMissing());
  }

  get size() {
    return this.ids.size;
  }

  /** @param {string} id */
  has(id) {
    return this.ids.has(id);
  }

  /** The marks in reading order. */
  get spans() {
    return this.size ? this.model.orderedSpans.filter(({ id }) => this.ids.has(id)) : [];
  }

  /**
   * Choose marks in the place of those before.
   *
   * @param {Iterable<string>} ids
   */
  choose(ids) {
    this.ids = new Set(ids);
    this.emit("change");
  }

  /**
   * Add a mark, or take it away.
   *
   * @param {string} id
   */
  toggle(id) {
    const { ids } = this;
    this.anchorId = id;
    this.ids = new Set(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id]);
    this.emit("change");
  }

  /**
   * Choose the run of listed marks from the one where it began, which is `from` at first, to another one.
   *
   * @param {string | null} from
   * @param {string} to
   */
  extend(from, to) {
    const listed = this.model.listedSpans.map(({ id }) => id);
    const began = this.size && this.anchorId && listed.includes(this.anchorId) ? this.anchorId : from;
    const [one, other] = [listed.indexOf(began ?? to), listed.indexOf(to)].sort((a, b) => a - b);
    if (one === undefined || other === undefined || other < 0) return;
    this.anchorId = one < 0 ? to : began;
    this.choose(listed.slice(one < 0 ? other : one, other + 1));
  }

  clear() {
    this.anchorId = null;
    if (this.size) this.choose([]);
  }

  forgetMissing() {
    const { spans } = this.model.shown;
    const kept = [...this.ids].filter((id) => spans.has(id));
    if (kept.length < this.size) this.choose(kept);
  }
}

/**
 * Ids of the marks that share words with ranges.
 *
 * @param {Model} model
 * @param {UnitRange[]} ranges in their order, none over another
 */
export function findSpansOn(model, ranges) {
  return model.listedSpans.filter((span) => {
    const [start, end] = model.unitRangeOf(span);
    const next = ranges[firstIndex(ranges, ([, until]) => until > start)];
    return next && next[0] < end;
  }).map(({ id }) => id);
}

/**
 * The index of the first row that fits, where all after it fit as well.
 *
 * @template Row
 * @param {Row[]} rows
 * @param {(row: Row) => boolean} fits
 */
function firstIndex(rows, fits) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && fits(row)) high = middle;
    else low = middle + 1;
  }
  return low;
}
