// @ts-check
/** Messages at the edge of the page. */

import { createButton, createElement, findPart } from "./dom.js";
import { gettext } from "./translation.js";

/** How long a message stays that needs no answer, in milliseconds. */
const MESSAGE_DURATION = 8_000;

/** Sentences for people: warnings stay until they are closed, other messages go by themselves. */
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
    const same = [...this.root.children].find((one) => one.textContent === message.textContent);
    same?.remove();
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
