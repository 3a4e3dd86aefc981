// @ts-check
/** What a reviewer looks at first: how the set differs from what was submitted before. */

import { errorText } from "./api.js";
import { revealRange } from "./articleText.js";
import { createButton, createElement, findPart, isolateText, replaceContent, shortenText } from "./dom.js";
import { formatCount, gettext, ngettext, pgettext, quoteText } from "./translation.js";

const PAUSE = 400;

/** What became of a mark, in one word. */
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
    this.turn = 0;
    outbox.on("stored", () => this.later());
    model.on("change", () => this.follow());
    this.follow();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  /** A new state or a new version of somebody else's may have another answer. */
  follow() {
    const { id, state } = this.model.set;
    const key = `${id} ${state}`;
    if (key === this.loadedKey) return this.draw();
    this.loadedKey = key;
    return this.load();
  }

  async load() {
    const { model, api } = this;
    this.turn += 1;
    const { turn } = this;
    try {
      const { data } = await api.get(`sets/${model.set.id}/changes/`);
      if (turn !== this.turn) return;
      this.take(data);
    } catch (error) {
      if (turn === this.turn) this.failure = errorText(error);
    }
    this.draw();
  }

  /** @param {{ since: number | null, changes: SetChange[] }} answer */
  take({ since, changes }) {
    this.failure = null;
    this.since = since;
    this.changes = changes;
    this.kinds = new Map(changes.map(({ span, kind }) => [span, kind]));
    this.model.changed();
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
    tabs.offer("changes", isShown);
    const rows = isShown ? this.changes.map((change) => ({ change, facts: describeDifferences(this.scheme, this.registry, change) })) : [];
    const key = JSON.stringify([isShown, this.failure, rows, model.isMine, registry.actors.size]);
    if (key === this.drawnKey) return;
    this.drawnKey = key;
    tabs.count("changes", rows.length, formatCount(ngettext("%(n)s change", "%(n)s changes", rows.length), rows.length));
    replaceContent(this.root, this.note(), createElement("ol", { class: "changes" }, rows.map((row) => this.item(row))));
  }

  note() {
    if (this.failure) return createElement("p", { class: "trouble" }, this.failure);
    const isBack = this.model.isEditable;
    const some = isBack ? gettext("What has changed since the set came back:") : gettext("What has changed since the last submission:");
    const none = isBack ? gettext("Nothing has changed since the set came back.") : gettext("Nothing has changed since the last submission.");
    return createElement("p", { class: "note" }, this.changes.length ? some : none);
  }

  /** @param {{ change: SetChange, facts: string[] }} row */
  item({ change, facts }) {
    const span = change.after ?? change.before;
    const head = createButton("", () => this.go(change), { class: "change" });
    head.append(
      createElement("span", { class: `kind ${change.kind}` }, CHANGE_TITLES[change.kind]),
      createElement("span", { class: "quote" }, isolateText(shortenText(span.quote))),
      createElement("span", { class: "summary" }, facts.map((fact) => createElement("span", { class: "fact" }, fact))),
    );
    return createElement("li", { "data-change": change.span, "data-kind": change.kind }, head);
  }

  /**
   * To the mark; of one that is gone, to the words that it covered.
   *
   * @param {SetChange} change
   */
  go({ span, before }) {
    const { model, tabs, selection, textNodes } = this;
    if (model.span(span)) {
      tabs.show("spans");
      model.choose(span);
      this.focusSpan(span);
      return;
    }
    if (!before) return;
    const range = model.range(before);
    revealRange(textNodes, ...range);
    selection.set(...range);
  }
}

/**
 * In words, what is different in a span.
 *
 * @param {Scheme} scheme
 * @param {Registry} registry
 * @param {SetChange} change
 */
function describeDifferences(scheme, registry, { kind, before, after }) {
  if (kind === "added" || kind === "removed") return [scheme.label((after ?? before).label).title];
  /** @type {string[]} */
  const facts = [];
  /**
   * @param {string} title
   * @param {string | undefined} old
   * @param {string | undefined} now
   */
  const tell = (title, old, now) => old !== now && facts.push(`${title}: ${old || gettext("none")} → ${now || gettext("none")}`);
  tell(gettext("label"), scheme.label(before.label).title, scheme.label(after.label).title);
  if (kind === "moved") tell(gettext("words"), quoteText(shortenText(before.quote, 60)), quoteText(shortenText(after.quote, 60)));
  for (const name of new Set([...Object.keys(before.attributes), ...Object.keys(after.attributes)])) {
    tell(scheme.attribute(name).title, scheme.value(name, before.attributes[name]), scheme.value(name, after.attributes[name]));
  }
  tell(gettext("actor"), registry.actorName(before.actor), registry.actorName(after.actor));
  tell(gettext("issue"), registry.propositionText(before.proposition), registry.propositionText(after.proposition));
  return facts;
}
