// @ts-check
/** The words of the page in the user's language; they live in `words/*.json`, by "file.key". */

import { get } from "./api.js";

export { chosenLanguage, chooseLanguage } from "./language.js";

/** @type {Record<string, string>} */
let words = {};

export async function learnWords() {
  words = await get("/api/words");
}

/**
 * Return a text. Keys are written out where they are used, so that a test can find them.
 * @param {string} key
 * @param {Record<string, string | number>} [values]  Put in for `{name}`.
 * @returns {string}
 */
export function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) {
    console.error(`no words for ${key}`);
    return key;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
