// @ts-check
/** Large files in parts. Where the network breaks it asks how much has arrived, and goes on from there. */

import { get, post, Refused, send, Unreachable } from "./api.js";

const PAUSES = [500, 1000, 2000, 4000, 8000];

/**
 * Send a file; returns what the server calls it.
 * @param {File} file
 * @param {(share: number, waits: boolean) => void} progress  0 to 1, and whether it waits for the network.
 * @returns {Promise<string>}
 */
export async function upload(file, progress) {
  const begun = await patiently(() => post("/api/uploads", { name: file.name, size: file.size }), () => progress(0, true));
  const path = `/api/uploads/${begun.id}`;
  let at = 0;
  while (at < file.size) {
    progress(at / file.size, false);
    const from = at;
    const part = new Blob([file.slice(from, from + begun.part)], { type: "application/octet-stream" });
    try {
      at = (await patiently(() => send(`${path}?at=${from}`, part), () => progress(from / file.size, true))).received;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 400) throw error;
      const received = (await get(path)).received;
      if (received === from) throw error;
      at = received;
    }
  }
  progress(1, false);
  return begun.id;
}

/**
 * Do what asks the server, again and again while it does not answer.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {() => void} waits  Called before each further try.
 * @returns {Promise<T>}
 */
export async function patiently(ask, waits) {
  for (const pause of PAUSES) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      waits();
      await new Promise((done) => setTimeout(done, pause));
    }
  }
  return ask();
}
