// @ts-check
/**
 * The list of marks in reading order. Each item shows its range when it is focused, and opens when it
 * is the current one. What a screen reader knows of the marks, it knows from here.
 */

import { isRightToLeft } from "./articleText.js";
import { CHANGE_TITLES } from "./changesPanel.js";
import { createButton, createElement, elementOf, focusedElement, isolateText, shortenText } from "./dom.js";
import { LineWindow } from "./lineWindow.js";
import { SpanEditor } from "./spanEditor.js";
import { gettext, interpolate } from "./translation.js";

export class SpanList {
  /**
   * @param {SpanListServices} services
   * @param {HTMLElement} root
   */
  constructor(services, root) {
    const { model, selection, textNodes, commands, text, group, groupBar } = services;
    this.services = services;
    this.model = model;
    this.selection = selection;
    this.textNodes = textNodes;
    this.commands = commands;
    this.groupBar = groupBar;
    this.text = text;
    this.root = root;
    this.window = new LineWindow(root, () => this.arrangeLines());
    /** @type {string | null} the line that the focus is about to go to */
    this.wantedId = null;
    /** @type {Map<string, SpanItem>} */
    this.items = new Map();
    model.on("change", () => this.draw());
    model.on("choose", (detail) => this.onChoose(detail));
    group.on("change", () => this.draw());
    root.addEventListener("keydown", (event) => this.onKey(event));
    root.addEventListener("mousedown", (event) => keepFocus(event));
    this.emptyNote = createElement("p", { class: "empty" });
    root.after(this.emptyNote);
    this.draw();
  }

  draw() {
    const { model } = this;
    const hadFocus = this.root.contains(document.activeElement) ? this.focusedIndex() : -1;
    this.arrangeLines();
    this.emptyNote.hidden = model.listedSpans.length > 0;
    this.emptyNote.textContent = this.describeEmpty();
    if (hadFocus >= 0 && document.activeElement === document.body) this.focusNear(hadFocus);
  }

  describeEmpty() {
    const { model } = this;
    if (model.orderedSpans.length) return gettext("No mark fits the filter.");
    if (model.isEditable) return gettext("No marks yet. Select words in the text, then press a, c or p.");
    return gettext("Nothing is marked in this set.");
  }

  focusedIndex() {
    return [...this.root.children].findIndex((child) => child.contains(document.activeElement));
  }

  /**
   * Keep the focus in the list when the line that had it is gone.
   *
   * @param {number} index
   */
  focusNear(index) {
    const { currentId } = this.model;
    if (currentId) return this.focusHead(currentId);
    const item = this.root.children[Math.min(index, this.root.children.length - 1)];
    return (item?.querySelector("button") ?? this.text).focus();
  }

  /** Draw the lines near the view in order, that of the current span, and the one that has the focus. */
  arrangeLines() {
    const { model } = this;
    const { currentId } = model;
    // the chosen span stays in the list, also where a filter hides it
    const orderedSpans = model.orderedSpans.length === model.listedSpans.length ? model.orderedSpans : model.orderedSpans.filter((span) => span.id === currentId || model.isListed(span));
    const keys = orderedSpans.map(({ id }) => id);
    const active = document.activeElement;
    const focused = active?.closest("[data-span]")?.getAttribute("data-span");
    const chosen = this.window.select(keys, (id) => id === currentId || id === focused || id === this.wantedId);
    const before = this.items;
    this.items = new Map();
    this.window.place(keys, chosen, (index) => {
      const span = /** @type {Span} */ (orderedSpans[index]);
      const item = before.get(span.id) ?? new SpanItem(this.services, span);
      this.items.set(span.id, item);
      item.show(span, index);
      return item.element;
    });
  }

  /** @param {{ reveal: boolean }} detail */
  onChoose({ reveal }) {
    this.draw();
    const item = this.items.get(this.model.currentId ?? "");
    if (item && reveal) scrollPanelTo(item.element);
  }

  /**
   * Walk through the list by arrows while the focus is on one of its lines.
   *
   * @param {KeyboardEvent} event
   */
  onKey(event) {
    if (this.moveEdge(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !elementOf(event)?.matches(".span-head") || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey) this.groupBar.extendBy(step);
    else this.commands.goToSpan(step);
  }

  /**
   * Move an edge of the current span: Shift with an arrow its end, Alt its beginning.
   *
   * @param {KeyboardEvent} event
   */
  moveEdge(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !elementOf(event)?.matches(".span-head") || event.shiftKey === event.altKey || event.metaKey) return false;
    event.preventDefault();
    const { commands, selection, textNodes, model } = this;
    const [start] = model.currentSpan ? model.unitRangeOf(model.currentSpan) : [selection.focus];
    const turned = isRightToLeft(textNodes, start) ? -step : step;
    commands.moveEdge(event.shiftKey ? "end" : "start", event.ctrlKey ? "grapheme" : "word", turned);
    return true;
  }

