// @ts-check
/** In the bar of the marks that are chosen together: an attribute, a value, and the button that sets it for all. */

import { createButton, createElement, createId, replaceContent } from "./dom.js";
import { capitalize } from "./spanFields.js";
import { gettext, interpolate } from "./translation.js";

export class GroupAttributes {
  /**
   * @param {Pick<Services, "scheme">} services
   * @param {(attribute: AttributeRow, value: string) => void} set
   */
  constructor({ scheme }, set) {
    this.scheme = scheme;
    this.set = set;
    /** @type {Span[]} */
    this.spans = [];
    /** The names that the menu offers, so that it is drawn again only where others fit. */
    this.key = "";
    this.menu = createElement("select", { "data-field": "group-attribute", "aria-label": gettext("Attribute"), onchange: () => this.drawValue() });
    this.value = createElement("span", { class: "value", oninput: () => (this.isUndecided = false) });
    /** @type {HTMLSelectElement | HTMLInputElement | null} */
    this.control = null;
    /** Whether the marks differ and nothing was chosen yet: then nothing is set. */
    this.isUndecided = false;
    this.button = createButton(gettext("Set for all"), () => this.apply(), { "data-action": "set-attribute" });
    this.element = createElement("div", { class: "bar-group attributes", role: "group", "aria-label": gettext("Change an attribute of all"), onkeydown: (event) => this.onKey(event) }, this.menu, this.value, this.button);
  }

  /**
   * Offer what at least one of the marks may have.
   *
   * @param {Span[]} spans
   */
  show(spans) {
    this.spans = spans;
    const labels = new Set(spans.map(({ label }) => label));
    const fitting = this.scheme.attributes.filter(({ name }) => [...labels].some((label) => this.scheme.attributesOf(label).some((one) => one.name === name)));
    const key = fitting.map(({ name }) => name).join();
    this.element.hidden = !fitting.length;
    if (key === this.key) return;
    this.key = key;
    const chosen = this.menu.value;
    const options = fitting.map(({ name, title, description }) => createElement("option", { value: name, title: description }, capitalize(title)));
    replaceContent(this.menu, createElement("option", { value: "" }, gettext("Set an attribute")), options);
    this.menu.value = fitting.some(({ name }) => name === chosen) ? chosen : "";
    this.drawValue();
  }

  /** Show the control of the chosen attribute, with the value that all marks share. */
  drawValue() {
    const { scheme, menu } = this;
    const attribute = scheme.findAttribute(menu.value);
    this.control = menu.value ? createControl(attribute) : null;
    this.button.hidden = !this.control;
    replaceContent(this.value, this.control);
    if (!this.control) return;
    const values = new Set(this.spans.filter(({ label }) => label in attribute.uses).map(({ attributes }) => attributes[attribute.name] ?? ""));
    this.isUndecided = values.size > 1;
    this.control.value = [...values][0] ?? "";
    if (this.isUndecided) emptyControl(this.control);
  }

  apply() {
    if (this.isUndecided) this.control?.focus();
    else if (this.control) this.set(this.scheme.findAttribute(this.menu.value), this.control.value.trim());
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== "Enter" || event.isComposing || event.target !== this.control) return;
    event.preventDefault();
    this.apply();
  }
}

/**
 * Show that there is no common value.
 *
 * @param {HTMLSelectElement | HTMLInputElement} control
 */
function emptyControl(control) {
  if (control instanceof HTMLSelectElement) control.selectedIndex = -1;
  else Object.assign(control, { value: "", placeholder: gettext("Different values") });
}

/**
 * The values to choose from, or a line of text.
 *
 * @param {AttributeRow} attribute
 */
function createControl({ name, title, kind, max_length: longest, choices = [], description }) {
  const shared = { id: createId("field"), "data-field": "group-value", "aria-label": interpolate(gettext("Value of “%(attribute)s”"), { attribute: title }, true), title: description };
  if (kind === "choice") {
    const options = choices.map(({ value, text, description: about }) => createElement("option", { value, title: about }, text));
    return createElement("select", shared, createElement("option", { value: "" }, gettext("No value")), options);
  }
  const placeholder = kind === "date" ? gettext("2025, 2025-03 or 2025-03-14") : gettext("No value");
  return createElement("input", { type: "text", dir: "auto", autocomplete: "off", maxlength: longest, placeholder, name, ...shared });
}
