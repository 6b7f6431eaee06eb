/** The conversation as it is shown: what the citizen said, replies, notes, and how far a message has come. */

import { citationCard, copyButton, quickReplies, suggestionList } from "./cards.js";
import { announce, button, byId, el, icon } from "./dom.js";
import { ratingTools } from "./feedback.js";
import { keepRating } from "./session.js";
import { formatted } from "./text.js";
import { speakButton } from "./voice.js";
import { language, say } from "./wording.js";

/**
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./api.js").Reply} Reply
 * @typedef {import("./session.js").Message} Message
 * @typedef {import("./session.js").State} State
 * @typedef {{ choose: import("./cards.js").Choose, rate: import("./feedback.js").Send,
 *   retry: (id: string) => void, edit: (id: string, text: string) => void }} Handlers
 */

const LANGUAGES = new Map([["zh-Hans", "zh-Hans"], ["zh-Hant", "zh-Hant"], ["yue", "yue-Hant"], ["en", "en"]]);
const OUTCOME_ICONS = new Map([["refused", "info"], ["failed", "clock"], ["handed_off", "person"]]);
const SLOW_SECONDS = 6;

export class Log {
  #log = byId("log");
  #typing = byId("typing");
  #slow = 0;
  /** Titles by payload, so that a chosen button reads as its title after a reload. @type {Map<string, string>} */
  #titles = new Map();
  /** @type {Set<string>} */
  #traces = new Set();

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
  }

  /** The latest thing the citizen said. @returns {HTMLElement | null} */
  get lastSaid() {
    const said = this.#log.querySelectorAll(".turn--citizen");
    return /** @type {HTMLElement | null} */ (said[said.length - 1] ?? null);
  }

  /** @param {string} trace */
  shows(trace) {
    return trace !== "" && this.#traces.has(trace);
  }

  /** Takes everything off. */
  clear() {
    this.#log.replaceChildren();
    this.#traces.clear();
    this.typing(false);
  }

  /** @param {import("./api.js").Turn[]} turns */
  restore(turns) {
    this.#log.setAttribute("aria-live", "off");
    for (const { said, replies, trace_id, rating } of turns) {
      if (rating) keepRating(trace_id, rating);
      if (said) this.said(this.#titles.get(said) ?? said);
      this.answered({ replies, trace_id });
    }
    window.setTimeout(() => this.#log.setAttribute("aria-live", "polite"), 500);
  }

  /** @param {string} text @param {string} [id] the message's, while it is on its way */
  said(text, id) {
    const turn = el(
      "div",
      { class: "turn turn--citizen", "data-testid": "said", "data-message": id },
      el("p", { class: "bubble" }, el("span", { class: "hidden" }, `${say("you_said")}: `), text),
    );
    this.#log.append(turn);
  }

  /** @param {Answer} answer */
  answered({ replies, trace_id }) {
    if (trace_id) this.#traces.add(trace_id);
    replies.forEach((reply, place) => this.#log.append(this.#reply(reply, trace_id, place === replies.length - 1)));
  }

  /** A line between the turns. @param {string} text @param {string} [kind] */
  note(text, kind = "note") {
    this.#log.append(el("p", { class: "note", "data-testid": "note", "data-kind": kind }, text));
  }

  /** @param {boolean} on */
  typing(on) {
    window.clearTimeout(this.#slow);
    const words = byId("typing-text");
    if (on && this.#typing.hidden) announce(say("typing"));
    this.#typing.hidden = !on;
    words.textContent = on ? say("typing") : "";
    if (!on) return;
    this.#slow = window.setTimeout(() => {
      words.textContent = say("slow");
      announce(say("slow"));
    }, SLOW_SECONDS * 1000);
  }

  /**
   * Shows how far a message has come.
   * @param {string} id
   * @param {State | "answered"} state
   * @param {{ seconds?: number, detail?: string, text?: string }} [extra]
   */
  state(id, state, { seconds = 0, detail = "", text } = {}) {
    const turn = [...this.#log.children].find((one) => one instanceof HTMLElement && one.dataset.message === id);
    if (!(turn instanceof HTMLElement)) return;
    const before = turn.querySelector(".turn__state");
    turn.dataset.state = state;
    if (state === "answered" || state === "sending") {
      before?.remove();
      return;
    }
    const words = [say(`state.${state}`, { seconds }), state === "rejected" && language === "en" ? detail : ""].filter(Boolean).join(" · ");
    if (before instanceof HTMLElement && before.dataset.state === state) {
      const shown = before.querySelector(".turn__words");
      if (shown) shown.textContent = words;
      return;
    }
    before?.remove();
    const again = () =>
      button({ class: "link-button", "data-testid": "retry" }, () => this.handlers.retry(id), icon("retry"), el("span", {}, say("retry")));
    const edit = () =>
      button({ class: "link-button", "data-testid": "edit" }, () => this.handlers.edit(id, text ?? ""), icon("edit"), el("span", {}, say("edit")));
    turn.append(
      el(
        "div",
        { class: "turn__state", "data-state": state, "data-testid": "message-state" },
        el("span", { class: "turn__words" }, words),
        state === "failed" || state === "waiting" ? again() : null,
        state === "rejected" && text ? edit() : null,
        state === "failed" ? el("a", { class: "link-button", href: "tel:12345" }, icon("phone"), el("span", {}, say("call"))) : null,
      ),
    );
  }

  /** Takes a message off. @param {string} id */
  drop(id) {
    for (const turn of [...this.#log.children]) if (turn instanceof HTMLElement && turn.dataset.message === id) turn.remove();
  }

  /** @param {Reply} reply @param {string} trace @param {boolean} last whether the rating belongs here */
  #reply(reply, trace, last) {
    const { text = "", buttons = [], citations = [], suggestions = [], outcome, language: spoken } = reply;
    for (const { title, payload } of [...buttons, ...suggestions]) this.#titles.set(payload, title);
    const heading = say(`outcome.${outcome}`);
    const place = el("div", { class: "reply__form" });
    const tools = el("div", { class: "reply__tools", "aria-live": "off" });
    const words = el("div", { class: "reply__text", lang: LANGUAGES.get(spoken), "data-testid": "reply-text" });
    words.append(formatted(text));
    const help = outcome === "refused" || outcome === "failed";
    const turn = el(
      "article",
      { class: "turn turn--assistant", "data-testid": "reply", "data-outcome": outcome, "data-trace": trace },
      el("span", { class: "reply__mark", "aria-hidden": "true" }, icon("kapok")),
      el(
        "div",
        { class: "reply" },
        el("span", { class: "hidden" }, `${say("suiwen_said")}: `),
        heading ? el("p", { class: "reply__outcome" }, icon(OUTCOME_ICONS.get(outcome) ?? "info"), el("span", {}, heading)) : null,
        words,
        suggestions.length ? suggestionList(suggestions, this.handlers.choose) : null,
        ...citations.map(citationCard),
        buttons.length ? quickReplies(buttons, this.handlers.choose) : null,
        help ? el("a", { class: "call", href: "tel:12345", "data-testid": "call" }, icon("phone"), el("span", {}, say("call"))) : null,
        tools,
        place,
      ),
    );
    // The tools come after the words, in a region that is not live: a screen reader reads the answer, not the buttons.
    window.setTimeout(() => {
      const speak = speakButton(text, spoken);
      tools.append(copyButton(text, say("copy"), "copy"));
      if (speak) tools.append(speak);
      if (last && trace) tools.append(ratingTools(trace, place, this.handlers.rate));
    });
    return turn;
  }
}
