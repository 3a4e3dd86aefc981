// @ts-check
/** The buttons that move the set through the workflow, and where it stands. */

import { ApiError, errorText } from "./api.js";
import { askForReason, showBlockers } from "./dialogs.js";
import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { formatCount, gettext, interpolateElements, ngettext } from "./translation.js";

/** Transitions whose buttons show the number of open comments. */
const WARNED_ABOUT_COMMENTS = ["approve", "return", "submit"];

/** Texts and questions of each transition, by the names of the workflow. */
/** @type {Record<TransitionName, TransitionTexts>} */
const TRANSITIONS = {
  submit: { text: gettext("Submit for review"), isMain: true, told: gettext("Submitted for review.") },
  recall: { text: gettext("Take back"), told: gettext("Taken back; you can go on.") },
  start_review: { text: gettext("Start review"), isMain: true, told: gettext("The review is yours.") },
  approve: { text: gettext("Approve"), isMain: true, told: gettext("Approved.") },
  return: {
    text: gettext("Return to owner"),
    told: gettext("Returned to its owner."),
    ask: {
      title: gettext("Return to the owner"),
      about: gettext("Say what should change. If you have commented on marks already, this may stay empty."),
      confirm: gettext("Return"),
      key: "comment",
      label: gettext("Comment"),
    },
  },
  release: {
    text: gettext("Give back to the queue"),
    told: gettext("Somebody else can take it now; what is marked stays."),
  },
  release_review: { text: gettext("Give review back"), told: gettext("Somebody else can review it now.") },
  take_over: {
    text: gettext("Take over"),
    told: gettext("Taken over."),
    ask: {
      title: gettext("Take the work over"),
      about: gettext("The set is withdrawn, and you go on with a copy of your own, which somebody else will review."),
      confirm: gettext("Take over"),
      key: "reason",
      label: gettext("Reason"),
      required: true,
    },
  },
  reopen: {
    text: gettext("Reopen"),
    told: gettext("Reopened."),
    ask: {
      title: gettext("Reopen the work"),
      about: gettext("A new open set is made from this one. This one stays approved until the new one is."),
      confirm: gettext("Reopen"),
      key: "reason",
      label: gettext("Reason"),
      required: true,
    },
  },
  withdraw: {
    text: gettext("Withdraw"),
    told: gettext("Withdrawn."),
    ask: {
      title: gettext("Withdraw the work"),
      about: gettext("The set is taken out for good. It stays readable."),
      confirm: gettext("Withdraw"),
      key: "reason",
      label: gettext("Reason"),
      required: true,
    },
  },
};

export class Transitions {
  /** @param {Pick<Services, "model" | "api" | "outbox" | "scheme" | "messages" | "tabs" | "problems" | "reload" | "countOpenDecisions">} services */
  constructor({ model, api, outbox, scheme, messages, tabs, problems, reload, countOpenDecisions }) {
    this.model = model;
    this.api = api;
    this.outbox = outbox;
    this.scheme = scheme;
    this.messages = messages;
    this.tabs = tabs;
    this.problems = problems;
    this.reload = reload;
    this.countOpenDecisions = countOpenDecisions;
    this.root = findPart("transitions");
    this.state = findPart("state");
    /** @type {string | null} what is drawn */
    this.key = null;
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
    const known = Object.keys(TRANSITIONS).filter((name) => allowed.includes(name) && !(isMine && name === "take_over"));
    replaceContent(this.root, known.map((name) => this.createButton(name, talk)));
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
    const open = this.model.commentsOn().filter((one) => !one.resolved_at && !one.parent);
    const blocking = open.filter((one) => one.blocking).length;
    if (!open.length) return null;
    const all = formatCount(ngettext("%(n)s open comment", "%(n)s open comments", open.length), open.length);
    const words = all + (blocking ? `, ${formatCount(ngettext("%(n)s blocking", "%(n)s blocking", blocking), blocking)}` : "");
    return { number: open.length, blocking, words };
  }

  /**
   * @param {TransitionName} name
   * @param {OpenComments | null} talk
   */
  createButton(name, talk) {
    const { text = name, isMain = false } = TRANSITIONS[name] ?? {};
    const element = createButton(text, () => this.startTransition(name), { "data-transition": name, class: isMain ? "primary" : null });
    if (talk && WARNED_ABOUT_COMMENTS.includes(name)) {
      const classes = talk.blocking ? "badge blocking" : "badge";
      element.title = talk.words;
      element.append(createElement("span", { class: classes, "aria-hidden": "true" }, String(talk.number)));
      element.append(createElement("span", { class: "out-of-sight" }, ` (${talk.words})`));
    }
    const open = this.countOpenDecisions();
    if (open && name === "submit") {
      const words = formatCount(ngettext("%(n)s open decision", "%(n)s open decisions", open), open);
      element.classList.remove("primary");
      element.append(" ", createElement("span", { class: "badge" }, words));
    }
    return element;
  }

  /** @param {TransitionName} name */
  startTransition(name) {
    const { ask } = TRANSITIONS[name] ?? {};
    if (ask) askForReason(name, ask, (values) => this.makeTransition(name, values));
    else this.makeTransition(name, {}).catch((error) => this.onRefused(error));
  }

  /**
   * Make the transition on the version of the set that the page shows. Throws if it is refused.
   *
   * @param {TransitionName} name
   * @param {Record<string, string>} values
   */
  async makeTransition(name, values) {
    const { model, api, outbox } = this;
    await outbox.requireSaved();
    const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
    const request = { method: "POST", path: `sets/${model.set.id}/${name.replaceAll("_", "-")}/`, body };
    try {
      const { data } = await outbox.trackAction(() => api.send({ ...request, version: model.set.version }));
      await this.onDone(name, data);
    } catch (error) {
      if (error instanceof ApiError && (error.isStale || error.code === "not-allowed-now")) await this.reload();
      throw error;
    }
  }

  /**
   * @param {TransitionName} name
   * @param {SetRow} row
   */
  async onDone(name, row) {
    const { model, messages } = this;
    if (row.id !== model.set.id) {
      location.assign(new URL(`../../${row.id}/workbench/`, location.href));
      return;
    }
    await this.reload();
    messages.showInfo(TRANSITIONS[name]?.told ?? "");
    this.state.focus({ preventScroll: true });
  }

  /** @param {unknown} error */
  onRefused(error) {
    const { messages, tabs, problems } = this;
    const found = error instanceof ApiError && error.code === "has-problems" ? (error.problem.problems ?? []) : [];
    const missing = found.filter(({ blocking }) => blocking ?? true);
    if (!missing.length) return void messages.showWarning(errorText(error));
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
      lines: (leave) => missing.map((one) => problems.createItem(one, leave)),
    });
  }
}
