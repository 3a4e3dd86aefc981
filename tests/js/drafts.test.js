import assert from "node:assert/strict";
import test from "node:test";
import { ANN, load, makeDetail, makeSpan, useStorage } from "./environment.js";

useStorage();
const { DiscardedChanges } = await load("discardedChanges");
const { draftKeys, Drafts, parseDraftKey } = await load("drafts");
const { Model } = await load("model");
const { Outbox } = await load("outbox");
const { PendingStore } = await load("pendingStore");
const { isFirstHeard } = await load("storedRows");
const { createSpanDraft } = await load("proposedChanges");

const WEEK = 7 * 24 * 60 * 60 * 1000;
const comment = (fields) => ({ text: "Too long.", span: null, parent: null, blocking: false, suggestion: null, ...fields });

test.beforeEach(() => useStorage());

test("what is written outlives the page, by person and by set", () => {
  const drafts = new Drafts("ann", "set-1");
  drafts.save(draftKeys.comment("span-1"), { text: "Too lo" });
  drafts.save(draftKeys.comment(null), { text: "A good", blocking: true });
  const again = new Drafts("ann", "set-1");
  assert.deepEqual(again.keys, ["comment/", "comment/span-1"]);
  assert.equal(again.get("comment/span-1").text, "Too lo");
  assert.equal(new Drafts("ben", "set-1").size, 0);
  assert.equal(new Drafts("ann", "set-2").size, 0);
  assert.deepEqual(new Drafts("ann", "set-2").otherSets(), ["set-1"]);
});

test("a tab hears of drafts elsewhere once, and each time where the browser stores nothing", () => {
  globalThis.sessionStorage = globalThis.localStorage;
  assert.deepEqual(["drafts/1", "drafts/2", "drafts/1"].map(isFirstHeard), [true, true, false]);
  delete globalThis.sessionStorage;
  assert.deepEqual(["drafts/1", "drafts/1"].map(isFirstHeard), [true, true]);
});

test("a name in a key does not reach into that of another person", () => {
  new Drafts("ann/set-1", "set-2").save("comment/", { text: "mine" });
  assert.equal(new Drafts("ann", "set-1").size, 0);
});

test("an emptied draft is none, and only a new or an ended one changes the number", () => {
  const drafts = new Drafts("ann", "set-1");
  const seen = [];
  drafts.on("keys", () => seen.push(drafts.size));
  for (const text of ["a", "ab", "abc"]) drafts.save("comment/", { text });
  drafts.save("comment/", null);
  drafts.save("comment/", null);
  assert.deepEqual(seen, [1, 0]);
  assert.equal(new Drafts("ann", "set-1").size, 0);
});

test("a later change has a later time, also within one millisecond", () => {
  const drafts = new Drafts("ann", "set-1");
  drafts.save("comment/", { text: "a" });
  const { at } = drafts.get("comment/");
  drafts.save("comment/", { text: "ab" });
  assert.ok(drafts.get("comment/").at > at);
});

test("without storage drafts last as long as the page", () => {
  globalThis.localStorage = {
    setItem() {
      throw new Error("full");
    },
    getItem: () => null,
    removeItem() {},
  };
  const drafts = new Drafts("ann", "set-1");
  drafts.save("comment/", { text: "Too lo" });
  assert.equal(drafts.get("comment/").text, "Too lo");
});

test("another tab's draft is heard", () => {
  const drafts = new Drafts("ann", "set-1");
  let heard = 0;
  drafts.on("remote", () => (heard += 1));
  localStorage.setItem(`${drafts.root}answer/c-1`, JSON.stringify({ text: "No", at: 5 }));
  window.dispatchEvent(Object.assign(new Event("storage"), { key: `${drafts.root}answer/c-1` }));
  assert.equal(drafts.get("answer/c-1").text, "No");
  assert.ok(drafts.ids.has("c-1"));
  window.dispatchEvent(Object.assign(new Event("storage"), { key: "standpoint.drafts/ben/set-1/comment/" }));
  assert.equal(heard, 1);
});

test("a draft that is thrown away is handed over", () => {
  const drafts = new Drafts("ann", "set-1");
  const thrown = [];
  drafts.onDiscard = (discarded) => thrown.push(discarded);
  drafts.save("reason/return", { text: "Look again.", values: { comment: "Look again." } });
  drafts.discard("reason/return");
  drafts.discard("reason/return");
  assert.equal(drafts.size, 0);
  assert.deepEqual(thrown.map(({ key, draft }) => [key, draft.text]), [["reason/return", "Look again."]]);
});

