// @ts-check
/** Talking about the set and its marks. */

import { createButton, createElement, createId, findPart, formatTime, isolateText, replaceContent, shortenText } from "./dom.js";
import { canAccept, describeProposedChange, ProposedChangeForm } from "./proposedChanges.js";
import { formatCount, gettext, interpolate, interpolateElements, ngettext, quoteText } from "./translation.js";

/** The longest comment that the service takes. */
const MAX_LENGTH = 10_000;
/** What a comment says that only suggests a change. */
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
    const comments = model.comments(this.spanId);
    const open = comments.map(({ id, span }) => [model.isOpen(id), model.span(span)?.version]);
    const key = JSON.stringify([comments, open, model.canComment, model.isEditable, model.canBlock]);
    if (key === this.key) return;
    this.key = key;
    replaceContent(this.list, orderByThread(comments).map((comment) => this.item(comment)));
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
  item(comment) {
    const { model } = this;
    const classes = ["comment"];
    if (comment.parent) classes.push("answer");
    if (comment.resolved_at) classes.push("resolved");
    if (model.isOpen(comment.id)) classes.push("unsaved");
    return createElement(
      "li",
      { class: classes.join(" "), "data-comment": comment.id },
      this.byline(comment),
      this.spanId === undefined && comment.span && this.place(comment),
      createElement("p", { class: "words", dir: "auto" }, highlightMentions(comment.text)),
      comment.suggestion && describeProposedChange(this.services, comment),
      this.actions(comment),
    );
  }

  /** @param {SetComment} comment */
  byline({ author, created_at: at, blocking, resolved_by: by }) {
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
  place(comment) {
    const { model } = this;
    const span = model.span(comment.span);
    return span && createButton(isolateText(quoteText(shortenText(span.quote, 60))), () => model.choose(span.id), { class: "link" });
  }

  /** @param {SetComment} comment */
  actions(comment) {
    const { model, edits } = this;
    if (model.isOpen(comment.id)) return createElement("p", { class: "actions" }, createElement("span", { class: "open" }, gettext("not saved")));
    const isResolved = Boolean(comment.resolved_at);
    const resolve =
      model.canResolve(comment) &&
      createButton(isResolved ? gettext("Reopen") : gettext("Resolve"), () => edits.resolve(comment, !isResolved), { "data-action": "resolve" });
    const reply =
      model.canComment &&
      createButton(gettext("Answer"), () => this.answer(comment), { "data-action": "answer" });
    const take =
      canAccept(model, comment) &&
      createButton(gettext("Take over"), () => this.services.proposedChanges.accept(comment), { "data-action": "take", class: "primary", title: "o" });
    return (take || resolve || reply) && createElement("p", { class: "actions" }, take, resolve, reply);
  }

  /** @param {SetComment} comment */
  answer(comment) {
    this.form?.answer(comment);
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
    this.home = span;
    this.span = span;
    this.parent = null;
    const id = createId("comment");
    const words = span ? gettext("Comment on this mark") : gettext("Comment on the whole set");
    this.title = createElement("label", { for: id, class: "out-of-sight" }, words);
    this.words = words;
    // the placeholder repeats the label, so that an empty form takes a single line
    this.text = createElement("textarea", { id, rows: 2, dir: "auto", "data-field": "comment", placeholder: words, maxlength: MAX_LENGTH });
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.blocking = createElement("input", { type: "checkbox", "data-field": "blocking" });
    this.blocks = createElement("label", { class: "check" }, this.blocking, " ", gettext("blocks approval"));
    this.send = createElement("button", { type: "submit", "data-action": "comment" }, gettext("Comment"));
    this.suggestion = span ? new ProposedChangeForm(services, span) : null;
    this.element = createElement(
      "form",
      { class: "comment-form", onsubmit: (event) => this.onSubmit(event) },
      this.title,
      this.text,
      this.suggestion?.element,
      createElement("div", { class: "actions" }, this.blocks, this.send),
    );
  }

  show() {
    this.blocks.hidden = !this.model.canBlock;
    if (this.suggestion) this.suggestion.element.hidden = !this.model.canBlock || Boolean(this.parent);
  }

  /**
   * What is written next answers this comment.
   *
   * @param {SetComment | null} comment
   */
  answer(comment) {
    this.parent = comment && (comment.parent ?? comment.id);
    this.span = comment ? comment.span : this.home;
    const words = comment ? interpolate(gettext("Answer to %(name)s"), { name: comment.author }, true) : this.words;
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
      this.answer(null);
    }
  }

  /** @param {Event} event */
  onSubmit(event) {
    event.preventDefault();
    const suggestion = this.suggestion && !this.suggestion.element.hidden ? this.suggestion.value : null;
    const text = this.text.value.trim() || !suggestion ? this.text.value : DEFAULT_TEXT;
    if (!text.trim()) return this.text.focus();
    const blocking = !this.blocks.hidden && this.blocking.checked;
    this.edits.comment(text, { span: this.span, parent: this.parent, blocking, suggestion });
    this.text.value = "";
    this.blocking.checked = false;
    this.suggestion?.reset();
    this.answer(null);
    if (this.home) this.focusSpan(this.home);
    return undefined;
  }
}

/**
 * The text with the people whom it mentions set apart, as the service reads it.
 *
 * @param {string} text
 */
function highlightMentions(text) {
  return text.split(/(?<![\p{L}\p{N}_.@+-])(@[\p{L}\p{N}_.@+-]{1,150})/u).map((piece, index) => {
    return index % 2 ? createElement("strong", { class: "mention" }, isolateText(piece)) : piece;
  });
}

/**
 * Answers stand below what they answer.
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
    this.empty = createElement("p", { class: "empty" }, gettext("No comments."));
    findPart("comments").replaceChildren(this.empty, this.thread.element);
    model.on("change", () => this.draw());
    this.draw();
  }

  draw() {
    const all = this.model.comments();
    const open = all.filter(({ resolved_at: at, parent }) => !at && !parent).length;
    this.empty.hidden = all.length > 0;
    this.tabs.count("comments", open, formatCount(ngettext("%(n)s open comment", "%(n)s open comments", open), open));
    this.thread.show();
  }
}
