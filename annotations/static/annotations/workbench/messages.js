// @ts-check
/** Messages at the edge of the page. */

import { createButton, createElement, findPart } from "./dom.js";
import { gettext } from "./translation.js";

/** How long a message stays that needs no answer, in milliseconds. */
const MESSAGE_DURATION = 8_000;
/** How many warnings wait to be closed at once; the newest one takes the place of the oldest. */
const MOST_WARNINGS = 3;

/**
 * Sentences for people, in a line below everything, which covers nothing: warnings stay until they are closed, other
 * messages go by themselves, and a newer one takes their place at once.
 */
export class Messages {
  constructor() {
    this.root = findPart("messages");
    this.announcer = findPart("announce");
  }

  /** @param {...Child} words */
  showWarning(...words) {
    return this.showMessage("warning", words);
  }

  /**
   * @param {string} text
   * @param {...Child} more
   */
  showInfo(text, ...more) {
    const message = this.showMessage("info", [text, ...more]);
    setTimeout(() => message.remove(), MESSAGE_DURATION);
    return message;
  }

  /**
   * @param {string} kind
   * @param {Child[]} words
   */
  showMessage(kind, words) {
    const message = createElement("div", { class: `message ${kind}` }, createElement("p", {}, ...words));
    message.append(createButton("×", () => message.remove(), { class: "icon", "aria-label": gettext("Close the message") }));
    const others = [...this.root.children].filter((one) => one.classList.contains(kind));
    for (const other of others) if (kind === "info" || other.textContent === message.textContent) other.remove();
    if (kind === "warning" && others.length >= MOST_WARNINGS) others[0]?.remove();
    this.root.append(message);
    return message;
  }

  /**
   * Tell screen readers what can be seen on the page.
   *
   * @param {string} text
   */
  announce(text) {
    this.announcer.textContent = text;
  }
}
