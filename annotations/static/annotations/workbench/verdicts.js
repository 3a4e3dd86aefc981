// @ts-check
/** What a difference waits for, and how it was decided. No DOM, no network. */

/**
 * The reason that is proposed for a kind of difference.
 *
 * @type {Record<Decision["kind"], string>}
 */
export const DEFAULT_REASONS = {
  missed: "missed",
  label: "label",
  boundary: "boundary",
  attributes: "guideline_unclear",
  link: "link",
  relation: "link",
};

/**
 * Whether a difference is open, or has to be looked at again because a source has changed.
 *
 * @param {Decision} decision
 */
export function needsDecision({ state, source_changed: changed }) {
  return state === "open" || changed;
}

/**
 * How a decision was taken, to send it again.
 *
 * @param {Decision} decision
 * @returns {Verdict}
 */
export function verdictOf({ choice, owner }) {
  return choice === "take" ? { choice, owner } : { choice: choice ?? "drop" };
}
