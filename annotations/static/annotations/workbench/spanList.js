/**
 * The list of marks in reading order. Each item shows its range when it is focused, and opens when it
 * is the current one. What a screen reader knows of the marks, it knows from here.
 */

import { isRightToLeft } from "./articleText.js";
import { CHANGE_TITLES } from "./changesPanel.js";
import { createButton, createElement, isolateText, shortenText } from "./dom.js";
import { SpanEditor } from "./spanEditor.js";
import { gettext, interpolate } from "./translation.js";

/** So many lines are made at once; the rest when the browser has nothing else to do. */
const FIRST = 60;
const CHUNK = 150;
/** From so many on, lines out of sight are not laid out. */
const LONG = 200;

const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(work, 30));

export class SpanList {
  constructor(app, root) {
    this.app = app;
    this.made = FIRST;
    this.isGrowing = false;
    this.root = root;
    this.items = new Map();
    const { model } = app;
    model.addEventListener("change", () => this.draw());
    model.addEventListener("choose", ({ detail }) => this.onChoose(detail));
    root.addEventListener("keydown", (event) => this.onKey(event));
    this.empty = createElement("p", { class: "empty" });
    root.after(this.empty);
    this.draw();
  }

  draw() {
    const { model } = this.app;
    const { ordered } = model;
    const hadFocus = this.root.contains(document.activeElement) ? this.focusedIndex() : -1;
    this.root.classList.toggle("long", ordered.length > LONG);
    this.sweep();
    this.arrange(ordered);
    this.empty.hidden = ordered.length > 0;
    this.empty.textContent = model.isEditable
      ? gettext("No marks yet. Select words in the text, then press a, c or p.")
      : gettext("Nothing is marked in this set.");
    if (hadFocus >= 0 && document.activeElement === document.body) this.focusNear(hadFocus);
  }

  focusedIndex() {
    return [...this.root.children].findIndex((child) => child.contains(document.activeElement));
  }

  /** Keep the focus in the list when what had it has gone. */
  focusNear(index) {
    const { current } = this.app.model;
    if (current) return this.focusHead(current);
    const item = this.root.children[Math.min(index, this.root.children.length - 1)];
    return (item?.querySelector("button") ?? this.app.text).focus();
  }

  sweep() {
    const { shown } = this.app.model;
    for (const [id, item] of this.items) {
      if (shown.spans.has(id)) continue;
      item.element.remove();
      this.items.delete(id);
    }
  }

  /** One walk along the list: what stands in its place stays there. */
  arrange(ordered) {
    let there = this.root.firstElementChild;
    const { current } = this.app.model;
    ordered.forEach((span, index) => {
      const isDue = index < this.made || span.id === current;
      const item = this.items.get(span.id) ?? (isDue ? this.make(span) : null);
      if (!item) return;
      item.show(span, index);
      if (there === item.element) there = there.nextElementSibling;
      else this.root.insertBefore(item.element, there);
    });
    if (ordered.length > this.made) this.grow();
  }

  /** Make more lines without being in anybody's way. */
  grow() {
    if (this.isGrowing) return;
    this.isGrowing = true;
    whenIdle(() => {
      this.isGrowing = false;
      this.made += CHUNK;
      this.arrange(this.app.model.ordered);
    });
  }

  /** The line of a mark, also if its turn has not come. */
  reach(id) {
    const { model } = this.app;
    if (this.items.has(id) || !model.span(id)) return;
    const index = model.ordered.findIndex((span) => span.id === id);
    const next = model.ordered.slice(index + 1).find((span) => this.items.has(span.id));
    const item = this.make(model.span(id));
    item.show(model.span(id), index);
    this.root.insertBefore(item.element, next ? this.items.get(next.id).element : null);
  }

  make(span) {
    const item = new SpanItem(this.app, span);
    this.items.set(span.id, item);
    return item;
  }

  onChoose({ reveal }) {
    this.draw();
    const item = this.items.get(this.app.model.current);
    if (item && reveal) scrollPanelTo(item.element);
  }

  /** Arrows walk through the list while the focus is on a line of it. */
  onKey(event) {
    if (this.onEdge(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches(".span-head") || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.app.commands.step(step);
  }

  /** Shift moves the end of the current mark, Alt its beginning. */
  onEdge(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !event.target.matches(".span-head") || event.shiftKey === event.altKey || event.metaKey) return false;
    event.preventDefault();
    const { commands, selection, places, model } = this.app;
    const [start] = model.chosen ? model.range(model.chosen) : [selection.focus];
    const turned = isRightToLeft(places, start) ? -step : step;
    commands.nudge(event.shiftKey ? "end" : "start", event.ctrlKey ? "grapheme" : "word", turned);
    return true;
  }

  focusHead(id) {
    this.reach(id);
    this.items.get(id)?.head.focus();
  }

  focusEditor(id, field) {
    this.items.get(id)?.editor?.focus(field);
  }
}

class SpanItem {
  constructor(app, span) {
    this.app = app;
    this.id = span.id;
    this.editor = null;
    this.head = createButton("", () => this.onClick(), { class: "span-head" });
    this.head.addEventListener("focus", () => this.choose());
    this.element = createElement("li", { "data-span": span.id, tabindex: "-1", class: "span" }, this.head);
    this.element.addEventListener("focus", () => this.head.focus());
    this.seen = [];
    this.key = null;
  }