  /** @param {string} id */
  focusHead(id) {
    this.wantedId = id;
    if (!this.items.has(id)) this.arrangeLines();
    this.items.get(id)?.head.focus();
    this.wantedId = null;
  }

  /**
   * @param {string} id
   * @param {string | undefined} field
   */
  focusEditor(id, field) {
    this.items.get(id)?.editor?.focus(field);
  }

  /** @param {string} id */
  pickIssue(id) {
    this.items.get(id)?.editor?.pickIssue();
  }

  /**
   * Put the cursor where a comment on a span is written.
   *
   * @param {string} id
   * @param {{ blocking?: boolean }} [options]
   */
  focusComment(id, options) {
    this.items.get(id)?.editor?.thread.answerComment(null, options);
  }
}

class SpanItem {
  /**
   * @param {SpanListServices} services
   * @param {Span} span
   */
  constructor(services, span) {
    const { model, scheme, registry, changes, drafts } = services;
    this.services = services;
    this.drafts = drafts;
    this.model = model;
    this.scheme = scheme;
    this.registry = registry;
    this.changes = changes;
    this.id = span.id;
    /** @type {SpanEditor | null} */
    this.editor = null;
    this.head = createButton("", (event) => this.onClick(event), { class: "span-head" });
    this.head.addEventListener("focus", () => this.choose());
    this.element = createElement("li", { "data-span": span.id, tabindex: "-1", class: "span" }, this.head);
    this.element.addEventListener("focus", () => this.head.focus());
    /** @type {unknown[]} what the closed line shows */
    this.shownValues = [];
    /** @type {string | null} */
    this.key = null;
  }

  choose() {
    if (this.model.currentId !== this.id) this.model.chooseSpan(this.id);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    if (!this.services.groupBar.press(this.id, event)) this.model.chooseSpan(this.id);
  }

  /**
   * @param {Span} span
   * @param {number} index
   */
  show(span, index) {
    const { model } = this;
    const isCurrent = model.currentId === this.id;
    if (!isCurrent && !this.editor && !this.hasChanged(span, index)) return;
    this.element.dataset.label = span.label;
    this.element.classList.toggle("current", isCurrent);
    this.element.classList.toggle("unsaved", model.isUnsaved(span.id));
    this.element.classList.toggle("grouped", this.services.group.has(span.id));
    this.head.tabIndex = isCurrent || (!model.currentId && index === 0) ? 0 : -1;
    this.head.setAttribute("aria-expanded", String(isCurrent));
    this.showHead(span);
    this.showEditor(span, isCurrent);
  }

  /**
   * Whether a closed line shows any other object than the last time.
   *
   * @param {Span} span
   * @param {number} index
   */
  hasChanged(span, index) {
    const { model, registry } = this;
    const names = span.actor || span.proposition || model.relationsOf(span.id).length ? registry.revision : 0;
    const canEnter = !model.currentId && index === 0;
    const relations = model.relationsOf(span.id);
    const parts = [relations, model.commentsBySpan.get(span.id), model.problemsBySpan.get(span.id)];
    const ends = relations.map(({ target }) => model.findSpan(target));
    const rows = [...parts, ends].flatMap((part) => [part?.length, ...(part ?? [])]);
    const seen = [span, model.currentId === this.id, model.isUnsaved(span.id), this.hasDraft(), this.services.lookedAt.has(span), this.services.group.has(span.id), names, canEnter, this.changes.kindOf(span.id), ...rows];
    const isSame = seen.length === this.shownValues.length && seen.every((one, at) => one === this.shownValues[at]);
    this.shownValues = seen;
    return !isSame;
  }

  /** Whether something is being written about the span: a comment, an answer, a field. */
  hasDraft() {
    const { ids } = this.drafts;
    return ids.has(this.id) || (ids.size > 0 && (this.model.commentsBySpan.get(this.id) ?? []).some(({ id }) => ids.has(id)));
  }

