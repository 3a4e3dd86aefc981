import assert from "node:assert/strict";
import test from "node:test";
import { ANN, load, makeDetail, makeSpan, useStorage } from "./environment.js";

useStorage();
const { ApiError } = await load("api");
const { TextCarrier } = await load("carriedText");
const { planWork } = await load("carriedWork");
const { findAddressedPlace } = await load("correctionNotice");
const { Model } = await load("model");
const { Outbox } = await load("outbox");
const { PendingStore } = await load("pendingStore");
const { followMessage } = await load("tabMessages");
const { changeBeside } = await import("../../annotations/static/annotations/correction/changeKeys.js");
const { wordsToSend } = await import("../../annotations/static/annotations/correction/selectedWords.js");
const { Segments } = await load("segments");

const OLD = "Zoë 👋 pays. Ben said no. Kim left.";
const NEW = "Zoë 👋 pays. Ben denied that. Kim left. Kim left soon.";
// "said no" stands from 16 to 23, "denied that" in its place
const BLOCKS = [
  { op: "equal", from: [0, 16], to: [0, 16] },
  { op: "replace", from: [16, 23], to: [16, 27] },
  { op: "equal", from: [23, 34], to: [27, 38] },
  { op: "insert", from: [34, 34], to: [38, 53] },
];
const carrier = new TextCarrier(OLD, NEW, BLOCKS);
const quoteAt = (text, start, end) => Array.from(text).slice(start, end).join("");

test("a range goes along where the text is the same", () => {
  assert.deepEqual(carrier.carryRange(12, 15), { start: 12, end: 15, quote: "Ben" });
  assert.deepEqual(carrier.carryRange(25, 28), { start: 29, end: 32, quote: "Kim" });
  assert.equal(quoteAt(NEW, 29, 32), "Kim");
});

test("words that are gone have no place, and words that moved only where they stand once", () => {
  assert.equal(carrier.carryRange(16, 23), null);
  assert.equal(carrier.carryRange(12, 23), null);
  const moved = new TextCarrier("One 👋 two.", "Two: one. One 👋", [{ op: "replace", from: [0, 10], to: [0, 15] }]);
  assert.deepEqual(moved.carryRange(0, 5), { start: 10, end: 15, quote: "One 👋" });
  assert.equal(new TextCarrier("a b", "a a", [{ op: "replace", from: [0, 3], to: [0, 3] }]).carryRange(0, 1), null);
});

test("a place in text that is gone becomes the place where it was", () => {
  assert.deepEqual([0, 15, 18, 23, 34].map((point) => carrier.carryPoint(point)), [0, 15, 16, 27, 38]);
  assert.equal(new TextCarrier("", "", []).carryPoint(3), 0);
});

function plan(jobs, { old = {}, now = {}, drafts = [] } = {}) {
  const before = makeDetail({ text: OLD, ...old });
  const after = { ...makeDetail({ text: NEW, ...now }), id: "set-2" };
  return planWork({ jobs, drafts }, before, after, carrier);
}

const BEN = makeSpan("ben", 12, 15, { quote: "Ben" });
const NEW_BEN = makeSpan("ben-2", 12, 15, { quote: "Ben" });

test("a new mark goes to its words, and a second change of it finds it", () => {
  const { jobs, lostJobs } = plan([
    { kind: "span.add", span: makeSpan("kim", 25, 28, { quote: "Kim" }), snap: true, key: "1", request: {}, tries: 3 },
    { kind: "span.change", id: "kim", changes: { actor: "actor-1" }, key: "2" },
    { kind: "relation.add", relation: { id: "r", type: "made_by", source: "kim", target: "ben", version: 0 } },
  ], { old: { spans: [BEN] }, now: { spans: [NEW_BEN] } });
  assert.equal(lostJobs.length, 0);
  const [add, change, relate] = jobs.map(({ job }) => job);
  assert.deepEqual([add.span.start, add.span.end, add.span.quote, add.span.set, add.snap], [29, 32, "Kim", "set-2", true]);
  assert.notEqual(add.span.id, "kim");
  assert.ok(!("request" in add) && !("key" in add));
  assert.deepEqual(change, { kind: "span.change", id: add.span.id, changes: { actor: "actor-1" }, snap: undefined });
  assert.deepEqual([relate.relation.source, relate.relation.target], [add.span.id, "ben-2"]);
});

