// @ts-check
/** Rows of the table of keys for searching, and those with Ctrl, or ⌘ on a Mac. */

import { gettext } from "./translation.js";

/**
 * @param {Pick<Services, "search" | "commands" | "transitions">} services
 * @returns {KeyRow[]}
 */
export function searchKeyRows({ search, commands, transitions }) {
  const group = gettext("Everything else");
  return [
    { group, keys: ["/"], description: gettext("Search in the article"), run: () => search.open() },
    { group, keys: ["Ctrl Z"], description: gettext("Undo"), repeats: true, run: () => commands.undo() },
    { group, keys: ["Ctrl Shift Z", "Ctrl Y"], description: gettext("Redo"), repeats: true, run: () => commands.redo() },
    { group, keys: ["Ctrl A"], description: gettext("Select the whole article"), run: () => commands.selectArticle() },
    { group, keys: ["Ctrl Enter"], description: gettext("Submit"), run: () => transitions.submit() },
  ];
}
