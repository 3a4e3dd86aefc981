/** The buttons that move the set through the workflow, and where it stands. */

import { askForReason, showBlockers } from "./dialogs.js";
import { createButton, createElement, findPart, isolateText, replaceContent } from "./dom.js";
import { formatCount, gettext, interpolateElements, ngettext } from "./translation.js";

const PATIENCE = 5_000;
/** Decisions for which it matters what is still being talked about. */
const WARNED_ABOUT_COMMENTS = ["approve", "return", "submit"];

/** What each transition is called, and what it has to be told. Names are those of the workflow. */
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
  constructor(app) {
    this.app = app;
    this.root = findPart("transitions");
    this.state = findPart("state");
    app.model.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    const { allowed, set } = this.app.model;
    const talk = this.talk();
    const { open = 0 } = this.app.decisions ?? {};
    const key = JSON.stringify([allowed, set.state, set.reviewer, set.owner, talk, open]);
    if (key === this.key) return;
    this.key = key;
    const { isMine } = this.app.model;
    const known = Object.keys(TRANSITIONS).filter((name) => allowed.includes(name) && !(isMine && name === "take_over"));
    replaceContent(this.root, known.map((name) => this.button(name, talk)));
    this.drawState(set);
  }

  drawState(set) {
    this.state.dataset.state = set.state;
    const about = this.about(set);
    const word = createElement("strong", { class: "state" }, this.app.scheme.state(set.state));
    replaceContent(this.state, word, about.length ? [" ", createElement("span", { class: "about" }, about)] : null);
  }

  about({ owner, reviewer, state }) {
    const { isMine, isEditable, me } = this.app.model;
    const whose = isMine ? [gettext("yours")] : interpolateElements(gettext("by %(name)s"), { name: isolateText(owner) });
    if (state === "in_review" && reviewer) {
      const isMe = reviewer === me.username;
      const by = isMe ? [gettext("reviewed by you")] : interpolateElements(gettext("reviewed by %(name)s"), { name: isolateText(reviewer) });
      return [...whose, ", ", ...by];
    }
    return isEditable ? whose : [...whose, ", ", gettext("read-only")];
  }

  /** How many comments are open, in words; empty if none is. */
  talk() {
    const open = this.app.model.comments().filter((one) => !one.resolved_at && !one.parent);
    const blocking = open.filter((one) => one.blocking).length;
    if (!open.length) return null;
    const all = formatCount(ngettext("%(n)s open comment", "%(n)s open comments", open.length), open.length);
    const words = all + (blocking ? `, ${formatCount(ngettext("%(n)s blocking", "%(n)s blocking", blocking), blocking)}` : "");
    return { number: open.length, blocking, words };
  }

  button(name, talk) {
    const { text, isMain } = TRANSITIONS[name];
    const element = createButton(text, () => this.ask(name), { "data-transition": name, class: isMain ? "primary" : null });
    if (talk && WARNED_ABOUT_COMMENTS.includes(name)) {
      const classes = talk.blocking ? "badge blocking" : "badge";
      element.title = talk.words;
      element.append(createElement("span", { class: classes, "aria-hidden": "true" }, String(talk.number)));
      element.append(createElement("span", { class: "out-of-sight" }, ` (${talk.words})`));
    }
    const { open = 0 } = this.app.decisions ?? {};
    if (open && name === "submit") {
      const words = formatCount(ngettext("%(n)s open decision", "%(n)s open decisions", open), open);
      element.classList.remove("primary");
      element.append(" ", createElement("span", { class: "badge" }, words));
    }
    return element;
  }

  ask(name) {
    const { ask } = TRANSITIONS[name];
    if (ask) askForReason(name, ask, (values) => this.move(name, values));
    else this.move(name, {}).catch((error) => this.refused(error));
  }

  /** Make the move, on the version of the set that is on the page; throws what is refused. */
  async move(name, values) {
    const { model, api, outbox } = this.app;
    await this.delivered();
    const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
    const request = { method: "POST", path: `sets/${model.set.id}/${name.replaceAll("_", "-")}/`, body };
    try {
      const { data } = await outbox.during(() => api.send({ ...request, version: model.set.version }));
      await this.arrived(name, data);
    } catch (error) {
      if (error.stale || error.code === "not-allowed-now") await this.app.reload();
      throw error;
    }
  }

  /** A decision is made on what is stored, so everything has to be. */
  async delivered() {
    const { outbox } = this.app;
    if (!outbox.pending) return;
    await Promise.race([outbox.settled(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    if (outbox.pending) throw Object.assign(new Error(), { detail: gettext("Not all changes are saved yet; wait until they are.") });
  }

  async arrived(name, row) {
    const { model, messages } = this.app;
    if (row.id !== model.set.id) {
      location.assign(new URL(`../../${row.id}/workbench/`, location.href));
      return;
    }
    await this.app.reload();
    messages.say(TRANSITIONS[name].told);
    this.state.focus({ preventScroll: true });
  }

  refused(error) {
    const { messages, tabs, problems } = this.app;
    const found = error.code === "has-problems" ? (error.problem.problems ?? []) : [];
    const missing = found.filter(({ blocking }) => blocking ?? true);
    if (!missing.length) return void messages.warn(error.detail ?? String(error));
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
      lines: (leave) => missing.map((one) => problems.item(one, leave)),
    });
  }
}