test("what has arrived before the correction is not done twice", () => {
  const comment = { id: "c", span: null, parent: null, author: "ann", text: "Who?", created_at: "2026-01-01T00:00:00Z" };
  const { jobs, done, lostJobs } = plan([
    { kind: "span.add", span: BEN },
    { kind: "comment.add", comment },
    { kind: "span.delete", id: "gone" },
  ], { old: { spans: [BEN], comments: [comment] }, now: { spans: [NEW_BEN], comments: [{ ...comment, id: "c-2" }] } });
  assert.deepEqual([jobs.length, done.length, lostJobs.length], [0, 3, 0]);
});

test("what has no place is listed with its words", () => {
  const { jobs, lostJobs } = plan([
    { kind: "span.add", span: makeSpan("no", 16, 23, { quote: "said no" }) },
    { kind: "span.change", id: "no", changes: { actor: "x" } },
    { kind: "relation.add", relation: { id: "r", type: "made_by", source: "no", target: "ben", version: 0 } },
    { kind: "comment.add", comment: { id: "c", span: "no", parent: null, author: "ann", text: "Sure?" } },
  ], { old: { spans: [BEN] }, now: { spans: [NEW_BEN] } });
  assert.deepEqual(lostJobs.map(({ words }) => words), ["said no", "", ""]);
  assert.match(lostJobs[0].what, /said no/);
  assert.deepEqual(jobs.map(({ job }) => [job.comment.span, job.comment.text]), [[null, "Sure?"]], "a comment is about the set then");
});

const KIM = makeSpan("kim", 25, 28, { quote: "Kim" });
const NEW_KIM = makeSpan("kim-2", 29, 32, { quote: "Kim" });
const SAID = makeSpan("no", 16, 23, { quote: "said no" });
const RELATION = { id: "r", type: "made_by", source: "kim", target: "ben", version: 1 };
const NEW_RELATION = { ...RELATION, id: "r-2", source: "kim-2", target: "ben-2" };
const CARRIED = { old: { spans: [BEN, KIM], relations: [RELATION] }, now: { spans: [NEW_BEN, NEW_KIM], relations: [NEW_RELATION] } };
const shorten = ({ kind, id, span, relation }) => `${kind} ${id ?? span?.quote ?? `${relation.source} ${relation.target}`}`;

test("a relation that was deleted is found by its ends", () => {
  const { jobs, lostJobs } = plan([{ kind: "relation.delete", id: "r" }], CARRIED);
  assert.deepEqual([jobs.map(({ job }) => job), lostJobs], [[{ kind: "relation.delete", id: "r-2" }], []]);
});

test("a relation that is gone there needs no deletion, and one that waits with its mark is listed", () => {
  const gone = plan([{ kind: "relation.delete", id: "r" }], { ...CARRIED, now: { spans: [NEW_BEN, NEW_KIM] } });
  assert.deepEqual([gone.jobs.length, gone.done.length, gone.lostJobs.length], [0, 1, 0]);
  const before = { spans: [BEN, SAID], relations: [{ ...RELATION, source: "no" }] };
  const waits = plan([{ kind: "relation.delete", id: "r" }], { old: before, now: { spans: [NEW_BEN] } });
  assert.deepEqual(waits.lostJobs.map(({ words }) => words), ["said no → Ben"]);
});

test("a mark that was deleted and waits for a look there is listed, not forgotten", () => {
  const { jobs, done, lostJobs } = plan([{ kind: "span.delete", id: "no" }, { kind: "span.delete", id: "ben" }], { old: { spans: [BEN, SAID] }, now: { spans: [NEW_BEN] } });
  assert.deepEqual(jobs.map(({ job }) => job), [{ kind: "span.delete", id: "ben-2" }]);
  assert.equal(done.length, 0);
  assert.match(lostJobs[0].what, /said no/);
});

