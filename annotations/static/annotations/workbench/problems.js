/** What the guideline finds wrong, each with its rule and the way to the place. */

import { bdi, button, fill, h, part } from "./dom.js";
import { counted, gettext, interpolate, ngettext } from "./words.js";

const PAUSE = 250;

export class Problems {
  constructor(app) {
    this.app = app;
    this.root = part("problems");
    this.turn = 0;
    app.outbox.addEventListener("stored", () => this.later());
    app.model.addEventListener("change", () => this.draw());
    app.tabs.addEventListener("show", () => this.draw());
    this.load();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  /** Ask the service, which alone knows the rules. */
  async load() {
    const { model, api } = this.app;
    this.turn += 1;
    const { turn } = this;
    try {
      const { data } = await api.get(`sets/${model.set.id}/problems/`);
      if (turn !== this.turn) return;
      this.failure = null;
      model.judge(data.problems);
    } catch (error) {
      this.failure = error.detail ?? String(error);
      model.changed();
    }
  }

  draw() {
    const { model, tabs } = this.app;
    const problems = (model.problems ?? []).filter(({ span }) => !span || model.span(span));
    tabs.count("problems", problems.length, counted(ngettext("%(n)s problem", "%(n)s problems", problems.length), problems.length));
    // hundreds of lines that nobody looks at would only cost time
    if (this.root.hidden) return;
    const key = JSON.stringify([problems, this.failure, model.isMine]);
    if (key === this.key) return;
    this.key = key;
    fill(this.root, this.note(problems), h("ol", { class: "problems" }, problems.map((one) => this.item(one))));
  }

  note(problems) {
    if (this.failure) return h("p", { class: "trouble" }, this.failure);
    if (!this.app.model.problems) return h("p", { class: "empty" }, gettext("Checking …"));
    const blocking = problems.filter((one) => one.blocking).length;
    if (!problems.length) return h("p", { class: "empty" }, gettext("No problems by the guideline."));
    const rest = blocking ? counted(mustBeSolved(blocking), blocking) : gettext("None of them stops a submission.");
    return h("p", { class: "note" }, rest);
  }

  /** A line of the list; `leave` wraps what it does, where the list stands in a dialog. */
  item({ code, span, detail, blocking }, leave = (action) => action()) {
    const words = [bdi(detail), blocking && [" ", h("em", {}, gettext("Blocks submission."))]];
    const content = span ? button("", () => leave(() => this.go(span)), { class: "detail" }) : h("div", { class: "detail" });
    fill(content, words.flat());
    return h("li", { "data-code": code, class: "problem" }, this.rule(code, blocking, leave), content);
  }

  /** The code, as a link to the rule in the guideline. */
  rule(code, blocking, leave) {
    const classes = blocking ? "code blocking" : "code";
    const open = (event) => {
      event.preventDefault();
      leave(() => this.app.guideline.open(code));
    };
    return h("a", { class: classes, href: `#rule-${code}`, title: interpolate(gettext("Rule %(code)s in the guideline"), { code }, true), onclick: open }, code);
  }

  go(span) {
    this.app.tabs.show("spans");
    this.app.model.choose(span);
    this.app.list.focusHead(span);
  }
}

function mustBeSolved(number) {
  return ngettext("%(n)s problem must be solved before it is submitted.", "%(n)s problems must be solved before it is submitted.", number);
}
