// @ts-check
/**
 * Puts the workbench together: loads the set, builds the parts, and connects them. Each kind of set has a module of
 * its name, `annotation.js` and `adjudication.js`, which opens it with the parts that only this kind needs.
 */

import { followCommentAddress } from "./addressedComment.js";
import { ApiClient, ApiError, errorText } from "./api.js";
import { renderText, revealRange } from "./articleText.js";
import { CarriedWorkDialog } from "./carriedWorkDialog.js";
import { ChangesPanel } from "./changesPanel.js";
import { Commands } from "./commands.js";
import { CollectedComments } from "./collectedComments.js";
import { CommentPanel } from "./comments.js";
import { ConflictDialog } from "./conflictDialog.js";
import { CorrectionNotice, findAddressedPlace } from "./correctionNotice.js";
import { askToConfirm, Dialogs } from "./dialogs.js";
import { ArticleSearch } from "./articleSearch.js";
import { BringBackButton, DiscardedChanges } from "./discardedChanges.js";
import { createButton, createElement, findButton, findPart, formatDay, isolateText, readPageData, replaceContent } from "./dom.js";
import { DraftList } from "./draftList.js";
import { Drafts } from "./drafts.js";
import { EdgeHandles } from "./edgeHandles.js";
import { Edits } from "./edits.js";
import { GuidelinePanel } from "./guidelinePanel.js";
import { GroupBar } from "./groupBar.js";
import { Highlights } from "./highlights.js";
import { Keyboard } from "./keyboard.js";
import { LabelButtons } from "./labelButtons.js";
import { LookedAt } from "./lookedAt.js";
import { MentionsDialog } from "./mentionsDialog.js";
import { Messages } from "./messages.js";
import { Model } from "./model.js";
import { Outbox } from "./outbox.js";
import { OverviewStrip } from "./overviewStrip.js";
import { PendingStore } from "./pendingStore.js";
import { ProblemsPanel } from "./problemsPanel.js";
import { createSpanDraft, ProposedChanges } from "./proposedChanges.js";
import { ProposedEntries } from "./proposedEntries.js";
import { Registry } from "./registry.js";
import { RelationHandle } from "./relationHandle.js";
import { SaveStatus } from "./saveStatus.js";
import { Scheme } from "./scheme.js";
import { Segments } from "./segments.js";
import { SpanFilter } from "./spanFilter.js";
import { SpanGroup } from "./spanGroup.js";
import { SpanList } from "./spanList.js";
import { StatementCommands } from "./statementCommands.js";
import { isFirstHeard } from "./storedRows.js";
import { Tabs } from "./tabs.js";
import { TextSelection } from "./textSelection.js";
import { Transitions } from "./transitions.js";
import { WordComments } from "./wordComments.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";
import { WayOn } from "./wayOn.js";

/** Long enough that a selection which is still growing is not read out at each step, in milliseconds. */
const ANNOUNCEMENT_DELAY = 150;

