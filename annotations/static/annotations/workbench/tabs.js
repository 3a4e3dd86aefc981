// @ts-check
/** The panels beside the text, by the tab pattern of ARIA. */

import { findElement } from "./dom.js";
import { Emitter } from "./emitter.js";

/** @extends {Emitter<{ show: string }>} */
export class Tabs extends Emitter {
  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.tabs = [...root.querySelectorAll('[role="tab"]')].filter((tab) => tab instanceof HTMLElement);
    for (const tab of this.tabs) tab.addEventListener("click", () => this.show(nameOf(tab)));
    root.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {string} name */
  show(name) {
    for (const tab of this.tabs) {
      const isShown = nameOf(tab) === name;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
      if (panel) panel.hidden = !isShown;
    }
    this.emit("show", name);
  }

  /**
   * Show a tab, or hide it while its panel has nothing to say.
   *
   * @param {string} name
   * @param {boolean} isOffered
   */
  setOffered(name, isOffered) {
    const tab = this.findTab(name);
    const [first] = this.tabs;
    tab.hidden = !isOffered;
    if (!isOffered && first && tab.getAttribute("aria-selected") === "true") this.show(nameOf(first));
  }

  /**
   * Set the number beside the name of a tab, with words for those who hear it.
   *
   * @param {string} name
   * @param {number} number
   * @param {string} words
   */
  setCount(name, number, words) {
    const tab = this.findTab(name);
    const badge = findElement(tab, ".badge");
    badge.textContent = number ? String(number) : "";
    badge.hidden = !number;
    tab.setAttribute("aria-label", `${tab.dataset.title}: ${words}`);
  }

  /** @param {string} name */
  findTab(name) {
    const tab = this.tabs.find((one) => nameOf(one) === name);
    if (!tab) throw new Error(`missing-tab: ${name}`);
    return tab;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = STEPS[event.key];
    const tabs = this.tabs.filter((tab) => !tab.hidden);
    const index = tabs.findIndex((tab) => tab === document.activeElement);
    if (!step || index < 0) return;
    event.preventDefault();
    const next = tabs[(index + step + tabs.length) % tabs.length];
    if (!next) return;
    this.show(nameOf(next));
    next.focus();
  }
}

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** @param {HTMLElement} tab */
function nameOf(tab) {
  return tab.dataset.tab ?? "";
}
