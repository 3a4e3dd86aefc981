/** The REST API: JSON in and out, versions in headers, refusals as sentences. */

import { gettext, interpolate } from "./words.js";

const UNREACHABLE = gettext("The service cannot be reached.");
const SIGNED_OUT = gettext("You are signed out. Sign in again in another tab; then this page goes on.");
const TIMEOUT = 60_000;

/** A request that did not succeed. `detail` is a whole sentence for people. */
export class Refused extends Error {
  constructor(status, problem = {}) {
    super(problem.detail || interpolate(gettext("The service answered %(status)s."), { status }, true));
    this.status = status;
    this.code = problem.code || "";
    this.detail = this.message;
    this.problem = problem;
  }

  /** Whether the same request may succeed later: nothing about it was judged wrong. */
  get passing() {
    const away = this.status === 0 || this.status >= 500 || this.status === 429;
    return away || this.status === 401 || this.code === "csrf";
  }

  get stale() {
    return this.status === 412;
  }
}

const NEXT = /<([^>]+)>; rel="next"/;

export class Api {
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  /** The token that a write is sent with; a new one says that somebody has signed in anew. */
  get currentToken() {
    return csrfCookie() || this.token;
  }

  get(path) {
    return this.send({ method: "GET", path });
  }

  /**
   * Send a request. `version` becomes If-Match. Answers {data, status, setVersion, next}; throws Refused.
   */
  async send({ method, path, body, version }) {
    const response = await this.fetch(method, path, body, version);
    const data = await content(response);
    if (!response.ok) throw refusal(response, data);
    const setVersion = Number(response.headers.get("Set-Version")) || null;
    const next = NEXT.exec(response.headers.get("Link") ?? "")?.[1] ?? null;
    return { data, status: response.status, setVersion, next };
  }

  async fetch(method, path, body, version) {
    const headers = { Accept: "application/json, application/problem+json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.currentToken;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (version !== undefined) headers["If-Match"] = `"${version}"`;
    try {
      return await fetch(new URL(path, new URL(this.base, location.href)), {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "same-origin",
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch {
      throw new Refused(0, { detail: UNREACHABLE });
    }
  }

  /** Every row of a list, page after page. */
  async *rows(path) {
    let next = path;
    while (next) {
      const { data } = await this.get(next);
      yield* data.results;
      next = data.next;
    }
  }
}

async function content(response) {
  try {
    const text = await response.text();
    return text && /json/.test(response.headers.get("Content-Type") || "") ? JSON.parse(text) : null;
  } catch {
    // cut off in the middle: whether it was stored is open, and the same request will tell
    throw new Refused(0, { detail: UNREACHABLE });
  }
}

function refusal(response, data) {
  if (response.status === 401) return new Refused(401, { ...data, detail: SIGNED_OUT });
  return new Refused(response.status, data || {});
}

/** The token of the cookie, which is newer than the page's after somebody signed in again elsewhere. */
function csrfCookie() {
  const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  return found && found[1];
}
