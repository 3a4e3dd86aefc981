import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./environment.js";

const { completeMention, foldUsername, mentionAt, suggestPeople, unknownMentions } = await load("memberMentions");
const PEOPLE = ["ann", "ben", "Jörg", "max", "rae", "rae.k"];

/** The mention at the | of a text. */
const at = (marked) => mentionAt(marked.replace("|", ""), marked.indexOf("|"));

test("a mention is begun by an @ at the beginning of a word", () => {
  assert.deepEqual(at("ask @|"), { start: 4, end: 5, query: "" });
  assert.deepEqual(at("(@ra|)"), { start: 1, end: 4, query: "ra" });
  assert.deepEqual(at("ask @r|ae, please"), { start: 4, end: 8, query: "r" });
  assert.deepEqual(at("＠ra|"), { start: 0, end: 3, query: "ra" });
  for (const text of ["ann@exa|", "ask @ra |", "|@ra", "no one|", ""]) assert.equal(at(text), null, text);
});

test("names are found without case and accents, those that begin so first", () => {
  assert.deepEqual(suggestPeople(PEOPLE, "RA"), ["rae", "rae.k"]);
  assert.deepEqual(suggestPeople(PEOPLE, "jo"), ["Jörg"]);
  assert.deepEqual(suggestPeople(PEOPLE, "k"), ["rae.k"]);
  assert.deepEqual(suggestPeople(PEOPLE, "a"), ["ann", "max", "rae", "rae.k"]);
  assert.deepEqual(suggestPeople(PEOPLE, ""), [...PEOPLE].sort());
  assert.deepEqual(suggestPeople(PEOPLE, "nobody"), []);
  assert.equal(suggestPeople(Array.from({ length: 50 }, (_, index) => `a${index}`), "a").length, 8);
});

test("a name that is taken stands in the place of what was typed, and the caret behind it", () => {
  const take = (marked, name) => {
    const { text, caret } = completeMention(marked.replace("|", ""), at(marked), name);
    return `${text.slice(0, caret)}|${text.slice(caret)}`;
  };
  assert.equal(take("ask @ra|", "rae"), "ask @rae |");
  assert.equal(take("ask @r|ax please", "rae"), "ask @rae |please");
  assert.equal(take("@|", "Jörg"), "@Jörg |");
});

test("usernames are compared as the service compares them", () => {
  const same = [["Rae", "rae"], ["ｒａｅ", "rae"], ["Weiß", "WEISS"], ["Σοφός", "ΣΟΦΌΣ"], ["Zoe\u0308", "zoë"]];
  for (const [one, other] of same) assert.equal(foldUsername(one), foldUsername(other));
  assert.notEqual(foldUsername("Zoë"), foldUsername("zoe"));
});

test("names that nobody has are told, but not while one is written", () => {
  assert.deepEqual(unknownMentions("@Rae, @nobody. and @Ben", PEOPLE), ["@nobody"]);
  assert.deepEqual(unknownMentions("ask @no", PEOPLE, 7), []);
  assert.deepEqual(unknownMentions("@no and @no again", PEOPLE), ["@no"]);
  assert.deepEqual(unknownMentions("write to x@example.org", PEOPLE), []);
});
