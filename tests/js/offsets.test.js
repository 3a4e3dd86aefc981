import assert from "node:assert/strict";
import test from "node:test";
import { load, readVectors } from "./environment.js";

const { OffsetMap, lowerBound } = await load("offsets");

for (const { text, units } of readVectors("offsets")) {
  test(`offsets of ${JSON.stringify(text)} in both directions`, () => {
    const map = new OffsetMap(text);
    units.forEach((unit, point) => {
      assert.equal(map.toUnits(point), unit);
      assert.equal(map.toPoints(unit), point);
    });
  });
}

test("a code point range cuts the same words in units", () => {
  const text = "👋 one 👋👋 two";
  const map = new OffsetMap(text);
  const points = Array.from(text);
  for (let start = 0; start <= points.length; start += 1) {
    for (let end = start; end <= points.length; end += 1) {
      assert.equal(text.slice(map.toUnits(start), map.toUnits(end)), points.slice(start, end).join(""));
    }
  }
});

test("the lower bound counts the smaller numbers", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((value) => lowerBound([1, 2, 2, 5], value)), [0, 0, 1, 3, 4]);
  assert.equal(lowerBound([], 1), 0);
});
