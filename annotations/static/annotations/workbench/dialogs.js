// @ts-check
/** Questions that need an answer before something happens, each in a <dialog>. */

import { errorText } from "./api.js";
import { createButton, createElement, createId, focusedElement, isolateText, replaceContent, shortenText } from "./dom.js";
import { draftKeys } from "./drafts.js";
import { MentionField } from "./mentionField.js";
import { gettext } from "./translation.js";

/**
 * Open a dialog that is removed when it closes.
 *
 * @param {HTMLDialogElement} dialog
 */
export function openDialog(dialog) {
  const before = focusedElement();
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * A dialog with fields. `act(values)` answers a promise; a refusal is shown as its sentence and the
 * dialog stays, with everything that was typed. What is typed is a draft until then: Escape keeps it, Cancel
 * throws it away.
 *
 * @param {FormDialogOptions} options
 */
function openFormDialog({ title, about, fields, confirm, act, name, drafts, draftKey }) {
  const heading = createId("heading");
  const trouble = createElement("p", { class: "trouble", role: "alert" });
  const send = createElement("button", { type: "submit", class: "primary", "data-confirm": name }, confirm);
  const dialog = createElement("dialog", { class: "workbench-dialog", "aria-labelledby": heading, "data-dialog": name });
  const cancel = createButton(gettext("Cancel"), () => {
    dialog.close();
    drafts.discard(draftKey);
  });
  restoreFields(fields, drafts.get(draftKey));
  // what a field of the page has handed over is written by the person as well
  drafts.save(draftKey, readDraft(fields));
  const form = createElement(
    "form",
    { oninput: () => drafts.save(draftKey, readDraft(fields)) },
    createElement("h2", { id: heading }, title),
    about && createElement("p", {}, about),
    fields.map(({ element }) => element),
    trouble,
    createElement("div", { class: "actions" }, cancel, send),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    replaceContent(trouble);
    try {
      await act(readFields(fields));
      drafts.delete(draftKey);
      dialog.close();
    } catch (error) {
      replaceContent(trouble, errorText(error));
    }
    send.disabled = false;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  dialog.append(form);
  return openDialog(dialog);
}

/** @param {DialogField[]} fields */
function readFields(fields) {
  return Object.fromEntries(fields.map(({ key, input }) => [key, input.value]));
}

/**
 * What is typed in a dialog, as a draft; null if nothing is.
 *
 * @param {DialogField[]} fields
 * @returns {DraftContent | null}
 */
function readDraft(fields) {
  const text = fields.map(({ input }) => (input instanceof HTMLSelectElement ? "" : input.value)).join("");
  return text.trim() ? { text, values: readFields(fields) } : null;
}

/**
 * @param {DialogField[]} fields
 * @param {Draft | null} draft
 */
function restoreFields(fields, draft) {
  for (const { key, input } of fields) input.value = draft?.values?.[key] ?? input.value;
}

/**
 * @param {string} key
 * @param {string} title
 * @param {FieldControl} input
 * @param {Child} [more] what stands below the field
 * @returns {DialogField}
 */
function createField(key, title, input, more) {
  const id = createId("ask");
  input.id = id;
  input.name = key;
  return { key, input, element: createElement("div", { class: "field tall" }, createElement("label", { for: id }, title), input, more) };
}

/**
 * A text of several lines. One that becomes a comment may mention people.
 *
 * @param {Pick<Services, "model">} services
 * @param {ReasonQuestion} question
 */
function createTextArea(services, { key, label, required = false }) {
  const input = createElement("textarea", { rows: 3, required, dir: "auto" });
  return createField(key, label, input, key === "comment" && new MentionField(services, input).element);
}

/**
 * @param {string} key
 * @param {string} title
 * @param {string} value
 */
function createInput(key, title, value) {
  return createField(key, title, createElement("input", { type: "text", required: true, dir: "auto", value }));
}

/**
 * @param {string} key
 * @param {string} title
 * @param {Choice[]} values
 */
function createSelect(key, title, values) {
  return createField(key, title, createElement("select", {}, values.map(({ value, text }) => createElement("option", { value }, text))));
}

/**
 * Show what blocks a transition, as a list. `lines(leave)` creates its lines; an action that a line passes to
 * `leave` runs when the dialog is closed and the focus is on the page again.
 *
 * @param {{ name: string, title: string, about: string, lines: (leave: DialogLeaver) => HTMLElement[] }} options
 */
export function showBlockers({ name, title, about, lines }) {
  const heading = createId("heading");
  const dialog = createElement("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": name });
  /** @param {() => void} action */
  const leave = (action) => {
    dialog.addEventListener("close", action, { once: true });
    dialog.close();
  };
  dialog.append(
    createElement("h2", { id: heading }, title),
    createElement("p", {}, about),
    createElement("ol", { class: "problems" }, lines(leave)),
    createElement("div", { class: "actions" }, createButton(gettext("Close"), () => dialog.close(), { class: "primary" })),
  );
  // the way to the first place, not to a rule beside it
  dialog.querySelector("button")?.setAttribute("autofocus", "");
  return openDialog(dialog);
}

/**
 * Ask for the reason or comment that a transition needs.
 *
 * @param {Pick<Services, "model" | "drafts">} services
 * @param {string} name
 * @param {ReasonQuestion} question
 * @param {(values: Record<string, string>) => Promise<unknown>} act
 */
export function askForReason(services, name, question, act) {
  const { title, about, confirm } = question;
  const fields = [createTextArea(services, question)];
  return openFormDialog({ name, title, about, confirm, act, fields, drafts: services.drafts, draftKey: draftKeys.reason(name) });
}

/**
 * Ask before something is thrown away, and show what it is.
 *
 * @param {{ name: string, title: string, about: string, confirm: string, lines: string[], act: () => unknown }} question
 */
export function askToConfirm({ name, title, about, confirm, lines, act }) {
  const heading = createId("heading");
  const dialog = createElement("dialog", { class: "workbench-dialog", "aria-labelledby": heading, "data-dialog": name });
  const answer = () => {
    dialog.close();
    act();
  };
  dialog.append(
    createElement("h2", { id: heading }, title),
    createElement("p", {}, about),
    createElement("ul", { class: "lines", tabindex: "0", role: "list", "aria-labelledby": heading }, lines.map((line) => createElement("li", {}, isolateText(shortenText(line, 200))))),
    createElement(
      "div",
      { class: "actions" },
      createButton(gettext("Keep"), () => dialog.close(), { autofocus: true }),
      createButton(confirm, answer, { class: "danger", "data-confirm": name }),
    ),
  );
  return openDialog(dialog);
}

/** How many actors of one name a dialog offers. */
const MAX_SAME = 5;

export class Dialogs {
  /** @param {Pick<Services, "scheme" | "drafts">} services */
  constructor({ scheme, drafts }) {
    this.scheme = scheme;
    this.drafts = drafts;
  }

  /**
   * Add an actor to the registry, then link to it.
   *
   * @param {string} name
   * @param {object} registry
   * @param {(name: string, kind: string) => Promise<Actor>} registry.add
   * @param {(name: string) => Promise<Actor[]>} registry.find those that have this very name
   * @param {(actor: Actor) => void} registry.link
   * @param {string} draftKey
   */
  askForActor(name, { add, find, link }, draftKey) {
    const field = createInput("name", gettext("Name"), name);
    const notice = createElement("div", { class: "similar", role: "status" });
    const showSame = async () => {
      const typed = field.input.value;
      const same = typed.trim() ? await find(typed).catch(() => []) : [];
      if (typed === field.input.value) notice.replaceChildren(...describeSame(same, (actor) => {
        notice.closest("dialog")?.close();
        link(actor);
      }));
    };
    field.element.append(notice);
    field.input.addEventListener("change", showSame);
    showSame();
    return openFormDialog({
      name: "actor",
      title: gettext("New actor"),
      about: gettext("It joins the registry of the corpus, for everybody to link to."),
      confirm: gettext("Add and link"),
      fields: [field, createSelect("kind", gettext("Kind"), this.scheme.actorKinds)],
      act: async ({ name: typed = "", kind = "" }) => link(await add(typed, kind)),
      drafts: this.drafts,
      draftKey,
    });
  }

  /**
   * Propose a proposition, then link to it.
   *
   * @param {{ text: string, kinds: Choice[], topics: { choices: Choice[], likely: string } }} begun
   * @param {(text: string, kind: string, topic: string) => Promise<Proposition>} add
   * @param {(proposition: Proposition) => void} link
   * @param {string} draftKey
   */
  askForProposition({ text, kinds, topics }, add, link, draftKey) {
    const sentence = createInput("text", gettext("Sentence"), text);
    const topic = createSelect("topic", gettext("Topic"), [{ value: "", text: gettext("No topic") }, ...topics.choices]);
    topic.input.value = topics.likely;
    topic.element.hidden = !topics.choices.length;
    return openFormDialog({
      name: "proposition",
      title: gettext("Propose"),
      about: gettext("One sentence that one can be for or against (issue), or that is true or false (assertion). A reviewer accepts it."),
      confirm: gettext("Propose and link"),
      fields: [sentence, createSelect("kind", gettext("Kind"), kinds), topic],
      act: async ({ text: typed = "", kind = "", topic: under = "" }) => link(await add(typed, kind, under)),
      drafts: this.drafts,
      draftKey,
    });
  }

  /**
   * Show all keys, from the table that also makes them work.
   *
   * @param {KeyGroup[]} groups
   * @param {{ isOn: boolean, turn: (on: boolean) => void }} setting
   */
  showKeys(groups, { isOn, turn }) {
    const heading = createId("heading");
    const dialog = createElement("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": "keys" });
    const box = createElement("input", { type: "checkbox", checked: isOn, onchange: ({ currentTarget }) => turn(currentTarget.checked) });
    dialog.append(
      // the focus is where reading begins: at the button below, the list would be scrolled to its end
      createElement("h2", { id: heading, tabindex: "-1", autofocus: true }, gettext("Keys")),
      createElement("div", { class: "key-groups" }, groups.map(createKeyGroup)),
      createElement("label", { class: "check" }, box, " ", gettext("Single letters are commands")),
      createElement("div", { class: "actions" }, createButton(gettext("Close"), () => dialog.close(), { class: "primary" })),
    );
    return openDialog(dialog);
  }
}

/**
 * Say that there are actors of this name already, each with a button that links to it.
 *
 * @param {Actor[]} actors
 * @param {(actor: Actor) => void} take
 */
function describeSame(actors, take) {
  if (actors.length === 0) return [];
  const buttons = actors.slice(0, MAX_SAME).map((actor) => createButton(actor.name, () => take(actor), { "data-same": actor.id }));
  return [createElement("p", {}, gettext("There is one already. Link to it, or add another one of this name:")), ...buttons];
}

/** @param {KeyGroup} group */
function createKeyGroup({ title, rows }) {
  const pairs = rows.flatMap(({ keys, description }) => [
    createElement("dt", {}, keys.flatMap((key, index) => [index > 0 && " ", createElement("kbd", {}, key)])),
    createElement("dd", {}, description),
  ]);
  return createElement("section", {}, createElement("h3", {}, title), createElement("dl", {}, pairs));
}
