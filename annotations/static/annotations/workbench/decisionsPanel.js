// @ts-check
/**
 * Adjudication: every difference between the sources is one decision. A decision is shown as taken at
 * once, sent in the order in which it was taken, and shown as open again if the service refuses it.
 */

import { errorText } from "./api.js";
import { revealRange } from "./articleText.js";
import { decisionKeyRows } from "./decisionKeys.js";
import { DecisionItem } from "./decisionItem.js";
import { DecisionSender } from "./decisionSender.js";
import { KIND_TITLES, REASONS, sideLetter, sideText } from "./decisionTexts.js";
import { createButton, createElement, findPart, replaceContent } from "./dom.js";
import { registerHighlights } from "./highlights.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";
import { DEFAULT_REASONS, needsDecision, verdictOf } from "./verdicts.js";

const PAGE = "page_size=500";
/** Over the spans of each label, below the chosen one. */
const LAYERS = { differences: -1, "side-a": 6, "side-b": 7 };

export class DecisionsPanel {
  /** @param {Pick<Services, "model" | "api" | "outbox" | "scheme" | "registry" | "messages" | "drafts" | "tabs" | "selection" | "segments" | "textNodes" | "highlights" | "commands" | "problems" | "transitions" | "loadSet" | "showSheet">} services */
  constructor(services) {
    const { model, api, outbox, scheme, messages, tabs, textNodes, highlights, commands, problems, transitions, loadSet, showSheet } = services;
    this.services = services;
    this.model = model;
    this.api = api;
    this.scheme = scheme;
    this.messages = messages;
    this.tabs = tabs;
    this.textNodes = textNodes;
    this.commands = commands;
    this.problems = problems;
    this.transitions = transitions;
    this.highlights = highlights;
    this.loadSet = loadSet;
    this.showSheet = showSheet;
    /** Whether the current difference lies over the text, where the screen is small. */
    this.isOpen = true;
    this.root = findPart("decisions");
    /** @type {Decision[]} */
    this.rows = [];
    /** @type {string | null} */
    this.currentId = null;
    /** @type {Map<string, DecisionItem>} */
    this.items = new Map();
    /** @type {Map<string, SettleBody | null>} what is on its way, by decision; null reopens it */
    this.sentBodies = new Map();
    this.sender = new DecisionSender({ api, outbox });
    /** @type {Map<string, Span>} the spans of the sources, for the ends of their relations */
    this.sourceSpans = new Map();
    /** @type {Map<string, Highlight>} */
    this.layers = new Map();
    /** @type {string | null} */
    this.failure = null;
    this.note = createElement("p", { class: "note", "data-part": "decisions-note" });
    this.list = createElement("ol", { class: "decisions", "aria-label": gettext("Differences in reading order") });
    tabs.setOffered("decisions", true);
    this.start();
  }

  start() {
    replaceContent(this.root, this.note, this.list);
    if (this.highlights.isSupported) this.layers = registerHighlights(LAYERS);
    this.model.on("change", () => this.draw());
    this.tabs.on("show", () => this.drawText());
    this.tabs.show("decisions");
    this.load();
  }

  async load() {
    const { api, model } = this;
    try {
      const found = [];
      for await (const row of api.readRows(`sets/${model.set.id}/decisions/?${PAGE}`)) found.push(row);
      this.rows = found;
      this.failure = null;
      if (!this.currentRow) this.currentId = (this.rowsToDecide[0] ?? this.rows[0])?.id ?? null;
      model.notifyViews();
      await this.loadSourceSpans();
    } catch (error) {
      this.failure = errorText(error);
      this.draw();
    }
  }

  /** Load the spans of the sources, once: they say what stands at the other end of a relation. */
  async loadSourceSpans() {
    const sets = new Set(this.rows.flatMap(({ sides }) => sides.map(({ set }) => set)));
    const hasLinks = this.rows.some(({ sides }) => sides.some(({ relations }) => relations.length));
    if (!hasLinks || this.sourceSpans.size) return;
    for (const set of sets) {
      for await (const span of this.api.readRows(`sets/${set}/spans/?${PAGE}`)) this.sourceSpans.set(span.id, span);
    }
    this.draw();
  }

