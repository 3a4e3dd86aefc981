// @ts-check
/**
 * The one fold of every search, as the service has it (text/folding.py): case, accents and invisible signs make
 * no difference. Both read the cases in tests/vectors/folding.json.
 */

/** Signs that nobody sees or types: soft hyphens, joiners, directions, the choice of a glyph. */
const INVISIBLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e0fff}]/gu;
/** What is folded together: a letter with its marks, a syllable of Hangul; a run of ASCII is quick. */
const PIECE = /[\x00-\x7f]+(?![\p{M}\uff9e\uff9f])|[\u1100-\u11ff]+|\P{M}?[\p{M}\uff9e\uff9f]*/gsu;
/** Letters that lose their case by other letters. */
const CASES = /** @type {Record<string, string>} */ ({ ß: "ss", ς: "σ", "\u0345": "ι" });
const ODD_CASE = /[ßς\u0345]/g;
/** A mark of the highest class: marks of a lower one are sorted before it. */
const LAST_MARK = "\u0345";
/** Japanese marks that make another letter: か is not が. */
const VOICING = /[\u3099\u309a]/u;

/** @type {Map<string, boolean>} */
const knownMarks = new Map();

/**
 * Whether a character combines with the one before it, as Unicode's classes say, which JavaScript does not tell.
 *
 * @param {string} character
 */
function isAccent(character) {
  const known = knownMarks.get(character);
  if (known !== undefined) return known;
  const pair = `a${LAST_MARK}${character}`;
  const found = !VOICING.test(character) && pair.normalize("NFD") !== pair;
  knownMarks.set(character, found);
  return found;
}

/** @param {string} piece */
function foldPiece(piece) {
  if (/^[\x00-\x7f]*$/.test(piece)) return piece.toLowerCase();
  const plain = piece.normalize("NFKD").toLowerCase().replace(ODD_CASE, (letter) => CASES[letter] ?? letter).normalize("NFKD");
  const kept = Array.from(plain).filter((character) => !/\p{M}/u.test(character) || !isAccent(character));
  return kept.join("").replace(INVISIBLE, "").normalize("NFC");
}

/**
 * A text for comparison.
 *
 * @param {string} text
 */
export function foldForSearch(text) {
  return new FoldedText(text).folded;
}

/** A text as searches compare it, with the way back from each place to the text. */
export class FoldedText {
  /** @param {string} text */
  constructor(text) {
    /** Where the piece begins and ends that a folded unit comes from. */
    this.starts = new Uint32Array(text.length + 16);
    this.ends = new Uint32Array(text.length + 16);
    this.length = 0;
    const parts = [];
    for (const { 0: piece, index } of text.matchAll(PIECE)) {
      const folded = foldPiece(piece);
      parts.push(folded);
      const isPlain = folded.length === piece.length && piece.length > 1 && /^[\x00-\x7f]+$/.test(piece);
      this.note(folded.length, index, piece.length, isPlain);
    }
    this.folded = parts.join("");
  }

  /**
   * @param {number} count of folded units
   * @param {number} index where their piece begins
   * @param {number} length of the piece
   * @param {boolean} isPlain whether each unit is its own piece
   */
  note(count, index, length, isPlain) {
    if (this.length + count > this.starts.length) this.grow(count);
    for (let unit = 0; unit < count; unit += 1) {
      this.starts[this.length] = isPlain ? index + unit : index;
      this.ends[this.length] = isPlain ? index + unit + 1 : index + length;
      this.length += 1;
    }
  }

  /** @param {number} count */
  grow(count) {
    for (const name of /** @type {const} */ (["starts", "ends"])) {
      const larger = new Uint32Array(this.starts.length * 2 + count);
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  /**
   * Where a question stands in the text, in units; what is found twice over the same characters counts once.
   *
   * @param {string} question
   * @returns {UnitRange[]}
   */
  find(question) {
    const wanted = foldForSearch(question.trim());
    /** @type {UnitRange[]} */
    const found = [];
    if (!wanted) return found;
    for (let at = this.folded.indexOf(wanted); at >= 0; at = this.folded.indexOf(wanted, at + wanted.length)) {
      const start = this.starts[at] ?? 0;
      const end = this.ends[at + wanted.length - 1] ?? start;
      if (start >= (found.at(-1)?.[1] ?? 0)) found.push([start, end]);
    }
    return found;
  }
}
