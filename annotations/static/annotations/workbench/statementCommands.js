// @ts-check
/** Commands that lead from a sentence to a whole claim: find it, select the reported speech, connect its source. */

import { revealRange } from "./articleText.js";
import { lowerBound } from "./offsets.js";
import { spanTitle } from "./relationEditor.js";
import { findReportedSpeech } from "./reportedSpeech.js";
import { gettext, interpolate } from "./translation.js";

export class StatementCommands {
  /** @param {Pick<Services, "model" | "edits" | "scheme" | "registry" | "messages" | "selection" | "segments" | "textNodes" | "commands" | "tabs" | "pickIssue">} services */
  constructor({ model, edits, scheme, registry, messages, selection, segments, textNodes, commands, tabs, pickIssue }) {
    this.model = model;
    this.edits = edits;
    this.scheme = scheme;
    this.registry = registry;
    this.messages = messages;
    this.selection = selection;
    this.segments = segments;
    this.textNodes = textNodes;
    this.commands = commands;
    this.tabs = tabs;
    this.pickIssue = pickIssue;
    /** @type {{ sentence: UnitRange, turn: number } | null} the sentence of the last stretch, and which one it was */
    this.lastStretch = null;
    /** @type {HTMLElement | null} the message about the last connection */
    this.note = null;
  }

  /** Select the next sentence in which nothing is marked. */
  selectNextUnmarked() {
    const { segments, selection, model, commands } = this;
    const { length } = model.revision.text;
    const isMarked = createOverlapTest(model);
    commands.focusText();
    let at = selection.range ? selection.range[1] : (segments.segmentAround(selection.focus, "sentence")?.[0] ?? 0);
    while (at < length) {
      const end = segments.boundaryAfter(at, "sentence");
      const found = segments.snapRange(at, end);
      if (found && !isMarked(...found)) return this.selectRange(found);
      at = end;
    }
    return commands.showHint(gettext("Every sentence from here to the end of the text holds a mark."));
  }

  /** @param {UnitRange} range */
  selectRange([start, end]) {
    this.selection.select(start, end);
    revealRange(this.textNodes, start, end);
    this.selection.emit("moved");
  }

  /** Select the reported speech of the sentence at the caret; again: the next stretch that may be it. */
  selectReportedSpeech() {
    const { segments, selection, model, commands } = this;
    commands.focusText();
    const at = selection.range?.[0] ?? selection.focus;
    const last = this.lastStretch && this.lastStretch.sentence[0] <= at && at < this.lastStretch.sentence[1] ? this.lastStretch : null;
    const sentence = last?.sentence ?? segments.segmentAround(at, "sentence");
    if (!sentence) return;
    const [start, end] = sentence;
    const all = findReportedSpeech(model.revision.text.slice(start, end)).map(([from, to]) => segments.snapRange(start + from, start + to));
    const stretches = distinctRanges(all.filter((range) => range !== null));
    const turn = last ? (last.turn + 1) % stretches.length : 0;
    const stretch = stretches[turn];
    if (!stretch) return;
    this.lastStretch = { sentence, turn };
    this.selectRange(stretch);
  }

  /** Open the issues for the current mark: those used last or in the article come first, and a digit takes one. */
  chooseIssue() {
    const { model, scheme, commands } = this;
    const { currentSpan } = model;
    if (!currentSpan) return commands.showHint(gettext("Choose a claim or a position first, with j and k."));
    if (!commands.checkEditable()) return null;
    if (!scheme.findLabel(currentSpan.label).links.includes("proposition")) return commands.showHint(gettext("A mark with this label is about no issue."));
    this.tabs.show("spans");
    return this.pickIssue(currentSpan.id);
  }

