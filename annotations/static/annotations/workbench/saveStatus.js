/** The line in the bar that says whether everything is saved. */

import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { formatCount, gettext, ngettext } from "./translation.js";

/** The save indicator: `data-pending` is the number of changes that are not acknowledged. */
export class SaveStatus {
  constructor(app) {
    this.app = app;
    this.root = findPart("saved");
    this.trouble = findPart("trouble");
    app.outbox.addEventListener("change", () => this.draw());
    window.addEventListener("beforeunload", (event) => this.onLeave(event));
    this.draw();
  }

  draw() {
    const { pending, trouble } = this.app.outbox;
    this.root.dataset.pending = String(pending);
    this.root.classList.toggle("failing", Boolean(trouble || this.app.outbox.conflict));
    const words = this.words(pending, trouble);
    // a live region that is written to again would be read out again
    if (this.root.textContent !== words) this.root.textContent = words;
    this.drawTrouble(trouble);
  }

  words(pending, trouble) {
    if (!pending) return this.app.model.isEditable ? gettext("All changes saved") : gettext("Nothing to save");
    const isStopped = trouble || this.app.outbox.conflict;
    return isStopped ? formatCount(notSavedText(pending), pending) : formatCount(savingText(pending), pending);
  }

  drawTrouble(trouble) {
    const key = trouble?.detail ?? "";
    if (key === this.key) return;
    this.key = key;
    this.trouble.hidden = !trouble;
    replaceContent(
      this.trouble,
      trouble && createElement("p", {}, isolateText(trouble.detail), " ", gettext("Your changes wait here and are sent again until they arrive.")),
      trouble && createButton(gettext("Try now"), () => this.app.outbox.retry(), { "data-action": "retry" }),
      trouble && createButton(gettext("Discard them"), () => this.app.discard(), { "data-action": "discard" }),
    );
  }

  onLeave(event) {
    if (!this.app.outbox.pending) return;
    event.preventDefault();
    event.returnValue = "";
  }
}

function notSavedText(number) {
  return ngettext("%(n)s change not saved", "%(n)s changes not saved", number);
}

function savingText(number) {
  return ngettext("Saving %(n)s change …", "Saving %(n)s changes …", number);
}
