/** Actors and propositions of the corpus: looked up when they are needed, and kept. */

import { uuid7 } from "./ids.js";

const PAGE = "page_size=500";

export class Registry {
  constructor(api, model) {
    this.api = api;
    this.model = model;
    this.actors = new Map();
    this.propositionList = null;
    this.waiting = new Set();
  }

  get path() {
    return `corpora/${encodeURIComponent(this.model.article.corpus)}`;
  }

  /** The name of an actor; a placeholder until it is known. */
  actorName(id) {
    if (!id) return "";
    if (!this.actors.has(id)) this.lookUp(id);
    return this.actors.get(id)?.name ?? "…";
  }

  async lookUp(id) {
    if (this.waiting.has(id)) return;
    this.waiting.add(id);
    try {
      const { data } = await this.api.get(`actors/${id}/`);
      this.actors.set(id, data);
    } catch {
      this.actors.set(id, { id, name: "(unknown)" });
    }
    this.model.changed();
  }

  /** Actors of which a name or an alias holds what was typed. */
  async suggest(typed) {
    if (!typed.trim()) return [];
    const { data } = await this.api.get(`${this.path}/actors/suggest/?q=${encodeURIComponent(typed)}`);
    const found = Array.isArray(data) ? data : data.results;
    found.forEach((actor) => this.actors.set(actor.id, actor));
    return found;
  }

  async addActor(name, kind) {
    const body = { id: uuid7(), name, kind };
    const { data } = await this.api.send({ method: "POST", path: `${this.path}/actors/`, body });
    this.actors.set(data.id, data);
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
    this.model.changed();
    return found;
  }

  proposition(id) {
    if (!this.propositionList) this.propositions().catch(() => {});
    return this.propositionList?.get(id) ?? null;
  }

  propositionText(id) {
    return id ? (this.proposition(id)?.text ?? "…") : "";
  }

  async propose(text, kind) {
    await this.propositions();
    const body = { id: uuid7(), text, kind };
    const { data } = await this.api.send({ method: "POST", path: `${this.path}/propositions/`, body });
    this.propositionList.set(data.id, { ...data, topicName: "" });
    return data;
  }
}

/** How texts are compared when somebody searches: without case and accents. */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
