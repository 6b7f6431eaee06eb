/** Large print, high contrast, the interface's language, and the side column on a phone. */

import { byId } from "./dom.js";

const root = document.documentElement;

/**
 * @param {string} id the button
 * @param {"print" | "contrast"} name
 * @param {string} on the value when it is on
 */
function toggle(id, name, on) {
  const pressed = byId(id);
  const key = `suiwen.${name}`;
  const show = () => pressed.setAttribute("aria-pressed", String(root.dataset[name] === on));
  pressed.addEventListener("click", () => {
    root.dataset[name] = root.dataset[name] === on ? "normal" : on;
    try {
      window.localStorage.setItem(key, root.dataset[name]);
    } catch {
      // Not kept; the choice holds until the page is left.
    }
    show();
  });
  window.addEventListener("storage", (event) => {
    if (event.key !== key || !event.newValue) return;
    root.dataset[name] = event.newValue;
    show();
  });
  show();
  return show;
}

/**
 * @param {{ beforeLanguage: () => Promise<unknown> }} handlers what to do before the page changes its language
 */
export function prepareSettings({ beforeLanguage }) {
  toggle("large-print", "print", "large");
  const showContrast = toggle("high-contrast", "contrast", "more");
  window.matchMedia("(prefers-contrast: more)").addEventListener("change", (wish) => {
    root.dataset.contrast = wish.matches ? "more" : "normal";
    showContrast();
  });

  for (const link of document.querySelectorAll("a[data-language]")) {
    link.addEventListener("click", async (event) => {
      const pressed = /** @type {MouseEvent} */ (event);
      if (pressed.ctrlKey || pressed.metaKey || pressed.shiftKey) return;
      event.preventDefault();
      await beforeLanguage();
      window.location.assign(/** @type {HTMLAnchorElement} */ (link).href);
    });
  }

  const side = byId("side-toggle");
  side.addEventListener("click", () => openSide(side.getAttribute("aria-expanded") !== "true"));
}

/**
 * Opens or closes the side column on a phone; on a desktop it is always open.
 * @param {boolean} open
 */
export function openSide(open) {
  byId("side-toggle").setAttribute("aria-expanded", String(open));
  byId("side-body").classList.toggle("side__body--open", open);
}
