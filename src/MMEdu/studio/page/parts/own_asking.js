// @ts-check
/** Asks what a job learned: numbers typed into fields, or a picture that is drawn or chosen; answers as bars. */

import { post, send } from "./api.js";
import { h } from "./h.js";
import { complaint } from "./jobs.js";
import { wear } from "./sheet.js";
import { t } from "./words.js";

/** @typedef {import("./job.js").Job} Job */
/** @typedef {{said: string, shares: {name: string, share: number}[], remark?: string}} Answer */

const SIDE = 224;
const PEN = SIDE / 11;
/** The share of a side that a drawing fills when it is asked about: as digits fill the pictures of a set. */
const FILLS = 0.8;
/** 1,234 is 1234 to some and 1.234 to others. */
const TWO_WAYS = /^[+-]?[1-9]\d{0,2}(,\d{3})+$/;

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
      const { said, shares, remark } = await coming;
      if (number !== asked) return;
      answers.replaceChildren(h("p.said", {}, h("bdi", {}, said)), remark ? h("p.hint", {}, remark) : "", ...shares.map(bar));
    } catch (error) {
      if (number === asked) answers.replaceChildren(complaint(error));
    }
  }
  /** An answer goes with its question. @param {string} [why] */
  function forget(why = "") {
    asked += 1;
    answers.replaceChildren(why ? h("p.hint", {}, why) : "");
  }
  const { settings } = job;
  const given = settings?.color ? pad(settings.color !== "grayscale", (data) => tell(send(path, data)), forget) : row(settings?.names ?? [], settings?.example ?? [], (values) => tell(post(path, { row: values })), forget);
  return h("section.own-asking.card", { "aria-label": t("asking.title") }, h("h3", {}, t("asking.title")), h("div.both", {}, given, answers));
}

/** @param {{name: string, share: number}} one */
function bar({ name, share }) {
  const fill = h("span.fill", { style: { width: `${Math.round(Math.max(0, share) * 100)}%` } });
  return h("div.own-bar", {}, h("span.name", { dir: "auto", title: name }, name), h("span.track", {}, fill), h("span.number", {}, `${Math.round(share * 100)}\u00a0%`));
}

/**
 * Read a number as it is typed; NaN for none.
 * @param {string} text
 */
function numberOf(text) {
  const plain = text.normalize("NFKC").trim().replace(/^([+-]?\d*),(\d+)$/, "$1.$2");
  return plain ? Number(plain) : Number.NaN;
}

/**
 * @param {string[]} names
 * @param {string[]} example  A row of the table.
 * @param {(values: number[]) => void} onask
 * @param {(why?: string) => void} onother  The question is another; or it cannot be asked, and why.
 */
function row(names, example, onask, onother) {
  const inputs = names.map((_, at) => h("input", { type: "text", inputmode: "decimal", autocomplete: "off", id: `ask-${at}`, required: true, placeholder: example[at] ? t("asking.example", { value: example[at] }) : "", oninput: () => (inputs[at].removeAttribute("aria-invalid"), onother()) }));
  const ask = () => {
    const values = inputs.map((input) => numberOf(input.value));
    const twice = inputs.map((input) => TWO_WAYS.test(input.value.normalize("NFKC").trim()));
    const bad = inputs.map((_, at) => twice[at] || !Number.isFinite(values[at]));
    inputs.forEach((input, at) => input.setAttribute("aria-invalid", String(bad[at])));
    const first = bad.indexOf(true);
    if (first < 0) return onask(values);
    inputs[first].focus();
    const at = twice.indexOf(true);
    const value = at < 0 ? "" : inputs[at].value.trim();
    onother(at < 0 ? t("asking.lacks", { names: names.filter((_, one) => bad[one]).join(", ") }) : t("asking.two_ways", { value, whole: value.replaceAll(",", ""), part: value.replace(",", ".") }));
  };
  return h(
    "form.form",
    { noValidate: true, onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), ask()) },
    h("div.fields", {}, ...names.map((name, at) => h("div.field", {}, h("label", { for: `ask-${at}` }, name), inputs[at]))),
    h("div.row", {}, h("button.primary", { type: "submit" }, t("asking.ask"))),
  );
}

/**
 * Return strokes moved to the middle, as large as what a set holds: the lines stay as thick as they are.
 * @param {[number, number][][]} strokes
 * @returns {[number, number][][]}
 */
function inTheMiddle(strokes) {
  const xs = strokes.flat().map(([x]) => x);
  const ys = strokes.flat().map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const side = Math.max(right - left, bottom - top);
  const scale = side < PEN ? 1 : (FILLS * SIDE - PEN) / side;
  return strokes.map((stroke) => stroke.map(([x, y]) => [SIDE / 2 + (x - (left + right) / 2) * scale, SIDE / 2 + (y - (top + bottom) / 2) * scale]));
}

/**
 * A pad to draw on, and a button for a file.
 * @param {boolean} inColour  Whether it is drawn dark on light, as on paper; else light on dark, as digits are kept.
 * @param {(data: Blob) => void} onask
 * @param {() => void} onother  The question is another.
 */
function pad(inColour, onask, onother) {
  const canvas = h("canvas.pad", { width: SIDE, height: SIDE, "aria-label": t("asking.pad"), role: "img" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const file = h("input.unseen", { type: "file", accept: "image/*", tabindex: -1, "aria-hidden": "true", onchange: choose });
  /** @type {[number, number][][]} */
  let strokes = [];
  /** @param {CanvasRenderingContext2D} on */
  const wipe = (on) => {
    on.fillStyle = inColour ? "#fff" : "#000";
    on.fillRect(0, 0, SIDE, SIDE);
  };
  /** @param {CanvasRenderingContext2D} on  @param {[number, number][][]} lines */
  const draw = (on, lines) => {
    on.strokeStyle = inColour ? "#000" : "#fff";
    on.lineWidth = PEN;
    on.lineCap = on.lineJoin = "round";
    for (const [first, ...more] of lines) {
      on.beginPath();
      on.moveTo(...first);
      for (const one of [first, ...more]) on.lineTo(...one);
      on.stroke();
    }
  };
  const clear = () => {
    strokes = [];
    wipe(context);
    onother();
  };
  /** @param {PointerEvent} event @returns {[number, number]} */
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  function ask() {
    const asked = h("canvas", { width: SIDE, height: SIDE });
    const on = /** @type {CanvasRenderingContext2D} */ (asked.getContext("2d"));
    wipe(on);
    draw(on, inTheMiddle(strokes));
    asked.toBlob((/** @type {Blob | null} */ blob) => blob && onask(blob), "image/png");
  }
  let drawing = false;
  canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    if (!strokes.length) wipe(context); // a picture that was chosen goes
    onother();
    strokes.push([at(event)]);
    draw(context, strokes.slice(-1));
  });
  canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!drawing) return;
    strokes[strokes.length - 1].push(at(event));
    draw(context, strokes.slice(-1));
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => {
      if (drawing) ask();
      drawing = false;
    });
  }
  async function choose() {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    strokes = [];
    wipe(context);
    onask(chosen);
    const picture = await createImageBitmap(chosen).catch(() => null);
    if (picture) context.drawImage(picture, 0, 0, SIDE, SIDE);
  }
  wipe(context);
  return h("div.stack", {}, h("p.small.soft", {}, t("asking.draw")), canvas, h("div.row", {}, h("button", { type: "button", onclick: clear }, t("asking.clear")), h("button", { type: "button", onclick: () => file.click() }, t("asking.file")), file));
}
