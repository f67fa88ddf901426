// @ts-check
/** How sure the model is of each class: bars in the classes' colours, the winner clear, read out now and then. */

import { h } from "./h.js";
import { t } from "./words.js";

const MOST = 8;
const SHOWN = 6;
const SURE = 0.5;
const SPOKEN_EVERY = 3000;

/**
 * Make the bars.
 * @param {(id: string) => string} colorOf
 * @returns {{element: HTMLElement, show: (classes: {id: string, name: string, score: number}[]) => void, clear: () => void}}
 */
export function bars(colorOf) {
  const said_name = h("bdi");
  const verdict = h("p.verdict", { "aria-hidden": "true" }, said_name);
  const list = h("ul.bars");
  const spoken = h("p.unseen", { "aria-live": "polite" });
  const element = h("div.answer", { hidden: true }, verdict, list, spoken);
  /** @type {Map<string, {row: HTMLElement, bar: HTMLElement, name: HTMLElement, number: HTMLElement}>} */
  const rows = new Map();
  let said = 0;
  let saidWhat = "";

  /** @param {{id: string, name: string, score: number}} one @param {number} percent */
  function draw(one, percent, first = false) {
    let parts = rows.get(one.id);
    if (!parts) {
      const bar = h("span.fill");
      const name = h("span.name", { dir: "auto" });
      const number = h("span.number");
      parts = { row: h("li.bar", { dataset: { class: one.id } }, name, h("span.track", {}, bar), number), bar, name, number };
      rows.set(one.id, parts);
    }
    parts.row.classList.toggle("first", first);
    parts.row.style.setProperty("--color", one.id ? colorOf(one.id) : "var(--soft)");
    parts.bar.style.setProperty("inline-size", `${Math.max(percent, 0)}%`);
    put(parts.name, one.name);
    put(parts.number, `${percent}\u00a0%`);
    return parts.row;
  }

  return {
    element,
    clear() {
      element.hidden = true;
    },
    show(classes) {
      if (!classes.length) return;
      element.hidden = false;
      const winner = classes.reduce((best, one) => (one.score > best.score ? one : best));
      const shown = topOnes(classes);
      const percents = inPercent(shown.map((one) => one.score));
      const drawn = shown.map((one, index) => draw(one, percents[index], one.id === winner.id));
      if (drawn.length !== list.children.length || drawn.some((row, index) => list.children[index] !== row)) list.replaceChildren(...drawn);
      const sure = winner.score >= SURE;
      verdict.classList.toggle("unsure", !sure);
      verdict.style.setProperty("--color", colorOf(winner.id));
      put(said_name, sure ? winner.name : t("teach.unsure"));
      document.body.dataset.winner = sure ? winner.name : "";
      const now = performance.now();
      const what = sure ? t("teach.spoken", { name: winner.name, percent: Math.round(winner.score * 10) * 10 }) : t("teach.unsure");
      if (what !== saidWhat && now - said > SPOKEN_EVERY) {
        spoken.textContent = saidWhat = what;
        said = now;
      }
    },
  };
}

/**
 * Return what is shown of many classes: the best in the order of the classes, and all others as one.
 * @param {{id: string, name: string, score: number}[]} classes
 */
function topOnes(classes) {
  if (classes.length <= MOST) return classes;
  const best = new Set([...classes].sort((a, b) => b.score - a.score).slice(0, SHOWN));
  const others = classes.filter((one) => !best.has(one));
  const rest = others.reduce((sum, one) => sum + one.score, 0);
  return [...classes.filter((one) => best.has(one)), { id: "", name: t("teach.others", { n: others.length }), score: rest }];
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Round shares so that whole percents add up as the shares do: what is left over goes to those that lost most.
 * @param {number[]} shares
 * @returns {number[]}
 */
function inPercent(shares) {
  const exact = shares.map((share) => 100 * share);
  const percents = exact.map((one) => Math.floor(one + 1e-9));
  const missing = Math.round(exact.reduce((sum, one) => sum + one, 0)) - percents.reduce((sum, one) => sum + one, 0);
  const order = exact.map((one, index) => ({ index, lost: one - percents[index] })).sort((a, b) => b.lost - a.lost);
  for (const { index } of order.slice(0, Math.max(0, missing))) percents[index] += 1;
  return percents;
}
