/** The keys of reviewing and of looking things up, for the one table of keys. */

import { findPart } from "./dom.js";
import { acceptProposedChange, findAcceptable } from "./proposedChanges.js";
import { gettext } from "./translation.js";

export function reviewKeyRows(app) {
  const group = gettext("Reviewing");
  return [
    { group, keys: ["n"], says: gettext("Comment on the current mark, or on the set"), run: () => focusCommentForm(app) },
    { group, keys: ["b"], says: gettext("The same, and it blocks approval"), run: () => focusCommentForm(app, { blocking: true }) },
    { group, keys: ["N"], says: gettext("Comment on the whole set"), run: () => focusCommentForm(app, { onSet: true }) },
    { group, keys: ["o"], says: gettext("Take over what a comment on the mark suggests"), run: () => acceptCurrentChange(app) },
    { group: gettext("Everything else"), keys: ["g"], says: gettext("Find a rule in the guideline"), run: () => app.guideline.find() },
  ];
}

/** Put the cursor where the comment is written. */
function focusCommentForm({ model, tabs, commands }, { blocking = false, onSet = false } = {}) {
  if (!model.canComment) return commands.hint(gettext("You cannot comment on this set as it stands."));
  if (blocking && !model.canBlock) return commands.hint(gettext("A comment can block only in a review that is not of your own work."));
  const isOnMark = Boolean(model.chosen) && !onSet;
  tabs.show(isOnMark ? "spans" : "comments");
  const root = isOnMark ? findPart("spans").querySelector(`[data-span="${model.current}"]`) : findPart("comments");
  const box = root.querySelector('[data-field="blocking"]');
  if (box && blocking) box.checked = true;
  return root.querySelector('[data-field="comment"]').focus();
}

function acceptCurrentChange(app) {
  const { model, commands } = app;
  if (!model.chosen) return commands.hint(gettext("Choose a mark first, with j and k."));
  const found = findAcceptable(model, model.current);
  if (!found) return commands.hint(gettext("No open comment on this mark suggests a change that you can take over."));
  return acceptProposedChange(app, found);
}
