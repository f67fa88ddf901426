// @ts-check
/** Which model is tried: one of the work folder, what a project was taught, a task that needs no training, a file. */

import { get, post } from "./api.js";
import { h } from "./h.js";
import { tell } from "./told.js";
import { upload } from "./upload.js";
import { t } from "./words.js";

/** @typedef {{kind: string, task: string, network: string, classes: string[], threshold: number, suggested: number | null}} Facts */
/** @typedef {{key: "model" | "task" | "project", id: string, name: string, live: boolean, facts: Facts | null}} Chosen */
/** @typedef {{name: string, what: string, live: boolean, here: boolean, group: string}} Task */
/** @typedef {{id: string, name: string, title: string, folder: string, running: boolean, folded: boolean, form: string, format?: string, task?: string, backbone?: string, problem?: string}} Model */

const SUFFIXES = ".onnx,.pth,.pt,.safetensors,.param,.bin,.xml,.json,.engine,.trt";
const SHOWN = 12;

/**
 * @param {(chosen: Chosen | null) => void} onchoose  Null: none can be used.
 * @param {URLSearchParams} query  May name one.
 */
export function tryModels(onchoose, query) {
  const select = h("select.which_model", { id: "which_model", onchange: () => choose(select.value) });
  const file = h("input", { type: "file", multiple: true, accept: SUFFIXES, hidden: true, onchange: take });
  const add = h("button", { type: "button", onclick: () => file.click() }, t("try.add_model"));
  const facts = h("div.facts.stack", { role: "status" });
  const element = h("div.try_models.stack", {}, h("label", { for: "which_model" }, t("try.which_model")), h("div.row.pick", {}, select, add), facts, file);
  /** @type {Map<string, {key: Chosen["key"], id: string, name: string, live: boolean, here: boolean}>} */
  const all = new Map();
  /** Models that may be chosen by themselves. @type {Set<string>} */
  let finished = new Set();
  let asked = 0;

  async function read() {
    const [models, tasks, projects] = await Promise.all([get("/api/models"), get("/api/try"), get("/api/projects")]);
    all.clear();
    const taught = projects.projects.filter((/** @type {any} */ one) => one.kind === "classify" && one.classes > 1 && one.pictures > 1);
    const usable = models.models.filter((/** @type {Model} */ one) => !one.problem);
    finished = new Set(usable.filter((/** @type {Model} */ one) => !one.folded && !one.running).map((/** @type {Model} */ one) => `model:${one.id}`));
    select.replaceChildren(
      h("option", { value: "" }, t("try.choose")),
      group(t("try.mine"), own(usable.filter((/** @type {Model} */ one) => !one.folded && !one.running))),
      group(t("try.taught"), taught.map((/** @type {any} */ one) => entry("project", one.id, one.name))),
      group(t("try.ready_made"), tasks.tasks.map((/** @type {Task} */ one) => entry("task", one.name, `${one.what} (${one.name})${one.here ? "" : ` ${t("try.not_here")}`}`, one.live, one.here))),
      ...rest(t("try.running"), usable.filter((/** @type {Model} */ one) => !one.folded && one.running)),
      ...rest(t("try.folded"), usable.filter((/** @type {Model} */ one) => one.folded)),
    );
  }

  /** @param {Model[]} models */
  const own = (models) => models.map((one) => entry("model", one.id, one.title));

  /**
   * What is offered, but never chosen by itself.
   * @param {string} title
   * @param {Model[]} models
   */
  const rest = (title, models) => (models.length ? [group(title, own(models))] : []);

  /**
   * @param {string} title
   * @param {Node[]} options
   */
  const group = (title, options) => (options.length ? h("optgroup", { label: title }, ...options) : h("optgroup", { label: title }, h("option", { disabled: true, value: "-" }, t("try.none"))));

  /**
   * @param {Chosen["key"]} key
   * @param {string} id
   * @param {string} name
   */
  function entry(key, id, name, live = true, here = true) {
    all.set(`${key}:${id}`, { key, id, name, live, here });
    return h("option", { value: `${key}:${id}` }, name);
  }

  /** @param {string} value */
  async function choose(value, download = false) {
    const one = all.get(value);
    const mine = (asked += 1);
    onchoose(null);
    if (!one) return void facts.replaceChildren();
    select.value = value;
    history.replaceState(null, "", `/try?${one.key}=${encodeURIComponent(one.id)}`);
    if (one.key === "project") return found(one, null);
    if (!one.here && !download) return offer(value);
    facts.replaceChildren(h("p.soft", {}, one.here ? t("try.opening") : t("try.fetching")));
    element.setAttribute("aria-busy", "true");
    try {
      const told = await post("/api/try/open", { [one.key]: one.id });
      one.here = true;
      if (mine === asked) found(one, told);
    } catch (error) {
      if (mine !== asked) return;
      const refused = /** @type {import("./api.js").Refused} */ (error);
      facts.replaceChildren(h("div.wrong", { role: "alert" }, h("strong", {}, refused.message || t("shell.unreachable")), h("p", {}, refused.hint ?? "")));
    } finally {
      if (mine === asked) element.removeAttribute("aria-busy");
    }
  }

  /** @param {string} value */
  function offer(value) {
    facts.replaceChildren(h("p.hint", {}, t("try.download_why")), h("button.primary", { type: "button", onclick: () => choose(value, true) }, t("try.download")));
  }

  /**
   * @param {{key: Chosen["key"], id: string, name: string, live: boolean}} one
   * @param {Facts | null} told
   */
  function found(one, told) {
    const classes = told?.classes ?? [];
    const list = classes.slice(0, SHOWN).join(t("try.comma")) + (classes.length > SHOWN ? " …" : "");
    facts.replaceChildren(
      h("p", {}, h("strong", {}, told ? kindWords(told.kind) : kindWords("classification")), told?.network ? h("span.soft.small", {}, ` ${told.network}`) : null),
      classes.length ? h("p.small.soft.class_names", { dir: "auto" }, t("try.classes", { n: classes.length }), list) : "",
    );
    onchoose({ key: one.key, id: one.id, name: one.name, live: one.live, facts: told });
  }

  async function take() {
    /** @type {File[]} */
    const files = [...(file.files ?? [])];
    file.value = "";
    if (!files.length) return;
    add.disabled = true;
    try {
      const id = await upload(files.map((one) => ({ file: one, path: one.name })), (share) => (add.textContent = `${Math.round(share * 100)} %`));
      const told = await post("/api/models", { upload: id });
      await read();
      const best = told.models.find((/** @type {Model} */ one) => !one.problem) ?? told.models[0];
      if (best?.problem) tell(best.problem, "error");
      else if (best) await choose(`model:${best.id}`);
    } catch (error) {
      tell(error);
    }
    add.disabled = false;
    add.textContent = t("try.add_model");
  }

  return {
    element,
    async begin() {
      await read();
      for (const key of ["model", "project", "task"]) {
        const id = query.get(key);
        if (!id) continue;
        if (all.has(`${key}:${id}`)) return choose(`${key}:${id}`);
        return void facts.replaceChildren(h("p.hint", {}, t("try.gone")));
      }
      const first = [...all.keys()].find((value) => finished.has(value) || value.startsWith("project:"));
      if (first) await choose(first);
    },
  };
}

/** @param {string} kind */
function kindWords(kind) {
  /** @type {Record<string, () => string>} */
  const words = {
    classification: () => t("try.kind_classification"),
    multi_label: () => t("try.kind_multi_label"),
    detection: () => t("try.kind_detection"),
    segmentation: () => t("try.kind_segmentation"),
    keypoints: () => t("try.kind_keypoints"),
    text: () => t("try.kind_text"),
  };
  return (words[kind] ?? (() => kind))();
}
