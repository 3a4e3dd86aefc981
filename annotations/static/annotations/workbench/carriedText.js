// @ts-check
/** Where places of one revision stand in another. Offsets in code points, as the API has them. */

import { OffsetMap } from "./offsets.js";

export class TextCarrier {
  /**
   * @param {string} old
   * @param {string} text
   * @param {DiffBlock[]} blocks how the two differ, as the API answers it
   */
  constructor(old, text, blocks) {
    this.old = old;
    this.text = text;
    this.blocks = blocks;
    this.oldMap = new OffsetMap(old);
    this.map = new OffsetMap(text);
  }

  /**
   * The place that an offset has become; in text that is gone, where that stood.
   *
   * @param {number} point
   */
  carryPoint(point) {
    const block = this.blocks.findLast(({ from }) => from[0] <= point);
    if (!block) return 0;
    const { op, from, to } = block;
    return op === "equal" ? Math.min(to[0] + point - from[0], to[1]) : to[0];
  }

  /**
   * The range that stands for an old one: in text that is equal, or where its words stand once in both texts.
   *
   * @param {number} start
   * @param {number} end
   * @returns {{ start: number, end: number, quote: string } | null}
   */
  carryRange(start, end) {
    const quote = this.old.slice(this.oldMap.toUnits(start), this.oldMap.toUnits(end));
    const block = this.blocks.find(({ op, from }) => op === "equal" && from[0] <= start && end <= from[1]);
    if (block) {
      const shift = block.to[0] - block.from[0];
      return { start: start + shift, end: end + shift, quote };
    }
    const at = onlyPlace(this.text, quote);
    if (at < 0 || onlyPlace(this.old, quote) < 0) return null;
    return { start: this.map.toPoints(at), end: this.map.toPoints(at + quote.length), quote };
  }
}

/**
 * Where words stand in a text, if they stand there once; else -1.
 *
 * @param {string} text
 * @param {string} words
 */
function onlyPlace(text, words) {
  const at = words ? text.indexOf(words) : -1;
  return at >= 0 && text.indexOf(words, at + 1) < 0 ? at : -1;
}
