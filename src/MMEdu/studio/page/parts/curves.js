// @ts-check
/**
 * Curves that grow while a training runs: one drawing, several series told apart by colour and dash, round numbers on
 * the axes, a reading under the pointer or by the arrow keys, and a sentence for who does not see them.
 */

import { h, svg } from "./h.js";
import { wear } from "./sheet.js";
import { t } from "./words.js";

/** @typedef {{name: string, points: [number, number][]}} Series */
/**
 * @typedef {object} Curves
 * @property {HTMLElement} element
 * @property {(series: string, x: number, y: unknown, name?: string) => void} add  A point; the first one of a series makes it. What is no finite number leaves a gap.
 * @property {(total: number) => void} until  How far x goes in the end; 0: as far as there are points.
 * @property {() => void} clear
 * @property {() => boolean} empty
 */

const HEIGHT = 236;
const LEFT = 52, RIGHT = 22, TOP = 12, BOTTOM = 44;
const DASHES = ["", "7 4", "2 4", "10 3 2 3"];
const MOST = 1500;

/**
 * @param {object} given
 * @param {string} given.title
 * @param {string} [given.x]  What x counts.
 * @param {boolean} [given.share]  Whether y is a share of all: from 0 to 1, or to 100 %.
 * @returns {Curves}
 */