  /** The keys that only an adjudication has. */
  keyRows() {
    return decisionKeyRows(this);
  }

  get currentRow() {
    return this.rows.find(({ id }) => id === this.currentId) ?? null;
  }

  /** Differences that have to be decided, or looked at again because a source has changed. */
  get rowsToDecide() {
    return this.rows.filter((row) => !this.sentBodies.has(row.id) && needsDecision(row));
  }

  /** The number that stops a submission: open, or not yet acknowledged. */
  get openCount() {
    return this.rows.filter(({ id, state }) => state === "open" || this.sentBodies.has(id)).length;
  }

  /**
   * @param {string} id
   * @param {{ tells?: boolean, focuses?: boolean }} [options]
   */
  chooseRow(id, { tells = true, focuses = false } = {}) {
    this.currentId = id;
    this.isOpen = true;
    this.showSheet();
    this.tabs.show("decisions");
    this.draw();
    const item = this.items.get(id);
    if (focuses) item?.focus();
    item?.scroll();
    const { currentRow } = this;
    if (!currentRow) return;
    const range = this.rangeOf(currentRow);
    if (range) revealRange(this.textNodes, ...range);
    if (tells) this.messages.announce(this.describeRow(currentRow));
  }

  /** Leave the text free on a small screen; a difference that is chosen comes back. */
  close() {
    this.isOpen = false;
    this.showSheet();
  }

  /**
   * Choose the difference at a place of the text, and of several there the next one; answers whether there is one.
   *
   * @param {number} place in units
   */
  chooseAt(place) {
    if (this.root.hidden) return false;
    const here = this.rows.filter((row) => {
      const [start, end] = this.rangeOf(row) ?? [0, 0];
      return start <= place && place < end;
    });
    const next = here[(here.findIndex(({ id }) => id === this.currentId) + 1) % here.length];
    if (next) this.chooseRow(next.id);
    return Boolean(next);
  }

  /**
   * Go to the next (or previous) open difference; if none is open, to the next one at all.
   *
   * @param {number} by
   */
  goToRow(by) {
    const { rows } = this;
    if (!rows.length) return this.commands.showHint(gettext("The sources differ in nothing."));
    const open = this.rowsToDecide;
    const wanted = open.length ? new Set(open.map(({ id }) => id)) : new Set(rows.map(({ id }) => id));
    const at = rows.findIndex(({ id }) => id === this.currentId);
    for (let away = 1; away <= rows.length; away += 1) {
      const row = rows[(at + by * away + rows.length * (away + 1)) % rows.length];
      if (row && wanted.has(row.id)) return this.chooseRow(row.id, { focuses: this.hasFocus });
    }
    return null;
  }

  get hasFocus() {
    return this.list.contains(document.activeElement) || document.activeElement === document.body;
  }

  /** @param {Decision} row */
  describeRow(row) {
    const facts = { number: this.rows.indexOf(row) + 1, all: this.rows.length, kind: KIND_TITLES[row.kind] };
    const place = interpolate(gettext("Difference %(number)s of %(all)s, %(kind)s."), facts, true);
    const sides = row.sides.map((side, index) => `${sideLetter(index)}, ${side.owner}: ${sideText(this.scheme, row, side)}.`);
    return [place, ...sides].join(" ");
  }

  /**
   * Where the difference is, in units: everything that any side covers.
   *
   * @param {Decision} row
   * @returns {UnitRange | null}
   */
  rangeOf(row) {
    const { model } = this;
    const ends = (row.ends ?? []).map((id) => model.findSpan(id)).filter((span) => span !== null);
    const spans = [...row.sides.map(({ span }) => span).filter((span) => span !== null), ...ends];
    if (!spans.length) return null;
    const ranges = spans.map((span) => model.unitRangeOf(span));
    return [Math.min(...ranges.map(([start]) => start)), Math.max(...ranges.map(([, end]) => end))];
  }