  /** @param {Span} span */
  showHead(span) {
    const facts = this.describeSpan(span);
    const { model } = this;
    const codes = [...model.problemCodesOf(span.id)];
    const talk = model.commentsOn(span.id).filter((one) => !one.resolved_at).length;
    const isOpen = model.isUnsaved(span.id);
    const change = this.changes.kindOf(span.id);
    const hasDraft = this.hasDraft();
    const isTicked = this.services.lookedAt.has(span);
    const isGrouped = this.services.group.has(span.id);
    const key = JSON.stringify([span.label, span.quote, facts, codes, talk, isOpen, change, hasDraft, isTicked, isGrouped]);
    if (key === this.key) return;
    this.key = key;
    const { title } = this.scheme.findLabel(span.label);
    this.head.replaceChildren(
      createElement("span", { class: `chip ${span.label}` }, title),
      createElement("span", { class: "quote" }, isolateText(shortenText(span.quote))),
      createElement("span", { class: "summary" }, facts.flatMap(withSeparator)),
      createElement("span", { class: "signs" }, createBadges(codes, talk, change, { isOpen, hasDraft, isTicked, isGrouped })),
    );
  }

  /** @param {Span} span */
  describeSpan(span) {
    const { registry, model } = this;
    const out = model.relationsOf(span.id).filter(({ source }) => source === span.id);
    const related = out.map(({ type, target }) => {
      const other = model.findSpan(target);
      const name = other?.actor ? registry.actorName(other.actor) : shortenText(other?.quote ?? "", 40);
      return `${this.scheme.findRelation(type).title} ${name}`;
    });
    const { stance, claim_type: claimType } = span.attributes;
    const link = span.actor ? [`= ${registry.actorName(span.actor)}`] : [];
    const issue = span.proposition ? [shortenText(registry.propositionText(span.proposition), 60)] : [];
    const { scheme } = this;
    return [...link, ...related, scheme.valueTitle("stance", stance), scheme.valueTitle("claim_type", claimType), ...issue].filter((fact) => fact !== undefined);
  }

  /**
   * @param {Span} span
   * @param {boolean} isCurrent
   */
  showEditor(span, isCurrent) {
    if (!isCurrent) {
      this.editor?.element.remove();
      this.editor = null;
      return;
    }
    if (this.editor?.fits(span)) return this.editor.show(span);
    const held = this.editor?.element.contains(document.activeElement) && focusedElement()?.dataset.field;
    this.editor?.element.remove();
    this.editor = new SpanEditor(this.services, span);
    this.element.append(this.editor.element);
    if (held) this.editor.focus(held);
  }
}

/**
 * Leave the current mark where it is, and the text of the page unselected, when a click adds a mark to those chosen.
 *
 * @param {MouseEvent} event
 */
function keepFocus(event) {
  if ((event.shiftKey || event.ctrlKey || event.metaKey) && elementOf(event)?.closest(".span-head")) event.preventDefault();
}

/**
 * @param {string} fact
 * @param {number} index
 */
function withSeparator(fact, index) {
  return index ? [" · ", isolateText(fact)] : [isolateText(fact)];
}

/**
 * @param {string[]} codes
 * @param {number} talk
 * @param {SetChange["kind"] | null} change
 * @param {{ isOpen: boolean, hasDraft: boolean, isTicked: boolean, isGrouped: boolean }} state
 */
function createBadges(codes, talk, change, { isOpen, hasDraft, isTicked, isGrouped }) {
  const marks = codes.map((code) => createElement("span", { class: "code", title: interpolate(gettext("Problem %(code)s"), { code }, true) }, code));
  if (talk) marks.push(createElement("span", { class: "talk", title: gettext("Open comments") }, `💬 ${talk}`));
  if (change) marks.push(createElement("span", { class: `kind ${change}`, title: gettext("Since the last submission") }, CHANGE_TITLES[change]));
  if (isTicked) marks.push(createElement("span", { class: "ticked", role: "img", "aria-label": gettext("looked at"), title: gettext("looked at") }, "✓"));
  if (isGrouped) marks.push(createElement("span", { class: "grouped" }, gettext("chosen")));
  if (hasDraft) marks.push(createElement("span", { class: "open" }, gettext("draft")));
  if (isOpen) marks.push(createElement("span", { class: "open" }, gettext("not saved")));
  return marks;
}

/**
 * Scroll the panel, never the page, so that the reader's place in the text stays.
 *
 * @param {HTMLElement} element
 */
function scrollPanelTo(element) {
  const frame = element.closest('[data-part="side"]');
  if (!frame || frame.scrollHeight <= frame.clientHeight) return;
  const outer = frame.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  const head = frame.querySelector('[role="tablist"]')?.clientHeight ?? 0;
  if (inner.top < outer.top + head) frame.scrollTop += inner.top - outer.top - head - 8;
  else if (inner.bottom > outer.bottom) {
    frame.scrollTop += Math.min(inner.bottom - outer.bottom + 8, inner.top - outer.top - head - 8);
  }
}
