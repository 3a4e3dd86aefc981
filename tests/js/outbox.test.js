import assert from "node:assert/strict";
import test from "node:test";
import { ANN, load, makeDetail, makeSpan, useStorage } from "./environment.js";

useStorage();
const { ApiError } = await load("api");
const { Edits } = await load("edits");
const { Model } = await load("model");
const { Outbox } = await load("outbox");
const { PendingStore } = await load("pendingStore");
const { followMessage } = await load("tabMessages");
const { Scheme } = await load("scheme");

/** Tabs of one browser, without its channel and its locks. */
class Store extends PendingStore {
  constructor(user, set, others = []) {
    super(user, set);
    this.channel?.close();
    this.channel = { postMessage: (message) => others.forEach((other) => other.onMessage(structuredClone(message))) };
  }

  onMessage() {}

  waitForTurn() {
    return Promise.resolve();
  }
}

/** A service that answers as it is told: each answer a function of the request, the last one for ever. */
function makeApi(...answers) {
  const sent = [];
  const send = async (request) => {
    sent.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer(request);
  };
  return { currentToken: "token", sent, send, get: (path) => send({ method: "GET", path }) };
}

const accept = ({ body }) => ({ data: { ...makeSpan("?", 0, 3), ...body, version: 2 }, setVersion: 2 });
const fail = (status, problem = {}) => () => {
  throw new ApiError(status, { detail: `no ${status}`, ...problem });
};

function makePage(api, detail = {}) {
  const model = new Model(ANN);
  model.load(makeDetail(detail));
  const store = new Store("ann", "set-1");
  const outbox = new Outbox(model, api, store);
  const events = [];
  for (const name of ["stored", "refused", "others", "conflict", "yielded"]) outbox.on(name, (value) => events.push([name, value]));
  return { model, store, outbox, events };
}

test.beforeEach(() => useStorage());

test("a change is stored until it is acknowledged", async () => {
  const { model, store, outbox, events } = makePage(makeApi(accept));
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  assert.equal(store.readAll().length, 1);
  assert.equal(outbox.pendingCount, 1);
  assert.ok(model.findSpan("a"), "it is shown at once");
  await outbox.start();
  assert.equal(store.readAll().length, 0);
  assert.equal(outbox.pendingCount, 0);
  assert.equal(model.stored.spans.get("a").version, 2);
  assert.deepEqual(events.map(([name]) => name), ["stored"]);
});

test("changes go one after the other, in their order", async () => {
  const api = makeApi(accept);
  const { outbox } = makePage(api);
  outbox.addJobs(...["a", "b", "c"].map((id) => ({ kind: "span.add", span: makeSpan(id, 0, 3) })));
  await outbox.start();
  assert.deepEqual(api.sent.map(({ body }) => body.id), ["a", "b", "c"]);
});

test("what the next page finds in the storage is sent by it", async () => {
  const before = makePage(makeApi(accept));
  before.outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  const api = makeApi(accept);
  const { outbox, model } = makePage(api);
  await outbox.start();
  assert.equal(api.sent.length, 1);
  assert.ok(model.stored.spans.has("a"));
});

test("a first try that arrived is not sent again", async () => {
  const before = makePage(makeApi(accept));
  before.outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  const api = makeApi(accept);
  const { outbox, store } = makePage(api, { spans: [makeSpan("a", 0, 3)] });
  await outbox.start();
  assert.deepEqual(api.sent, []);
  assert.equal(store.readAll().length, 0);
});

test("a refusal takes the change back and says why", async () => {
  const { outbox, model, events } = makePage(makeApi(fail(409, { code: "duplicate" })));
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3, { quote: "Zoë" }) });
  await outbox.start();
  assert.equal(model.findSpan("a"), null);
  const [[name, { what, error }]] = events;
  assert.equal(name, "refused");
  assert.equal(what, "the new mark on “Zoë”");
  assert.deepEqual(error, { status: 409, code: "duplicate", detail: "no 409", stale: false });
});

test("what cannot be delivered now waits, says so, and is sent when somebody says so", async () => {
  const { outbox, model } = makePage(makeApi(fail(503), accept));
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  const sending = outbox.start();
  while (!outbox.pause.end) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(outbox.trouble.detail, "no 503");
  assert.equal(outbox.pendingCount, 1);
  // a 503 may come with another log-in, so the next try asks first who that is
  outbox.identity.isKnown = true;
  outbox.retryNow();
  await sending;
  assert.equal(outbox.trouble, null);
  assert.ok(model.stored.spans.has("a"));
});

