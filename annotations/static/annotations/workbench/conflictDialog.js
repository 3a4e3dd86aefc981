// @ts-check
/** The dialog with two versions of one row, side by side. No version is dropped before the person has chosen. */

import { createButton, createElement, createId, findPart, isolateText } from "./dom.js";
import { capitalize } from "./spanFields.js";
import { formatCount, gettext, ngettext } from "./translation.js";

const GONE = gettext("(deleted)");

export class ConflictDialog {
  /** @param {Pick<Services, "outbox" | "edits" | "scheme" | "registry">} services */
  constructor({ outbox, edits, scheme, registry }) {
    this.outbox = outbox;
    this.scheme = scheme;
    this.registry = registry;
    /** @type {HTMLDialogElement | null} */
    this.dialog = null;
    outbox.on("conflict", (detail) => this.show(detail));
    outbox.on("decided", () => this.close());
    outbox.on("yielded", (detail) => edits.forgetJob(detail.job));
    outbox.on("change", () => this.drawReminder());
    this.reminder = createButton(gettext("Compare the two versions"), () => outbox.conflict && this.show(outbox.conflict), {
      "data-action": "compare",
      hidden: true,
    });
    findPart("saved").after(this.reminder);
  }

  /** Show the button that leads back to a dialog that was closed without an answer. */
  drawReminder() {
    this.reminder.hidden = !this.outbox.conflict;
  }

  close() {
    this.dialog?.close();
  }

  /** @param {Conflict} conflict */
  show({ job, theirs }) {
    this.close();
    const heading = createId("heading");
    const dialog = createElement("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": "conflict" });
    /** @param {ConflictChoice} choice */
    const choose = (choice) => () => this.outbox.resolveConflict(choice);
    dialog.append(
      createElement("h2", { id: heading }, gettext("Changed by somebody else as well")),
      createElement("p", {}, gettext("This mark was changed elsewhere after this page had read it. Choose the version that stays.")),
      this.createTable(job, theirs),
      createElement(
        "div",
        { class: "actions" },
        createButton(gettext("Decide later"), () => dialog.close()),
        createButton(gettext("Take theirs"), choose("theirs"), { "data-choice": "theirs" }),
        createButton(gettext("Keep mine"), choose("mine"), { "data-choice": "mine", class: "primary" }),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    this.dialog = dialog;
  }

  /**
   * @param {Job} job
   * @param {ConflictRow} theirs
   */
  createTable(job, theirs) {
    const isGone = job.kind.endsWith(".delete");
    const mine = this.describeRow(isGone ? {} : { ...theirs, ...("changes" in job ? job.changes : {}) });
    const other = this.describeRow(theirs);
    const names = [...new Set([...Object.keys(mine), ...Object.keys(other)])];
    const rows = names.map((name) => {
      const isSame = mine[name] === other[name];
      const cells = [mine, other].map((one) => createElement("td", {}, isolateText(one[name] ?? (isGone && one === mine ? GONE : "–"))));
      return createElement("tr", { class: isSame ? "same" : "differs" }, createElement("th", { scope: "row" }, name), cells);
    });
    const differing = names.filter((name) => mine[name] !== other[name]).length;
    const head = ["", gettext("Mine"), gettext("Theirs")].map((name) => createElement("th", { scope: "col" }, name));
    const caption = createElement("caption", {}, formatCount(ngettext("%(n)s difference", "%(n)s differences", differing), differing));
    return createElement("table", { class: "versions" }, caption, createElement("thead", {}, createElement("tr", {}, head)), createElement("tbody", {}, rows));
  }

  /**
   * Describe the fields of a span or a comment, by the names that people read.
   *
   * @param {Partial<Omit<Span, keyof Words> & Omit<SetComment, keyof Words>> & { quote?: string | null }} row
   */
  describeRow(row) {
    const { scheme, registry } = this;
    const attributes = Object.entries(row.attributes ?? {});
    const all = {
      [gettext("Text")]: row.text,
      [gettext("Label")]: row.label && scheme.findLabel(row.label).title,
      [gettext("Words")]: row.quote,
      [gettext("Actor")]: registry.actorName(row.actor),
      [gettext("Proposition")]: registry.propositionText(row.proposition),
      ...Object.fromEntries(attributes.map(([name, value]) => [capitalize(scheme.findAttribute(name).title), scheme.valueTitle(name, value)])),
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
  }
}
