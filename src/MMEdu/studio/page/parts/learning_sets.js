// @ts-check
/** Chooses what is learned from: a table, or a set of pictures in class folders; those of the work folder, made ones, an upload. */

import { get, post } from "./api.js";
import { h } from "./h.js";
import { complaint } from "./jobs.js";
import { wear } from "./sheet.js";
import { tell } from "./told.js";
import { upload } from "./upload.js";
import { t } from "./words.js";

/** @typedef {{name: string, path: string}} Named */
/** @typedef {Named & {title: string}} Made */

/**
 * @param {object} given
 * @param {boolean} given.pictures  Whether sets of pictures are offered, too.
 * @param {(chosen: Named) => Promise<void>} given.onchosen  Told of the path within the work folder; what it throws is shown.
 */
export function learningSets({ pictures, onchosen }) {
  wear("choices", "sets");
  const list = h("div.choices");
  const told = h("div", { role: "alert" });
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("parts.sending") });
  const file = h("input.unseen", { type: "file", accept: ".csv,.txt,.tsv", tabindex: -1, "aria-hidden": "true", onchange: send });
  const path = h("input", { type: "text", id: "learn-path", autocomplete: "off", spellcheck: "false", placeholder: "datasets/…" });
  const byPath = h("form.row.by-path", { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), choose({ name: path.value, path: path.value })) }, path, h("button", { type: "submit" }, t("parts.look")));
  const element = h(
    "div.stack.sets",
    {},
    list,
    told,
    h("details.more.others", {}, h("summary", {}, t("learn.another")), h("div.stack", {}, h("p.small.soft", {}, t("learn.csv_how")), h("div.row", {}, h("button", { type: "button", onclick: () => file.click() }, t("learn.csv")), file), bar, h("label", { for: "learn-path" }, t("parts.path")), byPath)),
  );

  async function refresh() {
    try {
      const [tables, sets] = await Promise.all([get("/api/tables"), pictures ? get("/api/sets?task=classification") : { sets: [], made: [] }]);
      const madeSets = sets.made.map((/** @type {{name: string, title: string}} */ one) => ({ ...one, path: `datasets/${one.name}` }));
      const made = new Set(madeSets.map((/** @type {Made} */ one) => one.path));
      list.replaceChildren(
        ...tables.made.map((/** @type {Made} */ one) => button(one.title, t("learn.table"), () => make("/api/tables/made", one), one.path)),
        ...madeSets.map((/** @type {Made} */ one) => button(one.title, t("learn.pictures"), () => make("/api/sets/made", one), one.path)),
        ...tables.tables.map((/** @type {Named} */ one) => button(one.name, one.path, () => choose(one), one.path)),
        ...sets.sets.filter((/** @type {Named} */ one) => !made.has(one.path)).map((/** @type {Named & {project?: string}} */ one) => button(one.name, one.project ? t("parts.project") : one.path, () => choose(one), one.path)),
      );
    } catch (error) {
      tell(error);
    }
  }

  /** @param {string} name  @param {string} said  @param {() => void} onclick  @param {string} of */
  const button = (name, said, onclick, of) => h("button.choice", { type: "button", "aria-pressed": "false", dataset: { path: of }, onclick }, h("strong.file-name", {}, name), h("span.small.soft", {}, said));

  /** @param {string} where  @param {Made} one */
  async function make(where, one) {
    told.replaceChildren(h("p.soft", {}, t(where === "/api/tables/made" ? "learn.writing" : "parts.making")));
    try {
      const made = await post(where, { name: one.name });
      await choose({ ...made, name: one.title });
    } catch (error) {
      told.replaceChildren(complaint(error));
    }
  }

  /** @param {Named} one */
  async function choose(one) {
    for (const each of list.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each.dataset.path === one.path));
    told.replaceChildren(h("p.soft", {}, t("learn.looking")));
    try {
      await onchosen(one);
      told.replaceChildren();
    } catch (error) {
      told.replaceChildren(complaint(error));
    }
  }

  async function send() {
    const files = [...(file.files ?? [])].map((one) => ({ file: one, path: one.name }));
    file.value = "";
    if (!files.length) return;
    bar.hidden = false;
    try {
      const id = await upload(files, (share) => (bar.value = share));
      const added = await post("/api/tables", { upload: id });
      await refresh();
      await choose(added);
    } catch (error) {
      told.replaceChildren(complaint(error));
    } finally {
      bar.hidden = true;
    }
  }

  return { element, refresh, choose };
}
