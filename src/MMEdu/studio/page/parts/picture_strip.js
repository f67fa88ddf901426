// @ts-check
/** Many pictures in one row or column, only those in sight are there; each tells in a mark what is known of it. */

import { h } from "./h.js";

/**
 * @typedef {object} Given
 * @property {string} label  Read out.
 * @property {(id: string) => string} address  Of a small picture.
 * @property {(id: string, place: number, all: number) => string} name  Read out.
 * @property {(id: string) => {text: string, kind: string} | null} mark
 * @property {(id: string) => void} choose
 */

const SIDE = 84;
const GAP = 6;
const EXTRA = 4;

/**
 * Make a strip.
 * @param {Given} given
 */
export function pictureStrip(given) {
  const inner = h("div.strip_inner");
  const element = h("div.strip", { role: "group", "aria-label": given.label }, inner);
  /** @type {string[]} */
  let ids = [];
  let chosen = "";
  /** @type {Map<string, HTMLElement>} */
  const cells = new Map();
  const step = SIDE + GAP;

  const across = () => element.clientWidth > element.clientHeight;

  function draw() {
    const wide = across();
    const scrolled = wide ? element.scrollLeft : element.scrollTop;
    const length = wide ? element.clientWidth : element.clientHeight;
    inner.style.setProperty("width", wide ? `${Math.max(0, ids.length * step - GAP)}px` : "100%");
    inner.style.setProperty("height", wide ? "100%" : `${Math.max(0, ids.length * step - GAP)}px`);
    const first = Math.max(0, Math.floor(scrolled / step) - EXTRA);
    const last = Math.min(ids.length, Math.ceil((scrolled + length) / step) + EXTRA);
    const wanted = new Set(ids.slice(first, last));
    for (const [id, cell] of cells) if (!wanted.has(id) && !cell.contains(document.activeElement)) (cell.remove(), cells.delete(id));
    ids.slice(first, last).forEach((id, offset) => place(cells.get(id) ?? make(id), id, first + offset, wide));
  }

  /**
   * @param {HTMLElement} cell
   * @param {string} id
   * @param {number} index
   * @param {boolean} wide
   */
  function place(cell, id, index, wide) {
    cell.style.setProperty("left", wide ? `${index * step}px` : "0");
    cell.style.setProperty("top", wide ? "0" : `${index * step}px`);
    cell.setAttribute("aria-label", given.name(id, index + 1, ids.length));
    cell.setAttribute("aria-current", String(id === chosen));
    cell.tabIndex = id === chosen ? 0 : -1;
    const mark = given.mark(id);
    const badge = /** @type {HTMLElement} */ (cell.lastElementChild);
    badge.textContent = mark?.text ?? "";
    badge.className = `mark ${mark?.kind ?? ""}`;
    badge.hidden = !mark;
  }

  /** @param {string} id */
  function make(id) {
    const cell = h("button.strip_cell", { type: "button", dataset: { picture: id }, onclick: () => given.choose(id) }, h("img", { src: given.address(id), alt: "", draggable: false, decoding: "async" }), h("span.mark", { "aria-hidden": "true" }));
    cells.set(id, cell);
    inner.append(cell);
    return cell;
  }

  function reveal() {
    const index = ids.indexOf(chosen);
    if (index < 0) return;
    const wide = across();
    const at = index * step;
    const length = wide ? element.clientWidth : element.clientHeight;
    const scrolled = wide ? element.scrollLeft : element.scrollTop;
    const to = at < scrolled + step ? at - step : at + 2 * step > scrolled + length ? at + 2 * step - length : scrolled;
    if (wide) element.scrollLeft = to;
    else element.scrollTop = to;
  }

  inner.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    const index = ids.indexOf(chosen) + steps[/** @type {keyof typeof steps} */ (event.key)];
    const id = ids[Math.min(Math.max(index, 0), ids.length - 1)];
    if (!id) return;
    given.choose(id);
    cells.get(id)?.focus({ preventScroll: true });
  });
  element.addEventListener("scroll", draw, { passive: true });
  new ResizeObserver(draw).observe(element);

  return {
    element,
    draw,
    /**
     * @param {string[]} pictures
     * @param {string} now
     */
    show(pictures, now) {
      const other = now !== chosen;
      ids = pictures;
      chosen = now;
      draw();
      if (other) {
        reveal();
        draw();
      }
    },
  };
}
