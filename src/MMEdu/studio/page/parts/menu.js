// @ts-check
/** A button that opens a few more: a <details>, closed by Escape, by a choice and by a press elsewhere. */

import { h } from "./h.js";

/**
 * @param {string} label  Read out.
 * @param {...(Node | null)} items
 * @returns {HTMLDetailsElement}
 */
export function menu(label, ...items) {
  const summary = h("summary.button.quiet", { "aria-label": label, title: label }, "⋯");
  const box = h("div.menu_box", {}, ...items);
  const element = h("details.menu", {}, summary, box);
  box.addEventListener("click", (/** @type {Event} */ event) => {
    if (event.target instanceof Element && event.target.closest("button")) element.open = false;
  });
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !element.open) return;
    element.open = false;
    summary.focus();
    event.stopPropagation();
  });
  return element;
}

document.addEventListener("pointerdown", (event) => {
  for (const open of document.querySelectorAll("details.menu[open]")) {
    if (!(event.target instanceof Node && open.contains(event.target))) /** @type {HTMLDetailsElement} */ (open).open = false;
  }
});
