// @ts-check
/** The panel with the problems by the guideline, each with its rule and a way to its place. */

import { errorText } from "./api.js";
import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { LineWindow } from "./lineWindow.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";

const PAUSE = 250;
/** How many problems a dialog names one by one. */
const MOST_IN_DIALOG = 50;

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
    /** @type {string | null} tells the service what this page knows already */
    this.state = null;
    this.note = createElement("div");
    this.list = createElement("ol", { class: "problems" });
    replaceContent(this.root, this.note, this.list);
    this.window = new LineWindow(this.list, () => this.drawLines());
    /** @type {Problem[]} the problems of the list */
    this.listed = [];
    /** @type {string[]} a name for each of them */
    this.keys = [];
    /** @type {Map<string, { problem: Problem, element: HTMLElement }>} the lines that are drawn, by their keys */
    this.lines = new Map();
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
      const known = this.state && model.problems ? `?since=${this.state}` : "";
      const { data } = await api.get(`sets/${model.set.id}/problems/changes/${known}`);
      if (loadNumber !== this.loadNumber) return;
      this.failure = null;
      this.state = data.state;
      model.setProblems(data.problems, data);
    } catch (error) {
      this.failure = errorText(error);
      model.notifyViews();
    }
  }

  draw() {
    const { model, tabs } = this;
    const problems = (model.problems ?? []).filter(({ span }) => !span || model.findSpan(span));
    tabs.setCount("problems", problems.length, formatCount(ngettext("%(n)s problem", "%(n)s problems", problems.length), problems.length));
    if (this.root.hidden) return;
    this.listed = problems;
    this.keys = problems.map(({ code, span, relation }, index) => (span ? `${code} ${span} ${relation}` : `${code} ${index}`));
    replaceContent(this.note, this.createNote(problems));
    this.drawLines();
  }

  /** Draw the lines near the view; those whose problem is the same stay as they are. */
  drawLines() {
    const { listed, keys } = this;
    const active = document.activeElement;
    const chosen = this.window.select(keys, (key) => Boolean(this.lines.get(key)?.element.contains(active)));
    const before = this.lines;
    this.lines = new Map();
    this.window.place(keys, chosen, (index) => {
      const problem = /** @type {Problem} */ (listed[index]);
      const key = keys[index] ?? "";
      const old = before.get(key);
      const line = old?.problem === problem ? old : { problem, element: this.createItem(problem) };
      this.lines.set(key, line);
      return line.element;
    });
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
   * Create the lines of a dialog, which has no room for thousands.
   *
   * @param {Problem[]} problems
   * @param {DialogLeaver} leave
   */
  createItems(problems, leave) {
    const rest = problems.length - MOST_IN_DIALOG;
    const lines = problems.slice(0, MOST_IN_DIALOG).map((one) => this.createItem(one, leave));
    const others = ngettext("%(n)s more is in the panel “Problems”.", "%(n)s more are in the panel “Problems”.", rest);
    return rest > 0 ? [...lines, createElement("li", { class: "note" }, formatCount(others, rest))] : lines;
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
