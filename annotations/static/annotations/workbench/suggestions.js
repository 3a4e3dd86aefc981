/** A change that a reviewer suggests with a comment, and that the owner takes over with one key. */

import { bdi, button, fill, freshId, h, shortened } from "./dom.js";
import { capital } from "./fields.js";
import { gettext, interpolate, quoted } from "./words.js";

/** The part of a comment's form in which a change of the mark is suggested. */
export class SuggestionForm {
  constructor(app, spanId) {
    this.app = app;
    this.spanId = spanId;
    this.range = null;
    this.words = h("span", { class: "quote", dir: "auto", "data-part": "suggested-words" });
    this.take = button(gettext("Use the selected words"), () => this.useSelection(), { "data-action": "suggest-range" });
    this.fields = h("div", { class: "fields" });
    const range = h("div", { class: "field" }, h("span", { class: "title" }, gettext("Words")), this.words);
    this.element = h(
      "details",
      { class: "suggestion-form", "data-part": "suggestion", ontoggle: () => this.draw() },
      h("summary", {}, gettext("Suggest a change")),
      range,
      h("div", { class: "actions" }, this.take),
      this.fields,
    );
    this.reset();
  }

  get span() {
    return this.app.model.span(this.spanId);
  }

  reset() {
    this.element.open = false;
    this.range = null;
    this.label = this.span.label;
    this.attributes = { ...this.span.attributes };
    this.draw();
  }

  /** Select words in the text, then press this. */
  useSelection() {
    const { selection, segments, model, messages } = this.app;
    const range = selection.range && segments.snapped(...selection.range);
    if (!range) return messages.say(gettext("Select words in the text first."));
    this.range = model.cut(...range);
    this.drawWords();
    return messages.announce(interpolate(gettext("Suggested words: %(quote)s"), { quote: this.range.quote }, true));
  }

  /** The fields are made when somebody wants them. */
  draw() {
    const { scheme } = this.app;
    if (!this.element.open) return void fill(this.fields);
    const labels = scheme.labels.map(({ name, title }) => ({ value: name, text: title }));
    const label = control("label", gettext("Label"), labels, this.label, (value) => this.relabel(value));
    const choices = scheme.attributesOf(this.label).filter(({ kind }) => kind === "choice");
    const fields = choices.map((attribute) => this.attributeControl(attribute));
    fill(this.fields, label, fields);
    return this.drawWords();
  }

  drawWords() {
    fill(this.words, quoted(shortened((this.range ?? this.span).quote, 80)));
  }

  attributeControl({ name, title, choices }) {
    const options = [{ value: "", text: "–" }, ...choices];
    const change = (value) => {
      this.attributes = this.app.scheme.changed(this.attributes, name, value);
    };
    return control(name, capital(title), options, this.attributes[name] ?? "", change);
  }

  relabel(label) {
    this.attributes = this.app.scheme.relabelled(this.span, label).attributes;
    this.label = label;
    this.draw();
    this.fields.querySelector("select").focus();
  }

  /** The fields that would be other than they are; null if none. */
  get value() {
    if (!this.element.open) return null;
    const { span, label, attributes, range } = this;
    const found = {};
    if (label !== span.label) found.label = label;
    if (range && (range.start !== span.start || range.end !== span.end)) {
      found.start = range.start;
      found.end = range.end;
    }
    if (found.label || same(attributes) !== same(span.attributes)) found.attributes = attributes;
    return Object.keys(found).length ? found : null;
  }
}

function control(field, title, options, value, change) {
  const id = freshId("suggest");
  const items = options.map((one) => h("option", { value: one.value }, one.text));
  const select = h("select", { id, "data-suggest": field, onchange: (event) => change(event.target.value) }, items);
  select.value = value;
  return h("div", { class: "field" }, h("label", { for: id }, title), select);
}

function same(attributes) {
  return JSON.stringify(Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What a comment suggests, in words. */
export function suggested({ model, scheme }, comment) {
  const { label, start, end, attributes } = comment.suggestion;
  const span = model.span(comment.span);
  const facts = [];
  if (label) facts.push([gettext("Label"), scheme.label(label).title]);
  if (start !== undefined || end !== undefined) {
    const range = { start: start ?? span?.start ?? 0, end: end ?? span?.end ?? 0 };
    facts.push([gettext("Words"), quoted(model.revision.text.slice(...model.range(range)))]);
  }
  const names = new Set([...Object.keys(attributes ?? {}), ...Object.keys((attributes && span?.attributes) ?? {})]);
  for (const name of names) {
    if (span?.attributes[name] === attributes[name] && !comment.resolved_at) continue;
    facts.push([capital(scheme.attribute(name).title), scheme.value(name, attributes[name]) ?? gettext("none")]);
  }
  const rows = facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, bdi(value))]);
  return h("div", { class: "suggestion" }, h("p", {}, gettext("Suggested:")), h("dl", { class: "facts" }, rows));
}

/** Whether this person can take over what a comment suggests. */
export function isTakeable(model, comment) {
  const isThere = Boolean(comment.suggestion && comment.span && model.span(comment.span));
  return isThere && !comment.resolved_at && model.isEditable && !model.isOpen(comment.id);
}

/** The first suggestion on a mark that can be taken over. */
export function takeable(model, spanId) {
  return model.comments(spanId).find((comment) => isTakeable(model, comment)) ?? null;
}

/** Take a suggestion over: one request, which changes the mark and resolves the comment. */
export async function takeOver(app, comment) {
  const { api, model, outbox, transitions, messages, edits } = app;
  const before = model.span(comment.span);
  try {
    await transitions.delivered();
    const now = model.shown.comments.get(comment.id);
    const request = { method: "POST", path: `comments/${comment.id}/take/`, version: now.version };
    const { data } = await outbox.during(() => api.send({ ...request, body: {} }));
    await app.reload();
    remember(edits, before, data, comment);
    app.undoable(interpolate(gettext("Taken over: “%(quote)s”."), { quote: shortened(data.quote, 60) }, true));
  } catch (error) {
    if (error.stale || error.status === 409) await app.reload();
    messages.warn(`${gettext("Not taken over.")} ${error.detail ?? String(error)}`);
  }
}

/** Taking over is a step like any other: undo brings back the mark and the open comment. */
function remember(edits, before, after, { id }) {
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
