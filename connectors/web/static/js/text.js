/** A reply's plain text as paragraphs, lists and links. It is never parsed as HTML. */

import { el, safeUrl } from "./dom.js";

const LINKS = /(https?:\/\/[^\s<>"'，。；、！？）】》」』]+)|(?<![\d-])(12345|0\d{2,3}-\d{5,8})(?![\d-])/g;
const BULLET = /^\s*[-•·*]\s+/;
const NUMBER = /^\s*(\d{1,2})(?:[.)]\s+|[、．]\s*)/;

/**
 * A line with its web addresses and phone numbers (12345, 020-…) linked.
 * @param {string} line
 * @returns {(Node | string)[]}
 */
function linked(line) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let from = 0;
  for (const found of line.matchAll(LINKS)) {
    const whole = found[0].replace(/[.,;:!?)]+$/, "");
    const url = found[1] ? safeUrl(whole) : null;
    if (found[1] && !url) continue;
    parts.push(line.slice(from, found.index));
    parts.push(
      url
        ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, whole)
        : el("a", { href: `tel:${whole.replace("-", "")}` }, whole),
    );
    from = found.index + whole.length;
  }
  parts.push(line.slice(from));
  return parts;
}

/**
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function formatted(text) {
  const made = document.createDocumentFragment();
  for (const block of text.replace(/\r\n?/g, "\n").trim().split(/\n\s*\n/)) {
    /** @type {HTMLElement | null} */
    let open = null;
    for (const line of block.split("\n")) {
      const number = NUMBER.exec(line);
      const tag = BULLET.test(line) ? "UL" : number ? "OL" : "P";
      if (open?.tagName !== tag) {
        open = el(tag.toLowerCase());
        made.append(open);
      } else if (tag === "P") {
        open.append(el("br"));
      }
      if (tag === "P") open.append(...linked(line));
      else open.append(el("li", { value: number?.[1] }, ...linked(line.replace(number ? NUMBER : BULLET, ""))));
    }
  }
  return made;
}
