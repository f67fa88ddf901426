// @ts-check
/** What the page tells in a sentence: under the header, read out, until it is closed or has been there for a while. */

import { CHANGED, Refused, Unreachable } from "./api.js";
import { h } from "./h.js";
import { t } from "./words.js";

const SECONDS = { error: 15, done: 6, note: 12 };
const MOST = 3;

/** What is in sight: what it says, when it was told, and how it is told once more. @type {Map<HTMLElement, {said: string, at: number, again: () => void}>} */
const inSight = new Map();

// An error is over once something that somebody did afterwards went well.
let touched = 0;
for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => (touched = performance.now()), { capture: true });
addEventListener(CHANGED, (event) => {
  const began = /** @type {CustomEvent<number>} */ (event).detail;
  for (const [notice, one] of [...inSight]) if (notice.classList.contains("error") && one.at < touched && touched <= began) putAway(notice);
});

/**
 * Tell a text or an error; what is told already is counted instead.
 * @param {unknown} what
 * @param {keyof typeof SECONDS} [kind]
 */
export function tell(what, kind = what instanceof Error ? "error" : "note") {
  const [message, hint] = sentences(what);
  const said = `${kind} ${message} ${hint}`;
  for (const [old, one] of inSight) {
    if (!old.isConnected) inSight.delete(old);
    else if (one.said === said) return one.again();
  }
  while (inSight.size >= MOST) {
    const all = [...inSight.keys()];
    putAway(all.find((one) => !one.classList.contains("error")) ?? all[0]);
  }
  const times = h("span.times", { hidden: true });
  const notice = h(
    `div.notice.${kind}`,
    { role: kind === "error" ? "alert" : null },
    h("div", {}, h("strong", {}, message), times, hint ? h("p", {}, hint) : null),
    h("button.quiet", { "aria-label": t("shell.close"), onclick: () => putAway(notice) }, "✕"),
  );
  let count = 1;
  let timer = 0;
  const leave = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (notice.matches(":hover, :focus-within") ? leave() : putAway(notice)), SECONDS[kind] * 1000);
  };
  inSight.set(notice, {
    said,
    at: performance.now(),
    again() {
      count += 1;
      times.textContent = `×${count}`;
      times.hidden = false;
      leave();
    },
  });
  /** @type {HTMLElement} */ (document.getElementById("told")).append(notice);
  leave();
}

/** @param {HTMLElement} notice */
function putAway(notice) {
  inSight.delete(notice);
  notice.remove();
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
