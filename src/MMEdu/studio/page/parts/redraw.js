// @ts-check
/** Children that are drawn anew while somebody stands on one of them: who had the focus has it afterwards. */

/**
 * Put new children into a place; the one with the same `data-key` as the focused one is focused.
 * @param {HTMLElement} place
 * @param {...(Node | string | null | false)} children  What is empty is left out.
 */
export function redraw(place, ...children) {
  const at = place.contains(document.activeElement) ? keyed(/** @type {Element} */ (document.activeElement)) : "";
  const { scrollTop, scrollLeft } = place;
  place.replaceChildren(.../** @type {(Node | string)[]} */ (children.filter(Boolean)));
  place.scrollTo(scrollLeft, scrollTop);
  if (!at) return;
  for (const one of place.querySelectorAll("[data-key]")) {
    if (/** @type {HTMLElement} */ (one).dataset.key === at) return /** @type {HTMLElement} */ (one).focus({ preventScroll: true });
  }
}

/** @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/**
 * Draw a place anew only where what it shows is another one: what is being dragged stays in the hand.
 * @param {HTMLElement} place
 * @param {unknown} what  Plain data that it shows.
 * @param {() => Node[]} draw
 */
export function redrawNew(place, what, draw) {
  const now = JSON.stringify(what);
  if (drawn.get(place) === now) return;
  drawn.set(place, now);
  redraw(place, ...draw());
}

/** @param {Element} element */
const keyed = (element) => /** @type {HTMLElement | null} */ (element.closest("[data-key]"))?.dataset.key ?? "";
