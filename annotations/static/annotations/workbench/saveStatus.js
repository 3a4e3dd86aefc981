// @ts-check
/** The line in the bar that says whether everything is saved. */

import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { formatCount, gettext, ngettext } from "./translation.js";

/**
 * The save indicator; `data-pending` is the number of changes that are not acknowledged, `data-drafts` that of
 * texts that are not sent.
 */
export class SaveStatus {
  /** @param {Pick<Services, "model" | "outbox" | "drafts" | "discard">} services */
  constructor({ model, outbox, drafts, discard }) {
    this.model = model;
    this.outbox = outbox;
    this.drafts = drafts;
    this.discard = discard;
    this.root = findPart("saved");
    this.trouble = findPart("trouble");
    /** The trouble that is drawn. */
    this.key = "";
    /** Whether something was sent from this page: a comment, a decision, a step of the workflow. */
    this.hasSent = false;
    outbox.on("change", () => this.draw());
    drafts.on("keys", () => this.draw());
    window.addEventListener("beforeunload", (event) => this.onLeave(event));
    this.draw();
  }

  draw() {
    const { pendingCount, trouble } = this.outbox;
    this.hasSent ||= pendingCount > 0;
    this.root.dataset.pending = String(pendingCount);
    this.root.dataset.drafts = String(this.drafts.size);
    this.root.classList.toggle("failing", Boolean(trouble || this.outbox.conflict || this.outbox.successor));
    const words = this.describeStatus(pendingCount, trouble).join(" · ");
    // a live region that is written to again would be read out again
    if (this.root.textContent !== words) this.root.textContent = words;
    this.drawTrouble(trouble);
  }

  /**
   * @param {number} pending
   * @param {Trouble | null} trouble
   */
  describeStatus(pending, trouble) {
    const { size } = this.drafts;
    const drafts = size ? [formatCount(draftsText(size), size)] : [];
    if (!pending && size) return drafts;
    if (!pending) return [this.model.isEditable || this.hasSent ? gettext("All changes saved") : gettext("Nothing to save")];
    const isStopped = trouble || this.outbox.conflict || this.outbox.successor;
    return [formatCount(isStopped ? notSavedText(pending) : savingText(pending), pending), ...drafts];
  }

  /** @param {Trouble | null} trouble */
  drawTrouble(trouble) {
    const key = trouble?.detail ?? "";
    if (key === this.key) return;
    this.key = key;
    this.trouble.hidden = !trouble;
    replaceContent(
      this.trouble,
      trouble && createElement("p", {}, isolateText(trouble.detail), " ", gettext("Your changes wait here and are sent again until they arrive.")),
      trouble && createButton(gettext("Try now"), () => this.outbox.retryNow(), { "data-action": "retry" }),
      trouble && createButton(gettext("Discard them …"), () => this.discard(), { "data-action": "discard" }),
    );
  }

  /** @param {BeforeUnloadEvent} event */
  onLeave(event) {
    // what waits goes along to the set in which the work goes on
    if (this.outbox.successor && this.outbox.store.isWritable) return;
    if (!this.outbox.pendingCount && !this.drafts.size) return;
    event.preventDefault();
    event.returnValue = "";
  }
}

/** @param {number} number */
function notSavedText(number) {
  return ngettext("%(n)s change not saved", "%(n)s changes not saved", number);
}

/** @param {number} number */
function draftsText(number) {
  return ngettext("%(n)s draft not sent", "%(n)s drafts not sent", number);
}

/** @param {number} number */
function savingText(number) {
  return ngettext("Saving %(n)s change …", "Saving %(n)s changes …", number);
}
