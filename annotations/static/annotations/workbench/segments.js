/**
 * How the caret moves through a text: by character, word, sentence and paragraph. Offsets in UTF-16
 * units. Segmentation works on one paragraph at a time and is remembered, so that a long article
 * costs nothing until somebody moves through it.
 */

import { lowerBound } from "./offsets.js";

const EMPTY_LINE = /(?:\r\n|[\n\r\u2029])(?:[^\S\n\r\u2029]*(?:\r\n|[\n\r\u2029]))+|\u2029/gu;
const LINE_END = /\r\n|[\n\r\u2029]/gu;

/**
 * The paragraphs as [start, end) with the line ends that follow them, so that together they are the
 * whole text. An empty line ends a paragraph; in a text without one every line is a paragraph.
 */
export function splitParagraphs(text) {
  const lead = text.length - text.trimStart().length;
  const tail = text.trimEnd().length;
  const breaks = findBoundaries(text, EMPTY_LINE, lead, tail);
  const ends = breaks.length ? breaks : findBoundaries(text, LINE_END, lead, tail);
  const starts = [0, ...ends];
  return starts.map((start, index) => [start, starts[index + 1] ?? text.length]);
}

function findBoundaries(text, pattern, lead, tail) {
  const found = [];
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (match.index >= lead && match.index < tail) found.push(end);
  }
  return found;
}

export class Segments {
  constructor(text, language) {
    this.text = text;
    this.blocks = splitParagraphs(text);
    this.starts = this.blocks.map(([start]) => start);
    this.language = language || undefined;
    this.known = new Map();
  }

  paragraphAt(units) {
    const index = lowerBound(this.starts, units + 1) - 1;
    return this.blocks[Math.max(0, index)];
  }

  /** The borders of the segments of one paragraph, each with whether a word begins there. */
  of(granularity, [start, end]) {
    const key = `${granularity} ${start}`;
    if (!this.known.has(key)) this.known.set(key, this.cut(granularity, start, end));
    return this.known.get(key);
  }

  cut(granularity, start, end) {
    const segmenter = this.segmenter(granularity);
    const all = Array.from(segmenter.segment(this.text.slice(start, end)), (segment) => ({
      start: start + segment.index,
      end: start + segment.index + segment.segment.length,
      isWord: granularity !== "word" || Boolean(segment.isWordLike),
    }));
    return all.filter(({ isWord }) => isWord);
  }

  segmenter(granularity) {
    try {
      return new Intl.Segmenter(this.language, { granularity });
    } catch {
      return new Intl.Segmenter(undefined, { granularity });
    }
  }

  /** The next border after `units` (or the last one before it) in the direction of `step`. */
  move(units, granularity, step) {
    return step > 0 ? this.after(units, granularity) : this.before(units, granularity);
  }

  after(units, granularity) {
    if (granularity === "paragraph") return this.paragraphAt(units)[1];
    const block = this.paragraphAt(units);
    const found = this.of(granularity, block).find(({ end }) => end > units);
    if (found) return found.end;
    return block[1] < this.text.length ? this.after(block[1], granularity) : this.text.length;
  }

  before(units, granularity) {
    if (units <= 0) return 0;
    const block = this.paragraphAt(units - 1);
    if (granularity === "paragraph") return block[0];
    const found = this.of(granularity, block).findLast(({ start }) => start < units);
    return found ? found.start : this.before(block[0], granularity);
  }

  /** The word, sentence or paragraph at a place, without the white space around it. */
  around(units, granularity) {
    const block = this.paragraphAt(Math.min(units, this.text.length - 1));
    if (granularity === "paragraph") return this.trimmed(...block);
    const all = this.of(granularity, block);
    const found = all.find(({ start, end }) => start <= units && units < end) ?? all.find(({ end }) => end >= units);
    return found ? this.trimmed(found.start, found.end) : null;
  }

  /** The range without white space at its edges; never empty if it holds anything else. */
  trimmed(start, end) {
    const part = this.text.slice(start, end);
    const lead = part.length - part.trimStart().length;
    return part.trim() ? [start + lead, start + part.trimEnd().length] : [start, end];
  }

  /** The range with its edges on a letter or digit, as the service snaps them; null if it has none. */
  snapped(start, end) {
    const part = this.text.slice(start, end);
    const first = part.search(/[\p{L}\p{N}]/u);
    const rest = /[^\p{L}\p{N}\p{M}\u200d]*$/u.exec(part).index;
    return first < 0 ? null : [start + first, start + rest];
  }

  /** The range widened so that it cuts no character in half. */
  whole(start, end) {
    return [this.edge(start, "start"), this.edge(end, "end")];
  }

  edge(units, side) {
    if (units <= 0 || units >= this.text.length) return units;
    const all = this.of("grapheme", this.paragraphAt(units));
    const found = all.find((one) => one.start < units && units < one.end);
    return found ? found[side] : units;
  }
}
