// @ts-check
/** The layers of a network as cards, one below the other: what comes into each, what it does, what goes out. */

import { form } from "./form.js";
import { h } from "./h.js";
import { wear } from "./sheet.js";
import { t } from "./words.js";

/** @typedef {(number | null)[] | null} Shape  Of one sample; null where it is unknown. */
/** @typedef {{name: string, title: string, shows: string, usual: boolean, arguments: import("./form.js").Schema, first: string[]}} Kind */
/** @typedef {{layer: string, activation: string, arguments: Record<string, any>}} Layer  As the studio takes it. */
/** @typedef {{message: string, hint: string}} Fault */
/** @typedef {{incoming: Shape, outgoing: Shape, arguments: Record<string, any>, error: Fault | null}} LaidLayer */
/** @typedef {{inputs: Shape, layers: LaidLayer[], ends: {fits: boolean, good: boolean, message: string, hint: string, fit: (Layer & {replaces: boolean}) | null}, at: number, next: {layer: string, arguments: Record<string, any>, fits: boolean, why: string}[]}} Laying */
/** @typedef {{kind: Kind, element: HTMLElement, read: () => Layer, valid: () => boolean, show: (number: number, count: number, laid: LaidLayer | null) => void, fit: () => void}} Card */

/**
 * @param {object} given
 * @param {Kind[]} given.kinds
 * @param {{name: string, shows: string}[]} given.activations
 * @param {() => void} given.onchange  A layer is another, or stands elsewhere.
 */
