// @ts-check
/** What keys and buttons do. Each command says why when there is nothing to do. */

import { errorText } from "./api.js";
import { createButton, createElement, focusedElement, shortenQuote } from "./dom.js";
import { gettext, interpolate } from "./translation.js";

/** Blanks, and signs that end words, sentences, brackets and quotations; nothing, too. */
const CLOSING = /^[\s\p{Pe}\p{Pf}.,;:!?…"'“”’，。、；：！？،؛؟۔।]*$/u;

export class Commands {
  /** @param {Pick<Services, "model" | "edits" | "scheme" | "registry" | "messages" | "tabs" | "selection" | "segments" | "text" | "group" | "focusSpan" | "focusEditor">} services */
  constructor({ model, edits, scheme, registry, messages, tabs, selection, segments, text, group, focusSpan, focusEditor }) {
    this.model = model;
    this.edits = edits;
    this.scheme = scheme;
    this.registry = registry;
    this.messages = messages;
    this.tabs = tabs;
    this.selection = selection;
    this.segments = segments;
    this.text = text;
    this.group = group;
    this.focusSpan = focusSpan;
    this.focusEditor = focusEditor;
    /** @type {{ id: string, start: number, end: number } | null} the words that were selected for the last new range, in units */
    this.selectedRange = null;
  }

  /**
   * Mark the selected words.
   *
   * @param {string} label
   */
  markSelection(label) {
    const { model, selection, edits } = this;
    if (!this.checkEditable()) return;
    const isSelected = selection.range !== null;
    const range = selection.range ?? this.rangeToMarkAgain(label);
    if (!range) return this.showHint(gettext("Select words in the text first."));
    const [start, end] = range;
    const id = edits.addSpan(label, start, end, { snap: isSelected });
    if (isSelected) {
      this.selectedRange = { id, start, end };
      selection.collapse();
    }
    model.chooseSpan(id, { reveal: true });
    this.tabs.show("spans");
    this.messages.announce(`${this.scheme.findLabel(label).title}: ${model.findSpan(id)?.quote ?? ""}`);
    if (isSelected) this.offerExactRange();
  }

  /**
   * The words of the chosen mark, which a claim or a position may be made of again.
   *
   * @param {string} label
   */
  rangeToMarkAgain(label) {
    const { model, scheme } = this;
    return model.currentSpan && scheme.relationsFrom(label).length ? model.unitRangeOf(model.currentSpan) : null;
  }

  /** Say that edges were moved to letters by the guideline, and offer to take that back. */
  offerExactRange() {
    const { segments, messages } = this;
    if (!this.selectedRange) return;
    const { start, end } = this.selectedRange;
    const snapped = segments.snapRange(start, end);
    // nobody misses blanks, or the signs that close what was selected
    const before = this.model.revision.text.slice(start, snapped?.[0]);
    const after = this.model.revision.text.slice(snapped?.[1], end);
    if (!snapped || (!before.trim() && CLOSING.test(after))) return;
    const message = messages.showInfo(gettext("The edges were moved to letters (B1)."), " ", createButton(gettext("Keep exactly what I selected"), () => {
      message.remove();
      this.keepExactRange();
    }, { "data-action": "exact" }), createElement("kbd", {}, "="));
  }

  /** Undo the snap of the last span, so that it covers exactly the selected words. */
  keepExactRange() {
    const { model, edits, segments } = this;
    const span = this.selectedRange && model.findSpan(this.selectedRange.id);
    if (!span || !this.selectedRange) return this.showHint(gettext("There is no new mark whose edges were moved."));
    if (!this.checkEditable()) return null;
    model.chooseSpan(span.id);
    const { start, end } = this.selectedRange;
    // the page may not know yet where the service has put the edges
    const from = model.isUnsaved(span.id) ? (segments.snapRange(start, end) ?? [start, end]) : model.unitRangeOf(span);
    return edits.setRange(span, start, end, { snap: false, from });
  }

  /**
   * Move one edge of the current mark by a word or a character.
   *
   * @param {"start" | "end"} side
   * @param {Granularity} unit
   * @param {number} step
   */
  moveEdge(side, unit, step) {
    const { model, segments, edits } = this;
    if (!model.currentSpan || !this.checkEditable()) return;
    const [start, end] = model.unitRangeOf(model.currentSpan);
    const moved = segments.boundaryFrom(side === "end" ? end : start, unit, step);
    /** @type {UnitRange} */
    const wanted = side === "end" ? [start, moved] : [moved, end];
    const isInward = side === "end" ? step < 0 : step > 0;
    const range = unit === "word" && isInward ? segments.snapRange(...wanted) : wanted;
    if (!range || range[0] >= range[1]) return;
    edits.setRange(model.currentSpan, ...range, { snap: false });
    this.messages.announce(model.currentSpan.quote);
  }

  /** Add the words of the current span to the aliases of its actor. */
  async addAlias() {
    const { model, registry, messages } = this;
    const span = model.currentSpan;
    if (!span?.actor) return this.showHint(gettext("Choose the mark of an actor that is linked to the registry first."));
    try {
      const isNew = await registry.addAlias(span.actor, span.quote);
      const name = registry.actorName(span.actor);
      const told = isNew ? gettext("“%(quote)s” is an alias of %(name)s now.") : gettext("%(name)s has this name already.");
      return messages.showInfo(interpolate(told, { quote: shortenQuote(span.quote), name }, true));
    } catch (error) {
      return messages.showWarning(errorText(error));
    }
  }

  selectArticle() {
    this.focusText();
    this.selection.select(0, this.model.revision.text.length);
  }

  /** @param {Granularity} granularity */
  growSelection(granularity) {
    this.focusText();
    this.selection.growBy(granularity);
  }

  focusText() {
    if (document.activeElement !== this.text) this.text.focus({ preventScroll: true });
  }

  /**
   * Go to the next or previous span. The focus follows if it is in the list.
   *
   * @param {number} by
   */
  goToSpan(by) {
    const { model, selection } = this;
    const inList = document.activeElement?.closest("[data-span]") || document.activeElement === document.body;
    const next = model.spanBeside(by, selection.focus);
    if (!next) return this.messages.announce(by > 0 ? gettext("This is the last mark.") : gettext("This is the first mark."));
    this.tabs.show("spans");
    model.chooseSpan(next.id);
    if (inList) this.focusSpan(next.id);
  }

  /** @param {string} [field] */
  editSpan(field) {
    const { model, tabs } = this;
    if (!model.currentSpan) return this.showHint(gettext("Choose a mark first, with j and k."));
    tabs.show("spans");
    return this.focusEditor(model.currentSpan.id, field);
  }

  /** Give the current span the range of the selection. */
  moveToSelection() {
    const { model, selection, edits } = this;
    if (!this.checkEditable()) return;
    const { range } = selection;
    if (!model.currentSpan || !range) return this.showHint(gettext("Choose a mark, then select the words that it should cover."));
    this.selectedRange = { id: model.currentSpan.id, start: range[0], end: range[1] };
    edits.setRange(model.currentSpan, ...range);
    this.offerExactRange();
    selection.collapse();
  }

  deleteSpan() {
    const { model, edits, messages } = this;
    if (!model.currentSpan) return this.showHint(gettext("Choose a mark first, with j and k."));
    if (!this.checkEditable()) return;
    const { quote, id } = model.currentSpan;
    const next = model.spanBeside(1) ?? model.spanBeside(-1);
    const inList = Boolean(document.activeElement?.closest(`[data-span="${id}"]`));
    edits.removeSpan(model.currentSpan);
    if (next && inList) this.focusSpan(next.id);
    this.offerUndo(interpolate(gettext("Deleted “%(quote)s”."), { quote: shortenQuote(quote) }, true));
    if (!inList) messages.announce(interpolate(gettext("Deleted “%(quote)s”."), { quote: shortenQuote(quote) }, true));
  }

  undo() {
    const step = this.model.isEditable ? this.edits.undo() : null;
    this.messages.showInfo(step ? interpolate(gettext("Undone: %(step)s."), { step: step.description }, true) : gettext("There is nothing to undo."));
  }

  redo() {
    const step = this.model.isEditable ? this.edits.redo() : null;
    this.messages.showInfo(step ? interpolate(gettext("Done again: %(step)s."), { step: step.description }, true) : gettext("There is nothing to redo."));
  }

  /** Go from a field to its span, from the span to the text, then let go of the selection, of several chosen spans, and of the span. */
  leaveField() {
    const { model, selection, text } = this;
    const active = focusedElement();
    const line = active?.closest("[data-span]");
    const item = line instanceof HTMLElement ? line : null;
    if (item && !active?.matches(".span-head")) return this.focusSpan(item.dataset.span ?? "");
    if (item || (active !== text && active !== document.body)) return text.focus({ preventScroll: true });
    if (selection.range) return selection.collapse();
    if (this.group.size) return this.group.clear();
    return model.chooseSpan(null);
  }

  checkEditable() {
    const { model } = this;
    if (model.isEditable) return true;
    const state = this.scheme.stateTitle(model.set.state);
    const why = model.isMine
      ? interpolate(gettext("The set is %(state)s; its marks cannot be changed."), { state }, true)
      : gettext("This set is not yours; its marks cannot be changed.");
    this.showHint(why);
    return false;
  }

  /**
   * Say what was done, with a button that undoes it.
   *
   * @param {string} text
   */
  offerUndo(text) {
    const undo = createButton(gettext("Undo"), () => {
      message.remove();
      this.undo();
    }, { "data-action": "undo" });
    const message = this.messages.showInfo(text, " ", undo, createElement("kbd", {}, "u"));
  }

  /**
   * Say why a command does nothing.
   *
   * @param {string} text
   * @returns {null}
   */
  showHint(text) {
    this.messages.showInfo(text);
    return null;
  }
}
