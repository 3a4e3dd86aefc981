// @ts-check
/** Rows of the table of keys for reviewing and for the guideline. */

import { findAcceptable } from "./proposedChanges.js";
import { gettext } from "./translation.js";

/**
 * @param {Pick<Services, "model" | "tabs" | "commands" | "guideline" | "proposedChanges" | "focusComment" | "answerComment">} services
 * @returns {KeyRow[]}
 */
export function reviewKeyRows(services) {
  const group = gettext("Reviewing");
  return [
    { group, keys: ["n"], description: gettext("Comment on the current mark, or on the set"), run: () => focusCommentForm(services) },
    { group, keys: ["b"], description: gettext("The same, and it blocks approval"), run: () => focusCommentForm(services, { blocking: true }) },
    { group, keys: ["N"], description: gettext("Comment on the whole set"), run: () => focusCommentForm(services, { onSet: true }) },
    { group, keys: ["o"], description: gettext("Take over what a comment on the mark suggests"), run: () => acceptCurrentChange(services) },
    { group: gettext("Everything else"), keys: ["g"], description: gettext("Find a rule in the guideline"), run: () => services.guideline.openSearch() },
  ];
}

/**
 * Put the cursor where the comment is written. An answer that was begun there stays a draft.
 *
 * @param {Pick<Services, "model" | "tabs" | "commands" | "focusComment" | "answerComment">} services
 * @param {{ blocking?: boolean, onSet?: boolean }} [options]
 */
function focusCommentForm({ model, tabs, commands, focusComment, answerComment }, { blocking = false, onSet = false } = {}) {
  if (!model.canComment) return commands.showHint(gettext("You cannot comment on this set as it stands."));
  if (blocking && !model.canBlock) return commands.showHint(gettext("A comment can block only in a review that is not of your own work."));
  const id = onSet ? null : model.currentId;
  tabs.show(id ? "spans" : "comments");
  if (id) focusComment(id, { blocking });
  else answerComment(null, { blocking });
  return null;
}

/** @param {Pick<Services, "model" | "commands" | "proposedChanges">} services */
function acceptCurrentChange({ model, commands, proposedChanges }) {
  if (!model.currentSpan) return commands.showHint(gettext("Choose a mark first, with j and k."));
  const found = findAcceptable(model, model.currentSpan.id);
  if (!found) return commands.showHint(gettext("No open comment on this mark suggests a change that you can take over."));
  return proposedChanges.accept(found);
}
