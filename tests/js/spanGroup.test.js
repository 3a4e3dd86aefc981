import assert from "node:assert/strict";
import test from "node:test";
import { ANN, load, makeDetail, makeSpan, useStorage } from "./environment.js";

useStorage();
const { Edits } = await load("edits");
const { GroupEdits } = await load("groupEdits");
const { Model } = await load("model");
const { Scheme } = await load("scheme");
const { findSpansOn, SpanGroup } = await load("spanGroup");

const SCHEME = {
  labels: [
    { name: "actor", title: "Actor", key: "a", links: ["actor"] },
    { name: "claim", title: "Claim", key: "c", links: ["proposition"] },
  ],
  attributes: [
    { name: "mention_type", title: "kind of mention", uses: { actor: { default: "name" } } },
    { name: "claim_type", title: "claim type", uses: { claim: {} } },
  ],
  relations: [{ name: "made_by", title: "made by", sources: ["claim"], targets: ["actor"] }],
  states: [],
  transitions: [],
  actor_kinds: [],
  proposition_kinds: [],
};

const SPANS = ["a", "b", "c", "d", "e"].map((id, index) =>
  makeSpan(id, index * 4, index * 4 + 3, { attributes: { mention_type: "name" }, actor: index === 1 ? "lorn" : null, label: id === "e" ? "claim" : "actor" }),
);
const RELATION = { id: "r", type: "made_by", source: "e", target: "a", version: 1 };

function makePage() {
  const model = new Model(ANN);
  model.load(makeDetail({ text: "aaa bbb ccc ddd eee", spans: SPANS, relations: [RELATION] }));
  const sent = [];
  const outbox = { on: () => {}, addJobs: (...jobs) => sent.push(jobs) };
  const scheme = new Scheme(SCHEME);
  const edits = new Edits(model, outbox, scheme);
  return { model, sent, edits, group: new SpanGroup(model), groupEdits: new GroupEdits({ model, edits, scheme }) };
}

const chosen = (group) => group.spans.map(({ id }) => id).join("");

test("a run of marks grows and shrinks from where it began", () => {
  const { group } = makePage();
  group.extend("b", "c");
  assert.equal(chosen(group), "bc");
  group.extend("c", "d");
  assert.equal(chosen(group), "bcd");
  group.extend("d", "a");
  assert.equal(chosen(group), "ab", "to the other side of its beginning");
  group.toggle("e");
  assert.equal(chosen(group), "abe");
  group.extend("e", "d");
  assert.equal(chosen(group), "de", "from the one that was chosen last");
  group.clear();
  group.extend(null, "c");
  assert.equal(chosen(group), "c");
});

test("only what the filter shows is in a run, and what is gone leaves the group", () => {
  const { group, model } = makePage();
  model.setFilter({ label: "actor", actor: "none", code: "" });
  group.extend("a", "d");
  assert.equal(chosen(group), "acd");
  model.jobs.push({ kind: "span.delete", id: "c" });
  model.deriveShown();
  assert.equal(chosen(group), "ad");
});

test("marks on hits are those that share words with one", () => {
  const { model } = makePage();
  assert.deepEqual(findSpansOn(model, [[1, 2], [7, 9], [15, 19]]), ["a", "c", "e"]);
  assert.deepEqual(findSpansOn(model, []), []);
  assert.deepEqual(findSpansOn(model, [[3, 4]]), []);
});

test("one step deletes all, and one undo brings them back with their relations", () => {
  const { edits, groupEdits, sent } = makePage();
  groupEdits.remove([SPANS[0], SPANS[4]]);
  assert.deepEqual(sent[0].map(({ kind, id }) => `${kind} ${id}`), ["span.delete a", "span.delete e"]);
  assert.equal(new Set(sent[0].map(({ batch }) => batch)).size, 1);
  assert.equal(edits.undo().description, "the removal of 2 marks");
  assert.deepEqual(sent[1].map(({ kind }) => kind), ["span.add", "span.add", "relation.add"]);
  assert.equal(new Set(sent[1].map(({ batch }) => batch)).size, 1);
});

test("another label keeps what fits it, and takes relations away that do not", () => {
  const { edits, groupEdits, sent } = makePage();
  assert.equal(groupEdits.setLabel(SPANS, "claim"), 4, "one has it already");
  assert.deepEqual(sent[0][0], { kind: "relation.delete", id: "r", batch: sent[0][0].batch, token: sent[0][0].token });
  assert.deepEqual(sent[0][2].changes, { label: "claim", attributes: {}, actor: null, proposition: null });
  edits.undo();
  assert.deepEqual(sent[1][1].changes, { label: "actor", attributes: { mention_type: "name" }, actor: "lorn", proposition: null });
  assert.equal(sent[1].at(-1).kind, "relation.add");
});

test("a link goes to those that may have one", () => {
  const { edits, groupEdits, sent } = makePage();
  assert.equal(groupEdits.setActor(SPANS, "lorn"), 3);
  assert.equal(groupEdits.setActor([SPANS[4]], "lorn"), 0);
  assert.equal(sent.length, 1);
  assert.equal(edits.undoSteps.length, 1);
});

test("an attribute goes to those that may have it, and one undo brings back what was there", () => {
  const { edits, groupEdits, sent } = makePage();
  assert.equal(groupEdits.setAttribute(SPANS, "mention_type", "name"), 0, "all that may have it have it already");
  assert.equal(groupEdits.setAttribute(SPANS, "mention_type", "pronoun"), 4, "a claim has no such attribute");
  assert.deepEqual(sent[0][0].changes, { attributes: { mention_type: "pronoun" } });
  assert.equal(new Set(sent[0].map(({ batch }) => batch)).size, 1);
  assert.equal(edits.undo().description, "the change of 4 marks");
  assert.deepEqual(sent[1][0].changes, { attributes: { mention_type: "name" } });
  assert.equal(groupEdits.setAttribute([SPANS[0]], "mention_type", ""), 1);
  assert.deepEqual(sent[2][0].changes, { attributes: {} });
});
