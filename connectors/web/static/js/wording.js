/** The interface's phrases, as the server rendered them into the page for its language. */

/** @type {Record<string, any>} */
const phrases = JSON.parse(document.querySelector('meta[name="suiwen-wording"]')?.getAttribute("content") ?? "{}");

/** The interface's language: zh-Hans, zh-Hant or en. */
export const language = document.documentElement.lang;

/**
 * A phrase by its path, with its {braces} filled in; "" where there is none.
 * @param {string} path such as "state.sending"
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(path, values = {}) {
  /** @type {any} */
  let found = phrases;
  for (const step of path.split(".")) {
    found = found !== null && typeof found === "object" && Object.hasOwn(found, step) ? found[step] : undefined;
  }
  if (typeof found !== "string") return "";
  return found.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

/**
 * The keys under a path, in the order of the data.
 * @param {string} path
 * @returns {string[]}
 */
export function keys(path) {
  return Object.keys(phrases[path] ?? {});
}

/**
 * A calendar date in the interface's language.
 * @param {string} date such as "2025-11-03"
 * @returns {string}
 */
export function dated(date) {
  const at = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return date;
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" }).format(at);
}

/** @type {Record<string, string>} */
const TAGS = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", yue: "zh-HK", en: "en-US" };

/**
 * The tag by which speech engines know a reply's language.
 * @param {string} replyLanguage
 * @returns {string}
 */
export function speechTag(replyLanguage) {
  return TAGS[replyLanguage] ?? "zh-CN";
}
