// @ts-check
/** The panel with the changes since the last submission, which a reviewer looks at first. */

import { errorText } from "./api.js";
import { revealRange } from "./articleText.js";
import { createButton, createElement, findPart, isolateText, replaceContent, shortenText } from "./dom.js";
import { formatCount, gettext, ngettext, pgettext, quoteText } from "./translation.js";

const PAUSE = 400;

/** Names of the kinds of change. */
export const CHANGE_TITLES = {
  added: pgettext("change of a mark", "added"),
  removed: pgettext("change of a mark", "removed"),
  moved: pgettext("change of a mark", "moved"),
  changed: pgettext("change of a mark", "changed"),
};

export class ChangesPanel {
  /** @param {Pick<Services, "model" | "api" | "outbox" | "scheme" | "registry" | "tabs" | "selection" | "textNodes" | "focusSpan">} services */
  constructor({ model, api, outbox, scheme, registry, tabs, selection, textNodes, focusSpan }) {
    this.model = model;
    this.api = api;
    this.scheme = scheme;
    this.registry = registry;
    this.tabs = tabs;
    this.selection = selection;
    this.textNodes = textNodes;
    this.focusSpan = focusSpan;
    this.root = findPart("changes");
    /** @type {number | null} */
    this.since = null;
    /** @type {string | null} */
    this.failure = null;
    /** @type {string | null} the set and state that were loaded */
    this.loadedKey = null;
    /** @type {string | null} what is drawn */
    this.drawnKey = null;
    /** @type {SetChange[]} */
    this.changes = [];
    /** @type {Map<string, SetChange["kind"]>} */
    this.kinds = new Map();
    this.loadNumber = 0;
    outbox.on("stored", () => this.loadLater());
    model.on("change", () => this.loadIfStateChanged());
    this.loadIfStateChanged();
  }

  loadLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  /** Load again when the set or its state is another one; otherwise only draw. */
  loadIfStateChanged() {
    const { id, state } = this.model.set;
    const key = `${id} ${state}`;
    if (key === this.loadedKey) return this.draw();
    this.loadedKey = key;
    return this.load();
  }

  async load() {
    const { model, api } = this;
    this.loadNumber += 1;
    const { loadNumber } = this;
    try {
      const { data } = await api.get(`sets/${model.set.id}/changes/`);
      if (loadNumber !== this.loadNumber) return;
      this.showAnswer(data);
    } catch (error) {
      if (loadNumber === this.loadNumber) this.failure = errorText(error);
    }
    this.draw();
  }

  /** @param {{ since: number | null, changes: SetChange[] }} answer */
  showAnswer({ since, changes }) {
    this.failure = null;
    this.since = since;
    this.changes = changes;
    this.kinds = new Map(changes.map(({ span, kind }) => [span, kind]));
    this.model.notifyViews();
  }

  /**
   * How a span differs from the last submission, if it does: the sign on its line of the list.
   *
   * @param {string} id
   */
  kindOf(id) {
    return this.kinds.get(id) ?? null;
  }

  draw() {
    const { tabs, model, registry } = this;
    const isShown = this.since !== null || Boolean(this.failure);
    tabs.setOffered("changes", isShown);
    const rows = isShown ? this.changes.map((change) => ({ change, facts: describeDifferences(this.scheme, this.registry, change) })) : [];
    const key = JSON.stringify([isShown, this.failure, rows, model.isMine, registry.actors.size]);
    if (key === this.drawnKey) return;
    this.drawnKey = key;
    tabs.setCount("changes", rows.length, formatCount(ngettext("%(n)s change", "%(n)s changes", rows.length), rows.length));
    replaceContent(this.root, this.createNote(), createElement("ol", { class: "changes" }, rows.map((row) => this.createItem(row))));
  }

  createNote() {
    if (this.failure) return createElement("p", { class: "trouble" }, this.failure);
    const isBack = this.model.isEditable;
    const some = isBack ? gettext("What has changed since the set came back:") : gettext("What has changed since the last submission:");
    const none = isBack ? gettext("Nothing has changed since the set came back.") : gettext("Nothing has changed since the last submission.");
    return createElement("p", { class: "note" }, this.changes.length ? some : none);
  }

  /** @param {{ change: SetChange, facts: string[] }} row */
  createItem({ change, facts }) {
    const span = change.after ?? change.before;
    const head = createButton("", () => this.goToChange(change), { class: "change" });
    head.append(
      createElement("span", { class: `kind ${change.kind}` }, CHANGE_TITLES[change.kind]),
      createElement("span", { class: "quote" }, isolateText(shortenText(span.quote))),
      createElement("span", { class: "summary" }, facts.map((fact) => createElement("span", { class: "fact" }, fact))),
    );
    return createElement("li", { "data-change": change.span, "data-kind": change.kind }, head);
  }

  /**
   * Go to the changed span; if it is gone, to the words that it covered.
   *
   * @param {SetChange} change
   */
  goToChange({ span, before }) {
    const { model, tabs, selection, textNodes } = this;
    if (model.findSpan(span)) {
      tabs.show("spans");
      model.chooseSpan(span);
      this.focusSpan(span);
      return;
    }
    if (!before) return;
    const range = model.unitRangeOf(before);
    revealRange(textNodes, ...range);
    selection.select(...range);
  }
}

/**
 * Describe in words what has changed in a span.
 *
 * @param {Scheme} scheme
 * @param {Registry} registry
 * @param {SetChange} change
 */
function describeDifferences(scheme, registry, { kind, before, after }) {
  if (kind === "added" || kind === "removed") return [scheme.findLabel((after ?? before).label).title];
  /** @type {string[]} */
  const facts = [];
  /**
   * @param {string} title
   * @param {string | undefined} old
   * @param {string | undefined} now
   */
  const tell = (title, old, now) => old !== now && facts.push(`${title}: ${old || gettext("none")} → ${now || gettext("none")}`);
  tell(gettext("label"), scheme.findLabel(before.label).title, scheme.findLabel(after.label).title);
  if (kind === "moved") tell(gettext("words"), quoteText(shortenText(before.quote, 60)), quoteText(shortenText(after.quote, 60)));
  for (const name of new Set([...Object.keys(before.attributes), ...Object.keys(after.attributes)])) {
    tell(scheme.findAttribute(name).title, scheme.valueTitle(name, before.attributes[name]), scheme.valueTitle(name, after.attributes[name]));
  }
  tell(gettext("actor"), registry.actorName(before.actor), registry.actorName(after.actor));
  tell(gettext("issue"), registry.propositionText(before.proposition), registry.propositionText(after.proposition));
  return facts;
}
