// @ts-check
/** Rows of the table of keys for reviewing and for the guideline. */

import { findAcceptable, findMissing } from "./proposedChanges.js";
import { gettext } from "./translation.js";

/**
 * @param {Pick<Services, "model" | "tabs" | "commands" | "guideline" | "proposedChanges" | "focusComment" | "answerComment" | "wordComments" | "lookedAt" | "selection">} services
 * @returns {KeyRow[]}
 */
export function reviewKeyRows(services) {
  const group = gettext("Reviewing");
  return [
    { group, keys: ["n"], description: gettext("Comment on the selected words, the current mark, or the set"), run: () => focusCommentForm(services) },
    { group, keys: ["b"], description: gettext("The same, and it blocks approval"), run: () => focusCommentForm(services, { blocking: true }) },
    { group, keys: ["N"], description: gettext("Comment on the whole set"), run: () => focusCommentForm(services, { onSet: true }) },
    { group, keys: ["o"], description: gettext("Take over what a comment suggests: on the mark, or the next mark that is missing"), run: () => acceptCurrentChange(services) },
    { group, keys: ["v"], description: gettext("The mark is looked at; go to the next one that is not"), run: () => services.lookedAt.tickCurrent() },
    { group: gettext("Everything else"), keys: ["g"], description: gettext("Find a rule in the guideline"), run: () => services.guideline.openSearch() },
  ];
}

/**
 * Put the cursor where the comment is written. An answer that was begun there stays a draft.
 *
 * @param {Pick<Services, "model" | "tabs" | "commands" | "focusComment" | "answerComment" | "wordComments">} services
 * @param {{ blocking?: boolean, onSet?: boolean }} [options]
 */
function focusCommentForm({ model, tabs, commands, focusComment, answerComment, wordComments }, { blocking = false, onSet = false } = {}) {
  if (!model.canComment) return commands.showHint(gettext("You cannot comment on this set as it stands."));
  if (blocking && !model.canBlock) return commands.showHint(gettext("A comment can block only in a review that is not of your own work."));
  if (!onSet && wordComments.hasSelection) return wordComments.openOnSelection({ blocking });
  const id = onSet ? null : model.currentId;
  tabs.show(id ? "spans" : "comments");
  if (id) focusComment(id, { blocking });
  else answerComment(null, { blocking });
  return null;
}

/** @param {Pick<Services, "model" | "commands" | "proposedChanges" | "selection">} services */
function acceptCurrentChange({ model, commands, proposedChanges, selection }) {
  const { currentSpan } = model;
  const found = (currentSpan && findAcceptable(model, currentSpan.id)) ?? findMissing(model, selection.focus);
  if (found) return proposedChanges.accept(found);
  if (!currentSpan) return commands.showHint(gettext("Choose a mark first, with j and k."));
  return commands.showHint(gettext("No open comment on this mark suggests a change that you can take over."));
}
