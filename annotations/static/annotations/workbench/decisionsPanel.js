/**
 * Adjudication: every difference between the sources is one decision. A decision is shown as taken at
 * once, sent in the order of the keys, and taken back if the service refuses it.
 */

import { revealRange } from "./articleText.js";
import { DecisionItem } from "./decisionItem.js";
import { KIND_TITLES, REASONS, sideLetter, sideText } from "./decisionTexts.js";
import { createButton, createElement, findPart, replaceContent } from "./dom.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const PAGE = "page_size=500";
/** Over the marks of the label, below what is chosen. */
const LAYERS = { differences: -1, "side-a": 6, "side-b": 7 };

export class DecisionsPanel {
  constructor(app) {
    this.app = app;
    this.root = findPart("decisions");
    this.rows = [];
    this.current = null;
    this.items = new Map();
    /** What is on its way, by the decision: {choice, reason, owner, span}. */
    this.sending = new Map();
    this.queue = Promise.resolve();
    /** The marks of the sources, by their ids, for the ends of their relations. */
    this.marks = new Map();
    this.layers = null;
    this.isOn = app.model.set.kind === "adjudication";
    app.tabs.offer("decisions", this.isOn);
    if (this.isOn) this.begin();
  }

  begin() {
    const { app } = this;
    this.note = createElement("p", { class: "note", "data-part": "decisions-note" });
    this.list = createElement("ol", { class: "decisions", "aria-label": gettext("Differences in reading order") });
    replaceContent(this.root, this.note, this.list);
    if (app.highlights.isSupported) this.layers = registerHighlights();
    app.model.addEventListener("change", () => this.draw());
    app.tabs.addEventListener("show", () => this.drawText());
    app.tabs.show("decisions");
    this.load();
  }

  async load() {
    if (!this.isOn) return;
    const { api, model } = this.app;
    try {
      const found = [];
      for await (const row of api.rows(`sets/${model.set.id}/decisions/?${PAGE}`)) found.push(row);
      this.rows = found;
      this.failure = null;
      if (!this.row) this.current = (this.todo[0] ?? this.rows[0])?.id ?? null;
      model.changed();
      await this.loadMarks();
    } catch (error) {
      this.failure = error.detail ?? String(error);
      this.draw();
    }
  }

  /** The sources themselves, once: they say what the other end of a relation is. */
  async loadMarks() {
    const sets = new Set(this.rows.flatMap(({ sides }) => sides.map(({ set }) => set)));
    const hasLinks = this.rows.some(({ sides }) => sides.some(({ relations }) => relations.length));
    if (!hasLinks || this.marks.size) return;
    for (const set of sets) {
      for await (const span of this.app.api.rows(`sets/${set}/spans/?${PAGE}`)) this.marks.set(span.id, span);
    }
    this.draw();
  }

  get row() {
    return this.rows.find(({ id }) => id === this.current) ?? null;
  }

  /** What still has to be decided, or looked at again because a source has changed. */
  get todo() {
    return this.rows.filter((row) => !this.sending.has(row.id) && needsDecision(row));
  }

  /** The number that stops a submission: open, or not yet acknowledged. */
  get open() {
    return this.rows.filter(({ id, state }) => state === "open" || this.sending.has(id)).length;
  }

  // --- walking ---------------------------------------------------------------------------

  choose(id, { tells = true, focuses = false } = {}) {
    this.current = id;
    this.app.tabs.show("decisions");
    this.draw();
    const item = this.items.get(id);
    if (focuses) item?.focus();
    item?.scroll();
    const { row } = this;
    if (!row) return;
    const range = this.rangeOf(row);
    if (range) revealRange(this.app.places, ...range);
    if (tells) this.app.messages.announce(this.words(row));
  }

  /** To the next (or previous) difference that is open; if none is, to the next one at all. */
  step(by) {
    const { rows } = this;
    if (!rows.length) return this.app.commands.hint(gettext("The sources differ in nothing."));
    const open = this.todo;
    const wanted = open.length ? new Set(open.map(({ id }) => id)) : new Set(rows.map(({ id }) => id));
    const at = rows.findIndex(({ id }) => id === this.current);
    for (let away = 1; away <= rows.length; away += 1) {
      const row = rows[(at + by * away + rows.length * (away + 1)) % rows.length];
      if (wanted.has(row.id)) return this.choose(row.id, { focuses: this.hasFocus });
    }
    return null;
  }

