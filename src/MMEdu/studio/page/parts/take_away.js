// @ts-check
/** What one takes home: the project, the model in two sizes, four lines for one's own program, a code for the phone. */

import { get, post } from "./api.js";
import { program } from "./code.js";
import { h } from "./h.js";
import { tell } from "./told.js";
import { t } from "./words.js";

/**
 * Make the part of the page.
 * @param {import("./project.js").Project} project
 */
export function takeAway(project) {
  const code = h("div.take_code");
  const qr = h("div.qr");
  const qrButton = h("button", { onclick: showQr }, t("teach.qr_get"));
  const zip = offer("zip", t("teach.zip"), t("teach.zip_help"), t("teach.zip_get"));
  const onnx = offer("onnx", t("teach.onnx"), t("teach.onnx_help"), t("teach.onnx_get"));
  const int8 = offer("int8", t("teach.int8"), t("teach.int8_help"), t("teach.int8_get"));
  const element = h(
    "section.take",
    { "aria-labelledby": "take_title", hidden: true },
    h("h2", { id: "take_title" }, t("teach.take")),
    h("div.take_grid", {}, zip.element, onnx.element, int8.element, h("div.card.take_card", {}, h("h3", {}, t("teach.qr")), h("p.small.soft", {}, t("teach.qr_help")), qrButton, qr)),
    code,
  );

  /**
   * @param {"zip" | "onnx" | "int8"} what
   * @param {string} title
   * @param {string} help
   * @param {string} word
   */
  function offer(what, title, help, word) {
    const told = h("div.take_told", { "aria-live": "polite" });
    const button = h("button", { onclick: get_it }, word);
    const part = h("div.card.take_card", {}, h("h3", {}, title), h("p.small.soft", {}, help), button, told);

    async function get_it() {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      told.replaceChildren(h("p.small", {}, t("teach.making")));
      try {
        const made = await post(`${project.path}/take`, { what });
        told.replaceChildren(...result(made));
        const link = told.querySelector("a");
        if (link) link.click();
        if (made.code) showCode(made);
      } catch (error) {
        told.replaceChildren();
        tell(error);
      }
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
    return { element: part, button };
  }

  /** @param {any} made */
  function result(made) {
    const files = [made, ...(made.files ?? []).filter((/** @type {any} */ one) => one.file !== made.file)];
    return [
      ...files.map((one) => h("a.button.small", { href: `/api/files/${one.file ?? one.id}?download=1`, download: one.name }, `↓ ${one.name}`, one.bytes ? h("span.soft", {}, size(one.bytes)) : null)),
      ...(made.costs ?? made.sentence ?? made.message ? [h("p.small", {}, made.costs ?? made.sentence ?? made.message)] : []),
    ];
  }

  /** @param {any} made */
  function showCode(made) {
    const shown = program(made.code, made.code_name ?? "mine.py");
    code.replaceChildren(h("h3", {}, t("teach.code")), h("p.small.soft", {}, t("teach.code_help")), shown.element);
  }

  async function showQr() {
    qrButton.disabled = true;
    try {
      const picture = await get(`${project.path}/qr`);
      qr.replaceChildren(h("img", { src: URL.createObjectURL(picture), alt: t("teach.qr"), width: 200, height: 200 }));
      qrButton.hidden = true;
    } catch (error) {
      tell(error);
    }
    qrButton.disabled = false;
  }

  return {
    element,
    /** @param {boolean} now  Whether there is a model. @param {boolean} pictures */
    setReady(now, pictures) {
      element.hidden = !pictures;
      onnx.button.disabled = int8.button.disabled = qrButton.disabled = !now;
    },
  };
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
