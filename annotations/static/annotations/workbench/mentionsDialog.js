// @ts-check
/** The dialog that marks other mentions of a name: found at word edges, and undone as one step. */

import { createButton, createElement, createId, isolateText, shortenQuote } from "./dom.js";
import { gettext, interpolate, interpolateElements, ngettext } from "./translation.js";

/** Scripts that write no space between words: there a name may stand anywhere. */
const NO_SPACES = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const PART_OF_WORD = /[\p{L}\p{N}\p{M}_\u200c\u200d]/u;
const CONTEXT_LENGTH = 40;

/**
 * Find all occurrences of a quote, in units.
 *
 * @param {string} text
 * @param {string} quote
 */
export function findOccurrences(text, quote) {
  /** @type {UnitRange[]} */
  const found = [];
  if (!quote) return found;
  const isFree = NO_SPACES.test(quote);
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + quote.length)) {
    const end = at + quote.length;
    const before = Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? "";
    const after = Array.from(text.slice(end, end + 2))[0] ?? "";
    if (isFree || (!PART_OF_WORD.test(before) && !PART_OF_WORD.test(after))) found.push([at, end]);
  }
  return found;
}

export class MentionsDialog {
  /** @param {Pick<Services, "model" | "edits" | "segments" | "commands">} services */
  constructor({ model, edits, segments, commands }) {
    this.model = model;
    this.edits = edits;
    this.segments = segments;
    this.commands = commands;
  }

  /** Ask which of the other mentions of the current actor are to be marked. */
  askForMentions() {
    const { model, commands } = this;
    const { currentSpan } = model;
    if (currentSpan?.label !== "actor") return commands.showHint(gettext("Choose the mark of an actor first, with j and k."));
    if (!commands.checkEditable()) return null;
    const [own, end] = this.segments.snapRange(...model.unitRangeOf(currentSpan)) ?? model.unitRangeOf(currentSpan);
    const quote = model.revision.text.slice(own, end);
    const taken = model.orderedSpans.filter(({ label }) => label === "actor").map((span) => model.unitRangeOf(span));
    /** @param {UnitRange} range */
    const isFree = ([start, stop]) => start !== own && !taken.some(([from, to]) => from < stop && start < to);
    const found = findOccurrences(model.revision.text, quote).filter(isFree);
    if (!found.length) return commands.showHint(interpolate(gettext("“%(quote)s” stands nowhere else without a mark."), { quote }, true));
    return this.openDialog(currentSpan, found);
  }

  /**
   * @param {Span} span
   * @param {UnitRange[]} found
   */
  openDialog(span, found) {
    const heading = createId("heading");
    const title = ngettext("Mark %(n)s other mention of “%(quote)s”", "Mark %(n)s other mentions of “%(quote)s”", found.length);
    const boxes = found.map(() => createElement("input", { type: "checkbox", checked: true }));
    const dialog = createElement("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": "mentions" });
    const form = createElement(
      "form",
      {},
      createElement("h2", { id: heading }, interpolateElements(title, { quote: isolateText(span.quote), n: String(found.length) })),
      createElement("p", {}, gettext("Each gets the same link to the registry. One undo takes all of them back.")),
      createElement("ul", { class: "mentions" }, found.map((range, index) => this.createLine(range, boxes[index]))),
      createElement(
        "div",
        { class: "actions" },
        createButton(gettext("Cancel"), () => dialog.close()),
        createElement("button", { type: "submit", class: "primary", autofocus: true, "data-confirm": "mentions" }, gettext("Mark them")),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close();
      this.markMentions(span, found.filter((_, index) => boxes[index]?.checked));
    });
    dialog.addEventListener("close", () => dialog.remove());
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
  }

  /**
   * @param {UnitRange} range
   * @param {HTMLElement | undefined} box
   */
  createLine([start, end], box) {
    const { text } = this.model.revision;
    const before = Array.from(text.slice(Math.max(0, start - CONTEXT_LENGTH), start)).slice(1).join("");
    const after = Array.from(text.slice(end, end + CONTEXT_LENGTH)).slice(0, -1).join("");
    const words = [`…${before}`, createElement("mark", {}, text.slice(start, end)), `${after}…`];
    return createElement("li", {}, createElement("label", { class: "check" }, box, createElement("bdi", { dir: "auto" }, words)));
  }

  /**
   * @param {Span} span
   * @param {UnitRange[]} ranges
   */
  markMentions(span, ranges) {
    if (!ranges.length) return;
    const { mention_type: mention } = span.attributes;
    this.edits.addSpans(span.label, ranges, {
      attributes: mention ? { mention_type: mention } : {},
      actor: span.actor,
    });
    const told = ngettext("Marked %(n)s mention of “%(quote)s”.", "Marked %(n)s mentions of “%(quote)s”.", ranges.length);
    this.commands.offerUndo(interpolate(told, { n: ranges.length, quote: shortenQuote(span.quote) }, true));
  }
}