test("changes are never sent as somebody else", async () => {
  const api = makeApi(fail(401), () => ({ data: { username: "ben" } }));
  const { outbox } = makePage(api);
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  outbox.start();
  while (!outbox.pause.end) await new Promise((resolve) => setTimeout(resolve));
  outbox.retryNow();
  while (!/signed in as ben/.test(outbox.trouble?.detail)) await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(api.sent.map(({ method }) => method), ["POST", "GET"]);
  outbox.discardAll();
  assert.equal(outbox.pendingCount, 0);
});

for (const choice of ["mine", "theirs"]) {
  test(`two versions of one span: ${choice} is taken`, async () => {
    const theirs = makeSpan("a", 0, 3, { label: "position", version: 5 });
    const api = makeApi(fail(412), () => ({ data: theirs }), accept);
    const { outbox, model, events } = makePage(api, { spans: [makeSpan("a", 0, 3)] });
    outbox.addJobs({ kind: "span.change", id: "a", changes: { label: "claim" } });
    const sending = outbox.start();
    while (!outbox.answerConflict) await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(outbox.conflict.theirs, theirs);
    outbox.resolveConflict(choice);
    await sending;
    assert.equal(model.findSpan("a").label, choice === "mine" ? "claim" : "position");
    assert.deepEqual(events.map(([name]) => name), choice === "mine" ? ["conflict", "stored"] : ["conflict", "yielded"]);
    if (choice === "mine") assert.equal(api.sent.at(-1).version, 5);
  });
}

test("a version that jumps says that another person has changed the set", async () => {
  const jump = (request) => ({ ...accept(request), setVersion: 4 });
  const { outbox, events, model } = makePage(makeApi(jump));
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  await outbox.start();
  assert.deepEqual(events.map(([name]) => name), ["stored", "others"]);
  assert.equal(model.set.version, 4);
});

test("another tab follows what the sending one does", async () => {
  const follower = makePage(makeApi(fail(500)));
  const sender = makePage(makeApi(accept));
  sender.store.channel = { postMessage: (message) => followMessage(follower.outbox, structuredClone(message)) };
  sender.outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  assert.ok(follower.model.isUnsaved("a"));
  await sender.outbox.start();
  assert.equal(follower.outbox.pendingCount, 0);
  assert.equal(follower.model.stored.spans.get("a").version, 2);
});

test("a transition does not begin before everything is saved", async () => {
  const { outbox } = makePage(makeApi(accept));
  await outbox.requireSaved();
  outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) });
  const saved = outbox.requireSaved();
  outbox.start();
  await saved;
  assert.equal(outbox.pendingCount, 0);
});

test("the store keeps people and sets apart, and says where else changes wait", () => {
  const [mine, other, foreign] = [new Store("ann", "1"), new Store("ann", "2"), new Store("ann/b", "1")];
  for (const store of [mine, other, foreign]) store.save({ kind: "span.delete", id: "a" });
  assert.equal(mine.readAll().length, 1);
  assert.deepEqual(mine.otherSets(), ["2"]);
  assert.deepEqual(foreign.otherSets(), []);
  const [job] = mine.readAll();
  mine.remove(job);
  assert.ok(!mine.has(job) && other.has(other.readAll()[0]));
});

test("keys sort by age, also within a millisecond", () => {
  const store = new Store("ann", "1");
  const jobs = Array.from({ length: 50 }, () => ({ kind: "span.delete", id: "a" }));
  for (const job of jobs) store.save(job);
  assert.deepEqual(store.readAll().map(({ key }) => key), jobs.map(({ key }) => key));
});

test("what lies broken in the storage is left alone", () => {
  const store = new Store("ann", "1");
  localStorage.setItem(`${store.root}0`, "{");
  localStorage.setItem(`${store.root}1`, "7");
  assert.deepEqual(store.readAll(), []);
});

test("a browser that refuses its storage is said to", () => {
  const store = new Store("ann", "1");
  localStorage.setItem = () => {
    throw new Error("full");
  };
  store.save({ kind: "span.delete", id: "a" });
  assert.equal(store.isWritable, false);
});

const TABLES = {
  labels: [{ name: "claim", title: "Claim", key: "c", description: "", links: ["proposition"] }],
  attributes: [{ name: "mode", title: "mode", kind: "choice", uses: { claim: { rule: "C6", needed: true, default: "indirect" } } }],
  relations: [{ name: "made_by", title: "made by", sources: ["claim"], targets: ["actor"] }],
  states: [],
  transitions: [],
  actor_kinds: [],
  proposition_kinds: [],
};

