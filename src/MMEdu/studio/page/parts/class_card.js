// @ts-check
/** A class: its name, its colour, the button that records, its pictures. */

import { acceptDrop } from "./drop.js";
import { fieldError } from "./field_error.js";
import { h } from "./h.js";
import { menu } from "./menu.js";
import { thumbs } from "./thumbs.js";
import { t } from "./words.js";

const ENOUGH = 20;
const UNEVEN = 3;
const COLORS = 8;

/** @typedef {import("./project.js").PictureClass} PictureClass */
/**
 * What a card asks for.
 * @typedef {object} Acts
 * @property {(id: string, name: string, field: import("./field_error.js").FieldError) => void} rename
 * @property {(id: string, color: number) => void} recolor
 * @property {(id: string) => void} removeClass
 * @property {(id: string, on: boolean) => void} hold  The button is held down, or let go.
 * @property {(id: string) => void} burst
 * @property {(id: string, files: File[]) => void} files
 * @property {(picture: string) => void} removePicture
 * @property {(picture: string, id: string) => void} move
 */

/**
 * Make the card of a class.
 * @param {import("./project.js").Project} project
 * @param {string} id
 * @param {Acts} acts
 */
export function classCard(project, id, acts) {
  const name = h("input.class_name", { type: "text", dir: "auto", maxlength: 300, "aria-label": t("teach.class_name"), autocomplete: "off", spellcheck: false });
  const wrong = fieldError(name);
  const count = h("span.count");
  const waiting = h("span.waiting.small", { hidden: true });
  const hint = h("p.class_hint.small", { hidden: true });
  const record = h("button.record.large", { dataset: { record: id } });
  const label = h("span");
  record.append(h("span.dot", { "aria-hidden": "true" }), label);
  const burst = h("button.burst", { onclick: () => acts.burst(id) }, t("teach.burst"));
  const file = h("input", { type: "file", multiple: true, accept: "image/*,.zip,.heic", hidden: true });
  const folder = h("input", { type: "file", multiple: true, webkitdirectory: true, hidden: true });
  const swatches = h("div.swatches", { role: "group", "aria-label": t("teach.color") });
  const options = menu(
    t("teach.class_menu"),
    h("button", { onclick: () => file.click() }, t("teach.add_files")),
    h("button", { onclick: () => folder.click() }, t("teach.add_folder")),
    swatches,
    h("button.danger", { onclick: () => acts.removeClass(id) }, t("teach.delete_class")),
  );
  const closer = h("div.closer", { hidden: true });
  let chosen = "";
  const strip = thumbs({
    label: t("teach.pictures"),
    address: (picture) => project.thumb(picture),
    choose: (picture) => look(picture === chosen ? "" : picture),
    remove: (picture) => acts.removePicture(picture),
  });
  const element = h(
    "section.class_card.card",
    { dataset: { class: id } },
    h("div.class_head", {}, h("span.swatch", { "aria-hidden": "true" }), name, count, options),
    wrong.element,
    h("div.class_buttons", {}, record, burst, h("button.files", { onclick: () => file.click() }, t("teach.files"))),
    waiting,
    hint,
    strip.element,
    closer,
    file,
    folder,
  );

  const commit = () => {
    const one = project.find(id);
    const text = name.value.trim();
    if (!one || text === one.name) return wrong.clear();
    if (text) acts.rename(id, text, wrong);
    else name.value = one.name;
  };
  name.addEventListener("change", commit);
  name.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && !event.isComposing) name.blur();
    if (event.key === "Escape") (name.value = project.find(id)?.name ?? ""), wrong.clear(), name.blur();
  });
  for (const input of [file, folder]) {
    input.addEventListener("change", () => {
      if (input.files?.length) acts.files(id, [...input.files]);
      input.value = "";
    });
  }
  holdable(record, (on) => acts.hold(id, on));
  acceptDrop(element, (files) => acts.files(id, files), (picture) => acts.move(picture, id));

  /** @param {string} picture  Looked at closely; none for "". */
  function look(picture) {
    const inside = closer.contains(document.activeElement);
    chosen = picture;
    const one = project.find(id);
    if (!one) return;
    strip.show(one.pictures, chosen);
    closer.hidden = !picture;
    if (!picture) {
      closer.replaceChildren();
      if (inside) strip.focus();
      return;
    }
    const others = project.classes.filter((other) => other.id !== id);
    const to = h("select", { "aria-label": t("teach.move_to") }, h("option", { value: "" }, t("teach.move_to")));
    to.append(...others.map((other) => h("option", { value: other.id, dir: "auto" }, other.name)));
    to.addEventListener("change", () => to.value && (look(""), acts.move(picture, to.value)));
    closer.replaceChildren(
      h("img", { src: project.picture(picture), alt: t("teach.picture") }),
      h(
        "div.closer_buttons",
        {},
        others.length ? to : null,
        h("button.danger", { onclick: () => (look(""), acts.removePicture(picture)) }, t("teach.delete_picture")),
        h("button", { onclick: () => look("") }, t("teach.close_picture")),
      ),
    );
  }

  return {
    element,
    name,
    record,
    /**
     * Show what is known now.
     * @param {{recording: boolean, waiting: number, camera: boolean}} now
     */
    update(now) {
      const one = project.find(id);
      if (!one) return;
      element.style.setProperty("--color", project.colorOf(one));
      element.setAttribute("aria-label", one.name);
      if (document.activeElement !== name && name.value !== one.name && !wrong.shown()) name.value = one.name;
      count.textContent = one.count === 1 ? t("teach.count_one") : t("teach.count", { n: one.count });
      element.classList.toggle("recording", now.recording);
      label.textContent = now.recording ? t("teach.recording") : t("teach.hold");
      record.setAttribute("aria-pressed", String(now.recording));
      record.setAttribute("aria-label", `${t("teach.hold")}: ${one.name}`);
      waiting.hidden = !now.waiting;
      if (now.waiting) waiting.textContent = t("teach.waiting", { n: now.waiting });
      showHint(one);
      if (chosen && !one.pictures.some((picture) => picture.id === chosen)) look("");
      else strip.show(one.pictures, chosen);
      drawSwatches(one.color);
    },
  };

  /** @param {PictureClass} one */
  function showHint(one) {
    const counts = project.classes.map((other) => other.count);
    const most = Math.max(...counts);
    const few = one.count > 0 && one.count < ENOUGH;
    const uneven = one.count > 0 && most >= ENOUGH && most >= UNEVEN * one.count;
    hint.hidden = !few && !uneven;
    hint.classList.toggle("amber", uneven);
    if (uneven) hint.textContent = t("teach.uneven", { most, n: one.count });
    else if (few) hint.textContent = t("teach.more_pictures", { n: ENOUGH - one.count });
  }

  /** @param {number} color */
  function drawSwatches(color) {
    if (!swatches.children.length) {
      for (let index = 0; index < COLORS; index += 1) {
        const swatch = h("button.swatch_choice", { "aria-label": t("teach.color_n", { n: index + 1 }), onclick: () => acts.recolor(id, index) });
        swatch.style.setProperty("--color", `var(--class-${index})`);
        swatches.append(swatch);
      }
    }
    [...swatches.children].forEach((swatch, index) => swatch.setAttribute("aria-pressed", String(index === color % COLORS)));
  }
}

/**
 * Tell when a button is held down and let go: by pointer, by Space or Enter; a press by a screen reader is a short one.
 * @param {HTMLElement} button
 * @param {(on: boolean) => void} hold
 */
function holdable(button, hold) {
  let held = false;
  const on = () => held || ((held = true), hold(true));
  const off = () => held && ((held = false), hold(false));
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    on();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(name, off);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) on();
  });
  button.addEventListener("keyup", (event) => (event.key === " " || event.key === "Enter") && off());
  button.addEventListener("click", (event) => {
    const by_hand = event.detail > 0;
    if (!by_hand && !held) (on(), off());
  });
  document.addEventListener("visibilitychange", () => document.hidden && off());
}
