/** A change that a reviewer suggests with a comment, and that the owner takes over with one key. */

import { createButton, createElement, isolateText, replaceContent, shortenText } from "./dom.js";
import { capitalize } from "./spanFields.js";
import { SpanForm } from "./spanForm.js";
import { gettext, interpolate, quoteText } from "./translation.js";

/** The part of a comment's form in which a change of the mark is suggested. */
export class ProposedChangeForm {
  constructor(app, spanId) {
    const words = createElement("span", { class: "quote", dir: "auto", "data-part": "suggested-words" });
    const says = gettext("Suggested words: %(text)s");
    this.draft = new SpanForm(app, () => app.model.span(spanId), { kind: "suggest", words, says, most: 80 });
    const take = createButton(gettext("Use the selected words"), () => this.draft.useSelection(), {
      "data-action": "suggest-range",
    });
    this.element = createElement(
      "details",
      { class: "suggestion-form", "data-part": "suggestion", ontoggle: () => this.draw() },
      createElement("summary", {}, gettext("Suggest a change")),
      createElement("div", { class: "field" }, createElement("span", { class: "title" }, gettext("Words")), words),
      createElement("div", { class: "actions" }, take),
      this.draft.fields,
    );
  }

  reset() {
    this.element.open = false;
    this.draft.reset();
    this.draw();
  }

  /** The fields are made when somebody wants them. */
  draw() {
    if (this.element.open) this.draft.draw();
    else replaceContent(this.draft.fields);
  }

  /** The fields that would be other than they are; null if none. */
  get value() {
    if (!this.element.open) return null;
    const { label, attributes, range } = this.draft;
    const span = this.draft.base();
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

function toComparable(attributes) {
  return JSON.stringify(Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What a comment suggests, in words. */
export function describeProposedChange({ model, scheme }, comment) {
  const { label, start, end, attributes } = comment.suggestion;
  const span = model.span(comment.span);
  const facts = [];
  if (label) facts.push([gettext("Label"), scheme.label(label).title]);
  if (start !== undefined || end !== undefined) {
    const range = { start: start ?? span?.start ?? 0, end: end ?? span?.end ?? 0 };
    facts.push([gettext("Words"), quoteText(model.revision.text.slice(...model.range(range)))]);
  }
  const names = new Set([...Object.keys(attributes ?? {}), ...Object.keys((attributes && span?.attributes) ?? {})]);
  for (const name of names) {
    if (span?.attributes[name] === attributes[name] && !comment.resolved_at) continue;
    facts.push([capitalize(scheme.attribute(name).title), scheme.value(name, attributes[name]) ?? gettext("none")]);
  }
  const rows = facts.flatMap(([name, value]) => [createElement("dt", {}, name), createElement("dd", {}, isolateText(value))]);
  return createElement("div", { class: "suggestion" }, createElement("p", {}, gettext("Suggested:")), createElement("dl", { class: "facts" }, rows));
}

/** Whether this person can take over what a comment suggests. */
export function canAccept(model, comment) {
  const isThere = Boolean(comment.suggestion && comment.span && model.span(comment.span));
  return isThere && !comment.resolved_at && model.isEditable && !model.isOpen(comment.id);
}

/** The first suggestion on a mark that can be taken over. */
export function findAcceptable(model, spanId) {
  return model.comments(spanId).find((comment) => canAccept(model, comment)) ?? null;
}

/** Take a suggestion over: one request, which changes the mark and resolves the comment. */
export async function acceptProposedChange(app, comment) {
  const { api, model, outbox, transitions, messages, edits } = app;
  const before = model.span(comment.span);
  try {
    await transitions.delivered();
    const now = model.shown.comments.get(comment.id);
    const request = { method: "POST", path: `comments/${comment.id}/take/`, version: now.version };
    const { data } = await outbox.during(() => api.send({ ...request, body: {} }));
    await app.reload();
    recordUndoStep(edits, before, data, comment);
    app.undoable(interpolate(gettext("Taken over: “%(quote)s”."), { quote: shortenText(data.quote, 60) }, true));
  } catch (error) {
    if (error.stale || error.status === 409) await app.reload();
    messages.warn(`${gettext("Not taken over.")} ${error.detail ?? String(error)}`);
  }
}

/** Taking over is a step like any other: undo brings back the mark and the open comment. */
function recordUndoStep(edits, before, after, { id }) {
  const names = ["label", "start", "end", "quote", "attributes"];
  const fields = (span) => Object.fromEntries(names.map((name) => [name, span[name]]));
  const change = (changes) => ({ kind: "span.change", id: before.id, changes });
  const resolve = (resolved) => ({ kind: "comment.change", id, changes: { resolved }, shown: {} });
  edits.done.push({
    says: interpolate(gettext("taking over the suggestion on “%(quote)s”"), { quote: before.quote }, true),
    forth: [change(fields(after)), resolve(true)],
    back: [change(fields(before)), resolve(false)],
  });
  edits.undone = [];
  edits.dispatchEvent(new Event("change"));
}
