// @ts-check
/** Chooses a data set: one of the work folder, a project, one made at once, an upload, a path; looks into it at once. */

import { get, post } from "./api.js";
import { h } from "./h.js";
import { wear } from "./sheet.js";
import { sentences, tell } from "./told.js";
import { dropped, upload } from "./upload.js";
import { t } from "./words.js";

/** @typedef {{name: string, path: string, task: string, project?: string}} ListedSet */
/** @typedef {{name: string, path: string, project: string, sentence: string, damaged: boolean}} ChosenSet */
/** @typedef {{ok: boolean, path: string, name: string, task: string, fits: boolean, classes: string[], sentence: string, lines: string[], table: (string | number)[][], suits: {model: string, reason: string} | null, sheet: string}} Found */

/**
 * @param {object} given
 * @param {string} given.task
 * @param {(task: string) => string} given.taskName
 * @param {{project: string, path: string}} [given.first]  The set that is looked into at first.
 * @param {() => string} given.backbone  The model that will learn from it.
 * @param {(set: ChosenSet) => void} given.onchosen
 * @param {((task: string) => void) | null} given.onother  The set is another task's, and the user goes there; null: it cannot be used.
 * @param {(model: string) => boolean} [given.onmodel]  Another model suits the pictures, and the user takes it; whether it can be taken.
 * @param {string} [given.takeLabel]  What the button says that takes the set.
 */