export function curves({ title, x: counted = t("parts.epoch"), share = false }) {
  wear("curves");
  /** @type {Map<string, Series>} */
  const all = new Map();
  let total = 0;
  let width = 480;
  let asked = false;
  let unit = "";
  let shares = share;
  /** @type {number | null} */
  let cursor = null;
  const drawing = svg("svg", { class: "drawing", height: HEIGHT, tabindex: 0, role: "img" });
  const legend = h("ul.legend");
  const reading = h("p.reading.small", { "aria-live": "polite" });
  const element = h("figure.curves", {}, h("figcaption", {}, h("strong", {}, title), legend), drawing, reading);
  new ResizeObserver(() => {
    if (element.clientWidth && element.clientWidth !== width) (width = element.clientWidth), ask();
  }).observe(element);
  drawing.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const [low, high] = bounds().x;
    const at = (event.clientX - drawing.getBoundingClientRect().left - LEFT) / (width - LEFT - RIGHT);
    point(nearest(low + at * (high - low)));
  });
  drawing.addEventListener("pointerleave", () => document.activeElement !== drawing && point(null));
  drawing.addEventListener("blur", () => point(null));
  drawing.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const xs = places();
    if (!xs.length) return;
    const now = cursor === null ? xs.length : xs.indexOf(cursor);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: xs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    point(xs[Math.max(0, Math.min(xs.length - 1, to))]);
  });

  /** Where points are, each once. */
  const places = () => [...new Set([...all.values()].flatMap((one) => one.points.map(([x]) => x)))].sort((a, b) => a - b);
  /** @param {number} x */
  const nearest = (x) => places().reduce((/** @type {number | null} */ best, one) => (best === null || Math.abs(one - x) < Math.abs(best - x) ? one : best), null);

  function bounds() {
    let [low, high, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { points } of all.values())
      for (const [x, y] of points) {
        low = Math.min(low, x);
        high = Math.max(high, x);
        if (Number.isFinite(y)) (bottom = Math.min(bottom, y)), (top = Math.max(top, y));
      }
    if (!Number.isFinite(low)) [low, high] = [0, total || 1];
    // At the beginning of a long run a part of the axis does: it grows in round steps, not with every point.
    else if (total > high) high = Math.min(total, Math.max(10, /** @type {number} */ (ticks(0, 2 * high, 1).at(-1))));
    if (!Number.isFinite(bottom)) [bottom, top] = [0, 1];
    if (low === high) [low, high] = [Math.min(0, low), high || 1];
    if (shares) [bottom, top] = [Math.min(bottom, 0), Math.max(top, unit ? 100 : 1)];
    else if (bottom > 0 && bottom < 0.5 * top) bottom = 0;
    return { x: /** @type {[number, number]} */ ([Math.min(low, total ? 0 : low), high]), y: ticks(bottom, top, 4) };
  }

  function ask() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => ((asked = false), draw()));
  }

  function draw() {
    const { x: [low, high], y: rows } = bounds();
    const [bottom, top] = [rows[0], rows[rows.length - 1]];
    const toX = (/** @type {number} */ x) => LEFT + ((x - low) / (high - low || 1)) * (width - LEFT - RIGHT);
    const toY = (/** @type {number} */ y) => HEIGHT - BOTTOM - ((y - bottom) / (top - bottom || 1)) * (HEIGHT - BOTTOM - TOP);
    const columns = ticks(low, high, Math.max(2, Math.min(8, Math.floor(width / 90)))).filter((x) => x >= low && x <= high && Number.isInteger(x));
    const parts = [
      ...rows.flatMap((y) => [
        svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: toY(y), y2: toY(y) }),
        svg("text", { class: "tick", x: LEFT - 8, y: toY(y) + 4, "text-anchor": "end" }, short(y, rows) + unit),
      ]),
      ...columns.map((x) => svg("text", { class: "tick", x: toX(x), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, String(x))),
      svg("text", { class: "tick", x: width - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, counted),
    ];
    let number = 0;
    for (const { points } of all.values()) {
      const look = { class: `series series-${number % 8}`, "stroke-dasharray": DASHES[number++ % DASHES.length] || null };
      const path = points.map(([x, y], index) => {
        if (!Number.isFinite(y)) return "";
        return `${index === 0 || !Number.isFinite(points[index - 1][1]) ? "M" : "L"}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`;
      });
      parts.push(svg("path", { ...look, d: path.join(""), fill: "none" }));
      if (points.length <= 20)
        for (const [x, y] of points) if (Number.isFinite(y)) parts.push(svg("circle", { class: look.class, cx: toX(x), cy: toY(y), r: points.length === 1 ? 4 : 2.5 }));
    }
    if (cursor !== null) parts.push(svg("line", { class: "cursor", x1: toX(cursor), x2: toX(cursor), y1: TOP, y2: HEIGHT - BOTTOM }));
    drawing.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    drawing.replaceChildren(...parts);
    drawing.setAttribute("aria-label", said());
    if (cursor === null) reading.textContent = "";
  }

  /** @param {number | null} x */
  function point(x) {
    if (x === cursor) return;
    cursor = x;
    if (x !== null) {
      const values = [...all.values()].flatMap((one) => {
        const near = one.points.reduce((best, each) => (Math.abs(each[0] - x) < Math.abs(best[0] - x) ? each : best));
        return Math.abs(near[0] - x) < 0.51 && Number.isFinite(near[1]) ? [`${one.name} ${exact(near[1])}${unit}`] : [];
      });
      reading.textContent = `${counted} ${Number.isInteger(x) ? x : x.toFixed(1)}: ${values.join(", ")}`;
    }
    ask();
  }

  /** The curves as sentences. */
  const said = () =>
    `${title}. ` +
    [...all.values()]
      .filter((one) => one.points.length)
      .map((one) => {
        const known = one.points.filter(([, y]) => Number.isFinite(y));
        if (!known.length) return "";
        const [first, last] = [known[0], known[known.length - 1]];
        return t("parts.curve_said", { name: one.name, first: exact(first[1]) + unit, last: exact(last[1]) + unit, x: Math.round(last[0] * 10) / 10, counted });
      })
      .join(" ");

  return {
    element,
    add(series, x, y, name = series) {
      let one = all.get(series);
      if (!one) {
        one = { name, points: [] };
        const number = all.size;
        all.set(series, one);
        const line = svg("svg", { width: 28, height: 10, "aria-hidden": "true" }, svg("line", { class: `series series-${number % 8}`, x1: 0, x2: 28, y1: 5, y2: 5, "stroke-dasharray": DASHES[number % DASHES.length] || null }));
        legend.append(h("li", {}, line, name));
      }
      const value = typeof y === "number" ? y : NaN;
      if (value > 100 || value < 0) shares = false; // a measure of another kind
      unit = shares && (unit || value > 1) ? " %" : "";
      const last = one.points[one.points.length - 1];
      if (last && x <= last[0]) one.points = one.points.filter((point) => point[0] < x); // a run that goes on again
      one.points.push([x, value]);
      if (one.points.length > MOST) one.points = one.points.filter((_, index, points) => index % 2 === 0 || index === points.length - 1);
      ask();
    },
    until(x) {
      total = x;
      ask();
    },
    clear() {
      all.clear();
      cursor = null;
      unit = "";
      shares = share;
      legend.replaceChildren();
      ask();
    },
    empty: () => all.size === 0,
  };
}

/**
 * Return round numbers that span a range.
 * @param {number} low
 * @param {number} high
 * @param {number} count  About how many steps.
 * @returns {number[]}
 */
export function ticks(low, high, count) {
  if (!(high > low)) [low, high] = [low - Math.abs(low || 1) / 2, low + Math.abs(low || 1) / 2];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (/** @type {number} */ ([1, 2, 5, 10].find((one) => one * power >= rough * 0.999)));
  const found = [];
  for (let index = Math.floor(low / step + 1e-9); index <= Math.ceil(high / step - 1e-9); index++) found.push(Number((index * step).toPrecision(12)));
  return found;
}

/**
 * @param {number} value
 * @param {number[]} among
 */
function short(value, among) {
  const step = among.length > 1 ? among[1] - among[0] : 1;
  if (Math.abs(value) >= 1e5 || (value !== 0 && step < 1e-4)) return value.toExponential(0);
  return value.toFixed(Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9))));
}

/** @param {number} value */
export const exact = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : Number(value.toPrecision(3)).toString());
