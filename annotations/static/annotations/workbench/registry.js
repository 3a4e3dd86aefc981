// @ts-check
/** Actors and propositions of the corpus: looked up when they are needed, and kept. */

import { uuid7 } from "./ids.js";
import { gettext } from "./translation.js";

const PAGE = "page_size=500";
const MAX_SINGLE_FETCHES = 5;

export class Registry {
  /**
   * @param {ApiClient} api
   * @param {Model} model
   */
  constructor(api, model) {
    this.api = api;
    this.model = model;
    /** @type {Map<string, Actor>} */
    this.actors = new Map();
    /** @type {Map<string, Proposition> | null} */
    this.propositionList = null;
    /** @type {Set<string>} */
    this.waiting = new Set();
    /** @type {string[]} ids of actors that are asked for next */
    this.wanted = [];
    /** @type {Promise<Proposition[]> | null} */
    this.loading = null;
    /** Counts what has become known, so that a view knows when to look again. */
    this.turn = 0;
  }

  get path() {
    return `corpora/${encodeURIComponent(this.model.article.corpus)}`;
  }

  /**
   * The name of an actor; a placeholder until it is known.
   *
   * @param {string | null | undefined} id
   */
  actorName(id) {
    if (!id) return "";
    if (!this.actors.has(id)) this.lookUp(id);
    return this.actors.get(id)?.name ?? "…";
  }

  /** @param {...Actor} actors */
  know(...actors) {
    for (const actor of actors) this.actors.set(actor.id, actor);
    this.turn += 1;
  }

  /**
   * Ask for an actor; for many at once, which a full set asks for, by the list.
   *
   * @param {string} id
   */
  lookUp(id) {
    if (this.waiting.has(id)) return;
    this.waiting.add(id);
    this.wanted.push(id);
    if (this.wanted.length === 1) setTimeout(() => this.fetchWanted());
  }

  async fetchWanted() {
    const ids = this.wanted.splice(0);
    try {
      if (ids.length > MAX_SINGLE_FETCHES) {
        for await (const actor of this.api.rows(`${this.path}/actors/?${PAGE}`)) this.know(actor);
      }
    } catch {
      // each by itself, then
    }
    await Promise.all(ids.filter((id) => !this.actors.has(id)).map((id) => this.fetchOne(id)));
    this.model.changed();
  }

  /** @param {string} id */
  async fetchOne(id) {
    try {
      const { data } = await this.api.get(`actors/${id}/`);
      this.know(data);
    } catch {
      this.know({ id, name: gettext("(unknown)") });
    }
  }

  /**
   * Find actors of which a name or an alias contains what was typed.
   *
   * @param {string} typed
   * @returns {Promise<Actor[]>}
   */
  async suggest(typed) {
    if (!typed.trim()) return [];
    const { data } = await this.api.get(`${this.path}/actors/suggest/?q=${encodeURIComponent(typed)}`);
    const found = Array.isArray(data) ? data : data.results;
    this.know(...found);
    return found;
  }

  /**
   * Whether a name is one that the actor is known by.
   *
   * @param {string} id
   * @param {string} name
   */
  isName(id, name) {
    const actor = this.actors.get(id);
    return !actor || [actor.name, ...(actor.aliases ?? []).map(({ text }) => text)].includes(name);
  }

  /**
   * Add an alias to what is stored now, and not to what was read some time ago; answers whether it is new.
   *
   * @param {string} id
   * @param {string} text
   */
  async addAlias(id, text) {
    const path = `actors/${id}/`;
    const { data: actor } = await this.api.get(path);
    this.know(actor);
    if (this.isName(id, text)) return false;
    const aliases = [...actor.aliases, { text, language: this.model.article.language ?? "", kind: "name" }];
    const { data } = await this.api.send({ method: "PATCH", path, body: { aliases }, version: actor.version });
    this.know(data);
    this.model.changed();
    return true;
  }

  /**
   * @param {string} name
   * @param {string} kind
   */
  async addActor(name, kind) {
    const body = { id: uuid7(), name, kind };
    const { data } = await this.api.send({ method: "POST", path: `${this.path}/actors/`, body });
    this.know(data);
    return data;
  }

  /** All propositions that can be linked, loaded once. */
  async propositions() {
    this.loading ??= this.loadPropositions();
    try {
      return await this.loading;
    } catch (error) {
      this.loading = null;
      throw error;
    }
  }

  async loadPropositions() {
    const topics = new Map();
    for await (const topic of this.api.rows(`${this.path}/topics/?${PAGE}`)) topics.set(topic.id, topic.name);
    const found = [];
    for await (const one of this.api.rows(`${this.path}/propositions/?${PAGE}`)) {
      found.push({ ...one, topicName: topics.get(one.topic) ?? "" });
    }
    this.propositionList = new Map(found.map((one) => [one.id, one]));
    this.turn += 1;
    this.model.changed();
    return found;
  }

  /** @param {string} id */
  proposition(id) {
    if (!this.propositionList) this.propositions().catch(() => {});
    return this.propositionList?.get(id) ?? null;
  }

  /** @param {string | null | undefined} id */
  propositionText(id) {
    return id ? (this.proposition(id)?.text ?? "…") : "";
  }

  /**
   * @param {string} text
   * @param {string} kind
   */
  async propose(text, kind) {
    await this.propositions();
    const body = { id: uuid7(), text, kind };
    const { data } = await this.api.send({ method: "POST", path: `${this.path}/propositions/`, body });
    this.propositionList?.set(data.id, { ...data, topicName: "" });
    this.turn += 1;
    return data;
  }
}

/**
 * How texts are compared when somebody searches: without case and accents.
 *
 * @param {string} text
 */
export function foldText(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