  choose() {
    if (this.app.model.current !== this.id) this.app.model.choose(this.id);
  }

  onClick() {
    this.app.model.choose(this.id);
  }

  show(span, index) {
    const { model } = this.app;
    const isCurrent = model.current === this.id;
    if (!isCurrent && !this.editor && !this.isNews(span, index)) return;
    this.element.dataset.label = span.label;
    this.element.classList.toggle("current", isCurrent);
    this.element.classList.toggle("unsaved", model.isOpen(span.id));
    this.head.tabIndex = isCurrent || (!model.current && index === 0) ? 0 : -1;
    this.head.setAttribute("aria-expanded", String(isCurrent));
    this.showHead(span);
    this.showEditor(span, isCurrent);
  }

  /** Whether anything that a closed line shows is another object than the last time. */
  isNews(span, index) {
    const { model, registry } = this.app;
    const names = span.actor || span.proposition || model.relationsOf(span.id).length ? registry.turn : 0;
    const canEnter = !model.current && index === 0;
    const parts = [model.relationsOf(span.id), model.talk.get(span.id), model.problemsBySpan.get(span.id)];
    const ends = parts[0].map(({ target }) => model.span(target));
    const rows = [...parts, ends].flatMap((part) => [part?.length, ...(part ?? [])]);
    const seen = [span, model.current === this.id, model.isOpen(span.id), names, canEnter, this.app.review?.kindOf(span.id), ...rows];
    const isSame = seen.length === this.seen.length && seen.every((one, at) => one === this.seen[at]);
    this.seen = seen;
    return !isSame;
  }

  showHead(span) {
    const facts = this.facts(span);
    const { model } = this.app;
    const codes = [...model.codesOf(span.id)];
    const talk = model.comments(span.id).filter((one) => !one.resolved_at).length;
    const isOpen = model.isOpen(span.id);
    const change = this.app.review?.kindOf(span.id);
    const key = JSON.stringify([span.label, span.quote, facts, codes, talk, isOpen, change]);
    if (key === this.key) return;
    this.key = key;
    const { title } = this.app.scheme.label(span.label);
    this.head.replaceChildren(
      createElement("span", { class: `chip ${span.label}` }, title),
      createElement("span", { class: "quote" }, isolateText(shortenText(span.quote))),
      createElement("span", { class: "summary" }, facts.flatMap(withSeparator)),
      createElement("span", { class: "signs" }, createBadges(codes, talk, isOpen, change)),
    );
  }

  facts(span) {
    const { registry, model } = this.app;
    const out = model.relationsOf(span.id).filter(({ source }) => source === span.id);
    const related = out.map(({ type, target }) => {
      const other = model.span(target);
      const name = other?.actor ? registry.actorName(other.actor) : shortenText(other?.quote ?? "", 40);
      return `${this.app.scheme.relation(type).title} ${name}`;
    });
    const { stance, claim_type: claimType } = span.attributes;
    const link = span.actor ? [`= ${registry.actorName(span.actor)}`] : [];
    const issue = span.proposition ? [shortenText(registry.propositionText(span.proposition), 60)] : [];
    const { scheme } = this.app;
    return [...link, ...related, scheme.value("stance", stance), scheme.value("claim_type", claimType), ...issue].filter(Boolean);
  }

  showEditor(span, isCurrent) {
    if (!isCurrent) {
      this.editor?.element.remove();
      this.editor = null;
      return;
    }
    if (this.editor?.fits(span)) return this.editor.show(span);
    const held = this.editor?.element.contains(document.activeElement) && document.activeElement.dataset.field;
    this.editor?.element.remove();
    this.editor = new SpanEditor(this.app, span);
    this.element.append(this.editor.element);
    if (held) this.editor.focus(held);
  }
}

function withSeparator(fact, index) {
  return index ? [" · ", isolateText(fact)] : [isolateText(fact)];
}

function createBadges(codes, talk, isOpen, change) {
  const marks = codes.map((code) => createElement("span", { class: "code", title: interpolate(gettext("Problem %(code)s"), { code }, true) }, code));
  if (talk) marks.push(createElement("span", { class: "talk", title: gettext("Open comments") }, `💬 ${talk}`));
  if (change) marks.push(createElement("span", { class: `kind ${change}`, title: gettext("Since the last submission") }, CHANGE_TITLES[change]));
  if (isOpen) marks.push(createElement("span", { class: "open" }, gettext("not saved")));
  return marks;
}

/** Scroll the panel, never the page, so that the reader's place in the text stays. */
function scrollPanelTo(element) {
  const frame = element.closest('[data-part="side"]');
  if (!frame || frame.scrollHeight <= frame.clientHeight) return;
  const outer = frame.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  const head = frame.querySelector('[role="tablist"]')?.offsetHeight ?? 0;
  if (inner.top < outer.top + head) frame.scrollTop += inner.top - outer.top - head - 8;
  else if (inner.bottom > outer.bottom) {
    frame.scrollTop += Math.min(inner.bottom - outer.bottom + 8, inner.top - outer.top - head - 8);
  }
}
