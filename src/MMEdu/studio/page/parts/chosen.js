// @ts-check
// What a page of steps has chosen: kept over a reload, taken over from a job that is to run again, shown as its program
// and started as a job.

import { get, post } from "./api.js";
import { complaint } from "./jobs.js";
import { tell } from "./told.js";

/**
 * What was chosen before: in a job that is to run again, or before the page was loaded anew.
 * @param {string} key  Under which it is kept.
 * @param {URLSearchParams} query
 * @param {(settings: any) => unknown} isWhole  Whether what was kept is enough to go on with.
 * @param {(job: any) => string} called  What the source of a job is called.
 * @returns {Promise<{name: string, settings: any} | null>}
 */
export async function chosenBefore(key, query, isWhole, called) {
  const again = query.get("again");
  const [loaded] = performance.getEntriesByType("navigation");
  const isReload = loaded instanceof PerformanceNavigationTiming && loaded.type === "reload";
  try {
    if (isReload) {
      const before = JSON.parse(sessionStorage.getItem(key) ?? "null");
      if (before?.settings && isWhole(before.settings)) return before;
    }
    if (!again) return null;
    const job = await get(`/api/jobs/${encodeURIComponent(again)}`);
    return { name: called(job), settings: job.settings };
  } catch (error) {
    tell(error);
    return null;
  }
}

/**
 * Show the program of a job that is not started yet.
 * @param {Record<string, any>} given
 * @param {{set: (code: string) => void}} shown
 * @param {HTMLElement} wrong  Where a complaint stands.
 * @param {() => boolean} isLatest  Whether nothing else was asked meanwhile.
 */
export async function showProgram(given, shown, wrong, isLatest) {
  try {
    const { code } = await post("/api/code", given);
    if (!isLatest()) return;
    shown.set(code);
    wrong.replaceChildren();
  } catch (error) {
    if (isLatest()) wrong.replaceChildren(complaint(error));
  }
}

/**
 * Start a job, and open its view.
 * @param {Record<string, any>} given
 * @param {string} page
 * @param {HTMLButtonElement} start
 * @param {HTMLElement} wrong  Where a complaint stands.
 */
export async function startJob(given, page, start, wrong) {
  start.disabled = true;
  try {
    const job = await post("/api/jobs", given);
    location.assign(`${page}/${encodeURIComponent(job.id)}`);
  } catch (error) {
    wrong.replaceChildren(complaint(error));
    start.disabled = false;
  }
}