/** The parts of the page, made once the set is loaded. */
class Workbench {
  /**
   * @param {Pick<Services, "api" | "model" | "scheme" | "messages" | "text" | "loadSet"> & Pick<PageConfig, "correction" | "next" | "linked">} loaded
   * @param {ExtraParts} extra
   */
  constructor({ api, model, scheme, messages, text, loadSet, correction, next, linked }, { DecisionsPanel }) {
    const { language } = model.article;
    /** @param {string} id */
    const focusSpan = (id) => this.spanList.focusHead(id);
    /** @type {Services["focusEditor"]} */
    const focusEditor = (id, field) => this.spanList.focusEditor(id, field);
    const reload = () => this.reload();
    this.api = api;
    this.correction = correction;
    this.model = model;
    this.scheme = scheme;
    this.messages = messages;
    this.text = text;
    this.loadSet = loadSet;
    this.tabs = new Tabs(findPart("tabs"));
    this.segments = new Segments(model.revision.text, language);
    this.textNodes = renderText(text, model.revision.text, this.segments, language);
    this.selection = new TextSelection(this.textNodes, this.segments);
    this.highlights = new Highlights(model, this.textNodes);
    this.pendingStore = new PendingStore(model.me.username, model.set.id);
    this.outbox = new Outbox(model, api, this.pendingStore);
    this.edits = new Edits(model, this.outbox, scheme);
    this.drafts = new Drafts(model.me.username, model.set.id);
    this.discarded = new DiscardedChanges(this, this.pendingStore);
    const { segments, textNodes, selection, highlights, outbox, edits, drafts, tabs } = this;
    const registry = new Registry(api, model, linked);
    const dialogs = new Dialogs({ scheme, drafts });
    const group = new SpanGroup(model);
    const commands = new Commands({ model, edits, scheme, registry, messages, tabs, selection, segments, text, group, focusSpan, focusEditor });
    this.commands = commands;
    const statements = new StatementCommands({ model, edits, scheme, registry, messages, selection, segments, textNodes, commands, tabs, pickIssue: (id) => this.spanList.pickIssue(id) });
    const mentions = new MentionsDialog({ model, edits, segments, commands });
    const proposedChanges = new ProposedChanges({ model, api, outbox, edits, messages, commands, reload });
    const changes = new ChangesPanel({ model, api, outbox, scheme, registry, tabs, selection, textNodes, focusSpan });
    const collected = new CollectedComments({ model, drafts, edits });
    const lookedAt = new LookedAt({ model, tabs, commands, messages });
    const groupBar = new GroupBar({ model, group, edits, scheme, registry, messages, commands, tabs, textNodes, highlights, focusSpan }, findPart("spans"));
    const search = new ArticleSearch({ model, scheme, edits, segments, textNodes, selection, highlights, messages, commands, text, groupBar });
    new OverviewStrip({ model, textNodes, search, text });
    new SpanFilter({ model, scheme, registry, groupBar }, groupBar.element);
    new EdgeHandles({ model, edits, selection, segments, textNodes, commands, text });
    new RelationHandle({ model, edits, scheme, registry, messages, textNodes, highlights, text });
    const spanServices = { model, edits, drafts, scheme, registry, messages, selection, segments, textNodes, commands, dialogs, proposedChanges, collected, lookedAt, focusSpan, group, groupBar };
    this.spanList = new SpanList({ ...spanServices, text, changes }, findPart("spans"));
    new SaveStatus({ model, outbox, drafts, discard: () => this.askToDiscard() });
    new BringBackButton(this);
    new ConflictDialog({ outbox, edits, scheme, registry });
    const comments = new CommentPanel({ ...spanServices, tabs });
    const wordComments = new WordComments({ ...spanServices, tabs, highlights, text });
    new LabelButtons({ model, scheme, selection, commands, text, wordComments });
    const guideline = new GuidelinePanel({ api, registry, messages, tabs });
    this.problems = new ProblemsPanel({ model, api, outbox, tabs, guideline, focusSpan });
    const { problems } = this;
    /** @type {() => number} */
    const countOpenDecisions = () => this.decisions?.openCount ?? 0;
    const proposedEntries = new ProposedEntries({ model, api, registry, messages });
    const wayOn = new WayOn({ model, api, messages, next });
    this.wayOn = wayOn;
    const transitions = new Transitions({ model, api, outbox, scheme, messages, drafts, tabs, problems, reload, countOpenDecisions, wayOn, itemsUrl: correction.items_url, collected, proposedEntries });
    const sources = { drafts, scheme, registry, messages, selection, segments, textNodes, highlights };
    /** @type {DecisionsPanel | null} */
    this.decisions = DecisionsPanel ? new DecisionsPanel({ ...sources, model, api, outbox, tabs, commands, problems, transitions, loadSet, showSheet: () => this.showSheet() }) : null;
    const { decisions } = this;
    /** @type {Services["focusComment"]} */
    const focusComment = (id, options) => this.spanList.focusComment(id, options);
    /** @type {Services["answerComment"]} */
    const answerComment = (comment, options) => comments.answerComment(comment, options);
    new DraftList({ ...spanServices, tabs, focusEditor, focusComment, answerComment, transitions, decisions, wordComments });
    this.keyboard = new Keyboard({ model, scheme, tabs, commands, dialogs, decisions, statements, mentions, guideline, proposedChanges, focusComment, answerComment, wordComments, lookedAt, selection, wayOn, search, transitions, group, groupBar });
    new CorrectionNotice({ model, api, outbox, selection, reload }, correction);
    this.listen();
    this.drawHead();
    this.drawMode();
    trackHeight(findPart("bar"), "--wb-bar");
    trackHeight(findPart("messages"), "--wb-line-of-messages");
  }

  /** Connect the parts: a click into the text, a chosen span, a refusal, news from others. */
  listen() {
    const { model, outbox, edits } = this;
    this.text.addEventListener("click", () => this.onClick());
    this.selection.on("moved", () => this.announceSelection());
    model.on("choose", (detail) => this.onChoose(detail));
    model.on("change", () => this.drawMode());
    outbox.on("refused", (detail) => this.onRefused(detail));
    outbox.on("others", () => this.onForeignChange());
    edits.on("change", () => this.drawMode());
    findPart("keys").addEventListener("click", () => this.keyboard.showHelp());
    findPart("close-sheet").addEventListener("click", () => this.closeSheet());
    findPart("undo").addEventListener("click", () => this.commands.undo());
    if (!this.highlights.isSupported) {
      this.messages.showWarning(gettext("This browser cannot show marks in the text; the list beside it has them all."));
    }
  }

