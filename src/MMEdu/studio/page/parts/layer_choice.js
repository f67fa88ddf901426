// @ts-check
/** The layers that may come next; those that do not fit say why. */

import { h } from "./h.js";
import { t } from "./words.js";

/** @typedef {import("./layer_cards.js").Kind} Kind */
/** @typedef {import("./layer_cards.js").Laying} Laying */

/**
 * @param {Kind[]} kinds
 * @param {(layer: import("./layer_cards.js").Layer, at: number) => void} onadd
 */
export function layerChoice(kinds, onadd) {
  /** @type {Map<string, {button: any, why: any, arguments: Record<string, any>}>} */
  const made = new Map();
  let at = 0;
  const list = h("ul.layer-choice");
  const others = h("ul.layer-choice");
  const placeOf = new Map(kinds.map((kind) => [kind.name, kind.usual ? list : others]));
  for (const kind of kinds) {
    const one = { why: h("span.small.why", { hidden: true }), arguments: {}, button: /** @type {any} */ (null) };
    one.button = h(
      "button.choice",
      { type: "button", dataset: { layer: kind.name }, onclick: () => one.button.getAttribute("aria-disabled") === "true" || onadd({ layer: kind.name, activation: "", arguments: one.arguments }, at) },
      h("strong.file-name", {}, `+ ${kind.name}`),
      h("span.small.soft", {}, kind.shows),
      one.why,
    );
    made.set(kind.name, one);
    placeOf.get(kind.name)?.append(h("li", {}, one.button));
  }
  const element = h("section.layer-add", { "aria-labelledby": "layer-add" }, h("h3", { id: "layer-add" }, t("layers.add")), list, h("details.more.other-layers", {}, h("summary", {}, t("layers.others")), others));
  return {
    element,
    /** @param {Laying} laying */
    show(laying) {
      at = laying.at;
      for (const { layer, arguments: begin, fits, why } of laying.next) {
        const one = made.get(layer);
        if (!one) continue;
        one.arguments = begin;
        one.button.setAttribute("aria-disabled", String(!fits));
        one.why.hidden = fits;
        one.why.textContent = why;
      }
      // What fits stands first.
      for (const { layer } of [...laying.next].sort((a, b) => Number(b.fits) - Number(a.fits))) {
        const item = made.get(layer)?.button.parentElement;
        if (item) placeOf.get(layer)?.append(item);
      }
    },
  };
}
