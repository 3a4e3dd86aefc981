// @ts-check
/**
 * Which key of ours a press means: the character that it writes; where the layout writes something else there,
 * the place of the key on the keyboard. So keys work with Caps Lock, on AZERTY, and in scripts without Latin letters.
 */

/** Keys with signs, by place; only where the layout writes another script there. */
const SIGNS = { Comma: ",", Period: ".", Equal: "=", Slash: "/" };
const SHIFTED_SIGNS = { Slash: "?", Equal: "+" };
/** Names of keys that write nothing yet, since the next key or an input method decides. */
const UNDECIDED = /^(?:Dead|Process|Unidentified)$/;

/**
 * What a press may mean, the likeliest first.
 *
 * @param {Pick<KeyboardEvent, "key" | "code" | "shiftKey">} press
 * @returns {string[]}
 */
export function keysMeant(press) {
  const written = writtenKey(press);
  const placed = writesText(press.key) || UNDECIDED.test(press.key) ? placedKey(press, written) : null;
  if (!placed || placed === written) return [written];
  // the slash lies on a letter in Hebrew and on a digit in Thai: there the place is what people press
  return written === "/" ? [placed, written] : [written, placed];
}

/**
 * What a press with Ctrl, or ⌘ on a Mac, may mean: `Ctrl Z`, `Ctrl Shift Z`; nothing with another modifier.
 *
 * @param {Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">} press
 * @returns {string[]}
 */
export function combinationsMeant(press) {
  if (press.altKey || press.ctrlKey === press.metaKey) return [];
  const modifiers = press.shiftKey ? "Ctrl Shift" : "Ctrl";
  return keysMeant(press).map((key) => `${modifiers} ${/^[a-z]$/.test(key) ? key.toUpperCase() : key}`);
}

/**
 * Whether a press writes text, and is no key with a name. Some keys write more than one character.
 *
 * @param {string} key
 */
export function writesText(key) {
  return Array.from(key).length === 1 || /[^\x20-\x7e]/.test(key);
}

/**
 * The character that is written, in the case that Shift alone makes, whatever Caps Lock says.
 *
 * @param {Pick<KeyboardEvent, "key" | "shiftKey">} press
 */
function writtenKey({ key, shiftKey }) {
  const plain = writesText(key) ? key.normalize("NFKC") : key;
  if (!/^[a-z]$/i.test(plain)) return plain;
  return shiftKey ? plain.toUpperCase() : plain.toLowerCase();
}

/**
 * The key at this place of a keyboard with Latin letters; null where the layout's own one counts.
 *
 * @param {Pick<KeyboardEvent, "code" | "shiftKey">} press
 * @param {string} written
 */
function placedKey({ code, shiftKey }, written) {
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  if (letter) return /^[a-z]$/i.test(written) ? null : shiftKey ? letter : letter.toLowerCase();
  const [, digit] = /^Digit([0-9])$/.exec(code) ?? [];
  if (digit) return /^[0-9]$/.test(written) || shiftKey ? null : digit;
  /** @type {Record<string, string>} */
  const signs = shiftKey ? SHIFTED_SIGNS : SIGNS;
  return isOtherScript(written) ? (signs[code] ?? null) : null;
}

/**
 * Whether a character belongs to a script other than Latin. Accents and signs of Latin layouts do not.
 *
 * @param {string} character
 */
function isOtherScript(character) {
  return /[^\x00-\x7f]/.test(character) && !/[\p{Script=Latin}\p{Sk}\p{Sc}§°]/u.test(character) && !UNDECIDED.test(character);
}
