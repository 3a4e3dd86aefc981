// @ts-check
/** Comments on the set and its spans. */

import { CommentForm } from "./commentForm.js";
import { createButton, createElement, findPart, formatTime, isolateText, replaceContent, shortenText } from "./dom.js";
import { draftKeys } from "./drafts.js";
import { splitMentions } from "./memberMentions.js";
import { canAccept, describeProposedChange } from "./proposedChanges.js";
import { createWordsLink } from "./wordComments.js";
import { formatCount, gettext, interpolate, interpolateElements, ngettext, quoteText } from "./translation.js";

/** The comments on one span (or on all, for `spanId` undefined), and a form for a new one. */
export class CommentThread {
  /**
   * @param {ThreadServices} services
   * @param {string | undefined} spanId
   */
  constructor(services, spanId) {
    const { model, edits } = services;
    this.services = services;
    this.model = model;
    this.edits = edits;
    this.spanId = spanId;
    this.list = createElement("ol", { class: "comments", "aria-label": gettext("Comments") });
    this.form = null;
    this.element = createElement("div", { class: "thread" }, this.list);
    /** @type {string | null} */
    this.key = null;
  }

  show() {
    const { model } = this;
    const waiting = this.services.collected.on(this.spanId);
    const comments = [...model.commentsOn(this.spanId), ...waiting];
    const open = comments.map(({ id, span }) => [model.isUnsaved(id), model.findSpan(span)?.version]);
    const begun = comments.map(({ id }) => this.hasDraft(id));
    const key = JSON.stringify([comments, waiting.length, open, begun, model.canComment, model.isEditable, model.canBlock]);
    if (key !== this.key) {
      this.key = key;
      replaceContent(this.list, orderByThread(comments).map((comment) => this.createItem(comment)));
      this.list.hidden = !comments.length;
    }
    this.showForm();
  }

  /**
   * Whether an answer to a comment was begun.
   *
   * @param {string} id
   */
  hasDraft(id) {
    return Boolean(this.services.drafts.get(draftKeys.answer(id)));
  }

  showForm() {
    if (this.model.canComment && !this.form) {
      const { spanId, services } = this;
      const onSent = () => spanId && services.focusSpan(spanId);
      this.form = new CommentForm(services, { span: spanId ?? null, onSent });
      this.element.append(this.form.element);
    } else if (!this.model.canComment && this.form) {
      this.form.element.remove();
      this.form = null;
    }
    this.form?.show();
  }

  /** @param {SetComment} comment */
  createItem(comment) {
    const { model, services } = this;
    const isWaiting = services.collected.has(comment.id);
    const classes = ["comment"];
    if (isWaiting) classes.push("collected");
    if (comment.parent) classes.push("answer");
    if (comment.resolved_at) classes.push("resolved");
    if (model.isUnsaved(comment.id)) classes.push("unsaved");
    return createElement(
      "li",
      { class: classes.join(" "), "data-comment": comment.id },
      this.createByline(comment),
      this.spanId === undefined && comment.span && this.createSpanLink(comment),
      createWordsLink(services, comment),
      createElement("p", { class: "words", dir: "auto" }, highlightMentions(comment.text)),
      comment.suggestion && describeProposedChange(this.services, comment),
      isWaiting ? this.createWaitingActions(comment) : this.createActions(comment),
    );
  }

  /**
   * What can be done with a comment that waits for the decision.
   *
   * @param {SetComment} comment
   */
  createWaitingActions(comment) {
    const { collected } = this.services;
    return createElement(
      "p",
      { class: "actions" },
      createElement("span", { class: "open" }, gettext("goes with your decision")),
      createButton(gettext("Send now"), () => collected.send(comment), { "data-action": "send-collected" }),
      createButton(gettext("Discard"), () => collected.discard(comment), { "data-action": "discard-collected" }),
    );
  }

  /** @param {SetComment} comment */
  createByline({ author, created_at: at, blocking, resolved_by: by }) {
    return createElement(
      "p",
      { class: "byline" },
      isolateText(author, { class: "author" }),
      " ",
      createElement("time", { datetime: at }, formatTime(at)),
      blocking && createElement("span", { class: "blocking" }, gettext("blocks")),
      by && createElement("span", { class: "done" }, interpolateElements(gettext("resolved by %(name)s"), { name: isolateText(by) })),
    );
  }

