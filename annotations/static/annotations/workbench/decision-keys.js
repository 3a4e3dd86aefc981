/** The keys of adjudication, for the one table of keys; only an adjudication has them. */

import { lettered } from "./decision-words.js";

/** Sides beyond these are taken with the mouse, or by Tab and Enter. */
const MOST_SIDES = 7;

export function decisionRows({ decisions }) {
  if (!decisions.isOn) return [];
  const group = "Adjudication";
  const letters = Array.from({ length: MOST_SIDES }, (_, index) => lettered(index));
  return [
    { group, keys: ["."], says: "Next open difference", run: () => decisions.step(1) },
    { group, keys: [","], says: "Previous open difference", run: () => decisions.step(-1) },
    { group, keys: ["A"], says: "Take A", run: () => decisions.take(0) },
    { group, keys: ["B"], says: "Take B", run: () => decisions.take(1) },
    { group, keys: letters.slice(2), says: "Take another side, by its letter", run: ({ key }) => decisions.take(letters.indexOf(key)) },
    { group, keys: ["O"], says: "A mark of your own; with words selected, of these", run: () => decisions.own() },
    { group, keys: ["X"], says: "Drop it: nothing is marked here", run: () => decisions.drop() },
    { group, keys: ["y"], says: "Why they differ: the next reason", run: () => decisions.nextReason() },
    { group, keys: ["R"], says: "Open the decision again", run: () => decisions.reopen() },
  ];
}