  get hasFocus() {
    return this.list.contains(document.activeElement) || document.activeElement === document.body;
  }

  words(row) {
    const facts = { number: this.rows.indexOf(row) + 1, all: this.rows.length, kind: KIND_TITLES[row.kind] };
    const place = interpolate(gettext("Difference %(number)s of %(all)s, %(kind)s."), facts, true);
    const sides = row.sides.map((side, index) => `${sideLetter(index)}, ${side.owner}: ${sideText(this.app, row, side)}.`);
    return [place, ...sides].join(" ");
  }

  /** Where the difference is, in units: everything that any side covers. */
  rangeOf(row) {
    const { model } = this.app;
    const ends = (row.ends ?? []).map((id) => model.span(id)).filter(Boolean);
    const spans = [...row.sides.map(({ span }) => span).filter(Boolean), ...ends];
    if (!spans.length) return null;
    const ranges = spans.map((span) => model.range(span));
    return [Math.min(...ranges.map(([start]) => start)), Math.max(...ranges.map(([, end]) => end))];
  }

  // --- deciding --------------------------------------------------------------------------

  mayDecide() {
    const { model, commands, scheme } = this.app;
    if (!this.row) return commands.hint(gettext("Choose a difference first, with the full stop."));
    if (model.isEditable) return true;
    const locked = gettext("The set is %(state)s; its decisions stay as they are.");
    const foreign = gettext("This adjudication is not yours; its decisions stay as they are.");
    return commands.hint(model.isMine ? interpolate(locked, { state: scheme.state(model.set.state) }, true) : foreign);
  }

  take(index) {
    if (!this.mayDecide()) return;
    const { row } = this;
    const side = row.sides[index];
    if (!side) return void this.app.commands.hint(interpolate(gettext("There is no side %(side)s."), { side: sideLetter(index) }, true));
    const choice = ["take_a", "take_b"][index] ?? "take";
    this.settle(row, { choice, ...(choice === "take" ? { owner: side.owner } : {}) });
  }

  drop() {
    if (this.mayDecide()) this.settle(this.row, { choice: "drop" });
  }

  own() {
    if (!this.mayDecide()) return;
    if (this.row.kind === "relation") return void this.app.commands.hint(gettext("A link is taken from a side, or dropped."));
    this.app.tabs.show("decisions");
    this.items.get(this.current)?.openOwn();
  }

  /** The next reason in the list, for the decision under hand. */
  nextReason() {
    if (!this.mayDecide()) return;
    const at = REASONS.findIndex(({ value }) => value === this.reasonOf(this.row));
    this.setReason(this.row, REASONS[(at + 1) % REASONS.length].value);
  }

  reasonOf(row) {
    return row.wanted ?? row.reason ?? { attributes: "guideline_unclear", relation: "link" }[row.kind] ?? row.kind;
  }

  /** Of a decision that is taken the reason is changed with it. */
  setReason(row, reason) {
    row.wanted = reason;
    this.app.messages.announce(interpolate(gettext("Reason: %(reason)s"), { reason: REASONS.find(({ value }) => value === reason).text }, true));
    if (row.state === "settled" && row.choice !== "own") this.settle(row, verdictOf(row), { stays: true });
    else this.draw();
  }

  settle(row, verdict, { stays = false } = {}) {
    const body = { ...verdict, reason: this.reasonOf(row) };
    this.sending.set(row.id, body);
    this.queue = this.queue.then(() => this.deliver(row.id, body));
    if (stays) this.app.model.changed();
    else this.advance();
  }

  advance() {
    const next = this.todo.length ? this.after(this.current) : null;
    this.app.model.changed();
    if (next) this.choose(next.id, { focuses: this.hasFocus });
  }

  after(id) {
    const { rows, todo } = this;
    const at = rows.findIndex((row) => row.id === id);
    return rows.slice(at + 1).find((row) => todo.includes(row)) ?? todo[0];
  }

  reopen() {
    if (!this.mayDecide()) return;
    const { row } = this;
    if (row.state === "open") return void this.app.commands.hint(gettext("This difference is open already."));
    this.sending.set(row.id, null);
    this.queue = this.queue.then(() => this.deliver(row.id, null));
    this.app.model.changed();
  }

