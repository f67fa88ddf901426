// @ts-check
/** What it knows and what it mixes up: sentences, the table, the worst mistakes, the map, and pictures to put right. */

import { PICTURE, acceptDrop } from "./drop.js";
import { h } from "./h.js";
import { matrix } from "./matrix.js";
import { pictureMap } from "./picture_map.js";
import { redrawNew } from "./redraw.js";
import { t } from "./words.js";

/**
 * What the server says of a lesson.
 * @typedef {object} Teaching
 * @property {string} state
 * @property {number} [done]
 * @property {number} [total]
 * @property {string} [message]
 * @property {string} [hint]
 * @property {number | null} [accuracy]
 * @property {number | null} [percent]  The accuracy as it is said.
 * @property {boolean} [guessing]  Whether it is no better than guessing.
 * @property {number} [judged]
 * @property {string[]} [order]  Ids of the classes, of rows and columns.
 * @property {number[][]} [matrix]
 * @property {string[][][]} [cells]
 * @property {{picture: string, true: string, said: string, score: number}[]} [mistakes]
 * @property {{picture: string, x: number, y: number}[]} [map]
 * @property {string[]} [sentences]
 */

const MISTAKES = 12;

/**
 * Make the part of the page below.
 * @param {import("./project.js").Project} project
 * @param {{move: (picture: string, id: string) => void, removePicture: (picture: string) => void}} acts
 * @returns {{element: HTMLElement, show: (teaching: Teaching) => void}}
 */