  /** Connect the current mark with the nearest actor; again: with the next one instead. */
  connectActor() {
    const { model, scheme, commands, edits } = this;
    const { currentSpan } = model;
    if (!currentSpan) return commands.showHint(gettext("Choose a claim or a position first, with j and k."));
    if (!commands.checkEditable()) return null;
    const [type] = scheme.relationsFrom(currentSpan.label);
    if (!type) return commands.showHint(gettext("A mark with this label has no source or holder."));
    const near = this.sortByDistance(currentSpan, type.targets);
    if (!near.length) return commands.showHint(gettext("No actor is marked yet that it could be connected to."));
    const old = model.relationsOf(currentSpan.id).find((one) => one.source === currentSpan.id && one.type === type.name);
    const turn = old ? (near.findIndex(({ id }) => id === old.target) + 1) % near.length : 0;
    const target = near[turn];
    if (!target) return null;
    edits.replaceRelation(old, type.name, currentSpan.id, target.id);
    return this.showConnection(`${type.title} ${spanTitle(this.registry, target)}`, turn, near.length);
  }

  /**
   * Say what was connected, and which of several actors it is.
   *
   * @param {string} connection
   * @param {number} turn
   * @param {number} all
   */
  showConnection(connection, turn, all) {
    this.note?.remove();
    const again = gettext("Press f again for another (%(turn)s of %(all)s).");
    const others = all > 1 ? ` ${interpolate(again, { turn: turn + 1, all }, true)}` : "";
    this.note = this.messages.showInfo(`${connection}.${others}`);
  }

  /**
   * Sort actors by their distance. Those inside the span come last: it is rather about them.
   *
   * @param {Span} span
   * @param {string[]} labels
   */
  sortByDistance(span, labels) {
    /** @param {Span} one */
    const far = (one) => {
      if (span.start <= one.start && one.end <= span.end) return Infinity;
      return one.end <= span.start ? span.start - one.end : one.start - span.end;
    };
    /** @param {Span} one */
    const sentence = (one) => Number(!this.isInSameSentence(span, one));
    const fits = this.model.orderedSpans.filter((one) => one.id !== span.id && labels.includes(one.label));
    return fits.sort((one, other) => sentence(one) - sentence(other) || far(one) - far(other) || 0);
  }

  /**
   * @param {Span} span
   * @param {Span} one
   */
  isInSameSentence(span, one) {
    const { segments, model } = this;
    const [start] = model.unitRangeOf(span);
    const block = segments.segmentAround(start, "sentence");
    const [from] = model.unitRangeOf(one);
    return block !== null && block[0] <= from && from < block[1];
  }

  /**
   * Set the first required choice of the label to its nth value.
   *
   * @param {number} number
   */
  chooseValue(number) {
    const { model, scheme, commands, edits, messages } = this;
    const { currentSpan } = model;
    if (!currentSpan) return commands.showHint(gettext("Choose a mark first, with j and k."));
    if (!commands.checkEditable()) return null;
    const attribute = scheme.attributesOf(currentSpan.label).find(({ kind, uses }) => kind === "choice" && uses[currentSpan.label]?.needed);
    const value = attribute?.choices?.[number - 1]?.value;
    if (!attribute || !value) return commands.showHint(gettext("There is no such choice for this mark."));
    edits.setAttribute(currentSpan, attribute.name, value);
    return messages.announce(`${attribute.title}: ${scheme.valueTitle(attribute.name, value)}`);
  }
}

/**
 * Create a test of whether any span overlaps a range of units.
 *
 * @param {Model} model
 */
function createOverlapTest(model) {
  const ranges = model.orderedSpans.map((span) => model.unitRangeOf(span));
  const starts = ranges.map(([start]) => start);
  let furthest = 0;
  const reach = ranges.map(([, end]) => (furthest = Math.max(furthest, end)));
  return (/** @type {number} */ start, /** @type {number} */ end) => {
    const before = lowerBound(starts, end);
    return before > 0 && (reach[before - 1] ?? 0) > start;
  };
}

/** @param {UnitRange[]} ranges */
function distinctRanges(ranges) {
  const keys = ranges.map(String);
  return ranges.filter((range, index) => keys.indexOf(String(range)) === index);
}
