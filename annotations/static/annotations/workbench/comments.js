/** Talking about the set and its marks. */

import { bdi, button, fill, freshId, h, localTime, part, shortened } from "./dom.js";
import { isTakeable, suggested, SuggestionForm, takeOver } from "./suggestions.js";
import { counted, gettext, interpolate, ngettext, pieces, quoted } from "./words.js";

/** The longest comment that the service takes. */
const MOST = 10_000;
/** What a comment says that only suggests a change. */
const SUGGESTED = gettext("I suggest this change.");

/** The comments on one span (or on all, for `spanId` undefined), and a form for a new one. */
export class Thread {
  constructor(app, spanId) {
    this.app = app;
    this.spanId = spanId;
    this.list = h("ol", { class: "comments", "aria-label": gettext("Comments") });
    this.form = null;
    this.element = h("div", { class: "thread" }, this.list);
    this.key = null;
  }

  show() {
    const { model } = this.app;
    const comments = model.comments(this.spanId);
    const open = comments.map(({ id, span }) => [model.isOpen(id), model.span(span)?.version]);
    const key = JSON.stringify([comments, open, model.canComment, model.isEditable, model.canBlock]);
    if (key === this.key) return;
    this.key = key;
    fill(this.list, threaded(comments).map((comment) => this.item(comment)));
    this.list.hidden = !comments.length;
    this.showForm();
  }

  showForm() {
    if (this.app.model.canComment && !this.form) {
      this.form = new CommentForm(this.app, { span: this.spanId ?? null });
      this.element.append(this.form.element);
    } else if (!this.app.model.canComment && this.form) {
      this.form.element.remove();
      this.form = null;
    }
    this.form?.show();
  }

  item(comment) {
    const { model } = this.app;
    const classes = ["comment"];
    if (comment.parent) classes.push("answer");
    if (comment.resolved_at) classes.push("resolved");
    if (model.isOpen(comment.id)) classes.push("unsaved");
    return h(
      "li",
      { class: classes.join(" "), "data-comment": comment.id },
      this.byline(comment),
      this.spanId === undefined && comment.span && this.place(comment),
      h("p", { class: "words", dir: "auto" }, mentions(comment.text)),
      comment.suggestion && suggested(this.app, comment),
      this.actions(comment),
    );
  }

  byline({ author, created_at: at, blocking, resolved_by: by }) {
    return h(
      "p",
      { class: "byline" },
      bdi(author, { class: "author" }),
      " ",
      h("time", { datetime: at }, localTime(at)),
      blocking && h("span", { class: "blocking" }, gettext("blocks")),
      by && h("span", { class: "done" }, pieces(gettext("resolved by %(name)s"), { name: bdi(by) })),
    );
  }

  place(comment) {
    const { model } = this.app;
    const span = model.span(comment.span);
    return span && button(bdi(quoted(shortened(span.quote, 60))), () => model.choose(span.id), { class: "link" });
  }

  actions(comment) {
    const { model, edits } = this.app;
    if (model.isOpen(comment.id)) return h("p", { class: "actions" }, h("span", { class: "open" }, gettext("not saved")));
    const isResolved = Boolean(comment.resolved_at);
    const resolve =
      model.canResolve(comment) &&
      button(isResolved ? gettext("Reopen") : gettext("Resolve"), () => edits.resolve(comment, !isResolved), { "data-action": "resolve" });
    const reply =
      model.canComment &&
      button(gettext("Answer"), () => this.answer(comment), { "data-action": "answer" });
    const take =
      isTakeable(model, comment) &&
      button(gettext("Take over"), () => takeOver(this.app, comment), { "data-action": "take", class: "primary", title: "o" });
    return (take || resolve || reply) && h("p", { class: "actions" }, take, resolve, reply);
  }

  answer(comment) {
    this.form?.answer(comment);
  }
}

