// @ts-check
/** Words that somebody selects in a part of a text, as the form sends them. */

import { OffsetMap } from "../workbench/offsets.js";

/**
 * The range of selected words in code points of the whole text, cut to letters; null if it has none.
 *
 * @param {string} text the part of the text that is shown
 * @param {number} start where it begins, in code points
 * @param {Segments} segments
 * @param {UnitRange} selected
 */
export function wordsToSend(text, start, segments, selected) {
  const range = segments.snapRange(...selected);
  if (!range) return null;
  const map = new OffsetMap(text);
  const [from, to] = range;
  return { start: start + map.toPoints(from), end: start + map.toPoints(to), quote: text.slice(from, to) };
}
