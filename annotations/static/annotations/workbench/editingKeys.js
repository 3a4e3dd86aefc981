// @ts-check
/** Rows of the table of keys for marking and connecting spans. */

import { gettext } from "./translation.js";

/**
 * @param {Pick<Services, "statements" | "mentions" | "commands">} services
 * @returns {KeyRow[]}
 */
export function editingKeyRows({ statements, mentions, commands }) {
  const digits = ["1", "2", "3", "4", "5", "6"];
  return [
    { group: gettext("Marking"), keys: ["x"], description: gettext("Select the next sentence without a mark"), run: () => statements.selectNextUnmarked() },
    { group: gettext("Marking"), keys: ["q"], description: gettext("Select what the sentence reports as said; again: another part"), run: () => statements.selectReportedSpeech() },
    { group: gettext("Marking"), keys: ["="], description: gettext("Keep exactly what was selected, without moving its edges"), run: () => commands.keepExactRange() },
    { group: gettext("The current mark"), keys: ["f"], description: gettext("Made by, held by: the nearest actor; again: the next one"), run: () => statements.connectActor() },
    { group: gettext("The current mark"), keys: digits, description: gettext("Claim type, stance or kind of mention, by its place in the list"), run: (key) => statements.chooseValue(Number(key)) },
    { group: gettext("The current mark"), keys: ["i"], description: gettext("The issue: then a digit, Enter for the first, or 0 to propose one"), run: () => statements.chooseIssue() },
    { group: gettext("The current mark"), keys: ["e"], description: gettext("Mark all other mentions of this name"), run: () => mentions.askForMentions() },
    { group: gettext("The current mark"), keys: ["+"], description: gettext("Add the mention to the aliases of its actor"), run: () => commands.addAlias() },
  ];
}

/** Keys that the list of spans handles itself, for the list of keys. */
export const SPAN_LINE_KEYS = [
  { keys: ["Shift ←", "Shift →"], description: gettext("Move its end by a word; with Ctrl by a character") },
  { keys: ["Alt ←", "Alt →"], description: gettext("Move its beginning by a word; with Ctrl by a character") },
];
