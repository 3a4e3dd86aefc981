import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./environment.js";

const { keysMeant, writesText } = await load("keyMeaning");

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
  ["Hebrew q writes a slash", "/", "KeyQ", false, ["/", "q"]],
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
  ["Thai 2", "/", "Digit2", false, ["/", "2"]],
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
