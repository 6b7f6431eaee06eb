/** What a reply carries besides its text: citation cards, suggestions and quick-reply buttons. */

import { announce, button, copy, el, icon, safeUrl } from "./dom.js";
import { dated, say } from "./wording.js";

/**
 * @typedef {import("./api.js").Citation} Citation
 * @typedef {import("./api.js").Suggestion} Suggestion
 * @typedef {import("./api.js").Button} Button
 * @typedef {(label: string, payload: string) => void} Choose
 */

const KINDS = new Set(["service", "office", "case", "warning", "article"]);
const YEAR = 365 * 24 * 3600 * 1000;

/**
 * A button that copies, and says whether it did.
 * @param {string} text
 * @param {string} label
 * @param {string} testid
 * @param {boolean} [worded] whether the label is shown
 */
export function copyButton(text, label, testid, worded = false) {
  /** @type {Record<string, string>} */
  const named = worded ? {} : { "aria-label": label, title: label };
  return button(
    { class: worded ? "card__action" : "tool tool--small", "data-testid": testid, ...named },
    async (pressed) => {
      const done = await copy(text);
      announce(say(done ? "copied" : "not_copied"));
      const [shown] = pressed.getElementsByTagName("svg");
      const mark = icon(done ? "check" : "warning");
      shown.replaceWith(mark);
      pressed.dataset.done = String(done);
      window.setTimeout(() => {
        mark.replaceWith(icon("copy"));
        delete pressed.dataset.done;
      }, 2000);
    },
    icon("copy"),
    worded ? el("span", {}, label) : null,
  );
}

/**
 * @param {string} href
 * @param {string} name
 * @param {string} symbol
 * @param {string} testid
 */
function outside(href, name, symbol, testid) {
  return el(
    "a",
    { class: "card__action", href, target: "_blank", rel: "noopener noreferrer", "data-testid": testid },
    icon(symbol),
    el("span", {}, name),
    el("span", { class: "hidden" }, say("new_tab")),
  );
}

/**
 * The record that a reply's facts come from.
 * @param {Citation} citation
 * @returns {HTMLElement}
 */
export function citationCard(citation) {
  const kind = KINDS.has(citation.kind) ? citation.kind : "article";
  const source = safeUrl(citation.source_url);
  const map = safeUrl(citation.map_url);
  const asOf = say("as_of", { date: dated(citation.as_of) });
  const stale = Date.now() - Date.parse(citation.as_of) > YEAR;
  const words = [citation.title, citation.department, say("code", { code: citation.code }), asOf, source, map];
  return el(
    "section",
    { class: "card", "data-kind": kind, "data-testid": "citation", "aria-label": `${say("source")}: ${citation.title}` },
    el("p", { class: "card__kind" }, icon(kind), el("span", {}, `${say("source")} · ${say(`kind.${kind}`)}`)),
    el("p", { class: "card__title", "data-testid": "citation-title" }, citation.title),
    el(
      "p",
      { class: "card__facts" },
      el("span", { "data-testid": "citation-department" }, citation.department),
      el("time", { datetime: citation.as_of, "data-testid": "citation-date" }, asOf),
    ),
    el("p", { class: "card__code" }, say("code", { code: citation.code })),
    stale ? el("p", { class: "card__stale", "data-testid": "citation-stale" }, icon("clock"), el("span", {}, say("stale"))) : null,
    el(
      "div",
      { class: "card__actions", "aria-live": "off" },
      source ? outside(source, say("official"), "out", "citation-source") : null,
      map ? outside(map, say("map"), "map", "citation-map") : null,
      copyButton(words.filter(Boolean).join("\n"), say("copy_card"), "citation-copy", true),
    ),
  );
}

/**
 * Records that may be meant.
 * @param {Suggestion[]} suggestions
 * @param {Choose} choose
 * @returns {HTMLElement}
 */
export function suggestionList(suggestions, choose) {
  return el(
    "ul",
    { class: "suggestions", "aria-label": say("did_you_mean") },
    ...suggestions.map((one) =>
      el(
        "li",
        {},
        button(
          { class: "suggestion", "data-testid": "suggestion", "data-code": one.code },
          () => choose(one.title, one.payload),
          el("span", { class: "suggestion__words" }, el("b", {}, one.title), " ", el("span", {}, one.department)),
          icon("arrow"),
        ),
      ),
    ),
  );
}

/**
 * Quick replies.
 * @param {Button[]} buttons
 * @param {Choose} choose
 * @returns {HTMLElement}
 */
export function quickReplies(buttons, choose) {
  return el(
    "div",
    { class: "choices", role: "group", "aria-label": say("choose") },
    ...buttons.map((one) =>
      button({ class: "choice", "data-testid": "quick-reply" }, () => choose(one.title, one.payload), one.title),
    ),
  );
}
