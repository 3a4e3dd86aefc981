import assert from "node:assert/strict";
import test from "node:test";
import { load, readVectors } from "./environment.js";

const { findOccurrences } = await load("mentionsDialog");
const { splitMentions } = await load("memberMentions");
const { uuid7 } = await load("ids");
const { interpolate, interpolateElements, ngettext } = await load("translation");
const { foldText } = await load("registry");
const { shortenText } = await load("dom");

for (const { text, names } of readVectors("mentions")) {
  test(`people mentioned in ${JSON.stringify(text.slice(0, 40))}`, () => {
    const found = splitMentions(text).filter((_, index) => index % 2);
    assert.deepEqual(found, names.map((name) => `@${name}`));
  });
}

test("a name is found at word edges only", () => {
  const at = (text, quote) => findOccurrences(text, quote).map(([start]) => start);
  assert.deepEqual(at("Ann, Anna and Ann’s Ann", "Ann"), [0, 14, 20]);
  assert.deepEqual(at("Ёлка ёлка Ёлка", "Ёлка"), [0, 10]);
  assert.deepEqual(at("北京和北京市", "北京"), [0, 3]);
  assert.deepEqual(at("anything", ""), []);
});

test("ids are UUIDs of version 7, in the order of their time", () => {
  const ids = [1, 2, 3, 2 ** 41].map((time) => uuid7(time));
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.notEqual(uuid7(5), uuid7(5));
});

test("without a catalogue the words are English", () => {
  assert.equal(ngettext("%(n)s mark", "%(n)s marks", 1), "%(n)s mark");
  assert.equal(ngettext("%(n)s mark", "%(n)s marks", 0), "%(n)s marks");
  assert.equal(interpolate("%(a)s and %(b)s", { a: "$&", b: 2 }, true), "$& and 2");
  assert.deepEqual(interpolateElements("by %(name)s, now", { name: "Ann" }), ["by ", "Ann", ", now"]);
});

test("texts are compared without case and accents", () => {
  assert.equal(foldText("ÉCOLE Zoë"), "ecole zoe");
});

test("a long text is cut in its middle, between whole characters", () => {
  assert.equal(shortenText("short"), "short");
  assert.equal(shortenText("👋".repeat(20), 11), `${"👋".repeat(4)} … ${"👋".repeat(4)}`);
});
