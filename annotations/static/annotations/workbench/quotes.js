/** Quotation marks around and inside a range: what is quoted, and which mode that proposes (C6). */

const PAIRS = { "“": "”", "„": "“”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", '"': '"', "‘": "’" };
const LETTER = /[\p{L}\p{N}]/u;
/** Up to so many words in quotation marks within unquoted ones are a title, or “so-called”. */
const SCARE_QUOTE_WORDS = 2;

/** The stretches between quotation marks of a text, as [start, end) without the marks. */
function findQuotations(text) {
  const found = [];
  for (let at = 0; at < text.length; at += 1) {
    const closing = PAIRS[text[at]];
    const end = closing ? findClosingMark(text, at + 1, closing) : -1;
    if (end < 0) continue;
    found.push([at + 1, end]);
    at = end;
  }
  return found;
}

/** Where a quotation ends; an apostrophe within a word ends none. */
function findClosingMark(text, from, closing) {
  for (let at = from; at < text.length; at += 1) {
    if (!closing.includes(text[at])) continue;
    if (text[at] === "’" && LETTER.test(text[at + 1] ?? "")) continue;
    return at;
  }
  return -1;
}

/** direct, indirect or mixed for a range of a paragraph. */
export function proposeMode(paragraph, start, end) {
  const quoted = findQuotations(paragraph);
  const isQuoted = (at) => quoted.some(([from, to]) => from <= at && at < to);
  let inside = "";
  let outside = 0;
  let edges = [];
  for (let at = start; at < end; at += 1) {
    if (!LETTER.test(paragraph[at])) {
      inside += " ";
      continue;
    }
    const is = isQuoted(at);
    edges = [edges[0] ?? is, is];
    if (is) inside += paragraph[at];
    else outside += 1;
  }
  const words = inside.split(/\s+/).filter(Boolean).length;
  if (!words) return "indirect";
  // a quotation that somebody interrupts begins and ends as one
  if (!outside || (edges[0] && edges[1])) return "direct";
  return words <= SCARE_QUOTE_WORDS ? "indirect" : "mixed";
}

/** Stretches of a sentence that may be what somebody says, the likeliest first, as [start, end). */
export function findReportedSpeech(sentence) {
  const words = (part) => part.split(/\s+/).filter((one) => LETTER.test(one)).length;
  const quoted = findQuotations(sentence).filter(([start, end]) => words(sentence.slice(start, end)) > SCARE_QUOTE_WORDS);
  const that = /\bthat\s+/i.exec(sentence);
  const first = sentence.indexOf(", ");
  const last = sentence.lastIndexOf(", ");
  const found = [
    ...quoted,
    that && [that.index + that[0].length, sentence.length],
    last > 0 && words(sentence.slice(last)) <= 6 && [0, last],
    first > 0 && [first + 2, sentence.length],
    [0, sentence.length],
  ];
  return found.filter(Boolean);
}
