// @ts-check
/** Offers the unsent work of the set before, once the text was corrected. Nothing goes without a word of its owner. */

import { errorText } from "./api.js";
import { TextCarrier } from "./carriedText.js";
import { planWork } from "./carriedWork.js";
import { createButton, createElement, createId } from "./dom.js";
import { Drafts } from "./drafts.js";
import { PendingStore } from "./pendingStore.js";
import { formatCount, gettext, ngettext } from "./translation.js";

export class CarriedWorkDialog {
  /**
   * @param {Pick<Services, "model" | "api" | "outbox" | "drafts" | "messages">} services
   * @param {string[]} earlier ids of the sets that this one continues on its new text
   */
  constructor({ model, api, outbox, drafts, messages }, earlier) {
    this.model = model;
    this.api = api;
    this.outbox = outbox;
    this.drafts = drafts;
    this.messages = messages;
    this.earlier = earlier;
  }

  /** Look for work that earlier sets have left in this browser, and offer it. */
  async start() {
    if (!this.model.isEditable) return;
    for (const id of this.earlier) {
      const store = new PendingStore(this.model.me.username, id);
      const drafts = new Drafts(this.model.me.username, id);
      if (store.readAll().length || drafts.size) await this.offer(id, store, drafts);
    }
  }

  /**
   * @param {string} id
   * @param {PendingStore} store
   * @param {Drafts} drafts
   */
  async offer(id, store, drafts) {
    const { model, api } = this;
    try {
      const { data: old } = await api.get(`sets/${id}/`);
      const path = `articles/${model.article.id}/revisions/${model.revision.number}/diff/?from=${old.revision.number}`;
      const { data: diff } = await api.get(path);
      const carrier = new TextCarrier(old.revision.text, model.revision.text, diff.blocks);
      const left = drafts.keys.flatMap((key) => {
        const draft = drafts.get(key);
        return draft ? [/** @type {[string, Draft]} */ ([key, draft])] : [];
      });
      const plan = planWork({ jobs: store.readAll(), drafts: left }, old, model.loaded, carrier);
      for (const job of plan.done) forget(store, job);
      this.show(plan, store, drafts);
    } catch (error) {
      this.messages.showWarning(gettext("Unsent work from before the correction waits in this browser."), " ", errorText(error));
    }
  }

  /**
   * @param {CarriedWork} plan
   * @param {PendingStore} store
   * @param {Drafts} drafts
   */
  show(plan, store, drafts) {
    const fits = plan.jobs.length + plan.drafts.length;
    const lost = plan.lostJobs.length + plan.lostDrafts.length;
    if (!fits && !lost) return;
    const heading = createId("heading");
    const dialog = createElement("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": "carried" });
    const take = () => {
      dialog.close();
      this.takeOver(plan, store, drafts);
    };
    const discard = () => {
      dialog.close();
      for (const { job } of plan.lostJobs) forget(store, job);
      for (const { key } of plan.lostDrafts) drafts.delete(key);
      this.show({ ...plan, lostJobs: [], lostDrafts: [] }, store, drafts);
    };
    const later = () => {
      dialog.close();
      this.remind(plan, store, drafts);
    };
    dialog.append(
      createElement("h2", { id: heading }, gettext("Work from before the correction")),
      createElement("p", {}, gettext("The text was corrected while this was not sent. Nothing of it is lost.")),
      ...listSection(gettext("Fits the new text"), [...plan.jobs.map(({ what }) => [what, ""]), ...plan.drafts.map(({ draft }) => [gettext("Draft"), draft.text])]),
      ...listSection(gettext("Has no place in the new text; copy what you need"), [
        ...plan.lostJobs.map(({ what, words }) => [what, words]),
        ...plan.lostDrafts.map(({ draft }) => [gettext("Draft"), draft.text]),
      ]),
      createElement(
        "div",
        { class: "actions" },
        createButton(gettext("Decide later"), later, { "data-action": "later" }),
        lost ? createButton(gettext("Discard what has no place"), discard, { class: "danger", "data-action": "discard-lost" }) : null,
        fits ? createButton(formatCount(ngettext("Take %(n)s over", "Take %(n)s over", fits), fits), take, { class: "primary", "data-action": "take-over-work" }) : null,
      ),
    );
    dialog.addEventListener("cancel", () => this.remind(plan, store, drafts));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  /**
   * Say that work waits, after the dialog was closed without an answer.
   *
   * @param {CarriedWork} plan
   * @param {PendingStore} store
   * @param {Drafts} drafts
   */
  remind(plan, store, drafts) {
    const button = createButton(gettext("Show it"), () => {
      message.remove();
      this.show(plan, store, drafts);
    }, { "data-action": "show-carried" });
    const message = this.messages.showWarning(gettext("Unsent work from before the correction waits in this browser."), " ", button);
  }

  /**
   * Put what fits among the changes and drafts of this set, and offer the rest again.
   *
   * @param {CarriedWork} plan
   * @param {PendingStore} store
   * @param {Drafts} drafts
   */
  takeOver(plan, store, drafts) {
    this.outbox.addJobs(...plan.jobs.map(({ job }) => job));
    for (const { old } of plan.jobs) forget(store, old);
    for (const { key, place, draft } of plan.drafts) {
      const newer = this.drafts.get(place)?.text;
      this.drafts.save(place, newer ? { ...draft, text: `${draft.text}\n\n${newer}` } : draft);
      drafts.delete(key);
    }
    this.messages.showInfo(gettext("What fits the new text was taken over."));
    if (plan.lostJobs.length || plan.lostDrafts.length) this.show({ ...plan, jobs: [], drafts: [] }, store, drafts);
  }
}

/**
 * Remove a job from the browser; a page that still shows it is told.
 *
 * @param {PendingStore} store
 * @param {Job} job
 */
function forget(store, job) {
  store.remove(job);
  store.broadcast({ type: "gone", job });
}

/**
 * @param {string} title
 * @param {string[][]} lines what each is called, and its words
 */
function listSection(title, lines) {
  if (!lines.length) return [];
  const items = lines.map(([what = "", words = ""]) =>
    createElement("li", {}, createElement("span", {}, what), words ? createElement("p", { class: "words", dir: "auto" }, words) : null),
  );
  return [createElement("h3", {}, title), createElement("ul", { class: "carried" }, items)];
}
