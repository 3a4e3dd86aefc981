// @ts-check
/** Quotation marks around and inside a range: what is quoted, and which mode that proposes (C6). */

/** @type {Record<string, string>} */
const PAIRS = { "“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", '"': '"', "‘": "’" };
const LETTER = /[\p{L}\p{N}]/u;
/** Up to so many words in quotation marks within unquoted ones are a title, or “so-called”. */
const SCARE_QUOTE_WORDS = 2;
/** A comma with at most so many words behind it may end a quotation: “…, the minister said”. */
const MAX_SPEAKER_WORDS = 6;

/**
 * The stretches between quotation marks of a text, without the marks.
 *
 * @param {string} text
 * @returns {UnitRange[]}
 */
function findQuotations(text) {
  /** @type {UnitRange[]} */
  const found = [];
  for (let index = 0; index < text.length; index += 1) {
    const closing = PAIRS[text.charAt(index)];
    const end = closing ? findClosingMark(text, index + 1, closing) : -1;
    if (end < 0) continue;
    found.push([index + 1, end]);
    index = end;
  }
  return found;
}

/**
 * Where a quotation ends; an apostrophe within a word ends none.
 *
 * @param {string} text
 * @param {number} from
 * @param {string} closing
 */
function findClosingMark(text, from, closing) {
  for (let index = from; index < text.length; index += 1) {
    const sign = text.charAt(index);
    if (closing.includes(sign) && !(sign === "’" && LETTER.test(text.charAt(index + 1)))) return index;
  }
  return -1;
}

/** @param {string} text */
function countWords(text) {
  return text.split(/\s+/).filter((word) => LETTER.test(word)).length;
}

/**
 * The mode that a claim over a range of a paragraph starts with.
 *
 * @param {string} paragraph
 * @param {number} start
 * @param {number} end
 * @returns {"direct" | "indirect" | "mixed"}
 */
export function proposeMode(paragraph, start, end) {
  const quotations = findQuotations(paragraph);
  /** @type {(index: number) => boolean} */
  const isQuoted = (index) => quotations.some(([from, to]) => from <= index && index < to);
  /** @type {(index: number) => boolean} */
  const isLetter = (index) => LETTER.test(paragraph.charAt(index));
  const places = Array.from({ length: end - start }, (_, index) => start + index);
  const letters = places.filter(isLetter);
  const [first, last] = [letters[0], letters.at(-1)];
  if (first === undefined || last === undefined || !letters.some(isQuoted)) return "indirect";
  // a quotation that is interrupted begins and ends as one
  if (letters.every(isQuoted) || (isQuoted(first) && isQuoted(last))) return "direct";
  const quoted = places.map((index) => (isLetter(index) ? isQuoted(index) && paragraph.charAt(index) : " "));
  return countWords(quoted.filter(Boolean).join("")) <= SCARE_QUOTE_WORDS ? "indirect" : "mixed";
}

/**
 * Stretches of a sentence that may be what a person says, the likeliest first.
 *
 * @param {string} sentence
 * @returns {UnitRange[]}
 */
export function findReportedSpeech(sentence) {
  const quotations = findQuotations(sentence);
  const that = /\bthat\s+/i.exec(sentence);
  const first = sentence.indexOf(", ");
  const last = sentence.lastIndexOf(", ");
  const isSpeakerLast = last > 0 && countWords(sentence.slice(last)) <= MAX_SPEAKER_WORDS;
  /** @type {UnitRange[]} */
  const found = quotations.filter(([start, end]) => countWords(sentence.slice(start, end)) > SCARE_QUOTE_WORDS);
  if (that) found.push([that.index + that[0].length, sentence.length]);
  if (isSpeakerLast) found.push([0, last]);
  if (first > 0) found.push([first + 2, sentence.length]);
  return [...found, [0, sentence.length]];
}
