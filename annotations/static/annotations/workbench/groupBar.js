// @ts-check
/** The bar of the marks that are chosen together: how many they are, and what can be done to all of them. */

import { Combobox } from "./combobox.js";
import { createButton, createElement, createId, isolateText } from "./dom.js";
import { GroupAttributes } from "./groupAttributes.js";
import { GroupEdits } from "./groupEdits.js";
import { registerHighlights } from "./highlights.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";

/** Like the marks that are related to the current one. */
const LAYERS = { grouped: 4 };

export class GroupBar {
  /**
   * @param {Pick<Services, "model" | "group" | "edits" | "scheme" | "registry" | "messages" | "commands" | "tabs" | "textNodes" | "highlights" | "focusSpan">} services
   * @param {HTMLElement} list before which the bar stands
   */
  constructor({ model, group, edits, scheme, registry, messages, commands, tabs, textNodes, highlights, focusSpan }, list) {
    this.model = model;
    this.group = group;
    this.scheme = scheme;
    this.registry = registry;
    this.messages = messages;
    this.commands = commands;
    this.tabs = tabs;
    this.textNodes = textNodes;
    this.focusSpan = focusSpan;
    this.groupEdits = new GroupEdits({ model, edits, scheme });
    this.layers = highlights.isSupported ? registerHighlights(LAYERS) : new Map();
    this.count = createElement("output", { class: "count", "data-part": "group-count" });
    this.deleteButton = createButton(gettext("Delete"), () => this.remove(), { class: "danger", "data-action": "delete-group", "aria-keyshortcuts": "Delete" });
    this.actorBox = this.createActorBox();
    this.attributes = new GroupAttributes({ scheme }, (attribute, value) => this.setAttribute(attribute, value));
    this.element = createElement("div", { class: "group-bar", role: "group", "aria-label": gettext("Chosen marks"), "data-part": "group", hidden: true }, this.createChildren());
    list.before(this.element);
    group.on("change", () => this.onGroupChanged());
    model.on("change", () => this.onModelChanged());
  }

  createChildren() {
    const labels = this.scheme.labels.map(({ name, title }) =>
      createButton(createElement("span", { class: "sample" }, title), () => this.setLabel(name), { class: `mark ${name}`, "data-group-label": name }),
    );
    return [
      this.count,
      createButton("×", () => this.letGo(), { class: "icon close", "aria-label": gettext("Let go of the chosen marks"), "data-action": "let-go" }),
      this.deleteButton,
      createElement("div", { class: "bar-group", role: "group", "aria-label": gettext("Change the label of all to") }, labels),
      this.actorBox.element,
      this.attributes.element,
    ];
  }

  createActorBox() {
    return new Combobox({
      id: createId("field"),
      label: gettext("Actors"),
      field: "group-actor",
      placeholder: gettext("Link all to an actor"),
      shown: () => "",
      search: async (typed) => {
        const found = await this.registry.searchActors(typed);
        const options = found.map((actor) => ({ text: actor.name, hint: this.scheme.actorKindTitle(actor.kind), take: () => this.setActor(actor.id) }));
        return [...options, { text: gettext("No actor"), isExtra: true, take: () => this.setActor(null) }];
      },
    });
  }

  get spans() {
    return this.group.spans;
  }

  onGroupChanged() {
    const { size } = this.group;
    const isNew = this.element.hidden;
    const hadFocus = this.element.contains(document.activeElement);
    const words = formatCount(ngettext("%(n)s mark chosen", "%(n)s marks chosen", size), size);
    this.element.hidden = !size;
    if (size) this.count.textContent = words;
    this.drawControls();
    if (size) this.messages.announce(isNew ? `${words}. ${gettext("Delete removes them, h goes to what else can be done.")}` : words);
    if (!size && hadFocus) this.focusAfter();
    this.drawHighlights();
  }

  /** Marks that have another label now may have other links and attributes. */
  onModelChanged() {
    if (this.group.size) this.drawControls();
    this.drawHighlights();
  }

  drawControls() {
    const { spans, scheme } = this;
    this.actorBox.element.hidden = !spans.some(({ label }) => scheme.findLabel(label).links.includes("actor"));
    this.attributes.show(spans);
  }

  drawHighlights() {
    const layer = this.layers.get("grouped");
    if (!layer || (!layer.size && !this.group.size)) return;
    layer.clear();
    for (const span of this.spans) layer.add(this.textNodes.createStaticRange(...this.model.unitRangeOf(span)));
  }