export function layerCards({ kinds, activations, onchange }) {
  wear("form", "layers");
  /** @type {Card[]} */
  let cards = [];
  const start = h("p.shape.start");
  const list = h("ol.layer-cards", { "aria-label": t("layers.stack") });
  const end = h("div.layers-end", { "aria-live": "polite" });
  const element = h("div.layer-stack", {}, start, list, end);

  /** @param {Layer} layer */
  function cardOf(layer) {
    const kind = kinds.find((one) => one.name === layer.layer);
    return kind ? card(kind, layer) : null;
  }

  /** @param {Kind} kind  @param {Layer} layer @returns {Card} */
  function card(kind, layer) {
    const made = form(kind.arguments, { first: kind.first, titles: { size: t("layers.size"), kernel_size: t("layers.window"), p: t("layers.forgets") }, values: layer.arguments, onchange });
    // A card has no room for sentences; one that came and went with the focus would move what is about to be pressed.
    for (const field of made.element.querySelectorAll(".field")) field.setAttribute("title", field.querySelector("p.soft")?.textContent ?? "");
    const hasFields = Object.keys(kind.arguments.properties).length > 0;
    const id = `then-${(numbered += 1)}`;
    const then = h("select", { id, onchange }, h("option", { value: "" }, t("layers.nothing")), ...activations.map((one) => h("option", { value: one.name }, `${one.name}: ${one.shows}`)));
    then.value = layer.activation;
    const number = h("span.number", { "aria-hidden": "true" });
    const up = h("button.quiet", { type: "button", onclick: () => move(self, -1) }, "↑");
    const down = h("button.quiet", { type: "button", onclick: () => move(self, 1) }, "↓");
    const away = h("button.quiet", { type: "button", onclick: () => remove(self) }, "✕");
    const fault = h("div.wrong.fault", { role: "alert", hidden: true });
    const out = h("p.shape");
    const heading = h("h3", { tabindex: -1 }, kind.name);
    const item = h(
      "li.layer.card",
      { dataset: { kind: kind.name } },
      h("div.layer-head", {}, number, h("div", {}, heading, h("p.small.soft", {}, kind.shows)), h("div.moves", {}, up, down, away)),
      h("div.layer-fields", {}, hasFields ? made.element : null, h("div.field.then", {}, h("label", { for: id }, t("layers.then")), then)),
      fault,
      out,
    );
    /** @type {Card} */
    const self = {
      kind,
      element: item,
      read: () => ({ layer: kind.name, activation: then.value, arguments: made.values() }),
      valid: () => made.valid(),
      fit: () => {
        const values = made.values();
        if (Array.isArray(values.size)) values.size = values.size[values.size.length - 1];
        made.write(values);
        onchange();
      },
      show(at, count, laid) {
        number.textContent = String(at + 1);
        up.disabled = at === 0;
        down.disabled = at === count - 1;
        up.setAttribute("aria-label", t("layers.up", { number: at + 1, name: kind.name }));
        down.setAttribute("aria-label", t("layers.down", { number: at + 1, name: kind.name }));
        away.setAttribute("aria-label", t("layers.away", { number: at + 1, name: kind.name }));
        if (!laid) return;
        item.classList.toggle("does-not-fit", Boolean(laid.error));
        fault.hidden = !laid.error;
        const fits = laid.error && Array.isArray(made.values().size) ? h("button.small", { type: "button", onclick: self.fit }, t("layers.let_fit")) : null;
        fault.replaceChildren(...(laid.error ? [h("strong", {}, laid.error.message), h("p", {}, laid.error.hint), fits ?? ""] : []));
        out.replaceChildren(...(laid.error || !laid.outgoing ? ["↓ ?"] : ["↓ ", shapeSaid(laid.outgoing)]));
      },
    };
    return self;
  }

  /** @param {Card} one  @param {number} by */
  function move(one, by) {
    const at = cards.indexOf(one);
    const to = at + by;
    if (to < 0 || to >= cards.length) return;
    cards.splice(at, 1);
    cards.splice(to, 0, one);
    list.replaceChildren(...cards.map((card) => card.element));
    const buttons = one.element.querySelectorAll("button");
    const wanted = buttons[by < 0 ? 0 : 1];
    number();
    (wanted.disabled ? buttons[by < 0 ? 1 : 0] : wanted).focus();
    onchange();
  }

  /** @param {Card} one */
  function remove(one) {
    const at = cards.indexOf(one);
    cards = cards.filter((each) => each !== one);
    one.element.remove();
    number();
    const next = cards[Math.min(at, cards.length - 1)];
    /** @type {HTMLElement | null} */ (next?.element.querySelector("h3") ?? null)?.focus();
    onchange();
  }

  function number() {
    cards.forEach((one, at) => one.show(at, cards.length, null));
  }

  /** Put the layer at the end that makes it fit. @param {Layer & {replaces: boolean}} fit */
  function endFits({ replaces, ...layer }) {
    const made = cardOf(layer);
    if (!made) return;
    if (replaces) cards.pop()?.element.remove();
    cards.push(made);
    list.append(made.element);
    number();
    /** @type {HTMLElement | null} */ (made.element.querySelector("h3"))?.focus();
    onchange();
  }

  return {
    element,
    read: () => cards.map((one) => one.read()),
    valid: () => cards.every((one) => one.valid()),
    /** @param {Layer[]} layers */
    write(layers) {
      cards = layers.flatMap((layer) => cardOf(layer) ?? []);
      list.replaceChildren(...cards.map((one) => one.element));
      number();
    },
    /** @param {Layer} layer  @param {number} at */
    add(layer, at) {
      const made = cardOf(layer);
      if (!made) return;
      cards.splice(at, 0, made);
      list.insertBefore(made.element, list.children[at] ?? null);
      number();
      made.element.scrollIntoView({ block: "nearest" });
      /** @type {HTMLElement | null} */ (made.element.querySelector("h3"))?.focus({ preventScroll: true });
      onchange();
    },
    /** Show how they fit. @param {Laying} laying */
    show(laying) {
      start.replaceChildren(t("layers.comes_in"), " ", shapeSaid(laying.inputs));
      cards.forEach((one, at) => one.show(at, cards.length, laying.layers[at] ?? null));
      const { ends } = laying;
      const { fit } = ends;
      end.replaceChildren(
        ends.message ? h(ends.good ? "p.good" : "p.hint", {}, ends.message, ends.hint ? ` ${ends.hint}` : "") : "",
        fit ? h("button.small", { type: "button", onclick: () => endFits(fit) }, t("layers.let_fit")) : "",
      );
    },
  };
}

let numbered = 0;

/** Say a shape. @param {Shape} shape */
export function shapeSaid(shape) {
  if (!shape || shape.every((one) => one === null)) return "?";
  const [first, ...rest] = shape.map((one) => one ?? "?");
  if (!rest.length) return first === 1 ? t("layers.one_number") : t("layers.numbers", { count: first });
  if (rest.length === 2 && first === 1) return t("layers.one_map", { height: rest[0], width: rest[1] });
  if (rest.length === 2) return t("layers.maps", { count: first, height: rest[0], width: rest[1] });
  return shape.map((one) => one ?? "?").join(" × ");
}
