/** Puts the page together: the composer, the outbox, the stream, the log. */

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { announce, byId, uuid } from "./dom.js";
import { HealthWatch } from "./health.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { Scroll } from "./scroll.js";
import { clear, deletions, keepDeletions, keepSession, session, touch } from "./session.js";
import { openSide, prepareSettings } from "./settings.js";
import { Stream } from "./stream.js";
import { hush, prepareReading } from "./voice.js";
import { say } from "./wording.js";

/** @typedef {import("./session.js").Message} Message */

const scroll = new Scroll();
let expired = false;

const stream = new Stream({
  onReady: () => outbox.hurry(),
  onTyping: () => log.typing(true),
  onRefused: () => void checkSession(),
  onAnswer: (answer, id) => {
    if (id && outbox.remove(id)) settled(id);
    show(answer, false);
  },
  onEvent: happened,
});

const outbox = new Outbox({
  deliver: async (message, overStream) => {
    const current = session() ?? (await begun());
    touch();
    log.typing(true);
    return overStream && stream.ready ? stream.send(message) : api.post(current, message);
  },
  expired: () => {
    expired = true;
    stream.close();
    keepSession(null);
  },
  onState: (message, state, extra) => {
    if (state !== "sending") log.typing(false);
    log.state(message.message_id, state, { ...extra, text: message.text });
    if (state === "failed" || state === "waiting") void health.look();
  },
  onAnswer: (message, answer) => {
    settled(message.message_id);
    if (log.shows(answer.trace_id)) log.drop(message.message_id);
    show(answer, true);
  },
});

const log = new Log({
  choose: (label, payload) => ask({ label, payload }),
  rate: async (trace, rating, reason) => {
    const current = session();
    if (!current) throw new api.Problem(404);
    await api.rate(current, trace, rating, reason);
  },
  retry: (id) => outbox.retry(id),
  edit: (id, text) => {
    outbox.remove(id);
    log.drop(id);
    composer.fill(text);
  },
});

const composer = new Composer({
  onText: (text) => ask({ label: text, text }),
  onPosition: (location) => ask({ label: say("location_said"), location }),
});

const health = new HealthWatch(() => outbox.hurry());

/** @param {string} id */
function settled(id) {
  log.typing(false);
  log.state(id, "answered");
}

/** Starts a conversation, and says so where it takes the place of an expired one. */
async function begun() {
  const made = await api.begin();
  keepSession(made);
  if (expired) log.note(say("renewed"), "renewed");
  expired = false;
  stream.open(made);
  return made;
}

/** Learns whether the server still knows the conversation, when it turned the stream away. */
async function checkSession() {
  const current = session();
  if (!current) return;
  try {
    await api.history(current);
  } catch (error) {
    if (error instanceof api.Problem && error.expired && session()?.id === current.id) {
      expired = true;
      stream.close();
      keepSession(null);
      outbox.hurry();
    }
  }
}

/** @param {Omit<Message, "message_id">} said */
function ask(said) {
  const message = { message_id: uuid(), ...said };
  const focused = document.activeElement;
  hush();
  started(true);
  openSide(false);
  log.said(message.label, message.message_id);
  scroll.toEnd();
  outbox.add(message);
  // What was pressed may be gone now (an example, a topic in the closed side column): the caret goes on from here.
  if (!(focused instanceof HTMLElement) || focused === document.body || !focused.getClientRects().length) {
    if (window.matchMedia("(pointer: fine)").matches) composer.focus();
    else byId("log").focus({ preventScroll: true });
  }
}

/** @param {import("./api.js").Answer} answer @param {boolean} own whether the citizen waits for it */
function show(answer, own) {
  if (log.shows(answer.trace_id)) return;
  const follow = own || scroll.atEnd;
  started(true);
  log.typing(false);
  log.answered(answer);
  if (follow) window.setTimeout(() => scroll.toTurn(log.lastSaid));
  else announce(say("new_reply"));
}

/** Shows an event of the stream: its name, or an object with a name, a text or replies. @param {any} event */
function happened(event) {
  if (event && typeof event === "object") {
    if (Array.isArray(event.replies)) {
      show({ replies: event.replies, trace_id: event.trace_id ?? "" }, false);
      return;
    }
    if (typeof event.text === "string") {
      log.note(event.text, "event");
      return;
    }
  }
  const name = typeof event === "string" ? event : event?.name ?? event?.type;
  const words = typeof name === "string" ? say(`event.${name}`) : "";
  if (words) log.note(words, String(name));
}

/** Shows the conversation in place of the start screen, or the other way round. @param {boolean} yes */
function started(yes) {
  byId("start").hidden = yes;
  byId("forget").hidden = !yes;
  document.documentElement.classList.toggle("started", yes);
}

async function forget() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("forget-dialog"));
  if (dialog.returnValue !== "confirm") return;
  const current = session();
  stream.close();
  outbox.clear();
  log.clear();
  clear();
  composer.fill("", false);
  started(false);
  scroll.toTop();
  byId("start-heading").focus({ preventScroll: true });
  if (current) keepDeletions([...deletions(), current]);
  announce(say((await deleted()) ? "forgotten" : "forget_failed"));
}

/** Has the server forget what it was asked to. @returns {Promise<boolean>} whether all is forgotten */
async function deleted() {
  /** @type {import("./session.js").Session[]} */
  const left = [];
  for (const one of deletions()) {
    try {
      await api.forget(one);
    } catch (error) {
      if (!(error instanceof api.Problem && error.expired)) left.push(one);
    }
  }
  keepDeletions(left);
  if (left.length) composer.note(say("forget_failed"));
  return left.length === 0;
}

/** Brings back the conversation that this device remembers. */
async function restored() {
  const current = session();
  const unsent = outbox.restore();
  if (!current && !unsent.length) return;
  started(true);
  if (current) {
    try {
      const { turns } = await api.history(current);
      log.restore(turns);
      stream.open(current);
    } catch (error) {
      if (error instanceof api.Problem && error.expired) {
        keepSession(null);
        log.note(say("renewed"), "renewed");
      } else {
        stream.open(current);
      }
    }
  }
  for (const message of unsent) {
    log.said(message.label, message.message_id);
    if (message.state) log.state(message.message_id, message.state, { text: message.text });
  }
  if (!byId("log").childElementCount) started(false);
  window.setTimeout(() => scroll.toEnd(true));
  void outbox.run();
}

prepareReading();
prepareSettings({
  beforeLanguage: async () => {
    const current = session();
    if (current) await api.followLanguage(current).catch(() => null);
  },
});
for (const one of document.querySelectorAll("[data-ask]")) {
  const text = one.getAttribute("data-ask") ?? "";
  one.addEventListener("click", () => ask({ label: text, text }));
}
byId("forget").addEventListener("click", () => {
  const dialog = /** @type {HTMLDialogElement} */ (byId("forget-dialog"));
  dialog.returnValue = "";
  dialog.showModal();
});
byId("forget-dialog").addEventListener("close", () => void forget());
void restored();
void health.look();
void deleted();
