/** What the modules ask of a browser, for tests without one; and the cases that Python reads as well. */

import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
// each outbox listens to it
globalThis.window ??= new EventTarget();
setMaxListeners(0, globalThis.window);

/** Storage as browsers have it: its keys are its own properties. */
export function useStorage() {
  const methods = {
    getItem(name) {
      return Object.hasOwn(this, name) ? this[name] : null;
    },
    setItem(name, value) {
      this[name] = String(value);
    },
    removeItem(name) {
      delete this[name];
    },
  };
  globalThis.localStorage = Object.create(methods);
  return globalThis.localStorage;
}

/** The cases of a file in tests/vectors. */
export function readVectors(name) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")).cases;
}

/** A module of the workbench. */
export function load(name) {
  return import(`../../annotations/static/annotations/workbench/${name}.js`);
}

/** A set as the API answers it; `text` is its article. */
export function makeDetail({ text = "Zoë 👋 pays. Ben said no.", ...fields } = {}) {
  return {
    id: "set-1",
    owner: "ann",
    reviewer: null,
    kind: "annotation",
    round: "production",
    state: "open",
    version: 1,
    article: { id: "article-1", corpus: "lake", title: "Water", language: "en" },
    revision: { id: "revision-1", number: 1, text },
    spans: [],
    relations: [],
    comments: [],
    allowed: ["submit"],
    ...fields,
  };
}

/** A stored span; offsets in code points. */
export function makeSpan(id, start, end, fields = {}) {
  const common = { set: "set-1", label: "actor", quote: "", attributes: {}, actor: null, proposition: null };
  return { id, start, end, origin: "human", version: 1, ...common, ...fields };
}

export const ANN = { username: "ann", role: "annotator", archived: false, people: ["ann", "ben", "rae"] };
