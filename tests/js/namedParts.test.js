import assert from "node:assert/strict";
import test from "node:test";

const { iconName, labelWords } = await import("../../annotations/static/annotations/namedParts.js");

test("the words of a label end before its colon", () => {
  assert.equal(labelWords(" Due \n date: "), "Due date");
  assert.equal(labelWords("締切："), "締切");
  assert.equal(labelWords(null), "");
});

test("an icon says what it does, and for which field", () => {
  assert.equal(iconName("Choose a Date", "Due"), "Choose a Date: Due");
  assert.equal(iconName("Choose a Date", ""), "Choose a Date");
});
