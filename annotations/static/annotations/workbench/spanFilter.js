// @ts-check
/** The filter of the marks, by label, actor and problem: what does not fit is hidden in the list and in the text. */

import { createButton, createElement, createId, replaceContent } from "./dom.js";
import { gettext, interpolate, ngettext } from "./translation.js";

export class SpanFilter {
  /**
   * @param {Pick<Services, "model" | "scheme" | "registry" | "groupBar">} services
   * @param {HTMLElement} list before which the filter stands
   */
  constructor({ model, scheme, registry, groupBar }, list) {
    this.model = model;
    this.scheme = scheme;
    this.registry = registry;
    this.summary = createElement("summary");
    this.fields = {
      label: this.createSelect(gettext("Label"), "label"),
      actor: this.createSelect(gettext("Actor"), "actor"),
      code: this.createSelect(gettext("Problem"), "code"),
    };
    const rows = Object.values(this.fields).map(({ element }) => element);
    this.clearButton = createButton(gettext("Show all marks"), () => this.clear(), { "data-action": "show-all" });
    this.chooseButton = createButton(gettext("Choose all these marks"), () => groupBar.chooseAll(), { "data-action": "choose-shown", "aria-keyshortcuts": "Z" });
    const buttons = createElement("div", { class: "bar-group" }, this.chooseButton, this.clearButton);
    this.element = createElement("details", { class: "filter", "data-part": "filter" }, this.summary, createElement("div", { class: "fields" }, rows, buttons));
    list.before(this.element);
    model.on("change", () => this.draw());
    this.element.addEventListener("toggle", () => this.draw());
    this.draw();
  }

  /**
   * @param {string} title
   * @param {keyof SpanFilterValues} name
   */
  createSelect(title, name) {
    const id = createId("filter");
    const select = createElement("select", { id, "data-filter": name });
    select.addEventListener("change", () => this.model.setFilter({ ...this.model.filter, [name]: select.value }));
    return { select, element: createElement("div", { class: "field" }, createElement("label", { for: id }, title), select) };
  }

  clear() {
    this.model.setFilter({ label: "", actor: "", code: "" });
    this.summary.focus();
  }

  draw() {
    const { model } = this;
    const { length } = model.orderedSpans;
    this.element.hidden = !length;
    const isActive = model.isFiltered;
    const words = ngettext("%(shown)s of %(n)s mark shown", "%(shown)s of %(n)s marks shown", length);
    const counts = { shown: model.listedSpans.length, n: length };
    this.summary.textContent = isActive ? interpolate(words, counts, true) : gettext("Filter");
    this.clearButton.hidden = !isActive;
    this.chooseButton.hidden = !model.isEditable || !model.listedSpans.length;
    if (this.element.open) this.drawFields();
  }

  drawFields() {
    const { model, scheme, registry } = this;
    const { orderedSpans: spans, filter } = model;
    const actors = [...new Set(spans.map(({ actor }) => actor).filter((actor) => actor !== null))];
    const codes = [...new Set((model.problems ?? []).filter(({ span }) => model.findSpan(span)).map(({ code }) => code))].sort();
    const named = actors.map((id) => ({ value: id, text: registry.actorName(id) ?? id })).sort((one, other) => one.text.localeCompare(other.text));
    fillSelect(this.fields.label.select, filter.label, scheme.labels.map(({ name, title }) => ({ value: name, text: title })));
    fillSelect(this.fields.actor.select, filter.actor, [{ value: "none", text: gettext("not linked") }, ...named]);
    fillSelect(this.fields.code.select, filter.code, [{ value: "any", text: gettext("any problem") }, ...codes.map((code) => ({ value: code, text: code }))]);
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {string} value
 * @param {Choice[]} choices
 */
function fillSelect(select, value, choices) {
  const all = [{ value: "", text: gettext("all") }, ...choices];
  const key = JSON.stringify(all);
  if (select.dataset.choices !== key) replaceContent(select, all.map((one) => createElement("option", { value: one.value }, one.text)));
  select.dataset.choices = key;
  select.value = value;
}
