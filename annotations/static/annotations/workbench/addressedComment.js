// @ts-check
/** The comment that an address names: its thread is opened, with the span that it is about. */

import { findPart } from "./dom.js";
import { gettext } from "./translation.js";

/**
 * Show the comment `comment=…`, or for `comments` all of them. Answers whether the address names any.
 *
 * @param {Pick<Services, "model" | "tabs" | "messages">} services
 * @param {URLSearchParams} address
 */
export function followCommentAddress({ model, tabs, messages }, address) {
  const id = address.get("comment");
  if (!id) {
    if (address.has("comments")) tabs.show("comments");
    return address.has("comments");
  }
  const comment = model.commentsOn().find((one) => one.id === id);
  const span = model.findSpan(comment?.span ?? null);
  const tab = span ? "spans" : "comments";
  tabs.show(tab);
  if (span) model.chooseSpan(span.id, { reveal: true });
  if (!comment) messages.showInfo(gettext("The comment is gone; these are the comments that there are."));
  const line = findPart(tab).querySelector(`[data-comment="${CSS.escape(id)}"]`);
  if (line instanceof HTMLElement) {
    line.tabIndex = -1;
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
  }
  return true;
}
