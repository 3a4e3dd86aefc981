// @ts-check
/** Changes of a span that a reviewer proposes with a comment, and that the owner accepts with one key. */

import { ApiError, errorText } from "./api.js";
import { createButton, createElement, isolateText, replaceContent, shortenText } from "./dom.js";
import { pickFields, toComparable } from "./jobs.js";
import { capitalize } from "./spanFields.js";
import { SpanForm } from "./spanForm.js";
import { gettext, interpolate, quoteText } from "./translation.js";

/** @type {FrozenSpan} */
const EMPTY_SPAN = { id: "", label: "", start: 0, end: 0, quote: "", attributes: {}, actor: null, proposition: null };

/** The part of the comment form in which a change of the span is proposed. */
export class ProposedChangeForm {
  /**
   * @param {SpanFormServices} services
   * @param {string} spanId
   * @param {() => void} changed
   */
  constructor(services, spanId, changed) {
    const { model } = services;
    const words = createElement("span", { class: "quote", dir: "auto", "data-part": "suggested-words" });
    const description = gettext("Suggested words: %(text)s");
    // the span may be deleted while the form is still there
    const span = () => model.findSpan(spanId) ?? EMPTY_SPAN;
    this.spanForm = new SpanForm(services, span, { kind: "suggest", words, description, most: 80, changed });
    const take = createButton(gettext("Use the selected words"), () => this.spanForm.useSelection(), {
      "data-action": "suggest-range",
    });
    this.element = createElement(
      "details",
      { class: "suggestion-form", "data-part": "suggestion", ontoggle: () => this.draw() },
      createElement("summary", {}, gettext("Suggest a change")),
      createElement("div", { class: "field" }, createElement("span", { class: "title" }, gettext("Words")), words),
      createElement("div", { class: "actions" }, take),
      this.spanForm.fields,
    );
  }

  reset() {
    this.element.open = false;
    this.spanForm.reset();
    this.draw();
  }

  /**
   * What was chosen so far; null if nothing is proposed.
   *
   * @returns {SpanDraft | null}
   */
  get state() {
    return this.value && this.spanForm.state;
  }

  /** @param {SpanDraft | null | undefined} state */
  restore(state) {
    if (!state) return this.reset();
    this.spanForm.restore(state);
    this.element.open = true;
    return this.draw();
  }

  /** Create the fields when the part is opened. */
  draw() {
    if (this.element.open) this.spanForm.draw();
    else replaceContent(this.spanForm.fields);
  }

  /** The fields that the proposal would change; null if none. */
  get value() {
    if (!this.element.open) return null;
    const { label, attributes, range } = this.spanForm;
    const span = this.spanForm.getSpan();
    /** @type {ProposedChange} */
    const found = {};
    if (label !== span.label) found.label = label;
    if (range && (range.start !== span.start || range.end !== span.end)) {
      found.start = range.start;
      found.end = range.end;
    }
    if (found.label || toComparable(attributes) !== toComparable(span.attributes)) found.attributes = attributes;
    return Object.keys(found).length ? found : null;
  }
}

/**
 * Whether a comment on words proposes a mark that is missing there.
 *
 * @param {SetComment} comment
 */
export function proposesMissing({ start, suggestion }) {
  return typeof start === "number" && Boolean(suggestion?.label);
}

/**
 * Turn the change that a comment proposes back into what was chosen in the form; null if it proposes none.
 *
 * @param {Model} model
 * @param {SetComment} comment
 * @returns {SpanDraft | null}
 */
export function createSpanDraft(model, comment) {
  const { suggestion, span: id } = comment;
  if (proposesMissing(comment)) return { label: suggestion?.label ?? "", attributes: suggestion?.attributes ?? {}, range: null, links: { actor: null, proposition: null } };
  const span = model.findSpan(id);
  if (!suggestion || !span) return null;
  const { label = span.label, attributes = span.attributes, start = span.start, end = span.end } = suggestion;
  const range = model.quoteRange(...model.unitRangeOf({ start, end }));
  return { label, attributes, range, links: { actor: span.actor, proposition: span.proposition } };
}

/**
 * Describe in words what a comment proposes.
 *
 * @param {Pick<Services, "model" | "scheme">} services
 * @param {SetComment} comment
 */
