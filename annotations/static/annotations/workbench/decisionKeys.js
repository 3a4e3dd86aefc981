// @ts-check
/** Rows of the table of keys for adjudication. */

import { sideLetter } from "./decisionTexts.js";
import { gettext, interpolate } from "./translation.js";

/** Sides beyond these are taken with the mouse, or by Tab and Enter. */
const MOST_SIDES = 7;

/**
 * @param {DecisionsPanel} decisions
 * @returns {KeyRow[]}
 */
export function decisionKeyRows(decisions) {
  const group = gettext("Adjudication");
  const letters = Array.from({ length: MOST_SIDES }, (_, index) => sideLetter(index));
  return [
    { group, keys: ["."], description: gettext("Next open difference"), repeats: true, run: () => decisions.goToRow(1) },
    { group, keys: [","], description: gettext("Previous open difference"), repeats: true, run: () => decisions.goToRow(-1) },
    { group, keys: ["A"], description: interpolate(gettext("Take %(side)s"), { side: "A" }, true), run: () => decisions.takeSide(0) },
    { group, keys: ["B"], description: interpolate(gettext("Take %(side)s"), { side: "B" }, true), run: () => decisions.takeSide(1) },
    { group, keys: letters.slice(2), description: gettext("Take another side, by its letter"), run: (key) => decisions.takeSide(letters.indexOf(key)) },
    { group, keys: ["O"], description: gettext("A mark of your own; with words selected, of these"), run: () => decisions.openOwnForm() },
    { group, keys: ["X"], description: gettext("Drop it: nothing is marked here"), run: () => decisions.dropRow() },
    { group, keys: ["y"], description: gettext("Why they differ: the next reason"), run: () => decisions.nextReason() },
    { group, keys: ["R"], description: gettext("Open the decision again"), run: () => decisions.reopen() },
  ];
}
