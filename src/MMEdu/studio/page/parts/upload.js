// @ts-check
/** Files on their way to the studio: small ones together, large ones in pieces, so that no request is too large. */

import { post, remove, send, sendFiles } from "./api.js";

const PIECE = 8 * 1024 * 1024;
const MOST = 400;

/**
 * Send files; what makes a data set or a model of them is told the upload's id.
 * @param {File[]} files
 * @param {(share: number) => void} [onprogress]  From 0 to 1.
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>}
 */
export async function upload(files, onprogress = () => {}, signal) {
  const { upload: id } = await post("/api/uploads");
  const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
  let done = 0;
  const moved = (/** @type {number} */ bytes) => onprogress((done += bytes) / total);
  try {
    for (const batch of batches(files)) {
      signal?.throwIfAborted();
      if (batch.length > 1 || batch[0].size < PIECE) {
        await sendFiles(`/api/uploads/${id}/files`, batch);
        moved(batch.reduce((sum, file) => sum + file.size, 0));
        continue;
      }
      const name = encodeURIComponent(batch[0].webkitRelativePath || batch[0].name);
      for (let offset = 0; offset < batch[0].size; offset += PIECE) {
        const piece = batch[0].slice(offset, offset + PIECE);
        await send(`/api/uploads/${id}/piece?file=${name}&offset=${offset}`, piece, signal);
        moved(piece.size);
      }
    }
  } catch (error) {
    remove(`/api/uploads/${id}`).catch(() => {});
    throw error;
  }
  return id;
}

/** @param {File[]} files */
function* batches(files) {
  /** @type {File[]} */
  let batch = [];
  let size = 0;
  for (const file of files) {
    if (batch.length && (size + file.size > PIECE || batch.length >= MOST)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(file);
    size += file.size;
  }
  if (batch.length) yield batch;
}
