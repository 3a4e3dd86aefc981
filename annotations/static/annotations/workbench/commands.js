/** What keys and buttons do. Each command says why when there is nothing to do. */

import { createButton, createElement } from "./dom.js";
import { gettext, interpolate } from "./translation.js";

export class Commands {
  constructor(app) {
    this.app = app;
  }

  /** Mark the selected words. */
  mark(label) {
    const { model, selection, edits } = this.app;
    if (!this.mayEdit()) return;
    if (!selection.range) return this.hint(gettext("Select words in the text first."));
    const [start, end] = selection.range;
    const id = edits.mark(label, start, end);
    this.exact = { id, start, end };
    selection.collapse();
    model.choose(id, { reveal: true });
    this.app.tabs.show("spans");
    this.app.messages.announce(`${this.app.scheme.label(label).title}: ${model.span(id)?.quote ?? ""}`);
    this.tellSnap();
  }

  /** The guideline moves edges to letters; whoever meant it otherwise takes that back with one key. */
  tellSnap() {
    const { segments, messages } = this.app;
    const { start, end } = this.exact;
    const snapped = segments.snapped(start, end);
    if (!snapped || (snapped[0] === start && snapped[1] === end)) return;
    const message = messages.say(gettext("The edges were moved to letters (B1)."), " ", createButton(gettext("Keep exactly what I selected"), () => {
      message.remove();
      this.keepExact();
    }, { "data-action": "exact" }), createElement("kbd", {}, "="));
  }

  /** Undo the snap of the last mark: it covers exactly what was selected. */
  keepExact() {
    const { model, edits, segments } = this.app;
    const span = this.exact && model.span(this.exact.id);
    if (!span) return this.hint(gettext("There is no new mark whose edges were moved."));
    if (!this.mayEdit()) return null;
    model.choose(span.id);
    const { start, end } = this.exact;
    // the page may not know yet where the service has put the edges
    const from = model.isOpen(span.id) ? (segments.snapped(start, end) ?? [start, end]) : model.range(span);
    return edits.fit(span, start, end, { snap: false, from });
  }

  /** Move one edge of the current mark by a word or a character. */
  nudge(side, unit, step) {
    const { model, segments, edits } = this.app;
    if (!model.chosen || !this.mayEdit()) return;
    const [start, end] = model.range(model.chosen);
    const moved = segments.move(side === "end" ? end : start, unit, step);
    const wanted = side === "end" ? [start, moved] : [moved, end];
    const isInward = side === "end" ? step < 0 : step > 0;
    const range = unit === "word" && isInward ? segments.snapped(...wanted) : wanted;
    if (!range || range[0] >= range[1]) return;
    edits.fit(model.chosen, ...range, { snap: false });
    this.app.messages.announce(model.chosen.quote);
  }

  /** The words of the current mark become an alias of the actor that it is linked to. */
  async addAlias() {
    const { model, registry, messages } = this.app;
    const span = model.chosen;
    if (!span?.actor) return this.hint(gettext("Choose the mark of an actor that is linked to the registry first."));
    try {
      const isNew = await registry.addAlias(span.actor, span.quote);
      const name = registry.actorName(span.actor);
      const told = isNew ? gettext("“%(quote)s” is an alias of %(name)s now.") : gettext("%(name)s has this name already.");
      return messages.say(interpolate(told, { quote: span.quote, name }, true));
    } catch (error) {
      return messages.warn(error.detail ?? String(error));
    }
  }

  grow(granularity) {
    this.toText();
    this.app.selection.grow(granularity);
  }

  toText() {
    if (document.activeElement !== this.app.text) this.app.text.focus({ preventScroll: true });
  }

  /** Go to the next or previous mark; the focus follows where it is in the list. */
  step(by) {
    const { model, selection, list } = this.app;
    const inList = document.activeElement?.closest("[data-span]") || document.activeElement === document.body;
    const next = model.neighbour(by, selection.focus);
    if (!next) return this.app.messages.announce(by > 0 ? gettext("This is the last mark.") : gettext("This is the first mark."));
    this.app.tabs.show("spans");
    model.choose(next.id);
    if (inList) list.focusHead(next.id);
  }

  edit(field) {
    const { model, list, tabs } = this.app;
    if (!model.chosen) return this.hint(gettext("Choose a mark first, with j and k."));
    tabs.show("spans");
    return list.focusEditor(model.current, field);
  }

  /** The current mark takes the range of the selection. */
  resize() {
    const { model, selection, edits } = this.app;
    if (!this.mayEdit()) return;
    const { range } = selection;
    if (!model.chosen || !range) return this.hint(gettext("Choose a mark, then select the words that it should cover."));
    this.exact = { id: model.current, start: range[0], end: range[1] };
    edits.fit(model.chosen, ...range);
    this.tellSnap();
    selection.collapse();
  }

  remove() {
    const { model, edits, messages } = this.app;
    if (!model.chosen) return this.hint(gettext("Choose a mark first, with j and k."));
    if (!this.mayEdit()) return;
    const { quote, id } = model.chosen;
    const next = model.neighbour(1) ?? model.neighbour(-1);
    const inList = Boolean(document.activeElement?.closest(`[data-span="${id}"]`));
    edits.remove(model.chosen);
    if (next && inList) this.app.list.focusHead(next.id);
    this.app.undoable(interpolate(gettext("Deleted “%(quote)s”."), { quote }, true));
    if (!inList) messages.announce(interpolate(gettext("Deleted “%(quote)s”."), { quote }, true));
  }

  undo() {
    const step = this.app.model.isEditable ? this.app.edits.undo() : null;
    this.app.messages.say(step ? interpolate(gettext("Undone: %(step)s."), { step: step.says }, true) : gettext("There is nothing to undo."));
  }

  redo() {
    const step = this.app.model.isEditable ? this.app.edits.redo() : null;
    this.app.messages.say(step ? interpolate(gettext("Done again: %(step)s."), { step: step.says }, true) : gettext("There is nothing to redo."));
  }

  /** From a field to its mark, from the mark to the text, then let go of what is selected. */
  leave() {
    const { model, list, selection, text } = this.app;
    const active = document.activeElement;
    const item = active?.closest("[data-span]");
    if (item && !active.matches(".span-head")) return list.focusHead(item.dataset.span);
    if (item || (active !== text && active !== document.body)) return text.focus({ preventScroll: true });
    if (selection.range) return selection.collapse();
    return model.choose(null);
  }

  mayEdit() {
    const { model } = this.app;
    if (model.isEditable) return true;
    const state = this.app.scheme.state(model.set.state);
    const why = model.isMine
      ? interpolate(gettext("The set is %(state)s; its marks cannot be changed."), { state }, true)
      : gettext("This set is not yours; its marks cannot be changed.");
    this.hint(why);
    return false;
  }

  hint(text) {
    this.app.messages.say(text);
  }
}