  /** Send one, on the version of the decision that is known then; `null` takes it back. */
  async deliver(id, body) {
    const { api, outbox, messages } = this.app;
    const row = this.rows.find((one) => one.id === id);
    const path = `decisions/${id}/${body ? "settle" : "reopen"}/`;
    try {
      const request = { method: "POST", path, body: body ?? {}, version: row.version };
      const { data } = await outbox.during(() => this.persist(() => api.send(request)));
      this.replace(data);
    } catch (error) {
      await this.refused(error);
    }
    if (this.sending.get(id) === body) this.sending.delete(id);
    if (!this.sending.size) await this.arrived(messages);
  }

  /** What may succeed later is tried until it does; the page says meanwhile that it is not saved. */
  async persist(send) {
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        return await send();
      } catch (error) {
        if (!error.passing) throw error;
        this.app.outbox.suffer({ detail: error.detail });
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  replace(data) {
    this.app.outbox.suffer(null);
    this.rows = this.rows.map((row) => (row.id === data.id ? data : row));
  }

  async refused(error) {
    this.app.messages.warn(interpolate(gettext("Not saved: %(what)s"), { what: error.detail ?? String(error) }, true));
    await this.load();
  }

  /** What came of the decisions are marks: fetch them, and say when nothing is left. */
  async arrived(messages) {
    await this.app.load();
    this.app.problems.later();
    const { transitions, model } = this.app;
    if (this.open || this.todo.length || !model.isEditable) return;
    const message = messages.say(`${gettext("Every difference is settled.")} `, createButton(gettext("Submit for review"), () => {
      message.remove();
      transitions.ask("submit");
    }, { "data-action": "submit-adjudication" }));
  }

  // --- drawing ---------------------------------------------------------------------------

  draw() {
    if (!this.isOn) return;
    const { open } = this;
    this.app.tabs.count("decisions", open, formatCount(ngettext("%(n)s open decision", "%(n)s open decisions", open), open));
    this.drawNote();
    for (const [id, item] of this.items) {
      if (this.rows.some((row) => row.id === id)) continue;
      item.element.remove();
      this.items.delete(id);
    }
    this.rows.forEach((row, index) => {
      const item = this.items.get(row.id) ?? this.make(row);
      item.show(row, index);
      if (this.list.children[index] !== item.element) this.list.insertBefore(item.element, this.list.children[index] ?? null);
    });
    this.drawText();
  }

  make(row) {
    const item = new DecisionItem(this.app, this, row.id);
    this.items.set(row.id, item);
    return item;
  }

  drawNote() {
    const { rows, open } = this;
    const flagged = rows.filter(({ source_changed: changed }) => changed).length;
    const all = ngettext("%(n)s difference", "%(n)s differences", rows.length);
    const some = interpolate(gettext("%(open)s of %(all)s open."), { open, all: formatCount(all, rows.length) }, true);
    const none = formatCount(ngettext("%(n)s difference settled.", "All %(n)s differences settled.", rows.length), rows.length);
    const words = this.failure ?? (rows.length ? (open ? some : none) : gettext("The sources differ in nothing; what they have is merged."));
    const flag = flagged ? ` ${formatCount(ngettext("%(n)s decision to look at again: a source has changed.", "%(n)s decisions to look at again: a source has changed.", flagged), flagged)}` : "";
    if (this.note.textContent !== words + flag) this.note.textContent = words + flag;
    this.note.classList.toggle("trouble", Boolean(this.failure));
  }

  /** All that is open, lightly; of the current difference each side by a line of its own. */
  drawText() {
    if (!this.layers) return;
    const { places, model } = this.app;
    for (const layer of Object.values(this.layers)) layer.clear();
    if (this.root.hidden) return;
    const put = (name, span) => this.layers[name].add(places.still(...model.range(span)));
    for (const row of this.todo) row.sides.forEach(({ span }) => span && put("differences", span));
    this.row?.sides.forEach(({ span }, index) => span && put(index ? "side-b" : "side-a", span));
  }
}

function needsDecision({ state, source_changed: changed }) {
  return state === "open" || changed;
}

/** How a decision was taken, to send it again. */
function verdictOf({ choice, owner }) {
  return choice === "take" ? { choice, owner } : { choice };
}

function registerHighlights() {
  const found = {};
  for (const [name, priority] of Object.entries(LAYERS)) {
    found[name] = new Highlight();
    found[name].priority = priority;
    CSS.highlights.set(name, found[name]);
  }
  return found;
}
