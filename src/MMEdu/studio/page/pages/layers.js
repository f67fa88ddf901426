// @ts-check
/** Own network: what it learns from, its layers as cards that are checked while they are laid, the program, the training. */

import { get, post } from "../parts/api.js";
import { chosenBefore, showProgram, startJob } from "../parts/chosen.js";
import { program } from "../parts/code.js";
import { form } from "../parts/form.js";
import { h } from "../parts/h.js";
import { lacking, listJobs, showJob } from "../parts/jobs.js";
import { layerCards } from "../parts/layer_cards.js";
import { layerChoice } from "../parts/layer_choice.js";
import { learningSets } from "../parts/learning_sets.js";
import { ownAsking } from "../parts/own_asking.js";
import { wear } from "../parts/sheet.js";
import { step } from "../parts/steps.js";
import { tell } from "../parts/told.js";
import { t } from "../parts/words.js";

/** @typedef {import("../shell.js").Here} Here */
/** @typedef {import("../parts/job.js").Job} Job */
/** @typedef {import("../parts/layer_cards.js").Layer} Layer */
/** @typedef {import("../parts/form.js").Schema} Schema */
/** @typedef {{kinds: import("../parts/layer_cards.js").Kind[], activations: {name: string, shows: string}[], training: {arguments: Schema, first: string[]}, colors: string[], sizes: number[]}} Known */
/** @typedef {{dataset?: string, project?: string, kind: "tab" | "img", task: string, inputs: number[], classes: string[], sentence: string, color: string, size: number, layers: Layer[], training: Record<string, any>}} Data */

const KEPT = "layers.laid";
const SOON = 200;

/** @param {Here} here */
export async function show(here) {
  wear("choices", "train", "layers");
  if (here.path[0]) return showJob(here.main, here.path[0], "layers", whatNext);
  const earlier = h("section.earlier.card", { "aria-labelledby": "earlier" });
  const steps = h("div.steps");
  const head = [h("h1", {}, t("layers.title")), h("p.soft", {}, t("layers.why"))];
  here.main.replaceChildren(...head, here.state.torch ? "" : lacking(t("layers.no_torch"), here.state.install), h("div.with-list", {}, steps, earlier));
  await Promise.all([listJobs(earlier, "layers", ["network"]), showSteps(steps, here.query)]);
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
    model && job.settings?.color ? h("a.button", { href: `/try?model=${encodeURIComponent(model.id)}` }, t("layers.try")) : null,
    h("a.button", { href: `/layers?again=${encodeURIComponent(job.id)}` }, t("layers.again")),
    model ? asking(job) : null,
  ];
}

/**
 * @param {HTMLElement} place
 * @param {URLSearchParams} query  `again`: a job whose layers are taken over; `project`: whose pictures are learned from.
 */
