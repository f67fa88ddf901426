// @ts-check
/** What was handed in, and things of a shelf: shown in the class and in a pupil's own studio. */

import { h } from "./h.js";
import { chosenLanguage, t } from "./words.js";

/**
 * @typedef {{id: string, when: number, name: string, pictures: number, state: string, before?: number, done: number,
 *   total: number, score?: number, right?: number, of?: number, message?: string, hint?: string, sentences?: string[]}} HandIn
 */
/** @typedef {{id: string, name: string, file: string, kind: string, pictures: number, bytes: number}} Item */

/** @param {number} share */
export const percent = (share) => `${Math.round(share * 100)}%`;

/** @param {number} bytes */
export const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`);

/** @param {number} seconds */
export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString(chosenLanguage() === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });

/** @param {{state: string, before?: number, done?: number, total?: number}} one */
export function stateText(one) {
  if (one.state === "kept") return t("classroom.kept");
  if (one.state === "waiting") return one.before === undefined ? t("classroom.in_line") : one.before ? t("classroom.waiting_place", { n: one.before }) : t("classroom.waiting");
  if (one.state === "judging") return one.total ? t("classroom.judging_n", { done: one.done ?? 0, total: one.total }) : t("classroom.judging");
  if (one.state === "failed") return t("classroom.failed");
  return "";
}

/** @param {HandIn[]} handIns */
export function handedIn(handIns) {
  return h("ul.handed", {}, ...handIns.map(row));
}

/** @param {HandIn} one */
function row(one) {
  const about = [clock(one.when), one.pictures ? t("classroom.n_pictures", { n: one.pictures }) : ""].filter(Boolean).join(" · ");
  const judged = one.state === "done" && one.score !== undefined;
  return h(
    "li",
    {},
    h("div.score", {}, judged ? percent(one.score ?? 0) : one.state === "failed" ? "–" : "…"),
    h(
      "div",
      {},
      h("strong", {}, judged ? t("classroom.right_of", { right: one.right ?? 0, of: one.of ?? 0 }) : stateText(one)),
      h("div.soft.small", {}, h("bdi", {}, one.name), " · ", about),
      one.message ? h("p.wrong", {}, `${one.message} ${one.hint ?? ""}`) : null,
      ...(one.sentences ?? []).map((sentence) => h("p.hint", {}, sentence)),
    ),
  );
}

/** @param {Item} item */
export function itemText(item) {
  const kinds = /** @type {Record<string, string>} */ ({
    set: t("classroom.kind_set"),
    project: t("classroom.kind_project"),
    zip: t("classroom.kind_zip"),
    model: t("classroom.kind_model"),
    file: t("classroom.kind_file"),
  });
  return [kinds[item.kind] ?? item.kind, item.pictures ? t("classroom.n_pictures", { n: item.pictures }) : "", size(item.bytes)].filter(Boolean).join(" · ");
}
