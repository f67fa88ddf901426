// @ts-check
/** The files that were not taken, and why: one box where they were given, until it is closed or others are given. */

import { h } from "./h.js";
import { t } from "./words.js";

/** @typedef {{file: string, message: string, hint?: string}} RefusedFile */

const TOLD = 5;
const FILM = /\.(mp4|m4v|mov|avi|mkv|webm|3gp|wmv|mpe?g)$/i;

/** @param {File} file */
export const isFilm = (file) => file.type.startsWith("video/") || FILM.test(file.name);

/**
 * @param {File} file
 * @returns {RefusedFile}
 */
export const refusedFilm = (file) => ({ file: file.name, message: t("teach.film"), hint: t("teach.film_hint") });

/** @returns {{show: (refused: RefusedFile[], place: Element | null | undefined) => void, close: () => void}} */
export function refusedFiles() {
  const list = h("ul");
  const title = h("strong");
  const element = h("div.refused", { role: "alert" }, h("div.row.spread", {}, title, h("button.quiet.small", { type: "button", onclick: close }, t("shell.close"))), list);

  function close() {
    element.remove();
  }

  return {
    close,
    show(refused, place) {
      title.textContent = refused.length === 1 ? t("teach.refused_one") : t("teach.refused", { n: refused.length });
      list.replaceChildren(...refused.slice(0, TOLD).map(line));
      if (refused.length > TOLD) list.append(h("li", {}, t("teach.refused_more", { n: refused.length - TOLD })));
      place?.append(element);
      element.scrollIntoView({ block: "nearest" });
    },
  };
}

/** @param {RefusedFile} one */
function line(one) {
  const named = one.message.includes(one.file);
  return h("li", { dir: "auto" }, h("strong", {}, named ? "" : `${one.file}: `), one.message, one.hint ? ` ${one.hint}` : "");
}
