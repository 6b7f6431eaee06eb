/** The HTTP API. Every failure is a Problem; status 0 means that the server was not reached. */

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./session.js").Message} Message
 * @typedef {{ title: string, payload: string }} Button
 * @typedef {{ code: string, title: string, department: string, payload: string }} Suggestion
 * @typedef {{ kind: string, code: string, title: string, department: string, source_url: string | null,
 *   as_of: string, revision: number, map_url: string | null }} Citation
 * @typedef {{ text: string, buttons: Button[], citations: Citation[], suggestions: Suggestion[], outcome: string,
 *   language: string, event: string | null }} Reply
 * @typedef {{ replies: Reply[], trace_id: string }} Answer
 * @typedef {{ said: string | null, replies: Reply[], trace_id: string, time: string, rating?: 1 | -1 | null }} Turn
 * @typedef {{ status: "starting" | "ok" | "degraded" | "down", parts: Record<string, unknown> }} Health
 */

const BASE = "/api/v1/conversations";

/** An error as the API (application/problem+json), the stream or the network reports it. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} [title]
   * @param {string} [detail]
   * @param {number | null} [retryAfter] seconds
   */
  constructor(status, title = "", detail = "", retryAfter = null) {
    super(detail || title || `status ${status}`);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }

  /** Whether the conversation is not known, or no longer. */
  get expired() {
    return [401, 403, 404, 410].includes(this.status);
  }
}

/**
 * Seconds to wait, from a Retry-After header.
 * @param {string | null} header
 * @returns {number | null}
 */
export function retryAfter(header) {
  if (!header) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : null;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{ token?: string, body?: unknown, seconds?: number, keepalive?: boolean }} [options]
 * @returns {Promise<any>} null where there is no content
 */
async function call(method, path, { token, body, seconds = 20, keepalive = false } = {}) {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), seconds * 1000);
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json, application/problem+json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      keepalive,
      signal: stop.signal,
    });
    const text = response.status === 204 ? "" : await response.text();
    const content = parsed(text);
    if (response.ok) return content;
    throw new Problem(response.status, content?.title, content?.detail, retryAfter(response.headers.get("Retry-After")));
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(0, "", String(error));
  } finally {
    window.clearTimeout(timer);
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Session} session @param {string} [rest] */
const at = (session, rest = "") => `${BASE}/${encodeURIComponent(session.id)}${rest}`;

/** Starts a conversation whose language follows the citizen's messages. @returns {Promise<Session>} */
export async function begin() {
  const { id, token } = await call("POST", BASE, { body: { language: "auto" } });
  return { id, token };
}

/**
 * What of a message goes to the server: exactly one of text, payload and location.
 * @param {Message} message
 */
export function body({ message_id, text, payload, location }) {
  if (location) return { message_id, location };
  return payload ? { message_id, payload } : { message_id, text };
}

/** @param {Session} session @param {Message} message @returns {Promise<Answer>} */
export const post = (session, message) =>
  call("POST", at(session, "/messages"), { token: session.token, body: body(message) });

/** @param {Session} session @returns {Promise<{ language: string, turns: Turn[] }>} */
export const history = (session) => call("GET", at(session), { token: session.token });

/** @param {Session} session */
export const followLanguage = (session) =>
  call("PATCH", at(session), { token: session.token, body: { language: "auto" }, seconds: 2, keepalive: true });

/** @param {Session} session @param {string} trace_id @param {1 | -1} rating @param {string | null} reason */
export const rate = (session, trace_id, rating, reason) =>
  call("POST", at(session, "/ratings"), { token: session.token, body: { trace_id, rating, reason } });

/** @param {Session} session */
export const forget = (session) => call("DELETE", at(session), { token: session.token, seconds: 8 });

/** The state of the assistant; a body is read whatever the status is. @returns {Promise<Health["status"]>} */
export async function health() {
  const response = await fetch("/health", { cache: "no-store" });
  const { status } = await response.json();
  return status;
}
