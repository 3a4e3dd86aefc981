// @ts-check
/** The buttons that move the set through the workflow, and where it stands. */

import { ApiError, errorText } from "./api.js";
import { askForReason, showBlockers } from "./dialogs.js";
import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { draftKeys } from "./drafts.js";
import { formatCount, gettext, interpolate, interpolateElements, ngettext } from "./translation.js";

export class Transitions {
  /** @param {Pick<Services, "model" | "api" | "outbox" | "scheme" | "messages" | "drafts" | "tabs" | "problems" | "reload" | "countOpenDecisions" | "wayOn" | "itemsUrl" | "collected" | "proposedEntries">} services */
  constructor({ model, api, outbox, scheme, messages, drafts, tabs, problems, reload, countOpenDecisions, wayOn, itemsUrl, collected, proposedEntries }) {
    this.model = model;
    this.api = api;
    this.outbox = outbox;
    this.scheme = scheme;
    this.messages = messages;
    this.drafts = drafts;
    this.tabs = tabs;
    this.problems = problems;
    this.reload = reload;
    this.countOpenDecisions = countOpenDecisions;
    this.wayOn = wayOn;
    this.itemsUrl = itemsUrl;
    this.collected = collected;
    this.proposedEntries = proposedEntries;
    this.root = findPart("transitions");
    this.state = findPart("state");
    /** @type {string | null} what is drawn */
    this.key = null;
    /** Whether a transition is under way, so that a second press asks for nothing. */
    this.isBusy = false;
    /** @type {HTMLElement | undefined} what was said when a transition was refused; it is over when one succeeds */
    this.refusal = undefined;
    model.on("change", () => this.draw());
    this.draw();
  }

  draw() {
    const { allowed, set } = this.model;
    const talk = this.countOpenComments();
    const open = this.countOpenDecisions();
    const key = JSON.stringify([allowed, set.state, set.reviewer, set.owner, talk, open]);
    if (key === this.key) return;
    this.key = key;
    const { isMine } = this.model;
    const offered = this.scheme.transitions.filter((row) => allowed.includes(row.name) && !(isMine && row.for_others));
    replaceContent(this.root, offered.map((row) => this.createButton(row, talk)));
    this.drawState(set);
  }

  /** @param {SetRow} set */
  drawState(set) {
    this.state.dataset.state = set.state;
    const about = this.describeOwners(set);
    const word = createElement("strong", { class: "state" }, this.scheme.stateTitle(set.state));
    replaceContent(this.state, word, about.length ? [" ", createElement("span", { class: "about" }, about)] : null);
  }

  /** @param {SetRow} set */
  describeOwners({ owner, reviewer, state }) {
    const { isMine, isEditable, me } = this.model;
    const whose = isMine ? [gettext("yours")] : interpolateElements(gettext("by %(name)s"), { name: isolateText(owner) });
    if (state === "in_review" && reviewer) {
      const isMe = reviewer === me.username;
      const by = isMe ? [gettext("reviewed by you")] : interpolateElements(gettext("reviewed by %(name)s"), { name: isolateText(reviewer) });
      return [...whose, ", ", ...by];
    }
    return isEditable ? whose : [...whose, ", ", gettext("read-only")];
  }

  /** Count the open comments; null if there are none. */
  countOpenComments() {
    const open = [...this.model.commentsOn(), ...this.collected.all].filter((one) => !one.resolved_at && !one.parent);
    const blocking = open.filter((one) => one.blocking).length;
    if (!open.length) return null;
    const all = formatCount(ngettext("%(n)s open comment", "%(n)s open comments", open.length), open.length);
    const words = all + (blocking ? `, ${formatCount(ngettext("%(n)s blocking", "%(n)s blocking", blocking), blocking)}` : "");
    return { number: open.length, blocking, words };
  }

  /**
   * @param {TransitionRow} row
   * @param {OpenComments | null} talk
   */
  createButton(row, talk) {
    const attributes = { "data-transition": row.name, class: row.is_primary ? "primary" : null };
    const element = createButton(row.button, () => this.startTransition(row.name), attributes);
    // a dialog shows the help itself
    if (!row.field) element.title = row.help;
    if (talk && row.counts_comments) {
      const classes = talk.blocking ? "badge blocking" : "badge";
      element.title = talk.words;
      element.append(createElement("span", { class: classes, "aria-hidden": "true" }, String(talk.number)));
      element.append(createElement("span", { class: "out-of-sight" }, ` (${talk.words})`));
    }
    const open = this.countOpenDecisions();
    if (open && row.counts_decisions) {
      const words = formatCount(ngettext("%(n)s open decision", "%(n)s open decisions", open), open);
      element.classList.remove("primary");
      element.title = words;
      element.append(createElement("span", { class: "badge", "aria-hidden": "true" }, String(open)), createElement("span", { class: "out-of-sight" }, ` (${words})`));
    }
    return element;
  }

