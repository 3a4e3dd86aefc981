// @ts-check
/** Actors and propositions of the corpus: loaded when they are needed, and remembered. */

import { uuid7 } from "./ids.js";
import { RecentIssues, sortByUse } from "./issues.js";
import { gettext } from "./translation.js";

const PAGE = "page_size=500";
const MAX_SINGLE_FETCHES = 5;

export class Registry {
  /**
   * @param {ApiClient} api
   * @param {Model} model
   * @param {LinkedEntries} linked what the page knows already
   */
  constructor(api, model, linked) {
    this.api = api;
    this.model = model;
    this.linked = linked;
    /** @type {Map<string, Actor>} */
    this.actors = new Map();
    /** @type {Map<string, Proposition> | null} */
    this.propositionList = null;
    /** @type {Set<string>} */
    this.loadingIds = new Set();
    /** @type {string[]} ids of actors that are asked for next */
    this.requestedIds = [];
    /** @type {Map<string, string>} names of topics by their ids */
    this.topics = new Map();
    this.recentIssues = new RecentIssues(model.me.username, model.article.corpus);
    /** @type {Promise<Proposition[]> | null} */
    this.loading = null;
    /** Grows with everything that is loaded, so that a view knows when to draw again. */
    this.revision = 0;
  }

  get path() {
    return `corpora/${encodeURIComponent(this.model.article.corpus)}`;
  }

  /**
   * The name of what an actor stands for after all merges; a placeholder until it is loaded.
   *
   * @param {string | null | undefined} id
   * @returns {string}
   */
  actorName(id) {
    if (!id) return "";
    const known = this.actors.has(id) ? undefined : this.linked.actors[id];
    if (known !== undefined) return known;
    if (!this.actors.has(id)) this.requestActor(id);
    const actor = this.actors.get(id);
    return actor?.merged_into ? this.actorName(actor.merged_into) : (actor?.name ?? "…");
  }

  /** @param {...Actor} actors */
  addActors(...actors) {
    for (const actor of actors) this.actors.set(actor.id, actor);
    this.revision += 1;
  }

  /**
   * Load an actor soon, together with others that are asked for at the same time.
   *
   * @param {string} id
   */
  requestActor(id) {
    if (this.loadingIds.has(id)) return;
    this.loadingIds.add(id);
    this.requestedIds.push(id);
    if (this.requestedIds.length === 1) setTimeout(() => this.fetchRequested());
  }

  async fetchRequested() {
    const ids = this.requestedIds.splice(0);
    try {
      if (ids.length > MAX_SINGLE_FETCHES) {
        for await (const actor of this.api.readRows(`${this.path}/actors/?canonical=false&${PAGE}`)) this.addActors(actor);
      }
    } catch {
      // each is loaded by itself below
    }
    await Promise.all(ids.filter((id) => !this.actors.has(id)).map((id) => this.fetchActor(id)));
    this.model.notifyViews();
  }

  /** @param {string} id */
  async fetchActor(id) {
    try {
      const { data } = await this.api.get(`actors/${id}/`);
      this.addActors(data);
    } catch {
      this.addActors({ id, name: gettext("(unknown)") });
    }
  }

  /**
   * Find actors of which a name or an alias contains what was typed.
   *
   * @param {string} typed
   * @returns {Promise<Actor[]>}
   */
  async searchActors(typed) {
    if (!typed.trim()) return [];
    const { data } = await this.api.get(`${this.path}/actors/suggest/?q=${encodeURIComponent(typed)}`);
    const found = Array.isArray(data) ? data : data.results;
    this.addActors(...found);
    return found;
  }

  /**
   * Find actors that have this very name, in any case and with or without accents.
   *
   * @param {string} name
   * @returns {Promise<Actor[]>}
   */
  async findActorsNamed(name) {
    const folded = foldText(name.trim());
    const found = await this.searchActors(name);
    return found.filter((actor) => [actor.name, ...(actor.aliases ?? []).map(({ text }) => text)].some((each) => foldText(each) === folded));
  }

