// @ts-check
/** The things that are looked for: each with its colour, its key, its number of boxes; one is that of the next box. */

import { h } from "./h.js";
import { menu } from "./menu.js";
import { t } from "./words.js";

/** @typedef {{id: string, name: string, color: number}} Thing */
/**
 * @typedef {object} Acts
 * @property {(id: string) => void} choose
 * @property {(name: string) => void} add
 * @property {(id: string, name: string) => void} rename
 * @property {(id: string, color: number) => void} recolor
 * @property {(id: string) => void} remove
 */

const COLORS = 8;
const KEYS = 9;

/** @param {number} n */
export const boxesWords = (n) => (n === 1 ? t("find.box_1") : t("find.boxes_n", { n }));

/** @param {Acts} acts */
export function findClasses(acts) {
  const list = h("ul.things");
  const field = h("input", { type: "text", dir: "auto", maxlength: 300, autocomplete: "off", "aria-label": t("find.new_thing") });
  const form = h("form.new_thing", { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), submit()) }, field, h("button", { type: "submit" }, t("find.add")));
  const element = h("div.find_classes.stack", {}, list, form);
  /** @type {Map<string, ReturnType<typeof row>>} */
  const rows = new Map();

  function submit() {
    const name = field.value.trim();
    if (!name) return field.focus();
    field.value = "";
    acts.add(name);
  }

  /** @param {string} id */
  function row(id) {
    const name = h("span.thing_name", { dir: "auto" });
    const key = h("kbd", { "aria-hidden": "true" });
    const count = h("span.count.small");
    const choose = h("button.thing_choose", { type: "button", onclick: () => acts.choose(id) }, h("span.swatch", { "aria-hidden": "true" }), name, count, key);
    const edit = h("input.thing_edit", { type: "text", dir: "auto", maxlength: 300, autocomplete: "off", hidden: true, "aria-label": t("find.thing_name") });
    const swatches = h("div.swatches", { role: "group", "aria-label": t("find.color") });
    for (let color = 0; color < COLORS; color += 1) {
      const button = h("button.swatch_choice", { type: "button", "aria-label": t("find.color_n", { n: color + 1 }), onclick: () => acts.recolor(id, color) });
      button.style.setProperty("--color", `var(--class-${color})`);
      swatches.append(button);
    }
    const more = menu(t("find.thing_menu"), h("button", { type: "button", onclick: start }, t("find.rename")), swatches, h("button.danger", { type: "button", onclick: () => acts.remove(id) }, t("find.remove_thing")));
    const item = h("li.thing", { dataset: { class: id } }, choose, edit, more);

    function start() {
      edit.value = name.textContent ?? "";
      edit.hidden = false;
      choose.hidden = true;
      edit.focus();
      edit.select();
    }
    /** @param {boolean} keep */
    function end(keep) {
      if (edit.hidden) return;
      const given = edit.value.trim();
      edit.hidden = true;
      choose.hidden = false;
      if (keep && given && given !== name.textContent) acts.rename(id, given);
    }
    edit.addEventListener("blur", () => end(true));
    edit.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.stopPropagation();
      end(event.key === "Enter");
      choose.focus();
    });
    return { item, name, key, count, choose, swatches, start };
  }

  return {
    element,
    /** @param {string} id  Its name is asked for. */
    rename: (id) => rows.get(id)?.start(),
    /**
     * @param {Thing[]} things
     * @param {string} now  That of the next box.
     * @param {Record<string, number>} counts
     */
    show(things, now, counts) {
      field.placeholder = things.length ? t("find.new_thing") : t("find.new_first");
      list.hidden = !things.length;
      for (const [id, one] of rows) if (!things.some((thing) => thing.id === id)) (one.item.remove(), rows.delete(id));
      things.forEach((thing, index) => {
        const one = rows.get(thing.id) ?? row(thing.id);
        rows.set(thing.id, one);
        if (list.children[index] !== one.item) list.insertBefore(one.item, list.children[index] ?? null);
        one.item.style.setProperty("--color", `var(--class-${thing.color % COLORS})`);
        one.name.textContent = thing.name;
        one.name.title = thing.name;
        one.key.textContent = index < KEYS ? String(index + 1) : "";
        one.key.hidden = index >= KEYS;
        one.count.textContent = boxesWords(counts[thing.id] ?? 0);
        one.choose.setAttribute("aria-pressed", String(thing.id === now));
        [...one.swatches.children].forEach((button, color) => button.setAttribute("aria-pressed", String(color === thing.color)));
      });
    },
  };
}
