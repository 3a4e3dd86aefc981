// @ts-check
/** Which part of a sentence is what somebody says. No grammar: cue words, commas and quotation marks. */

import { countWords, findQuotations, SCARE_QUOTE_WORDS } from "./quotes.js";
import { ACCORDING, ACCORDING_AFTER, ARABIC_SAYING, ARABIC_THAT, DEMANDING, HAN_ACCORDING, HAN_DEMANDING, HAN_SAYING, JAPANESE_SAYING, PRONOUN, RELATIVE, SAYING, THAT } from "./speechCues.js";

/** A speaker is named in at most so many words: “…, the minister said”; without a verb of saying in fewer. */
const MAX_SPEAKER_WORDS = 10;
const MAX_SILENT_WORDS = 6;
/** After a verb of saying stands at most so much more of its speaker: “he said on Monday, …”. */
const MAX_WORDS_AFTER_VERB = 2;
/** What a quotation ends with that goes on after its speaker: a comma before or behind the closing mark. */
const INTERRUPTION = /^(?:[,،，]|.\S?[,،，–—-])/u;
/** A comma, and a colon before speech. */
const COMMA = /[,،]\s+|[，:：]\s*/gu;

/**
 * The first match of a pattern from a place on; null if there is none.
 *
 * @param {RegExp} pattern
 * @param {string} text
 * @param {number} [from]
 * @returns {{ start: number, end: number, match: RegExpExecArray } | null}
 */
function find(pattern, text, from = 0) {
  pattern.lastIndex = from;
  const match = pattern.exec(text);
  return match && { start: match.index, end: match.index + match[0].length, match };
}

/** @param {string} text */
function says(text) {
  return Boolean(find(SAYING, text) ?? find(ARABIC_SAYING, text) ?? find(HAN_SAYING, text));
}

/**
 * The commas of a sentence, in their order.
 *
 * @param {string} sentence
 */
function findCommas(sentence) {
  return [...sentence.matchAll(COMMA)].map(({ index, 0: sign }) => ({ start: index, end: index + sign.length }));
}

/** @typedef {(sentence: string) => (UnitRange | null)[]} Rule */

/**
 * Quotations; one that the speaker interrupts is one.
 *
 * @type {Rule}
 */
function findQuoted(sentence) {
  const all = findQuotations(sentence);
  const [first, last] = [all[0], all.at(-1)];
  /** @type {(range: UnitRange) => boolean} */
  const isLong = ([start, end]) => countWords(sentence.slice(start, end)) > SCARE_QUOTE_WORDS;
  if (first && last && first !== last) {
    const between = all.slice(1).map(([start], index) => sentence.slice((all[index]?.[1] ?? 1) - 1, start));
    const isOne = between.every((part) => INTERRUPTION.test(part) && says(part) && countWords(part) <= MAX_SPEAKER_WORDS);
    if (isOne && isLong([first[0], last[1]])) return [[first[0], last[1]], ...all.filter(isLong)];
  }
  return all.filter(isLong);
}

/**
 * “According to him, …”, and “…, according to him”.
 *
 * @type {Rule}
 */
function findAttributed(sentence) {
  const { length } = sentence;
  const commas = findCommas(sentence);
  const cue = find(ACCORDING, sentence) ?? find(HAN_ACCORDING, sentence);
  const after = find(ACCORDING_AFTER, sentence);
  if (after && countWords(sentence.slice(0, after.start)) <= MAX_SPEAKER_WORDS) return [[after.end, length]];
  if (!cue) return [];
  const before = commas.findLast(({ end }) => end <= cue.start);
  const next = commas.find(({ start }) => start >= cue.end);
  if (before) return [next ? [0, length] : [0, before.start]];
  if (countWords(sentence.slice(0, cue.start)) > 1) return [];
  const pronoun = PRONOUN.exec(sentence.slice(cue.end));
  if (pronoun) return [[cue.end + pronoun[0].length, length]];
  return [next ? [next.end, length] : null];
}