  /** Send what an earlier page has left, and say where changes to other sets wait. */
  start() {
    this.outbox.start();
    this.followAddress();
    this.wayOn.focusStart();
    window.addEventListener("hashchange", () => this.followAddress());
    new CarriedWorkDialog(this, this.correction.earlier).start();
    this.showOtherSets(this.pendingStore.otherSets(), gettext("Changes to another set wait in this browser."), gettext("Open it to send them."));
    // a draft may wait for days, and nothing is lost meanwhile
    const withDrafts = this.drafts.otherSets().filter((set) => isFirstHeard(`drafts/${set}`));
    this.showOtherSets(withDrafts, gettext("Drafts for another set wait in this browser."), gettext("Open it to go on writing."));
  }

  /**
   * @param {string[]} sets
   * @param {string} words
   * @param {string} invitation
   */
  showOtherSets(sets, words, invitation) {
    const { earlier, next } = this.correction;
    for (const set of sets.filter((one) => one !== next && !earlier.includes(one))) {
      const address = location.pathname.replace(this.model.set.id, set);
      this.messages.showWarning(words, " ", createElement("a", { href: address }, invitation));
    }
  }

  /** Go to the span, the words or the place that the address names. */
  async followAddress() {
    const { model } = this;
    const address = new URLSearchParams(location.hash.slice(1));
    if (followCommentAddress(this, address)) return;
    const id = address.get("span");
    if (id && model.orderedSpans.some((span) => span.id === id)) {
      this.tabs.show("spans");
      model.chooseSpan(id, { reveal: true });
      return;
    }
    if (this.selectAddressedWords(/^(\d{1,9})-(\d{1,9})$/.exec(address.get("at") ?? ""))) return;
    const point = await findAddressedPlace(this, address);
    if (point === null) return;
    const units = Math.min(model.offsetMap.toUnits(point), model.revision.text.length);
    this.text.focus({ preventScroll: true });
    this.selection.select(units);
    revealRange(this.textNodes, units, Math.min(units + 1, model.revision.text.length));
  }

  /**
   * Select the words at which a search has found something, and say whether there are any; offsets count code points.
   *
   * @param {RegExpExecArray | null} offsets
   * @returns {boolean}
   */
  selectAddressedWords(offsets) {
    const [start, end] = [Number(offsets?.[1]), Number(offsets?.[2])];
    if (!(start < end && end <= this.model.revision.length)) return false;
    const range = this.model.unitRangeOf({ start, end });
    this.selection.select(...range);
    revealRange(this.textNodes, ...range);
    return true;
  }

  drawHead() {
    const { article, set, revision } = this.model;
    const title = article.title || gettext("Untitled");
    document.title = `${title} · ${document.title}`;
    replaceContent(findPart("title"), article.title ? isolateText(article.title) : title);
    const day = article.published_at && formatDay(article.published_at);
    const facts = [
      article.source,
      article.author,
      day,
      article.language,
      article.external_id,
      set.kind === "adjudication" && gettext("adjudication"),
      set.round === "calibration" && gettext("calibration"),
      revision.number > 1 && interpolate(gettext("revision %(number)s"), { number: revision.number }, true),
    ].filter((fact) => typeof fact === "string" && fact);
    const items = facts.flatMap((fact, index) => [index ? " · " : "", isolateText(String(fact))]);
    replaceContent(findPart("byline"), items);
  }

  drawMode() {
    const { model, edits } = this;
    const undo = findButton("undo");
    const { length } = model.orderedSpans;
    document.body.dataset.mode = model.isEditable ? "edit" : "read";
    this.showSheet();
    undo.hidden = !model.isEditable;
    undo.disabled = !edits.undoSteps.length;
    this.tabs.setCount("spans", length, formatCount(ngettext("%(n)s mark", "%(n)s marks", length), length));
  }

  /** On a phone, what is chosen lies over the text as a sheet. */
  showSheet() {
    document.body.toggleAttribute("data-chosen", Boolean(this.model.currentSpan ?? this.decisions?.isOpen));
  }

  closeSheet() {
    this.decisions?.close();
    this.model.chooseSpan(null);
  }

  /**
   * Choose the difference or the span under a click that selects nothing; at the next click, the one below that one.
   */
  onClick() {
    const { model, selection } = this;
    // the browser tells of a new selection only after the click
    selection.readDocument();
    if (selection.range || this.decisions?.chooseAt(selection.focus)) return;
    const here = model.spansAt(selection.focus);
    const index = here.findIndex(({ id }) => id === model.currentId);
    const next = here[(index + 1) % here.length];
    if (next) this.tabs.show("spans");
    model.chooseSpan(next?.id ?? null);
  }