  /** @param {SetComment} comment */
  createSpanLink(comment) {
    const { model } = this;
    const span = model.findSpan(comment.span);
    return span && createButton(isolateText(quoteText(shortenText(span.quote, 60))), () => model.chooseSpan(span.id), { class: "link" });
  }

  /** @param {SetComment} comment */
  createActions(comment) {
    const { model, edits } = this;
    if (model.isUnsaved(comment.id)) return createElement("p", { class: "actions" }, createElement("span", { class: "open" }, gettext("not saved")));
    const isResolved = Boolean(comment.resolved_at);
    const resolve =
      model.canResolve(comment) &&
      createButton(isResolved ? gettext("Reopen") : gettext("Resolve"), () => edits.setResolved(comment, !isResolved), { "data-action": "resolve" });
    const reply =
      model.canComment &&
      createButton(this.hasDraft(comment.id) ? gettext("Go on with your answer") : gettext("Answer"), () => this.answerComment(comment), { "data-action": "answer" });
    const take =
      canAccept(model, comment) &&
      createButton(gettext("Take over"), () => this.services.proposedChanges.accept(comment), { "data-action": "take", class: "primary", title: "o" });
    return (take || resolve || reply) && createElement("p", { class: "actions" }, take, resolve, reply);
  }

  /**
   * Put the cursor where a comment is answered; for null where a comment of its own is written.
   *
   * @param {SetComment | null} comment
   * @param {{ blocking?: boolean }} [options]
   */
  answerComment(comment, { blocking = false } = {}) {
    this.form?.answerComment(comment);
    this.form?.focus({ blocking });
  }
}

/**
 * Set apart the people whom a text mentions.
 *
 * @param {string} text
 */
function highlightMentions(text) {
  return splitMentions(text).map((part, index) =>
    index % 2 ? createElement("strong", { class: "mention" }, isolateText(part)) : part,
  );
}

/**
 * Order comments so that answers stand below the comment that they answer.
 *
 * @param {SetComment[]} comments
 */
function orderByThread(comments) {
  const byId = new Map(comments.map((comment) => [comment.id, comment]));
  /** @param {SetComment} comment */
  /** @type {(comment: SetComment) => SetComment} */
  const top = (comment) => {
    const parent = byId.get(comment.parent ?? "");
    return parent ? top(parent) : comment;
  };
  const threads = new Map();
  for (const comment of comments) threads.set(top(comment), [...(threads.get(top(comment)) ?? []), comment]);
  return [...threads.values()].flat();
}

/** The panel with all comments. */
export class CommentPanel {
  /** @param {ThreadServices & Pick<Services, "tabs">} services */
  constructor(services) {
    const { model, tabs } = services;
    this.model = model;
    this.tabs = tabs;
    this.thread = new CommentThread(services, undefined);
    this.collected = services.collected;
    this.emptyNote = createElement("p", { class: "empty" }, gettext("No comments."));
    this.collects = createElement("input", { type: "checkbox", "data-field": "collect" });
    this.collects.addEventListener("change", () => this.collected.setOn(this.collects.checked));
    this.collectsLabel = createElement("label", { class: "check" }, this.collects, " ", gettext("Collect my comments, and send them with my decision"));
    findPart("comments").replaceChildren(this.collectsLabel, this.emptyNote, this.thread.element);
    model.on("change", () => this.draw());
    this.draw();
  }

  /**
   * Put the cursor where a comment is answered; for null where one on the set is written.
   *
   * @param {SetComment | null} comment
   * @param {{ blocking?: boolean }} [options]
   */
  answerComment(comment, options) {
    this.tabs.show("comments");
    this.thread.answerComment(comment, options);
  }

  draw() {
    const all = [...this.model.commentsOn(), ...this.collected.all];
    this.collectsLabel.hidden = !this.collected.isOffered;
    this.collects.checked = this.collected.isOn;
    const open = all.filter(({ resolved_at: at, parent }) => !at && !parent).length;
    this.emptyNote.hidden = all.length > 0;
    this.tabs.setCount("comments", open, formatCount(ngettext("%(n)s open comment", "%(n)s open comments", open), open));
    this.thread.show();
  }
}