/**
 * “The roof, she said, would not survive”: the whole, since a mark has no gaps.
 *
 * @type {Rule}
 */
function findInterrupted(sentence) {
  const commas = findCommas(sentence);
  const found = commas.some(({ start, end }, index) => {
    const inner = sentence.slice(end, commas[index + 1]?.start);
    return start > 0 && index + 1 < commas.length && says(inner) && countWords(inner) <= MAX_SPEAKER_WORDS && !RELATIVE.test(inner);
  });
  return found ? [[0, sentence.length]] : [];
}

/**
 * What follows “that” and its like: behind a verb of saying, or any.
 *
 * @type {Rule}
 */
function findThatClause(sentence) {
  const { length } = sentence;
  const verb = find(SAYING, sentence) ?? find(DEMANDING, sentence);
  const that = find(THAT, sentence, verb?.end ?? 0);
  const arabic = find(ARABIC_SAYING, sentence);
  const particle = arabic && find(ARABIC_THAT, sentence, arabic.end);
  // a pronoun that is written to the particle belongs to the clause
  return [that && [that.end, length], particle && [particle.match.groups?.suffix ? particle.start : particle.end, length]];
}

/**
 * “…, the minister said”, and “the minister said, …”.
 *
 * @type {Rule}
 */
function findBesideSpeaker(sentence) {
  const commas = findCommas(sentence);
  const [first, last] = [commas[0], commas.at(-1)];
  if (!first || !last) return [];
  const [before, after] = [sentence.slice(0, first.start), sentence.slice(last.end)];
  const verb = find(SAYING, before) ?? find(ARABIC_SAYING, before) ?? find(HAN_SAYING, before);
  const endsWithVerb = verb && countWords(before.slice(verb.end)) <= MAX_WORDS_AFTER_VERB;
  return [
    says(after) && countWords(after) <= MAX_SPEAKER_WORDS ? [0, last.start] : null,
    endsWithVerb && countWords(before) <= MAX_SPEAKER_WORDS ? [first.end, sentence.length] : null,
  ];
}

/**
 * “He demanded …”, “he said they would pay”: what follows the verb.
 *
 * @type {Rule}
 */
function findObject(sentence) {
  const { length } = sentence;
  const verbs = [DEMANDING, SAYING, HAN_SAYING, HAN_DEMANDING].map((pattern) => find(pattern, sentence));
  const japanese = find(JAPANESE_SAYING, sentence);
  return [
    japanese && [0, japanese.start],
    ...verbs.map((verb) => {
      if (!verb || countWords(sentence.slice(verb.end)) < 2) return null;
      const sign = /^\s*[，：:,]\s*/u.exec(sentence.slice(verb.end));
      return /** @type {UnitRange} */ ([verb.end + (sign?.[0].length ?? 0), length]);
    }),
  ];
}

/**
 * A short part behind the last comma may be the speaker, and one before the first comma, too.
 *
 * @type {Rule}
 */
function findBesideComma(sentence) {
  const commas = findCommas(sentence);
  const [first, last] = [commas[0], commas.at(-1)];
  if (!first || !last) return [];
  const isShort = countWords(sentence.slice(last.end)) <= MAX_SILENT_WORDS;
  return [isShort ? [0, last.start] : null, [first.end, sentence.length]];
}

/** From the surest to the weakest. */
const RULES = [findQuoted, findAttributed, findInterrupted, findThatClause, findBesideSpeaker, findObject, findBesideComma];

/**
 * Stretches of a sentence that may be what a person says, the likeliest first, and the whole as the last one.
 *
 * @param {string} sentence
 * @returns {UnitRange[]}
 */
export function findReportedSpeech(sentence) {
  const found = RULES.flatMap((rule) => rule(sentence)).filter((range) => range !== null);
  /** @type {(range: UnitRange) => boolean} */
  const holdsWords = ([start, end]) => /[\p{L}\p{N}]/u.test(sentence.slice(start, end));
  return [...found.filter(holdsWords), [0, sentence.length]];
}
