// @ts-check
/** The fields of a span: label, attributes and links. Each can show a newer version of its span. */

import { Combobox } from "./combobox.js";
import { createButton, createElement, createId, shortenText } from "./dom.js";
import { draftKeys } from "./drafts.js";
import { uuid7 } from "./ids.js";
import { foldText } from "./registry.js";
import { gettext, interpolate } from "./translation.js";

const LONGEST_LIST = 50;
/** The most characters of a proposition that the service accepts. */
const LONGEST_PROPOSITION = 500;

/**
 * A labelled row.
 *
 * @param {string} title
 * @param {string} id
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
export function createRow(title, id, control, hint) {
  const about = hint ? { title: hint } : {};
  return createElement("div", { class: "field" }, createElement("label", { for: id, ...about }, title), control);
}

/**
 * @param {string} id
 * @param {string} name
 * @param {(Choice & { title?: string })[]} options
 * @param {(value: string) => void} onchange
 */
function createSelect(id, name, options, onchange) {
  const items = options.map(({ value, text, title }) => createElement("option", { value, title }, text));
  return createElement("select", { id, "data-field": name, onchange: ({ currentTarget }) => onchange(currentTarget.value) }, items);
}

/**
 * The label of a span.
 *
 * @param {Pick<Services, "scheme" | "edits">} services
 * @param {CurrentSpan} current
 */
export function createLabelField({ scheme, edits }, current) {
  const id = createId("field");
  const options = scheme.labels.map(({ name, title }) => ({ value: name, text: title }));
  const control = createSelect(id, "label", options, (value) => edits.setLabel(current(), value));
  /** @param {Span} span */
  const show = (span) => {
    control.value = span.label;
  };
  return { element: createRow(gettext("Label"), id, control), show };
}

/**
 * One attribute: a choice, a date or a line of text.
 *
 * @param {Pick<Services, "edits" | "drafts">} services
 * @param {AttributeRow} attribute
 * @param {string} label
 * @param {CurrentSpan} current
 */
export function createAttributeField({ edits, drafts }, attribute, label, current) {
  const id = createId("field");
  const { name } = attribute;
  /** @param {Span | null} span */
  const storedValue = (span) => span?.attributes[name] ?? "";
  const draftKey = draftKeys.field(current()?.id ?? "", name);
  /** @param {string} value */
  const save = (value) => {
    drafts.delete(draftKey);
    edits.setAttribute(current(), name, value);
  };
  /** @param {string} value */
  const keep = (value) => drafts.save(draftKey, value === storedValue(current()) ? null : { text: value });
  /** @param {string} value */
  const leave = (value) => drafts.get(draftKey) && save(value);
  const isChoice = attribute.kind === "choice";
  const control = isChoice ? createChoiceControl(id, attribute, save) : createTextControl(id, attribute, { keep, leave });
  if (attribute.uses[label]?.needed) control.setAttribute("aria-required", "true");
  /** @param {Span} span */
  const show = (span) => {
    const value = (isChoice ? null : drafts.get(draftKey)?.text) ?? storedValue(span);
    const isUnderHand = document.activeElement === control && !isChoice;
    if (control.value !== value && !isUnderHand) control.value = value;
  };
  return { element: createRow(capitalize(attribute.title), id, control, attribute.description), show };
}

/**
 * @param {string} id
 * @param {AttributeRow} attribute
 * @param {(value: string) => void} save
 */
function createChoiceControl(id, attribute, save) {
  const empty = { value: "", text: "–" };
  const values = (attribute.choices ?? []).map(({ value, text, description }) => ({ value, text, title: description }));
  return createSelect(id, attribute.name, [empty, ...values], save);
}

/**
 * A line of text: a draft while it is written, a change when the field is left.
 *
 * @param {string} id
 * @param {AttributeRow} attribute
 * @param {{ keep: (value: string) => void, leave: (value: string) => void }} actions
 */