export function setChooser({ task, first = { project: "", path: "" }, taskName, backbone, onchosen, onother, onmodel, takeLabel = t("parts.take_set") }) {
  wear("choices", "sets");
  const list = h("div.choices");
  const told = h("div.found", { "aria-live": "polite" });
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("parts.sending") });
  const path = h("input", { type: "text", id: "set-path", autocomplete: "off", spellcheck: "false", placeholder: t("parts.path_example") });
  const zip = h("input.unseen", { type: "file", accept: ".zip", tabindex: -1, "aria-hidden": "true", onchange: () => sendAll(zip) });
  const folder = h("input.unseen", { type: "file", webkitdirectory: true, tabindex: -1, "aria-hidden": "true", onchange: () => sendAll(folder) });
  folder.setAttribute("webkitdirectory", "");
  const byPath = h("form.row.by-path", { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), look({ name: "", path: path.value, task, project: "" })) }, path, h("button", { type: "submit" }, t("parts.look")));
  const element = h(
    "div.stack.sets",
    {
      ondragover: (/** @type {DragEvent} */ event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        element.classList.add("dropping");
      },
      ondragleave: (/** @type {DragEvent} */ event) => element.contains(/** @type {Node | null} */ (event.relatedTarget)) || element.classList.remove("dropping"),
      ondrop: async (/** @type {DragEvent} */ event) => {
        event.preventDefault();
        element.classList.remove("dropping");
        if (event.dataTransfer) sendFiles(await dropped(event.dataTransfer));
      },
    },
    list,
    told,
    h(
      "details.more.others",
      {},
      h("summary", {}, t("parts.another_set")),
      h(
        "div.stack",
        {},
        h("p.small.soft", {}, t("parts.drop_set")),
        h("div.row", {}, h("button", { type: "button", onclick: () => folder.click() }, t("parts.folder")), h("button", { type: "button", onclick: () => zip.click() }, t("parts.zip")), folder, zip),
        bar,
        h("label", { for: "set-path" }, t("parts.path")),
        byPath,
      ),
    ),
  );
  let asked = 0;

  async function refresh() {
    /** @type {{sets: ListedSet[], made: {name: string, title: string}[]}} */
    let known;
    try {
      known = await get(`/api/sets?task=${encodeURIComponent(task)}`);
    } catch (error) {
      tell(error);
      return;
    }
    const made = new Map(known.made.map((one) => [`datasets/${one.name}`, one]));
    const there = new Map(known.sets.map((one) => [one.path, one]));
    list.replaceChildren(
      ...known.sets.filter((one) => !made.has(one.path)).map((one) =>
        h("button.choice", { type: "button", "aria-pressed": "false", dataset: { path: one.path }, onclick: () => look(one) }, h("strong.file-name", {}, one.name), h("span.small.soft", {}, one.project ? t("parts.project") : one.path)),
      ),
      // One that was made keeps its name and its place.
      ...[...made].map(([path, one]) => {
        const ready = there.get(path);
        return h("button.choice", { type: "button", "aria-pressed": "false", dataset: { path }, onclick: () => (ready ? look({ ...ready, name: one.title }) : make(one)) }, h("strong", {}, one.title), h("span.small.soft", {}, ready ? path : t("parts.at_once")));
      }),
    );
    const wanted = known.sets.find((one) => (first.project ? one.project === first.project : one.path === first.path));
    if (wanted && !asked) look(wanted);
    if (!list.childElementCount) {
      list.append(h("p.soft", {}, t("parts.no_sets")));
      /** @type {HTMLDetailsElement} */ (element.querySelector("details.others")).open = true;
    }
  }

  /** @param {{name: string, title: string}} one */
  async function make({ name, title }) {
    told.replaceChildren(h("p.soft", {}, t("parts.making")));
    try {
      const made = await post("/api/sets/made", { name });
      await refresh();
      await look({ ...made, name: title });
    } catch (error) {
      complain(error);
    }
  }

  /** @param {HTMLInputElement} input */
  function sendAll(input) {
    const files = [...(input.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
    input.value = "";
    return sendFiles(files);
  }

  /** @param {import("./upload.js").Sent[]} files */
  async function sendFiles(files) {
    if (!files.length) return;
    /** @type {HTMLDetailsElement} */ (element.querySelector("details.others")).open = true;
    bar.hidden = false;
    bar.value = 0;
    try {
      told.replaceChildren(h("p.soft", {}, t("parts.sending_set")));
      const id = await upload(files, (share) => (bar.value = share));
      told.replaceChildren(h("p.soft", {}, t("parts.unpacking")));
      bar.removeAttribute("value");
      const [first, ...rest] = files[0].path.split("/");
      const name = rest.length ? first : "";
      const made = await post("/api/sets", { upload: id, name });
      await refresh();
      await look(made);
    } catch (error) {
      complain(error);
    } finally {
      bar.hidden = true;
    }
  }

  /** @param {unknown} error */
  function complain(error) {
    const [message, hint] = sentences(error);
    told.replaceChildren(h("div.wrong", { role: "alert" }, h("strong", {}, message), hint ? h("p", {}, hint) : null));
  }

  /** @param {ListedSet} one */
  async function look(one) {
    const number = ++asked;
    for (const button of list.querySelectorAll("button[data-path]")) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.path === one.path));
    told.replaceChildren(h("p.soft", {}, t("parts.looking")));
    try {
      /** @type {Found} */
      const found = await post("/api/sets/check", { ...(one.project ? { project: one.project } : { path: one.path }), task, backbone: backbone() });
      if (number === asked) showFound(found, one);
    } catch (error) {
      if (number === asked) complain(error);
    }
  }

  /**
   * @param {Found} found
   * @param {ListedSet} one
   */
  function showFound(found, one) {
    const chosen = { name: one.name || found.name, path: found.path, project: one.project ?? "", sentence: found.sentence, damaged: !found.ok };
    if (!found.fits) {
      told.replaceChildren(
        h("div.hint.stack", {}, h("span", {}, t("parts.other_task", { name: chosen.name, task: taskName(found.task) })), onother ? h("button", { type: "button", onclick: () => onother(found.task) }, t("parts.to_task", { task: taskName(found.task) })) : null),
      );
      return;
    }
    const [head, ...rows] = found.table;
    const table = h(
      "table.small",
      {},
      h("thead", {}, h("tr", {}, ...(head ?? []).map((cell) => h("th", { scope: "col" }, cell)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell, index) => (index ? h("td", {}, cell) : h("th", { scope: "row" }, cell)))))),
    );
    told.replaceChildren(
      h("p.good", {}, h("strong", {}, chosen.name), ": ", found.sentence),
      found.ok ? "" : h("p.hint", {}, t("parts.damaged")),
      advice(found.suits, one),
      h("button.primary", { type: "button", onclick: () => onchosen(chosen) }, takeLabel),
      h(
        "details.more",
        { open: !found.ok },
        h("summary", {}, t("parts.numbers")),
        h("ul.small.lines", {}, ...found.lines.map((line) => h("li", {}, line))),
        h("div.scroll", {}, table),
      ),
      found.sheet ? h("figure", {}, h("img.sheet", { src: found.sheet, alt: t("parts.sheet") }), h("figcaption.small.soft", {}, t("parts.sheet"))) : "",
    );
  }

  /**
   * @param {Found["suits"]} suits
   * @param {ListedSet} one
   */
  function advice(suits, one) {
    if (!suits || !onmodel || suits.model === backbone()) return "";
    const take = () => onmodel(suits.model) && look(one);
    return h("div.hint.row", {}, h("span", {}, suits.reason), h("button", { type: "button", onclick: take }, t("parts.take_model", { model: suits.model })));
  }

  return { element, refresh };
}
