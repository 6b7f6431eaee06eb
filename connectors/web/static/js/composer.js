/** The field for questions: grows with its text, counts, warns of personal numbers, sends on Enter but not within an IME. */

import { byId } from "./dom.js";
import { draft, keepDraft } from "./session.js";
import { prepareListening } from "./voice.js";
import { say } from "./wording.js";

const PERSONAL = /(?<!\d)(\d{17}[\dXx]|\d{15,16}|\d{19})(?![\dXx])/;
const COUNT_FROM = 0.9;

export class Composer {
  #field = /** @type {HTMLTextAreaElement} */ (byId("question"));
  #hint = byId("composer-hint");
  #send = /** @type {HTMLButtonElement} */ (byId("send"));
  #max = Number(this.#field.dataset.max);

  /**
   * @param {{ onText: (text: string) => void, onPosition: (position: import("./session.js").Position) => void }} handlers
   */
  constructor({ onText, onPosition }) {
    this.onText = onText;
    const form = /** @type {HTMLFormElement} */ (byId("composer-form"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("input", () => this.#changed());
    prepareListening({
      onText: (text) => this.fill(text, false),
      onNote: (note) => this.note(note),
    });
    this.#prepareLocation(onPosition);
    this.fill(draft(), false);
  }

  /** @param {string} text @param {boolean} [focus] */
  fill(text, focus = true) {
    this.#field.value = text;
    this.#changed();
    if (focus) this.focus();
  }

  /** Puts the caret into the field, unless that would bring up a phone's keyboard over the answer. */
  focus() {
    if (window.matchMedia("(pointer: fine)").matches) this.#field.focus({ preventScroll: true });
  }

  /** @param {string} text */
  note(text) {
    this.#hint.textContent = text;
  }

  #submit() {
    const text = this.#field.value.trim();
    if (!text || [...text].length > this.#max) {
      this.#field.focus();
      return;
    }
    this.fill("", false);
    this.onText(text);
  }

  #changed() {
    const field = this.#field;
    const text = field.value;
    const used = [...text.trim()].length;
    keepDraft(text);
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const long = used > this.#max;
    field.setAttribute("aria-invalid", String(long));
    this.#send.setAttribute("aria-disabled", String(used === 0 || long));
    this.#hint.classList.toggle("composer__hint--bad", long);
    if (long) this.note(say("state.too_long", { max: this.#max }));
    else if (PERSONAL.test(text.replace(/(?<=\d)[ -](?=\d)/g, ""))) this.note(say("id_hint"));
    else this.note(used > this.#max * COUNT_FROM ? say("count", { used, max: this.#max }) : "");
  }

  /** @param {(position: import("./session.js").Position) => void} onPosition */
  #prepareLocation(onPosition) {
    const button = /** @type {HTMLButtonElement} */ (byId("locate"));
    if (!navigator.geolocation || !window.isSecureContext) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      button.setAttribute("aria-busy", "true");
      const done = () => button.removeAttribute("aria-busy");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          done();
          // Three decimals, about a hundred metres: enough for the nearest hall, not for a front door.
          const rough = (/** @type {number} */ degrees) => Math.round(degrees * 1000) / 1000;
          onPosition({ latitude: rough(coords.latitude), longitude: rough(coords.longitude) });
        },
        () => {
          done();
          this.note(say("location_denied"));
        },
        { timeout: 10_000, maximumAge: 300_000 },
      );
    });
  }
}
