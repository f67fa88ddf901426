// @ts-check
/** What pages that start jobs share: the list of former ones, the view of one, what a light installation lacks. */

import { get, remove } from "./api.js";
import { program } from "./code.js";
import { h } from "./h.js";
import { hasEnded, jobView, stateMark } from "./job.js";
import { wear } from "./sheet.js";
import { sentences, tell } from "./told.js";
import { chosenLanguage, t } from "./words.js";

/** @typedef {import("./job.js").Job} Job */

const MOST = 8;
const AGAIN = 4000;

/**
 * List former jobs in a card; they are looked at again while one runs.
 * @param {HTMLElement} place
 * @param {string} page  Where one is opened: `/page/JOB`.
 * @param {string[]} kinds
 */
export async function listJobs(place, page, kinds) {
  wear("job", "jobs");
  /** @type {Job[]} */
  let jobs;
  try {
    jobs = (await get("/api/jobs")).jobs.filter((/** @type {Job} */ job) => kinds.includes(job.kind));
  } catch (error) {
    tell(error);
    return;
  }
  const lines = jobs.map((job) => h("li", {}, jobLine(job, page)));
  const opened = place.querySelector("details")?.open ?? false;
  const rest = lines.length > MOST ? h("details.more", { open: opened }, h("summary", {}, t("parts.older", { count: lines.length - MOST })), h("ul.plain", {}, ...lines.slice(MOST))) : null;
  place.replaceChildren(h("h2", { id: "earlier" }, t("parts.earlier")), jobs.length ? h("ul.plain", {}, ...lines.slice(0, MOST)) : h("p.soft", {}, t("parts.none_yet")), rest ?? "");
  if (!jobs.some((job) => !hasEnded(job))) return;
  const again = () => {
    if (!place.isConnected) return;
    if (place.contains(document.activeElement)) setTimeout(again, AGAIN);
    else listJobs(place, page, kinds);
  };
  setTimeout(again, AGAIN);
}

/**
 * @param {Job} job
 * @param {string} page
 */
function jobLine(job, page) {
  const when = job.created ? new Intl.DateTimeFormat(chosenLanguage() === "zh" ? "zh-CN" : "en-GB", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }).format(job.created * 1000) : "";
  const used = job.settings?.dataset && !["quantize", "evaluate"].includes(job.kind) ? job.settings.dataset : job.settings?.model;
  const what = typeof used === "string" ? used.replace(/^(datasets|runs)\//, "") : "";
  return h("a.job-line", { href: `/${page}/${encodeURIComponent(job.id)}` }, h("span.job-name", {}, job.name), stateMark(job.state), h("span.small.soft", {}, [what, when].filter(Boolean).join(" · ")));
}

/**
 * Show one job with the way back, and the way to throw it away.
 * @param {HTMLElement} main
 * @param {string} id
 * @param {string} page
 * @param {(job: Job) => (Node | null)[]} next
 */
export function showJob(main, id, page, next) {
  wear("job", "jobs");
  /** @type {HTMLDialogElement} */
  const sure = h(
    "dialog",
    { "aria-labelledby": "sure" },
    h("h2", { id: "sure" }, t("parts.delete_sure")),
    h("p", {}, t("parts.delete_what")),
    h("div.row", {}, h("button.danger", { onclick: throwAway }, t("parts.delete")), h("button", { autofocus: true, onclick: () => sure.close() }, t("parts.keep"))),
  );
  const end = h("div.row", { hidden: true }, h("button.quiet.danger", { onclick: () => sure.showModal() }, t("parts.delete")));
  const view = jobView(id, {
    next,
    onstate: (job) => {
      end.hidden = !hasEnded(job);
      document.title = `${job.name} · MMEdu`;
    },
  });
  async function throwAway() {
    sure.close();
    try {
      await remove(`/api/jobs/${encodeURIComponent(id)}`);
      location.assign(`/${page}`);
    } catch (error) {
      tell(error);
    }
  }
  main.replaceChildren(h("p", {}, h("a.back", { href: `/${page}` }, `← ${t("parts.all")}`)), h("div.card", {}, view.element), end, sure);
}

/**
 * What a light installation lacks, and what works without it.
 * @param {string} title
 * @param {string} install
 */
export function lacking(title, install) {
  wear("jobs");
  return h(
    "section.card.stack.lacking",
    {},
    h("h2", {}, title),
    h("p", {}, t("parts.lacks_how")),
    program(install, "").element,
    h("p", {}, t("parts.lacks_teach")),
    h("a.button", { href: "/" }, t("parts.to_home")),
  );
}

/** @param {unknown} error */
export function complaint(error) {
  const [message, hint] = sentences(error);
  return h("div.wrong", {}, h("strong", {}, message), hint ? h("p", {}, hint) : null);
}
