// @ts-check
/** Home: new projects, recent ones, sets to start from. */

import { h } from "../parts/h.js";
import { t } from "../parts/words.js";

/** @param {import("../shell.js").Here} here */
export async function show({ main }) {
  main.replaceChildren(h("h1", {}, t("home.title")));
}
