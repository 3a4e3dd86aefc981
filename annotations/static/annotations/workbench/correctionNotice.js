// @ts-check
/** Says that the text was corrected: where the set goes on, what changed, and which marks need a look. */

import { ApiError } from "./api.js";
import { TextCarrier } from "./carriedText.js";
import { createElement, findPart, isolateText, replaceContent, shortenText } from "./dom.js";
import { formatCount, gettext, interpolate, ngettext } from "./translation.js";

/** How long an answer about the newest revision is believed, in milliseconds. */
const LIFETIME = 30_000;

export class CorrectionNotice {
  /**
   * @param {Pick<Services, "model" | "api" | "outbox" | "selection" | "reload">} services
   * @param {PageConfig["correction"]} facts
   */
  constructor({ model, api, outbox, selection, reload }, facts) {
    this.model = model;
    this.api = api;
    this.outbox = outbox;
    this.selection = selection;
    this.reload = reload;
    this.facts = facts;
    this.root = findPart("correction");
    this.successor = facts.next;
    this.asked = Date.now();
    this.isLooking = false;
    /** What is drawn. */
    this.key = "";
    outbox.on("superseded", () => this.onSuperseded());
    outbox.on("change", () => this.draw());
    model.on("change", () => this.onChange());
    document.addEventListener("visibilitychange", () => this.check());
    this.onChange();
  }

  get newest() {
    return this.model.article.revision?.number ?? this.model.revision.number;
  }

  get isCorrected() {
    return this.newest > this.model.revision.number;
  }

  async onSuperseded() {
    this.successor = this.outbox.successor;
    await this.reload();
    this.draw();
  }

  /** Find out where the work goes on, if the set is closed by a correction and nobody has said so yet. */
  onChange() {
    const isClosed = this.model.set.state === "superseded" && this.isCorrected;
    if (isClosed && !this.successor && !this.isLooking) void this.findSuccessor();
    this.draw();
  }

  async findSuccessor() {
    this.isLooking = true;
    try {
      for await (const row of this.api.readRows(`articles/${this.model.article.id}/sets/`)) {
        if (row.based_on === this.model.set.id && row.revision !== this.model.revision.id) this.successor = row.id;
      }
      this.draw();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** Ask for the newest revision when somebody comes back to the page. */
  async check() {
    if (document.visibilityState !== "visible" || this.isCorrected || Date.now() - this.asked < LIFETIME) return;
    this.asked = Date.now();
    try {
      const { data } = await this.api.get(`articles/${this.model.article.id}/`);
      if (data.revision.number > this.model.revision.number) await this.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  draw() {
    const { successor, newest, model, facts } = this;
    const pending = this.outbox.pendingCount;
    const key = JSON.stringify([successor, newest, pending, model.set.state, model.set.version]);
    if (key === this.key) return;
    this.key = key;
    const items = this.isCorrected ? [] : facts.items;
    this.root.hidden = !this.isCorrected && !items.length;
    replaceContent(this.root, this.isCorrected ? this.createNotice(pending) : this.createItems());
  }

  /** @param {number} pending */
  createNotice(pending) {
    const { successor, newest, model, facts } = this;
    const number = newest.toLocaleString(document.documentElement.lang || "en");
    const corrected = interpolate(gettext("The text was corrected to revision %(number)s."), { number }, true);
    const goesOn = model.isMine ? gettext("Your set goes on in a new one.") : gettext("This set goes on in a new one.");
    const stays = gettext("This set stays with the text that it was made on.");
    const waits = formatCount(ngettext("%(n)s change that is not saved goes along.", "%(n)s changes that are not saved go along.", pending), pending);
    const compare = createElement("a", { href: `${facts.diff_url}?from=${model.revision.number}&to=${newest}` }, gettext("See what changed"));
    const link = createElement("a", { href: "#", class: "button", "data-action": "go-on" }, gettext("Go on at the same place"));
    link.addEventListener("focus", () => this.aim(link));
    link.addEventListener("pointerdown", () => this.aim(link));
    link.addEventListener("click", () => this.aim(link));
    if (successor) this.aim(link);
    return [
      createElement("p", {}, createElement("strong", {}, corrected), " ", successor ? goesOn : stays, successor && pending ? ` ${waits}` : null),
      createElement("p", { class: "actions" }, successor ? link : null, compare),
    ];
  }

  /**
   * Let a link lead to the new set, at the place where the reader is now.
   *
   * @param {HTMLElement} link
   */
  aim(link) {
    const { model, selection, successor } = this;
    if (!successor) return;
    const point = model.currentSpan?.start ?? model.offsetMap.toPoints(selection.focus);
    const address = location.pathname.replace(model.set.id, successor);
    link.setAttribute("href", `${address}#was=${point}&in=${model.revision.number}`);
  }

  /** List the marks that wait for a look, each as a link. */
  createItems() {
    const { items, items_total: total, items_url: url } = this.facts;
    if (!items.length) return [];
    const words = formatCount(ngettext("%(n)s mark needs a look since the text was corrected.", "%(n)s marks need a look since the text was corrected.", total), total);
    const lines = items.map((item) =>
      createElement("li", {}, createElement("a", { href: item.url }, isolateText(shortenText(item.quote, 80))), ` ${item.label} · ${item.status}`),
    );
    return [
      createElement("p", {}, createElement("strong", {}, words), " ", createElement("a", { href: url, class: "button", "data-action": "items" }, gettext("Look at them"))),
      createElement("details", {}, createElement("summary", {}, gettext("Which ones")), createElement("ul", {}, lines)),
    ];
  }
}

/**
 * The place that the address names: `at` in this text, or `was` in the text of the revision `in`. In code points.
 *
 * @param {Pick<Services, "model" | "api">} services
 * @param {URLSearchParams} address
 * @returns {Promise<number | null>}
 */
export async function findAddressedPlace({ model, api }, address) {
  const at = parsePoint(address.get("at"));
  if (at !== null) return at;
  const [was, number] = [parsePoint(address.get("was")), parsePoint(address.get("in"))];
  if (was === null || number === null || number === model.revision.number) return was;
  try {
    const path = `articles/${model.article.id}/revisions/${model.revision.number}/diff/?from=${number}`;
    const { data } = await api.get(path);
    return new TextCarrier("", model.revision.text, data.blocks).carryPoint(was);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return null;
  }
}

/** @param {string | null} text */
function parsePoint(text) {
  return text && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
