import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./environment.js";

const { proposeMode } = await load("quotes");

/** The mode that is proposed for the part between brackets. */
function modeOf(marked) {
  const start = marked.indexOf("[");
  const end = marked.indexOf("]") - 1;
  return proposeMode(marked.replace(/[[\]]/g, ""), start, end);
}

const MODES = [
  ["He said: “[We will pay for it.]”", "direct"],
  ["He said: [“We will pay for it.”]", "direct"],
  ["„[Wir werden zahlen]“, sagte er.", "direct"],
  ["«[Мы заплатим за это]», сказал он.", "direct"],
  ["他说：「[我们会付钱]」", "direct"],
  ['"[We will," he said, "pay for it.]"', "direct"],
  ["He said [they would pay].", "indirect"],
  ["He said [they would “pay”].", "indirect"],
  ["He said [the “so called” plan failed].", "indirect"],
  ["He said [they would “pay for all of it” soon].", "mixed"],
  ["[It’s the minister’s plan] he said.", "indirect"],
  ["‘[It’s theirs, all of it]’ he said", "direct"],
  ["He said [“a” or “b” or “c” will do].", "mixed"],
  ["[ … ]", "indirect"],
  ["“[We will pay] without an end", "indirect"],
];
for (const [text, mode] of MODES) test(`${text} is ${mode}`, () => assert.equal(modeOf(text), mode));
