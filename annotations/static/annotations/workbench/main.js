/** Puts the workbench together: loads the set, builds the parts, joins them. */

import { Api } from "./api.js";
import { Commands } from "./commands.js";
import { CommentPanel } from "./comments.js";
import { Conflicts } from "./conflicts.js";
import { Decisions } from "./decisions.js";
import { Dialogs } from "./dialogs.js";
import { bdi, button, carried, fill, h, part } from "./dom.js";
import { Edits } from "./edits.js";
import { Guideline } from "./guideline.js";
import { Handles } from "./handles.js";
import { Highlights } from "./highlights.js";
import { Keys } from "./keys.js";
import { Linker } from "./linker.js";
import { Marker } from "./marker.js";
import { Mentions } from "./mentions.js";
import { Model } from "./model.js";
import { Outbox } from "./outbox.js";
import { Problems } from "./problems.js";
import { Registry } from "./registry.js";
import { Review } from "./review.js";
import { Scheme } from "./scheme.js";
import { Segments } from "./segments.js";
import { TextSelection } from "./selection.js";
import { Shelf } from "./shelf.js";
import { SpanList } from "./spans.js";
import { Statements } from "./statements.js";
import { Messages, SaveStatus } from "./status.js";
import { Tabs } from "./tabs.js";
import { renderText, reveal } from "./text.js";
import { Transitions } from "./transitions.js";
import { counted, gettext, interpolate, ngettext } from "./words.js";

class Workbench {
  constructor() {
    const { set, api, me } = carried("workbench-config");
    const token = document.querySelector('meta[name="csrf-token"]').content;
    this.id = set;
    this.api = new Api(api, token);
    this.scheme = new Scheme(carried("workbench-scheme"));
    this.model = new Model(me);
    this.messages = new Messages();
    this.text = part("text");
  }

  async start() {
    try {
      await this.load();
    } catch (error) {
      this.failed(error);
      return;
    }
    this.build();
    this.join();
    this.outbox.begin();
    this.elsewhere();
    this.text.removeAttribute("aria-busy");
    document.documentElement.dataset.workbench = "ready";
  }

  async load() {
    const { data, next } = await this.api.get(`sets/${this.id}/`);
    // a set shows the first of very many comments, and the way to the others
    if (next) for await (const comment of this.api.rows(next)) data.comments.push(comment);
    this.model.load(data);
  }

  failed(error) {
    const again = button(gettext("Try again"), () => location.reload());
    this.messages.warn(error.detail ?? String(error), " ", again);
    this.text.removeAttribute("aria-busy");
  }

  build() {
    const { model } = this;
    const { language, title } = model.article;
    this.segments = new Segments(model.revision.text, language);
    this.places = renderText(this.text, model.revision.text, this.segments, language);
    this.outbox = new Outbox(model, this.api, new Shelf(model.me.username, this.id));
    this.edits = new Edits(model, this.outbox, this.scheme);
    this.registry = new Registry(this.api, model);
    this.dialogs = new Dialogs(this);
    this.commands = new Commands(this);
    this.statements = new Statements(this);
    this.mentions = new Mentions(this);
    this.tabs = new Tabs(part("tabs"));
    this.selection = new TextSelection(this.places, this.segments);
    this.highlights = new Highlights(model, this.places);
    this.marker = new Marker(this);
    this.handles = new Handles(this);
    this.linker = new Linker(this);
    this.list = new SpanList(this, part("spans"));
    this.status = new SaveStatus(this);
    this.conflicts = new Conflicts(this);
    this.transitions = new Transitions(this);
    this.comments = new CommentPanel(this);
    this.problems = new Problems(this);
    this.review = new Review(this);
    this.guideline = new Guideline(this);
    this.decisions = new Decisions(this);
    this.keys = new Keys(this);
    document.title = `${title || gettext("Untitled")} · ${document.title}`;
    this.head();
    followBar(part("bar"));
  }

  /** What links the parts: a click into the text, a chosen mark, a refusal, news from others. */
  join() {
    const { model, outbox, edits } = this;
    this.text.addEventListener("click", () => this.onClick());
    this.selection.addEventListener("moved", () => this.announceSelection());
    model.addEventListener("choose", ({ detail }) => this.onChoose(detail));
    model.addEventListener("change", () => this.drawMode());
    outbox.addEventListener("refused", ({ detail }) => this.onRefused(detail));
    outbox.addEventListener("others", () => this.onOthers());
    edits.addEventListener("change", () => this.drawMode());
    part("keys").addEventListener("click", () => this.keys.help());
    part("undo").addEventListener("click", () => this.commands.undo());
    this.drawMode();
    if (!this.highlights.isSupported) {
      this.messages.warn(gettext("This browser cannot show marks in the text; the list beside it has them all."));
    }
  }

