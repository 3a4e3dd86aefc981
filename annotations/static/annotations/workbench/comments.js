// @ts-check
/** Comments on the set and its spans. */

import { createButton, createElement, createId, findPart, formatTime, isolateText, replaceContent, shortenText } from "./dom.js";
import { canAccept, describeProposedChange, ProposedChangeForm } from "./proposedChanges.js";
import { formatCount, gettext, interpolate, interpolateElements, ngettext, quoteText } from "./translation.js";

/** The most characters of a comment that the service accepts. */
const MAX_LENGTH = 10_000;
/** The text of a comment that proposes a change and says nothing else. */
const DEFAULT_TEXT = gettext("I suggest this change.");

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
    const comments = model.commentsOn(this.spanId);
    const open = comments.map(({ id, span }) => [model.isUnsaved(id), model.findSpan(span)?.version]);
    const key = JSON.stringify([comments, open, model.canComment, model.isEditable, model.canBlock]);
    if (key === this.key) return;
    this.key = key;
    replaceContent(this.list, orderByThread(comments).map((comment) => this.createItem(comment)));
    this.list.hidden = !comments.length;
    this.showForm();
  }

  showForm() {
    if (this.model.canComment && !this.form) {
      this.form = new CommentForm(this.services, { span: this.spanId ?? null });
      this.element.append(this.form.element);
    } else if (!this.model.canComment && this.form) {
      this.form.element.remove();
      this.form = null;
    }
    this.form?.show();
  }

  /** @param {SetComment} comment */
  createItem(comment) {
    const { model } = this;
    const classes = ["comment"];
    if (comment.parent) classes.push("answer");
    if (comment.resolved_at) classes.push("resolved");
    if (model.isUnsaved(comment.id)) classes.push("unsaved");
    return createElement(
      "li",
      { class: classes.join(" "), "data-comment": comment.id },
      this.createByline(comment),
      this.spanId === undefined && comment.span && this.createSpanLink(comment),
      createElement("p", { class: "words", dir: "auto" }, highlightMentions(comment.text)),
      comment.suggestion && describeProposedChange(this.services, comment),
      this.createActions(comment),
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
      createButton(gettext("Answer"), () => this.answerComment(comment), { "data-action": "answer" });
    const take =
      canAccept(model, comment) &&
      createButton(gettext("Take over"), () => this.services.proposedChanges.accept(comment), { "data-action": "take", class: "primary", title: "o" });
    return (take || resolve || reply) && createElement("p", { class: "actions" }, take, resolve, reply);
  }

  /** @param {SetComment} comment */
  answerComment(comment) {
    this.form?.answerComment(comment);
  }
}

class CommentForm {
  /**
   * @param {ThreadServices} services
   * @param {{ span: string | null }} options
   */
  constructor(services, { span }) {
    const { model, edits, focusSpan } = services;
    this.model = model;
    this.edits = edits;
    this.focusSpan = focusSpan;
    this.defaultSpan = span;
    this.span = span;
    this.parent = null;
    const id = createId("comment");
    const words = span ? gettext("Comment on this mark") : gettext("Comment on the whole set");
    this.title = createElement("label", { for: id, class: "out-of-sight" }, words);
    this.defaultLabel = words;
    // the placeholder repeats the label, so that an empty form takes a single line
    this.text = createElement("textarea", { id, rows: 2, dir: "auto", "data-field": "comment", placeholder: words, maxlength: MAX_LENGTH });
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.blocking = createElement("input", { type: "checkbox", "data-field": "blocking" });
    this.blockingLabel = createElement("label", { class: "check" }, this.blocking, " ", gettext("blocks approval"));
    this.submitButton = createElement("button", { type: "submit", "data-action": "comment" }, gettext("Comment"));
    this.suggestion = span ? new ProposedChangeForm(services, span) : null;
    this.element = createElement(
      "form",
      { class: "comment-form", onsubmit: (event) => this.onSubmit(event) },
      this.title,
      this.text,
      this.suggestion?.element,
      createElement("div", { class: "actions" }, this.blockingLabel, this.submitButton),
    );
  }

  show() {
    this.blockingLabel.hidden = !this.model.canBlock;
    if (this.suggestion) this.suggestion.element.hidden = !this.model.canBlock || Boolean(this.parent);
  }

  /**
   * Make the next comment an answer to this one; null for none.
   *
   * @param {SetComment | null} comment
   */
  answerComment(comment) {
    this.parent = comment && (comment.parent ?? comment.id);
    this.span = comment ? comment.span : this.defaultSpan;
    const words = comment ? interpolate(gettext("Answer to %(name)s"), { name: comment.author }, true) : this.defaultLabel;
    replaceContent(this.title, words);
    this.text.placeholder = words;
    this.show();
    if (comment) this.text.focus();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.element.requestSubmit();
    if (event.key === "Escape" && this.parent) {
      event.stopPropagation();
      this.answerComment(null);
    }
  }

  /** @param {Event} event */
  onSubmit(event) {
    event.preventDefault();
    const suggestion = this.suggestion && !this.suggestion.element.hidden ? this.suggestion.value : null;
    const text = this.text.value.trim() || !suggestion ? this.text.value : DEFAULT_TEXT;
    if (!text.trim()) return this.text.focus();
    const blocking = !this.blockingLabel.hidden && this.blocking.checked;
    this.edits.addComment(text, { span: this.span, parent: this.parent, blocking, suggestion });
    this.text.value = "";
    this.blocking.checked = false;
    this.suggestion?.reset();
    this.answerComment(null);
    if (this.defaultSpan) this.focusSpan(this.defaultSpan);
    return undefined;
  }
}

/**
 * Split a text at the people whom it mentions, as the service reads it: every second part is a mention.
 *
 * @param {string} text
 */
export function splitMentions(text) {
  return text.split(/(?<![\p{L}\p{N}_.@+-])(@[\p{L}\p{N}_.@+-]{1,150})/u);
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
    this.emptyNote = createElement("p", { class: "empty" }, gettext("No comments."));
    findPart("comments").replaceChildren(this.emptyNote, this.thread.element);
    model.on("change", () => this.draw());
    this.draw();
  }

  draw() {
    const all = this.model.commentsOn();
    const open = all.filter(({ resolved_at: at, parent }) => !at && !parent).length;
    this.emptyNote.hidden = all.length > 0;
    this.tabs.setCount("comments", open, formatCount(ngettext("%(n)s open comment", "%(n)s open comments", open), open));
    this.thread.show();
  }
}
