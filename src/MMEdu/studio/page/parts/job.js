// @ts-check
/** A job as it lives: waiting, its bar and curves, what it says, Stop, Go on, an error, its files and pictures. */

import { follow, get, post, withLanguage } from "./api.js";
import { program } from "./code.js";
import { curves } from "./curves.js";
import { h } from "./h.js";
import { wear } from "./sheet.js";
import { duration, megabytes } from "./times.js";
import { sentences, tell } from "./told.js";
import { t } from "./words.js";

/** @typedef {{id: string, name: string, kind: string, shows?: string, path?: string, bytes?: number}} JobFile */
/**
 * @typedef {object} Job
 * @property {string} id
 * @property {string} kind
 * @property {string} [task]
 * @property {string} name
 * @property {"waiting" | "running" | "stopping" | "stopped" | "done" | "failed" | "interrupted"} state
 * @property {number} [created]  In seconds since 1970.
 * @property {number} [started]
 * @property {number | null} [seconds]
 * @property {string} [message]
 * @property {string} [hint]
 * @property {number} [code]
 * @property {string} [folder]
 * @property {boolean} [goes_on]  Whether it can go on from a checkpoint.
 * @property {any} [settings]
 * @property {any} [result]
 * @property {JobFile[]} [files]
 */
/** @typedef {{element: HTMLElement, close: () => void, job: () => Job | null}} JobView */

const ENDED = ["stopped", "done", "failed", "interrupted"];
const MOST_LINES = 2000;
/** Kinds of jobs that learn: they have curves, and keep what they learned. */
const LEARN = ["train", "network"];
/** Measures of which the smaller is the better. */
const ERRORS = /^(mae|mse)$/;
/** How a classic model says how good it is, in either language. */
const SCORE = /^(Validation |验证).+[:：]\s*-?\d/;
/** @type {Record<string, () => string>} */
const STATES = {
  waiting: () => t("parts.waiting"),
  running: () => t("parts.running"),
  stopping: () => t("parts.stopping"),
  stopped: () => t("parts.stopped"),
  done: () => t("parts.done"),
  failed: () => t("parts.failed"),
  interrupted: () => t("parts.interrupted"),
};

/** @param {Job} job */
export const hasEnded = (job) => ENDED.includes(job.state);

/** @param {string} state */
export const stateName = (state) => (STATES[state] ?? (() => state))();

/** @param {string} state */
export const stateMark = (state) => h(`span.state.state-${state}`, {}, stateName(state));

/**
 * Show a job and follow it.
 * @param {string} id
 * @param {object} [given]
 * @param {(job: Job) => void} [given.onstate]  Told of the job whenever its state is another, and when it ended, with its files.
 * @param {(job: Job) => (Node | null)[]} [given.next]  What can be done with what it left; shown when it is done or stopped.
 * @param {boolean} [given.curves]  Whether it has curves: a training.
 * @returns {JobView}
 */
