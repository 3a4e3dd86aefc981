// @ts-check
/** Quotation marks around and inside a range: what is quoted, and which mode that proposes (C6). */

/** @type {Record<string, string>} */
const PAIRS = { "“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", '"': '"', "‘": "’" };
const LETTER = /[\p{L}\p{N}]/u;
/** Up to so many words in quotation marks within unquoted ones are a title, or “so-called”. */
export const SCARE_QUOTE_WORDS = 2;
/** Letters of scripts that write no blanks; two of them are about a word. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/**
 * The stretches between quotation marks of a text, without the marks.
 *
 * @param {string} text
 * @returns {UnitRange[]}
 */
export function findQuotations(text) {
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

/**
 * About how many words a text has, in any script.
 *
 * @param {string} text
 */
export function countWords(text) {
  const letters = text.match(UNSPACED)?.length ?? 0;
  const spaced = letters ? text.replace(UNSPACED, " ") : text;
  return spaced.split(/\s+/).filter((word) => LETTER.test(word)).length + Math.ceil(letters / 2);
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
