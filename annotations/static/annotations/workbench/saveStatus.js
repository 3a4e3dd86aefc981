// @ts-check
/** The line in the bar that says whether everything is saved. */

import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { formatCount, gettext, ngettext } from "./translation.js";

/** The save indicator; `data-pending` is the number of changes that are not acknowledged. */
export class SaveStatus {
  /** @param {Pick<Services, "model" | "outbox" | "discard">} services */
  constructor({ model, outbox, discard }) {
    this.model = model;
    this.outbox = outbox;
    this.discard = discard;
    this.root = findPart("saved");
    this.trouble = findPart("trouble");
    /** The trouble that is drawn. */
    this.key = "";
    outbox.on("change", () => this.draw());
    window.addEventListener("beforeunload", (event) => this.onLeave(event));
    this.draw();
  }

  draw() {
    const { pendingCount, trouble } = this.outbox;
    this.root.dataset.pending = String(pendingCount);
    this.root.classList.toggle("failing", Boolean(trouble || this.outbox.conflict));
    const words = this.statusText(pendingCount, trouble);
    // a live region that is written to again would be read out again
    if (this.root.textContent !== words) this.root.textContent = words;
    this.drawTrouble(trouble);
  }

  /**
   * @param {number} pending
   * @param {Trouble | null} trouble
   */
  statusText(pending, trouble) {
    if (!pending) return this.model.isEditable ? gettext("All changes saved") : gettext("Nothing to save");
    const isStopped = trouble || this.outbox.conflict;
    return isStopped ? formatCount(notSavedText(pending), pending) : formatCount(savingText(pending), pending);
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
      trouble && createButton(gettext("Discard them"), () => this.discard(), { "data-action": "discard" }),
    );
  }

  /** @param {BeforeUnloadEvent} event */
  onLeave(event) {
    if (!this.outbox.pendingCount) return;
    event.preventDefault();
    event.returnValue = "";
  }
}

/** @param {number} number */
function notSavedText(number) {
  return ngettext("%(n)s change not saved", "%(n)s changes not saved", number);
}

/** @param {number} number */
function savingText(number) {
  return ngettext("Saving %(n)s change …", "Saving %(n)s changes …", number);
}