class CommentForm {
  constructor(app, { span }) {
    this.app = app;
    this.home = span;
    this.span = span;
    this.parent = null;
    const id = freshId("comment");
    const words = span ? gettext("Comment on this mark") : gettext("Comment on the whole set");
    this.title = h("label", { for: id, class: "out-of-sight" }, words);
    this.words = words;
    // the placeholder repeats the label, so that an empty form takes a single line
    this.text = h("textarea", { id, rows: 2, dir: "auto", "data-field": "comment", placeholder: words, maxlength: MOST });
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.blocking = h("input", { type: "checkbox", "data-field": "blocking" });
    this.blocks = h("label", { class: "check" }, this.blocking, " ", gettext("blocks approval"));
    this.send = h("button", { type: "submit", "data-action": "comment" }, gettext("Comment"));
    this.suggestion = span ? new SuggestionForm(app, span) : null;
    this.element = h(
      "form",
      { class: "comment-form", onsubmit: (event) => this.onSubmit(event) },
      this.title,
      this.text,
      this.suggestion?.element,
      h("div", { class: "actions" }, this.blocks, this.send),
    );
  }

  show() {
    this.blocks.hidden = !this.app.model.canBlock;
    if (this.suggestion) this.suggestion.element.hidden = !this.app.model.canBlock || Boolean(this.parent);
  }

  /** What is written next answers this comment. */
  answer(comment) {
    this.parent = comment && (comment.parent ?? comment.id);
    this.span = comment ? comment.span : this.home;
    const words = comment ? interpolate(gettext("Answer to %(name)s"), { name: comment.author }, true) : this.words;
    fill(this.title, words);
    this.text.placeholder = words;
    this.show();
    if (comment) this.text.focus();
  }

  onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.element.requestSubmit();
    if (event.key === "Escape" && this.parent) {
      event.stopPropagation();
      this.answer(null);
    }
  }

  onSubmit(event) {
    event.preventDefault();
    const suggestion = this.suggestion && !this.suggestion.element.hidden ? this.suggestion.value : null;
    const text = this.text.value.trim() || !suggestion ? this.text.value : SUGGESTED;
    if (!text.trim()) return this.text.focus();
    const blocking = !this.blocks.hidden && this.blocking.checked;
    this.app.edits.comment(text, { span: this.span, parent: this.parent, blocking, suggestion });
    this.text.value = "";
    this.blocking.checked = false;
    this.suggestion?.reset();
    this.answer(null);
    if (this.home) this.app.list.focusHead(this.home);
    return undefined;
  }
}

/** The text with the people whom it mentions set apart, as the service reads it. */
function mentions(text) {
  return text.split(/(?<![\p{L}\p{N}_.@+-])(@[\p{L}\p{N}_.@+-]{1,150})/u).map((piece, index) => {
    return index % 2 ? h("strong", { class: "mention" }, bdi(piece)) : piece;
  });
}

/** Answers stand below what they answer. */
function threaded(comments) {
  const byId = new Map(comments.map((comment) => [comment.id, comment]));
  const top = (comment) => (byId.has(comment.parent) ? top(byId.get(comment.parent)) : comment);
  const threads = new Map();
  for (const comment of comments) threads.set(top(comment), [...(threads.get(top(comment)) ?? []), comment]);
  return [...threads.values()].flat();
}

/** The panel with all comments. */
export class CommentPanel {
  constructor(app) {
    this.app = app;
    this.thread = new Thread(app, undefined);
    this.empty = h("p", { class: "empty" }, gettext("No comments."));
    part("comments").replaceChildren(this.empty, this.thread.element);
    app.model.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    const all = this.app.model.comments();
    const open = all.filter(({ resolved_at: at, parent }) => !at && !parent).length;
    this.empty.hidden = all.length > 0;
    this.app.tabs.count("comments", open, counted(ngettext("%(n)s open comment", "%(n)s open comments", open), open));
    this.thread.show();
  }
}
