/** Keeps the latest turn in view without taking the page from a reader who has scrolled back. */

import { byId } from "./dom.js";

const NEAR = 160;
const GAP = 16;

export class Scroll {
  #latest = byId("latest");
  #scroller = byId("scroller");

  constructor() {
    this.#latest.addEventListener("click", () => this.toEnd());
    for (const place of [this.#scroller, window]) {
      place.addEventListener("scroll", () => this.#look(), { passive: true });
    }
    new ResizeObserver(() => this.#look()).observe(byId("log"));
  }

  /** What scrolls: the conversation, or the whole page where there is little height. */
  get #box() {
    const own = getComputedStyle(this.#scroller).overflowY !== "visible";
    return own ? this.#scroller : document.documentElement;
  }

  /** Whether the end of the conversation is in view. */
  get atEnd() {
    const { scrollHeight, clientHeight, scrollTop } = this.#box;
    return scrollHeight - clientHeight - scrollTop < NEAR;
  }

  /** @param {boolean} [instant] else smoothly, where the citizen's system does not ask for less motion */
  toEnd(instant = false) {
    this.#box.scrollTo({ top: this.#box.scrollHeight, behavior: instant ? "instant" : "auto" });
  }

  /** Back to the start screen's top. */
  toTop() {
    this.#box.scrollTo({ top: 0, behavior: "instant" });
  }

  /**
   * Brings a turn to the top, so that what follows it can be read from its start.
   * @param {HTMLElement | null} turn
   */
  toTurn(turn) {
    if (!turn) return this.toEnd();
    const box = this.#box;
    const above = box === this.#scroller ? box.getBoundingClientRect().top : 0;
    box.scrollTo({ top: box.scrollTop + turn.getBoundingClientRect().top - above - GAP });
  }

  #look() {
    this.#latest.hidden = this.atEnd || byId("log").childElementCount === 0;
  }
}
