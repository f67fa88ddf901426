// @ts-check
/** The JSON API of the studio. An answer that is an error becomes a `Refused`, with a sentence to show. */

import { chosenLanguage } from "./language.js";

/** An error that the server named. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {{error?: string, code?: number, message?: string, hint?: string, [more: string]: any}} told
   */
  constructor(status, told) {
    super(told.message ?? `HTTP ${status}`);
    this.status = status;
    this.word = told.error ?? "";
    this.code = told.code ?? 0;
    this.hint = told.hint ?? "";
    this.told = told;
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {}

/** The event of the window that tells that something was changed; its `detail`: when that was begun, as `performance.now()`. */
export const CHANGED = "mmedu-changed";

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export const get = (path) => ask("GET", path);

/**
 * @param {string} path
 * @param {object} [value]  Sent as JSON.
 * @returns {Promise<any>}
 */
export const post = (path, value = {}) => ask("POST", path, JSON.stringify(value), "application/json");

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export const remove = (path) => ask("DELETE", path);

/**
 * Send one picture or another file as it is.
 * @param {string} path
 * @param {Blob} data
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export const send = (path, data, signal) => ask("POST", path, data, data.type || "application/octet-stream", signal);

/**
 * Send files with their names, as a form (field `files`).
 * @param {string} path
 * @param {File[]} files
 * @param {Record<string, string>} [fields]
 * @param {string[]} [names]  What files are called that do not say it themselves.
 * @returns {Promise<any>}
 */
export function sendFiles(path, files, fields = {}, names = []) {
  const form = new FormData();
  files.forEach((file, index) => form.append("files", file, names[index] || file.webkitRelativePath || file.name));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return ask("POST", path, form);
}

/**
 * Follow server-sent events; the browser comes back on its own after a break.
 * @param {string} path
 * @param {Record<string, (data: any) => void>} handlers  By the event's name; `lost` and `back` tell of the connection.
 * @returns {() => void}  Ends it.
 */
export function follow(path, handlers) {
  const source = new EventSource(withLanguage(path));
  let lost = false;
  for (const [name, handler] of Object.entries(handlers)) {
    if (name !== "lost" && name !== "back") source.addEventListener(name, (event) => handler(JSON.parse(/** @type {MessageEvent} */ (event).data)));
  }
  source.addEventListener("error", () => {
    if (!lost) handlers.lost?.(null);
    lost = true;
  });
  source.addEventListener("open", () => {
    if (lost) handlers.back?.(null);
    lost = false;
  });
  addEventListener("pagehide", () => source.close());
  return () => source.close();
}

/** @param {string} path */
export const withLanguage = (path) => `${path}${path.includes("?") ? "&" : "?"}language=${chosenLanguage()}`;

/**
 * @param {string} method
 * @param {string} path
 * @param {BodyInit} [body]
 * @param {string} [type]
 * @param {AbortSignal} [signal]
 */
async function ask(method, path, body, type, signal) {
  /** @type {Record<string, string>} */
  const headers = { "X-MMEdu": "studio", "X-Language": chosenLanguage() };
  if (type) headers["Content-Type"] = type;
  const began = performance.now();
  let answer;
  try {
    answer = await fetch(path, { method, body, headers, signal, credentials: "same-origin" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable();
  }
  const told = (answer.headers.get("content-type") ?? "").includes("json") ? await answer.json() : await answer.blob();
  if (!answer.ok) throw new Refused(answer.status, told);
  if (method === "DELETE" || type === "application/json") dispatchEvent(new CustomEvent(CHANGED, { detail: began }));
  return told;
}
