// @ts-check
/** What a reviewer has looked at. It is kept in this browser; a mark that changes is to be looked at again. */

import { createElement, findPart } from "./dom.js";
import { StoredRows } from "./storedRows.js";
import { gettext, interpolate, ngettext } from "./translation.js";

const ROOT = "standpoint.looked";

export class LookedAt {
  /** @param {Pick<Services, "model" | "tabs" | "commands" | "messages">} services */
  constructor({ model, tabs, commands, messages }) {
    this.model = model;
    this.tabs = tabs;
    this.commands = commands;
    this.messages = messages;
    /** @type {StoredRows<{ version: number }>} */
    this.rows = new StoredRows(`${ROOT}/${encodeURIComponent(model.me.username)}/${model.set.id}/`);
    this.rows.on("remote", () => model.notifyViews());
    this.line = createElement("p", { class: "looked-at", "data-part": "looked-at", role: "status", hidden: true });
    findPart("spans").before(this.line);
    model.on("change", () => this.draw());
    this.draw();
  }

  /** Whether there is a review in which marks are ticked. */
  get isOffered() {
    return this.model.canBlock;
  }

  /** @param {Span} span */
  has({ id, version }) {
    return this.isOffered && this.rows.get(id)?.version === version;
  }

  /**
   * @param {Span} span
   * @param {boolean} on
   */
  set({ id, version }, on) {
    if (on) this.rows.set(id, { version });
    else this.rows.delete(id);
    this.model.notifyViews();
  }

  /** Tick the current mark, and go to the next one that is not ticked. */
  tickCurrent() {
    const { model, commands, messages, tabs } = this;
    if (!this.isOffered) return commands.showHint(gettext("Marks are ticked in a review that is not of your own work."));
    const { currentSpan, orderedSpans } = model;
    if (currentSpan) this.set(currentSpan, true);
    const at = currentSpan ? orderedSpans.findIndex(({ id }) => id === currentSpan.id) + 1 : 0;
    const next = [...orderedSpans.slice(at), ...orderedSpans.slice(0, at)].find((span) => !this.has(span));
    tabs.show("spans");
    if (!next) return messages.announce(this.line.textContent ?? "");
    model.chooseSpan(next.id, { reveal: true });
    return null;
  }

  draw() {
    const { orderedSpans } = this.model;
    const all = orderedSpans.length;
    const ticked = orderedSpans.filter((span) => this.has(span)).length;
    this.line.hidden = !this.isOffered || !all;
    const words = interpolate(ngettext("%(ticked)s of %(n)s mark looked at", "%(ticked)s of %(n)s marks looked at", all), { ticked, n: all }, true);
    if (this.line.textContent !== words) this.line.textContent = words;
  }

  /**
   * A box to tick a span; its `show` draws it again.
   *
   * @param {CurrentSpan} current
   */
  createBox(current) {
    const box = createElement("input", { type: "checkbox", "data-field": "looked-at" });
    box.addEventListener("change", () => {
      const span = current();
      if (span) this.set(span, box.checked);
    });
    const element = createElement("label", { class: "check" }, box, " ", gettext("looked at"), " ", createElement("kbd", { "aria-hidden": "true" }, "v"));
    /** @param {Span} span */
    const show = (span) => {
      element.hidden = !this.isOffered;
      box.checked = this.has(span);
    };
    return { element, show };
  }
}
