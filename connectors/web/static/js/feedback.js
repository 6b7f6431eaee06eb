/** Thumbs up and down, with a small form that asks what was wrong. */

import { announce, button, el, icon, uuid } from "./dom.js";
import { keepRating, ratings } from "./session.js";
import { keys, say } from "./wording.js";

/**
 * @typedef {(trace: string, rating: 1 | -1, reason: string | null) => Promise<unknown>} Send
 */

const LONGEST_REASON = 400;

/**
 * The rating tools of a turn; the form opens in the place given.
 * @param {string} trace
 * @param {HTMLElement} place where the form goes
 * @param {Send} send
 * @returns {HTMLElement}
 */
export function ratingTools(trace, place, send) {
  const up = thumb("up", () => void rated(1, null));
  const down = thumb("down", () => (place.querySelector("form") ? closed() : opened()));
  const group = el("span", { class: "rating", role: "group", "aria-label": say("rate_group") }, up, down);
  const thanks = el("span", { class: "rating__thanks", "data-testid": "rating-thanks" });
  group.append(thanks);
  show(ratings()[trace]);

  /** @param {number | undefined} rating */
  function show(rating) {
    up.setAttribute("aria-pressed", String(rating === 1));
    down.setAttribute("aria-pressed", String(rating === -1));
  }

  /** @param {1 | -1} rating @param {string | null} reason */
  async function rated(rating, reason) {
    try {
      await send(trace, rating, reason);
      keepRating(trace, rating);
      show(rating);
      closed();
      thanks.textContent = say("thanks");
    } catch {
      thanks.textContent = say("rate_failed");
    }
    announce(thanks.textContent);
  }

  function opened() {
    down.setAttribute("aria-expanded", "true");
    const form = reasonForm((reason) => rated(-1, reason), closed);
    place.append(form);
    form.querySelector("input")?.focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest" });
  }

  function closed() {
    const form = place.querySelector("form");
    down.setAttribute("aria-expanded", "false");
    if (form?.contains(document.activeElement)) down.focus();
    form?.remove();
  }
  down.setAttribute("aria-expanded", "false");
  return group;
}

/** @param {"up" | "down"} which @param {() => void} press */
function thumb(which, press) {
  const label = say(which);
  return button(
    { class: "tool tool--small", "data-testid": `rate-${which}`, "aria-label": label, title: label, "aria-pressed": "false" },
    press,
    icon(which),
  );
}

/**
 * @param {(reason: string | null) => Promise<void>} submit
 * @param {() => void} cancel
 * @returns {HTMLFormElement}
 */
function reasonForm(submit, cancel) {
  const id = uuid().slice(0, 8);
  const words = /** @type {HTMLTextAreaElement} */ (
    el("textarea", { id: `words-${id}`, class: "reasons__words", rows: 2, maxlength: LONGEST_REASON, "data-testid": "reason-words" })
  );
  const form = /** @type {HTMLFormElement} */ (
    el(
      "form",
      { class: "reasons", "data-testid": "reason-form" },
      el(
        "fieldset",
        {},
        el("legend", {}, say("reason_heading")),
        ...keys("reasons").map((key) =>
          el(
            "label",
            { class: "reasons__choice" },
            el("input", { type: "radio", name: "reason", value: key, "data-testid": `reason-${key}` }),
            el("span", {}, say(`reasons.${key}`)),
          ),
        ),
      ),
      el("label", { class: "reasons__label", for: `words-${id}` }, say("reason_label")),
      words,
      el(
        "div",
        { class: "reasons__buttons" },
        el("button", { type: "submit", class: "button button--primary", "data-testid": "reason-send" }, say("reason_send")),
        button({ class: "button", "data-testid": "reason-cancel" }, cancel, say("reason_cancel")),
      ),
    )
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = new FormData(form).get("reason");
    const reason = [chosen, words.value.trim()].filter(Boolean).join(": ");
    void submit(reason || null);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
  });
  return form;
}
