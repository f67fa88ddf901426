// @ts-check
/** What one takes home: the project, the model in two sizes, four lines for one's own program, a code for the phone;
 * and beside these the network that was trained as a whole, where there is one. */

import { get, post } from "./api.js";
import { program } from "./code.js";
import { h } from "./h.js";
import { tell } from "./told.js";
import { t } from "./words.js";

const ASK_PAUSE = 3000;
/** A studio that only this computer reaches is at one of these. */
const ALONE = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Make the part of the page.
 * @param {import("./project.js").Project} project
 */
export function takeAway(project) {
  const code = h("div.stack.take_lines");
  const codeCard = h("div.card.take_card.take_code", { hidden: true }, h("h3", {}, t("teach.code")), code);
  let ready = false;
  /** Classes of the lines that are shown. */
  let shown = "";
  let asked = 0;
  let seen = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;
  const which = h("p.take_which", { hidden: true });
  const trained = h("div.card.take_card", { hidden: true });
  const qr = h("div.qr");
  const qrButton = h("button", { onclick: showQr }, t("teach.qr_get"));
  const zip = offer("zip", t("teach.zip"), t("teach.zip_help"), t("teach.zip_get"));
  const onnx = offer("onnx", t("teach.onnx"), t("teach.onnx_help"), t("teach.onnx_get"));
  const int8 = offer("int8", t("teach.int8"), t("teach.int8_help"), t("teach.int8_get"));
  const element = h(
    "section.take",
    { "aria-labelledby": "take_title", hidden: true },
    h("h2", { id: "take_title" }, t("teach.take")),
    which,
    h("div.take_grid", {}, zip.element, onnx.element, int8.element, trained, h("div.card.take_card", {}, h("h3", {}, t("teach.qr")), h("p.small.soft", {}, ALONE.includes(location.hostname) ? t("teach.qr_what") : t("teach.qr_page")), qrButton, qr)),
    codeCard,
  );

  /**
   * @param {"zip" | "onnx" | "int8"} what
   * @param {string} title
   * @param {string} help
   * @param {string} word
   */
  function offer(what, title, help, word) {
    const told = h("div.take_told", { "aria-live": "polite" });
    let of = "";
    const button = h("button", { onclick: get_it }, word);
    const part = h("div.card.take_card", {}, h("h3", {}, title), h("p.small.soft", {}, help), button, told);

    async function get_it() {
      of = pictures();
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      told.replaceChildren(h("p.small", {}, t("teach.making")));
      try {
        const made = await post(`${project.path}/take`, { what });
        told.replaceChildren(...result(made));
        told.querySelector("a")?.click();
      } catch (error) {
        told.replaceChildren();
        tell(error);
      }
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
    /** What was made before the last change is offered no more. */
    function checkAge() {
      if (told.children.length && !button.disabled && of !== pictures()) told.replaceChildren(h("p.small.hint", {}, t("teach.outdated")));
    }
    return { element: part, button, checkAge };
  }

  const pictures = () => JSON.stringify(project.classes.map((one) => [one.id, one.name, one.pictures.map((picture) => picture.id)]));
  const classes = () => JSON.stringify(project.classes.map((one) => [one.id, one.name, one.count > 0]));

  /** @param {any} made */
  function result(made) {
    const link = (/** @type {any} */ one, main = false) => h(main ? "a.button" : "a.small", { href: `/api/files/${one.file}?save=1`, download: one.name }, `↓ ${one.name} `, h("span.soft.small", {}, size(one.bytes)));
    const parts = (made.files ?? []).map((/** @type {any} */ one) => h("li", {}, link(one)));
    return [link(made, true), made.sentence ? h("p.small", {}, made.sentence) : null, parts.length ? h("details.small.take_parts", {}, h("summary", {}, t("teach.parts")), h("ul", {}, ...parts)) : null].filter(Boolean);
  }

  /** @returns {Promise<any>} */
  const programs = () => get(`${project.path}/code`);

  async function showCode() {
    const now = classes();
    if (now === shown) return;
    shown = now;
    try {
      const told = await programs();
      if (now !== shown) return;
      code.replaceChildren(
        h("p.small.soft", {}, t("teach.code_help")),
        program(told.use, "mine.py").element,
        told.teach && h("details.more", {}, h("summary", {}, t("teach.code_teach")), program(told.teach, "teach.py").element),
      );
      codeCard.hidden = false;
    } catch {
      shown = "";
      codeCard.hidden = true; // asked again when the model is another one
    }
  }

  async function showQr() {
    qrButton.disabled = true;
    try {
      const [picture, told] = await Promise.all([get(`${project.path}/qr`), programs()]);
      qr.replaceChildren(h("img", { src: URL.createObjectURL(picture), alt: t("teach.qr"), width: 200, height: 200 }), h("p.small.soft", {}, told.qr ?? ""));
      qrButton.hidden = true;
    } catch (error) {
      tell(error);
    }
    qrButton.disabled = false;
  }

  /** Ask for the network that was trained as a whole: a training may have ended, and what was learnt is another. */
  function askForTrained() {
    clearTimeout(later);
    later = setTimeout(showTrained, Math.max(0, asked + ASK_PAUSE - Date.now()));
  }

  async function showTrained() {
    asked = Date.now();
    const told = await get(`${project.path}/trained`).catch(() => null);
    if (!told || JSON.stringify(told) === seen) return;
    seen = JSON.stringify(told);
    const one = told.trained;
    which.hidden = trained.hidden = !one;
    if (!one) return;
    which.textContent = one.sentence;
    trained.replaceChildren(
      h("h3", {}, t("teach.trained")),
      h("p.small.soft", {}, one.percent === null ? t("teach.trained_help") : t("teach.trained_right", { percent: one.percent })),
      h("div.row", {}, h("a.button", { href: `/api/files/${encodeURIComponent(one.file)}?save=1`, download: one.name }, t("teach.trained_get"), " ", h("span.soft.small", {}, size(one.bytes))), h("a.button", { href: "/convert" }, t("teach.trained_convert"))),
    );
  }

  return {
    element,
    /** @param {boolean} now  Whether there is a model. @param {boolean} some  Whether there are pictures. */
    setReady(now, some) {
      element.hidden = !some;
      for (const one of [zip, onnx, int8]) one.checkAge();
      for (const button of [onnx.button, int8.button, qrButton]) if (!button.hasAttribute("aria-busy")) button.disabled = !now;
      if (now) showCode();
      if (now || ready !== now) askForTrained();
      ready = now;
    },
  };
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
