/** Two versions of one mark, side by side: nobody's is thrown away before somebody has chosen. */

import { bdi, button, freshId, h, part } from "./dom.js";
import { capital } from "./fields.js";
import { counted, gettext, ngettext } from "./words.js";

const GONE = gettext("(deleted)");

export class Conflicts {
  constructor(app) {
    this.app = app;
    this.dialog = null;
    const { outbox } = app;
    outbox.addEventListener("conflict", ({ detail }) => this.show(detail));
    outbox.addEventListener("decided", () => this.close());
    outbox.addEventListener("yielded", ({ detail }) => app.edits.forget(detail.job));
    outbox.addEventListener("change", () => this.drawReminder());
    this.reminder = button(gettext("Compare the two versions"), () => this.show(outbox.conflict), {
      "data-action": "compare",
      hidden: true,
    });
    part("saved").after(this.reminder);
  }

  /** Whoever closes the dialog without an answer finds the way back to it. */
  drawReminder() {
    this.reminder.hidden = !this.app.outbox.conflict;
  }

  close() {
    this.dialog?.close();
  }

  show({ job, theirs }) {
    this.close();
    const heading = freshId("heading");
    const dialog = h("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": "conflict" });
    const choose = (choice) => () => this.app.outbox.decide(choice);
    dialog.append(
      h("h2", { id: heading }, gettext("Changed by somebody else as well")),
      h("p", {}, gettext("This mark was changed elsewhere after this page had read it. Choose the version that stays.")),
      this.table(job, theirs),
      h(
        "div",
        { class: "actions" },
        button(gettext("Decide later"), () => dialog.close()),
        button(gettext("Take theirs"), choose("theirs"), { "data-choice": "theirs" }),
        button(gettext("Keep mine"), choose("mine"), { "data-choice": "mine", class: "primary" }),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    this.dialog = dialog;
  }

  table(job, theirs) {
    const isGone = job.kind.endsWith(".delete");
    const mine = this.facts(isGone ? {} : { ...theirs, ...job.changes });
    const other = this.facts(theirs);
    const names = [...new Set([...Object.keys(mine), ...Object.keys(other)])];
    const rows = names.map((name) => {
      const isSame = mine[name] === other[name];
      const cells = [mine, other].map((one) => h("td", {}, bdi(one[name] ?? (isGone && one === mine ? GONE : "–"))));
      return h("tr", { class: isSame ? "same" : "differs" }, h("th", { scope: "row" }, name), cells);
    });
    const differing = names.filter((name) => mine[name] !== other[name]).length;
    const head = ["", gettext("Mine"), gettext("Theirs")].map((name) => h("th", { scope: "col" }, name));
    const caption = h("caption", {}, counted(ngettext("%(n)s difference", "%(n)s differences", differing), differing));
    return h("table", { class: "versions" }, caption, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
  }

  /** What there is to see of a span or a comment, by the names that people read. */
  facts(row) {
    const { scheme, registry } = this.app;
    const attributes = Object.entries(row.attributes ?? {});
    const all = {
      [gettext("Text")]: row.text,
      [gettext("Label")]: row.label && scheme.label(row.label).title,
      [gettext("Words")]: row.quote,
      [gettext("Actor")]: registry.actorName(row.actor),
      [gettext("Proposition")]: registry.propositionText(row.proposition),
      ...Object.fromEntries(attributes.map(([name, value]) => [capital(scheme.attribute(name).title), scheme.value(name, value)])),
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
  }
}