async function showSteps(place, query) {
  /** @type {Known} */
  const known = await get("/api/layers");
  /** @type {Data | null} */
  let data = null;
  let name = "";
  let asked = 0;
  let waiting = 0;
  let laid = false;
  /** @type {import("../parts/form.js").Form | null} */
  let settings = null;
  /** @type {Record<string, any>} */
  let kept = {};
  const cards = layerCards({ kinds: known.kinds, activations: known.activations, onchange: later });
  const choice = layerChoice(known.kinds, (layer, at) => cards.add(layer, at));
  const sets = learningSets({ pictures: true, onchosen: (one) => choose("project" in one ? { project: /** @type {any} */ (one).project } : { dataset: one.path }, one.name) });
  const steps = [t("layers.step_data"), t("layers.step_layers"), t("layers.step_train")].map((title, index) => step(index + 1, title, () => open(index)));
  place.replaceChildren(...steps.map((one) => one.element));
  steps[0].body.replaceChildren(sets.element);
  const shown = program("", "network.py");
  const wrong = h("div", { role: "alert" });
  const start = h("button.primary.large", { type: "button", onclick: begin }, t("layers.start"));
  const onnx = h("input", { type: "checkbox", id: "onnx", checked: true, onchange: later });

  /** @param {number} index */
  function open(index) {
    const said = [data ? `${name} · ${data.sentence}` : "", data ? t("layers.count", { count: cards.read().length }) : "", ""];
    steps.forEach((one, at) => one.show(at === index ? "open" : data && (at < index || at < 2) ? "done" : "waits", said[at]));
  }

  const source = () => (data?.project ? { project: data.project } : { dataset: data?.dataset });
  const what = () => ({ ...source(), task: data?.task, ...(data?.kind === "img" ? { color: data.color, size: data.size } : {}) });

  /**
   * @param {Record<string, any>} from
   * @param {string} called
   * @param {Layer[] | null} [layers]  Those that are taken over; else what the studio begins with.
   */
  async function choose(from, called, layers = null) {
    data = /** @type {Data} */ (await post("/api/layers/data", from));
    name = called;
    cards.write(layers ?? data.layers);
    if (!layers) kept = data.training;
    showAnswers();
    showSettings();
    open(1);
    await look();
  }

  // 2: what is told, and the layers
  const answers = h("div.row.answers");
  const toTrain = h("button.primary", { type: "button", disabled: true, onclick: () => open(2) }, t("layers.to_train"));
  steps[1].body.replaceChildren(
    answers,
    h(
      "div.bench",
      {},
      h("div.stack", {}, cards.element, h("div.row", {}, toTrain, h("button.quiet", { type: "button", onclick: () => data && (cards.write(data.layers), later()) }, t("layers.begin_anew")))),
      choice.element,
    ),
  );

  function showAnswers() {
    if (!data) return;
    const of = data;
    /** @param {string} label @param {string} id @param {[string, string][]} options @param {string} value @param {(value: string) => Record<string, any>} change */
    const select = (label, id, options, value, change) => {
      const made = h("select", { id, onchange: () => choose({ ...what(), ...change(made.value) }, name, "task" in change(made.value) ? null : cards.read()).catch(tell) }, ...options.map(([one, said]) => h("option", { value: one }, said)));
      made.value = value;
      return h("label.row", { for: id }, label, made);
    };
    answers.replaceChildren(
      ...(of.kind === "tab"
        ? [select(t("layers.task"), "task", [["cls", t("layers.cls")], ["reg", t("layers.reg")]], of.task, (value) => ({ task: value }))]
        : [
            select(t("layers.color"), "color", known.colors.map((one) => [one, one === "RGB" ? t("layers.in_color") : t("layers.in_gray")]), of.color, (value) => ({ color: value })),
            select(t("layers.side"), "side", known.sizes.map((one) => [String(one), `${one} × ${one}`]), String(of.size), (value) => ({ size: Number(value) })),
          ]),
    );
  }

  // 3: how it learns, with the program
  function showSettings() {
    const made = form(known.training.arguments, { first: known.training.first, values: kept, onchange: later });
    settings = made;
    steps[2].body.replaceChildren(
      h(
        "div.settings",
        {},
        h("div.stack", {}, made.element, h("div.field.flag", {}, h("div.row", {}, onnx, h("label", { for: "onnx" }, t("layers.onnx"))))),
        h("div.stack.run", {}, h("h3", {}, t("train.program")), h("p.small.soft", {}, t("train.program_is")), shown.element, wrong, start),
      ),
    );
  }

  const given = () => ({ kind: "network", settings: { ...what(), layers: cards.read(), arguments: settings?.values() ?? {}, onnx: onnx.checked } });

  function later() {
    keep();
    clearTimeout(waiting);
    waiting = setTimeout(look, SOON);
  }

  /** What is laid outlives a reload. */
  function keep() {
    if (data) sessionStorage.setItem(KEPT, JSON.stringify({ name, settings: given().settings }));
  }

  async function look() {
    if (!data || !cards.valid()) return;
    const number = ++asked;
    try {
      const laying = await post("/api/layers/check", { ...what(), layers: cards.read() });
      if (number !== asked) return;
      cards.show(laying);
      choice.show(laying);
      laid = laying.ends.fits;
      toTrain.disabled = !laid;
    } catch (error) {
      if (number === asked) tell(error);
      return;
    }
    if (laid && settings?.valid()) await showProgram(given(), shown, wrong, () => number === asked);
  }

  async function begin() {
    if (settings?.check()) await startJob(given(), "/layers", start, wrong);
  }

  open(0);
  const before = await chosenBefore(KEPT, query, (settings) => settings.layers, (job) => job.name);
  if (before) {
    kept = before.settings.arguments ?? {};
    onnx.checked = before.settings.onnx ?? true;
    const { dataset, project, task, color, size, layers } = before.settings;
    await choose({ dataset, project, task, color, size }, before.name, layers).catch(tell);
  } else if (query.get("project")) await choose({ project: query.get("project") }, t("parts.project")).catch(tell);
  await sets.refresh();
}