test("a deletion that was undone leaves the mark and its relation in place", () => {
  const { jobs } = plan([
    { kind: "span.delete", id: "kim", batch: "one" },
    { kind: "span.add", span: KIM, snap: false, batch: "two" },
    { kind: "relation.add", relation: RELATION, batch: "two" },
  ], CARRIED);
  const [away, add, relate] = jobs.map(({ job }) => job);
  assert.deepEqual([away.id, away.batch, add.batch], ["kim-2", "one", "two"]);
  assert.notEqual(add.span.id, "kim-2");
  assert.deepEqual([relate.relation.source, relate.relation.target], [add.span.id, "ben-2"]);
  const only = plan([{ kind: "relation.delete", id: "r" }, { kind: "relation.add", relation: RELATION }], CARRIED);
  assert.deepEqual(only.jobs.map(({ job }) => shorten(job)), ["relation.delete r-2", "relation.add kim-2 ben-2"]);
});

test("what was added and deleted again is neither sent nor listed", () => {
  const { jobs, done, lostJobs } = plan([
    { kind: "span.add", span: makeSpan("n", 16, 23, { quote: "said no" }) },
    { kind: "span.change", id: "n", changes: { actor: "x" } },
    { kind: "relation.add", relation: { ...RELATION, id: "q", source: "n" } },
    { kind: "relation.delete", id: "q" },
    { kind: "span.delete", id: "n" },
    { kind: "span.change", id: "kim", changes: { attributes: { mention_type: "name" } } },
    { kind: "relation.delete", id: "r" },
    { kind: "span.delete", id: "kim" },
  ], CARRIED);
  assert.deepEqual(jobs.map(({ job }) => shorten(job)), ["relation.delete r-2", "span.delete kim-2"]);
  assert.deepEqual([done.length, lostJobs.length], [6, 0]);
});

test("a change of attributes goes along with its mark", () => {
  const { jobs } = plan([{ kind: "span.change", id: "ben", changes: { attributes: { mention_type: "pronoun" } } }], CARRIED);
  assert.deepEqual(jobs[0].job.changes, { attributes: { mention_type: "pronoun" } });
});

test("a mark that is moved goes along, and one whose new words are gone does not", () => {
  const known = { old: { spans: [BEN] }, now: { spans: [NEW_BEN] } };
  const fits = plan([{ kind: "span.change", id: "ben", changes: { start: 25, end: 28, quote: "Kim" } }], known);
  assert.deepEqual(fits.jobs[0].job.changes, { start: 29, end: 32, quote: "Kim" });
  const gone = plan([{ kind: "span.change", id: "ben", changes: { start: 12, end: 23, quote: "Ben said no" } }], known);
  assert.deepEqual(gone.lostJobs.map(({ words }) => words), ["Ben said no"]);
});

test("drafts go along with what they are about", () => {
  const draft = { text: "words", at: 1 };
  const keys = ["comment/", "comment/ben", "comment/gone", "reason/submit", "field/ben/role_text", "actor/ben/x", "answer/c", "own/d"];
  const { drafts, lostDrafts } = plan([], { old: { spans: [BEN] }, now: { spans: [NEW_BEN] }, drafts: keys.map((key) => [key, draft]) });
  assert.deepEqual(drafts.map(({ place }) => place), ["comment/", "comment/ben-2", "reason/submit", "field/ben-2/role_text", "actor/ben-2/x"]);
  assert.deepEqual(lostDrafts.map(({ key }) => key), ["comment/gone", "answer/c", "own/d"]);
});

class Store extends PendingStore {
  constructor() {
    super("ann", "set-1");
    this.channel?.close();
    this.sent = [];
    this.channel = { postMessage: (message) => this.sent.push(message) };
  }

  onMessage() {}

  waitForTurn() {
    return Promise.resolve();
  }
}

