/** Questions that need an answer before something happens, each in a <dialog>. */

import { button, fill, freshId, h } from "./dom.js";
import { gettext } from "./words.js";

/** Open a dialog that takes itself away when it closes. */
export function open(dialog) {
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * A dialog with fields. `act(values)` answers a promise; a refusal is shown as its sentence and the
 * dialog stays, with everything that was typed.
 */
function ask({ title, about, fields, confirm, act, name }) {
  const heading = freshId("heading");
  const trouble = h("p", { class: "trouble", role: "alert" });
  const send = h("button", { type: "submit", class: "primary", "data-confirm": name }, confirm);
  const dialog = h("dialog", { class: "workbench-dialog", "aria-labelledby": heading, "data-dialog": name });
  const cancel = button(gettext("Cancel"), () => dialog.close());
  const form = h(
    "form",
    {},
    h("h2", { id: heading }, title),
    about && h("p", {}, about),
    fields.map(({ element }) => element),
    trouble,
    h("div", { class: "actions" }, cancel, send),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    fill(trouble);
    try {
      await act(Object.fromEntries(fields.map(({ key, input }) => [key, input.value])));
      dialog.close();
    } catch (error) {
      fill(trouble, error.detail ?? String(error));
    }
    send.disabled = false;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  dialog.append(form);
  return open(dialog);
}

function field(key, title, input) {
  const id = freshId("ask");
  input.id = id;
  input.name = key;
  return { key, input, element: h("div", { class: "field tall" }, h("label", { for: id }, title), input) };
}

function words(key, title, { required = false } = {}) {
  return field(key, title, h("textarea", { rows: 3, required, dir: "auto" }));
}

function line(key, title, value) {
  return field(key, title, h("input", { type: "text", required: true, dir: "auto", value }));
}

function choice(key, title, values) {
  return field(key, title, h("select", {}, values.map(({ value, text }) => h("option", { value }, text))));
}

/**
 * What stands in the way of a decision, as a list of lines. `lines(leave)` makes them; what a line does by
 * `leave(action)` happens when the dialog is gone and the focus is the page's again.
 */
export function tellMissing({ name, title, about, lines }) {
  const heading = freshId("heading");
  const dialog = h("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": name });
  const leave = (action) => {
    dialog.addEventListener("close", action, { once: true });
    dialog.close();
  };
  dialog.append(
    h("h2", { id: heading }, title),
    h("p", {}, about),
    h("ol", { class: "problems" }, lines(leave)),
    h("div", { class: "actions" }, button(gettext("Close"), () => dialog.close(), { class: "primary" })),
  );
  return open(dialog);
}

/** Whatever else has to be known before a transition. */
export function askReason(name, { title, about, confirm, key, label, required }, act) {
  return ask({ name, title, about, confirm, act, fields: [words(key, label, { required })] });
}

export class Dialogs {
  constructor(app) {
    this.app = app;
  }

  /** Add an actor to the registry, then link to it. */
  newActor(name, add, link) {
    return ask({
      name: "actor",
      title: gettext("New actor"),
      about: gettext("It joins the registry of the corpus, for everybody to link to."),
      confirm: gettext("Add and link"),
      fields: [line("name", gettext("Name"), name), choice("kind", gettext("Kind"), this.app.scheme.actorKinds)],
      act: async (values) => link(await add(values.name, values.kind)),
    });
  }

  /** Propose a proposition, then link to it. */
  propose(text, kinds, add, link) {
    return ask({
      name: "proposition",
      title: gettext("Propose"),
      about: gettext("One sentence that one can be for or against (issue), or that is true or false (assertion). A reviewer accepts it."),
      confirm: gettext("Propose and link"),
      fields: [line("text", gettext("Sentence"), text), choice("kind", gettext("Kind"), kinds)],
      act: async (values) => link(await add(values.text, values.kind)),
    });
  }

  /** All keys, from the one table that also makes them work. */
  keys(groups, { isOn, turn }) {
    const heading = freshId("heading");
    const dialog = h("dialog", { class: "workbench-dialog wide", "aria-labelledby": heading, "data-dialog": "keys" });
    const box = h("input", { type: "checkbox", checked: isOn, onchange: (event) => turn(event.target.checked) });
    dialog.append(
      h("h2", { id: heading }, gettext("Keys")),
      h("div", { class: "key-groups" }, groups.map(keyGroup)),
      h("label", { class: "check" }, box, " ", gettext("Single letters are commands")),
      h("div", { class: "actions" }, button(gettext("Close"), () => dialog.close(), { class: "primary", autofocus: true })),
    );
    return open(dialog);
  }
}

function keyGroup({ title, rows }) {
  const pairs = rows.flatMap(({ keys, says }) => [
    h("dt", {}, keys.flatMap((key, index) => [index > 0 && " ", h("kbd", {}, key)])),
    h("dd", {}, says),
  ]);
  return h("section", {}, h("h3", {}, title), h("dl", {}, pairs));
}
