// @ts-check
/**
 * How the caret moves through a text: by character, word, sentence and paragraph. Offsets in UTF-16
 * units. Segmentation works on one paragraph at a time and is remembered, so that a long article
 * costs nothing until the caret moves through it.
 */

import { endsWithAbbreviation } from "./abbreviations.js";
import { lowerBound } from "./offsets.js";

const EMPTY_LINE = /(?:\r\n|[\n\r\u2029])(?:[^\S\n\r\u2029]*(?:\r\n|[\n\r\u2029]))+|\u2029/gu;
const LINE_END = /\r\n|[\n\r\u2029]/gu;

/**
 * Split a text into paragraphs, each with the line ends that follow it, so that together they are the
 * whole text. An empty line ends a paragraph; in a text without one every line is a paragraph.
 *
 * @param {string} text
 * @returns {UnitRange[]}
 */
export function splitParagraphs(text) {
  const lead = text.length - text.trimStart().length;
  const tail = text.trimEnd().length;
  const breaks = findBreaks(text, EMPTY_LINE, lead, tail);
  const ends = breaks.length ? breaks : findBreaks(text, LINE_END, lead, tail);
  const starts = [0, ...ends];
  return starts.map((start, index) => [start, starts[index + 1] ?? text.length]);
}

/**
 * Where the matches of a pattern end, of those that begin between two offsets.
 *
 * @param {string} text
 * @param {RegExp} pattern
 * @param {number} lead
 * @param {number} tail
 */
function findBreaks(text, pattern, lead, tail) {
  const found = [];
  for (const match of text.matchAll(pattern)) {
    if (match.index >= lead && match.index < tail) found.push(match.index + match[0].length);
  }
  return found;
}

/**
 * Sentences from the segments of a browser, which takes “Dr.” for the end of one.
 *
 * @param {{ index: number, segment: string }[]} segments
 * @param {number} start
 */
function joinSentences(segments, start) {
  /** @type {{ start: number, end: number }[]} */
  const found = [];
  let isOpen = false;
  for (const { index, segment } of segments) {
    const last = found.at(-1);
    const end = start + index + segment.length;
    if (isOpen && last) last.end = end;
    else found.push({ start: start + index, end });
    isOpen = endsWithAbbreviation(segment);
  }
  return found;
}

export class Segments {
  /**
   * @param {string} text
   * @param {string | null} language
   */
  constructor(text, language) {
    this.text = text;
    this.paragraphs = splitParagraphs(text);
    this.starts = this.paragraphs.map(([start]) => start);
    this.language = language || undefined;
    /** @type {Map<string, { start: number, end: number }[]>} */
    this.cache = new Map();
  }

  /**
   * @param {number} units
   * @returns {UnitRange}
   */
  paragraphAt(units) {
    const index = lowerBound(this.starts, units + 1) - 1;
    return this.paragraphs[Math.max(0, index)] ?? [0, 0];
  }

  /**
   * The segments of one paragraph; of words only those that are words, and not the space between them.
   *
   * @param {Granularity} granularity
   * @param {UnitRange} paragraph
   */
  segmentsOf(granularity, [start, end]) {
    const key = `${granularity} ${start}`;
    const known = this.cache.get(key) ?? this.findSegments(granularity, start, end);
    this.cache.set(key, known);
    return known;
  }

  /**
   * @param {Granularity} granularity
   * @param {number} start
   * @param {number} end
   */
  findSegments(granularity, start, end) {
    const segments = Array.from(this.createSegmenter(granularity).segment(this.text.slice(start, end)));
    if (granularity === "sentence") return joinSentences(segments, start);
    const wanted = segments.filter(({ isWordLike }) => granularity !== "word" || isWordLike);
    return wanted.map(({ index, segment }) => ({ start: start + index, end: start + index + segment.length }));
  }

  /** @param {Granularity} granularity */
  createSegmenter(granularity) {
    try {
      return new Intl.Segmenter(this.language, { granularity });
    } catch {
      // the language of the article is no tag that the browser knows
      return new Intl.Segmenter(undefined, { granularity });
    }
  }

  /**
   * The next boundary behind an offset, or the last one before it, in the direction of `step`.
   *
   * @param {number} units
   * @param {TextUnit} granularity
   * @param {number} step
   */
  boundaryFrom(units, granularity, step) {
    return step > 0 ? this.boundaryAfter(units, granularity) : this.boundaryBefore(units, granularity);
  }

  /**
   * @param {number} units
   * @param {TextUnit} granularity
   * @returns {number}
   */
  boundaryAfter(units, granularity) {
    const paragraph = this.paragraphAt(units);
    if (granularity === "paragraph") return paragraph[1];
    const found = this.segmentsOf(granularity, paragraph).find(({ end }) => end > units);
    if (found) return found.end;
    return paragraph[1] < this.text.length ? this.boundaryAfter(paragraph[1], granularity) : this.text.length;
  }

  /**
   * @param {number} units
   * @param {TextUnit} granularity
   * @returns {number}
   */
  boundaryBefore(units, granularity) {
    if (units <= 0) return 0;
    const paragraph = this.paragraphAt(units - 1);
    if (granularity === "paragraph") return paragraph[0];
    const found = this.segmentsOf(granularity, paragraph).findLast(({ start }) => start < units);
    return found ? found.start : this.boundaryBefore(paragraph[0], granularity);
  }

  /**
   * The word, sentence or paragraph at a place, without the white space around it.
   *
   * @param {number} units
   * @param {TextUnit} granularity
   * @returns {UnitRange | null}
   */
  segmentAround(units, granularity) {
    const paragraph = this.paragraphAt(Math.min(units, this.text.length - 1));
    if (granularity === "paragraph") return this.trimRange(...paragraph);
    const all = this.segmentsOf(granularity, paragraph);
    const found = all.find(({ start, end }) => start <= units && units < end) ?? all.find(({ end }) => end >= units);
    return found ? this.trimRange(found.start, found.end) : null;
  }

  /**
   * The range without white space at its edges; unchanged if it holds nothing else.
   *
   * @param {number} start
   * @param {number} end
   * @returns {UnitRange}
   */
  trimRange(start, end) {
    const part = this.text.slice(start, end);
    const lead = part.length - part.trimStart().length;
    return part.trim() ? [start + lead, start + part.trimEnd().length] : [start, end];
  }

  /**
   * The range with its edges on a letter or digit, as the service snaps them; null if it has none.
   *
   * @param {number} start
   * @param {number} end
   * @returns {UnitRange | null}
   */
  snapRange(start, end) {
    const part = this.text.slice(start, end);
    const first = part.search(/[\p{L}\p{N}]/u);
    const rest = part.search(/[^\p{L}\p{N}\p{M}\u200d]*$/u);
    return first < 0 ? null : [start + first, start + rest];
  }

  /**
   * The range widened so that it cuts no character in half.
   *
   * @param {number} start
   * @param {number} end
   * @returns {UnitRange}
   */
  widenToCharacters(start, end) {
    return [this.characterEdge(start, "start"), this.characterEdge(end, "end")];
  }

  /**
   * @param {number} units
   * @param {"start" | "end"} side
   */
  characterEdge(units, side) {
    if (units <= 0 || units >= this.text.length) return units;
    const all = this.segmentsOf("grapheme", this.paragraphAt(units));
    const found = all.find(({ start, end }) => start < units && units < end);
    return found ? found[side] : units;
  }
}
