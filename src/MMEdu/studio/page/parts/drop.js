// @ts-check
/** Files that are dropped, chosen or pasted: folders are walked through, many are sent in portions. */

import { Refused, sendFiles } from "./api.js";

const PORTION_BYTES = 12 * 1024 * 1024;
const PORTION_FILES = 60;

/**
 * Let an element take files; it has the class `over` while they are above it.
 * @param {HTMLElement} element
 * @param {(files: File[]) => void} take
 * @param {(picture: string) => void} [takePicture]  Given the id of a picture of this page that is dropped.
 */
export function acceptDrop(element, take, takePicture) {
  let depth = 0;
  const over = (/** @type {number} */ change) => {
    depth = Math.max(0, depth + change);
    element.classList.toggle("over", depth > 0);
  };
  const wanted = (/** @type {DragEvent} */ event) => {
    const types = event.dataTransfer?.types ?? [];
    return types.includes("Files") || (takePicture !== undefined && types.includes(PICTURE));
  };
  element.addEventListener("dragenter", (event) => wanted(event) && (event.preventDefault(), over(1)));
  element.addEventListener("dragleave", (event) => wanted(event) && over(-1));
  element.addEventListener("dragover", (event) => wanted(event) && event.preventDefault());
  element.addEventListener("drop", async (event) => {
    if (!wanted(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    over(0);
    const picture = event.dataTransfer.getData(PICTURE);
    if (picture) takePicture?.(picture);
    else take(await filesOf(event.dataTransfer));
  });
}

/** The kind of what is dragged within the page. */
export const PICTURE = "application/x-mmedu-picture";

/** A file dropped beside its place must not replace the page. */
export function keepPage() {
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
}

/**
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function filesOf(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.());
  const files = [...transfer.files]; // before anything is waited for: afterwards it is empty
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  const found = [];
  for (const entry of entries) if (entry) found.push(...(await walk(entry)));
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function walk(entry) {
  if (entry.name.startsWith(".") || entry.name === "Thumbs.db") return [];
  if (entry.isFile) {
    /** @type {File} */
    const file = await new Promise((done, failed) => /** @type {FileSystemFileEntry} */ (entry).file(done, failed));
    Object.defineProperty(file, "webkitRelativePath", { value: entry.fullPath.replace(/^\//, "") });
    return [file];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {File[]} */
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const one of some) found.push(...(await walk(one)));
  }
}

/**
 * Send files in portions that a request may have.
 * @param {string} path
 * @param {File[]} files
 * @param {(answer: any, sent: number) => void} after  Called after each portion.
 * @returns {Promise<{added: any[], refused: {file: string, message: string, hint?: string}[]}>}
 */
export async function sendMany(path, files, after) {
  /** @type {{added: any[], refused: {file: string, message: string, hint?: string}[]}} */
  const all = { added: [], refused: [] };
  let sent = 0;
  for (const portion of portions(files)) {
    try {
      const answer = await sendFiles(path, portion);
      all.added.push(...(answer.added ?? []));
      all.refused.push(...(answer.refused ?? []));
      sent += portion.length;
      after(answer, sent);
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500) throw error;
      all.refused.push(...portion.map((file) => ({ file: file.name, message: error.message, hint: error.hint })));
    }
  }
  return all;
}

/** @param {File[]} files */
function* portions(files) {
  /** @type {File[]} */
  let portion = [];
  let bytes = 0;
  for (const file of files) {
    if (portion.length && (bytes + file.size > PORTION_BYTES || portion.length >= PORTION_FILES)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(file);
    bytes += file.size;
  }
  if (portion.length) yield portion;
}