function createTextControl(id, attribute, { keep, leave }) {
  const isDate = attribute.kind === "date";
  return createElement("input", {
    id,
    type: "text",
    "data-field": attribute.name,
    dir: "auto",
    autocomplete: "off",
    maxlength: attribute.max_length,
    placeholder: isDate ? gettext("2025, 2025-03 or 2025-03-14") : null,
    oninput: ({ currentTarget }) => keep(currentTarget.value),
    // a draft of an earlier page is no change of the field to the browser
    onblur: ({ currentTarget }) => leave(currentTarget.value),
    onkeydown: (event) => event.key === "Enter" && !event.isComposing && event.currentTarget.blur(),
  });
}

/** @param {string} text */
export function capitalize(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * The actor of the registry that a mention means.
 *
 * @param {FieldServices} services
 * @param {CurrentSpan} current
 */
export function createActorField(services, current) {
  const { registry } = services;
  const id = createId("field");
  /** @param {Actor | null} actor */
  const link = (actor) => linkActor(services, current, actor);
  const box = new Combobox({
    id,
    label: gettext("Actors"),
    field: "actor",
    placeholder: gettext("Search the registry"),
    first: current()?.quote ?? "",
    shown: () => registry.actorName(current()?.actor),
    search: async (typed) => {
      const found = await registry.searchActors(typed);
      const options = found.map((actor) => ({ text: actor.name, hint: describeActor(services.scheme, actor), take: () => link(actor) }));
      return [...options, ...newActorOption(services, typed, current), ...removeLinkOption(current()?.actor, gettext("No actor"), () => link(null))];
    },
  });
  return { element: createRow(gettext("Actor"), id, box.element), show: () => box.refresh() };
}

/**
 * @param {FieldServices} services
 * @param {CurrentSpan} current
 * @param {Actor | null} actor
 */
function linkActor(services, current, actor) {
  services.edits.changeSpan(current(), { actor: actor && actor.id });
  if (actor) offerAlias(services, current(), actor);
}

/**
 * Ask for an actor that the registry lacks, and link to it.
 *
 * @param {FieldServices} services
 * @param {CurrentSpan} current
 * @param {{ typed?: string, draftKey?: string }} [begun]
 */
export function askForNewActor(services, current, { typed = "", draftKey = draftKeys.entry("actor", current()?.id ?? "", uuid7()) } = {}) {
  const { registry, dialogs } = services;
  dialogs.askForActor(typed, {
    add: (name, kind) => registry.addActor(name, kind),
    find: (name) => registry.findActorsNamed(name),
    link: (actor) => linkActor(services, current, actor),
  }, draftKey);
}

/**
 * Offer to add a mention to the aliases of its actor, if it is none of its names yet.
 *
 * @param {Pick<Services, "registry" | "messages" | "commands">} services
 * @param {Span | null} span
 * @param {Actor} actor
 */
function offerAlias({ registry, messages, commands }, span, actor) {
  if (span?.attributes.mention_type !== "name" || registry.isNameOf(actor.id, span.quote)) return;
  const message = messages.showInfo(interpolate(gettext("“%(quote)s” is no name of %(name)s yet."), { quote: span.quote, name: actor.name }, true), " ", createButton(gettext("Add as alias"), () => {
    message.remove();
    commands.addAlias();
  }, { "data-action": "alias" }), createElement("kbd", {}, "+"));
}

/**
 * @param {Scheme} scheme
 * @param {Actor} actor
 */
function describeActor(scheme, actor) {
  const names = (actor.aliases ?? []).map(({ text }) => text).slice(0, 3);
  return [scheme.actorKindTitle(actor.kind), ...names].filter(Boolean).join(" · ");
}

/**
 * @param {FieldServices} services
 * @param {string} typed
 * @param {CurrentSpan} current
 */
function newActorOption(services, typed, current) {
  if (!typed.trim()) return [];
  const take = () => askForNewActor(services, current, { typed: typed.trim() });
  return [{ text: interpolate(gettext("New actor “%(name)s” …"), { name: typed.trim() }, true), isExtra: true, isNew: true, take }];
}

/**
 * @param {string | null | undefined} value
 * @param {string} what
 * @param {() => void} take
 */
function removeLinkOption(value, what, take) {
  return value ? [{ text: what, isExtra: true, take }] : [];
}

/**
 * The issue or assertion that a claim or position is about.
 *
 * @param {FieldServices} services
 * @param {string} label
 * @param {CurrentSpan} current
 */
export function createPropositionField(services, label, current) {
  const { registry, edits } = services;
  const id = createId("field");
  /** @param {Proposition | null} one */
  const link = (one) => {
    if (one) registry.recentIssues.remember(one.id);
    edits.changeSpan(current(), { proposition: one && one.id });
  };
  /** @type {Combobox} */
  const box = new Combobox({
    onPicked: () => services.commands.focusText(),
    id,
    label: gettext("Propositions"),
    field: "proposition",
    placeholder: label === "position" ? gettext("Search the issues") : gettext("Search the propositions"),
    shown: () => registry.propositionText(current()?.proposition),
    search: async (typed) => {
      await registry.loadPropositionsOnce();
      const found = filterPropositions(registry.propositionsByUse, label, typed);
      const options = found.map((one, index) => ({ ...propositionOption(services.scheme, one, () => link(one)), key: index < 9 ? String(index + 1) : undefined }));
      if (box.isPicking) return [...options, ...proposeOption(services, current()?.quote ?? "", current)];
      const clear = removeLinkOption(current()?.proposition, gettext("No proposition"), () => link(null));
      return [...options, ...proposeOption(services, typed, current), ...clear];
    },
  });
  const element = createRow(label === "position" ? gettext("Issue") : gettext("Proposition"), id, box.element);
  return { element, show: () => box.refresh(), pick: () => box.pick() };
}

/**
 * A position is taken on an issue; a claim may repeat an issue or an assertion.
 *
 * @param {Proposition[]} all
 * @param {string} label
 * @param {string} typed
 */
function filterPropositions(all, label, typed) {
  const words = foldText(typed).split(/\s+/).filter(Boolean);
  /** @param {Proposition} proposition */
  const fits = ({ kind, text, topicName, merged_into: merged }) =>
    !merged &&
    (label !== "position" || kind === "issue") &&
    words.every((word) => foldText(`${topicName} ${text}`).includes(word));
  return all.filter(fits).slice(0, LONGEST_LIST);
}

/**
 * @param {Scheme} scheme
 * @param {Proposition} one
 * @param {() => void} take
 */
function propositionOption(scheme, one, take) {
  const status = one.status === "proposed" ? gettext("proposed") : "";
  return { text: one.text, hint: [one.topicName, scheme.propositionKindTitle(one.kind), status].filter(Boolean).join(" · "), take };
}

/**
 * Ask for a proposition that the list lacks, and link to it.
 *
 * @param {FieldServices} services
 * @param {CurrentSpan} current
 * @param {{ typed?: string, draftKey?: string }} [begun]
 */
export async function askForNewProposition(services, current, { typed = "", draftKey = draftKeys.entry("proposition", current()?.id ?? "", uuid7()) } = {}) {
  const { registry, dialogs, scheme, edits } = services;
  if (!registry.propositionList) await registry.loadPropositionsOnce().catch(() => null);
  const kinds = scheme.propositionKinds.filter(({ value }) => current()?.label !== "position" || value === "issue");
  /** @param {Proposition} one */
  const link = (one) => {
    registry.recentIssues.remember(one.id);
    edits.changeSpan(current(), { proposition: one.id });
  };
  const topics = { choices: [...registry.topics].map(([value, text]) => ({ value, text })), likely: registry.likelyTopic };
  const text = typed.slice(0, LONGEST_PROPOSITION).replace(/\s+/g, " ").trim();
  dialogs.askForProposition({ text, kinds, topics }, (words, kind, topic) => registry.addProposition(words, kind, topic), link, draftKey);
}

/**
 * @param {FieldServices} services
 * @param {string} typed
 * @param {CurrentSpan} current
 */
function proposeOption(services, typed, current) {
  const text = typed.trim();
  if (!text) return [];
  const take = () => askForNewProposition(services, current, { typed: text });
  return [{ text: interpolate(gettext("Propose “%(text)s” …"), { text: shortenText(text, 60) }, true), isExtra: true, isNew: true, key: "0", take }];
}