export function findings(project, acts) {
  /** @type {Teaching} */
  let teaching = { state: "empty" };
  /** @type {[number, number] | null} */
  let opened = null;
  let single = "";

  const table = matrix((row, column) => {
    opened = opened && opened[0] === row && opened[1] === column ? null : [row, column];
    single = "";
    draw();
    if (opened) pictures.scrollIntoView({ block: "nearest" });
  });
  const map = pictureMap(project, (picture) => {
    single = picture;
    opened = null;
    draw();
    pictures.scrollIntoView({ block: "nearest" });
  });
  const sentences = h("ul.sentences");
  const mistakes = h("div.mistakes", { role: "group", "aria-label": t("teach.worst") });
  const mistakesPart = h("section.card", {}, h("h3", {}, t("teach.worst")), mistakes);
  const title = h("h3");
  const row = h("div.moving");
  const targets = h("div.targets", { role: "group", "aria-label": t("teach.move_to") });
  const pictures = h("section.card.opened", { hidden: true, "aria-live": "off" }, h("div.row.spread", {}, title, h("button.quiet", { onclick: close }, t("teach.close_picture"))), row, h("p.small.soft", {}, t("teach.drag_help")), targets);
  const mapPart = h("section.card", {}, h("h3", {}, t("teach.map")), h("p.small.soft", {}, t("teach.map_help")), map.element);
  const matrixPart = h("section.card", {}, h("h3", {}, t("teach.matrix")), h("p.small.soft", {}, t("teach.matrix_help")), table.element);
  const element = h(
    "section.findings",
    { hidden: true, "aria-labelledby": "findings_title" },
    h("h2", { id: "findings_title" }, t("teach.findings")),
    sentences,
    h("div.findings_grid", {}, h("div.stack", {}, matrixPart, pictures, mistakesPart), mapPart),
  );
  let chosen = "";

  function close() {
    const at = opened;
    opened = null;
    single = "";
    draw();
    if (at) /** @type {HTMLElement | null} */ (table.element.querySelector(`[data-cell="${at.join(",")}"]`))?.focus();
  }

  /** @param {string} picture */
  function thumb(picture, extra = "") {
    const button = h("button.thumb.still", { dataset: { picture, key: picture }, draggable: true, "aria-pressed": String(picture === chosen), "aria-label": t("teach.picture") + (extra ? `: ${extra}` : ""), onclick: () => ((chosen = picture), draw()) }, h("img", { src: project.thumb(picture), alt: "", draggable: false, loading: "lazy" }));
    button.addEventListener("dragstart", (/** @type {DragEvent} */ event) => event.dataTransfer?.setData(PICTURE, picture));
    button.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Delete" && acts.removePicture(picture));
    return button;
  }

  const ordered = () => (teaching.order ?? []).map((id) => ({ id, name: project.find(id)?.name ?? "" }));

  /** @returns {string[]} */
  const openedPictures = () => {
    if (single) return project.classOf(single) ? [single] : [];
    if (!opened) return [];
    return (teaching.cells?.[opened[0]]?.[opened[1]] ?? []).filter((picture) => project.classOf(picture));
  };

  function drawOpened() {
    const shown = openedPictures();
    pictures.hidden = !shown.length;
    if (!shown.length) return;
    if (!shown.includes(chosen)) chosen = shown[0];
    const classes = ordered();
    title.textContent = single
      ? t("teach.one_picture", { name: project.classOf(single)?.name ?? "" })
      : opened && opened[0] === opened[1]
        ? t("teach.cell_right", { n: shown.length, name: classes[opened[0]].name })
        : opened
          ? t("teach.cell_wrong", { n: shown.length, name: classes[opened[0]].name, other: classes[opened[1]].name })
          : "";
    redrawNew(row, [shown, chosen], () => shown.map((picture) => thumb(picture)));
    const from = project.classOf(chosen);
    const others = project.classes.filter((one) => one !== from);
    redrawNew(targets, others.map((one) => [one.id, one.name, one.color]), () => [
      ...others.map((one) => {
        const button = h("button.target", { dir: "auto", dataset: { key: one.id }, onclick: () => acts.move(chosen, one.id) }, h("span.swatch", { "aria-hidden": "true" }), t("teach.move_into", { name: one.name }));
        button.style.setProperty("--color", project.colorOf(one));
        acceptDrop(button, () => {}, (picture) => acts.move(picture, one.id));
        return button;
      }),
      h("button.danger", { dataset: { key: "delete" }, onclick: () => acts.removePicture(chosen) }, t("teach.delete_picture")),
    ]);
  }

  function draw() {
    const classes = ordered();
    const there = classes.length > 1 && (teaching.judged ?? 0) > 0;
    element.hidden = !there;
    if (!there) return;
    sentences.replaceChildren(...(teaching.sentences ?? []).map((sentence) => h("li", { dir: "auto" }, sentence)));
    if (opened && (opened[0] >= classes.length || opened[1] >= classes.length)) opened = null;
    table.show(classes, teaching.matrix ?? [], opened);
    map.show(teaching.map ?? []);
    mapPart.hidden = !(teaching.map ?? []).length;
    drawOpened();
    const worst = (teaching.mistakes ?? []).filter((one) => project.classOf(one.picture)).slice(0, MISTAKES);
    mistakesPart.hidden = !worst.length;
    const name = (/** @type {string} */ id) => project.find(id)?.name ?? id;
    redrawNew(mistakes, worst.map((one) => [one.picture, name(one.true), name(one.said), Math.round(one.score * 100)]), () =>
      worst.map((one) =>
        h(
          "figure.mistake",
          {},
          mistakeButton(one.picture, name(one.true)),
          h("figcaption", {}, h("span.was", { dir: "auto" }, name(one.true)), h("span.said", { dir: "auto" }, t("teach.taken", { name: name(one.said), percent: Math.round(one.score * 100) }))),
        ),
      ),
    );
  }

  /**
   * @param {string} picture
   * @param {string} label
   */
  function mistakeButton(picture, label) {
    const button = thumb(picture, label);
    button.addEventListener("click", () => {
      single = picture;
      opened = null;
      draw();
      pictures.scrollIntoView({ block: "nearest" });
    });
    return button;
  }

  return {
    element,
    show(now) {
      teaching = now;
      draw();
    },
  };
}
