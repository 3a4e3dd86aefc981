// @ts-check
/** Makes sure that changes are sent by the person who made them, whoever has signed in since. */

import { ApiError } from "./api.js";
import { gettext, interpolate } from "./translation.js";

export class Identity {
  /**
   * @param {ApiClient} api
   * @param {string} username whose changes are sent
   */
  constructor(api, username) {
    this.api = api;
    this.username = username;
    this.token = api.currentToken;
    /** Whether the service is known to take us for this person. */
    this.isKnown = true;
  }

  /** Ask who is signed in, if that may have changed: another token, or an answer that says so. */
  async check() {
    const token = this.api.currentToken;
    if (this.isKnown && this.token === token) return;
    const { data } = await this.api.get("me/");
    if (data.username !== this.username) throw new ApiError(401, { detail: otherAccountText(data.username, this.username) });
    this.token = token;
    this.isKnown = true;
  }
}

/**
 * @param {string} now
 * @param {string} owner
 */
function otherAccountText(now, owner) {
  const text = gettext("You are signed in as %(now)s now. The changes that wait here are by %(owner)s; sign in as %(owner)s again.");
  return interpolate(text, { now, owner }, true);
}
