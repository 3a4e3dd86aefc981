// @ts-check
/** One table of keys: it makes them work, and it makes the list that `?` shows. */

import { elementOf, isTyping } from "./dom.js";
import { editingKeyRows, SPAN_LINE_KEYS } from "./editingKeys.js";
import { GROUP_LINE_KEYS, groupKeyRows } from "./groupKeys.js";
import { combinationsMeant, keysMeant, writesText } from "./keyMeaning.js";
import { reviewKeyRows } from "./reviewKeys.js";
import { searchKeyRows } from "./searchKeys.js";
import { gettext, interpolate } from "./translation.js";
import { wayKeyRows } from "./wayOn.js";

const SETTING_KEY = "standpoint.workbench.keys";

/** Keys that the browser and the text handle, for the list. */
const TEXT_MOTION_KEYS = [
  { keys: ["←", "→"], description: gettext("Character") },
  { keys: ["Ctrl ←", "Ctrl →"], description: gettext("Word (on a Mac with Option)") },
  { keys: ["↑", "↓"], description: gettext("Line") },
  { keys: ["Alt ↑", "Alt ↓"], description: gettext("Sentence") },
  { keys: ["Ctrl ↑", "Ctrl ↓"], description: gettext("Paragraph") },
  { keys: ["Home", "End"], description: gettext("Line’s beginning and end; with Ctrl the text’s") },
  { keys: ["Shift"], description: gettext("With any of these: extend the selection") },
];

export class Keyboard {
  /** @param {KeyServices} services */
  constructor(services) {
    const { scheme, dialogs } = services;
    this.scheme = scheme;
    this.dialogs = dialogs;
    this.table = this.createTable(services);
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  /**
   * @param {KeyServices} services
   * @returns {KeyRow[]}
   */
  createTable(services) {
    const { commands, decisions, wordComments } = services;
    const labels = this.scheme.labels.map(({ key, title, name }) => ({
      group: gettext("Marking"),
      keys: [key],
      description: interpolate(this.scheme.relationsFrom(name).length ? gettext("%(label)s: mark the selection, or the words of the chosen mark again") : gettext("%(label)s: mark the selection"), { label: title }, true),
      run: () => (wordComments.canPropose && wordComments.hasSelection ? wordComments.openOnSelection({ label: name }) : commands.markSelection(name)),
    }));
    const rest = generalKeyRows(commands, () => this.showHelp());
    return [
      ...labels,
      ...(decisions?.keyRows() ?? []),
      ...selectionKeyRows(commands),
      ...spanKeyRows(services),
      ...groupKeyRows(services),
      ...editingKeyRows(services),
      ...reviewKeyRows(services),
      ...wayKeyRows(services.wayOn),
      ...searchKeyRows(services),
      ...rest,
    ];
  }

  get areLettersOn() {
    return localStorage.getItem(SETTING_KEY) !== "off";
  }

  /** @param {boolean} on */
  setLettersOn(on) {
    if (on) localStorage.removeItem(SETTING_KEY);
    else localStorage.setItem(SETTING_KEY, "off");
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const isCombined = event.ctrlKey || event.metaKey || event.altKey;
    const key = (isCombined ? combinationsMeant(event) : keysMeant(event)).find((one) => this.findRow(one));
    const row = key && this.findRow(key);
    if (!row || (isTyping(event.target) && !row.inFields)) return;
    if (writesText(key) && !this.areLettersOn) return;
    if (row.fits && !row.fits(event)) return;
    // a key that is held down decides, marks and deletes once; only steps and the growing selection go on
    if (event.repeat && !row.repeats) return void event.preventDefault();
    if (row.run(key) !== false) event.preventDefault();
  }

  /** @param {string} key */
  findRow(key) {
    return this.table.find(({ keys }) => keys.includes(key));
  }

  showHelp() {
    const groups = Object.entries(Object.groupBy(this.table, ({ group }) => group));
    const shown = groups.map(([title, rows]) => ({ title, rows: rows ?? [] }));
    const text = { title: gettext("Moving in the text"), rows: TEXT_MOTION_KEYS };
    const setting = { isOn: this.areLettersOn, turn: (/** @type {boolean} */ on) => this.setLettersOn(on) };
    const mark = { title: gettext("On a line of the list of marks"), rows: [...SPAN_LINE_KEYS, ...GROUP_LINE_KEYS] };
    this.dialogs.showKeys([...shown, text, mark], setting);
  }
}

/**
 * @param {Services["commands"]} commands
 * @returns {KeyRow[]}
 */
function selectionKeyRows(commands) {
  return [
    { group: gettext("Marking"), keys: ["w"], description: gettext("Select the word at the caret; again: one more"), repeats: true, run: () => commands.growSelection("word") },
    { group: gettext("Marking"), keys: ["s"], description: gettext("Select the sentence; again: one more"), repeats: true, run: () => commands.growSelection("sentence") },
    { group: gettext("Marking"), keys: ["t"], description: gettext("Go to the text"), run: () => commands.focusText() },
  ];
}

/**
 * @param {Pick<Services, "commands" | "group" | "groupBar">} services
 * @returns {KeyRow[]}
 */
function spanKeyRows({ commands, group: chosen, groupBar }) {
  const group = gettext("The current mark");
  return [
    { group, keys: ["j"], description: gettext("Next mark"), repeats: true, run: () => commands.goToSpan(1) },
    { group, keys: ["k"], description: gettext("Previous mark"), repeats: true, run: () => commands.goToSpan(-1) },
    { group, keys: ["Enter"], description: gettext("Edit it"), fits: isOutsideControls, run: () => commands.editSpan() },
    { group, keys: ["m"], description: gettext("Relate it: made by, held by …"), run: () => commands.editSpan("relation-target") },
    { group, keys: ["r"], description: gettext("Move it to the selected words"), run: () => commands.moveToSelection() },
    { group, keys: ["Delete", "Backspace"], description: gettext("Delete it, or all that are chosen"), fits: isOutsideControls, run: () => (chosen.size ? groupBar.remove() : commands.deleteSpan()) },
    { group, keys: ["Escape"], description: gettext("Leave a field; let go of the mark"), inFields: true, run: () => commands.leaveField() },
  ];
}

/**
 * @param {Services["commands"]} commands
 * @param {() => void} help
 * @returns {KeyRow[]}
 */
function generalKeyRows(commands, help) {
  const group = gettext("Everything else");
  return [
    { group, keys: ["u"], description: gettext("Undo"), repeats: true, run: () => commands.undo() },
    { group, keys: ["U"], description: gettext("Redo"), repeats: true, run: () => commands.redo() },
    { group, keys: ["?"], description: gettext("This list"), run: help },
  ];
}

/**
 * Whether a key was pressed outside of controls. Enter on a button presses it, except on the line of a span.
 *
 * @param {KeyboardEvent} event
 */
function isOutsideControls(event) {
  return !elementOf(event)?.closest("button:not(.span-head), a, summary, input, select, textarea");
}
