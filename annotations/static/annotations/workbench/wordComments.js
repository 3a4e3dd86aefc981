// @ts-check
/** Comments on words of the text that need no mark: the form for a new one, and where they stand in the text. */

import { revealRange } from "./articleText.js";
import { CommentForm } from "./commentForm.js";
import { createButton, createElement, findPart, isolateText, replaceContent, shortenText } from "./dom.js";
import { registerHighlights } from "./highlights.js";
import { MissingSpanForm } from "./missingSpan.js";
import { gettext, interpolate, interpolateElements, quoteText } from "./translation.js";

/** Names with their priorities, below those of marks that are chosen. */
const LAYERS = { commented: 3, commenting: 6 };

export class WordComments {
  /** @param {ThreadServices & Pick<Services, "tabs" | "textNodes" | "highlights" | "text">} services */
  constructor(services) {
    const { model, selection, tabs, textNodes, highlights, text } = services;
    this.services = services;
    this.model = model;
    this.selection = selection;
    this.tabs = tabs;
    this.textNodes = textNodes;
    this.text = text;
    /** @type {{ form: CommentForm, words: Words } | null} */
    this.open = null;
    /** Whether words were selected after the last mark was chosen. */
    this.isSelectionNewer = false;
    this.layers = highlights.isSupported ? registerHighlights(LAYERS) : new Map();
    this.root = createElement("section", { class: "word-comment", "data-part": "word-comment", hidden: true });
    findPart("comments").prepend(this.root);
    selection.on("change", () => (this.isSelectionNewer = Boolean(selection.range)));
    model.on("choose", () => model.currentId && (this.isSelectionNewer = false));
    model.on("change", () => this.draw());
    this.draw();
  }

  /** Whether keys and buttons are about the selected words, and not about a mark. */
  get hasSelection() {
    return this.isSelectionNewer && this.selection.range !== null;
  }

  /** Whether the person may propose marks that are missing. */
  get canPropose() {
    return this.model.canBlock && !this.model.isEditable;
  }

  /**
   * Open the form for a comment on the selected words.
   *
   * @param {{ blocking?: boolean, label?: string }} [options] with a label it proposes a mark
   */
  openOnSelection(options = {}) {
    const { selection, model, services } = this;
    const range = selection.range && services.segments.trimRange(...selection.range);
    if (range) this.openOn(model.quoteRange(...range), options);
  }

  /**
   * Open the form for a comment on these words.
   *
   * @param {Words} words
   * @param {{ blocking?: boolean, label?: string }} [options]
   */
  openOn(words, { blocking = false, label } = {}) {
    const form = new CommentForm(this.services, { words, onSent: () => this.close() });
    this.open = { form, words };
    form.show();
    form.restoreDraft();
    if (label && form.suggestion instanceof MissingSpanForm) form.suggestion.propose(label);
    form.element.addEventListener("keydown", (event) => this.onKey(event));
    const quote = isolateText(quoteText(shortenText(words.quote, 120)), { class: "quote" });
    const heading = createElement("p", { class: "place" }, interpolateElements(gettext("Comment on %(words)s"), { words: quote }));
    const cancel = createButton(gettext("Cancel"), () => this.discard(), { "data-action": "cancel-words" });
    form.submitButton.before(cancel);
    replaceContent(this.root, heading, form.element);
    this.tabs.show("comments");
    // the words are drawn as chosen while they are commented on
    this.selection.collapse();
    this.draw();
    this.root.scrollIntoView({ block: "nearest" });
    form.focus({ blocking });
    if (label) form.keepDraft();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    // what is written stays a draft
    event.stopPropagation();
    this.close();
  }

  discard() {
    const { drafts } = this.services;
    if (this.open) drafts.discard(this.open.form.key);
    this.close();
  }

  close() {
    this.open = null;
    this.draw();
    this.text.focus({ preventScroll: true });
  }

  draw() {
    const { model, open, layers, textNodes } = this;
    if (open && !model.canComment) this.open = null;
    this.root.hidden = !this.open;
    if (this.root.hidden) replaceContent(this.root);
    this.open?.form.show();
    const placed = model.commentsOn().filter(({ start, parent, resolved_at: at }) => typeof start === "number" && !parent && !at);
    const all = [...placed, ...this.services.collected.all.filter(({ start }) => typeof start === "number")];
    layers.get("commented")?.clear();
    layers.get("commenting")?.clear();
    for (const comment of all) layers.get("commented")?.add(textNodes.createStaticRange(...unitsOf(model, comment)));
    if (this.open) layers.get("commenting")?.add(textNodes.createStaticRange(...unitsOf(model, this.open.words)));
  }
}

/**
 * @param {Model} model
 * @param {{ start: number | null, end: number | null }} place
 */
function unitsOf(model, { start, end }) {
  return model.unitRangeOf({ start: start ?? 0, end: end ?? 0 });
}

/**
 * A link to the words that a comment is on, or what is left of them.
 *
 * @param {Pick<Services, "model" | "selection" | "textNodes">} services
 * @param {SetComment} comment
 */
export function createWordsLink({ model, selection, textNodes }, comment) {
  const { start, quote } = comment;
  if (!quote) return null;
  const words = quoteText(shortenText(quote, 60));
  if (typeof start !== "number") return createElement("p", { class: "gone" }, interpolate(gettext("On words that the text does not have any more: %(words)s"), { words }, true));
  const show = () => {
    const range = unitsOf(model, comment);
    selection.select(...range);
    revealRange(textNodes, ...range);
  };
  return createButton(isolateText(words), show, { class: "link", "data-action": "show-words", title: gettext("Show the words in the text") });
}