test("after a correction nothing more is sent, and nothing is given up", async () => {
  useStorage();
  const tries = [];
  const send = async (request) => {
    tries.push(request);
    throw new ApiError(409, { code: "closed-set", detail: "closed", successor: "set-2" });
  };
  const model = new Model(ANN);
  model.load(makeDetail());
  const store = new Store();
  const outbox = new Outbox(model, { currentToken: "token", send, get: send }, store);
  let heard = 0;
  outbox.on("superseded", () => (heard += 1));
  outbox.on("refused", () => assert.fail("a change was given up"));
  await outbox.start();
  await outbox.addJobs({ kind: "span.add", span: makeSpan("a", 0, 3) }, { kind: "span.add", span: makeSpan("b", 4, 5) });
  await outbox.addJobs({ kind: "span.add", span: makeSpan("c", 0, 5) });
  assert.deepEqual([tries.length, heard, outbox.successor, outbox.pendingCount], [1, 1, "set-2", 3]);
  assert.equal(store.readAll().length, 3);
  assert.deepEqual(store.sent.filter(({ type }) => type === "superseded"), [{ type: "superseded", successor: "set-2" }]);
  const other = new Outbox(model, { currentToken: "token", send, get: send }, new Store());
  followMessage(other, { type: "superseded", successor: "set-2" });
  assert.equal(other.successor, "set-2");
  assert.equal(other.store.sent.length, 0);
});

test("an address names a place of this text or of an earlier one", async () => {
  const model = { article: { id: "a" }, revision: { number: 3, text: NEW } };
  const asked = [];
  const api = { get: async (path) => asked.push(path) && { data: { blocks: BLOCKS } } };
  const find = (address) => findAddressedPlace({ model, api }, new URLSearchParams(address));
  assert.deepEqual([await find("at=5"), await find("span=x"), await find("was=7&in=3"), await find("at=-1"), await find("was=x&in=1")], [5, null, 7, null, null]);
  assert.equal(asked.length, 0);
  assert.equal(await find("was=25&in=1"), 29);
  assert.deepEqual(asked, ["articles/a/revisions/3/diff/?from=1"]);
  api.get = async () => {
    throw new ApiError(404);
  };
  assert.equal(await find("was=25&in=1"), null);
});

test("changes follow one another and stop at the ends", () => {
  const numbers = [201, 202, 203];
  assert.deepEqual([changeBeside(numbers, null, 1), changeBeside(numbers, null, -1)], [201, 203]);
  assert.deepEqual([changeBeside(numbers, 202, 1), changeBeside(numbers, 203, 1), changeBeside(numbers, 201, -1)], [203, 203, 201]);
  assert.equal(changeBeside([], null, 1), null);
});

test("selected words are sent in code points of the whole text, cut to letters", () => {
  const text = "👋 said no.";
  const segments = new Segments(text, "en");
  assert.deepEqual(wordsToSend(text, 100, segments, [2, 11]), { start: 102, end: 109, quote: "said no" });
  assert.equal(wordsToSend(text, 0, segments, [0, 3]), null);
});

test("a comment on words goes along with them, and has no place without them", () => {
  const said = { id: "c", span: null, parent: null, author: "ann", text: "Who?", quote: "Kim", suggestion: { label: "actor" } };
  const drafts = [["words/25-28", { text: "Kim?", at: 1 }], ["words/16-23", { text: "Did he?", at: 1 }]];
  const found = plan(
    [
      { kind: "comment.add", comment: { ...said, start: 25, end: 28 }, key: "1" },
      { kind: "comment.add", comment: { ...said, id: "d", start: 16, end: 23, quote: "said no" }, key: "2" },
    ],
    { drafts },
  );
  const { start, end, quote, suggestion } = found.jobs[0].job.comment;
  assert.deepEqual([start, end, quote, suggestion], [29, 32, "Kim", { label: "actor" }]);
  assert.deepEqual(found.lostJobs.map(({ words }) => words), ["Who?"]);
  assert.deepEqual([found.drafts[0].place, found.lostDrafts[0].key], ["words/29-32", "words/16-23"]);
});
