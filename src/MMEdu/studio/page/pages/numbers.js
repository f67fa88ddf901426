// @ts-check
/** Numbers: a table, what is to be told of it, an algorithm, the program; its pictures explain what was learned. */

import { get, post } from "../parts/api.js";
import { chosenBefore, showProgram, startJob } from "../parts/chosen.js";
import { program } from "../parts/code.js";
import { columnChoice } from "../parts/column_choice.js";
import { form } from "../parts/form.js";
import { h } from "../parts/h.js";
import { lacking, listJobs, showJob } from "../parts/jobs.js";
import { learningSets } from "../parts/learning_sets.js";
import { ownAsking } from "../parts/own_asking.js";
import { wear } from "../parts/sheet.js";
import { step } from "../parts/steps.js";
import { tell } from "../parts/told.js";
import { t } from "../parts/words.js";

/** @typedef {import("../shell.js").Here} Here */
/** @typedef {import("../parts/job.js").Job} Job */
/** @typedef {import("../parts/column_choice.js").Table} Table */
/** @typedef {{name: string, shows: string, arguments: import("../parts/form.js").Schema, labels: boolean, exports: boolean, scales: boolean, plane: boolean}} Algorithm */
/** @typedef {{family: string, name: string, shows: string, tells: string, algorithms: Algorithm[]}} Family */

const KEPT = "numbers.chosen";
const SOON = 200;

/** @param {Here} here */
export async function show(here) {
  wear("choices", "train", "numbers");
  if (here.path[0]) return showJob(here.main, here.path[0], "numbers", whatNext);
  const earlier = h("section.earlier.card", { "aria-labelledby": "earlier" });
  const steps = h("div.steps");
  /** @type {{families: Family[], missing: string[], install: string}} */
  const known = await get("/api/numbers");
  const lacks = known.missing.length ? lacking(t("numbers.no_ml"), known.install) : "";
  here.main.replaceChildren(h("h1", {}, t("numbers.title")), h("p.soft", {}, t("numbers.why")), lacks, h("div.with-list", {}, steps, earlier));
  await Promise.all([listJobs(earlier, "numbers", ["numbers"]), showSteps(steps, known.families, here.query)]);
}

/** What can be asked stays as it is while the job is looked at again. @type {HTMLElement | null} */
let shownAsking = null;

/** @param {Job} job */
const asking = (job) => (shownAsking ??= ownAsking(job));

/** @param {Job} job */
function whatNext(job) {
  const model = job.state === "done" ? job.files?.find((file) => file.kind === "model") : null;
  return [
    model ? h("a.button.primary", { href: `/api/files/${encodeURIComponent(model.id)}`, download: model.name }, t("layers.take_onnx")) : null,
    job.state === "done" && job.settings?.draws === false ? h("p.small.soft.no-picture", {}, t("numbers.no_picture")) : null,
    h("a.button", { href: `/numbers?again=${encodeURIComponent(job.id)}` }, t("numbers.again")),
    model ? asking(job) : null,
  ];
}

/**
 * @param {HTMLElement} place
 * @param {Family[]} families
 * @param {URLSearchParams} query  `again`: a job whose choices are taken over.
 */
