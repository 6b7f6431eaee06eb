/** What this device remembers: the conversation's id and token, unsent messages, ratings. Forgotten after a day idle. */

/**
 * @typedef {{ id: string, token: string }} Session
 * @typedef {"sending" | "waiting" | "limited" | "failed" | "rejected"} State
 * @typedef {{ latitude: number, longitude: number }} Position
 * @typedef {{ message_id: string, label: string, text?: string, payload?: string, location?: Position, state?: State }} Message
 */

const IDLE = 24 * 3600 * 1000;
const SESSION = "suiwen.session";
const OUTBOX = "suiwen.outbox";
const RATED = "suiwen.rated";
const DELETIONS = "suiwen.deletions";
const USED = "suiwen.used";
const DRAFT = "suiwen.draft";

/**
 * @template T
 * @param {string} key
 * @param {T} otherwise
 * @returns {T}
 */
function read(key, otherwise) {
  try {
    const kept = window.localStorage.getItem(key);
    return kept === null ? otherwise : JSON.parse(kept);
  } catch {
    return otherwise;
  }
}

/**
 * @param {string} key
 * @param {unknown} value null removes it
 */
function write(key, value) {
  try {
    if (value === null) window.localStorage.removeItem(key);
    else window.localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden: the page works on, it only does not survive a reload.
  }
}

/** @type {Session | null | undefined} */
let current;

/** @returns {Session | null} */
export function session() {
  if (current === undefined) {
    if (Date.now() - read(USED, 0) > IDLE) clear();
    current = read(SESSION, /** @type {Session | null} */ (null));
  }
  return current;
}

/** @param {Session | null} value */
export function keepSession(value) {
  current = value;
  write(SESSION, value);
  touch();
}

/** Marks the conversation as in use now. */
export function touch() {
  write(USED, Date.now());
}

/** @returns {Message[]} */
export const outbox = () => read(OUTBOX, /** @type {Message[]} */ ([]));
/** @param {Message[]} messages */
export const keepOutbox = (messages) => write(OUTBOX, messages.length ? messages : null);

/** @returns {Record<string, number>} ratings by trace */
export const ratings = () => read(RATED, /** @type {Record<string, number>} */ ({}));
/** @param {string} trace @param {number} rating */
export const keepRating = (trace, rating) => write(RATED, { ...ratings(), [trace]: rating });

/** @returns {string} */
export const draft = () => read(DRAFT, "");
/** @param {string} text */
export const keepDraft = (text) => write(DRAFT, text || null);

/** Conversations that the server must still be told to forget. @returns {Session[]} */
export const deletions = () => read(DELETIONS, /** @type {Session[]} */ ([]));
/** @param {Session[]} sessions */
export const keepDeletions = (sessions) => write(DELETIONS, sessions.length ? sessions : null);

/** Forgets all of the conversation on this device; what the server must still forget is kept. */
export function clear() {
  current = null;
  for (const key of [SESSION, OUTBOX, RATED, USED, DRAFT]) write(key, null);
}
