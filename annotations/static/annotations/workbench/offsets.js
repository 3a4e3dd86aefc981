// @ts-check
/**
 * Offsets. The API counts code points, JavaScript counts UTF-16 units, the DOM counts units within
 * one of many text nodes. Everything in the workbench is in units; code points only go to the API.
 */

/** Code points and units of one text. Costs memory only for characters beyond the first plane. */
export class OffsetMap {
  /** @param {string} text */
  constructor(text) {
    /** Where each surrogate pair starts, in units. */
    this.pairs = Array.from(text.matchAll(/[\u{10000}-\u{10ffff}]/gu), ({ index }) => index);
    /** The same in code points: each pair before has one unit more than it has code points. */
    this.pairPoints = this.pairs.map((units, index) => units - index);
  }

  /**
   * The unit offset of a code point offset.
   *
   * @param {number} points
   */
  toUnits(points) {
    return points + lowerBound(this.pairPoints, points);
  }

  /**
   * The code point offset of a unit offset. An offset inside a pair is taken as the end of the pair.
   *
   * @param {number} units
   */
  toPoints(units) {
    return units - lowerBound(this.pairs, units);
  }
}

/**
 * How many of the ascending numbers are smaller than `value`.
 *
 * @param {number[]} numbers
 * @param {number} value
 */
export function lowerBound(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {number} */ (numbers[middle]) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text nodes of the article, in order, with the unit offset at which each begins. */
export class TextNodes {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Text[]} */
    this.nodes = [];
    /** @type {number[]} */
    this.starts = [];
    let start = 0;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = /** @type {Text} */ (node);
      this.nodes.push(text);
      this.starts.push(start);
      start += text.length;
    }
    this.length = start;
    /** @type {Map<Node, number>} */
    this.startOf = new Map(this.nodes.map((node, index) => [node, this.starts[index] ?? 0]));
  }

  /**
   * Node and offset of a unit offset; at a border the end of a range belongs to the node before.
   *
   * @param {number} units
   * @param {boolean} [isEnd]
   * @returns {[Node, number]}
   */
  positionAt(units, isEnd = false) {
    const after = lowerBound(this.starts, units + (isEnd ? 0 : 1));
    const index = Math.max(0, after - 1);
    return [this.nodes[index] ?? this.root, units - (this.starts[index] ?? 0)];
  }

  /**
   * The unit offset of a DOM position; null outside the text.
   *
   * @param {Node} node
   * @param {number} offset
   */
  offsetOf(node, offset) {
    const start = this.startOf.get(node);
    if (start !== undefined) return start + offset;
    if (node !== this.root && !this.root.contains(node)) return null;
    const next = node.childNodes[offset];
    return next ? this.startOfNode(next) : this.endOfNode(node);
  }

  /**
   * The unit offset at which a node begins: that of its first text.
   *
   * @param {Node} node
   */
  startOfNode(node) {
    const range = document.createRange();
    range.setStart(this.root, 0);
    range.setEndBefore(node);
    return range.toString().length;
  }

  /** @param {Node} node */
  endOfNode(node) {
    const range = document.createRange();
    range.selectNodeContents(this.root);
    if (node !== this.root) range.setEndAfter(node);
    return range.toString().length;
  }

  /**
   * Create a DOM range over units.
   *
   * @param {number} start
   * @param {number} end
   */
  createRange(start, end) {
    const range = document.createRange();
    range.setStart(...this.positionAt(start));
    range.setEnd(...this.positionAt(end, true));
    return range;
  }

  /**
   * Create a range that the browser does not adjust to changes of the page. It never goes stale here,
   * since the text never changes.
   *
   * @param {number} start
   * @param {number} end
   */
  createStaticRange(start, end) {
    const [startContainer, startOffset] = this.positionAt(start);
    const [endContainer, endOffset] = this.positionAt(end, true);
    return new StaticRange({ startContainer, startOffset, endContainer, endOffset });
  }
}