test("a comment that the service refuses is a draft again, before what was written since", () => {
  const drafts = new Drafts("ann", "set-1");
  drafts.restoreComment(comment({ span: "span-1", blocking: true }), null);
  assert.equal(drafts.get("comment/span-1").blocking, true);
  drafts.save("comment/span-1", { text: "And more." });
  drafts.restoreComment(comment({ span: "span-1" }), null);
  assert.equal(drafts.get("comment/span-1").text, "Too long.\n\nAnd more.");
  drafts.restoreComment(comment({ span: "span-1", parent: "c-1" }), null);
  assert.equal(drafts.get("answer/c-1").text, "Too long.");
});

test("the change that a refused comment proposed is chosen again", () => {
  const model = new Model(ANN);
  model.load(makeDetail({ spans: [makeSpan("a", 0, 3, { attributes: { role_text: "x" } })] }));
  const made = createSpanDraft(model, comment({ span: "a", suggestion: { end: 5 } }));
  assert.deepEqual(made.range, { start: 0, end: 5, quote: "Zoë 👋" });
  assert.equal(made.label, "actor");
  assert.equal(createSpanDraft(model, comment({ span: "gone", suggestion: { end: 5 } })), null);
});

test("keys say what they are about", () => {
  assert.deepEqual(parseDraftKey(draftKeys.field("span-1", "role_text")), { kind: "field", id: "span-1", detail: "role_text" });
  assert.deepEqual(parseDraftKey(draftKeys.comment(null)), { kind: "comment", id: "", detail: "" });
});

class Store extends PendingStore {
  constructor(...names) {
    super(...names);
    this.channel?.close();
    this.channel = null;
  }

  waitForTurn() {
    return Promise.resolve();
  }
}

function makePage(send) {
  const model = new Model(ANN);
  model.load(makeDetail({ spans: [makeSpan("old", 0, 3, { quote: "Zoë" })] }));
  const store = new Store("ann", "set-1");
  const outbox = new Outbox(model, { currentToken: "token", send, get: send }, store);
  return { model, store, outbox, discarded: new DiscardedChanges({ model, outbox }, store) };
}

const accept = async ({ body }) => ({ data: { ...makeSpan("?", 0, 3), ...body, version: 2 }, setVersion: 2 });

test("what is discarded is kept, and comes back in its order and is sent", async () => {
  const { model, store, outbox, discarded } = makePage(accept);
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) }, { kind: "span.change", id: "a", changes: { label: "claim" } }, { kind: "span.delete", id: "old" });
  assert.equal(discarded.describeWaiting().length, 3);
  assert.ok(discarded.describeWaiting().at(-1).includes("Zoë"));
  assert.equal(discarded.discardAll(), 3);
  assert.deepEqual([model.jobs.length, store.readAll().length, outbox.pendingCount, discarded.size], [0, 0, 0, 3]);
  assert.ok(model.findSpan("old") && !model.findSpan("a"));
  // on the next page
  const next = makePage(accept);
  assert.equal(next.discarded.size, 3);
  assert.equal(next.discarded.bringBack(), 3);
  assert.deepEqual(next.model.jobs.map(({ kind }) => kind), ["span.add", "span.change", "span.delete"]);
  assert.deepEqual([next.discarded.size, next.store.readAll().length], [0, 3]);
  await next.outbox.start();
  await next.outbox.waitUntilEmpty();
  assert.equal(next.model.stored.spans.get("a").label, "claim");
  assert.ok(!next.model.stored.spans.has("old"));
});

test("what is brought back on the same page is not taken for finished", async () => {
  const { model, outbox, discarded } = makePage(accept);
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  discarded.discardAll();
  discarded.bringBack();
  assert.equal(model.jobs.length, 1);
  await outbox.start();
  await outbox.waitUntilEmpty();
  assert.ok(model.stored.spans.has("a"));
});

test("what gives way to another person's version can be brought back as well", () => {
  const { outbox, discarded } = makePage(accept);
  outbox.addJobs({ kind: "span.change", id: "old", changes: { label: "claim" } });
  outbox.acceptTheirs(outbox.model.jobs[0]);
  assert.equal(discarded.size, 1);
});

test("after a week it is forgotten", () => {
  const { outbox, discarded } = makePage(accept);
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  discarded.discardAll();
  const [key] = discarded.keys;
  discarded.set(key, { ...discarded.get(key), discarded: Date.now() - WEEK - 1 });
  assert.equal(makePage(accept).discarded.size, 0);
});

test("a refused comment on words is a draft of these words again", () => {
  const drafts = new Drafts("ann", "set-words");
  drafts.restoreComment(comment({ start: 3, end: 9, quote: "A mark" }), null);
  assert.deepEqual(drafts.keys, ["words/3-9"]);
  const model = new Model(makeDetail({ text: "A mark is missing." }), ANN);
  const missing = comment({ start: 0, end: 6, quote: "A mark", suggestion: { label: "actor" } });
  assert.deepEqual(createSpanDraft(model, missing), { label: "actor", attributes: {}, range: null, links: { actor: null, proposition: null } });
});
