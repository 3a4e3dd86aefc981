// @ts-check
/** Sends decisions one after the other, each on the version that is known then. */

import { ApiError } from "./api.js";
import { waitAfter } from "./retryPause.js";

export class DecisionSender {
  /** @param {Pick<Services, "api" | "outbox">} services */
  constructor({ api, outbox }) {
    this.api = api;
    this.outbox = outbox;
    /** Ends when everything before is answered. */
    this.queue = Promise.resolve();
  }

  /**
   * Run an action when those before it have ended.
   *
   * @param {() => Promise<void>} action
   */
  enqueue(action) {
    this.queue = this.queue.then(action);
  }

  /**
   * Send one decision; `null` takes it back. Answers the row that the service has now.
   *
   * @param {string} id
   * @param {SettleBody | null} body
   * @param {number | undefined} version
   * @returns {Promise<Decision>}
   */
  async send(id, body, version) {
    const path = `decisions/${id}/${body ? "settle" : "reopen"}/`;
    const request = { method: "POST", path, body: body ?? {}, version };
    const { data } = await this.outbox.trackAction(() => this.sendUntilAnswered(request));
    this.outbox.setTrouble(null);
    return data;
  }

  /**
   * Try again what may succeed later; the page says meanwhile that it is not saved.
   *
   * @param {ApiRequest} request
   */
  async sendUntilAnswered(request) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.api.send(request);
      } catch (error) {
        if (!(error instanceof ApiError && error.isTemporary)) throw error;
        this.outbox.setTrouble({ detail: error.detail });
        await new Promise((resolve) => setTimeout(resolve, waitAfter(tries)));
      }
    }
  }
}
