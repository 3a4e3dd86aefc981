// @ts-check
/**
 * The words of the page in the language of its reader: Django's own functions, from the catalogue that
 * the page loads before its modules. Without the catalogue the words are English.
 */

const PLACEHOLDERS = /%\((\w+)\)s/g;

/** @type {(text: string) => string} */
export const gettext = globalThis.gettext ?? ((text) => text);

/** @type {(one: string, many: string, number: number) => string} */
export const ngettext = globalThis.ngettext ?? ((one, many, number) => (number === 1 ? one : many));

/** @type {(context: string, text: string) => string} */
export const pgettext = globalThis.pgettext ?? ((context, text) => text);

/** @type {(text: string, values: Record<string, unknown>, named: true) => string} */
export const interpolate =
  globalThis.interpolate ?? ((text, values) => text.replace(PLACEHOLDERS, (place, name) => String(values[name])));

/**
 * Put a number into its place: `formatCount(ngettext("%(n)s mark", "%(n)s marks", 2), 2)`.
 *
 * @param {string} text
 * @param {number} number
 */
export function formatCount(text, number) {
  return interpolate(text, { n: number.toLocaleString(document.documentElement.lang || "en") }, true);
}

/**
 * Put elements into their places; answers the sentence as children of an element.
 *
 * @param {string} text
 * @param {Record<string, Child>} elements
 * @returns {Child[]}
 */
export function interpolateElements(text, elements) {
  return text.split(PLACEHOLDERS).map((part, index) => (index % 2 ? elements[part] : part));
}

/**
 * Put a text into the quotation marks of the language.
 *
 * @param {string} text
 */
export function quoteText(text) {
  return interpolate(gettext("“%(text)s”"), { text }, true);
}
