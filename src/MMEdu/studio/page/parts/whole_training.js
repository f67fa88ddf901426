// @ts-check
/** Training the whole network: one button, two choices, the rest under *more*; then the job as it runs. */

import { get, post } from "./api.js";
import { form } from "./form.js";
import { h } from "./h.js";
import { hasEnded, jobView } from "./job.js";
import { tell } from "./told.js";
import { t } from "./words.js";

const TASK = "classification";
const LONG = { short: 5, usual: 15, long: 50 };
const SMALL_STEPS = 0.002;
const LEFT_OUT = ["save_fold", "checkpoint", "resume", "distributed", "devices", "random_seed"];

/**
 * Make the button with its choices, and the place where the job is shown.
 * @param {string} project
 * @param {import("../shell.js").State} state
 * @param {() => void} onend  A training has ended.
 */
export function wholeTraining(project, state, onend) {
  const place = h("section.card.whole_job", { hidden: true });
  if (!state.torch) {
    const element = h("div.whole", {}, h("button.large", { disabled: true }, t("teach.train_whole")), h("p.small.soft", {}, t("teach.no_torch")), h("pre.code.small", { tabindex: 0 }, state.install));
    return { element, place, setReady: () => {}, start: async () => {} };
  }
  const long = choice("long", t("teach.how_long"), [["short", t("teach.short")], ["usual", t("teach.medium")], ["long", t("teach.long")]], remembered(project));
  long.element.addEventListener("change", () => localStorage.setItem(kept(project), long.value()));
  const careful = choice("careful", t("teach.how_careful"), [["usual", t("teach.usual_steps")], ["small", t("teach.small_steps")]], "usual");
  const button = h("button.large", { onclick: start, disabled: true }, t("teach.train_whole"));
  const arguments_ = h("div");
  const more = h("details.more", { ontoggle: openMore }, h("summary", {}, t("teach.more")), arguments_);
  const element = h("div.whole", {}, button, h("p.small.soft", {}, t("teach.whole_help")), long.element, careful.element, more);
  /** @type {import("./form.js").Form | null} */
  let fields = null;
  /** @type {import("./job.js").JobView | null} */
  let view = null;
  let ready = false;
  let running = false;

  async function openMore() {
    if (!more.open || fields) return;
    try {
      const schema = await get(`/api/schema/${TASK}`);
      fields = form(schema.arguments, { skip: [...LEFT_OUT, "epochs", "lr"] });
      arguments_.replaceChildren(fields.element);
    } catch (error) {
      more.open = false;
      tell(error);
    }
  }

  async function start() {
    if (fields && !fields.check()) return;
    button.disabled = true;
    /** @type {Record<string, any>} */
    const settings = { ...fields?.values(), project, task: TASK, epochs: LONG[/** @type {keyof typeof LONG} */ (long.value())] };
    if (careful.value() === "small") settings.lr = SMALL_STEPS;
    try {
      const job = await post("/api/jobs", { kind: "train", settings });
      show(job.id);
      place.scrollIntoView({ block: "start", behavior: "smooth" });
    } catch (error) {
      tell(error);
    }
    setButton();
  }

  /** @param {string} id */
  function show(id, runs = true) {
    view?.close();
    running = runs;
    view = jobView(id, {
      next(job) {
        const best = job.files?.find((file) => file.kind === "best");
        return best && hasEnded(job) ? [h("a.button.primary", { href: `/try?model=${encodeURIComponent(best.id)}` }, t("teach.try_whole"))] : [];
      },
      onstate(job) {
        const ended = hasEnded(job);
        if (ended && running) onend();
        running = !ended;
        setButton();
      },
    });
    place.replaceChildren(view.element);
    place.hidden = false;
  }

  function setButton() {
    button.disabled = !ready || running;
    button.textContent = running ? t("teach.training_whole") : t("teach.train_whole");
  }

  return {
    element,
    place,
    /** @param {boolean} now  Whether there is something to train with. */
    setReady(now) {
      ready = now;
      setButton();
    },
    /** Show the job of this project that still runs, or what came of the last one. */
    async start() {
      const told = await get("/api/jobs");
      /** @type {import("./job.js").Job[]} */
      const mine = (told.jobs ?? told).filter((/** @type {any} */ job) => job.kind === "train" && job.settings?.project === project);
      const latest = mine.find((job) => !hasEnded(job)) ?? mine.sort((a, b) => (b.created ?? 0) - (a.created ?? 0))[0];
      if (latest && !view) show(latest.id, !hasEnded(latest));
    },
  };
}

/**
 * @param {string} name
 * @param {string} title
 * @param {[string, string][]} options
 * @param {string} chosen
 */
function choice(name, title, options, chosen) {
  const inputs = options.map(([value]) => h("input", { type: "radio", name, value, checked: value === chosen }));
  const element = h("fieldset.choice", {}, h("legend", {}, title), ...options.map(([, text], index) => h("label", {}, inputs[index], h("span", {}, text))));
  return { element, value: () => inputs.find((input) => input.checked)?.value ?? chosen };
}

/** @param {string} project */
const kept = (project) => `mmedu_long:${project}`;

/**
 * Return how long it was to train in this project last.
 * @param {string} project
 */
function remembered(project) {
  const long = localStorage.getItem(kept(project)) ?? "";
  return long in LONG ? long : "usual";
}
