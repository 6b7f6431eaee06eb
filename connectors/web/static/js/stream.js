/** The WebSocket: typing, replies, problems and events as they happen; reconnects by itself with growing pauses. */

import { Problem, body } from "./api.js";

/**
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./session.js").Message} Message
 * @typedef {{ onReady: () => void, onTyping: () => void, onRefused: () => void,
 *   onAnswer: (answer: Answer, messageId: string | null) => void, onEvent: (event: unknown) => void }} Handlers
 */

const CONNECT_SECONDS = 6;
const ANSWER_SECONDS = 12;
const LONGEST_PAUSE = 30;
const TOKEN_CLOSES = new Set([1008, 4401, 4403, 4404]);

/** The stream was lost, or too slow, before the answer came: the message is to be posted instead. */
export class StreamLost extends Error {}

export class Stream {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Session | null} */
  #session = null;
  /** @type {Map<string, { resolve: (answer: Answer) => void, reject: (error: Error) => void, timer: number }>} */
  #pending = new Map();
  #ready = false;
  #attempts = 0;
  #timer = 0;

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    window.addEventListener("online", () => this.#soon());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#soon();
    });
  }

  /** Whether a message can be sent over the stream now. */
  get ready() {
    return this.#ready;
  }

  /**
   * Keeps a stream open for a conversation.
   * @param {Session} session
   */
  open(session) {
    if (this.#session?.id === session.id && (this.#socket || this.#timer)) return;
    this.close();
    this.#session = session;
    this.#connect();
  }

  /** Ends the stream for good. */
  close() {
    this.#session = null;
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#attempts = 0;
    this.#drop();
  }

  /**
   * Sends a message and waits for its answer.
   * @param {Message} message
   * @returns {Promise<Answer>} rejects with StreamLost or Problem
   */
  send(message) {
    const socket = this.#socket;
    if (!socket || !this.#ready) return Promise.reject(new StreamLost("not ready"));
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#settle(message.message_id)?.reject(new StreamLost("slow"));
        this.#lost(socket, 0);
      }, ANSWER_SECONDS * 1000);
      this.#pending.set(message.message_id, { resolve, reject, timer });
      socket.send(JSON.stringify({ type: "message", ...body(message) }));
    });
  }

  #connect() {
    const session = this.#session;
    this.#timer = 0;
    if (!session || this.#socket) return;
    const address = new URL(`/api/v1/conversations/${encodeURIComponent(session.id)}/stream`, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(address, ["suiwen.v1", `token.${session.token}`]);
    } catch {
      this.#again();
      return;
    }
    this.#socket = socket;
    const patience = window.setTimeout(() => {
      if (!this.#ready) this.#lost(socket, 0);
    }, CONNECT_SECONDS * 1000);
    socket.addEventListener("message", (message) => {
      if (socket === this.#socket) this.#received(message.data);
    });
    socket.addEventListener("close", (closed) => {
      window.clearTimeout(patience);
      this.#lost(socket, closed.code);
    });
  }

  /** @param {unknown} data */
  #received(data) {
    /** @type {any} */
    let said;
    try {
      said = JSON.parse(String(data));
    } catch {
      return;
    }
    const id = typeof said.message_id === "string" ? said.message_id : null;
    // A problem is told by its status: its "type" may be a problem document's ("about:blank").
    switch (typeof said.status === "number" ? "problem" : said.type) {
      case "ready":
        this.#ready = true;
        this.#attempts = 0;
        this.handlers.onReady();
        break;
      case "typing":
        this.handlers.onTyping();
        break;
      case "replies": {
        const answer = { replies: said.replies ?? [], trace_id: said.trace_id ?? "" };
        const waiting = id ? this.#settle(id) : undefined;
        if (waiting) waiting.resolve(answer);
        else this.handlers.onAnswer(answer, id);
        break;
      }
      case "problem":
        if (id) this.#settle(id)?.reject(new Problem(said.status, said.title, said.detail, said.retry_after ?? null));
        break;
      case "event":
        this.handlers.onEvent(said.event);
        break;
    }
  }

  /** @param {string} id */
  #settle(id) {
    const waiting = this.#pending.get(id);
    if (waiting) window.clearTimeout(waiting.timer);
    this.#pending.delete(id);
    return waiting;
  }

  /** @param {WebSocket} socket @param {number} code */
  #lost(socket, code) {
    if (socket !== this.#socket) return;
    const refused = TOKEN_CLOSES.has(code) || (!this.#ready && this.#attempts === 0);
    this.#drop();
    this.#again();
    if (refused) this.handlers.onRefused();
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#ready = false;
    socket?.close();
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new StreamLost("closed"));
  }

  #again() {
    if (!this.#session || this.#timer) return;
    const seconds = Math.min(LONGEST_PAUSE, 2 ** this.#attempts) * (0.75 + Math.random() / 2);
    this.#attempts += 1;
    this.#timer = window.setTimeout(() => this.#connect(), seconds * 1000);
  }

  #soon() {
    if (!this.#session || this.#socket) return;
    window.clearTimeout(this.#timer);
    this.#connect();
  }
}
