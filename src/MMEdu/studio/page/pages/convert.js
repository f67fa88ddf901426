// @ts-check
/** Convert: a model, what it is made into, and the check of what came out. */

import { get, post } from "../parts/api.js";
import { program } from "../parts/code.js";
import { form } from "../parts/form.js";
import { h } from "../parts/h.js";
import { complaint, lacking, listJobs, showJob } from "../parts/jobs.js";
import { setChooser } from "../parts/sets.js";
import { wear } from "../parts/sheet.js";
import { step } from "../parts/steps.js";
import { megabytes } from "../parts/times.js";
import { tell } from "../parts/told.js";
import { upload } from "../parts/upload.js";
import { t } from "../parts/words.js";

/** @typedef {import("../shell.js").Here} Here */
/** @typedef {import("../parts/job.js").Job} Job */
/** @typedef {{id: string, name: string, title: string, best: boolean, running: boolean, folded: boolean, path: string, folder: string, form: string, format: string, size: number, changed: number, task?: string, backbone?: string, classes?: string[], precision?: string, problem?: string}} Model */
/** @typedef {{name: string, missing: string[], install: string}} Backend */
/** @typedef {{title: string, path: string, task: string, exported: boolean}} Chosen */

const KINDS = ["convert", "quantize"];
const AT_FIRST = 11;
/** @type {Record<string, () => string>} */
const GOOD_FOR = {
  ONNX: () => t("convert.for_ONNX"),
  INT8: () => t("convert.for_INT8"),
  NCNN: () => t("convert.for_NCNN"),
  OpenVINO: () => t("convert.for_OpenVINO"),
};

/** @param {Here} here */
export async function show(here) {
  wear("choices", "train");
  if (here.path[0]) return showJob(here.main, here.path[0], "convert", whatNext);
  const earlier = h("section.earlier.card", { "aria-labelledby": "earlier" });
  const steps = h("div.steps");
  const lacks = here.state.torch ? null : lacking(t("convert.no_torch"), here.state.install);
  here.main.replaceChildren(h("h1", {}, t("convert.title")), h("p.soft", {}, t("convert.why")), lacks ?? "", h("div.with-list", {}, steps, earlier));
  await Promise.all([listJobs(earlier, "convert", KINDS), showSteps(steps, here)]);
}

/** @param {Job} job */
function whatNext(job) {
  const model = job.state === "done" ? job.files?.find((file) => file.kind === "model") : null;
  return [
    model ? h("a.button.primary", { href: `/try?model=${encodeURIComponent(model.id)}` }, t("convert.try")) : null,
    model ? h("a.button", { href: `/serve?model=${encodeURIComponent(model.id)}` }, t("convert.serve")) : null,
    h("a.button", { href: "/convert" }, t("convert.again")),
  ];
}

/**
 * @param {HTMLElement} place
 * @param {Here} here
 */