  /** @param {{ reveal: boolean }} detail */
  onChoose({ reveal }) {
    const { model } = this;
    this.showSheet();
    if (!reveal || !model.currentSpan) return;
    this.selection.followTo(...model.unitRangeOf(model.currentSpan));
    revealRange(this.textNodes, ...model.unitRangeOf(model.currentSpan));
    const { label, quote } = model.currentSpan;
    if (!findPart("spans").contains(document.activeElement)) {
      this.messages.announce(`${this.scheme.findLabel(label).title}: ${quote}`);
    }
  }

  announceSelection() {
    const { selection, model } = this;
    const [start, end] = selection.range ?? this.segments.segmentAround(selection.focus, "word") ?? [0, 0];
    const text = model.revision.text.slice(start, end);
    const words = selection.range ? interpolate(gettext("Selected: %(text)s"), { text }, true) : text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.messages.announce(words), ANNOUNCEMENT_DELAY);
  }

  /**
   * Say what was refused, and why, in the service's words; the span looks as it did before.
   *
   * @param {Refusal} refusal
   */
  async onRefused({ job, what, error }) {
    if (job.kind === "comment.add") this.drafts.restoreComment(job.comment, createSpanDraft(this.model, job.comment));
    const after = error.stale ? ` ${gettext("Shown is what is stored now.")}` : "";
    this.messages.showWarning(`${interpolate(gettext("Not saved: %(what)s."), { what }, true)} ${error.detail}${after}`);
    if (["closed-set", "not-allowed-now"].includes(error.code) || error.status === 403) await this.reload();
  }

  /** Show what another person has changed, once none of our own changes is on its way. */
  async onForeignChange() {
    await this.outbox.waitUntilEmpty();
    await this.reload();
    this.messages.showInfo(gettext("Somebody else has changed this set meanwhile; the page shows it as it is now."));
  }

  async reload() {
    try {
      await this.loadSet();
      this.problems.loadLater();
      await this.decisions?.load();
    } catch (error) {
      this.messages.showWarning(errorText(error));
    }
  }

  /** Ask before the changes that wait are thrown away, with their number and what they are. */
  askToDiscard() {
    const { length } = this.model.jobs;
    askToConfirm({
      name: "discard",
      title: formatCount(ngettext("Discard %(n)s change that is not saved?", "Discard %(n)s changes that are not saved?", length), length),
      about: gettext("What is discarded goes from this page, which shows what is stored then. For a week it can be brought back in this browser."),
      confirm: formatCount(ngettext("Discard %(n)s change", "Discard %(n)s changes", length), length),
      lines: this.discarded.describeWaiting(),
      act: () => this.discard(),
    });
  }

  async discard() {
    const number = this.discarded.discardAll();
    await this.outbox.waitUntilEmpty();
    this.edits.clearSteps();
    await this.reload();
    const words = formatCount(ngettext("%(n)s change was discarded; the page shows what is stored.", "%(n)s changes were discarded; the page shows what is stored.", number), number);
    this.messages.showInfo(words);
  }
}

/**
 * Tell the style sheet how high a bar is: it grows when it wraps or shows trouble, and other parts stick to it.
 *
 * @param {HTMLElement} bar
 * @param {string} name
 */
function trackHeight(bar, name) {
  const measure = () => document.body.style.setProperty(name, `${bar.offsetHeight}px`);
  new ResizeObserver(measure).observe(bar);
}

/**
 * Load the set and open the workbench on it.
 *
 * @param {ExtraParts} [extra]
 */
export async function openWorkbench(extra = {}) {
  /** @type {PageConfig} */
  const { set, api: address, me, time_zone: timeZone, correction, next, linked } = readPageData("workbench-config");
  document.documentElement.dataset.timeZone = timeZone;
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const api = new ApiClient(address, token);
  const scheme = new Scheme(readPageData("workbench-scheme"));
  const messages = new Messages();
  const model = new Model(me);
  const text = findPart("text");
  const loadSet = async () => {
    const { data, next } = await api.get(`sets/${set}/`);
    // a set shows the first of very many comments, and the way to the others
    if (next) for await (const comment of api.readRows(next)) data.comments.push(comment);
    model.load(data);
  };
  try {
    await loadSet();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const retry = createButton(gettext("Try again"), () => location.reload());
    messages.showWarning(errorText(error), " ", retry);
    text.removeAttribute("aria-busy");
    return;
  }
  new Workbench({ api, model, scheme, messages, text, loadSet, correction, next, linked }, extra).start();
  text.removeAttribute("aria-busy");
  document.documentElement.dataset.workbench = "ready";
}
