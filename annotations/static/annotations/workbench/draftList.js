// @ts-check
/** All drafts of the set: a button in the bar that leads to a list, where each is opened or thrown away. */

import { openDialog } from "./dialogs.js";
import { createButton, createElement, createId, findPart, isolateText, replaceContent, shortenText } from "./dom.js";
import { parseDraftKey, parseWordsId } from "./drafts.js";
import { askForNewActor, askForNewProposition, capitalize } from "./spanFields.js";
import { formatCount, gettext, interpolate, ngettext, quoteText } from "./translation.js";

export class DraftList {
  /** @param {DraftListServices} services */
  constructor(services) {
    const { model, drafts, messages } = services;
    this.services = services;
    this.model = model;
    this.drafts = drafts;
    this.messages = messages;
    this.kinds = createKinds(services);
    this.button = createButton(gettext("Show drafts"), () => this.open(), { "data-action": "drafts", "aria-haspopup": "dialog" });
    findPart("saved").after(this.button);
    drafts.on("keys", () => this.onKeys());
    drafts.on("remote", () => model.notifyViews());
    drafts.onDiscard = (discarded) => this.offerBack(discarded);
    this.draw();
  }

  onKeys() {
    this.draw();
    this.model.notifyViews();
  }

  draw() {
    this.button.hidden = !this.drafts.size;
  }

  open() {
    const heading = createId("heading");
    const dialog = createElement("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": "drafts" });
    const title = createElement("h2", { id: heading, tabindex: "-1" });
    const list = createElement("ol", { class: "drafts" });
    const draw = () => {
      const { size, keys } = this.drafts;
      replaceContent(title, formatCount(ngettext("%(n)s draft that is not sent", "%(n)s drafts that are not sent", size), size));
      replaceContent(list, keys.map((key) => this.createLine(key, dialog, draw)));
    };
    draw();
    dialog.append(
      title,
      createElement("p", {}, gettext("Drafts stay in this browser until you send them or throw them away.")),
      list,
      createElement("div", { class: "actions" }, createButton(gettext("Close"), () => dialog.close(), { class: "primary", autofocus: true })),
    );
    openDialog(dialog);
  }

  /**
   * @param {string} key
   * @param {HTMLDialogElement} dialog
   * @param {() => void} draw
   */
  createLine(key, dialog, draw) {
    const { id, detail, kind } = parseDraftKey(key);
    const row = this.kinds[kind];
    const name = row?.title(id, detail) ?? gettext("Draft");
    const open = () => {
      dialog.addEventListener("close", () => row?.open(id, detail, key), { once: true });
      dialog.close();
    };
    const discard = () => {
      this.drafts.discard(key);
      if (!this.drafts.size) return dialog.close();
      draw();
      return dialog.querySelector("h2")?.focus();
    };
    return createElement(
      "li",
      { "data-draft": key },
      createElement("p", { class: "byline" }, isolateText(name)),
      createElement("p", { class: "words", dir: "auto" }, this.drafts.get(key)?.text || gettext("(no words)")),
      createElement(
        "p",
        { class: "actions" },
        row?.isOpen(id, detail) ? createButton(gettext("Go on writing"), open, { "data-action": "open-draft" }) : createElement("span", { class: "note" }, gettext("It cannot be sent here any more; copy what you need.")),
        createButton(gettext("Discard"), discard, { class: "danger", "data-action": "discard-draft" }),
      ),
    );
  }

  /** @param {DiscardedDraft} discarded */
  offerBack({ key, draft }) {
    const button = createButton(gettext("Bring it back"), () => {
      message.remove();
      // what was begun in its place meanwhile stays as well
      const newer = this.drafts.get(key)?.text;
      this.drafts.save(key, newer && newer !== draft.text ? { ...draft, text: `${draft.text}\n\n${newer}` } : draft);
    }, { "data-action": "bring-draft-back" });
    const message = this.messages.showWarning(interpolate(gettext("Discarded: %(text)s"), { text: quoteText(shortenText(draft.text, 60)) }, true), " ", button);
  }
}

/**
 * The words that a draft of a comment is about, by the id in its key.
 *
 * @param {Model} model
 * @param {string} id
 */
function wordsAt(model, id) {
  return model.quoteRange(...model.unitRangeOf(parseWordsId(id)));
}

/**
 * The kinds of drafts: what each is called, whether it can still be sent, and how it is opened.
 *
 * @param {DraftListServices} services
 * @returns {Record<string, DraftKind>}
 */
function createKinds(services) {
  const { model, scheme, tabs, focusEditor, focusComment, answerComment, transitions, decisions, wordComments } = services;
  /** @param {string} id */
  const wordsOf = (id) => quoteText(shortenText(model.findSpan(id)?.quote ?? gettext("a mark that is gone"), 60));
  /** @param {string} id */
  const canEdit = (id) => model.isEditable && Boolean(model.findSpan(id));
  /** @param {string} id */
  const showSpan = (id) => {
    tabs.show("spans");
    model.chooseSpan(id);
  };
  /** @param {string} id */
  const current = (id) => () => model.findSpan(id);
  return {
    comment: {
      title: (id) => (id ? interpolate(gettext("Comment on %(words)s"), { words: wordsOf(id) }, true) : gettext("Comment on the whole set")),
      isOpen: (id) => model.canComment && (!id || Boolean(model.findSpan(id))),
      open: (id) => {
        if (!id) return answerComment(null);
        showSpan(id);
        return focusComment(id);
      },
    },
    words: {
      title: (id) => interpolate(gettext("Comment on %(words)s"), { words: quoteText(shortenText(wordsAt(model, id).quote, 60)) }, true),
      isOpen: () => model.canComment,
      open: (id) => wordComments.openOn(wordsAt(model, id)),
    },
    collected: {
      title: () => gettext("Comment that goes with your decision"),
      isOpen: () => model.canComment,
      open: () => tabs.show("comments"),
    },
    answer: {
      title: (id) => interpolate(gettext("Answer to %(name)s"), { name: model.shown.comments.get(id)?.author ?? "…" }, true),
      isOpen: (id) => model.canComment && model.shown.comments.has(id),
      open: (id) => answerComment(model.shown.comments.get(id) ?? null),
    },
    reason: {
      title: (id) => scheme.findTransition(id)?.title ?? id,
      isOpen: (id) => model.allowed.includes(id),
      open: (id) => transitions.startTransition(id),
    },
    field: {
      title: (id, name) => `${capitalize(scheme.findAttribute(name).title)}, ${wordsOf(id)}`,
      isOpen: canEdit,
      open: (id, name) => {
        showSpan(id);
        focusEditor(id, name);
      },
    },
    actor: {
      title: (id) => interpolate(gettext("New actor for %(words)s"), { words: wordsOf(id) }, true),
      isOpen: canEdit,
      open: (id, _, draftKey) => askForNewActor(services, current(id), { draftKey }),
    },
    proposition: {
      title: (id) => interpolate(gettext("Proposition for %(words)s"), { words: wordsOf(id) }, true),
      isOpen: canEdit,
      open: (id, _, draftKey) => askForNewProposition(services, current(id), { draftKey }),
    },
    own: {
      title: () => gettext("A mark of your own"),
      isOpen: (id) => model.isEditable && Boolean(decisions?.rows.some((row) => row.id === id)),
      open: (id) => {
        decisions?.chooseRow(id, { tells: false });
        decisions?.openOwnForm();
      },
    },
  };
}
