// @ts-check
/** What a model says of a picture, in words; and of all pictures, as a table that one can save. */

import { h } from "./h.js";
import { t } from "./words.js";

/** @typedef {{name?: string, label?: number, score?: number, box?: number[], points?: (number | null)[][], share?: number, text?: string, number?: number}} Thing */
/** @typedef {{found: Thing[], bars: {name: string, label: number, score: number}[], row: Record<string, any>, remark: string, width: number, height: number, drawn: string | null, ms: number, plain?: boolean}} Answer  `plain`: its remark says what was not found. */
/** @typedef {{name: string, answer: Answer | null, error: {message: string, hint: string} | null}} Item */

const COLORS = 8;
const MOST = 100;
const SEEN_FROM = 0.5;

/** @param {number} share */
export const percent = (share) => `${share >= 0.1 || share === 0 ? Math.round(share * 100) : (share * 100).toFixed(1)} %`;

/**
 * @param {Answer} answer
 * @returns {string}  One sentence.
 */
export function sentence(answer) {
  const { found, bars } = answer;
  if (bars.length) {
    const first = found[0];
    return first && (first.label ?? 0) >= 0 ? t("try.it_is", { name: first.name ?? "", percent: percent(first.score ?? 0) }) : t("try.none_of_them", { name: bars[0].name, percent: percent(bars[0].score) });
  }
  if (!found.length) return (answer.plain && answer.remark) || t("try.nothing");
  const only = found.length === 1 ? found[0] : null;
  if (only?.name && !only.box && !only.points && only.share === undefined && only.text === undefined) return t("try.it_is", { name: only.name, percent: percent(only.score ?? 0) });
  if (found.every((one) => one.text !== undefined)) return t("try.read_n", { n: found.length });
  if (found.every((one) => one.share !== undefined)) return found.map((one) => `${one.name} ${percent(one.share ?? 0)}`).join(t("try.comma"));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const one of found) counts.set(one.name ?? "", (counts.get(one.name ?? "") ?? 0) + 1);
  return t("try.found", { what: [...counts].map(([name, n]) => (n > 1 ? `${n} × ${name}` : name)).join(t("try.comma")) });
}

/** Make the place of the answers. */
export function tryResults() {
  const verdict = h("p.try_verdict", { role: "status", dir: "auto" });
  const list = h("ol.found_list");
  const remark = h("p.hint", { hidden: true });
  const time = h("p.small.soft");
  const element = h("div.try_results.stack", {}, verdict, list, remark, time);
  return {
    element,
    clear() {
      for (const one of [verdict, list, time]) one.replaceChildren();
      remark.hidden = true;
    },
    /**
     * @param {{message: string, hint: string}} error
     */
    fail(error) {
      verdict.replaceChildren();
      time.replaceChildren();
      remark.hidden = true;
      list.replaceChildren(h("li.wrong", {}, h("strong", {}, error.message), error.hint ? h("p", {}, error.hint) : null));
    },
    /**
     * @param {Answer} answer
     * @param {string} [more]  Behind the time.
     */
    show(answer, more = "") {
      const said = sentence(answer);
      if (verdict.textContent !== said) verdict.textContent = said;
      const rows = answer.bars.length ? answer.bars.map((one) => bar(one)) : answer.found.slice(0, MOST).map((one) => row(one));
      list.replaceChildren(...rows);
      if (!answer.bars.length && answer.found.length > MOST) list.append(h("li.soft", {}, t("try.more_found", { n: answer.found.length - MOST })));
      remark.hidden = !answer.remark || answer.remark === said;
      remark.textContent = answer.remark;
      time.textContent = t("try.took", { ms: Math.max(1, Math.round(answer.ms)) }) + more;
    },
  };
}

/** @param {{name: string, label: number, score: number}} one */
function bar(one) {
  const fill = h("span.fill");
  fill.style.setProperty("width", `${Math.max(1, one.score * 100)}%`);
  const item = h("li.try_bar", {}, h("span.name", { dir: "auto", title: one.name }, one.name), h("span.track", { "aria-hidden": "true" }, fill), h("span.number", {}, percent(one.score)));
  item.style.setProperty("--color", `var(--class-${Math.max(0, one.label) % COLORS})`);
  return item;
}

/** @param {Thing} one */
function row(one) {
  const parts = [];
  if (one.box && one.text === undefined) parts.push(t("try.box", { x: one.box[0], y: one.box[1], width: one.box[2] - one.box[0], height: one.box[3] - one.box[1] }));
  if (one.points) parts.push(t("try.points", { n: one.points.filter((point) => (point[2] ?? 1) >= SEEN_FROM).length, all: one.points.length }));
  if (one.share !== undefined) parts.push(t("try.area", { percent: percent(one.share) }));
  const name = one.text ?? `${one.name ?? ""}${one.number === undefined ? "" : ` ${one.number}`}`;
  const item = h("li.found", {}, h("span.swatch", { "aria-hidden": "true" }), h("strong", { dir: "auto" }, name), one.score === undefined ? null : h("span.number", {}, percent(one.score)), parts.length ? h("span.small.soft.where", {}, parts.join(t("try.comma"))) : null);
  item.style.setProperty("--color", `var(--class-${Math.max(0, one.label ?? 0) % COLORS})`);
  return item;
}

/**
 * @param {Item[]} items
 * @returns {string}  With a mark in front, so that spreadsheets read it as UTF-8.
 */
export function asCsv(items) {
  const head = ["file", "number", "class", "score", "x1", "y1", "x2", "y2", "share", "text", "points", "error"];
  const rows = items.flatMap((item) => {
    if (item.error) return [[item.name, "", "", "", "", "", "", "", "", "", "", item.error.message]];
    if (!item.answer) return [];
    if (!item.answer.found.length) return [[item.name, 0, "", "", "", "", "", "", "", "", "", ""]];
    return item.answer.found.map((one, index) => [item.name, index + 1, one.name ?? "", one.score ?? "", ...(one.box ?? ["", "", "", ""]), one.share ?? "", one.text ?? "", one.points ? JSON.stringify(one.points) : "", ""]);
  });
  return `\uFEFF${[head, ...rows].map((cells) => cells.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** @param {string | number} value */
function cell(value) {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+@\t\r-]/.test(text) ? `'${text}` : text; // a spreadsheet would reckon with it
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * @param {Item[]} items
 * @param {string} model
 */
export function asJson(items, model) {
  const results = items.filter((item) => item.answer || item.error).map((item) => (item.answer ? { file: item.name, width: item.answer.width, height: item.answer.height, ...item.answer.row } : { file: item.name, error: item.error?.message }));
  return JSON.stringify({ model, results }, null, 1);
}

/**
 * @param {Blob} data
 * @param {string} name
 */
export function save(data, name) {
  const address = URL.createObjectURL(data);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