  /**
   * The current difference, if this person may decide it now; otherwise say why not.
   *
   * @returns {Decision | null}
   */
  decidableRow() {
    const { currentRow, model, commands, scheme } = this;
    if (!currentRow) return commands.showHint(gettext("Choose a difference first, with the full stop."));
    if (model.isEditable) return currentRow;
    const locked = gettext("The set is %(state)s; its decisions stay as they are.");
    const foreign = gettext("This adjudication is not yours; its decisions stay as they are.");
    return commands.showHint(model.isMine ? interpolate(locked, { state: scheme.stateTitle(model.set.state) }, true) : foreign);
  }

  /**
   * Take the span of a side.
   *
   * @param {number} index
   */
  takeSide(index) {
    const row = this.decidableRow();
    if (!row) return;
    const side = row.sides[index];
    if (!side) return void this.commands.showHint(interpolate(gettext("There is no side %(side)s."), { side: sideLetter(index) }, true));
    const choice = ["take_a", "take_b"][index] ?? "take";
    this.decide(row, { choice, ...(choice === "take" ? { owner: side.owner } : {}) });
  }

  /** Take no side: nothing is marked there. */
  dropRow() {
    const row = this.decidableRow();
    if (row) this.decide(row, { choice: "drop" });
  }

  /** Open the form for a span of the adjudicator's own. */
  openOwnForm() {
    const row = this.decidableRow();
    if (!row) return;
    if (row.kind === "relation") return void this.commands.showHint(gettext("A link is taken from a side, or dropped."));
    this.tabs.show("decisions");
    this.items.get(row.id)?.openOwnForm();
  }

  /** Take the next reason of the list for the current decision. */
  nextReason() {
    const row = this.decidableRow();
    if (!row) return;
    const index = REASONS.findIndex(({ value }) => value === this.reasonOf(row));
    const next = REASONS[(index + 1) % REASONS.length];
    if (next) this.setReason(row, next.value);
  }

  /** @param {Decision} row */
  reasonOf(row) {
    return row.wanted ?? row.reason ?? DEFAULT_REASONS[row.kind];
  }

  /**
   * Set the reason. If the difference is decided, the decision is sent again with it.
   *
   * @param {Decision} row
   * @param {string} reason
   */
  setReason(row, reason) {
    row.wanted = reason;
    this.messages.announce(interpolate(gettext("Reason: %(reason)s"), { reason: REASONS.find(({ value }) => value === reason)?.text }, true));
    if (row.state === "settled" && row.choice !== "own") this.decide(row, verdictOf(row), { stays: true });
    else this.draw();
  }

  /**
   * @param {Decision} row
   * @param {Verdict} verdict
   * @param {{ stays?: boolean }} [options]
   */
  decide(row, verdict, { stays = false } = {}) {
    const body = { ...verdict, reason: this.reasonOf(row) };
    this.sentBodies.set(row.id, body);
    this.sender.enqueue(() => this.sendDecision(row.id, body));
    if (stays) this.model.notifyViews();
    else this.goToNext();
  }

  goToNext() {
    const next = this.rowsToDecide.length ? this.rowAfter(this.currentId) : null;
    this.model.notifyViews();
    if (next) this.chooseRow(next.id, { focuses: this.hasFocus });
  }

  /**
   * The next decision to be made behind this one, or else the first of all.
   *
   * @param {string | null} id
   */
  rowAfter(id) {
    const { rows, rowsToDecide } = this;
    const at = rows.findIndex((row) => row.id === id);
    return rows.slice(at + 1).find((row) => rowsToDecide.includes(row)) ?? rowsToDecide[0];
  }

