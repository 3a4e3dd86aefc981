// @ts-check
/** The form for a comment or an answer. What is written in it is kept as a draft until it is sent. */

import { createElement, createId, replaceContent, shortenText } from "./dom.js";
import { draftKeys } from "./drafts.js";
import { MentionField } from "./mentionField.js";
import { MissingSpanForm } from "./missingSpan.js";
import { ProposedChangeForm } from "./proposedChanges.js";
import { gettext, interpolate, quoteText } from "./translation.js";

/** The most characters of a comment that the service accepts. */
const MAX_LENGTH = 10_000;
/** The text of a comment that proposes something and says nothing else. */
const DEFAULT_TEXT = gettext("I suggest this change.");
const DEFAULT_MISSING_TEXT = gettext("I suggest this mark.");

export class CommentForm {
  /**
   * A form for comments on a span, on words of the text, or on the whole set.
   *
   * @param {ThreadServices} services
   * @param {{ span?: string | null, words?: Words | null, onSent?: () => void }} options
   */
  constructor(services, { span = null, words = null, onSent = () => {} }) {
    const { model, edits, drafts, collected } = services;
    this.model = model;
    this.edits = edits;
    this.drafts = drafts;
    this.collected = collected;
    this.onSent = onSent;
    this.defaultSpan = span;
    this.words = words;
    this.span = span;
    /** @type {string | null} the comment that is answered */
    this.parent = null;
    /** The time of the draft that the form shows; 0 if it is empty. */
    this.shownAt = 0;
    const id = createId("comment");
    const label = this.describePlace();
    this.title = createElement("label", { for: id, class: "out-of-sight" }, label);
    this.defaultLabel = label;
    // the placeholder repeats the label, so that an empty form takes a single line
    this.text = createElement("textarea", { id, rows: 2, dir: "auto", "data-field": "comment", placeholder: label, maxlength: MAX_LENGTH });
    // before our own keys: a list of people that is open takes Escape and Enter
    const people = new MentionField(services, this.text);
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.text.addEventListener("focus", () => this.refresh());
    this.blocking = createElement("input", { type: "checkbox", "data-field": "blocking" });
    this.blockingLabel = createElement("label", { class: "check" }, this.blocking, " ", gettext("blocks approval"));
    this.submitButton = createElement("button", { type: "submit", "data-action": "comment" }, gettext("Comment"));
    this.suggestion = this.createSuggestionForm(services);
    this.element = createElement(
      "form",
      { class: "comment-form", onsubmit: (event) => this.onSubmit(event), oninput: () => this.keepDraft() },
      this.title,
      this.text,
      people.element,
      this.suggestion?.element,
      createElement("div", { class: "actions" }, this.blockingLabel, this.submitButton),
    );
    this.answerComment(this.findBegunAnswer());
  }

  describePlace() {
    const { words, defaultSpan } = this;
    if (words) return interpolate(gettext("Comment on %(words)s"), { words: quoteText(shortenText(words.quote, 60)) }, true);
    return defaultSpan ? gettext("Comment on this mark") : gettext("Comment on the whole set");
  }

  /** @param {ThreadServices} services */
  createSuggestionForm(services) {
    const { words, defaultSpan } = this;
    const changed = () => this.keepDraft();
    if (words) return new MissingSpanForm(services, words, changed);
    return defaultSpan ? new ProposedChangeForm(services, defaultSpan, changed) : null;
  }

  /** The comment whose answer was begun last, unless a comment of its own is begun as well. */
  findBegunAnswer() {
    const { model, drafts, key, defaultSpan, words } = this;
    if (words || drafts.get(key)) return null;
    /** @param {SetComment} comment */
    const timeOf = ({ id }) => drafts.get(draftKeys.answer(id))?.at ?? 0;
    const begun = model.commentsOn(defaultSpan ?? undefined).filter(timeOf);
    return begun.sort((one, other) => timeOf(other) - timeOf(one))[0] ?? null;
  }

  /** Where the draft is kept. */
  get key() {
    if (this.parent) return draftKeys.answer(this.parent);
    return this.words ? draftKeys.words(this.words) : draftKeys.comment(this.defaultSpan);
  }

  show() {
    this.blockingLabel.hidden = !this.model.canBlock;
    if (this.suggestion) this.suggestion.element.hidden = !this.model.canBlock || Boolean(this.parent);
    if (!this.element.contains(document.activeElement)) this.refresh();
  }

  /** The change that is proposed beside the words; null if none. */
  get shownSuggestion() {
    return this.suggestion && !this.suggestion.element.hidden ? this.suggestion : null;
  }

  keepDraft() {
    const change = this.shownSuggestion?.state ?? null;
    const text = this.text.value;
    this.drafts.save(this.key, text.trim() || change ? { text, blocking: this.blocking.checked, change } : null);
    this.shownAt = this.drafts.get(this.key)?.at ?? 0;
  }

  /** Show the draft as it is kept, if it was written elsewhere. */
  refresh() {
    if ((this.drafts.get(this.key)?.at ?? 0) !== this.shownAt) this.restoreDraft();
  }

  restoreDraft() {
    const draft = this.drafts.get(this.key);
    this.shownAt = draft?.at ?? 0;
    this.text.value = draft?.text ?? "";
    this.blocking.checked = draft?.blocking ?? false;
    this.suggestion?.restore(draft?.change);
  }

  /** @param {{ blocking: boolean }} options whether the comment is meant to block; if not, that stays as it is */
  focus({ blocking }) {
    if (blocking) {
      this.blocking.checked = true;
      this.keepDraft();
    }
    this.text.focus();
  }

  /**
   * Make the next comment an answer to this one; null for none. What was written so far is kept.
   *
   * @param {SetComment | null} comment
   */
  answerComment(comment) {
    const { key } = this;
    this.parent = comment && (comment.parent ?? comment.id);
    this.span = comment ? comment.span : this.defaultSpan;
    const words = comment ? interpolate(gettext("Answer to %(name)s"), { name: comment.author }, true) : this.defaultLabel;
    replaceContent(this.title, words);
    this.text.placeholder = words;
    if (this.key === key) this.refresh();
    else this.restoreDraft();
    this.show();
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
    const suggestion = this.shownSuggestion?.value ?? null;
    const silent = this.words ? DEFAULT_MISSING_TEXT : DEFAULT_TEXT;
    const text = this.text.value.trim() || !suggestion ? this.text.value : silent;
    if (!text.trim()) return this.text.focus();
    const blocking = !this.blockingLabel.hidden && this.blocking.checked;
    const { span, parent, words } = this;
    this.collected.take(this.edits.createComment(text, { span, parent, blocking, suggestion, words: parent ? null : words }));
    this.drafts.delete(this.key);
    this.restoreDraft();
    this.answerComment(null);
    this.onSent();
    return undefined;
  }
}
