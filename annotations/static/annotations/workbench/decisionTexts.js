// @ts-check
/** What decisions, sides and reasons are called. Values are those of the API. */

import { shortenText } from "./dom.js";
import { gettext, pgettext, quoteText } from "./translation.js";

/** Why people differed, as the adjudicator judges it. */
export const REASONS = [
  { value: "boundary", text: pgettext("difference", "boundary") },
  { value: "label", text: pgettext("difference", "label") },
  { value: "missed", text: pgettext("difference", "missed") },
  { value: "guideline_unclear", text: pgettext("difference", "guideline unclear") },
  { value: "slip", text: pgettext("difference", "slip") },
  { value: "link", text: pgettext("difference", "link") },
];

/** Titles of the kinds of difference. */
export const KIND_TITLES = {
  missed: pgettext("difference", "missed"),
  label: pgettext("difference", "label"),
  boundary: pgettext("difference", "boundary"),
  attributes: pgettext("difference", "attributes"),
  link: pgettext("difference", "link"),
  relation: pgettext("difference", "relation"),
};

/**
 * The letter of a side: A for the first.
 *
 * @param {number} index
 */
export function sideLetter(index) {
  return String.fromCharCode(65 + index);
}

/**
 * The outcome of a decision, in a word or two.
 *
 * @param {Decision} decision
 */
export function outcomeText({ choice, owner, sides }) {
  const at = sides.findIndex((side) => side.owner === owner);
  /** @type {Record<string, string>} */
  const fixed = { take_a: "A", take_b: "B", own: pgettext("decision", "own"), drop: pgettext("decision", "dropped") };
  return (choice && fixed[choice]) ?? (at >= 0 ? sideLetter(at) : (choice ?? ""));
}

/**
 * What one side has marked, as part of a sentence.
 *
 * @param {Scheme} scheme
 * @param {Decision} row
 * @param {DecisionSide} side
 */
export function sideText(scheme, row, side) {
  if (row.kind === "relation") {
    const types = side.relations.map(({ type }) => scheme.findRelation(type).title);
    return types.length ? types.join(", ") : gettext("no link");
  }
  if (!side.span) return gettext("nothing marked");
  return `${scheme.findLabel(side.span.label).title} ${quoteText(shortenText(side.span.quote, 120))}`;
}

/**
 * The words that a difference is about: those of the first side that has any.
 *
 * @param {Model} model
 * @param {Decision} row
 */
export function subjectText(model, row) {
  if (row.kind === "relation") return (row.ends ?? []).map((id) => model.findSpan(id)?.quote ?? gettext("a mark that is gone")).join(" → ");
  return row.sides.find(({ span }) => span)?.span?.quote ?? "";
}
