/** Small helpers for the page. Text from the server only ever becomes a text node here. */

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("../img/icons.svg", import.meta.url).pathname;

/**
 * The element with an id that the template is known to have.
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return /** @type {T} */ (found);
}

/**
 * Makes an element. Strings among the children become text nodes.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] null, undefined and false are left out
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/**
 * An icon of the sprite.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button with a handler.
 * @param {Record<string, string | number | boolean | null | undefined>} attributes
 * @param {(button: HTMLButtonElement) => void} press
 * @param {...(Node | string | null)} children
 * @returns {HTMLButtonElement}
 */
export function button(attributes, press, ...children) {
  const made = /** @type {HTMLButtonElement} */ (el("button", { type: "button", ...attributes }, ...children));
  made.addEventListener("click", () => press(made));
  return made;
}

/**
 * The address if it is an absolute http(s) one, else null: nothing else is ever linked.
 * @param {unknown} value
 * @returns {string | null}
 */
export function safeUrl(value) {
  if (typeof value !== "string") return null;
  try {
    const url = new URL(value);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * A random UUID, also where the page is not served over https.
 * @returns {string}
 */
export function uuid() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Puts text on the clipboard, also where the page is not served over https.
 * @param {string} text
 * @returns {Promise<boolean>} whether it is there
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const area = /** @type {HTMLTextAreaElement} */ (el("textarea", { class: "hidden", readonly: true, "aria-hidden": "true" }));
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    return done;
  }
}

/**
 * Says something to a screen reader.
 * @param {string} text
 */
export function announce(text) {
  const place = byId("announce");
  place.textContent = "";
  window.setTimeout(() => place.append(text), 60);
}

/**
 * @param {number} seconds
 * @returns {Promise<void>}
 */
export function pause(seconds) {
  return new Promise((resolve) => window.setTimeout(resolve, seconds * 1000));
}
