/** The buttons that move the set through the workflow, and where it stands. */

import { askReason, tellMissing } from "./dialogs.js";
import { bdi, button, fill, h, part } from "./dom.js";
import { counted, gettext, ngettext, pieces } from "./words.js";

const PATIENCE = 5_000;

export class Transitions {
  constructor(app) {
    this.app = app;
    this.root = part("transitions");
    this.state = part("state");
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
    const offered = this.app.scheme.transitions.filter((one) => allowed.includes(one.name) && !(isMine && one.for_others));
    fill(this.root, offered.map((one) => this.button(one, talk)));
    this.drawState(set);
  }

  drawState(set) {
    this.state.dataset.state = set.state;
    const about = this.about(set);
    const word = h("strong", { class: "state" }, this.app.scheme.state(set.state));
    fill(this.state, word, about.length ? [" ", h("span", { class: "about" }, about)] : null);
  }

  about({ owner, reviewer, state }) {
    const { isMine, isEditable, me } = this.app.model;
    const whose = isMine ? [gettext("yours")] : pieces(gettext("by %(name)s"), { name: bdi(owner) });
    if (state === "in_review" && reviewer) {
      const isMe = reviewer === me.username;
      const by = isMe ? [gettext("reviewed by you")] : pieces(gettext("reviewed by %(name)s"), { name: bdi(reviewer) });
      return [...whose, ", ", ...by];
    }
    return isEditable ? whose : [...whose, ", ", gettext("read-only")];
  }

  /** How many comments are open, in words; empty if none is. */
  talk() {
    const open = this.app.model.comments().filter((one) => !one.resolved_at && !one.parent);
    const blocking = open.filter((one) => one.blocking).length;
    if (!open.length) return null;
    const all = counted(ngettext("%(n)s open comment", "%(n)s open comments", open.length), open.length);
    const words = all + (blocking ? `, ${counted(ngettext("%(n)s blocking", "%(n)s blocking", blocking), blocking)}` : "");
    return { number: open.length, blocking, words };
  }

  button({ name, button: text, help, field, is_primary: isPrimary, ...counts }, talk) {
    const element = button(text, () => this.ask(name), { "data-transition": name, class: isPrimary ? "primary" : null });
    // a dialog shows the help itself
    if (!field) element.title = help;
    if (talk && counts.counts_comments) {
      const classes = talk.blocking ? "badge blocking" : "badge";
      element.title = talk.words;
      element.append(h("span", { class: classes, "aria-hidden": "true" }, String(talk.number)));
      element.append(h("span", { class: "out-of-sight" }, ` (${talk.words})`));
    }
    const { open = 0 } = this.app.decisions ?? {};
    if (open && counts.counts_decisions) {
      const words = counted(ngettext("%(n)s open decision", "%(n)s open decisions", open), open);
      element.classList.remove("primary");
      element.append(" ", h("span", { class: "badge" }, words));
    }
    return element;
  }

  ask(name) {
    const { title, button: confirm, help: about, field } = this.app.scheme.transition(name);
    if (field) askReason(name, { title, about, confirm, ...field }, (values) => this.move(name, values));
    else this.move(name, {}).catch((error) => this.refused(error));
  }

  /** Make the move, on the version of the set that is on the page; throws what is refused. */
  async move(name, values) {
    const { model, api, outbox } = this.app;
    await this.delivered();
    const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
    const request = { method: "POST", path: `sets/${model.set.id}/${this.app.scheme.transition(name).path}/`, body };
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
    messages.say(this.app.scheme.transition(name).done);
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
    return void tellMissing({
      name: "missing",
      title: gettext("Not submitted yet"),
      about: counted(about, missing.length),
      lines: (leave) => missing.map((one) => problems.item(one, leave)),
    });
  }
}