  /** Where the focus goes when the bar that had it is gone. */
  focusAfter() {
    const { model, commands } = this;
    const near = model.currentId ?? model.listedSpans[0]?.id;
    if (near) this.focusSpan(near);
    else commands.focusText();
  }

  /** Add the current mark to those that are chosen, or take it away. */
  toggleCurrent() {
    const { model, group, commands } = this;
    if (!commands.checkEditable()) return null;
    if (!model.currentId) return commands.showHint(gettext("Choose a mark first, with j and k."));
    return group.toggle(model.currentId);
  }

  /**
   * Choose the marks from the current one to one that is clicked with Shift; with Ctrl, or ⌘ on a Mac, add that one or
   * take it away. Answers whether the click was such a one.
   *
   * @param {string} id
   * @param {MouseEvent} event
   */
  press(id, { shiftKey, ctrlKey, metaKey }) {
    const { model, group } = this;
    if (!shiftKey && !ctrlKey && !metaKey) return false;
    if (!this.commands.checkEditable()) return true;
    if (shiftKey) group.extend(model.currentId, id);
    else {
      if (!group.size && model.currentId && model.currentId !== id) group.choose([model.currentId]);
      group.toggle(id);
    }
    return true;
  }

  /**
   * Choose the next or the previous mark together with those before.
   *
   * @param {number} by
   */
  extendBy(by) {
    const { model, group, commands } = this;
    if (!commands.checkEditable()) return;
    const from = model.currentId;
    const next = model.spanBeside(by);
    if (!next) return void this.messages.announce(by > 0 ? gettext("This is the last mark.") : gettext("This is the first mark."));
    model.chooseSpan(next.id);
    this.focusSpan(next.id);
    group.extend(from, next.id);
  }

  /**
   * Choose marks: all that the filter shows, or those that are named.
   *
   * @param {string[]} [ids]
   */
  chooseAll(ids = this.model.listedSpans.map(({ id }) => id)) {
    const { group, commands, tabs } = this;
    if (!commands.checkEditable()) return null;
    if (!ids.length) return commands.showHint(gettext("There are no marks to choose."));
    tabs.show("spans");
    return group.choose(ids);
  }

  focus() {
    if (!this.group.size) return this.commands.showHint(gettext("Choose several marks first, with z or with Shift and an arrow in the list."));
    this.tabs.show("spans");
    return this.deleteButton.focus();
  }

  letGo() {
    this.group.clear();
  }

  remove() {
    const { spans, commands, groupEdits } = this;
    if (!commands.checkEditable()) return;
    groupEdits.remove(spans);
    this.offerUndo(ngettext("Deleted %(n)s mark.", "Deleted %(n)s marks.", spans.length), spans.length);
  }

  /** @param {string} label */
  setLabel(label) {
    const { spans, commands, groupEdits } = this;
    if (!commands.checkEditable()) return;
    const count = groupEdits.setLabel(spans, label);
    const { title } = this.scheme.findLabel(label);
    if (!count) return void commands.showHint(gettext("All chosen marks have this label already."));
    this.offerUndo(interpolate(ngettext("%(n)s mark is “%(label)s” now.", "%(n)s marks are “%(label)s” now.", count), { n: count, label: title }, true), count);
  }

  /** @param {string | null} actor */
  setActor(actor) {
    const { spans, commands, groupEdits } = this;
    if (!commands.checkEditable()) return;
    const count = groupEdits.setActor(spans, actor);
    if (!count) return void commands.showHint(gettext("All chosen marks that can be linked are linked so already."));
    const words = actor ? ngettext("Linked %(n)s mark.", "Linked %(n)s marks.", count) : ngettext("Took the link from %(n)s mark.", "Took the link from %(n)s marks.", count);
    this.offerUndo(words, count);
  }

  /**
   * @param {AttributeRow} attribute
   * @param {string} value
   */
  setAttribute({ name, title }, value) {
    const { spans, commands, groupEdits } = this;
    if (!commands.checkEditable()) return;
    const count = groupEdits.setAttribute(spans, name, value);
    if (!count) return void commands.showHint(gettext("All chosen marks that can have this attribute have this value already."));
    const words = ngettext("Changed “%(attribute)s” of %(n)s mark.", "Changed “%(attribute)s” of %(n)s marks.", count);
    this.offerUndo(interpolate(words, { n: count, attribute: title }, true), count);
  }

  /**
   * @param {string} words
   * @param {number} count
   */
  offerUndo(words, count) {
    this.commands.offerUndo(formatCount(words, count));
    this.messages.announce(formatCount(words, count));
  }
}
