// @ts-check
/** The REST API: JSON in and out, versions in headers, refusals as sentences. */

import { gettext, interpolate } from "./translation.js";

const UNREACHABLE = gettext("The service cannot be reached.");
const SIGNED_OUT = gettext("You are signed out. Sign in again in another tab; then this page goes on.");
const TIMEOUT = 60_000;

/** A request that did not succeed. `detail` is a whole sentence for people. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {ProblemDocument} [problem]
   */
  constructor(status, problem = {}) {
    super(problem.detail || interpolate(gettext("The service answered %(status)s."), { status }, true));
    this.status = status;
    this.code = problem.code || "";
    this.detail = this.message;
    this.problem = problem;
  }

  /** Whether the same request may succeed later: nothing about it was judged wrong. */
  get isTemporary() {
    const away = this.status === 0 || this.status >= 500 || this.status === 429;
    return away || this.status === 401 || this.code === "csrf";
  }

  get isStale() {
    return this.status === 412;
  }
}

const NEXT_LINK = /<([^>]+)>; rel="next"/;

/**
 * The sentence that tells a person what went wrong.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function errorText(error) {
  return error instanceof Error ? error.message : String(error);
}

export class ApiClient {
  /**
   * @param {string} base
   * @param {string} token
   */
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  /** The token that a write is sent with. A new one means that a person has signed in again. */
  get currentToken() {
    return readCsrfCookie() || this.token;
  }

  /** @param {string} path */
  get(path) {
    return this.send({ method: "GET", path });
  }

  /**
   * Send a request. `version` becomes If-Match; `next` comes from the Link header. Throws `ApiError` if it is refused.
   *
   * @param {ApiRequest} request
   */
  async send({ method, path, body, version }) {
    const response = await this.fetchResponse(method, path, body, version);
    const data = await readContent(response);
    if (!response.ok) throw createError(response, data);
    const setVersion = Number(response.headers.get("Set-Version")) || null;
    const next = NEXT_LINK.exec(response.headers.get("Link") ?? "")?.[1] ?? null;
    return { data, status: response.status, setVersion, next };
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object | undefined} body
   * @param {number | undefined} version
   */
  async fetchResponse(method, path, body, version) {
    /** @type {Record<string, string>} */
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
      throw new ApiError(0, { detail: UNREACHABLE });
    }
  }

  /**
   * Yield every row of a list, page after page.
   *
   * @param {string} path
   */
  async *readRows(path) {
    let next = path;
    while (next) {
      const { data } = await this.get(next);
      yield* data.results;
      next = data.next;
    }
  }
}

/** @param {Response} response */
async function readContent(response) {
  try {
    const text = await response.text();
    return text && /json/.test(response.headers.get("Content-Type") || "") ? JSON.parse(text) : null;
  } catch {
    // the answer was cut off: sending the same request again will tell whether it was stored
    throw new ApiError(0, { detail: UNREACHABLE });
  }
}

/**
 * @param {Response} response
 * @param {ProblemDocument | null} data
 */
function createError(response, data) {
  if (response.status === 401) return new ApiError(401, { ...data, detail: SIGNED_OUT });
  return new ApiError(response.status, data || {});
}

/** The token of the cookie. It is newer than the page's after a log-in in another tab. */
function readCsrfCookie() {
  const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  return found && found[1];
}
