// @ts-check
/** What the page tells in a sentence: at the bottom, read out, until it is closed or has been there for a while. */

import { Refused, Unreachable } from "./api.js";
import { h } from "./h.js";
import { t } from "./words.js";

const SECONDS = 12;

/**
 * Tell a text or an error.
 * @param {unknown} what
 * @param {"error" | "done" | "note"} [kind]
 */
export function tell(what, kind = what instanceof Error ? "error" : "note") {
  const [message, hint] = sentences(what);
  const place = /** @type {HTMLElement} */ (document.getElementById("told"));
  for (const old of place.querySelectorAll(".notice")) if (old.textContent?.startsWith(message)) old.remove();
  const notice = h(
    `div.notice.${kind}`,
    { role: kind === "error" ? "alert" : null },
    h("div", {}, h("strong", {}, message), hint ? h("p", {}, hint) : null),
    h("button.quiet", { "aria-label": t("shell.close"), onclick: () => notice.remove() }, "✕"),
  );
  place.append(notice);
  if (kind !== "error") setTimeout(() => notice.remove(), SECONDS * 1000);
}

/**
 * @param {unknown} what
 * @returns {[string, string]}
 */
export function sentences(what) {
  if (what instanceof Refused) return [what.message, what.hint];
  if (what instanceof Unreachable) return [t("shell.unreachable"), t("shell.unreachable_hint")];
  if (what instanceof Error) {
    console.warn(what);
    return [t("shell.unforeseen"), what.message];
  }
  return [String(what), ""];
}
