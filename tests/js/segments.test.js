import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { load, readVectors } from "./environment.js";

const { Segments, splitParagraphs } = await load("segments");
const { OffsetMap } = await load("offsets");

for (const { text, paragraphs } of readVectors("paragraphs")) {
  test(`paragraphs of ${JSON.stringify(text)}`, () => {
    const found = splitParagraphs(text).map(([start, end]) => text.slice(start, end));
    assert.equal(found.join(""), text, "together they are the whole text");
    assert.deepEqual(found.map((part) => part.trim()).filter(Boolean), paragraphs);
  });
}

for (const { text, range, snapped } of readVectors("edges")) {
  test(`edges of ${JSON.stringify(text)} at ${range} are snapped as the service does`, () => {
    const map = new OffsetMap(text);
    const found = new Segments(text, "en").snapRange(map.toUnits(range[0]), map.toUnits(range[1]));
    assert.deepEqual(found && found.map((unit) => map.toPoints(unit)), snapped);
  });
}

test("the caret moves by whole characters", () => {
  const text = "a👨‍👩‍👧e\u0301b";
  const segments = new Segments(text, "en");
  const stops = [];
  for (let at = 0; at < text.length; ) {
    at = segments.boundaryFrom(at, "grapheme", 1);
    stops.push(at);
  }
  assert.deepEqual(stops, [1, 9, 11, 12]);
  const back = [];
  for (let at = text.length; at > 0; ) {
    at = segments.boundaryFrom(at, "grapheme", -1);
    back.push(at);
  }
  assert.deepEqual(back, [11, 9, 1, 0]);
});

test("the caret moves from word to word, over the space between them and over paragraphs", () => {
  const text = "One, two.\n\nThree";
  const segments = new Segments(text, "en");
  assert.equal(segments.boundaryAfter(0, "word"), 3);
  assert.equal(segments.boundaryAfter(3, "word"), 8);
  assert.equal(segments.boundaryAfter(8, "word"), 16);
  assert.equal(segments.boundaryBefore(16, "word"), 11);
  assert.equal(segments.boundaryBefore(11, "word"), 5);
});

test("what is around a place has no white space at its edges", () => {
  const text = "Zoë left. Ben stayed.\n\nThe end.";
  const segments = new Segments(text, "en");
  const cut = (units, unit) => text.slice(...segments.segmentAround(units, unit));
  assert.equal(cut(1, "word"), "Zoë");
  assert.equal(cut(12, "sentence"), "Ben stayed.");
  assert.equal(cut(12, "paragraph"), "Zoë left. Ben stayed.");
  assert.equal(cut(text.length - 1, "word"), "end");
});

test("a range that cuts a character is widened", () => {
  const text = "x👨‍👩‍👧y";
  assert.deepEqual(new Segments(text, "en").widenToCharacters(3, 5), [1, 9]);
  assert.deepEqual(new Segments(text, "en").widenToCharacters(0, 1), [0, 1]);
});

test("a language that nobody knows does no harm", () => {
  assert.equal(new Segments("one two", "not a language").boundaryAfter(0, "word"), 3);
});

for (const { text, sentences } of readVectors("sentences")) {
  test(`the sentences of ${JSON.stringify(text)}`, () => {
    const segments = new Segments(text, null);
    const found = segments.segmentsOf("sentence", [0, text.length]).map(({ start, end }) => text.slice(start, end).trim());
    assert.deepEqual(found, sentences);
  });
}

test("the abbreviations are those of the service", async () => {
  const { ABBREVIATIONS } = await load("abbreviations");
  const stored = JSON.parse(readFileSync(new URL("../vectors/sentences.json", import.meta.url), "utf8")).abbreviations;
  assert.deepEqual([...ABBREVIATIONS].sort(), [...stored].sort());
});
