/**
 * Offsets. The API counts code points, JavaScript counts UTF-16 units, the DOM counts units within
 * one of many text nodes. Everything in the workbench is in units; code points only go to the API.
 */

/** Code points and units of one text. Costs memory only for characters beyond the first plane. */
export class OffsetMap {
  constructor(text) {
    this.text = text;
    /** Where each pair starts, in units. */
    this.pairs = [];
    for (const match of text.matchAll(/[\u{10000}-\u{10ffff}]/gu)) this.pairs.push(match.index);
  }

  /** The unit offset of a code point offset. */
  fromPoints(points) {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] - middle < points) low = middle + 1;
      else high = middle;
    }
    return points + low;
  }

  /** The code point offset of a unit offset; one inside a pair counts as its beginning. */
  toPoints(units) {
    return units - lowerBound(this.pairs, units);
  }
}

/** How many of the ascending numbers are smaller than `value`. */
export function lowerBound(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text nodes of the article, in order, with the unit offset at which each begins. */
export class TextNodes {
  constructor(root) {
    this.root = root;
    this.nodes = [];
    this.starts = [];
    let at = 0;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      this.nodes.push(node);
      this.starts.push(at);
      at += node.length;
    }
    this.length = at;
    this.indexOf = new Map(this.nodes.map((node, index) => [node, index]));
  }

  /** Node and offset of a unit offset; at a border the end of a range belongs to the node before. */
  point(units, isEnd = false) {
    const after = lowerBound(this.starts, units + (isEnd ? 0 : 1));
    const index = Math.max(0, after - 1);
    return [this.nodes[index], units - this.starts[index]];
  }

  /** The unit offset of a DOM position; null outside the text. */
  units(node, offset) {
    if (this.indexOf.has(node)) return this.starts[this.indexOf.get(node)] + offset;
    if (node !== this.root && !this.root.contains(node)) return null;
    const next = node.childNodes[offset];
    return next ? this.begin(next) : this.end(node);
  }

  /** Where an element begins: at its first text. */
  begin(node) {
    const range = document.createRange();
    range.setStart(this.root, 0);
    range.setEndBefore(node);
    return range.toString().length;
  }

  end(node) {
    const range = document.createRange();
    range.selectNodeContents(this.root);
    if (node !== this.root) range.setEndAfter(node);
    return range.toString().length;
  }

  /** A DOM range over units. */
  range(start, end) {
    const range = document.createRange();
    range.setStart(...this.point(start));
    range.setEnd(...this.point(end, true));
    return range;
  }

  /** A range that the browser does not have to keep true while the page changes; it never goes stale
   * here, since the text never changes. */
  still(start, end) {
    const [startContainer, startOffset] = this.point(start);
    const [endContainer, endOffset] = this.point(end, true);
    return new StaticRange({ startContainer, startOffset, endContainer, endOffset });
  }
}
