/** A claim, its source and its position as one line that reads like a sentence. */

import { bdi, button, fill, h, shortened } from "./dom.js";
import { spanName } from "./relations.js";

const WHOSE = ["made_by", "held_by"];

export class Statement {
  constructor(app, spanId) {
    this.app = app;
    this.spanId = spanId;
    this.element = h("p", { class: "statement", hidden: true });
    this.key = null;
  }

  show() {
    const { model, registry } = this.app;
    const span = model.span(this.spanId);
    const parts = span ? this.parts(span) : [];
    const key = JSON.stringify([parts.map(({ id, text }) => [id, text]), registry.turn]);
    if (key === this.key) return;
    this.key = key;
    this.element.hidden = parts.length < 2;
    fill(this.element, parts.flatMap((part, index) => [index ? " " : null, this.piece(part)]));
  }

  piece({ id, text, kind }) {
    if (!id) return h("span", { class: "between" }, text);
    return button(bdi(text), () => this.app.model.choose(id), { class: `link ${kind}` });
  }

  /** Who · says or holds · what; with a claim the positions within it, with a position the claim around it. */
  parts(span) {
    if (span.label === "actor") return this.work(span);
    const own = [...this.whose(span), ...this.body(span)];
    const beside = this.beside(span).flatMap((one) => [
      { text: one.label === "position" ? "and so" : "as in the claim" },
      ...this.whose(one),
      ...this.body(one),
    ]);
    return [...own, ...beside];
  }

  /** What an actor says and holds. */
  work(span) {
    const into = this.app.model.relationsOf(span.id).filter(({ target, type }) => target === span.id && WHOSE.includes(type));
    const what = into.map(({ source }) => this.app.model.span(source)).filter(Boolean);
    return what.length ? [this.name(span), ...what.flatMap((one) => this.body(one))] : [];
  }

  whose(span) {
    const out = this.app.model.relationsOf(span.id).filter(({ source, type }) => source === span.id && WHOSE.includes(type));
    const ends = out.map(({ target }) => this.app.model.span(target)).filter(Boolean);
    if (ends.length) return ends.map((one) => this.name(one));
    const { attribution } = span.attributes;
    const words = { unnamed: "Somebody unnamed", author: "The article" }[attribution] ?? "Nobody yet";
    return [{ text: words }];
  }

  name(span) {
    return { id: span.id, text: spanName(this.app, span), kind: "actor" };
  }

  body(span) {
    const quote = { id: span.id, text: `“${shortened(span.quote, 70)}”`, kind: span.label };
    const issue = this.app.registry.propositionText(span.proposition);
    if (span.label === "claim") return [{ text: `– ${span.attributes.claim_type ?? "claim"}:` }, quote];
    const stance = { text: `– ${span.attributes.stance ?? "position"}:` };
    return issue ? [stance, { text: issue }, { text: "in" }, quote] : [stance, quote];
  }

  /** Claims and positions that lie over each other speak of one thing. */
  beside(span) {
    const other = { claim: "position", position: "claim" }[span.label];
    const overlaps = (one) => one.label === other && one.start < span.end && span.start < one.end;
    return this.app.model.ordered.filter(overlaps);
  }
}
