// @ts-check
/**
 * A field with a list of suggestions, by the combobox pattern of ARIA: the focus stays in the field,
 * arrows move through the list, Enter takes, Escape closes.
 */

import { errorText } from "./api.js";
import { createElement, createId, isolateText, replaceContent } from "./dom.js";
import { keysMeant } from "./keyMeaning.js";
import { gettext } from "./translation.js";

const SEARCH_DELAY = 120;

export class Combobox {
  /** @param {ComboboxOptions} options */
  constructor({ id, label, placeholder, search, shown, first = "", field, prefersFirst = false, onPicked = () => {} }) {
    this.search = search;
    this.currentText = shown;
    this.initialQuery = first;
    this.prefersFirst = prefersFirst;
    this.onPicked = onPicked;
    /** Whether digits choose, since the field was opened by a key and nothing is typed. */
    this.isPicking = false;
    /** @type {string | null} the digit that was pressed before the list was there */
    this.pickedKey = null;
    this.listId = createId("options");
    /** @type {Option[]} */
    this.options = [];
    this.activeIndex = -1;
    this.queryNumber = 0;
    this.isWaiting = false;
    this.entersNext = false;
    this.input = this.makeInput({ id, label, placeholder, field });
    // a list that scrolls would be a stop of its own for Tab, and is gone as soon as the focus is on it
    this.list = createElement("ul", { id: this.listId, role: "listbox", class: "options", tabindex: "-1", hidden: true, "aria-label": label });
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.element = createElement("div", { class: "combobox" }, this.input, this.list);
    this.reset();
  }

  /** @param {Pick<ComboboxOptions, "id" | "label" | "placeholder" | "field">} options */
  makeInput({ id, label, placeholder, field }) {
    return createElement("input", {
      id,
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      dir: "auto",
      placeholder,
      "data-field": field,
      "aria-label": id ? null : label,
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.listId,
      onfocus: () => this.openList(),
      onclick: () => this.openList(),
      oninput: () => this.searchLater(),
      onblur: () => this.reset(),
      onkeydown: (event) => this.onKey(event),
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Show the chosen text, unless the person is typing. */
  refresh() {
    if (document.activeElement !== this.input) this.input.value = this.currentText();
  }

  reset() {
    this.isPicking = false;
    this.cancelSearch();
    this.closeList();
    this.input.value = this.currentText();
  }

  /** Ignore the answer to the running search, and start none that is due. */
  cancelSearch() {
    clearTimeout(this.timer);
    this.queryNumber += 1;
    this.isWaiting = false;
    this.entersNext = false;
  }

  /** Open the list for one key: a digit takes an option, Enter the first one; then the focus goes on. */
  pick() {
    this.isPicking = true;
    this.pickedKey = null;
    if (document.activeElement === this.input) this.openList();
    else this.input.focus();
  }

  openList() {
    if (this.isOpen || this.isWaiting) return;
    this.input.select();
    this.runSearch(this.initialQuery);
  }

  searchLater() {
    this.isPicking = false;
    this.cancelSearch();
    this.isWaiting = true;
    this.timer = setTimeout(() => this.runSearch(this.input.value), SEARCH_DELAY);
  }

  /**
   * Search, and show the answer unless a newer question was asked meanwhile.
   *
   * @param {string} typed
   */
  async runSearch(typed) {
    const { entersNext } = this;
    this.cancelSearch();
    Object.assign(this, { isWaiting: true, entersNext });
    const { queryNumber } = this;
    let options;
    try {
      options = await this.search(typed);
    } catch (error) {
      options = [{ text: errorText(error), isNote: true }];
    }
    if (queryNumber !== this.queryNumber || document.activeElement !== this.input) return;
    const enters = this.entersNext;
    this.cancelSearch();
    this.showOptions(options);
    if (enters) this.takeActive();
    else if (this.pickedKey) this.takeKey(this.pickedKey);
  }

  /** @param {Option[]} options */
  showOptions(options) {
    this.options = options;
    replaceContent(this.list, options.length ? options.map((one, index) => this.createOption(one, index)) : createEmptyOption());
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    const real = options.filter(({ isNote, isExtra }) => !isNote && !isExtra);
    const [first] = real;
    // where nothing fits, what remains is to add it; that asks before it does
    const fallback = real.length ? -1 : options.findIndex(({ isNew }) => isNew);
    this.setActive(first && (real.length === 1 || this.prefersFirst || this.isPicking) ? options.indexOf(first) : fallback);
    this.list.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {Option} one
   * @param {number} index
   */
  createOption(one, index) {
    const hint = one.hint ? isolateText(one.hint, { class: "hint" }) : null;
    const attributes = {
      id: `${this.listId}-${index}`,
      role: "option",
      class: one.isExtra ? "option extra" : "option",
      "aria-selected": "false",
      "aria-disabled": one.isNote ? "true" : null,
      onclick: () => this.takeOption(index),
    };
    const key = this.isPicking && one.key ? createElement("kbd", {}, one.key) : null;
    return createElement("li", attributes, key, isolateText(one.text), hint);
  }

  closeList() {
    this.list.hidden = true;
    this.options = [];
    this.activeIndex = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  setActive(index) {
    this.list.children[this.activeIndex]?.setAttribute("aria-selected", "false");
    this.activeIndex = index;
    const option = index < 0 ? null : this.list.children[index];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    return this.input.setAttribute("aria-activedescendant", option.id);
  }

  /** @param {number} index */
  takeOption(index) {
    const option = this.options[index];
    if (!option?.take) return;
    this.cancelSearch();
    this.closeList();
    if (this.isPicking) this.onPicked();
    option.take();
    this.input.value = this.currentText();
  }

  /**
   * Take the option that a digit stands for; while the list is on its way, from the answer.
   *
   * @param {string} key
   */
  takeKey(key) {
    this.pickedKey = this.isWaiting ? key : null;
    const index = this.options.findIndex((one) => one.key === key);
    if (!this.isWaiting && index >= 0) this.takeOption(index);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const digit = this.isPicking ? keysMeant(event).find((key) => /^[0-9]$/.test(key)) : undefined;
    if (digit && !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      return this.takeKey(digit);
    }
    const does = {
      ArrowDown: () => this.moveActive(1),
      ArrowUp: () => this.moveActive(-1),
      Enter: () => this.takeActive(),
      Escape: () => this.cancel(event),
    }[event.key];
    if (!does || event.isComposing) return undefined;
    if (event.key !== "Escape") event.preventDefault();
    return void does();
  }

  /** @param {number} by */
  moveActive(by) {
    if (!this.isOpen) return this.runSearch(this.input.value);
    const { length } = this.options;
    return length ? this.setActive((this.activeIndex + by + length + (this.activeIndex < 0 && by < 0 ? 1 : 0)) % length) : null;
  }

  /** Take the active option. While an answer is awaited, the list shows an older one: then take from the answer. */
  takeActive() {
    if (this.isWaiting) {
      this.entersNext = true;
      return null;
    }
    if (!this.isOpen) return this.openList();
    return this.activeIndex < 0 ? null : this.takeOption(this.activeIndex);
  }

  /** @param {KeyboardEvent} event */
  cancel(event) {
    if (!this.isOpen) return;
    event.preventDefault();
    event.stopPropagation();
    const { isPicking } = this;
    this.reset();
    if (isPicking) this.onPicked();
  }
}

function createEmptyOption() {
  return createElement("li", { class: "option", role: "option", "aria-disabled": "true" }, gettext("Nothing found."));
}