async function showSteps(place, families, query) {
  /** @type {(Table & {dataset: string}) | null} */
  let table = null;
  let name = "";
  /** @type {Family} */
  let family = families[0];
  /** @type {Algorithm | null} */
  let algorithm = null;
  /** @type {import("../parts/form.js").Form | null} */
  let settings = null;
  /** @type {import("../parts/column_choice.js").ColumnChoice | null} */
  let columns = null;
  let asked = 0;
  let waiting = 0;
  const sets = learningSets({ pictures: false, onchosen: (one) => choose(one.path, one.name) });
  const titles = [t("numbers.step_table"), t("numbers.step_columns"), t("numbers.step_algorithm"), t("numbers.step_run")];
  const steps = titles.map((title, index) => step(index + 1, title, () => open(index)));
  place.replaceChildren(...steps.map((one) => one.element));
  steps[0].body.replaceChildren(sets.element);
  const shown = program("", "numbers.py");
  const wrong = h("div", { role: "alert" });
  const start = h("button.primary.large", { type: "button", onclick: begin }, t("numbers.start"));
  const scale = h("input", { type: "checkbox", id: "scale", onchange: later });
  const onnx = h("input", { type: "checkbox", id: "onnx", checked: true, onchange: later });

  /** @param {number} index */
  function open(index) {
    const said = [table ? `${name} · ${t("numbers.rows", { count: table.rows })}` : "", columns ? `${family.name} · ${columns.said()}` : "", algorithm?.name ?? "", ""];
    const ready = [true, Boolean(table), Boolean(table), Boolean(algorithm)];
    steps.forEach((one, at) => one.show(at === index ? "open" : ready[at] && at < index ? "done" : "waits", said[at]));
  }

  /**
   * @param {string} dataset
   * @param {string} called
   * @param {any} [before]  Choices that are taken over.
   */
  async function choose(dataset, called, before = null) {
    const found = await post("/api/numbers/table", { dataset });
    table = found;
    name = called;
    const last = found.columns[found.columns.length - 1];
    const usual = last.tells === "numbers" ? "regression" : "classification";
    family = families.find((one) => one.family === (before?.family ?? usual)) ?? families[0];
    algorithm = null;
    showColumns(before);
    open(1);
    if (!before) return;
    const same = family.algorithms.find((one) => one.name === before.algorithm);
    if (same) take(same, before.arguments ?? {});
  }

  // 2: what is done, and with which columns
  /** @param {any} before */
  function showColumns(before) {
    if (!table) return;
    const of = table;
    const made = columnChoice(of, { tells: family.tells, given: before?.given, told: before?.told, onchange: () => (keep(), more()) });
    columns = made;
    const tabs = h(
      "div.choices.families",
      { role: "group", "aria-label": t("numbers.step_columns") },
      ...families.map((one) => h("button.choice", { type: "button", "aria-pressed": String(one === family), onclick: () => ((family = one), (algorithm = null), showColumns(null), keep()) }, h("strong", {}, one.name), h("span.small.soft", {}, one.shows))),
    );
    const next = h("button.primary", { type: "button", onclick: () => (showAlgorithms(), open(2)) }, t("numbers.next"));
    const lacks = h("p.hint", { hidden: true });
    steps[1].body.replaceChildren(tabs, made.element, lacks, h("div.row", {}, next));
    function more() {
      const what = made.complaint();
      lacks.textContent = what;
      lacks.hidden = !what;
      next.disabled = Boolean(what);
    }
    more();
    showAlgorithms();
  }

  // 3: the algorithm
  function showAlgorithms() {
    const told = columns?.told() ?? null;
    const usable = family.algorithms.filter((one) => !one.labels || told !== null);
    steps[2].body.replaceChildren(
      h("div.choices", {}, ...usable.map((one) => h("button.choice", { type: "button", "aria-pressed": String(one === algorithm), onclick: () => ((scale.checked = one.scales), take(one, {})) }, h("strong.file-name", {}, one.name), h("span.small.soft", {}, one.shows)))),
    );
  }

  /** @param {Algorithm} one  @param {Record<string, any>} values */
  function take(one, values) {
    algorithm = one;
    showAlgorithms();
    showSettings(one, values);
    open(3);
    look();
  }

  // 4: its settings, with the program
  /** @param {Algorithm} of  @param {Record<string, any>} values */
  function showSettings(of, values) {
    const made = form(of.arguments, { values, onchange: later });
    settings = made;
    const flags = [h("div.row", {}, scale, h("label", { for: "scale" }, t("numbers.scale"))), of.exports ? h("div.row", {}, onnx, h("label", { for: "onnx" }, t("layers.onnx"))) : null];
    steps[3].body.replaceChildren(
      h(
        "div.settings",
        {},
        h("div.stack", {}, Object.keys(of.arguments.properties).length ? made.element : h("p.soft", {}, t("numbers.nothing_to_set")), h("div.stack.flags", {}, ...flags), h("p.small.soft", {}, t("numbers.scale_why")), of.plane && columns?.given().length !== 2 ? h("p.hint", {}, t("numbers.no_picture")) : null),
        h("div.stack.run", {}, h("h3", {}, t("train.program")), h("p.small.soft", {}, t("train.program_is")), shown.element, wrong, start),
      ),
    );
  }

  const given = () => ({
    kind: "numbers",
    settings: {
      dataset: table?.dataset,
      family: family.family,
      algorithm: algorithm?.name,
      arguments: settings?.values() ?? {},
      given: columns?.given(),
      told: columns?.told() ?? null,
      scale: scale.checked,
      onnx: onnx.checked,
    },
  });

  function later() {
    keep();
    clearTimeout(waiting);
    waiting = setTimeout(look, SOON);
  }

  /** What is chosen outlives a reload. */
  function keep() {
    if (table) sessionStorage.setItem(KEPT, JSON.stringify({ name, settings: given().settings }));
  }

  async function look() {
    if (!algorithm || !settings?.valid()) return;
    const number = ++asked;
    await showProgram(given(), shown, wrong, () => number === asked);
  }

  async function begin() {
    if (settings?.check()) await startJob(given(), "/numbers", start, wrong);
  }

  open(0);
  const before = await chosenBefore(KEPT, query, (settings) => settings.dataset, (job) => job.settings.dataset);
  if (before) {
    scale.checked = before.settings.scale === true;
    onnx.checked = before.settings.onnx !== false;
    await choose(before.settings.dataset, before.name, before.settings).catch(tell);
  }
  await sets.refresh();
}