  reopen() {
    const row = this.decidableRow();
    if (!row) return;
    if (row.state === "open") return void this.commands.showHint(gettext("This difference is open already."));
    this.sentBodies.set(row.id, null);
    this.sender.enqueue(() => this.sendDecision(row.id, null));
    this.model.notifyViews();
  }

  /**
   * Send one decision; `null` takes it back.
   *
   * @param {string} id
   * @param {SettleBody | null} body
   */
  async sendDecision(id, body) {
    try {
      const version = this.rows.find((row) => row.id === id)?.version;
      const answer = await this.sender.send(id, body, version);
      this.rows = this.rows.map((row) => (row.id === id ? answer : row));
    } catch (error) {
      await this.onRefused(error);
    }
    if (this.sentBodies.get(id) === body) this.sentBodies.delete(id);
    if (!this.sentBodies.size) await this.onAllSent();
  }

  /** @param {unknown} error */
  async onRefused(error) {
    this.messages.showWarning(interpolate(gettext("Not saved: %(what)s"), { what: errorText(error) }, true));
    await this.load();
  }

  /** Fetch the spans that the decisions have made, and say when nothing is left. */
  async onAllSent() {
    await this.loadSet();
    this.problems.loadLater();
    const { transitions, model, messages } = this;
    if (this.openCount || this.rowsToDecide.length || !model.isEditable) return;
    const message = messages.showInfo(`${gettext("Every difference is settled.")} `, createButton(gettext("Submit for review"), () => {
      message.remove();
      transitions.startTransition("submit");
    }, { "data-action": "submit-adjudication" }));
  }

  draw() {
    const open = this.openCount;
    this.tabs.setCount("decisions", open, formatCount(ngettext("%(n)s open decision", "%(n)s open decisions", open), open));
    this.drawNote();
    for (const [id, item] of this.items) {
      if (this.rows.some((row) => row.id === id)) continue;
      item.element.remove();
      this.items.delete(id);
    }
    this.rows.forEach((row, index) => {
      const item = this.items.get(row.id) ?? this.createItem(row);
      item.show(row, index);
      if (this.list.children[index] !== item.element) this.list.insertBefore(item.element, this.list.children[index] ?? null);
    });
    this.drawText();
  }

  /** @param {Decision} row */
  createItem(row) {
    const item = new DecisionItem(this.services, this, row);
    this.items.set(row.id, item);
    return item;
  }

  drawNote() {
    const { rows, openCount: open } = this;
    const flagged = rows.filter(({ source_changed: changed }) => changed).length;
    const all = ngettext("%(n)s difference", "%(n)s differences", rows.length);
    const some = interpolate(gettext("%(open)s of %(all)s open."), { open, all: formatCount(all, rows.length) }, true);
    const none = formatCount(ngettext("%(n)s difference settled.", "All %(n)s differences settled.", rows.length), rows.length);
    const words = this.failure ?? (rows.length ? (open ? some : none) : gettext("The sources differ in nothing; what they have is merged."));
    const flag = flagged ? ` ${formatCount(ngettext("%(n)s decision to look at again: a source has changed.", "%(n)s decisions to look at again: a source has changed.", flagged), flagged)}` : "";
    if (this.note.textContent !== words + flag) this.note.textContent = words + flag;
    this.note.classList.toggle("trouble", Boolean(this.failure));
  }

  /** Highlight all open differences lightly, and each side of the current one in its own way. */
  drawText() {
    if (!this.layers.size) return;
    const { textNodes, model } = this;
    for (const layer of this.layers.values()) layer.clear();
    if (this.root.hidden) return;
    /**
     * @param {string} name
     * @param {FrozenSpan} span
     */
    const put = (name, span) => this.layers.get(name)?.add(textNodes.createStaticRange(...model.unitRangeOf(span)));
    for (const row of this.rowsToDecide) row.sides.forEach(({ span }) => span && put("differences", span));
    this.currentRow?.sides.forEach(({ span }, index) => span && put(index ? "side-b" : "side-a", span));
  }
}
