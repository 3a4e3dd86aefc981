// @ts-check
/** Abbreviations after whose full stop a sentence goes on: the same as in `text/sentences.py`. */

export const ABBREVIATIONS = new Set(
  `mr mrs ms mx dr prof st sen rep gov gen col lt sgt maj capt adm rev hon pres jr sr messrs vs etc inc ltd co corp dept est
  approx ave jan feb mar apr jun jul aug sep sept oct nov dec bzw ca usw vgl ing hr fr str evtl ggf inkl sog mio mrd tsd mme
  mlle av sra sta dña sig dott г ул им тыс млн млрд руб стр др проф акад`.split(/\s+/),
);

/** So much of the end is looked at. */
const LONGEST = 40;

/**
 * Whether a part of a line ends with an abbreviation or an initial, so that its full stop need not end a sentence.
 *
 * @param {string} text
 */
export function endsWithAbbreviation(text) {
  const [, word] = /(?<![\p{L}\p{M}\p{N}])([\p{L}\p{M}]+)\.[^\S\r\n\u2028\u2029]+$/u.exec(text.slice(-LONGEST)) ?? [];
  return word !== undefined && (ABBREVIATIONS.has(word.toLowerCase()) || /^\p{Lu}\p{M}*$/u.test(word));
}
