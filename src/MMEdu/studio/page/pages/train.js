// @ts-check
/** Train: task, model, data set, settings, the program, and the training itself. Everything of a task comes from its schema. */

import { get, post } from "../parts/api.js";
import { program } from "../parts/code.js";
import { form } from "../parts/form.js";
import { h } from "../parts/h.js";
import { complaint, lacking, listJobs, showJob } from "../parts/jobs.js";
import { setChooser } from "../parts/sets.js";
import { wear } from "../parts/sheet.js";
import { step } from "../parts/steps.js";
import { tell } from "../parts/told.js";
import { t } from "../parts/words.js";

/** @typedef {import("../shell.js").Here} Here */
/** @typedef {import("../parts/job.js").Job} Job */
/** @typedef {{name: string, input: {height: number, width: number, color: string}, batch_size: number, reference: string, pretrained: string}} Model */
/** @typedef {{task: string, name: string, models: Model[], arguments: import("../parts/form.js").Schema, first: string[]}} Schema */

/** What a task is good for, of those that have words here; others show their name alone. */
/** @type {Record<string, () => string>} */
const GOOD_FOR = {
  classification: () => t("train.for_classification"),
  detection: () => t("train.for_detection"),
  segmentation: () => t("train.for_segmentation"),
  pose: () => t("train.for_pose"),
};

/** Epochs that do for a network which knows photographs already. */
const SOON = 10;
const KEPT = "train.chosen";

/** @param {Here} here */
export async function show(here) {
  wear("choices", "train");
  if (here.path[0]) return showJob(here.main, here.path[0], "train", whatNext);
  const earlier = h("section.earlier.card", { "aria-labelledby": "earlier" });
  if (!here.state.torch) {
    here.main.replaceChildren(h("h1", {}, t("train.title")), lacking(t("train.no_torch"), here.state.install), earlier);
    await listJobs(earlier, "train", ["train"]);
    return;
  }
  const steps = h("div.steps");
  here.main.replaceChildren(h("h1", {}, t("train.title")), h("div.with-list", {}, steps, earlier));
  await Promise.all([listJobs(earlier, "train", ["train"]), showSteps(steps, here.query)]);
}

/** @param {Job} job */
function whatNext(job) {
  const best = job.files?.find((file) => file.kind === "best") ?? job.files?.find((file) => file.kind === "latest");
  const path = best?.path;
  return [
    best && job.state === "done" ? h("a.button.primary", { href: `/try?model=${encodeURIComponent(best.id)}` }, t("train.try")) : null,
    path ? h("a.button", { href: `/convert?file=${encodeURIComponent(path)}` }, t("train.convert")) : null,
    h("a.button", { href: `/train?again=${encodeURIComponent(job.id)}` }, t("train.again")),
  ];
}

/**
 * The steps, one open at a time; those before can be changed, those after wait.
 * @param {HTMLElement} place
 * @param {URLSearchParams} query  `again`: a job whose settings are taken over; `task`, `project`: what is chosen before.
 */
