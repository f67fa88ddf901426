// @ts-check
/** Many small pictures: newest first, only those in sight are there; arrows move among them, Delete removes. */

import { PICTURE } from "./drop.js";
import { h } from "./h.js";
import { t } from "./words.js";

/** @typedef {{id: string}} Picture */
/**
 * @typedef {object} Given
 * @property {string} label  Read out.
 * @property {(id: string) => string} address  Of a small picture.
 * @property {(id: string) => void} choose  One was pressed.
 * @property {(id: string) => void} remove
 */

const SIDE = 64;
const LARGEST = 90;
const FLAT_SIDE = 72;
const GAP = 6;
const EDGE = 3;
const EXTRA_ROWS = 2;

/**
 * Make the pictures of a class.
 * @param {Given} given
 * @returns {{element: HTMLElement, focus: () => void, show: (pictures: Picture[], chosen?: string) => void}}
 */
export function thumbs(given) {
  const inner = h("div.thumbs_inner");
  const element = h("div.thumbs", { role: "group", "aria-label": given.label, hidden: true }, inner);
  /** @type {string[]} */
  let ids = [];
  let chosen = "";
  let current = "";
  /** @type {Map<string, HTMLElement>} */
  const cells = new Map();

  const inside = () => element.clientWidth - 2 * EDGE;
  // One row that is pushed sideways, where a list within the page would keep the finger that scrolls the page.
  const flat = matchMedia("(max-width: 52rem)");
  const columns = () => (flat.matches ? Math.max(1, ids.length) : Math.max(1, Math.floor((inside() + GAP) / (SIDE + GAP))));
  const side = () => (flat.matches ? FLAT_SIDE : Math.min(LARGEST, (inside() - GAP * (columns() - 1)) / columns()));

  function draw() {
    const wide = columns();
    const step = side() + GAP;
    element.style.setProperty("--side", `${side()}px`);
    inner.style.setProperty("block-size", `${Math.max(0, Math.ceil(ids.length / wide) * step - GAP)}px`);
    inner.style.setProperty("inline-size", flat.matches ? `${wide * step - GAP}px` : "100%");
    const [from, shown, many] = flat.matches ? [Math.abs(element.scrollLeft), element.clientWidth, 1] : [element.scrollTop, element.clientHeight, wide];
    const first = Math.max(0, Math.floor(from / step) - EXTRA_ROWS) * many;
    const last = Math.min(ids.length, (Math.ceil((from + shown) / step) + EXTRA_ROWS) * many);
    if (!ids.includes(current)) current = ids[0] ?? "";
    const wanted = new Set();
    for (let index = first; index < last; index += 1) wanted.add(ids[index]);
    if (current) wanted.add(current);
    for (const [id, cell] of cells) if (!wanted.has(id)) (cell.remove(), cells.delete(id));
    for (const id of wanted) {
      const index = ids.indexOf(id);
      const cell = cells.get(id) ?? make(id);
      cell.style.setProperty("inset-block-start", `${Math.floor(index / wide) * step}px`);
      cell.style.setProperty("inset-inline-start", `${(index % wide) * step}px`);
      cell.tabIndex = id === current ? 0 : -1;
      cell.setAttribute("aria-label", t("teach.picture_n", { n: ids.length - index, all: ids.length }));
      cell.setAttribute("aria-pressed", String(id === chosen));
    }
  }

  /** @param {string} id */
  function make(id) {
    const cell = h("button.thumb", { dataset: { picture: id }, draggable: true }, h("img", { src: given.address(id), alt: "", draggable: false, decoding: "async" }));
    const cross = h("span.cross", { title: t("teach.delete_picture"), "aria-hidden": "true", onclick: (/** @type {Event} */ event) => (event.stopPropagation(), given.remove(id)) }, "✕");
    cell.append(cross);
    cell.addEventListener("click", () => ((current = id), given.choose(id)));
    cell.addEventListener("dragstart", (/** @type {DragEvent} */ event) => event.dataTransfer?.setData(PICTURE, id));
    cells.set(id, cell);
    inner.append(cell);
    return cell;
  }

  /** @param {number} index */
  function goTo(index) {
    const id = ids[Math.min(Math.max(index, 0), ids.length - 1)];
    if (!id) return;
    current = id;
    const top = Math.floor(ids.indexOf(id) / columns()) * (side() + GAP);
    if (top < element.scrollTop) element.scrollTop = top;
    if (top + side() > element.scrollTop + element.clientHeight) element.scrollTop = top + side() + 2 * EDGE - element.clientHeight;
    draw();
    if (flat.matches) cells.get(id)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    cells.get(id)?.focus({ preventScroll: true });
  }

  inner.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const index = ids.indexOf(current);
    const rtl = getComputedStyle(element).direction === "rtl" ? -1 : 1;
    const steps = { ArrowRight: rtl, ArrowLeft: -rtl, ArrowDown: columns(), ArrowUp: -columns() };
    if (event.key in steps) goTo(index + steps[/** @type {keyof typeof steps} */ (event.key)]);
    else if (event.key === "Home") goTo(0);
    else if (event.key === "End") goTo(ids.length - 1);
    else if (event.key === "Delete" || event.key === "Backspace") {
      const id = current;
      const next = ids[index + 1] ?? ids[index - 1];
      if (next) goTo(ids.indexOf(next));
      given.remove(id);
    } else return;
    event.preventDefault();
  });
  element.addEventListener("scroll", draw, { passive: true });
  flat.addEventListener("change", () => !element.hidden && draw());
  new ResizeObserver(() => !element.hidden && draw()).observe(element);

  return {
    element,
    /** Go to the picture that was last stood on. */
    focus: () => goTo(ids.indexOf(current)),
    show(pictures, now = "") {
      const fresh = pictures.map((picture) => picture.id).reverse();
      const same = fresh.length === ids.length && fresh.every((id, index) => id === ids[index]) && now === chosen;
      if (same) return;
      ids = fresh;
      chosen = now;
      element.hidden = !ids.length;
      if (ids.length) draw();
    },
  };
}