test("a step is undone and done again, and a refused one is forgotten", async () => {
  const { outbox, model } = makePage(makeApi(accept), { text: "“We will pay,” said Ben." });
  const edits = new Edits(model, outbox, new Scheme(TABLES));
  const id = edits.addSpan("claim", 1, 12);
  assert.equal(model.findSpan(id).quote, "We will pay");
  assert.equal(model.findSpan(id).attributes.mode, "direct", "the quotation marks propose the mode");
  assert.equal(edits.addSpan("claim", 1, 12), id, "the same range is not marked twice");
  edits.undo();
  assert.equal(model.findSpan(id), null);
  edits.redo();
  assert.ok(model.findSpan(id));
  outbox.emit("refused", { job: model.jobs.at(-1) });
  assert.equal(edits.undo(), null);
});

test("another label takes the relations that do not fit it, and undo brings them back", () => {
  const spans = [makeSpan("c", 0, 3, { label: "claim", attributes: { mode: "direct" } }), makeSpan("a", 4, 7)];
  const relations = [{ id: "r", type: "made_by", source: "c", target: "a", version: 1 }];
  const { outbox, model } = makePage(makeApi(accept), { spans, relations });
  const edits = new Edits(model, outbox, new Scheme(TABLES));
  edits.setLabel(model.findSpan("c"), "actor");
  assert.deepEqual(model.relationsOf("c"), []);
  assert.deepEqual(model.findSpan("c").attributes, {});
  edits.undo();
  assert.equal(model.relationsOf("c").length, 1);
  assert.deepEqual(model.findSpan("c").attributes, { mode: "direct" });
});

test("changes of one step go as one request, with the version of the set", async () => {
  const stored = ["a", "b", "c"].map((id, at) => makeSpan(id, 4 * at, 4 * at + 3));
  const answer = ({ body }) => ({ data: body.delete ? [] : body.flatMap(({ ids, ...rest }) => ids.map((id) => ({ ...makeSpan(id, 0, 3), ...rest, version: 2 }))), setVersion: 2 });
  const api = makeApi(answer);
  const { outbox, model, store } = makePage(api, { spans: stored });
  const change = (id, actor) => ({ kind: "span.change", id, changes: { actor }, batch: "one" });
  outbox.addJobs(change("a", "lorn"), change("b", "lorn"), change("c", null));
  outbox.addJobs(...["a", "b"].map((id) => ({ kind: "span.delete", id, batch: "two" })));
  await outbox.start();
  assert.deepEqual(api.sent.filter(({ method }) => method === "POST"), [
    { method: "POST", path: "sets/set-1/spans/bulk/", body: [{ ids: ["a", "b"], actor: "lorn" }, { ids: ["c"], actor: null }], version: 1 },
    { method: "POST", path: "sets/set-1/spans/bulk/", body: { ids: ["a", "b"], delete: true }, version: 2 },
  ]);
  assert.deepEqual([...model.stored.spans].map(([id, { version }]) => `${id} ${version}`), ["c 2"]);
  assert.equal(store.readAll().length, 0);
});

test("what is refused together is sent one by one, and says which one it was", async () => {
  const stored = [makeSpan("a", 0, 3), makeSpan("b", 4, 7)];
  const alone = ({ path, body }) => {
    if (path.includes("/b/")) throw new ApiError(409, { code: "duplicate", detail: "twice" });
    return { data: { ...stored[0], ...body, version: 2 }, setVersion: 2 };
  };
  const api = makeApi(fail(409, { code: "duplicate" }), alone);
  const { outbox, model, events } = makePage(api, { spans: stored });
  outbox.addJobs(...["a", "b"].map((id) => ({ kind: "span.change", id, changes: { label: "claim" }, batch: "one" })));
  await outbox.start();
  assert.deepEqual([...model.stored.spans.values()].map(({ label }) => label), ["claim", "actor"]);
  assert.deepEqual(events.filter(([name]) => name === "refused").map(([, { error }]) => error.detail), ["twice"]);
});

test("jobs of one step that an earlier page has left go one by one", async () => {
  const before = makePage(makeApi(fail(503)), { spans: [makeSpan("a", 0, 3), makeSpan("b", 4, 7)] });
  before.outbox.addJobs(...["a", "b"].map((id) => ({ kind: "span.delete", id, batch: "one" })));
  const api = makeApi(() => ({ data: null, setVersion: 2 }));
  const { outbox, model } = makePage(api, { spans: [makeSpan("a", 0, 3), makeSpan("b", 4, 7)] });
  await outbox.start();
  assert.deepEqual(api.sent.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`), ["DELETE spans/a/", "DELETE spans/b/"]);
  assert.equal(model.stored.spans.size, 0);
});
