// @ts-check
/** Steps of a page: one is open, those before are done and can be changed, those after wait. */

import { h } from "./h.js";
import { wear } from "./sheet.js";
import { t } from "./words.js";

/**
 * @typedef {object} Step
 * @property {HTMLElement} element
 * @property {HTMLElement} body
 * @property {() => void} opened  Called when it opens; a page may set it.
 * @property {(how: "open" | "done" | "waits", said: string) => void} show
 */

/**
 * @param {number} number
 * @param {string} title
 * @param {() => void} reopen
 * @returns {Step}
 */
export function step(number, title, reopen) {
  wear("choices", "steps");
  const heading = h("h2", { tabindex: -1 }, h("span.number", { "aria-hidden": "true" }, number), title);
  const summary = h("p.summary.soft");
  const change = h("button.quiet", { type: "button", onclick: reopen, "aria-label": `${t("parts.change")}: ${title}` }, t("parts.change"));
  const body = h("div.body");
  const element = h("section.step.card", { "aria-label": title }, h("div.step-head", {}, heading, summary, change), body);
  let now = "";
  /** @type {Step} */
  const made = {
    element,
    body,
    opened: () => {},
    show(how, said) {
      summary.textContent = how === "open" ? "" : said;
      summary.title = summary.textContent;
      change.hidden = how !== "done";
      body.hidden = how !== "open";
      element.dataset.how = how;
      element.setAttribute("aria-current", how === "open" ? "step" : "false");
      if (how === "open" && now !== "open") {
        made.opened();
        if (now) heading.focus({ preventScroll: true }), element.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
      }
      now = how;
    },
  };
  return made;
}
