// @ts-check
/** Asks what a job learned: numbers typed into fields, or a picture that is drawn or chosen; answers as bars. */

import { post, send } from "./api.js";
import { h } from "./h.js";
import { complaint } from "./jobs.js";
import { wear } from "./sheet.js";
import { t } from "./words.js";

/** @typedef {import("./job.js").Job} Job */
/** @typedef {{said: string, shares: {name: string, share: number}[]}} Answer */

const SIDE = 224;

/**
 * @param {Job} job  It is done, and left a file that can be asked.
 * @returns {HTMLElement}
 */
export function ownAsking(job) {
  wear("form", "asking");
  const path = `/api/jobs/${encodeURIComponent(job.id)}/answer`;
  const answers = h("div.own-answers", { "aria-live": "polite" });
  let asked = 0;

  /** @param {Promise<Answer>} coming */
  async function tell(coming) {
    const number = ++asked;
    try {
      const { said, shares } = await coming;
      if (number !== asked) return;
      answers.replaceChildren(h("p.said", {}, h("bdi", {}, said)), ...shares.map(bar));
    } catch (error) {
      if (number === asked) answers.replaceChildren(complaint(error));
    }
  }
  const given = job.settings?.color ? pad(job.settings.color !== "grayscale", (data) => tell(send(path, data))) : row(job.settings?.names ?? [], job.settings?.example ?? [], (values) => tell(post(path, { row: values })));
  return h("section.own-asking.card", { "aria-label": t("asking.title") }, h("h3", {}, t("asking.title")), h("div.both", {}, given, answers));
}

/** @param {{name: string, share: number}} one */
function bar({ name, share }) {
  const fill = h("span.fill", { style: { width: `${Math.round(Math.max(0, share) * 100)}%` } });
  return h("div.own-bar", {}, h("span.name", { dir: "auto", title: name }, name), h("span.track", {}, fill), h("span.number", {}, `${Math.round(share * 100)}\u00a0%`));
}

/**
 * @param {string[]} names
 * @param {string[]} example  A row of the table.
 * @param {(values: number[]) => void} onask
 */
function row(names, example, onask) {
  const inputs = names.map((_, at) => h("input", { type: "text", inputmode: "decimal", autocomplete: "off", id: `ask-${at}`, required: true, placeholder: example[at] ?? "" }));
  const ask = () => {
    const values = inputs.map((input) => Number(input.value.normalize("NFKC").trim().replace(/^(-?\d*),(\d+)$/, "$1.$2")));
    const bad = inputs.findIndex((input, at) => !input.value.trim() || !Number.isFinite(values[at]));
    inputs.forEach((input, at) => input.setAttribute("aria-invalid", String(at === bad)));
    if (bad >= 0) inputs[bad].focus();
    else onask(values);
  };
  return h(
    "form.form",
    { noValidate: true, onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), ask()) },
    h("div.fields", {}, ...names.map((name, at) => h("div.field", {}, h("label", { for: `ask-${at}` }, name), inputs[at]))),
    h("div.row", {}, h("button.primary", { type: "submit" }, t("asking.ask"))),
  );
}

/**
 * A pad to draw on, and a button for a file.
 * @param {boolean} inColour  Whether it is drawn dark on light, as on paper; else light on dark, as digits are kept.
 * @param {(data: Blob) => void} onask
 */
function pad(inColour, onask) {
  const canvas = h("canvas.pad", { width: SIDE, height: SIDE, "aria-label": t("asking.pad"), role: "img" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const file = h("input.unseen", { type: "file", accept: "image/*", tabindex: -1, "aria-hidden": "true", onchange: choose });
  const clear = () => {
    context.fillStyle = inColour ? "#fff" : "#000";
    context.fillRect(0, 0, SIDE, SIDE);
  };
  /** @param {PointerEvent} event */
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return /** @type {[number, number]} */ ([((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE]);
  };
  let drawing = false;
  canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    context.strokeStyle = inColour ? "#000" : "#fff";
    context.lineWidth = SIDE / 11;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...at(event));
    context.lineTo(...at(event));
    context.stroke();
  });
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!drawing) return;
    context.lineTo(...at(event));
    context.stroke();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => {
      if (drawing) canvas.toBlob((/** @type {Blob | null} */ blob) => blob && onask(blob), "image/png");
      drawing = false;
    });
  }
  async function choose() {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    onask(chosen);
    const picture = await createImageBitmap(chosen).catch(() => null);
    if (picture) context.drawImage(picture, 0, 0, SIDE, SIDE);
  }
  clear();
  return h("div.stack", {}, h("p.small.soft", {}, t("asking.draw")), canvas, h("div.row", {}, h("button", { type: "button", onclick: clear }, t("asking.clear")), h("button", { type: "button", onclick: () => file.click() }, t("asking.file")), file));
}
