// @ts-check
/** Files on their way to the studio: small ones together, large ones in pieces, so that no request is too large. */

import { post, remove, send, sendFiles } from "./api.js";

/** @typedef {{file: File, path: string}} Sent  A file, and its path within the folder that was chosen. */

const PIECE = 8 * 1024 * 1024;
const MOST = 400;

/**
 * Send files; what makes a data set or a model of them is told the upload's id.
 * @param {Sent[]} files
 * @param {(share: number) => void} [onprogress]  From 0 to 1.
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>}
 */
export async function upload(files, onprogress = () => {}, signal) {
  const { upload: id } = await post("/api/uploads");
  const total = files.reduce((sum, { file }) => sum + file.size, 0) || 1;
  let done = 0;
  const moved = (/** @type {number} */ bytes) => onprogress((done += bytes) / total);
  try {
    for (const batch of batches(files)) {
      signal?.throwIfAborted();
      const size = batch.reduce((sum, { file }) => sum + file.size, 0);
      if (size <= PIECE) {
        await sendFiles(`/api/uploads/${id}/files`, batch.map(({ file }) => file), {}, batch.map(({ path }) => path));
        moved(size);
        continue;
      }
      const [{ file, path }] = batch;
      for (let offset = 0; offset < file.size; offset += PIECE) {
        const piece = file.slice(offset, offset + PIECE);
        await send(`/api/uploads/${id}/piece?file=${encodeURIComponent(path)}&offset=${offset}`, piece, signal);
        moved(piece.size);
      }
    }
  } catch (error) {
    remove(`/api/uploads/${id}`).catch(() => {});
    throw error;
  }
  return id;
}

/**
 * Return the files of what was dropped, also those in folders.
 * @param {DataTransfer} data
 * @returns {Promise<Sent[]>}
 */
export async function dropped(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  /** @type {Sent[]} */
  const found = [];
  for (const entry of entries) await walk(/** @type {FileSystemEntry} */ (entry), found);
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @param {Sent[]} found
 */
async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return; // it gives a hundred at once
    for (const each of some) await walk(each, found);
  }
}

/** @param {Sent[]} files */
function* batches(files) {
  /** @type {Sent[]} */
  let batch = [];
  let size = 0;
  for (const one of files) {
    if (batch.length && (size + one.file.size > PIECE || batch.length >= MOST)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(one);
    size += one.file.size;
  }
  if (batch.length) yield batch;
}
