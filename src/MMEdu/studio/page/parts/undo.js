// @ts-check
/** What was just done, and a button that takes it back; Ctrl+Z does, too. */

import { h } from "./h.js";
import { tell } from "./told.js";
import { t } from "./words.js";

const SECONDS = 15;

/** @returns {{element: HTMLElement, offer: (text: string, back: () => Promise<void>) => void, close: () => void}} */
export function undoBar() {
  const element = h("div.undo", { role: "status", hidden: true });
  /** @type {(() => Promise<void>) | null} */
  let back = null;
  let timer = 0;

  const close = () => {
    element.hidden = true;
    back = null;
  };
  const undo = async () => {
    const now = back;
    close();
    try {
      await now?.();
    } catch (error) {
      tell(error);
    }
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA)$/.test(event.target.tagName);
    if (back && !typing && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      undo();
    }
  });
  return {
    element,
    /** Something else begins: what was before is not taken back any more by mistake. */
    close,
    offer(text, how) {
      back = how;
      clearTimeout(timer);
      timer = setTimeout(close, SECONDS * 1000);
      element.hidden = false;
      element.replaceChildren(h("span", {}, text), h("button", { onclick: undo }, t("teach.undo")));
    },
  };
}
