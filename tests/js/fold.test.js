import assert from "node:assert/strict";
import test from "node:test";
import { load, readVectors } from "./environment.js";

const { FoldedText, foldForSearch } = await load("fold");

test("texts are folded as the service folds them", () => {
  for (const { text, folded } of readVectors("folding")) assert.equal(foldForSearch(text), folded, text);
});

/** The words that a search finds in a text. */
const found = (text, question) => new FoldedText(text).find(question).map(([start, end]) => text.slice(start, end));

test("what is found is whole characters of the text", () => {
  assert.deepEqual(found("Die Straße, die STRASSE, die Strasse", "straße"), ["Straße", "STRASSE", "Strasse"]);
  assert.deepEqual(found("Zoe\u0308 and ZOË and zoe", " zoë "), ["Zoe\u0308", "ZOË", "zoe"]);
  assert.deepEqual(found("👋👋 pay\u00adment 👋", "payment"), ["pay\u00adment"]);
  assert.deepEqual(found("東京都庁は東京", "東京"), ["東京", "東京"]);
  assert.deepEqual(found("aaa", "aa"), ["aa"]);
  assert.deepEqual(found("ßa", "s"), ["ß"]);
  assert.deepEqual(found("text", "  "), []);
  assert.deepEqual(found("", "x"), []);
});
