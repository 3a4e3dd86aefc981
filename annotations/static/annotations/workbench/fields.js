/** The fields of a span: label, attributes, what it is linked to. Each can show a newer span. */

import { Combobox } from "./combobox.js";
import { button, freshId, h } from "./dom.js";
import { folded } from "./registry.js";
import { gettext, interpolate } from "./words.js";

const LONGEST_LIST = 50;

/** A labelled row. */
export function row(title, id, control, hint) {
  const about = hint ? { title: hint } : {};
  return h("div", { class: "field" }, h("label", { for: id, ...about }, title), control);
}

function choices(id, name, options, onchange) {
  const items = options.map(({ value, text, title }) => h("option", { value, title }, text));
  return h("select", { id, "data-field": name, onchange: (event) => onchange(event.target.value) }, items);
}

/** The label of a span. */
export function labelField({ scheme, edits }, current) {
  const id = freshId("field");
  const options = scheme.labels.map(({ name, title }) => ({ value: name, text: title }));
  const control = choices(id, "label", options, (value) => edits.setLabel(current(), value));
  const show = (span) => {
    control.value = span.label;
  };
  return { element: row(gettext("Label"), id, control), show };
}

/** One attribute: a choice, a date or a line of text. */
export function attributeField(app, attribute, label, current) {
  const id = freshId("field");
  const save = (value) => app.edits.setAttribute(current(), attribute.name, value);
  const isChoice = attribute.kind === "choice";
  const control = isChoice ? choiceControl(id, attribute, save) : lineControl(id, attribute, save);
  if (attribute.uses[label].needed) control.setAttribute("aria-required", "true");
  const show = (span) => {
    const value = span.attributes[attribute.name] ?? "";
    const isUnderHand = document.activeElement === control && !isChoice;
    if (control.value !== value && !isUnderHand) control.value = value;
  };
  return { element: row(capital(attribute.title), id, control, attribute.description), show };
}

function choiceControl(id, attribute, save) {
  const empty = { value: "", text: "–" };
  const values = attribute.choices.map(({ value, text, description }) => ({ value, text, title: description }));
  return choices(id, attribute.name, [empty, ...values], save);
}

function lineControl(id, attribute, save) {
  const isDate = attribute.kind === "date";
  return h("input", {
    id,
    type: "text",
    "data-field": attribute.name,
    dir: "auto",
    autocomplete: "off",
    maxlength: attribute.max_length,
    placeholder: isDate ? gettext("2025, 2025-03 or 2025-03-14") : null,
    onchange: (event) => save(event.target.value),
    onkeydown: (event) => event.key === "Enter" && !event.isComposing && event.target.blur(),
  });
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The actor of the registry that a mention means. */
export function actorField(app, current) {
  const { registry, edits } = app;
  const id = freshId("field");
  const link = (actor) => {
    edits.change(current(), { actor: actor && actor.id });
    if (actor) offerAlias(app, current(), actor);
  };
  const box = new Combobox({
    id,
    label: gettext("Actors"),
    field: "actor",
    placeholder: gettext("Search the registry"),
    first: current()?.quote ?? "",
    shown: () => registry.actorName(current()?.actor),
    search: async (typed) => {
      const found = await registry.suggest(typed);
      const options = found.map((actor) => ({ text: actor.name, hint: known(app.scheme, actor), take: () => link(actor) }));
      return [...options, ...newActor(app, typed, link), ...noLink(current()?.actor, gettext("No actor"), () => link(null))];
    },
  });
  return { element: row(gettext("Actor"), id, box.element), show: () => box.refresh() };
}

/** A mention that is no name of the actor yet may become one, by one key. */
function offerAlias({ registry, messages, commands }, span, actor) {
  if (span?.attributes.mention_type !== "name" || registry.isName(actor.id, span.quote)) return;
  const message = messages.say(interpolate(gettext("“%(quote)s” is no name of %(name)s yet."), { quote: span.quote, name: actor.name }, true), " ", button(gettext("Add as alias"), () => {
    message.remove();
    commands.addAlias();
  }, { "data-action": "alias" }), h("kbd", {}, "+"));
}

function known(scheme, actor) {
  const names = (actor.aliases ?? []).map(({ text }) => text).slice(0, 3);
  return [scheme.actorKind(actor.kind), ...names].filter(Boolean).join(" · ");
}

function newActor({ registry, dialogs }, typed, link) {
  if (!typed.trim()) return [];
  const take = () => dialogs.newActor(typed.trim(), (name, kind) => registry.addActor(name, kind), link);
  return [{ text: interpolate(gettext("New actor “%(name)s” …"), { name: typed.trim() }, true), isExtra: true, take }];
}

function noLink(value, what, take) {
  return value ? [{ text: what, isExtra: true, take }] : [];
}

/** The issue or assertion that a claim or position is about. */
export function propositionField(app, label, current) {
  const { registry, edits } = app;
  const id = freshId("field");
  const link = (one) => edits.change(current(), { proposition: one && one.id });
  const box = new Combobox({
    id,
    label: gettext("Propositions"),
    field: "proposition",
    placeholder: label === "position" ? gettext("Search the issues") : gettext("Search the propositions"),
    shown: () => registry.propositionText(current()?.proposition),
    search: async (typed) => {
      const all = await registry.propositions().then(() => [...registry.propositionList.values()]);
      const options = matching(all, label, typed).map((one) => option(app.scheme, one, () => link(one)));
      const clear = noLink(current()?.proposition, gettext("No proposition"), () => link(null));
      return [...options, ...proposal(app, label, typed, link), ...clear];
    },
  });
  return { element: row(label === "position" ? gettext("Issue") : gettext("Proposition"), id, box.element), show: () => box.refresh() };
}

/** A position is taken on an issue; a claim may repeat an issue or an assertion. */
function matching(all, label, typed) {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  const fits = ({ kind, text, topicName, merged_into: merged }) =>
    !merged &&
    (label !== "position" || kind === "issue") &&
    words.every((word) => folded(`${topicName} ${text}`).includes(word));
  return all.filter(fits).slice(0, LONGEST_LIST);
}

function option(scheme, one, take) {
  const status = one.status === "proposed" ? gettext("proposed") : "";
  return { text: one.text, hint: [one.topicName, scheme.propositionKind(one.kind), status].filter(Boolean).join(" · "), take };
}

function proposal({ registry, dialogs, scheme }, label, typed, link) {
  const text = typed.trim();
  if (!text) return [];
  const kinds = scheme.propositionKinds.filter(({ value }) => label !== "position" || value === "issue");
  const take = () => dialogs.propose(text, kinds, (words, kind) => registry.propose(words, kind), link);
  return [{ text: interpolate(gettext("Propose “%(text)s” …"), { text }, true), isExtra: true, take }];
}
