/** Whether everything is saved, and what the service said when it refused. */

import { bdi, button, fill, h, part } from "./dom.js";
import { counted, gettext, ngettext } from "./words.js";

const SHORT = 8_000;

/** The save indicator: `data-pending` is the number of changes that are not acknowledged. */
export class SaveStatus {
  constructor(app) {
    this.app = app;
    this.root = part("saved");
    this.trouble = part("trouble");
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
    return isStopped ? counted(notSaved(pending), pending) : counted(saving(pending), pending);
  }

  drawTrouble(trouble) {
    const key = trouble?.detail ?? "";
    if (key === this.key) return;
    this.key = key;
    this.trouble.hidden = !trouble;
    fill(
      this.trouble,
      trouble && h("p", {}, bdi(trouble.detail), " ", gettext("Your changes wait here and are sent again until they arrive.")),
      trouble && button(gettext("Try now"), () => this.app.outbox.retry(), { "data-action": "retry" }),
      trouble && button(gettext("Discard them"), () => this.app.discard(), { "data-action": "discard" }),
    );
  }

  onLeave(event) {
    if (!this.app.outbox.pending) return;
    event.preventDefault();
    event.returnValue = "";
  }
}

/** Sentences for people: what was refused (stays until it is closed), what was done (goes by itself). */
export class Messages {
  constructor() {
    this.root = part("messages");
    this.quiet = part("announce");
  }

  warn(...words) {
    return this.put("warning", words);
  }

  say(text, ...more) {
    const message = this.put("info", [text, ...more]);
    setTimeout(() => message.remove(), SHORT);
    return message;
  }

  put(kind, words) {
    const message = h("div", { class: `message ${kind}` }, h("p", {}, words));
    message.append(button("×", () => message.remove(), { class: "icon", "aria-label": gettext("Close the message") }));
    const same = [...this.root.children].find((one) => one.textContent === message.textContent);
    same?.remove();
    this.root.append(message);
    return message;
  }

  /** For screen readers only: what the eye sees anyway. */
  announce(text) {
    this.quiet.textContent = text;
  }
}

function notSaved(number) {
  return ngettext("%(n)s change not saved", "%(n)s changes not saved", number);
}

function saving(number) {
  return ngettext("Saving %(n)s change …", "Saving %(n)s changes …", number);
}
