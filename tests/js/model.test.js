import assert from "node:assert/strict";
import test from "node:test";
import { ANN, load, makeDetail, makeSpan } from "./environment.js";

const { Model } = await load("model");
const { describeJob, fieldsBefore, hasDiverged, isFulfilled, isPossible, isStored, createRequest, storeAnswer } = await load("jobs");

function makeModel(detail = {}, me = ANN) {
  const model = new Model(me);
  model.load(makeDetail(detail));
  return model;
}

const SPANS = [makeSpan("b", 4, 5), makeSpan("a", 0, 3, { quote: "Zoë" }), makeSpan("c", 0, 11, { label: "claim" })];
const RELATIONS = [{ id: "r", type: "made_by", source: "c", target: "a", version: 1 }];

test("spans are in reading order, the shorter of two that begin together first", () => {
  const model = makeModel({ spans: SPANS });
  assert.deepEqual(model.orderedSpans.map(({ id }) => id), ["a", "c", "b"]);
});

test("ranges are in units, quotes in code points", () => {
  const model = makeModel({ spans: SPANS });
  assert.deepEqual(model.unitRangeOf(model.findSpan("b")), [4, 6]);
  assert.deepEqual(model.quoteRange(4, 11), { start: 4, end: 10, quote: "👋 pays" });
});

test("the shortest span at a place is the first", () => {
  const model = makeModel({ spans: SPANS });
  assert.deepEqual(model.spansAt(4).map(({ id }) => id), ["b", "c"]);
  assert.deepEqual(model.spansAt(100), []);
});

test("the span beside the current one, or beside the caret", () => {
  const model = makeModel({ spans: SPANS });
  assert.equal(model.spanBeside(1, 4).id, "b");
  assert.equal(model.spanBeside(-1, 4).id, "c");
  model.chooseSpan("c");
  assert.equal(model.spanBeside(1).id, "b");
  assert.equal(model.spanBeside(-1).id, "a");
  model.chooseSpan("a");
  assert.equal(model.spanBeside(-1), null);
});

test("a job shows at once, and what it touches is unsaved", () => {
  const model = makeModel({ spans: SPANS, relations: RELATIONS });
  model.chooseSpan("a");
  model.jobs.push({ kind: "span.delete", id: "a" });
  model.deriveShown();
  assert.equal(model.findSpan("a"), null);
  assert.equal(model.currentSpan, null, "a span that is gone is not the current one");
  assert.deepEqual(model.relationsOf("c"), [], "its relations go with it");
  assert.ok(model.isUnsaved("a"));
  assert.ok(model.stored.spans.has("a"), "what is stored stays until the service has answered");
});

test("comments on a deleted span become comments on the set", () => {
  const comment = { id: "k", span: "a", parent: null, created_at: "2025", author: "rae", resolved_at: null };
  const model = makeModel({ spans: SPANS, comments: [comment] });
  model.jobs.push({ kind: "span.delete", id: "a" });
  model.deriveShown();
  assert.deepEqual(model.commentsOn().map(({ span }) => span), [null]);
  assert.deepEqual(model.commentsOn("a"), []);
});

const RIGHTS = [
  ["owner of an open set", ANN, {}, { edit: true, comment: true, block: false }],
  ["owner of a submitted set", ANN, { state: "submitted", allowed: ["recall"] }, { edit: false, comment: true, block: false }],
  ["reviewer in review", { ...ANN, username: "rae", role: "reviewer" }, { state: "in_review", allowed: [] }, { edit: false, comment: true, block: true }],
  ["reviewer of an open set", { ...ANN, username: "rae", role: "reviewer" }, {}, { edit: false, comment: true, block: false }],
  ["reviewer of an archived corpus", { username: "rae", role: "reviewer", archived: true }, { state: "in_review" }, { edit: false, comment: false, block: false }],
  ["another annotator", { ...ANN, username: "ben" }, {}, { edit: false, comment: false, block: false }],
  ["viewer who once owned it", { ...ANN, role: "viewer" }, { allowed: [] }, { edit: false, comment: false, block: false }],
];
for (const [who, me, detail, rights] of RIGHTS) {
  test(`what the ${who} may do`, () => {
    const model = makeModel(detail, me);
    assert.deepEqual({ edit: model.isEditable, comment: model.canComment, block: model.canBlock }, rights);
  });
}

