// @ts-check
/** One difference: a line in the list, and below the current one its sides beside each other. */

import { KIND_TITLES, outcomeText, REASONS, sideLetter, subjectText } from "./decisionTexts.js";
import { createButton, createElement, createId, focusedElement, formatTime, isolateText, replaceContent, shortenText } from "./dom.js";
import { draftKeys } from "./drafts.js";
import { OwnSpanForm } from "./ownSpanForm.js";
import { capitalize } from "./spanFields.js";
import { gettext, interpolate, pgettext, quoteText } from "./translation.js";

const CONTEXT_LENGTH = 28;

/** @type {Record<string, string>} */
const OWN_OUTCOMES = { own: gettext("Own mark"), drop: gettext("Dropped") };

export class DecisionItem {
  /**
   * @param {SpanFormServices & Pick<Services, "registry" | "drafts">} services
   * @param {DecisionsPanel} decisions
   * @param {Decision} row
   */
  constructor(services, decisions, row) {
    const { model, scheme, registry } = services;
    this.services = services;
    this.model = model;
    this.scheme = scheme;
    this.registry = registry;
    this.decisions = decisions;
    const { id } = row;
    this.id = id;
    this.row = row;
    /** @type {HTMLElement | null} */
    this.body = null;
    /** @type {OwnSpanForm | null} */
    this.ownForm = null;
    /** @type {string | null} what is drawn */
    this.key = null;
    this.head = createButton("", () => decisions.chooseRow(id, { tells: false }), { class: "decision-head" });
    this.element = createElement("li", { "data-decision": id, class: "decision" }, this.head);
  }

  focus() {
    this.head.focus({ preventScroll: true });
  }

