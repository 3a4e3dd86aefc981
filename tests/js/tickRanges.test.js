import assert from "node:assert/strict";
import test from "node:test";

const { coveredPlaces } = await import("../../annotations/static/annotations/tickRanges.js");

test("a click covers its own box, with Shift all from the box before", () => {
  assert.deepEqual(coveredPlaces(-1, 3, true), [3]);
  assert.deepEqual(coveredPlaces(1, 3, false), [3]);
  assert.deepEqual(coveredPlaces(1, 3, true), [1, 2, 3]);
  assert.deepEqual(coveredPlaces(3, 1, true), [1, 2, 3]);
  assert.deepEqual(coveredPlaces(2, 2, true), [2]);
});
