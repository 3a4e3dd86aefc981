// @ts-check
/** The search in the article: where words stand, from hit to hit, and marking all of them as one step. */

import { revealRange } from "./articleText.js";
import { createButton, createElement, createId, findPart, shortenText } from "./dom.js";
import { Emitter } from "./emitter.js";
import { FoldedText } from "./fold.js";
import { registerHighlights } from "./highlights.js";
import { findSpansOn } from "./spanGroup.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";

/** The hit that the search is at lies over the others, and those over all marks. */
const LAYERS = { hit: 6, "current-hit": 7 };

/** @extends {Emitter<{ change: null }>} */
export class ArticleSearch extends Emitter {
  /** @param {Pick<Services, "model" | "scheme" | "edits" | "segments" | "textNodes" | "selection" | "highlights" | "messages" | "commands" | "text" | "groupBar">} services */
  constructor({ model, scheme, edits, segments, textNodes, selection, highlights, messages, commands, text, groupBar }) {
    super();
    this.model = model;
    this.edits = edits;
    this.segments = segments;
    this.textNodes = textNodes;
    this.selection = selection;
    this.commands = commands;
    this.messages = messages;
    this.text = text;
    this.layers = highlights.isSupported ? registerHighlights(LAYERS) : new Map();
    /** @type {FoldedText | null} made when somebody searches */
    this.folded = null;
    /** @type {UnitRange[]} */
    this.hits = [];
    this.index = -1;
    this.root = findPart("find");
    const id = createId("find");
    this.input = createElement("input", { type: "search", id, "data-field": "find", autocomplete: "off", spellcheck: "false", placeholder: gettext("Search in the article") });
    this.countElement = createElement("output", { class: "count", for: id });
    this.labels = createElement("div", { class: "bar-group", role: "group", "aria-label": gettext("Mark all hits") });
    this.labels.append(...scheme.labels.map(({ name, title }) => createButton(createElement("span", { class: "sample" }, title), () => this.markAll(name), { class: `mark ${name}`, "data-mark-all": name })));
    this.marking = createElement("div", { class: "find-marking" }, createElement("span", { class: "note", "data-part": "find-all" }), this.labels);
    this.marking.append(createButton(gettext("Choose the marks on them"), () => groupBar.chooseAll(findSpansOn(model, this.hits)), { "data-action": "choose-hits" }));
    this.root.append(
      createElement("label", { for: id, class: "out-of-sight" }, gettext("Search in the article")),
      this.input,
      createButton("↑", () => this.step(-1), { class: "icon", "data-action": "previous-hit", "aria-label": gettext("Previous hit") }),
      createButton("↓", () => this.step(1), { class: "icon", "data-action": "next-hit", "aria-label": gettext("Next hit") }),
      this.countElement,
      this.marking,
      createButton("×", () => this.close(), { class: "icon close", "aria-label": gettext("Close the search") }),
    );
    this.input.addEventListener("input", () => this.search());
    // some layouts write the sign of the key nowhere
    findPart("find-button").addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    model.on("change", () => this.drawMarking());
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /** Open the search with the words that are selected, or with those of the last time. */
  open() {
    const { range } = this.selection;
    this.root.hidden = false;
    if (range && range[1] - range[0] <= 100) this.input.value = this.model.revision.text.slice(...range).trim();
    this.search();
    this.input.focus();
    this.input.select();
  }

  /** Go back to the text, with the hit selected. */
  close() {
    const hit = this.hits[this.index];
    this.root.hidden = true;
    this.setHits([], -1);
    this.text.focus({ preventScroll: true });
    if (hit) this.selection.select(...hit);
  }

  search() {
    this.folded ??= new FoldedText(this.model.revision.text);
    const hits = this.folded.find(this.input.value);
    const from = this.hits[this.index]?.[0] ?? Math.min(this.selection.anchor, this.selection.focus);
    const next = hits.findIndex(([start]) => start >= from);
    this.setHits(hits, hits.length ? Math.max(0, next) : -1);
    this.showHit();
  }

  /** @param {number} by */
  step(by) {
    const { length } = this.hits;
    if (!length) return;
    this.setHits(this.hits, (this.index + by + length) % length);
    this.showHit();
  }

  /**
   * @param {UnitRange[]} hits
   * @param {number} index
   */
  setHits(hits, index) {
    const { layers, textNodes } = this;
    if (hits !== this.hits) {
      layers.get("hit")?.clear();
      for (const hit of hits) layers.get("hit")?.add(textNodes.createStaticRange(...hit));
    }
    this.hits = hits;
    this.index = index;
    const hit = hits[index];
    layers.get("current-hit")?.clear();
    if (hit) layers.get("current-hit")?.add(textNodes.createStaticRange(...hit));
    this.countElement.textContent = this.describeHits();
    this.drawMarking();
    this.emit("change");
  }

  describeHits() {
    const { length } = this.hits;
    if (!this.input.value.trim()) return "";
    if (!length) return gettext("Nothing found");
    return interpolate(gettext("%(number)s of %(all)s"), { number: this.index + 1, all: length }, true);
  }

  showHit() {
    const hit = this.hits[this.index];
    if (hit) revealRange(this.textNodes, ...hit);
  }

  drawMarking() {
    const { length } = this.hits;
    this.marking.hidden = !length || !this.model.isEditable;
    const words = ngettext("Mark the one hit as", "Mark all %(n)s hits as", length);
    const note = this.marking.firstElementChild;
    if (note) note.textContent = formatCount(words, length);
  }

  /**
   * Mark every hit that has no such mark yet, as one step.
   *
   * @param {string} label
   */
  markAll(label) {
    const { model, edits, segments, commands, messages } = this;
    if (!commands.checkEditable()) return;
    const known = new Set(model.orderedSpans.filter((span) => span.label === label).map((span) => model.unitRangeOf(span).join()));
    const ranges = this.hits.flatMap((hit) => {
      const range = segments.snapRange(...segments.widenToCharacters(...hit));
      return range && !known.has(range.join()) ? [range] : [];
    });
    if (!ranges.length) return void messages.showInfo(gettext("All hits are marked so already."));
    edits.addSpans(label, ranges);
    const told = ngettext("Marked %(n)s hit of “%(quote)s”.", "Marked %(n)s hits of “%(quote)s”.", ranges.length);
    commands.offerUndo(interpolate(told, { n: ranges.length, quote: shortenText(this.input.value.trim(), 60) }, true));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && event.target === this.input && !event.ctrlKey && !event.metaKey) this.step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
