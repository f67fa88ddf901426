// @ts-check
/** Which class was taken for which: a table whose cells open their pictures. */

import { h } from "./h.js";
import { redrawNew } from "./redraw.js";
import { t } from "./words.js";

/** @typedef {{id: string, name: string}} Named */

const FEW = 10;

/**
 * Make the table.
 * @param {(row: number, column: number) => void} open  A cell was pressed.
 * @returns {{element: HTMLElement, show: (classes: Named[], matrix: number[][], open?: [number, number] | null) => void}}
 */
export function matrix(open) {
  const place = h("div.matrix_scroll", { tabindex: 0, role: "group", "aria-label": t("teach.matrix") });

  return {
    element: place,
    show(classes, numbers, now = null) {
      redrawNew(place, [classes, numbers], () => [table(classes, numbers)]);
      for (const cell of place.querySelectorAll("[data-cell]")) {
        const same = now !== null && /** @type {HTMLElement} */ (cell).dataset.cell === now.join(",");
        cell.setAttribute("aria-expanded", String(same));
      }
    },
  };

  /**
   * @param {Named[]} classes
   * @param {number[][]} numbers
   */
  function table(classes, numbers) {
    const head = h("tr", {}, h("td.corner", {}, h("span.small.soft", {}, t("teach.taken_for"))));
    head.append(...classes.map((one) => h("th", { scope: "col", title: one.name }, h("span.column", { dir: "auto" }, one.name))));
    const rows = classes.map((one, row) => {
      const all = numbers[row].reduce((sum, number) => sum + number, 0) || 1;
      const cells = classes.map((other, column) => h("td", {}, cell(one, other, row, column, numbers[row][column], all)));
      return h("tr", {}, h("th", { scope: "row", title: one.name }, h("span", { dir: "auto" }, one.name)), ...cells);
    });
    return h(classes.length > FEW ? "table.matrix.many" : "table.matrix", { style: { "--columns": classes.length } }, h("thead", {}, head), h("tbody", {}, ...rows));
  }

  /**
   * @param {Named} one
   * @param {Named} other
   * @param {number} row
   * @param {number} column
   * @param {number} number
   * @param {number} all
   */
  function cell(one, other, row, column, number, all) {
    if (!number) return h("span.none", { "aria-label": "0" }, "·");
    const right = row === column;
    const said = right ? t("teach.cell_right", { n: number, name: one.name }) : t("teach.cell_wrong", { n: number, name: one.name, other: other.name });
    const button = h(right ? "button.cell.right" : "button.cell.off", { dataset: { cell: `${row},${column}`, key: `${row},${column}` }, "aria-label": said, title: said, onclick: () => open(row, column) }, number);
    button.style.setProperty("--share", String(0.15 + 0.85 * (number / all)));
    return button;
  }
}
