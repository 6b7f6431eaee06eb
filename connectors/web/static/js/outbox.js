/** Messages on their way. One at a time, in order; each keeps its id until it is answered, so it is answered once. */

import { Problem } from "./api.js";
import { StreamLost } from "./stream.js";
import { keepOutbox, outbox } from "./session.js";

/**
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./session.js").Message} Message
 * @typedef {import("./session.js").State} State
 * @typedef {{ seconds?: number, detail?: string }} Extra
 * @typedef {{ deliver: (message: Message, overStream: boolean) => Promise<Answer>, expired: () => void,
 *   onState: (message: Message, state: State, extra: Extra) => void,
 *   onAnswer: (message: Message, answer: Answer) => void }} Handlers
 */

const SERVER_TRIES = 3;
const LIMIT_TRIES = 5;
const LONGEST_PAUSE = 30;

export class Outbox {
  /** @type {Message[]} */
  #messages = [];
  #running = false;
  #round = 0;
  /** @type {() => void} */
  #wake = () => {};

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
  }

  /** Messages that an earlier page left unanswered. @returns {Message[]} */
  restore() {
    this.#messages = outbox();
    return this.#messages;
  }

  /** @param {Message} message */
  add(message) {
    this.#messages.push(message);
    this.#keep();
    void this.run();
  }

  /** Sends again what waits for a connection, at once. */
  hurry() {
    this.#wake();
    void this.run();
  }

  /** @param {string} id */
  retry(id) {
    const message = this.#messages.find((one) => one.message_id === id);
    if (message) delete message.state;
    this.#keep();
    this.hurry();
  }

  /** @param {string} id @returns {boolean} whether it was there */
  remove(id) {
    const before = this.#messages.length;
    this.#messages = this.#messages.filter((one) => one.message_id !== id);
    this.#keep();
    return this.#messages.length < before;
  }

  /** Drops everything, also what is on its way. */
  clear() {
    this.#round += 1;
    this.#messages = [];
    this.#keep();
    this.#wake();
  }

  /** Delivers until nothing is left that can be. */
  async run() {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) await this.#deliver(next, this.#round);
    } finally {
      this.#running = false;
    }
  }

  #next() {
    return this.#messages.find((one) => one.state !== "failed" && one.state !== "rejected");
  }

  #keep() {
    keepOutbox(this.#messages);
  }

  /** @param {Message} message @param {number} round */
  async #deliver(message, round) {
    let offline = 0;
    let broken = 0;
    let limited = 0;
    let renewed = 0;
    let overStream = true;
    for (;;) {
      this.#state(message, "sending");
      try {
        const answer = await this.handlers.deliver(message, overStream);
        if (round === this.#round && this.remove(message.message_id)) this.handlers.onAnswer(message, answer);
        return;
      } catch (error) {
        if (round !== this.#round) return;
        if (error instanceof StreamLost) {
          overStream = false;
          continue;
        }
        const problem = error instanceof Problem ? error : new Problem(500, "", String(error));
        if (problem.status === 0) {
          this.#state(message, "waiting");
          await this.#sleep(Math.min(LONGEST_PAUSE, 2 ** (offline += 1)));
        } else if (problem.expired && (renewed += 1) <= 2) {
          this.handlers.expired();
        } else if (problem.status === 429 && overStream && problem.retryAfter === null) {
          overStream = false; // Only the HTTP answer tells how long to wait.
        } else if (problem.status === 429 && (limited += 1) <= LIMIT_TRIES) {
          await this.#countdown(message, Math.min(120, problem.retryAfter ?? 5), round);
        } else if ((problem.status >= 500 || problem.status === 409) && (broken += 1) < SERVER_TRIES) {
          await this.#sleep(problem.retryAfter ? Math.min(10, problem.retryAfter) : broken);
        } else {
          const final = problem.status < 500 && problem.status !== 429 && !problem.expired;
          this.#state(message, final ? "rejected" : "failed", { detail: problem.detail || problem.title });
          return;
        }
        if (round !== this.#round) return;
      }
    }
  }

  /** @param {Message} message @param {number} seconds @param {number} round */
  async #countdown(message, seconds, round) {
    for (let left = seconds; left > 0 && round === this.#round; left -= 1) {
      this.#state(message, "limited", { seconds: left });
      await this.#sleep(1);
    }
  }

  /** @param {number} seconds */
  #sleep(seconds) {
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        const timer = window.setTimeout(resolve, seconds * 1000);
        this.#wake = () => {
          window.clearTimeout(timer);
          resolve();
        };
      })
    );
  }

  /** @param {Message} message @param {State} state @param {Extra} [extra] */
  #state(message, state, extra = {}) {
    if (state === "failed" || state === "rejected") message.state = state;
    this.#keep();
    this.handlers.onState(message, state, extra);
  }
}
