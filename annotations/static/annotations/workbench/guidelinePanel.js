// @ts-check
/** The guideline of the corpus beside the text, found by a rule's code or by words. */

import { errorText } from "./api.js";
import { createElement, createId, findPart, replaceContent } from "./dom.js";
import { renderGuideline } from "./guidelineText.js";
import { foldText } from "./registry.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";

const CODE = /^[A-Z]{1,3}\d{1,3}$/i;
const HEADING = /^H[1-6]$/;

export class GuidelinePanel {
  /** @param {Pick<Services, "api" | "registry" | "messages" | "tabs">} services */
  constructor({ api, registry, messages, tabs }) {
    this.api = api;
    this.registry = registry;
    this.messages = messages;
    this.tabs = tabs;
    this.root = findPart("guideline");
    /** @type {Promise<void> | null} */
    this.loading = null;
    this.body = createElement("div", { class: "guideline" }, createElement("p", { class: "empty" }, gettext("Loading …")));
    this.resultNote = createElement("p", { class: "note", role: "status" });
    this.searchField = createElement("input", {
      id: createId("rule"),
      type: "search",
      autocomplete: "off",
      "data-part": "rule-search",
      placeholder: gettext("B1, or a word"),
      oninput: () => this.search(),
      onkeydown: (event) => this.onKey(event),
    });
    const label = createElement("label", { for: this.searchField.id }, gettext("Find a rule"));
    const form = createElement("div", { class: "finder", role: "search" }, label, this.searchField);
    replaceContent(this.root, form, this.resultNote, this.body);
    tabs.root.addEventListener("click", () => !this.root.hidden && this.load());
  }

  /** Load the guideline when it is first shown. */
  load() {
    this.loading ??= this.loadGuideline().catch((error) => {
      this.loading = null;
      replaceContent(this.body, createElement("p", { class: "trouble" }, errorText(error)));
    });
    return this.loading;
  }

  async loadGuideline() {
    const { api, registry } = this;
    const { data } = await api.get(`${registry.path}/`);
    const version = createElement("p", { class: "note" }, interpolate(gettext("Version %(number)s of the guideline."), { number: data.guideline_version }, true));
    const empty = createElement("p", { class: "empty" }, gettext("This corpus has no guideline."));
    replaceContent(this.body, data.guideline.trim() ? [version, ...renderGuideline(data.guideline)] : empty);
  }

  /** Show the panel, with the cursor in the search field. */
  async openSearch() {
    this.tabs.show("guideline");
    this.searchField.focus();
    this.searchField.select();
    await this.load();
  }

  /**
   * Open a rule by its code.
   *
   * @param {string} code
   */
  async openRule(code) {
    this.tabs.show("guideline");
    await this.load();
    this.searchField.value = "";
    this.search();
    const rule = this.findRule(code);
    if (rule) this.showRule(rule).focus({ preventScroll: true });
    else this.messages.showInfo(interpolate(gettext("The guideline of this corpus has no rule %(code)s."), { code }, true));
  }

  /** @param {string} code */
  findRule(code) {
    return this.findElements(`[data-rule="${CSS.escape(code.toUpperCase())}"]`)[0] ?? null;
  }

  /**
   * @param {string} selector
   * @param {HTMLElement} root
   */
  findElements(selector, root = this.body) {
    return [...root.querySelectorAll(selector)].filter((element) => element instanceof HTMLElement);
  }

  /** @param {HTMLElement} rule */
  showRule(rule) {
    this.body.querySelector(".found-rule")?.classList.remove("found-rule");
    rule.classList.add("found-rule");
    scrollPanelTo(rule);
    return rule;
  }

  /** Go to the rule whose code was typed; for other words, show only the places that contain them. */
  search() {
    const typed = this.searchField.value.trim();
    const rule = CODE.test(typed) ? this.findRule(typed) : null;
    this.filterRules(rule ? "" : foldText(typed));
    this.body.querySelector(".found-rule")?.classList.remove("found-rule");
    if (rule) this.showRule(rule);
  }

  /** @param {string} words */
  filterRules(words) {
    const units = this.findElements("li, p, tbody tr");
    for (const unit of units) unit.hidden = Boolean(words) && !foldText(unit.textContent).includes(words);
    this.hideEmpty(Boolean(words));
    const found = units.filter((unit) => !unit.hidden).length;
    this.resultNote.textContent = words ? formatCount(ngettext("%(n)s place found.", "%(n)s places found.", found), found) : "";
  }

  /**
   * Hide lists and tables without a visible line, and headings with nothing below them.
   *
   * @param {boolean} isFiltered
   */
  hideEmpty(isFiltered) {
    let filled = false;
    for (const block of this.findElements(":scope > *").reverse()) {
      const isHeading = HEADING.test(block.tagName);
      const units = block.matches("p") ? [block] : this.findElements("li, p, tbody tr", block);
      if (isHeading) block.hidden = isFiltered && !filled;
      else if (!block.matches("p")) block.hidden = isFiltered && units.every((unit) => unit.hidden);
      filled = isHeading ? false : filled || !block.hidden;
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== "Enter") return;
    const first = this.findElements(".found-rule")[0] ?? this.findElements("[data-rule]:not([hidden])")[0];
    if (first) this.showRule(first).focus({ preventScroll: true });
  }
}

/**
 * Scroll the panel, and the page only where the panel is as long as its content.
 *
 * @param {HTMLElement} rule
 */
function scrollPanelTo(rule) {
  const frames = [rule.closest('[data-part="guideline"]'), rule.closest('[data-part="side"]')];
  const frame = frames.find((one) => one && one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY === "auto");
  if (!frame) return rule.scrollIntoView({ block: "nearest" });
  const by = rule.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 3;
  return frame.scrollBy({ top: by });
}
