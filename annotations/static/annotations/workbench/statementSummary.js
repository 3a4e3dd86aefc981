// @ts-check
/** A claim, its source and the positions in it, a line for each, so that they read as one statement. */

import { createButton, createElement, isolateText, replaceContent, shortenText } from "./dom.js";
import { spanTitle } from "./relationEditor.js";
import { gettext, interpolate, quoteText } from "./translation.js";

const SOURCE_RELATIONS = ["made_by", "held_by"];
/** Names of the source where no actor is connected, by attribution. */
/** @type {Record<string, string>} */
const NOBODY = { unnamed: gettext("Somebody unnamed"), author: gettext("The article") };

export class StatementSummary {
  /**
   * @param {Pick<Services, "model" | "scheme" | "registry">} services
   * @param {string} spanId
   */
  constructor({ model, scheme, registry }, spanId) {
    this.model = model;
    this.scheme = scheme;
    this.registry = registry;
    this.spanId = spanId;
    this.element = createElement("div", { class: "statement", hidden: true });
    /** @type {string | null} */
    this.key = null;
  }

  show() {
    const { model } = this;
    const span = model.findSpan(this.spanId);
    const lines = span ? this.describeLines(span) : [];
    const key = JSON.stringify(lines);
    if (key === this.key) return;
    this.key = key;
    this.element.hidden = !lines.length;
    replaceContent(this.element, lines.map((line) => createElement("p", {}, line.flatMap((part, index) => [index ? " " : null, this.createPiece(part)]))));
  }

  /** @param {StatementPiece} piece */
  createPiece({ id, text, kind }) {
    if (!id) return createElement("span", { class: kind ?? "connector" }, isolateText(text));
    return createButton(isolateText(text), () => this.model.chooseSpan(id), { class: `link ${kind}` });
  }

  /**
   * Describe who does what; then the positions within a claim, or the claim around a position.
   *
   * @param {Span} span
   */
  describeLines(span) {
    if (span.label === "actor") return this.spansOfActor(span).map((one) => [this.namePiece(span), ...this.bodyPieces(one)]);
    const intro = span.label === "claim" ? gettext("Position in it:") : gettext("In the claim:");
    const beside = this.overlappingSpans(span).map((one) => [{ text: intro }, ...this.actorPieces(one), ...this.bodyPieces(one)]);
    return [[...this.actorPieces(span), ...this.bodyPieces(span)], ...this.issueLines(span), ...beside];
  }

  /**
   * The claims and positions of an actor.
   *
   * @param {Span} span
   */
  spansOfActor(span) {
    const into = this.model.relationsOf(span.id).filter(({ target, type }) => target === span.id && SOURCE_RELATIONS.includes(type));
    return into.map(({ source }) => this.model.findSpan(source)).filter((one) => one !== null);
  }

  /** @param {Span} span */
  actorPieces(span) {
    const out = this.model.relationsOf(span.id).filter(({ source, type }) => source === span.id && SOURCE_RELATIONS.includes(type));
    const ends = out.map(({ target }) => this.model.findSpan(target)).filter((one) => one !== null);
    if (ends.length) return ends.map((one) => this.namePiece(one));
    return [{ text: NOBODY[span.attributes.attribution ?? ""] ?? gettext("Nobody yet") }];
  }

  /** @param {Span} span */
  namePiece(span) {
    return { id: span.id, text: spanTitle(this.registry, span), kind: "actor" };
  }

  /**
   * Describe the kind and the words of a span: “– support: would pay”.
   *
   * @param {Span} span
   */
  bodyPieces(span) {
    const { scheme } = this;
    const name = span.label === "claim" ? "claim_type" : "stance";
    const deed = scheme.valueTitle(name, span.attributes[name]) ?? scheme.findLabel(span.label).title;
    const quote = { id: span.id, text: quoteText(shortenText(span.quote, 70)), kind: span.label };
    return [{ text: interpolate(gettext("– %(deed)s:"), { deed }, true) }, quote];
  }

  /**
   * Describe what a claim or position is about, on a line of its own: it is a whole sentence.
   *
   * @param {Span} span
   */
  issueLines(span) {
    const text = this.registry.propositionText(span.proposition);
    if (!text) return [];
    const intro = span.label === "position" ? gettext("Issue:") : gettext("Proposition:");
    return [[{ text: intro }, { text, kind: "issue" }]];
  }

  /**
   * Find the positions over a claim, or the claims over a position: they belong together.
   *
   * @param {Span} span
   */
  overlappingSpans(span) {
    const other = { claim: "position", position: "claim" }[span.label];
    /** @param {Span} one */
    const overlaps = (one) => one.label === other && one.start < span.end && span.start < one.end;
    return this.model.orderedSpans.filter(overlaps);
  }
}