  /**
   * Whether a name is one that the actor is known by.
   *
   * @param {string} id
   * @param {string} name
   */
  isNameOf(id, name) {
    const actor = this.actors.get(id);
    return !actor || [actor.name, ...(actor.aliases ?? []).map(({ text }) => text)].includes(name);
  }

  /**
   * Add an alias to the actor as it is stored now. Answers whether the alias is new.
   *
   * @param {string} id
   * @param {string} text
   */
  async addAlias(id, text) {
    const path = `actors/${id}/`;
    const { data: actor } = await this.api.get(path);
    this.addActors(actor);
    if (this.isNameOf(id, text)) return false;
    const aliases = [...actor.aliases, { text, language: this.model.article.language ?? "", kind: "name" }];
    const { data } = await this.api.send({ method: "PATCH", path, body: { aliases }, version: actor.version });
    this.addActors(data);
    this.model.notifyViews();
    return true;
  }

  /**
   * @param {string} name
   * @param {string} kind
   */
  async addActor(name, kind) {
    const body = { id: uuid7(), name, kind };
    const { data } = await this.api.send({ method: "POST", path: `${this.path}/actors/`, body });
    this.addActors(data);
    return data;
  }

  /** All propositions, loaded once; those that are merged are named, and nobody links to them any more. */
  async loadPropositionsOnce() {
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
    for await (const topic of this.api.readRows(`${this.path}/topics/?canonical=false&${PAGE}`)) {
      topics.set(topic.id, topic.name);
    }
    const found = [];
    for await (const one of this.api.readRows(`${this.path}/propositions/?canonical=false&${PAGE}`)) {
      found.push({ ...one, topicName: topics.get(one.topic) ?? "" });
    }
    this.topics = topics;
    this.propositionList = new Map(found.map((one) => [one.id, one]));
    this.revision += 1;
    this.model.notifyViews();
    return found;
  }

  /** Load all propositions again: others propose and accept them, too. */
  async reloadPropositions() {
    this.loading = null;
    return this.loadPropositionsOnce();
  }

  /** @param {Proposition} data as the service has answered it */
  storeProposition(data) {
    this.propositionList?.set(data.id, { ...data, topicName: this.topics.get(data.topic ?? "") ?? "" });
    this.revision += 1;
    this.model.notifyViews();
  }

  /**
   * What a proposition stands for after all merges.
   *
   * @param {string} id
   * @returns {Proposition | null}
   */
  findProposition(id) {
    const known = this.propositionList ? null : this.linked.propositions[id];
    if (!this.propositionList && !known) this.loadPropositionsOnce().catch(() => {});
    const found = this.propositionList?.get(id) ?? known ?? null;
    return found?.merged_into ? this.findProposition(found.merged_into) : found;
  }

  /** @param {string | null | undefined} id */
  propositionText(id) {
    return id ? (this.findProposition(id)?.text ?? "…") : "";
  }

  /** All propositions, those first that were used last or in this article. */
  get propositionsByUse() {
    const used = this.model.orderedSpans.map(({ proposition }) => proposition);
    return sortByUse([...(this.propositionList?.values() ?? [])], this.recentIssues.ids, used);
  }

  /** The topic that a new proposition most likely stands under: that of the first one by use. */
  get likelyTopic() {
    const [first] = this.propositionsByUse;
    const isUsed = first && (this.recentIssues.ids.includes(first.id) || this.model.orderedSpans.some(({ proposition }) => proposition === first.id));
    return (isUsed && first.topic) || "";
  }

  /**
   * @param {string} text
   * @param {string} kind
   * @param {string} [topic]
   */
  async addProposition(text, kind, topic) {
    await this.loadPropositionsOnce();
    const body = { id: uuid7(), text, kind, topic: topic || null };
    const { data } = await this.api.send({ method: "POST", path: `${this.path}/propositions/`, body });
    this.storeProposition(data);
    return data;
  }
}

/**
 * Reduce a text to what a search compares: without case and accents.
 *
 * @param {string} text
 */
export function foldText(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