  /** Submit the set, as the button does; say why that is not possible now. */
  submit() {
    if (this.model.allowed.includes("submit")) this.startTransition("submit");
    else this.messages.showInfo(gettext("This set cannot be submitted now."));
  }

  /** @param {string} name */
  startTransition(name) {
    const row = this.scheme.findTransition(name);
    if (!row || this.isBusy) return;
    const { title, button: confirm, help: about, field } = row;
    if (field) askForReason(this, name, { title, about, confirm, ...field }, (values) => this.makeTransition(row, values));
    else this.makeOnce(row);
  }

  /** @param {TransitionRow} row */
  async makeOnce(row) {
    this.isBusy = true;
    try {
      await this.makeTransition(row, {});
    } catch (error) {
      this.onRefused(error, row);
    } finally {
      this.isBusy = false;
    }
  }

  /**
   * Make the transition on the version of the set that the page shows. Throws if it is refused.
   *
   * @param {TransitionRow} transition
   * @param {Record<string, string>} values
   */
  async makeTransition(transition, values) {
    const { model, api, outbox, collected } = this;
    if (transition.counts_comments) collected.sendAll();
    await outbox.requireSaved();
    const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
    const request = { method: "POST", path: `sets/${model.set.id}/${transition.path}/`, body };
    try {
      const { data } = await outbox.trackAction(() => api.send({ ...request, version: model.set.version }));
      // before the page may go to another set
      this.drafts.delete(draftKeys.reason(transition.name));
      await this.onDone(transition, data);
    } catch (error) {
      if (error instanceof ApiError && (error.isStale || error.code === "not-allowed-now")) await this.reload();
      throw error;
    }
  }

  /**
   * @param {TransitionRow} transition
   * @param {SetRow} row
   */
  async onDone(transition, row) {
    const { model, messages } = this;
    if (row.id !== model.set.id) {
      location.assign(new URL(`../../${row.id}/workbench/`, location.href));
      return;
    }
    this.outbox.store.broadcast({ type: "moved" });
    this.refusal?.remove();
    await this.reload();
    messages.showInfo(transition.done);
    // nothing outside of a dialog takes the focus before that is closed
    const dialog = document.querySelector("dialog[open]");
    if (dialog) dialog.addEventListener("close", () => this.focusDone(), { once: true });
    else this.focusDone();
  }

  /** Put the focus on what comes next, or on where the set stands now. */
  focusDone() {
    if (!this.wayOn.focusNext()) this.state.focus({ preventScroll: true });
  }

  /**
   * Say why a transition was refused; where comments block it, show them. One that did not come through can be
   * tried again: it never happens later by itself, when a person may have looked away.
   *
   * @param {unknown} error
   * @param {TransitionRow} transition
   */
  showRefusal(error, transition) {
    this.refusal?.remove();
    const again = error instanceof ApiError && error.isTemporary ? [" ", this.createRetryButton(transition)] : [];
    this.refusal = this.messages.showWarning(errorText(error), ...again);
    if (transition.counts_comments && this.countOpenComments()?.blocking) this.tabs.show("comments");
  }

  /** @param {TransitionRow} transition */
  createRetryButton({ name, button }) {
    const label = interpolate(gettext("Try again: %(action)s"), { action: button }, true);
    return createButton(label, () => this.startTransition(name));
  }

  /**
   * @param {unknown} error
   * @param {TransitionRow} transition
   */
  async onRefused(error, transition) {
    const { messages, tabs, problems, proposedEntries } = this;
    if (error instanceof ApiError && error.code === "not-allowed-now" && transition.name === "approve") {
      const waiting = await proposedEntries.find().catch(() => []);
      if (waiting.length) return void proposedEntries.ask(waiting, () => this.startTransition(transition.name));
    }
    if (error instanceof ApiError && error.code === "open-items") {
      return void messages.showWarning(errorText(error), " ", createElement("a", { href: this.itemsUrl }, gettext("Look at them")));
    }
    const found = error instanceof ApiError && error.code === "has-problems" ? (error.problem.problems ?? []) : [];
    const missing = found.filter(({ blocking }) => blocking ?? true);
    if (!missing.length) return this.showRefusal(error, transition);
    tabs.show("problems");
    problems.load();
    const about = ngettext(
      "%(n)s problem has to be solved first. Choose it to go to its place.",
      "%(n)s problems have to be solved first. Choose one to go to its place.",
      missing.length,
    );
    return void showBlockers({
      name: "missing",
      title: gettext("Not submitted yet"),
      about: formatCount(about, missing.length),
      lines: (leave) => problems.createItems(missing, leave),
    });
  }
}
