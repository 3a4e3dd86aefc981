/** A claim, its source and the positions in it, a line for each, so that they read as one statement. */

import { createButton, createElement, isolateText, replaceContent, shortenText } from "./dom.js";
import { spanTitle } from "./relationEditor.js";
import { gettext, interpolate, quoteText } from "./translation.js";

const SOURCE_RELATIONS = ["made_by", "held_by"];
/** Who it is where no actor is connected. */
const NOBODY = { unnamed: gettext("Somebody unnamed"), author: gettext("The article") };

export class StatementSummary {
  constructor(app, spanId) {
    this.app = app;
    this.spanId = spanId;
    this.element = createElement("div", { class: "statement", hidden: true });
    this.key = null;
  }

  show() {
    const { model } = this.app;
    const span = model.span(this.spanId);
    const lines = span ? this.lines(span) : [];
    const key = JSON.stringify(lines);
    if (key === this.key) return;
    this.key = key;
    this.element.hidden = !lines.length;
    replaceContent(this.element, lines.map((line) => createElement("p", {}, line.flatMap((part, index) => [index ? " " : null, this.piece(part)]))));
  }

  piece({ id, text, kind }) {
    if (!id) return createElement("span", { class: kind ?? "between" }, isolateText(text));
    return createButton(isolateText(text), () => this.app.model.choose(id), { class: `link ${kind}` });
  }

  /** Who, what they do, what; then the positions within a claim, or the claim around a position. */
  lines(span) {
    if (span.label === "actor") return this.work(span).map((one) => [this.name(span), ...this.body(one)]);
    const intro = span.label === "claim" ? gettext("Position in it:") : gettext("In the claim:");
    const beside = this.beside(span).map((one) => [{ text: intro }, ...this.whose(one), ...this.body(one)]);
    return [[...this.whose(span), ...this.body(span)], ...this.issue(span), ...beside];
  }

  /** What an actor says and holds. */
  work(span) {
    const into = this.app.model.relationsOf(span.id).filter(({ target, type }) => target === span.id && SOURCE_RELATIONS.includes(type));
    return into.map(({ source }) => this.app.model.span(source)).filter(Boolean);
  }

  whose(span) {
    const out = this.app.model.relationsOf(span.id).filter(({ source, type }) => source === span.id && SOURCE_RELATIONS.includes(type));
    const ends = out.map(({ target }) => this.app.model.span(target)).filter(Boolean);
    if (ends.length) return ends.map((one) => this.name(one));
    return [{ text: NOBODY[span.attributes.attribution] ?? gettext("Nobody yet") }];
  }

  name(span) {
    return { id: span.id, text: spanTitle(this.app, span), kind: "actor" };
  }

  /** What it is, and the words: support: “would pay”. */
  body(span) {
    const { scheme } = this.app;
    const name = span.label === "claim" ? "claim_type" : "stance";
    const deed = scheme.value(name, span.attributes[name]) ?? scheme.label(span.label).title;
    const quote = { id: span.id, text: quoteText(shortenText(span.quote, 70)), kind: span.label };
    return [{ text: interpolate(gettext("– %(deed)s:"), { deed }, true) }, quote];
  }

  /** What a claim or position is about has a line of its own: it is a whole sentence. */
  issue(span) {
    const text = this.app.registry.propositionText(span.proposition);
    if (!text) return [];
    const intro = span.label === "position" ? gettext("Issue:") : gettext("Proposition:");
    return [[{ text: intro }, { text, kind: "issue" }]];
  }

  /** Claims and positions that lie over each other speak of one thing. */
  beside(span) {
    const other = { claim: "position", position: "claim" }[span.label];
    const overlaps = (one) => one.label === other && one.start < span.end && span.start < one.end;
    return this.app.model.ordered.filter(overlaps);
  }
}
