/** Tells when the assistant is starting, impaired or down, or the device offline; silent while all is well. */

import { health } from "./api.js";
import { byId, el, icon } from "./dom.js";
import { say } from "./wording.js";

/** Seconds to the next look, by state. @type {Record<string, number>} */
const NEXT = { ok: 120, starting: 4, degraded: 30, down: 10, offline: 15 };
const DOWN_AFTER = 2;

export class HealthWatch {
  #timer = 0;
  #failures = 0;
  #shown = "ok";
  #looking = false;

  /** @param {() => void} onRecovered called when the assistant can answer again */
  constructor(onRecovered) {
    this.onRecovered = onRecovered;
    window.addEventListener("online", () => void this.look());
    window.addEventListener("offline", () => this.#show("offline"));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.look();
    });
  }

  /** Asks for the state now, and again by itself. */
  async look() {
    if (this.#looking) return;
    this.#looking = true;
    window.clearTimeout(this.#timer);
    let state = this.#shown;
    try {
      const found = await health();
      this.#failures = 0;
      state = found in NEXT ? found : "ok";
    } catch {
      this.#failures += 1;
      if (!navigator.onLine) state = "offline";
      else if (this.#failures >= DOWN_AFTER) state = "down";
    }
    this.#looking = false;
    const recovered = state !== this.#shown && (state === "ok" || state === "degraded");
    this.#show(state);
    if (recovered) this.onRecovered();
    const soon = this.#failures === 1 ? 3 : NEXT[state];
    if (document.visibilityState === "visible") this.#timer = window.setTimeout(() => void this.look(), soon * 1000);
  }

  /** @param {string} state */
  #show(state) {
    const banner = byId("health");
    banner.hidden = state === "ok";
    banner.className = `banner banner--${state}`;
    banner.dataset.state = state;
    if (state === this.#shown) return;
    this.#shown = state;
    const symbol = state === "starting" ? "clock" : state === "degraded" ? "info" : "warning";
    banner.replaceChildren(
      ...(state === "ok" ? [] : [icon(symbol), el("span", {}, say(`health.${state}`))]),
      ...(state === "down" ? [el("a", { href: "tel:12345" }, icon("phone"), say("call"))] : []),
    );
  }
}
