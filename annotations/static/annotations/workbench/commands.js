/** What keys and buttons do. Each command says why when there is nothing to do. */

export class Commands {
  constructor(app) {
    this.app = app;
  }

  /** Mark the selected words. */
  mark(label) {
    const { model, selection, edits } = this.app;
    if (!this.mayEdit()) return;
    if (!selection.range) return this.hint("Select words in the text first.");
    const id = edits.mark(label, ...selection.range);
    selection.collapse();
    model.choose(id, { reveal: true });
    this.app.tabs.show("spans");
    this.app.messages.announce(`${this.app.scheme.label(label).title}: ${model.span(id)?.quote ?? ""}`);
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
    if (!next) return this.app.messages.announce(by > 0 ? "This is the last mark." : "This is the first mark.");
    this.app.tabs.show("spans");
    model.choose(next.id);
    if (inList) list.focusHead(next.id);
  }

  edit(field) {
    const { model, list, tabs } = this.app;
    if (!model.chosen) return this.hint("Choose a mark first, with j and k.");
    tabs.show("spans");
    return list.focusEditor(model.current, field);
  }

  /** The current mark takes the range of the selection. */
  resize() {
    const { model, selection, edits, segments } = this.app;
    if (!this.mayEdit()) return;
    const range = selection.range && segments.snapped(...selection.range);
    if (!model.chosen || !range) return this.hint("Choose a mark, then select the words that it should cover.");
    edits.change(model.chosen, model.cut(...range));
    selection.collapse();
  }

  remove() {
    const { model, edits, messages } = this.app;
    if (!model.chosen) return this.hint("Choose a mark first, with j and k.");
    if (!this.mayEdit()) return;
    const { quote, id } = model.chosen;
    const next = model.neighbour(1) ?? model.neighbour(-1);
    const inList = Boolean(document.activeElement?.closest(`[data-span="${id}"]`));
    edits.remove(model.chosen);
    if (next && inList) this.app.list.focusHead(next.id);
    this.app.undoable(`Deleted “${quote}”.`);
    if (!inList) messages.announce(`Deleted ${quote}`);
  }

  undo() {
    const step = this.app.model.isEditable ? this.app.edits.undo() : null;
    this.app.messages.say(step ? `Undone: ${step.says}.` : "There is nothing to undo.");
  }

  redo() {
    const step = this.app.model.isEditable ? this.app.edits.redo() : null;
    this.app.messages.say(step ? `Done again: ${step.says}.` : "There is nothing to redo.");
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
    const why = model.isMine ? `The set is ${model.set.state.replaceAll("_", " ")}` : "This set is not yours";
    this.hint(`${why}; its marks cannot be changed.`);
    return false;
  }

  hint(text) {
    this.app.messages.say(text);
  }
}
