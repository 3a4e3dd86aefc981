// @ts-check
/** Comments of a review that wait in this browser until its decision, and are sent with it. */

import { draftKeys, parseDraftKey } from "./drafts.js";
import { tryOrNull } from "./storedRows.js";

const SETTING = "standpoint.workbench.collect";

export class CollectedComments {
  /** @param {Pick<Services, "model" | "drafts" | "edits">} services */
  constructor({ model, drafts, edits }) {
    this.model = model;
    this.drafts = drafts;
    this.edits = edits;
  }

  /** Whether comments can wait: there is a decision to come, and this person makes it. */
  get isOffered() {
    const { model } = this;
    return model.canBlock && model.set.state === "in_review" && model.set.reviewer === model.me.username;
  }

  get isOn() {
    return this.isOffered && tryOrNull(() => localStorage.getItem(SETTING)) === "on";
  }

  /** @param {boolean} on */
  setOn(on) {
    tryOrNull(() => (on ? localStorage.setItem(SETTING, "on") : localStorage.removeItem(SETTING)));
    this.model.notifyViews();
  }

  /** All comments that wait, the oldest first. */
  get all() {
    const keys = this.drafts.keys.filter((key) => parseDraftKey(key).kind === "collected");
    return keys.flatMap((key) => this.drafts.get(key)?.comment ?? []);
  }

  /**
   * Those on one span, or all.
   *
   * @param {string} [spanId]
   */
  on(spanId) {
    return spanId === undefined ? this.all : this.all.filter(({ span }) => span === spanId);
  }

  /** @param {string} id */
  has(id) {
    return this.drafts.get(draftKeys.collected(id)) !== null;
  }

  /**
   * Send a comment, or keep it until the decision.
   *
   * @param {SetComment} comment
   */
  take(comment) {
    if (!this.isOn) return this.edits.sendComment(comment);
    return this.drafts.save(draftKeys.collected(comment.id), { text: comment.text, comment });
  }

  /** @param {SetComment} comment */
  send(comment) {
    this.edits.sendComment({ ...comment, span: this.model.findSpan(comment.span)?.id ?? null });
    this.drafts.delete(draftKeys.collected(comment.id));
  }

  sendAll() {
    for (const comment of this.all) this.send(comment);
  }

  /** @param {SetComment} comment */
  discard({ id }) {
    this.drafts.discard(draftKeys.collected(id));
  }
}