test("requests carry the version that is stored", () => {
  const { stored } = makeModel({ spans: [makeSpan("a", 0, 3, { version: 7 })] });
  const change = { kind: "span.change", id: "a", changes: { label: "claim" }, snap: true };
  assert.deepEqual(createRequest(change, stored), {
    method: "PATCH",
    path: "spans/a/?snap=true",
    body: { label: "claim" },
    version: 7,
  });
  assert.equal(createRequest({ kind: "span.delete", id: "a" }, stored).version, 7);
  const add = createRequest({ kind: "span.add", span: makeSpan("new", 0, 3) }, stored);
  assert.equal(add.path, "sets/set-1/spans/");
  assert.ok(!("version" in add.body) && !("set" in add.body));
});

test("a job is void when what it refers to is not stored", () => {
  const { stored } = makeModel({ spans: SPANS });
  const relation = { id: "r", type: "made_by", source: "c", target: "gone", version: 0 };
  assert.ok(!isPossible({ kind: "relation.add", relation }, stored));
  assert.ok(isPossible({ kind: "relation.add", relation: { ...relation, target: "a" } }, stored));
  assert.ok(!isPossible({ kind: "span.change", id: "gone", changes: {} }, stored));
  assert.ok(isPossible({ kind: "span.add", span: makeSpan("x", 0, 1) }, stored));
});

test("a job of an earlier page knows whether its first try arrived", () => {
  const { stored } = makeModel({ spans: SPANS });
  assert.ok(isStored({ kind: "span.add", span: SPANS[0] }, stored));
  assert.ok(!isStored({ kind: "span.delete", id: "a" }, stored), "what is still there was not deleted");
  assert.ok(isStored({ kind: "span.change", id: "a", changes: { label: "actor" } }, stored));
  assert.ok(!isStored({ kind: "span.change", id: "a", changes: { label: "claim" } }, stored));
});

test("a change is fulfilled whatever the order of attributes, and also where edges were snapped", () => {
  const span = makeSpan("a", 1, 4, { quote: "Zoë", attributes: { mode: "direct", stance: "for" } });
  const { stored } = makeModel({ spans: [span] });
  const attributes = { stance: "for", mode: "direct" };
  assert.ok(isFulfilled({ kind: "span.change", id: "a", changes: { attributes } }, stored));
  const wide = { start: 0, end: 5, quote: "“Zoë”" };
  assert.ok(isFulfilled({ kind: "span.change", id: "a", changes: wide, snap: true }, stored));
  assert.ok(!isFulfilled({ kind: "span.change", id: "a", changes: wide }, stored));
});

test("a change by another person is noticed, unless it is the same one", () => {
  const model = makeModel({ spans: SPANS });
  const job = { kind: "span.change", id: "a", changes: { label: "claim" } };
  job.before = fieldsBefore(job, model.shown);
  assert.deepEqual(job.before, { label: "actor" });
  assert.ok(!hasDiverged(job, model.stored));
  storeAnswer(model.stored, job, makeSpan("a", 0, 3, { label: "position" }));
  assert.ok(hasDiverged(job, model.stored));
  storeAnswer(model.stored, job, makeSpan("a", 0, 3, { label: "claim" }));
  assert.ok(!hasDiverged(job, model.stored));
});

test("a job has words", () => {
  const { stored } = makeModel({ spans: SPANS });
  assert.equal(describeJob({ kind: "span.delete", id: "a" }, stored), "the removal of “Zoë”");
  assert.equal(describeJob({ kind: "span.delete", id: "gone" }, stored), "the removal of “…”");
});
