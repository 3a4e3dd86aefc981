// @ts-check
/** From a sentence to a whole claim in a few keys: find it, take what is said, say whose it is. */

import { revealRange } from "./articleText.js";
import { lowerBound } from "./offsets.js";
import { findReportedSpeech } from "./quotes.js";
import { spanTitle } from "./relationEditor.js";
import { gettext, interpolate } from "./translation.js";

export class StatementCommands {
  /** @param {Pick<Services, "model" | "edits" | "scheme" | "registry" | "messages" | "selection" | "segments" | "textNodes" | "commands">} services */
  constructor({ model, edits, scheme, registry, messages, selection, segments, textNodes, commands }) {
    this.model = model;
    this.edits = edits;
    this.scheme = scheme;
    this.registry = registry;
    this.messages = messages;
    this.selection = selection;
    this.segments = segments;
    this.textNodes = textNodes;
    this.commands = commands;
    /** @type {{ sentence: UnitRange, turn: number } | null} the sentence of the last stretch, and which one it was */
    this.said = null;
    /** @type {HTMLElement | null} the message about the last connection */
    this.note = null;
  }

  /** Select the next sentence in which nothing is marked. */
  nextUnmarked() {
    const { segments, selection, model, commands } = this;
    const { length } = model.revision.text;
    const isMarked = createOverlapTest(model);
    commands.toText();
    let at = selection.range ? selection.range[1] : (segments.around(selection.focus, "sentence")?.[0] ?? 0);
    while (at < length) {
      const end = segments.after(at, "sentence");
      const found = segments.snapped(at, end);
      if (found && !isMarked(...found)) return this.select(found);
      at = end;
    }
    return commands.hint(gettext("Every sentence from here to the end of the text holds a mark."));
  }

  /** @param {UnitRange} range */
  select([start, end]) {
    this.selection.set(start, end);
    revealRange(this.textNodes, start, end);
    this.selection.emit("moved");
  }

  /** Select what the sentence at the caret reports as said; again: the next stretch that may be it. */
  selectSaid() {
    const { segments, selection, model, commands } = this;
    commands.toText();
    const at = selection.range?.[0] ?? selection.focus;
    const last = this.said && this.said.sentence[0] <= at && at < this.said.sentence[1] ? this.said : null;
    const sentence = last?.sentence ?? segments.around(at, "sentence");
    if (!sentence) return;
    const [start, end] = sentence;
    const all = findReportedSpeech(model.revision.text.slice(start, end)).map(([from, to]) => segments.snapped(start + from, start + to));
    const stretches = distinctRanges(all.filter((range) => range !== null));
    const turn = last ? (last.turn + 1) % stretches.length : 0;
    const stretch = stretches[turn];
    if (!stretch) return;
    this.said = { sentence, turn };
    this.select(stretch);
  }

  /** Connect the current mark with the nearest actor; again: with the next one instead. */
  connect() {
    const { model, scheme, commands, edits } = this;
    const { chosen } = model;
    if (!chosen) return commands.hint(gettext("Choose a claim or a position first, with j and k."));
    if (!commands.mayEdit()) return null;
    const [type] = scheme.relationsFrom(chosen.label);
    if (!type) return commands.hint(gettext("A mark with this label has no source or holder."));
    const near = this.nearest(chosen, type.targets);
    if (!near.length) return commands.hint(gettext("No actor is marked yet that it could be connected to."));
    const old = model.relationsOf(chosen.id).find((one) => one.source === chosen.id && one.type === type.name);
    const turn = old ? (near.findIndex(({ id }) => id === old.target) + 1) % near.length : 0;
    const target = near[turn];
    if (!target) return null;
    edits.reconnect(old, type.name, chosen.id, target.id);
    return this.tell(`${type.title} ${spanTitle(this.registry, target)}`, turn, near.length);
  }

  /**
   * Say what was connected, and which of several actors it is.
   *
   * @param {string} connection
   * @param {number} turn
   * @param {number} all
   */
  tell(connection, turn, all) {
    this.note?.remove();
    const again = gettext("Press f again for another (%(turn)s of %(all)s).");
    const others = all > 1 ? ` ${interpolate(again, { turn: turn + 1, all }, true)}` : "";
    this.note = this.messages.say(`${connection}.${others}`);
  }

  /**
   * Actors by their distance; those inside the mark are rather what it is about.
   *
   * @param {Span} span
   * @param {string[]} labels
   */
  nearest(span, labels) {
    /** @param {Span} one */
    const far = (one) => {
      if (span.start <= one.start && one.end <= span.end) return Infinity;
      return one.end <= span.start ? span.start - one.end : one.start - span.end;
    };
    /** @param {Span} one */
    const sentence = (one) => Number(!this.isBeside(span, one));
    const fits = this.model.ordered.filter((one) => one.id !== span.id && labels.includes(one.label));
    return fits.sort((one, other) => sentence(one) - sentence(other) || far(one) - far(other) || 0);
  }

  /**
   * @param {Span} span
   * @param {Span} one
   */
  isBeside(span, one) {
    const { segments, model } = this;
    const [start] = model.range(span);
    const block = segments.around(start, "sentence");
    const [from] = model.range(one);
    return block !== null && block[0] <= from && from < block[1];
  }

  /**
   * Set the first attribute of the label that people decide on to its nth value.
   *
   * @param {number} number
   */
  choose(number) {
    const { model, scheme, commands, edits, messages } = this;
    const { chosen } = model;
    if (!chosen) return commands.hint(gettext("Choose a mark first, with j and k."));
    if (!commands.mayEdit()) return null;
    const attribute = scheme.attributesOf(chosen.label).find(({ kind, uses }) => kind === "choice" && uses[chosen.label]?.needed);
    const value = attribute?.choices?.[number - 1]?.value;
    if (!attribute || !value) return commands.hint(gettext("There is no such choice for this mark."));
    edits.setAttribute(chosen, attribute.name, value);
    return messages.announce(`${attribute.title}: ${scheme.value(attribute.name, value)}`);
  }
}

/**
 * A function that says whether any mark lies in a range of units.
 *
 * @param {Model} model
 */
function createOverlapTest(model) {
  const ranges = model.ordered.map((span) => model.range(span));
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
