// @ts-check
/** Training a finder on what was drawn: one button, how long, the rest under *more*; then the job as it runs. */

import { get, post } from "./api.js";
import { form } from "./form.js";
import { h } from "./h.js";
import { address, hasEnded, jobView } from "./job.js";
import { tell } from "./told.js";
import { t } from "./words.js";

const TASK = "detection";
/** The first whose backbone has learned from other pictures, and is here; else the first. */
const MODELS = ["SSD_Lite", "SSD_EfficientNet_Lite0"];
/** Steps of learning: a few pictures are looked at more often than many; and rounds at most, as each is judged. */
const STEPS = { short: 60, usual: 360, long: 1200 };
const MOST = { short: 30, usual: 120, long: 300 };
const TOGETHER = 8;
const LEARNED_FROM = 0.8;
const FEWEST = 5;
const LEFT_OUT = ["save_fold", "checkpoint", "resume", "distributed", "devices", "random_seed", "epochs"];

/**
 * Make the button with its choices, and the place where the job is shown.
 * @param {{id: string, folder: string}} project
 * @param {import("../shell.js").State} state
 */
export function findTraining(project, state) {
  const place = h("section.card.find_job", { hidden: true, "aria-label": t("find.training") });
  if (!state.torch) {
    const element = h("div.find_train", {}, h("button.large", { disabled: true }, t("find.train")), h("p.small.soft", {}, t("find.no_torch")), h("pre.code.small", { tabindex: 0 }, state.install));
    return { element, place, setReady: () => {}, start: async () => {} };
  }
  const button = h("button.primary.large", { type: "button", onclick: start, disabled: true }, t("find.train"));
  const kept = `find.long.${project.id}`;
  const before = sessionStorage.getItem(kept) ?? "";
  const first = before in STEPS ? before : "usual";
  const inputs = Object.keys(STEPS).map((value) => h("input", { type: "radio", name: "long", value, checked: value === first, onchange: () => (sessionStorage.setItem(kept, value), sayRounds()) }));
  const names = [t("find.short"), t("find.medium"), t("find.long")];
  const long = h("fieldset.choice", {}, h("legend.small", {}, t("find.how_long")), ...inputs.map((input, index) => h("label", {}, input, h("span", {}, names[index]))));
  const rounds = h("p.small.soft", { role: "status" });
  const fields_place = h("div.find_fields");
  const more = h("details.more", { ontoggle: openMore }, h("summary", {}, t("find.more")), fields_place);
  const help = h("p.small.soft", {}, t("find.train_help"));
  const scratch = h("div.hint", { hidden: true }, h("p", {}, t("find.from_scratch")), h("code.small", {}, `mmedu weights get ${MODELS[0]}`));
  const element = h("div.find_train", {}, button, help, scratch, long, rounds, more);
  /** What can be trained. @type {any} */
  let schema = null;
  let pictures = 0;
  /** @type {import("./form.js").Form | null} */
  let fields = null;
  /** @type {import("./job.js").JobView | null} */
  let view = null;
  let ready = false;
  let running = false;

  async function openMore() {
    if (!more.open || fields) return;
    try {
      const schema = await known();
      fields = form(schema.arguments, { skip: LEFT_OUT });
      fields_place.replaceChildren(fields.element);
    } catch (error) {
      more.open = false;
      tell(error);
    }
  }

  async function known() {
    schema ??= await get(`/api/schema/${TASK}`);
    return schema;
  }

  async function model() {
    const { models } = await known();
    const here = MODELS.find((name) => models.some((/** @type {any} */ one) => one.name === name && one.pretrained === "here"));
    scratch.hidden = here !== undefined;
    return here ?? MODELS[0];
  }

  function epochs() {
    const chosen = /** @type {keyof typeof STEPS} */ (inputs.find((input) => input.checked)?.value ?? "usual");
    const each = Math.max(1, Math.ceil((pictures * LEARNED_FROM) / TOGETHER));
    return Math.min(MOST[chosen], Math.max(FEWEST, Math.round(STEPS[chosen] / each)));
  }

  function sayRounds() {
    rounds.textContent = ready ? t("find.rounds", { n: epochs() }) : "";
  }

  async function start() {
    if (fields && !fields.check()) return;
    button.disabled = true;
    const arguments_ = { batch_size: TOGETHER, ...fields?.values(), epochs: epochs() };
    try {
      const job = await post("/api/jobs", { kind: "train", settings: { task: TASK, model: await model(), dataset: { project: project.id }, arguments: arguments_ } });
      show(job.id);
      place.scrollIntoView({ block: "start", behavior: "smooth" });
    } catch (error) {
      tell(error);
    }
    setButton();
  }

  /** @param {string} id */
  function show(id) {
    view?.close();
    running = true;
    view = jobView(id, {
      onstate(job) {
        running = !hasEnded(job);
        setButton();
      },
      next(job) {
        const best = job.files?.find((file) => file.kind === "best") ?? job.files?.find((file) => file.kind === "latest");
        if (!best) return [];
        return [h("a.button.primary", { href: `/try?model=${encodeURIComponent(best.id)}` }, t("find.try_it")), h("a.button", { href: address(best), download: best.name }, t("find.save_model"))];
      },
    });
    place.replaceChildren(view.element);
    place.hidden = false;
  }

  function setButton() {
    button.disabled = !ready || running;
    button.textContent = running ? t("find.training_now") : t("find.train");
    sayRounds();
  }

  return {
    element,
    place,
    /**
     * @param {boolean} now  Whether enough was drawn.
     * @param {number} count  How many pictures it will learn from, and be judged on.
     */
    setReady(now, count) {
      ready = now;
      pictures = count;
      setButton();
    },
    /** Show the newest training of this project. */
    async start() {
      await model();
      const told = await get("/api/jobs");
      const mine = told.jobs.find((/** @type {any} */ job) => job.kind === "train" && job.folder.startsWith(`projects/${project.folder}/`));
      if (mine) show(mine.id);
    },
  };
}
