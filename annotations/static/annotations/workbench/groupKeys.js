// @ts-check
/** Rows of the table of keys for marks that are chosen together. */

import { gettext } from "./translation.js";

/**
 * @param {Pick<Services, "groupBar">} services
 * @returns {KeyRow[]}
 */
export function groupKeyRows({ groupBar }) {
  const group = gettext("Several marks at once");
  return [
    { group, keys: ["z"], description: gettext("Choose the current mark together with others; again: let go of it"), run: () => groupBar.toggleCurrent() },
    { group, keys: ["Z"], description: gettext("Choose all marks that the filter shows"), run: () => groupBar.chooseAll() },
    { group, keys: ["h"], description: gettext("Go to what can be done to the chosen marks: delete, label, link, set an attribute"), run: () => groupBar.focus() },
  ];
}

/** Keys that the list of spans handles itself, for the list of keys. */
export const GROUP_LINE_KEYS = [
  { keys: ["Shift ↓", "Shift ↑"], description: gettext("Choose several marks in a row; with the mouse Shift and a click, or Ctrl and a click for one more") },
];
