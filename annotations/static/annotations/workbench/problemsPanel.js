// @ts-check
/** The panel with the problems by the guideline, each with its rule and a way to its place. */

import { errorText } from "./api.js";
import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";

const PAUSE = 250;

export class ProblemsPanel {
  /** @param {Pick<Services, "model" | "api" | "outbox" | "tabs" | "guideline" | "focusSpan">} services */
  constructor({ model, api, outbox, tabs, guideline, focusSpan }) {
    this.model = model;
    this.api = api;
    this.tabs = tabs;
    this.guideline = guideline;
    this.focusSpan = focusSpan;
    this.root = findPart("problems");
    this.loadNumber = 0;
    /** @type {string | null} what is drawn */
    this.key = null;
    /** @type {string | null} */
    this.failure = null;
    outbox.on("stored", () => this.loadLater());
    model.on("change", () => this.draw());
    tabs.on("show", () => this.draw());
    this.load();
  }

  loadLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  /** Ask the service, which alone knows the rules. */
  async load() {
    const { model, api } = this;
    this.loadNumber += 1;
    const { loadNumber } = this;
    try {
      const { data } = await api.get(`sets/${model.set.id}/problems/`);
      if (loadNumber !== this.loadNumber) return;
      this.failure = null;
      model.setProblems(data.problems);
    } catch (error) {
      this.failure = errorText(error);
      model.notifyViews();
    }
  }

  draw() {
    const { model, tabs } = this;
    const problems = (model.problems ?? []).filter(({ span }) => !span || model.findSpan(span));
    tabs.setCount("problems", problems.length, formatCount(ngettext("%(n)s problem", "%(n)s problems", problems.length), problems.length));
    // hundreds of hidden lines would only cost time
    if (this.root.hidden) return;
    const key = JSON.stringify([problems, this.failure, model.isMine]);
    if (key === this.key) return;
    this.key = key;
    replaceContent(this.root, this.createNote(problems), createElement("ol", { class: "problems" }, problems.map((one) => this.createItem(one))));
  }

  /** @param {Problem[]} problems */
  createNote(problems) {
    if (this.failure) return createElement("p", { class: "trouble" }, this.failure);
    if (!this.model.problems) return createElement("p", { class: "empty" }, gettext("Checking …"));
    const blocking = problems.filter((one) => one.blocking).length;
    if (!problems.length) return createElement("p", { class: "empty" }, gettext("No problems by the guideline."));
    const rest = blocking ? formatCount(blockingText(blocking), blocking) : gettext("None of them stops a submission.");
    return createElement("p", { class: "note" }, rest);
  }

  /**
   * Create a line of the list. In a dialog, `leave` closes it before the line acts.
   *
   * @param {Problem} problem
   * @param {DialogLeaver} [leave]
   */
  createItem({ code, span, detail, blocking }, leave = (action) => action()) {
    const words = [isolateText(detail), blocking && [" ", createElement("em", {}, gettext("Blocks submission."))]];
    const content = span ? createButton("", () => leave(() => this.goToSpan(span)), { class: "detail" }) : createElement("div", { class: "detail" });
    replaceContent(content, words.flat());
    return createElement("li", { "data-code": code, class: "problem" }, this.createRuleLink(code, blocking, leave), content);
  }

  /**
   * Create the code, as a link to its rule in the guideline.
   *
   * @param {string} code
   * @param {boolean | undefined} blocking
   * @param {DialogLeaver} leave
   */
  createRuleLink(code, blocking, leave) {
    const classes = blocking ? "code blocking" : "code";
    /** @param {Event} event */
    const open = (event) => {
      event.preventDefault();
      leave(() => this.guideline.openRule(code));
    };
    return createElement("a", { class: classes, href: `#rule-${code}`, title: interpolate(gettext("Rule %(code)s in the guideline"), { code }, true), onclick: open }, code);
  }

  /** @param {string} span */
  goToSpan(span) {
    this.tabs.show("spans");
    this.model.chooseSpan(span);
    this.focusSpan(span);
  }
}

/** @param {number} number */
function blockingText(number) {
  return ngettext("%(n)s problem must be solved before it is submitted.", "%(n)s problems must be solved before it is submitted.", number);
}