export function describeProposedChange({ model, scheme }, comment) {
  const { label, start, end, attributes } = comment.suggestion ?? {};
  const span = model.findSpan(comment.span);
  /** @type {[string, string][]} */
  const facts = [];
  if (label) facts.push([gettext("Label"), scheme.findLabel(label).title]);
  if (start !== undefined || end !== undefined) {
    const range = { start: start ?? span?.start ?? 0, end: end ?? span?.end ?? 0 };
    facts.push([gettext("Words"), quoteText(model.revision.text.slice(...model.unitRangeOf(range)))]);
  }
  const names = new Set([...Object.keys(attributes ?? {}), ...Object.keys((attributes && span?.attributes) ?? {})]);
  for (const name of names) {
    const value = attributes?.[name];
    if (span?.attributes[name] === value && !comment.resolved_at) continue;
    facts.push([capitalize(scheme.findAttribute(name).title), scheme.valueTitle(name, value) ?? gettext("none")]);
  }
  const rows = facts.flatMap(([name, value]) => [createElement("dt", {}, name), createElement("dd", {}, isolateText(value))]);
  const title = proposesMissing(comment) ? gettext("A mark is missing here:") : gettext("Suggested:");
  return createElement("div", { class: "suggestion" }, createElement("p", {}, title), createElement("dl", { class: "facts" }, rows));
}

/**
 * Whether this person can accept the change that a comment proposes.
 *
 * @param {Model} model
 * @param {SetComment} comment
 */
export function canAccept(model, comment) {
  const isThere = Boolean(comment.suggestion && comment.span && model.findSpan(comment.span));
  return (isThere || proposesMissing(comment)) && !comment.resolved_at && model.isEditable && !model.isUnsaved(comment.id);
}

/**
 * Find the first comment on a span whose change can be accepted.
 *
 * @param {Model} model
 * @param {string} spanId
 */
export function findAcceptable(model, spanId) {
  return model.commentsOn(spanId).find((comment) => canAccept(model, comment)) ?? null;
}

/**
 * Find the missing mark that is proposed at a place of the text, or else the next one after it.
 *
 * @param {Model} model
 * @param {number} units
 */
export function findMissing(model, units) {
  const point = model.offsetMap.toPoints(units);
  const all = model.commentsOn().filter((comment) => proposesMissing(comment) && canAccept(model, comment));
  all.sort((one, other) => (one.start ?? 0) - (other.start ?? 0));
  return all.find(({ end }) => (end ?? 0) >= point) ?? all[0] ?? null;
}

/** Accepts changes that comments propose. */
export class ProposedChanges {
  /** @param {Pick<Services, "model" | "api" | "outbox" | "edits" | "messages" | "commands" | "reload">} services */
  constructor({ model, api, outbox, edits, messages, commands, reload }) {
    this.model = model;
    this.api = api;
    this.outbox = outbox;
    this.edits = edits;
    this.messages = messages;
    this.commands = commands;
    this.reload = reload;
  }

  /**
   * Accept what a comment proposes, by one request that changes or adds the span and resolves the comment.
   *
   * @param {SetComment} comment
   */
  async accept(comment) {
    const { model, api, outbox, messages } = this;
    const before = model.findSpan(comment.span);
    try {
      await outbox.requireSaved();
      const version = model.shown.comments.get(comment.id)?.version;
      const request = { method: "POST", path: `comments/${comment.id}/take/`, body: {}, version };
      const { data } = await outbox.trackAction(() => api.send(request));
      await this.reload();
      recordUndoStep(this.edits, before, data, comment);
      if (!before) model.chooseSpan(data.id, { reveal: true });
      this.commands.offerUndo(interpolate(gettext("Taken over: “%(quote)s”."), { quote: shortenText(data.quote, 60) }, true));
    } catch (error) {
      if (error instanceof ApiError && (error.isStale || error.status === 409)) await this.reload();
      messages.showWarning(`${gettext("Not taken over.")} ${errorText(error)}`);
    }
  }
}

/**
 * Record an accepted change as a step, so that undo restores the span, or removes it, and reopens the comment.
 *
 * @param {Edits} edits
 * @param {Span | null} before null if the span was missing
 * @param {Span} after
 * @param {SetComment} comment
 */
function recordUndoStep(edits, before, after, { id }) {
  /** @type {(keyof Span)[]} */
  const names = ["label", "start", "end", "quote", "attributes"];
  /** @type {(changes: Partial<Span>) => Job} */
  const change = (changes) => ({ kind: "span.change", id: after.id, changes });
  /** @type {(resolved: boolean) => Job} */
  const resolve = (resolved) => ({ kind: "comment.change", id, changes: { resolved }, shown: {} });
  /** @type {Job[]} */
  const forth = [before ? change(pickFields(after, names)) : { kind: "span.add", span: after, snap: false }, resolve(true)];
  /** @type {Job[]} */
  const back = [before ? change(pickFields(before, names)) : { kind: "span.delete", id: after.id }, resolve(false)];
  const description = interpolate(gettext("taking over the suggestion on “%(quote)s”"), { quote: (before ?? after).quote }, true);
  edits.undoSteps.push({ description, forth, back });
  edits.redoSteps = [];
  edits.emit("change");
}
