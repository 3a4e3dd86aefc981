import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./environment.js";

const { combinationsMeant, keysMeant, writesText } = await load("keyMeaning");

/** [what the press is, key, code, Shift, what it may mean] */
const PRESSES = [
  ["a letter", "a", "KeyA", false, ["a"]],
  ["a letter with Shift", "A", "KeyA", true, ["A"]],
  ["a letter with Caps Lock", "U", "KeyU", false, ["u"]],
  ["a letter with Caps Lock and Shift", "u", "KeyU", true, ["U"]],
  ["a letter with Caps Lock and Shift on a Mac", "U", "KeyU", true, ["U"]],
  ["a by AZERTY", "a", "KeyQ", false, ["a"]],
  ["a by AZERTY with Caps Lock", "A", "KeyQ", false, ["a"]],
  ["comma by AZERTY", ",", "KeyM", false, [",", "m"]],
  ["1 by AZERTY", "&", "Digit1", false, ["&", "1"]],
  ["2 by AZERTY", "é", "Digit2", false, ["é", "2"]],
  ["2 by AZERTY with Caps Lock as macOS has it", "É", "Digit2", false, ["É", "2"]],
  ["3 by AZERTY", '"', "Digit3", false, ['"', "3"]],
  ["6 by AZERTY", "-", "Digit6", false, ["-", "6"]],
  ["2 by AZERTY with Shift", "2", "Digit2", true, ["2"]],
  ["2 with Shift on a US keyboard", "@", "Digit2", true, ["@"]],
  ["2 on a keypad", "2", "Numpad2", false, ["2"]],
  ["2 in Czech", "ě", "Digit2", false, ["ě", "2"]],
  ["y by QWERTZ", "y", "KeyZ", false, ["y"]],
  ["z by QWERTZ", "z", "KeyY", false, ["z"]],
  ["the accent of a German keyboard", "Dead", "Equal", false, ["Dead"]],
  ["Hebrew a", "ש", "KeyA", false, ["ש", "a"]],
  ["Hebrew U", "ו", "KeyU", true, ["ו", "U"]],
  ["Hebrew q writes a slash", "/", "KeyQ", false, ["q", "/"]],
  ["Hebrew full stop", "ץ", "Period", false, ["ץ", "."]],
  ["Greek a", "α", "KeyA", false, ["α", "a"]],
  ["Greek A with Shift", "Α", "KeyA", true, ["Α", "A"]],
  ["Greek a with Caps Lock", "Α", "KeyA", false, ["Α", "a"]],
  ["Greek q writes a semicolon", ";", "KeyQ", false, [";", "q"]],
  ["Russian c", "с", "KeyC", false, ["с", "c"]],
  ["Russian full stop", "ю", "Period", false, ["ю", "."]],
  ["Arabic b writes two letters", "لا", "KeyB", false, ["لا", "b"]],
  ["Arabic question mark", "؟", "Slash", true, ["؟", "?"]],
  ["Arabic digit", "٢", "Digit2", false, ["٢", "2"]],
  ["Persian digit", "۲", "Digit2", false, ["۲", "2"]],
  ["Thai 2", "/", "Digit2", false, ["2", "/"]],
  ["a slash by QWERTZ", "/", "Digit7", true, ["/"]],
  ["a slash by AZERTY", "/", "Period", true, ["/"]],
  ["Arabic slash", "ظ", "Slash", false, ["ظ", "/"]],
  ["Greek slash", "/", "Slash", false, ["/"]],
  ["Turkish i without a dot", "ı", "KeyI", false, ["ı", "i"]],
  ["Vietnamese dead key for 5", "Dead", "Digit5", false, ["Dead", "5"]],
  ["an input method that decides", "Process", "KeyC", false, ["Process", "c"]],
  ["full-width c", "ｃ", "KeyC", false, ["c"]],
  ["full-width question mark", "？", "Slash", true, ["?"]],
  ["Enter", "Enter", "Enter", false, ["Enter"]],
  ["Escape with Caps Lock", "Escape", "Escape", false, ["Escape"]],
  ["a key without a place", "c", "", false, ["c"]],
];

for (const [what, key, code, shiftKey, meant] of PRESSES) {
  test(`key: ${what}`, () => assert.deepEqual(keysMeant({ key, code, shiftKey }), meant));
}

test("keys with names write no text", () => {
  assert.deepEqual(["a", "é", "لا", "F5", "Enter", "Dead", "Shift"].map(writesText), [true, true, true, false, false, false, false]);
});

/** [what the press is, the press, what it may mean] */
const COMBINATIONS = [
  ["Ctrl Z", { key: "z", code: "KeyZ", ctrlKey: true }, ["Ctrl Z"]],
  ["⌘ Z", { key: "z", code: "KeyZ", metaKey: true }, ["Ctrl Z"]],
  ["Ctrl Z with Caps Lock", { key: "Z", code: "KeyZ", ctrlKey: true }, ["Ctrl Z"]],
  ["Ctrl Shift Z", { key: "Z", code: "KeyZ", ctrlKey: true, shiftKey: true }, ["Ctrl Shift Z"]],
  ["Ctrl Shift Z with Caps Lock", { key: "z", code: "KeyZ", ctrlKey: true, shiftKey: true }, ["Ctrl Shift Z"]],
  ["⌘ Shift Z as macOS writes it", { key: "z", code: "KeyZ", metaKey: true, shiftKey: true }, ["Ctrl Shift Z"]],
  ["Ctrl Z by QWERTZ", { key: "z", code: "KeyY", ctrlKey: true }, ["Ctrl Z"]],
  ["Ctrl Z by AZERTY", { key: "z", code: "KeyW", ctrlKey: true }, ["Ctrl Z"]],
  ["Ctrl A by AZERTY", { key: "a", code: "KeyQ", ctrlKey: true }, ["Ctrl A"]],
  ["Ctrl Z in Hebrew", { key: "ז", code: "KeyZ", ctrlKey: true }, ["Ctrl ז", "Ctrl Z"]],
  ["Ctrl Z in Greek", { key: "ζ", code: "KeyZ", ctrlKey: true }, ["Ctrl ζ", "Ctrl Z"]],
  ["Ctrl Shift Z in Greek", { key: "Ζ", code: "KeyZ", ctrlKey: true, shiftKey: true }, ["Ctrl Shift Ζ", "Ctrl Shift Z"]],
  ["Ctrl A in Persian", { key: "ش", code: "KeyA", ctrlKey: true }, ["Ctrl ش", "Ctrl A"]],
  ["Ctrl Z in Arabic", { key: "ئ", code: "KeyZ", ctrlKey: true }, ["Ctrl ئ", "Ctrl Z"]],
  ["Ctrl A in Russian", { key: "ф", code: "KeyA", ctrlKey: true }, ["Ctrl ф", "Ctrl A"]],
  ["Ctrl Enter", { key: "Enter", code: "Enter", ctrlKey: true }, ["Ctrl Enter"]],
  ["⌘ Enter", { key: "Enter", code: "NumpadEnter", metaKey: true }, ["Ctrl Enter"]],
  ["AltGr, which writes a character", { key: "@", code: "KeyQ", ctrlKey: true, altKey: true }, []],
  ["Alt alone", { key: "z", code: "KeyZ", altKey: true }, []],
  ["Ctrl and ⌘", { key: "z", code: "KeyZ", ctrlKey: true, metaKey: true }, []],
];

for (const [what, press, meant] of COMBINATIONS) {
  const modifiers = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  test(`combination: ${what}`, () => assert.deepEqual(combinationsMeant({ ...modifiers, ...press }), meant));
}