export function jobView(id, { onstate = () => {}, next = () => [], curves: hasCurves = true } = {}) {
  wear("job");
  const path = `/api/jobs/${encodeURIComponent(id)}`;
  /** @type {Job | null} */
  let job = null;
  /** @type {() => void} */
  let unfollow = () => {};
  let closed = false;
  let asking = 0;
  /** @type {string[]} */
  let heads = [];
  /** @type {{name: string, value: number, epoch: number} | null} */
  let best = null;
  /** What the last validation said first. @type {{of: string, name: string, value: number, epoch: number} | null} */
  let last = null;
  /** The line that was printed last. */
  let printed = "";
  /** The line in which a classic model said how good it is. */
  let scored = "";
  /** What each validation said first, by its epoch. @type {Map<number, {of: string, name: string, value: number, epoch: number}>} */
  const judged = new Map();
  /** Whether something is kept where it stops now. */
  let saved = false;
  /** A run that begins once more says the same again. @type {Set<string>} */
  const noticed = new Set();

  const mark = h("span");
  const time = h("span.soft");
  const stop = h("button", { type: "button", onclick: () => change("stop", stop) }, t("parts.stop"));
  const resume = h("button.primary", { type: "button", onclick: () => change("resume", resume) }, t("parts.resume"));
  const title = h("h2");
  const about = h("p.small.soft.about");
  const bar = h("progress", { max: 1, "aria-label": t("parts.running") });
  const doing = h("p.doing");
  const unsaved = h("p.small.soft.unsaved", { hidden: true }, t("parts.nothing_kept"));
  const moving = h("div.moving.stack", {}, bar, doing, unsaved);
  const verdict = h("div", { role: "status" });
  const loss = curves({ title: t("parts.loss") });
  const metric = curves({ title: t("parts.metric"), share: true });
  const error = curves({ title: t("parts.error") });
  const soon = h("p.soft", {}, t("parts.curves_soon"));
  const both = h("div.both-curves", { hidden: true }, loss.element, metric.element, error.element);
  const notices = h("ul.notices");
  const report = h("div.report");
  const files = h("div.files");
  const after = h("div.row.after");
  const lines = h("pre.output.small", { tabindex: 0, role: "log" });
  const output = h("details.more", { hidden: true }, h("summary", {}, t("parts.output")), lines);
  const shown = program();
  const code = h("details.more", { ontoggle: showCode }, h("summary", {}, t("parts.job_program")), shown.element);
  const element = h(
    "section.job.stack",
    { "aria-busy": "true" },
    h("div.row.job-head", {}, title, mark, time, h("span.grow"), stop, resume),
    about,
    moving,
    verdict,
    after,
    soon,
    both,
    notices,
    report,
    files,
    output,
    code,
  );

  /** @param {"stop" | "resume"} what  @param {any} button */
  async function change(what, button) {
    button.disabled = true;
    try {
      const told = await post(`${path}/${what}`);
      if (what === "resume") {
        start();
        return;
      }
      if (told?.state) take(told);
    } catch (error) {
      tell(error);
    } finally {
      button.disabled = false;
    }
  }

  async function showCode() {
    if (!code.open) return;
    try {
      shown.set((await get(`/api/code/${encodeURIComponent(id)}`)).code, `${job?.kind ?? "job"}.py`);
    } catch (error) {
      tell(error);
    }
  }

  /** @param {Partial<Job>} told */
  function take(told) {
    const before = job?.state;
    job = /** @type {Job} */ ({ ...job, ...told });
    title.textContent = job.name;
    element.dataset.kind = job.kind;
    about.textContent = [job.kind === "train" ? "" : job.settings?.model, job.settings?.dataset].filter((one) => typeof one === "string" && one).join(" · ");
    notices.classList.toggle("good", job.state === "done" && ["convert", "quantize"].includes(job.kind));
    mark.replaceChildren(stateMark(job.state));
    if (before === undefined) output.open = job.kind === "numbers"; // its scores stand there
    const ended = hasEnded(job);
    element.setAttribute("aria-busy", String(!ended));
    stop.hidden = ended || job.state === "stopping";
    resume.hidden = !(ended && job.state !== "done" && (job.goes_on || ["stopped", "interrupted"].includes(job.state)));
    resume.textContent = job.goes_on ? t("parts.resume") : t("parts.once_more");
    moving.hidden = ended;
    saved ||= Boolean(job.goes_on);
    unsaved.hidden = !LEARN.includes(job.kind) || job.state !== "running" || saved;
    bar.hidden = job.state === "waiting";
    soon.hidden = ended || !hasCurves || !LEARN.includes(job.kind) || !both.hidden;
    if (job.seconds !== null && job.seconds !== undefined) time.textContent = ended ? t("parts.took", { time: duration(job.seconds) }) : "";
    if (job.state === "waiting") doing.textContent = t("parts.waiting_why");
    if (job.state === "running" && before !== "running" && !doing.dataset.said) doing.textContent = t("parts.starting");
    if (job.state === "stopping") doing.textContent = t("parts.stopping");
    showVerdict();
    showFiles();
    if (before !== job.state || ended) onstate(job);
  }

  function showVerdict() {
    if (!job || !hasEnded(job)) return void verdict.replaceChildren();
    if (job.state === "failed") {
      const code = job.code ? h("span.small", {}, t("parts.code_number", { code: job.code })) : null;
      verdict.replaceChildren(h("div.wrong", {}, h("strong", {}, job.message || stateName("failed")), job.hint ? h("p", {}, job.hint) : null, code));
    } else if (job.state === "interrupted") {
      verdict.replaceChildren(h("p.hint", {}, job.message || t("parts.interrupted_why"), " ", job.goes_on ? t("parts.goes_on") : ""));
    } else if (job.state === "stopped") {
      verdict.replaceChildren(job.goes_on ? h("p.hint", {}, t("parts.stopped_why")) : job.message ? h("p.hint", {}, job.message) : "");
    } else {
      // The file that is kept says of which epoch it is: an equal one may have come later.
      const epoch = Number(job.files?.find((file) => file.kind === "best")?.name.match(/_epoch_(\d+)\.pth$/)?.[1]);
      const kept = judged.get(epoch) ?? best;
      const own = (job.kind === "network" && (judged.get(epoch) ?? last)) || null;
      const said = job.message || (job.kind === "numbers" && scored) || (own ? t("parts.of_own", { name: own.name, value: ERRORS.test(own.of) ? own.value.toPrecision(4) : inUnits(own.value), epoch: own.epoch }) : "") || (kept ? t("parts.best", { name: kept.name, value: inUnits(kept.value), epoch: kept.epoch }) : job.kind === "convert" ? t("parts.converted") : "");
      verdict.replaceChildren(said ? h("p.good", {}, said) : "");
    }
    after.replaceChildren(...next(job).flatMap((one) => (one ? [one] : [])));
  }

  function showFiles() {
    const all = job && hasEnded(job) ? (job.files ?? []) : [];
    const pictures = all.filter((file) => file.kind === "picture" && !(file.name === "curves.png" && !both.hidden));
    const others = all.filter((file) => !pictures.includes(file));
    report.replaceChildren(...(pictures.length ? [h("h3", {}, t("parts.report")), h("div.pictures", {}, ...pictures.map(picture))] : []));
    files.replaceChildren(
      ...(others.length
        ? [
            h("h3", {}, t("parts.files")),
            job?.folder ? h("p.small.soft.folder", {}, t("parts.in_folder", { folder: job.folder })) : "",
            h("ul.plain", {}, ...others.map((file) => h("li", {}, h("a", { href: address(file), download: file.name }, file.name), file.bytes ? h("span.small.soft", {}, ` ${megabytes(file.bytes)}`) : null, file.shows ? h("span.small.soft", {}, ` ${file.shows}`) : null))),
          ]
        : []),
    );
  }

  /** @param {JobFile} file */
  function picture(file) {
    const what = file.shows || file.name;
    const large = h("dialog", { "aria-label": what }, h("form", { method: "dialog" }, h("button.quiet", { autofocus: true }, t("shell.close"))), h("img", { src: address(file), alt: what }));
    return h(
      "figure",
      {},
      h("button.quiet.picture", { type: "button", "aria-label": what, onclick: () => large.showModal() }, h("img", { src: address(file), alt: "", loading: "lazy" })),
      h("figcaption.small", {}, what),
      large,
    );
  }

  /** Where all is done and it still works, the bar goes to and fro. @param {number} done  @param {number} total */
  function moveBar(done, total) {
    if (done < total) (bar.max = total), (bar.value = done);
    else bar.removeAttribute("value");
  }

  /** @param {string} text */
  function say(text) {
    doing.dataset.said = "yes";
    if (job?.state !== "stopping" && doing.textContent !== text) doing.textContent = text;
  }

  function showCurves() {
    if (!hasCurves || !both.hidden) return;
    both.hidden = false;
    soon.hidden = true;
  }

  const handlers = {
    // What is told may be from before it went on: the job itself says how it stands.
    state: () => {
      clearTimeout(asking);
      asking = setTimeout(settle, 50);
    },
    run_started: (/** @type {any} */ event) => {
      loss.until(event.epochs);
      error.until(event.epochs);
      metric.until(event.epochs);
      say(t("parts.starting"));
      moveBar(0, 1);
    },
    progress: (/** @type {any} */ event) => (say(event.what), moveBar(event.done, event.total)),
    pulse: (/** @type {any} */ event) => (say(event.what), moveBar(event.done, event.total)),
    stopped: () => bar.removeAttribute("value"),
    iteration: (/** @type {any} */ event) => {
      showCurves();
      loss.add("loss", event.epoch - 1 + event.iteration / event.iterations, event.losses.loss, t("parts.loss_train"));
      moveBar((event.epoch - 1) * event.iterations + event.iteration, event.epochs * event.iterations);
      const left = typeof event.eta === "number" && event.eta >= 1 ? ` · ${t("parts.left", { time: duration(event.eta) })}` : "";
      say(t("parts.epoch_of", { epoch: event.epoch, epochs: event.epochs }) + left);
    },
    validated: (/** @type {any} */ event) => {
      showCurves();
      const told = Object.entries(event.metrics);
      for (const [name, value] of told) if (/loss/i.test(name)) loss.add("val", event.epoch, value, job?.kind === "network" ? t("parts.loss_val_data") : t("parts.loss_val"));
      const first = told.find(([name]) => !/loss/i.test(name));
      if (first && typeof first[1] === "number") judged.set(event.epoch, (last = { of: first[0], name: readable(first[0]), value: first[1], epoch: event.epoch }));
      const off = told.find(([name]) => ERRORS.test(name)); // one: their sizes differ too much for one drawing
      if (off) error.add(off[0], event.epoch, off[1], readable(off[0]));
      error.element.hidden = error.empty();
      const measures = told.filter(([name]) => !/loss/i.test(name) && !ERRORS.test(name));
      if (!measures.length) return;
      if (measures.length && typeof measures[0][1] === "number" && !(best && best.value >= measures[0][1])) best = { name: readable(measures[0][0]), value: measures[0][1], epoch: event.epoch };
      if (typeof measures[0][1] === "number") judged.set(event.epoch, { of: measures[0][0], name: readable(measures[0][0]), value: measures[0][1], epoch: event.epoch });
      metric.element.hidden = false;
      for (const [name, value] of measures.slice(0, 3)) if (typeof value !== "number" || value >= 0) metric.add(name, event.epoch, value, readable(name));
    },
    checkpoint_saved: () => {
      saved = unsaved.hidden = true;
    },
    notice: (/** @type {any} */ event) => notice(event.text),
    output: (/** @type {any} */ event) => {
      print(event.text);
      if (!SCORE.test(event.text)) return;
      scored = event.text.trim();
      showVerdict();
    },
    missed: () => start(),
    // The stream of a job that ended ends, too; the browser cannot tell that from a studio that is gone.
    lost: async () => (await settle()) || tell(t("parts.lost")),
    back: () => settle(),
  };

  /**
   * Add a line to what it says; a table comes in lines of its own.
   * @param {string} text
   */
  function notice(text) {
    const again = noticed.has(text);
    noticed.add(text);
    if (again) return;
    if (job?.kind !== "quantize") return void (text === printed || print(text)); // words of the engine
    if (!text.startsWith("|")) {
      notices.append(h("li", {}, text));
      return;
    }
    const cells = text.split("|").slice(1, -1).map((cell) => cell.trim());
    if (cells.every((cell) => /^:?-+:?$/.test(cell))) return;
    const last = notices.lastElementChild?.querySelector("table");
    if (!last) {
      heads = cells;
      notices.append(h("li.with-table", {}, h("table", {}, h("tbody"))));
      return;
    }
    // Before and after stand side by side: a line a measure is read more easily.
    for (let at = 0; at < cells.length; at++) {
      const measure = heads[at]?.match(/^(.*\S) FP32$/)?.[1];
      if (!measure || heads[at + 1] !== "INT8") continue;
      if (!last.tHead) last.createTHead().append(h("tr", {}, h("td"), h("th", { scope: "col" }, "FP32"), h("th", { scope: "col" }, "INT8")));
      last.tBodies[0].append(h("tr", {}, h("th", { scope: "row" }, measure), h("td", {}, cells[at]), h("td", {}, cells[at + 1])));
    }
    if (!last.tHead) last.tBodies[0].append(...cells.map((cell, at) => h("tr", {}, h("th", { scope: "row" }, heads[at] ?? ""), h("td", {}, cell))));
  }

  /** @param {string} line */
  function print(line) {
    output.hidden = false;
    printed = line;
    const below = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    lines.append(line.endsWith("\n") ? line : `${line}\n`);
    while (lines.childNodes.length > MOST_LINES) lines.firstChild?.remove();
    if (below) lines.scrollTop = lines.scrollHeight;
  }

  async function read() {
    try {
      const told = await get(path);
      if (!closed) take(told);
      return true;
    } catch (error) {
      const [message, hint] = sentences(error);
      if (!job) element.replaceChildren(h("div.wrong", { role: "alert" }, h("strong", {}, message), hint ? h("p", {}, hint) : null));
      return false;
    }
  }

  async function settle() {
    const answered = await read();
    if (answered && job && hasEnded(job)) unfollow();
    return answered;
  }

  async function start() {
    unfollow();
    for (const one of [loss, metric, error]) one.clear();
    both.hidden = metric.element.hidden = error.element.hidden = true;
    best = last = null;
    printed = scored = "";
    judged.clear();
    noticed.clear();
    saved = false;
    notices.replaceChildren();
    lines.replaceChildren();
    output.hidden = true;
    delete doing.dataset.said;
    bar.removeAttribute("value");
    if (!(await read()) || closed) return;
    unfollow = follow(`${path}/events`, handlers);
  }

  start();
  return {
    element,
    close() {
      closed = true;
      unfollow();
    },
    job: () => job,
  };
}

/** @param {JobFile} file */
export const address = (file) => withLanguage(`/api/files/${encodeURIComponent(file.id)}`);

/** What measures of the tasks tell, those with words here. @type {Record<string, () => string>} */
const MEASURES = {
  "accuracy_top-1": () => t("parts.accuracy"),
  acc: () => t("parts.accuracy"),
  mae: () => t("parts.mean_error"),
  "accuracy_top-5": () => t("parts.accuracy_of_five"),
  mAP: () => t("parts.boxes_fit"),
  mAP_50: () => t("parts.boxes_fit_roughly"),
  mAP_75: () => t("parts.boxes_fit_closely"),
  mIoU: () => t("parts.areas_fit"),
  aAcc: () => t("parts.pixels_right"),
  mAcc: () => t("parts.pixels_right_mean"),
  PCK: () => t("parts.points_right"),
};

/** @param {string} name */
const readable = (name) => (MEASURES[name.replace(/^bbox_/, "")] ?? (() => name.replaceAll("_", " ")))();

/** A measure: a share of one, or of a hundred. @param {number} value */
const inUnits = (value) => (value > 1 ? `${value.toFixed(1)} %` : value.toFixed(2));