async function showSteps(place, here) {
  /** @type {{models: Model[], backends: Backend[]}} */
  let known;
  /** @type {{task: string, name: string}[]} */
  let tasks;
  try {
    [known, { tasks }] = await Promise.all([get("/api/models"), get("/api/schema")]);
  } catch (error) {
    tell(error);
    return;
  }
  /** @type {Chosen | null} */
  let model = null;
  /** @type {string} */
  let target = "";
  /** @type {import("../parts/sets.js").ChosenSet | null} */
  let set = null;
  const taskName = (/** @type {string} */ task) => tasks.find((one) => one.task === task)?.name ?? task;

  const titles = [t("convert.step_model"), t("convert.step_target"), t("convert.step_set"), t("convert.step_run")];
  const steps = titles.map((title, index) => step(index + 1, title, () => open(index)));
  place.replaceChildren(...steps.map((one) => one.element));

  /** @param {number} index */
  function open(index) {
    steps[2].element.hidden = target !== "INT8";
    let number = 0;
    for (const one of steps) if (!one.element.hidden) /** @type {HTMLElement} */ (one.element.querySelector(".number")).textContent = String(++number);
    const said = [model?.title ?? "", target, set ? `${set.name}: ${set.sentence}` : "", ""];
    steps.forEach((one, at) => one.show(at === index ? "open" : said[at] ? "done" : "waits", said[at]));
  }

  showModels();
  const wanted = here.query.get("file");
  const found = known.models.find((one) => one.path === wanted);
  if (found) choose(chosenOf(found));
  else open(0);

  /** @param {Model} one @returns {Chosen} */
  function chosenOf(one) {
    return { title: `${one.title}${one.backbone ? ` (${one.backbone})` : ""}`, path: one.path, task: one.task ?? "", exported: one.form === "exported" };
  }

  // 1: the model
  function showModels() {
    const usable = known.models.filter((one) => !one.problem && one.backbone !== "BaseNN" && (one.form === "checkpoint" ? /\.pth$/i.test(one.name) : one.format === "ONNX" && one.precision !== "int8"));
    const rank = (/** @type {Model} */ one) => (one.folded ? 3 : one.running ? 2 : one.form === "exported" ? 1 : 0);
    usable.sort((a, b) => rank(a) - rank(b)); // within these as the studio lists them: the newest first
    const first = Math.min(AT_FIRST, usable.filter((one) => rank(one) < 3).length || AT_FIRST);
    const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("convert.sending") });
    const wrong = h("div", { role: "alert" });
    const file = h("input.unseen", { type: "file", accept: ".pth,.onnx", tabindex: -1, "aria-hidden": "true", onchange: () => send(file) });
    const list = h("div.choices", {}, ...usable.map(modelButton), ...folders(usable));
    const hidden = /** @type {HTMLElement[]} */ ([...list.children]).slice(first);
    for (const one of hidden) one.hidden = true;
    const more = hidden.length
      ? h("button.quiet", { type: "button", onclick: () => (hidden.forEach((one) => (one.hidden = false)), more.remove(), /** @type {HTMLElement} */ (hidden[0]).focus()) }, t("convert.more_models", { count: hidden.length }))
      : null;
    steps[0].body.replaceChildren(
      usable.length ? list : h("p.soft", {}, t("convert.no_models")),
      more ?? "",
      h("div.row", {}, usable.length ? null : h("a.button.primary", { href: "/train" }, t("convert.to_train")), h("button", { type: "button", onclick: () => file.click() }, t("convert.file")), file),
      bar,
      wrong,
    );

    /** @param {HTMLInputElement} input */
    async function send(input) {
      const files = [...(input.files ?? [])].map((file) => ({ file, path: file.name }));
      input.value = "";
      if (!files.length) return;
      bar.hidden = false;
      try {
        const id = await upload(files, (share) => (bar.value = share));
        const { models } = await post("/api/models", { upload: id });
        known = await get("/api/models");
        showModels();
        choose(chosenOf(models[0]));
      } catch (error) {
        wrong.replaceChildren(complaint(error));
      } finally {
        bar.hidden = true;
      }
    }
  }

  /** @param {Model} one */
  function modelButton(one) {
    const facts = [one.backbone, one.classes?.length ? t("convert.classes", { count: one.classes.length }) : "", megabytes(one.size)].filter(Boolean).join(" · ");
    const where = one.title.split(" / ").slice(0, -1).join(" / ");
    return h(
      "button.choice",
      { type: "button", title: one.path, onclick: () => choose(chosenOf(one)) },
      h("strong.file-name", {}, where || one.name),
      where ? h("span.small.file-name", {}, one.name) : null,
      h("span.small", {}, facts),
      one.running ? h("span.small.soft", {}, t("convert.running")) : one.best ? h("span.small.knows", {}, t("convert.best")) : null,
    );
  }

  /**
   * Folders with several checkpoints, which are converted together.
   * @param {Model[]} usable
   */
  function folders(usable) {
    /** @type {Map<string, Model[]>} */
    const by = new Map();
    for (const one of usable) if (one.form === "checkpoint" && one.folder !== ".") by.set(one.folder, [...(by.get(one.folder) ?? []), one]);
    return [...by]
      .filter(([folder, models]) => models.length > 1 && !folder.startsWith("runs/") && !folder.startsWith("projects/"))
      .map(([folder, models]) => {
        const title = t("convert.whole_folder", { count: models.length, folder });
        return h("button.choice", { type: "button", onclick: () => choose({ title, path: folder, task: models[0].task ?? "", exported: false }) }, h("strong.file-name", {}, title));
      });
  }

  /** @param {Chosen} one */
  function choose(one) {
    if (model?.path !== one.path) [target, set] = ["", null];
    model = one;
    showTargets(one);
    open(1);
  }

  // 2: what it is made into
  /** @param {Chosen} one */
  function showTargets(one) {
    const wholeFolder = known.models.every((each) => each.path !== one.path);
    const offered = known.backends.filter((backend) => (one.exported ? backend.name === "INT8" : !(wholeFolder && backend.name === "INT8")));
    steps[1].body.replaceChildren(
      one.exported ? h("p.soft", {}, t("convert.only_int8")) : "",
      h(
        "div.choices",
        {},
        ...offered.map((backend) => {
          const said = [h("strong", {}, backend.name), h("span.soft.small", {}, GOOD_FOR[backend.name]?.() ?? "")];
          if (!backend.missing.length) return h("button.choice", { type: "button", onclick: () => aim(backend.name) }, ...said);
          // No button: there is nothing to press, but a line to read and to copy.
          return h("div.choice.lacks", {}, ...said, h("span.small.hint", {}, t("convert.lacks", { missing: backend.missing.join(", ") }), " ", h("code", {}, backend.install)));
        }),
      ),
    );
  }

  /** @param {string} name */
  function aim(name) {
    if (target !== name) set = null;
    target = name;
    if (name !== "INT8") {
      showRun();
      open(3);
      return;
    }
    const chooser = setChooser({
      task: model?.task || "classification",
      taskName,
      backbone: () => "",
      takeLabel: t("convert.step_run"),
      onchosen: (chosen) => {
        set = chosen;
        showRun();
        open(3);
      },
      onother: null,
    });
    steps[2].body.replaceChildren(chooser.element);
    steps[2].opened = () => chooser.refresh();
    open(2);
  }

  // 4: options, the program, the start
  function showRun() {
    const quantizes = target === "INT8";
    const shown = program("", quantizes ? "quantize.py" : "convert.py");
    const wrong = h("div", { role: "alert" });
    const start = h("button.primary.large", { type: "button", onclick: begin }, t("convert.start"));
    let asked = 0;
    let waiting = 0;
    const flag = (/** @type {string} */ title, /** @type {string} */ description) => ({ title, description, type: "boolean", default: false });
    /** @type {Record<string, import("../parts/form.js").Property>} */
    const properties = quantizes
      ? {
          max_drop: { title: t("convert.max_drop"), description: t("convert.max_drop_about"), type: "number", default: 1, minimum: 0, maximum: 100 },
          images: { title: t("convert.images"), description: t("convert.images_about"), type: "integer", default: 100, minimum: 1 },
          calibration: { title: t("convert.calibration"), description: t("convert.calibration_about"), default: "auto", enum: ["auto", "minmax", "average", "percentile"] },
        }
      : { dynamic: flag(t("convert.dynamic"), t("convert.dynamic_about")) };
    if (target !== "NCNN" && target !== "OpenVINO") properties.standalone = flag(t("convert.standalone"), t("convert.standalone_about"));
    if (target === "ONNX" && model?.task === "classification") properties.features = flag(t("convert.features"), t("convert.features_about"));
    if (target === "NCNN") delete properties.dynamic;
    const made = form({ properties }, { first: quantizes ? ["max_drop", "standalone"] : Object.keys(properties), onchange: later });
    steps[3].body.replaceChildren(
      h("div.settings", {}, made.element, h("div.stack.run", {}, h("h3", {}, t("convert.program")), h("p.small.soft", {}, t("convert.program_is")), shown.element, wrong, start)),
    );
    const given = () => ({
      kind: quantizes ? "quantize" : "convert",
      settings: {
        model: model?.path,
        ...(quantizes ? (set?.project ? { project: set.project } : { dataset: set?.path }) : { backend: target }),
        ...made.values(),
      },
    });
    function later() {
      clearTimeout(waiting);
      waiting = setTimeout(look, 200);
    }
    async function look() {
      const number = ++asked;
      if (!made.valid()) return;
      if (number === 1) wrong.replaceChildren(h("p.soft", {}, t("convert.opening")));
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
        location.assign(`/convert/${encodeURIComponent(job.id)}`);
      } catch (error) {
        wrong.replaceChildren(complaint(error));
        start.disabled = false;
      }
    }
    look();
  }
}
