// @ts-check
/** People whom a comment mentions, as the service reads it, and whom a half-written mention may mean. */

import { foldText } from "./registry.js";

/** The most people that are suggested at once. */
const MOST = 8;
const NAME = String.raw`[\p{L}\p{N}_.@+-]`;
const MENTION = new RegExp(`(?<!${NAME})(@${NAME}{1,150})`, "u");
const BEGUN = new RegExp(String.raw`(?<!${NAME})[@＠]((?:${NAME}|\p{M}){0,150})$`, "u");
const REST = new RegExp(`^${NAME}*`, "u");
/** Punctuation that a name may hold, and that more often ends a sentence. */
const PUNCTUATION = /[.@+-]+$/;

/**
 * Split a text at the people whom it mentions, as the service reads it: every second part is a mention.
 *
 * @param {string} text
 */
export function splitMentions(text) {
  return text.split(MENTION);
}

/**
 * A username for comparison, as the service folds it: without case and compatibility forms.
 *
 * @param {string} name
 */
export function foldUsername(name) {
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

/**
 * The mention that is being written at the caret: where it begins and ends, and what is typed of the name.
 *
 * @param {string} text
 * @param {number} caret
 * @returns {BegunMention | null}
 */
export function mentionAt(text, caret) {
  const found = BEGUN.exec(text.slice(0, caret));
  if (!found) return null;
  const [rest = ""] = REST.exec(text.slice(caret)) ?? [];
  return { start: found.index, end: caret + rest.length, query: found[1] ?? "" };
}

/**
 * The people whom a half-written name may mean; those whose name begins so come first.
 *
 * @param {string[]} people usernames
 * @param {string} query
 */
export function suggestPeople(people, query) {
  const wanted = foldText(query);
  const found = people.map((name) => ({ name, at: foldText(name).indexOf(wanted) })).filter(({ at }) => at >= 0);
  found.sort((one, other) => Number(one.at > 0) - Number(other.at > 0) || (one.name < other.name ? -1 : 1));
  return found.slice(0, MOST).map(({ name }) => name);
}

/**
 * Put a whole name in the place of a half-written one: the new text, and where the caret goes.
 *
 * @param {string} text
 * @param {BegunMention} mention
 * @param {string} name
 */
export function completeMention(text, { start, end }, name) {
  const after = text.slice(end);
  const words = `@${name}${/^\s/.test(after) ? "" : " "}`;
  const caret = start + words.length + (/^\s/.test(after) ? 1 : 0);
  return { text: text.slice(0, start) + words + after, caret };
}

/**
 * Names that a text mentions and nobody has, without the one that is being written at the caret.
 *
 * @param {string} text
 * @param {string[]} people usernames
 * @param {number} [caret]
 */
export function unknownMentions(text, people, caret = -1) {
  const known = new Set(people.map(foldUsername));
  const parts = splitMentions(text);
  let at = 0;
  const unknown = parts.filter((part, index) => {
    at += part.length;
    if (index % 2 === 0 || caret === at) return false;
    const name = foldUsername(part.slice(1));
    return !known.has(name) && !known.has(name.replace(PUNCTUATION, ""));
  });
  return [...new Set(unknown.map((part) => part.replace(PUNCTUATION, "")))].filter((part) => part.length > 1);
}
