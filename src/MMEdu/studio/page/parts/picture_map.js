// @ts-check
/** The pictures as points of a plane: alike lies near alike. A point shows its picture on hover and on focus. */

import { h, svg } from "./h.js";
import { t } from "./words.js";

/** @typedef {{picture: string, x: number, y: number}} Point */

const WIDTH = 520;
const HEIGHT = 380;
const EDGE = 16;
const MOST = 1500;

/**
 * Make the map.
 * @param {import("./project.js").Project} project
 * @param {(picture: string) => void} choose
 * @returns {{element: HTMLElement, show: (points: Point[]) => void}}
 */
export function pictureMap(project, choose) {
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "map", role: "group", "aria-label": t("teach.map") });
  const preview = h("img.map_preview", { alt: "", hidden: true });
  const legend = h("ul.map_legend");
  const element = h("div.map_place", {}, h("div.map_box", {}, drawing, preview), legend);
  /** @type {SVGElement[]} */
  let dots = [];
  let drawn = "";

  /** @param {SVGElement} dot */
  function peek(dot) {
    const x = Number(dot.getAttribute("cx"));
    const y = Number(dot.getAttribute("cy"));
    preview.src = project.thumb(dot.dataset.picture ?? "");
    preview.style.setProperty("inset-inline-start", "auto");
    preview.style.setProperty("left", `${(100 * x) / WIDTH}%`);
    preview.style.setProperty("top", `${(100 * y) / HEIGHT}%`);
    preview.classList.toggle("below", y < HEIGHT / 3);
    preview.classList.toggle("to_left", x > WIDTH * 0.8);
    preview.classList.toggle("to_right", x < WIDTH * 0.2);
    preview.hidden = false;
  }

  drawing.addEventListener("pointerover", (/** @type {Event} */ event) => event.target instanceof SVGCircleElement && peek(event.target));
  drawing.addEventListener("pointerleave", () => (preview.hidden = true));
  drawing.addEventListener("focusin", (/** @type {Event} */ event) => event.target instanceof SVGCircleElement && peek(event.target));
  drawing.addEventListener("focusout", () => (preview.hidden = true));
  drawing.addEventListener("click", (/** @type {Event} */ event) => event.target instanceof SVGCircleElement && choose(event.target.dataset.picture ?? ""));
  drawing.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const at = dots.indexOf(/** @type {SVGElement} */ (event.target));
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") choose(dots[at].dataset.picture ?? "");
    else if (event.key === "ArrowRight" || event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") go(at - 1);
    else return;
    event.preventDefault();
  });

  /** @param {number} at */
  function go(at) {
    const dot = dots[(at + dots.length) % dots.length];
    for (const one of dots) one.setAttribute("tabindex", "-1");
    dot.setAttribute("tabindex", "0");
    dot.focus();
  }

  return {
    element,
    show(points) {
      const where = new Map(project.classes.flatMap((one) => one.pictures.map((picture) => [picture.id, one])));
      const known = points.filter((point) => where.has(point.picture)).slice(0, MOST);
      const key = JSON.stringify([known, known.map((point) => where.get(point.picture)?.id), project.classes.map((one) => [one.name, project.colorOf(one)])]);
      if (key === drawn) return;
      drawn = key;
      const scale = scaled(known);
      dots = known.map((point, index) => {
        const one = /** @type {import("./project.js").PictureClass} */ (where.get(point.picture));
        const dot = svg("circle", { cx: scale.x(point.x), cy: scale.y(point.y), r: 7, tabindex: index ? -1 : 0, role: "button", "aria-label": t("teach.map_point", { name: one.name }), "data-picture": point.picture });
        dot.style.setProperty("fill", project.colorOf(one));
        return dot;
      });
      const focused = drawing.contains(document.activeElement) ? /** @type {SVGElement} */ (document.activeElement).dataset.picture : "";
      drawing.replaceChildren(...dots);
      const same = focused ? dots.findIndex((dot) => dot.dataset.picture === focused) : -1;
      if (same >= 0) go(same);
      const there = project.classes.filter((one) => known.some((point) => where.get(point.picture) === one));
      legend.replaceChildren(
        ...there.map((one) => {
          const entry = h("li", {}, h("span.swatch", { "aria-hidden": "true" }), h("span", { dir: "auto" }, one.name));
          entry.style.setProperty("--color", project.colorOf(one));
          return entry;
        }),
      );
    },
  };
}

/** @param {Point[]} points */
function scaled(points) {
  const range = (/** @type {number[]} */ values) => {
    const low = Math.min(...values);
    return [low, Math.max(Math.max(...values) - low, 1e-9)];
  };
  const [left, wide] = range(points.map((point) => point.x));
  const [low, high] = range(points.map((point) => point.y));
  return {
    x: (/** @type {number} */ x) => (EDGE + ((x - left) / wide) * (WIDTH - 2 * EDGE)).toFixed(1),
    y: (/** @type {number} */ y) => (HEIGHT - EDGE - ((y - low) / high) * (HEIGHT - 2 * EDGE)).toFixed(1),
  };
}