  scroll() {
    this.element.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {Decision} row
   * @param {number} index
   */
  show(row, index) {
    const { decisions, model } = this;
    const isCurrent = decisions.currentId === this.id;
    const isSending = decisions.sentBodies.has(this.id);
    const facts = [row.version, row.wanted, index, isCurrent, isSending, model.isEditable, this.registry.revision, decisions.sourceSpans.size, subjectText(model, row)];
    const key = JSON.stringify(facts);
    if (key === this.key) return;
    this.key = key;
    this.row = row;
    this.element.dataset.state = row.state;
    this.element.classList.toggle("current", isCurrent);
    this.element.classList.toggle("unsaved", isSending);
    this.head.setAttribute("aria-expanded", String(isCurrent));
    replaceContent(
      this.head,
      createElement("span", { class: "number" }, String(index + 1)),
      createElement("span", { class: `kind ${row.kind}` }, KIND_TITLES[row.kind]),
      createElement("span", { class: "quote" }, isolateText(shortenText(subjectText(model, row)))),
      createElement("span", { class: "signs" }, createBadges(row, isSending)),
    );
    this.showBody(isCurrent);
  }

  /**
   * Draw the body again. A form for an own span that is being filled in stays, and comes back with its line.
   *
   * @param {boolean} isCurrent
   */
  showBody(isCurrent) {
    const held = this.body?.contains(document.activeElement) ? focusedElement()?.dataset.decide : null;
    this.body?.remove();
    this.body = null;
    if (!isCurrent) return;
    if (this.model.isEditable && this.services.drafts.get(draftKeys.own(this.id))) this.ownForm ??= this.createOwnForm();
    this.body = createElement("div", { class: "decision-body" }, this.createParts());
    this.element.append(this.body);
    if (held) this.focusControl(held);
  }

  createParts() {
    const { row, model } = this;
    const changed = row.source_changed && createElement("p", { class: "flag" }, gettext("A source has changed since this was compared. What was decided stays; decide again, or leave it by taking the same."));
    return [changed, this.createSides(), this.createVerdict(), model.isEditable && this.createControls(), this.ownForm?.element];
  }

  /** @param {string} name */
  focusControl(name) {
    const control = this.body?.querySelector(`[data-decide="${name}"]`);
    (control instanceof HTMLElement ? control : this.head).focus();
  }

  // --- the sides -------------------------------------------------------------------------

  createSides() {
    const { row } = this;
    const facts = row.sides.map((side) => this.describeSide(side));
    const names = [...new Set(facts.flatMap((one) => Object.keys(one)))];
    const cards = row.sides.map((side, index) => this.createCard(side, index, facts, names));
    return createElement("div", { class: "sides" }, cards);
  }

  /**
   * @param {DecisionSide} side
   * @param {number} index
   * @param {Record<string, string>[]} facts
   * @param {string[]} names
   */
  createCard(side, index, facts, names) {
    const heading = createId("side");
    const isTaken = this.row.state === "settled" && outcomeText(this.row) === sideLetter(index);
    /** @param {string} name */
    const values = (name) => facts.map((one) => one[name] ?? "");
    const isBare = !side.span && this.row.kind !== "relation";
    const shown = isBare ? [] : names;
    const rows = shown.flatMap((name) => {
      const differs = new Set(values(name)).size > 1;
      const fact = facts[index]?.[name];
      const value = fact ? isolateText(fact) : "–";
      return [createElement("dt", {}, name), createElement("dd", { class: differs ? "differs" : null }, value)];
    });
    return createElement(
      "section",
      { class: `side-card ${index ? "b" : "a"}${isTaken ? " taken" : ""}`, "aria-labelledby": heading, "data-side": sideLetter(index) },
      createElement("h2", { id: heading }, createElement("span", { class: "letter" }, sideLetter(index)), " ", isolateText(side.owner), isTaken && createElement("span", { class: "sign" }, ` ${gettext("taken")}`)),
      side.span ? this.createQuote(side.span) : this.row.kind !== "relation" && createElement("p", { class: "quiet" }, gettext("Nothing marked here.")),
      rows.length ? createElement("dl", { class: "facts" }, rows) : null,
    );
  }

  /**
   * Create the quote with the words around it, since often only the edges differ.
   *
   * @param {FrozenSpan} span
   */
  createQuote({ start, end, quote }) {
    const { text } = this.model.revision;
    const [from, to] = this.model.unitRangeOf({ start, end });
    const [before, after] = wordsAround(text, from, to);
    /** @param {string} words */
    const more = (words) => createElement("span", { class: "context" }, words.replace(/\s+/g, " "));
    return createElement("p", { class: "quote" }, createElement("bdi", { dir: "auto" }, more(before), createElement("mark", {}, shortenText(quote, 400)), more(after)));
  }

  /** @param {DecisionSide} side */
  describeSide({ span, relations }) {
    const { registry, scheme } = this;
    const links = relations.map((link) => this.describeLink(link, span)).sort().join("; ");
    if (this.row.kind === "relation") return { [gettext("Link")]: links || gettext("no link") };
    if (!span) return {};
    const attributes = Object.entries(span.attributes).map(([name, value]) => [capitalize(scheme.findAttribute(name).title), scheme.valueTitle(name, value)]);
    const all = {
      [gettext("Label")]: scheme.findLabel(span.label).title,
      [gettext("Actor")]: registry.actorName(span.actor),
      [span.label === "position" ? gettext("Issue") : gettext("Proposition")]: registry.propositionText(span.proposition),
      ...Object.fromEntries(attributes),
      [gettext("Links")]: links,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
  }

  /**
   * @param {FrozenRelation} relation
   * @param {FrozenSpan | null} span
   */
  describeLink({ type, source, target }, span) {
    const { title } = this.scheme.findRelation(type);
    if (this.row.kind === "relation") return title;
    const isOut = source === span?.id;
    const other = this.decisions.sourceSpans.get(isOut ? target : source)?.quote;
    const words = other ? quoteText(shortenText(other, 50)) : "…";
    return isOut ? `${title} ${words}` : interpolate(gettext("%(label)s %(relation)s this"), { label: words, relation: title }, true);
  }

  // --- deciding --------------------------------------------------------------------------

  createVerdict() {
    const { row } = this;
    if (row.state !== "settled") return null;
    const reason = REASONS.find(({ value }) => value === row.reason)?.text ?? row.reason;
    const what = OWN_OUTCOMES[row.choice ?? ""] ?? interpolate(gettext("Took %(side)s"), { side: outcomeText(row) }, true);
    const when = row.settled_at && [" ", createElement("time", { datetime: row.settled_at }, formatTime(row.settled_at))];
    const gone = row.span && !this.model.findSpan(row.span) && !this.decisions.sentBodies.size ? ` ${gettext("Its mark was deleted since.")}` : "";
    const words = interpolate(gettext("%(what)s, reason: %(reason)s."), { what, reason }, true);
    return createElement("p", { class: "verdict" }, `${words} `, row.settled_by && isolateText(row.settled_by), when, gone);
  }

  createControls() {
    const { row, decisions } = this;
    const take = row.sides.map((side, index) =>
      createControl(interpolate(gettext("Take %(side)s"), { side: sideLetter(index) }, true), sideLetter(index), () => decisions.takeSide(index), {
        class: index < 2 ? "primary" : null,
        "aria-label": interpolate(gettext("Take %(side)s, %(name)s"), { side: sideLetter(index), name: side.owner }, true),
        "data-decide": `take-${sideLetter(index)}`,
      }),
    );
    const own = row.kind !== "relation" && createControl(gettext("Own …"), "O", () => decisions.openOwnForm(), { "data-decide": "own" });
    const drop = createControl(gettext("Drop"), "X", () => decisions.dropRow(), { "data-decide": "drop" });
    const again = row.state === "settled" && createControl(gettext("Open again"), "R", () => decisions.reopen(), { "data-decide": "reopen" });
    return createElement("div", { class: "decide" }, this.createReasonField(), createElement("div", { class: "actions" }, take, own, drop, again));
  }

  createReasonField() {
    const id = createId("reason");
    const options = REASONS.map(({ value, text }) => createElement("option", { value }, text));
    const select = createElement("select", { id, "data-decide": "reason", onchange: ({ currentTarget }) => this.decisions.setReason(this.row, currentTarget.value) }, options);
    select.value = this.decisions.reasonOf(this.row);
    return createElement("div", { class: "field" }, createElement("label", { for: id }, `${gettext("Why they differ")} `, createElement("kbd", { "aria-hidden": "true" }, "y")), select);
  }

  createOwnForm() {
    return new OwnSpanForm(this.services, this.row, {
      done: (span) => {
        this.ownForm = null;
        this.decisions.decide(this.row, { choice: "own", span });
      },
      cancel: () => {
        this.ownForm?.element.remove();
        this.ownForm = null;
        this.head.focus();
      },
    });
  }

  openOwnForm() {
    this.ownForm ??= this.createOwnForm();
    if (!this.ownForm.element.isConnected) this.body?.append(this.ownForm.element);
    this.ownForm.focus();
  }
}

/**
 * The words before and after a range; where they are cut there is an ellipsis, and no half of a word if it has spaces.
 *
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @returns {[before: string, after: string]}
 */
function wordsAround(text, from, to) {
  const before = Array.from(text.slice(Math.max(0, from - CONTEXT_LENGTH), from)).slice(1).join("");
  const after = Array.from(text.slice(to, to + CONTEXT_LENGTH)).slice(0, -1).join("");
  return [
    from > CONTEXT_LENGTH ? `… ${before.replace(/^\S*\s+(?=\S)/, "")}` : text.slice(0, from),
    text.length > to + CONTEXT_LENGTH ? `${after.replace(/(?<=\S)\s+\S*$/, "")} …` : text.slice(to),
  ];
}

/**
 * @param {string} text
 * @param {string} key
 * @param {() => void} act
 * @param {ElementAttributes<HTMLButtonElement>} attributes
 */
function createControl(text, key, act, attributes) {
  const made = createButton(text, act, { ...attributes, "aria-keyshortcuts": `Shift+${key}` });
  made.append(" ", createElement("kbd", { "aria-hidden": "true" }, key));
  return made;
}

/**
 * @param {Decision} row
 * @param {boolean} isSending
 */
function createBadges(row, isSending) {
  const found = [];
  if (row.source_changed) found.push(createElement("span", { class: "sign changed" }, gettext("source changed")));
  if (isSending) found.push(createElement("span", { class: "open" }, gettext("saving")));
  else if (row.state === "settled") found.push(createElement("span", { class: "sign settled" }, outcomeText(row)));
  else found.push(createElement("span", { class: "sign" }, pgettext("decision", "open")));
  return found;
}
