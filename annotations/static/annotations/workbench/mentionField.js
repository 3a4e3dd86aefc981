// @ts-check
/**
 * Suggestions of people in a text that is being written: after an @ a list opens below the field, arrows move
 * through it, Enter or Tab takes a name, Escape closes it. The focus stays in the field.
 */

import { createElement, createId, isolateText, replaceContent } from "./dom.js";
import { completeMention, mentionAt, suggestPeople, unknownMentions } from "./memberMentions.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";

export class MentionField {
  /**
   * @param {Pick<Services, "model">} services
   * @param {HTMLTextAreaElement} field
   */
  constructor({ model }, field) {
    const { people, username } = model.me;
    this.people = people;
    this.others = people.filter((name) => name !== username);
    this.field = field;
    /** @type {string[]} */
    this.names = [];
    this.activeIndex = -1;
    this.list = createElement("ul", { id: createId("people"), role: "listbox", class: "options people", tabindex: "-1", hidden: true, "aria-label": gettext("People who can read this") });
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.status = createElement("p", { class: "out-of-sight", role: "status" });
    this.note = createElement("p", { class: "note", role: "status", hidden: true });
    this.element = createElement("div", { class: "mention-field" }, this.list, this.status, this.note);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
    field.addEventListener("input", (event) => this.onInput(event));
    field.addEventListener("keydown", (event) => this.onKey(event));
    field.addEventListener("click", () => this.close());
    field.addEventListener("blur", () => this.close());
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** @param {Event} event */
  onInput(event) {
    if (event instanceof InputEvent && event.isComposing) return;
    const mention = this.mention;
    this.show(mention ? suggestPeople(this.others, mention.query) : []);
    this.showUnknown(mention ? this.field.selectionStart : -1);
  }

  get mention() {
    const { value, selectionStart, selectionEnd } = this.field;
    return selectionStart === selectionEnd ? mentionAt(value, selectionStart) : null;
  }

  /** @param {string[]} names */
  show(names) {
    if (!names.length) return this.close();
    this.names = names;
    replaceContent(this.list, names.map((name, index) => this.createOption(name, index)));
    this.list.hidden = false;
    this.status.textContent = formatCount(ngettext("%(n)s person: arrows choose, Enter takes.", "%(n)s people: arrows choose, Enter takes.", names.length), names.length);
    return this.setActive(0);
  }

  /**
   * @param {string} name
   * @param {number} index
   */
  createOption(name, index) {
    const attributes = { id: `${this.list.id}-${index}`, role: "option", class: "option", "aria-selected": "false", onclick: () => this.take(index) };
    return createElement("li", attributes, isolateText(`@${name}`));
  }

  /** @param {number} index */
  setActive(index) {
    this.list.children[this.activeIndex]?.setAttribute("aria-selected", "false");
    this.activeIndex = index;
    const option = this.list.children[index];
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", option.id);
  }

  close() {
    if (!this.isOpen) return this.showUnknown();
    this.list.hidden = true;
    this.activeIndex = -1;
    this.status.textContent = "";
    this.field.removeAttribute("aria-activedescendant");
    return this.showUnknown();
  }

  /**
   * Say whom a mention will not reach.
   *
   * @param {number} [caret] where a name is still being written
   */
  showUnknown(caret) {
    const names = unknownMentions(this.field.value, this.people, caret);
    const words = names.length ? interpolate(gettext("Nobody who can read this is called %(names)s."), { names: names.join(", ") }, true) : "";
    this.note.hidden = !words;
    if (this.note.textContent !== words) this.note.textContent = words;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
    if (!this.isOpen || isComposing || ctrlKey || metaKey || altKey || shiftKey) return;
    const { length } = this.names;
    const does = {
      ArrowDown: () => this.setActive((this.activeIndex + 1) % length),
      ArrowUp: () => this.setActive((this.activeIndex + length - 1) % length),
      Enter: () => this.take(this.activeIndex),
      Tab: () => this.take(this.activeIndex),
      Escape: () => this.close(),
    }[key];
    if (!does) return void (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key) && this.close());
    event.preventDefault();
    // Escape would leave the field, and Enter would be meant for the form
    event.stopImmediatePropagation();
    does();
  }

  /** @param {number} index */
  take(index) {
    const { field, mention } = this;
    const name = this.names[index];
    if (!mention || name === undefined) return this.close();
    const { text, caret } = completeMention(field.value, mention, name);
    field.value = text;
    field.setSelectionRange(caret, caret);
    // those who keep a draft hear of it as of any other writing; it closes the list as well
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return this.close();
  }
}
