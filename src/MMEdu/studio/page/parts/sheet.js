// @ts-check
/** Style sheets of pages and parts: `style/<name>.css`, linked once. */

import { h } from "./h.js";

/** @param {...string} names */
export function wear(...names) {
  for (const name of names) {
    const href = `/page/style/${name}.css`;
    if (!document.head.querySelector(`link[href="${href}"]`)) document.head.append(h("link", { rel: "stylesheet", href }));
  }
}
