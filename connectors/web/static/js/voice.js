/** Reading aloud and voice input, each only where the browser has it. */

import { announce, button, byId, icon } from "./dom.js";
import { language, say, speechTag } from "./wording.js";

const SPEECH_LANGUAGE = "suiwen.speech";

/** @type {any} */
const Recognition = /** @type {any} */ (window).SpeechRecognition ?? /** @type {any} */ (window).webkitSpeechRecognition;

/** @type {HTMLButtonElement | null} */
let speaking = null;

/** Shows the reading buttons as soon as the browser has a voice. */
export function prepareReading() {
  if (!("speechSynthesis" in window)) return;
  const look = () => {
    if (window.speechSynthesis.getVoices().length) document.documentElement.classList.add("speaks");
  };
  look();
  window.speechSynthesis.addEventListener?.("voiceschanged", look);
  window.addEventListener("pagehide", hush);
}

/** Stops reading. */
export function hush() {
  if ("speechSynthesis" in window) window.speechSynthesis.cancel();
  if (speaking) mark(speaking, false);
  speaking = null;
}

/** @param {HTMLButtonElement} pressed @param {boolean} on */
function mark(pressed, on) {
  const label = say(on ? "speak_stop" : "speak");
  pressed.setAttribute("aria-label", label);
  pressed.title = label;
  pressed.replaceChildren(icon(on ? "stop" : "speaker"));
}

/**
 * A button that reads a reply aloud; null where the browser cannot speak.
 * @param {string} text
 * @param {string} replyLanguage
 */
export function speakButton(text, replyLanguage) {
  if (!("speechSynthesis" in window)) return null;
  const made = button({ class: "tool tool--small tool--speak", "data-testid": "speak" }, (pressed) => {
    const again = speaking === pressed;
    hush();
    if (again) return;
    const spoken = new SpeechSynthesisUtterance(text.replace(/https?:\/\/\S+/g, ""));
    spoken.lang = speechTag(replyLanguage);
    const wanted = spoken.lang.toLowerCase();
    const voices = window.speechSynthesis.getVoices();
    const tag = (/** @type {SpeechSynthesisVoice} */ voice) => voice.lang.replace("_", "-").toLowerCase();
    spoken.voice =
      voices.find((voice) => tag(voice) === wanted) ??
      voices.find((voice) => tag(voice).startsWith(wanted.slice(0, 2))) ??
      null;
    spoken.onend = spoken.onerror = () => {
      if (speaking === pressed) hush();
    };
    speaking = pressed;
    mark(pressed, true);
    window.speechSynthesis.speak(spoken);
  });
  mark(made, false);
  return made;
}

/**
 * Voice input into the question's field.
 * @param {{ onText: (text: string) => void, onNote: (note: string) => void }} handlers
 */
export function prepareListening({ onText, onNote }) {
  const mic = /** @type {HTMLButtonElement} */ (byId("mic"));
  const choice = /** @type {HTMLSelectElement} */ (byId("speech-language"));
  if (!Recognition || !window.isSecureContext) return;
  mic.hidden = false;
  choice.hidden = false;
  choice.value = remembered() ?? (language === "en" ? "en-US" : language === "zh-Hant" ? "yue-Hant-HK" : "zh-CN");
  choice.addEventListener("change", () => {
    try {
      window.localStorage.setItem(SPEECH_LANGUAGE, choice.value);
    } catch {
      // Not kept; the choice holds until the page is left.
    }
  });
  /** @type {any} */
  let listening = null;

  /** @param {boolean} on */
  const show = (on) => {
    mic.classList.toggle("tool--on", on);
    const label = say(on ? "mic_stop" : "mic_start");
    mic.setAttribute("aria-label", label);
    mic.title = label;
    mic.replaceChildren(icon(on ? "stop" : "mic"));
  };

  mic.addEventListener("click", () => {
    if (listening) {
      listening.stop();
      return;
    }
    hush();
    const recognition = new Recognition();
    recognition.lang = choice.value;
    recognition.interimResults = true;
    let note = "";
    recognition.onresult = (/** @type {any} */ event) =>
      onText([...event.results].map((/** @type {any} */ result) => result[0].transcript).join(""));
    recognition.onerror = (/** @type {any} */ event) => {
      if (event.error === "aborted") return;
      note = say(["not-allowed", "service-not-allowed"].includes(event.error) ? "mic_denied" : "mic_nothing");
    };
    recognition.onend = () => {
      listening = null;
      show(false);
      onNote(note);
    };
    listening = recognition;
    show(true);
    onNote(say("mic_listening"));
    announce(say("mic_listening"));
    recognition.start();
  });
}

/** @returns {string | null} */
function remembered() {
  try {
    return window.localStorage.getItem(SPEECH_LANGUAGE);
  } catch {
    return null;
  }
}
