// @ts-check
/** Questions that need an answer before something happens, each in a <dialog>. */

import { errorText } from "./api.js";
import { createButton, createElement, createId, focusedElement, replaceContent } from "./dom.js";
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
 * dialog stays, with everything that was typed.
 *
 * @param {FormDialogOptions} options
 */
function openFormDialog({ title, about, fields, confirm, act, name }) {
  const heading = createId("heading");
  const trouble = createElement("p", { class: "trouble", role: "alert" });
  const send = createElement("button", { type: "submit", class: "primary", "data-confirm": name }, confirm);
  const dialog = createElement("dialog", { class: "workbench-dialog", "aria-labelledby": heading, "data-dialog": name });
  const cancel = createButton(gettext("Cancel"), () => dialog.close());
  const form = createElement(
    "form",
    {},
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
      await act(Object.fromEntries(fields.map(({ key, input }) => [key, input.value])));
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

/**
 * @param {string} key
 * @param {string} title
 * @param {FieldControl} input
 */
function createField(key, title, input) {
  const id = createId("ask");
  input.id = id;
  input.name = key;
  return { key, input, element: createElement("div", { class: "field tall" }, createElement("label", { for: id }, title), input) };
}

/**
 * @param {string} key
 * @param {string} title
 * @param {{ required?: boolean }} [options]
 */
function createTextArea(key, title, { required = false } = {}) {
  return createField(key, title, createElement("textarea", { rows: 3, required, dir: "auto" }));
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
  return openDialog(dialog);
}

/**
 * Ask for the reason or comment that a transition needs.
 *
 * @param {string} name
 * @param {ReasonQuestion} question
 * @param {(values: Record<string, string>) => Promise<unknown>} act
 */
export function askForReason(name, { title, about, confirm, key, label, required }, act) {
  return openFormDialog({ name, title, about, confirm, act, fields: [createTextArea(key, label, { required })] });
}

export class Dialogs {
  /** @param {Scheme} scheme */
  constructor(scheme) {
    this.scheme = scheme;
  }

  /**
   * Add an actor to the registry, then link to it.
   *
   * @param {string} name
   * @param {(name: string, kind: string) => Promise<Actor>} add
   * @param {(actor: Actor) => void} link
   */
  askForActor(name, add, link) {
    return openFormDialog({
      name: "actor",
      title: gettext("New actor"),
      about: gettext("It joins the registry of the corpus, for everybody to link to."),
      confirm: gettext("Add and link"),
      fields: [createInput("name", gettext("Name"), name), createSelect("kind", gettext("Kind"), this.scheme.actorKinds)],
      act: async ({ name: typed = "", kind = "" }) => link(await add(typed, kind)),
    });
  }

  /**
   * Propose a proposition, then link to it.
   *
   * @param {string} text
   * @param {Choice[]} kinds
   * @param {(text: string, kind: string) => Promise<Proposition>} add
   * @param {(proposition: Proposition) => void} link
   */
  askForProposition(text, kinds, add, link) {
    return openFormDialog({
      name: "proposition",
      title: gettext("Propose"),
      about: gettext("One sentence that one can be for or against (issue), or that is true or false (assertion). A reviewer accepts it."),
      confirm: gettext("Propose and link"),
      fields: [createInput("text", gettext("Sentence"), text), createSelect("kind", gettext("Kind"), kinds)],
      act: async ({ text: typed = "", kind = "" }) => link(await add(typed, kind)),
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
      createElement("h2", { id: heading }, gettext("Keys")),
      createElement("div", { class: "key-groups" }, groups.map(createKeyGroup)),
      createElement("label", { class: "check" }, box, " ", gettext("Single letters are commands")),
      createElement("div", { class: "actions" }, createButton(gettext("Close"), () => dialog.close(), { class: "primary", autofocus: true })),
    );
    return openDialog(dialog);
  }
}

/** @param {KeyGroup} group */
function createKeyGroup({ title, rows }) {
  const pairs = rows.flatMap(({ keys, description }) => [
    createElement("dt", {}, keys.flatMap((key, index) => [index > 0 && " ", createElement("kbd", {}, key)])),
    createElement("dd", {}, description),
  ]);
  return createElement("section", {}, createElement("h3", {}, title), createElement("dl", {}, pairs));
}
