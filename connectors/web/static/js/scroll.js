/** Keeps the latest turn in view without taking the page from a reader who has scrolled back. */

import { byId } from "./dom.js";

const NEAR = 160;

export class Scroll {
  #latest = byId("latest");

  constructor() {
    this.#latest.addEventListener("click", () => this.toEnd());
    window.addEventListener("scroll", () => this.#look(), { passive: true });
    const root = document.documentElement;
    new ResizeObserver(() => {
      root.style.setProperty("--composer-height", `${byId("composer").offsetHeight}px`);
    }).observe(byId("composer"));
    const bar = document.querySelector(".bar");
    if (bar instanceof HTMLElement) {
      new ResizeObserver(() => root.style.setProperty("--bar-height", `${bar.offsetHeight}px`)).observe(bar);
    }
  }

  /** Whether the end of the conversation is in view. */
  get atEnd() {
    const { scrollHeight, clientHeight, scrollTop } = document.documentElement;
    return scrollHeight - clientHeight - scrollTop < NEAR;
  }

  /** Goes to the end at once or smoothly, as the citizen's system wishes. @param {boolean} [instant] */
  toEnd(instant = false) {
    window.scrollTo({ top: document.documentElement.scrollHeight, behavior: instant ? "instant" : "auto" });
  }

  /** Brings a turn to the top, below the bar, so that what follows it can be read from its start. @param {HTMLElement | null} turn */
  toTurn(turn) {
    if (turn) turn.scrollIntoView({ block: "start" });
    else this.toEnd();
  }

  #look() {
    this.#latest.hidden = this.atEnd || byId("log").childElementCount === 0;
  }
}
