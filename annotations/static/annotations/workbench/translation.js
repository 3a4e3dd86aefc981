/**
 * The words of the page in the language of whoever reads it: Django's own functions, from the
 * catalogue that the page loads before its modules. Without the catalogue the words are English.
 */

const PLACEHOLDERS = /%\((\w+)\)s/g;

const ENGLISH = {
  gettext: (text) => text,
  ngettext: (one, many, number) => (number === 1 ? one : many),
  pgettext: (context, text) => text,
  interpolate: (text, values) => text.replace(PLACEHOLDERS, (place, name) => String(values[name])),
};

export const gettext = globalThis.gettext ?? ENGLISH.gettext;
export const ngettext = globalThis.ngettext ?? ENGLISH.ngettext;
export const pgettext = globalThis.pgettext ?? ENGLISH.pgettext;
export const interpolate = globalThis.interpolate ?? ENGLISH.interpolate;

/** Words with their number in its place: counted(ngettext("%(n)s mark", "%(n)s marks", 2), 2). */
export function formatCount(text, number) {
  return interpolate(text, { n: number.toLocaleString(document.documentElement.lang || "en") }, true);
}

/** A sentence as children of an element: text, and the elements that stand in its places. */
export function interpolateElements(text, elements) {
  return text.split(PLACEHOLDERS).map((part, index) => (index % 2 ? elements[part] : part));
}

/** A text in the quotation marks of the language. */
export function quoteText(text) {
  return interpolate(gettext("“%(text)s”"), { text }, true);
}
