import assert from "node:assert/strict";
import test from "node:test";
import { load, useStorage } from "./environment.js";

useStorage();
const { RecentIssues, sortByUse } = await load("issues");

const rows = ["a", "b", "c", "d", "e"].map((id) => ({ id }));
const idsOf = (sorted) => sorted.map(({ id }) => id).join("");

test("what was used last comes first, then what the article uses most, then the rest as it stands", () => {
  assert.equal(idsOf(sortByUse(rows, [], [])), "abcde");
  assert.equal(idsOf(sortByUse(rows, ["d", "b"], ["e", "c", "e", null])), "dbeca");
  assert.equal(idsOf(sortByUse(rows, ["gone", "c"], ["c"])), "cabde");
});

test("the last issues are kept by person and corpus, each once", () => {
  const recent = new RecentIssues("ann", "lake");
  for (const id of ["a", "b", "a"]) recent.remember(id);
  assert.deepEqual(new RecentIssues("ann", "lake").ids, ["a", "b"]);
  assert.deepEqual(new RecentIssues("ben", "lake").ids, []);
  for (let number = 0; number < 30; number += 1) recent.remember(String(number));
  assert.equal(recent.ids.length, 20);
  assert.equal(recent.ids[0], "29");
});