  /** Changes of this person to other sets wait in this browser: say where. */
  elsewhere() {
    for (const set of this.outbox.shelf.elsewhere()) {
      const link = h("a", { href: location.pathname.replace(this.id, set) }, gettext("Open it to send them."));
      this.messages.warn(gettext("Changes to another set wait in this browser."), " ", link);
    }
  }

  head() {
    const { article, set, revision } = this.model;
    fill(part("title"), article.title ? bdi(article.title) : gettext("Untitled"));
    const day = article.published_at && article.published_at.slice(0, 10);
    const facts = [article.source, article.author, day, article.language, article.external_id].filter(Boolean);
    const more = [
      set.kind === "adjudication" && gettext("adjudication"),
      set.round === "calibration" && gettext("calibration"),
      revision.number > 1 && interpolate(gettext("revision %(number)s"), { number: revision.number }, true),
    ].filter(Boolean);
    fill(part("byline"), [...facts, ...more].flatMap((fact, index) => [index ? " · " : "", bdi(fact)]));
  }

  drawMode() {
    const { model, edits } = this;
    const undo = part("undo");
    document.body.dataset.mode = model.isEditable ? "edit" : "read";
    undo.hidden = !model.isEditable;
    undo.disabled = !edits.done.length;
    this.tabs.count("spans", model.ordered.length, counted(ngettext("%(n)s mark", "%(n)s marks", model.ordered.length), model.ordered.length));
  }

  /** A click that selects nothing chooses the mark below it; again, the one below that. */
  onClick() {
    const { model, selection } = this;
    // the browser tells of a new selection only after the click
    selection.read();
    if (selection.range) return;
    const here = model.at(selection.focus);
    const index = here.findIndex(({ id }) => id === model.current);
    const next = here.length ? here[(index + 1) % here.length] : null;
    if (next) this.tabs.show("spans");
    model.choose(next?.id ?? null);
  }

  onChoose({ reveal: isWanted }) {
    const { model } = this;
    if (!isWanted || !model.chosen) return;
    reveal(this.places, ...model.range(model.chosen));
    const { label, quote } = model.chosen;
    if (!part("spans").contains(document.activeElement)) {
      this.messages.announce(`${this.scheme.label(label).title}: ${quote}`);
    }
  }

  announceSelection() {
    const { selection, model } = this;
    const [start, end] = selection.range ?? this.segments.around(selection.focus, "word") ?? [0, 0];
    const text = model.revision.text.slice(start, end);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.messages.announce(selection.range ? interpolate(gettext("Selected: %(text)s"), { text }, true) : text), 150);
  }

  /** The mark is as it was before; say what was refused, and why, in the service's words. */
  async onRefused({ what, error }) {
    const after = error.stale ? ` ${gettext("Shown is what is stored now.")}` : "";
    this.messages.warn(`${interpolate(gettext("Not saved: %(what)s."), { what }, true)} ${error.detail}${after}`);
    if (["closed-set", "not-allowed-now"].includes(error.code) || error.status === 403) await this.reload();
  }

  /** Somebody else has changed the set while we did: show it, once nothing of ours is on its way. */
  async onOthers() {
    await this.outbox.settled();
    await this.reload();
    this.messages.say(gettext("Somebody else has changed this set meanwhile; the page shows it as it is now."));
  }

  async reload() {
    try {
      await this.load();
      this.problems.later();
      await this.decisions.load();
    } catch (error) {
      this.messages.warn(error.detail ?? String(error));
    }
  }

  async discard() {
    this.outbox.discard();
    await this.outbox.settled();
    this.edits.clear();
    await this.reload();
    this.messages.say(gettext("Discarded; the page shows what is stored."));
  }

  undoable(text) {
    const message = this.messages.say(text, " ", button(gettext("Undo"), () => {
      message.remove();
      this.commands.undo();
    }, { "data-action": "undo" }), h("kbd", {}, "u"));
  }
}

/** The bar grows when it wraps or has trouble to tell; what sticks below it has to know. */
function followBar(bar) {
  const measure = () => document.body.style.setProperty("--wb-bar", `${bar.offsetHeight}px`);
  new ResizeObserver(measure).observe(bar);
}

new Workbench().start();