async function showSteps(place, query) {
  const again = query.get("again");
  /** @type {{tasks: {task: string, name: string}[]}} */
  let known;
  /** @type {any} */
  let before = null;
  try {
    known = await get("/api/schema");
    if (again) before = (await get(`/api/jobs/${encodeURIComponent(again)}`)).settings;
  } catch (error) {
    tell(error);
    if (!again) return;
    known = await get("/api/schema");
  }
  before ??= keptBefore();
  const project = query.get("project") ?? before?.project ?? "";
  before ??= query.get("task") ? { task: query.get("task") } : null;
  /** @type {Schema | null} */
  let schema = null;
  /** @type {Model | null} */
  let model = null;
  /** @type {import("../parts/sets.js").ChosenSet | null} */
  let set = null;
  /** @type {import("../parts/form.js").Form | null} */
  let settings = null;

  const titles = [t("train.step_task"), t("train.step_model"), t("train.step_set"), t("train.step_settings")];
  const steps = titles.map((title, index) => step(index + 1, title, () => open(index)));
  place.replaceChildren(...steps.map((one) => one.element));

  /** @param {number} index */
  function open(index) {
    steps.forEach((one, at) => one.show(at === index ? "open" : at < index || ready(at - 1) ? (said(at) ? "done" : "waits") : "waits", said(at)));
  }
  /** @param {number} index */
  const ready = (index) => [schema, model, set, settings].slice(0, index + 1).every(Boolean);
  /** @param {number} index */
  const said = (index) => [schema?.name, model?.name, set ? `${set.name}: ${set.sentence}` : "", ""][index] ?? "";

  // 1: the task
  steps[0].body.replaceChildren(
    h(
      "div.choices",
      {},
      ...known.tasks.map((one) =>
        h("button.choice", { type: "button", onclick: () => chooseTask(one.task).then(() => open(1), tell) }, h("strong", {}, one.name), h("span.soft.small", {}, GOOD_FOR[one.task]?.() ?? "")),
      ),
    ),
  );

  /** What is chosen outlives a reload. */
  function keep() {
    const same = before?.task === schema?.task ? before : null;
    const data = set?.project ? { project: set.project } : set ? { dataset: set.path } : { project: same?.project, dataset: same?.dataset };
    const values = settings ? settings.values() : same?.arguments;
    const chosen = { task: schema?.task, model: model?.name ?? same?.model, ...data, ...(values ? { arguments: values } : {}) };
    sessionStorage.setItem(KEPT, JSON.stringify({ search: location.search, chosen }));
  }

  /** @param {string} task */
  async function chooseTask(task) {
    if (schema?.task === task) return;
    schema = /** @type {Schema} */ (await get(`/api/schema/${encodeURIComponent(task)}`));
    [model, set, settings] = [null, null, null];
    keep();
    showModels(schema);
    showSets(schema);
  }

  // 2: the model
  /** @param {Schema} of */
  function showModels(of) {
    const buttons = of.models.map((one) =>
      h(
        "button.choice",
        { type: "button", onclick: () => (chooseModel(one), open(set ? 3 : 2)) },
        h("strong", {}, ...breakable(one.name)),
        h("span.soft.small", {}, t("train.sees", { width: one.input.width, height: one.input.height, color: colour(one.input.color) })),
        one.pretrained === "here" ? h("span.small.knows", {}, t("train.knows_photos")) : null,
      ),
    );
    steps[1].body.replaceChildren(h("p.soft", {}, t("train.model_hint")), h("div.choices", {}, ...buttons));
  }

  /** @param {Model} one */
  function chooseModel(one) {
    model = one;
    keep();
    showSettings();
  }

  // 3: the data set
  /** @param {Schema} of */
  function showSets(of) {
    const chooser = setChooser({
      task: of.task,
      first: { project, path: before?.task === of.task ? (before?.dataset ?? "") : "" },
      taskName: (name) => known.tasks.find((one) => one.task === name)?.name ?? name,
      backbone: () => model?.name ?? "",
      onchosen: (chosen) => {
        set = chosen;
        keep();
        showSettings();
        open(3);
      },
      onmodel: (name) => {
        const other = of.models.find((one) => one.name === name);
        if (other) chooseModel(other), open(2);
        return Boolean(other);
      },
      onother: (task) => chooseTask(task).then(() => open(1), tell),
    });
    steps[2].body.replaceChildren(chooser.element);
    steps[2].opened = () => chooser.refresh();
  }

  // 4: the settings, with the program that they make
  /** @type {Record<string, any>} */
  let kept = before?.arguments ?? {};
  function showSettings() {
    if (!schema || !model || !set) return;
    if (settings) kept = settings.values();
    const fresh = model.pretrained === "here" && !("pretrained" in kept) && !before?.arguments ? { pretrained: true, epochs: SOON } : {};
    const shown = program("", "train.py");
    const wrong = h("div", { role: "alert" });
    const start = h("button.primary.large", { type: "button", onclick: begin }, t("train.start"));
    let asked = 0;
    let waiting = 0;
    const made = form(schema.arguments, { first: schema.first, skip: model.pretrained === "none" ? ["pretrained"] : [], values: { ...fresh, ...kept }, onchange: later });
    settings = made;
    steps[3].body.replaceChildren(
      h("div.settings", {}, made.element, h("div.stack.run", {}, h("h3", {}, t("train.program")), h("p.small.soft", {}, t("train.program_is")), shown.element, wrong, start)),
    );
    const given = () => ({
      kind: "train",
      settings: { task: schema?.task, model: model?.name, ...(set?.project ? { project: set.project } : { dataset: set?.path }), check: set?.damaged ? "skip" : true, arguments: made.values() },
    });
    function later() {
      keep();
      clearTimeout(waiting);
      waiting = setTimeout(look, 200);
    }
    async function look() {
      const number = ++asked;
      if (!made.valid()) return;
      try {
        const { code } = await post("/api/code", given());
        if (number !== asked) return;
        shown.set(code);
        wrong.replaceChildren();
      } catch (error) {
        if (number === asked) wrong.replaceChildren(complaint(error));
      }
    }
    async function begin() {
      if (!made.check()) return;
      start.disabled = true;
      try {
        const job = await post("/api/jobs", given());
        location.assign(`/train/${encodeURIComponent(job.id)}`);
      } catch (error) {
        wrong.replaceChildren(complaint(error));
        start.disabled = false;
      }
    }
    look();
  }

  if (before?.task) {
    try {
      await chooseTask(before.task);
      const same = /** @type {Schema | null} */ (schema)?.models.find((one) => one.name === before.model);
      if (same) chooseModel(same);
      open(same ? 2 : 1);
      return;
    } catch (error) {
      tell(error);
    }
  }
  open(0);
}

/** What was chosen before this page was loaded anew; null where it was not. */
function keptBefore() {
  const [loaded] = performance.getEntriesByType("navigation");
  if (!(loaded instanceof PerformanceNavigationTiming) || loaded.type !== "reload") return null;
  try {
    const { search, chosen } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    return search === location.search && chosen?.task ? chosen : null;
  } catch {
    return null;
  }
}

/** A long name breaks behind its underscores. @param {string} name */
const breakable = (name) => name.split("_").flatMap((part, at) => (at ? ["_", h("wbr"), part] : [part]));

/** @param {string} color */
const colour = (color) => (color === "gray" ? t("train.gray") : t("train.color"));
