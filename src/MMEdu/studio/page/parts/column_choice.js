// @ts-check
/** The first rows of a table, and what each of its columns is: given, to be told, or left out. */

import { h } from "./h.js";
import { t } from "./words.js";

/** @typedef {{number: number, name: string, holds: "numbers" | "words" | "gaps", kinds: number, tells: "classes" | "numbers"}} Column */
/** @typedef {{columns: Column[], rows: number, sample: string[][]}} Table */
/** @typedef {{element: HTMLElement, given: () => number[], told: () => number | null, said: () => string, complaint: () => string}} ColumnChoice */

/**
 * @param {Table} table
 * @param {object} asked
 * @param {string} asked.tells  What the told column is to hold; empty: nothing needs to be told.
 * @param {number[]} [asked.given]  At first; else all columns of numbers.
 * @param {number | null} [asked.told]  At first; else the last.
 * @param {() => void} asked.onchange
 * @returns {ColumnChoice}
 */
export function columnChoice(table, { tells, given, told, onchange }) {
  const last = table.columns[table.columns.length - 1];
  const toldFirst = given ? (told ?? null) : fits(last, tells) || !tells ? last.number : null;
  /** @param {Column} column */
  const first = (column) => {
    if (column.number === toldFirst) return "told";
    return (given ? given.includes(column.number) : column.holds === "numbers") ? "given" : "out";
  };
  /** @param {Column} column */
  const called = (column) => column.name || t("numbers.column", { number: column.number + 1 });
  const selects = table.columns.map((column) => {
    const made = h(
      "select",
      { "aria-label": called(column), dataset: { column: column.number }, onchange: () => chosen(column) },
      column.holds === "numbers" ? h("option", { value: "given" }, t("numbers.given")) : null,
      h("option", { value: "told" }, t("numbers.told")),
      h("option", { value: "out" }, t("numbers.out")),
    );
    made.value = first(column);
    made.dataset.is = made.value;
    return made;
  });

  /** One column alone is told. @param {Column} column */
  function chosen(column) {
    const at = table.columns.indexOf(column);
    if (selects[at].value === "told") {
      selects.forEach((other, number) => {
        if (number !== at && other.value === "told") other.value = table.columns[number].holds === "numbers" ? "given" : "out";
      });
    }
    for (const one of selects) one.dataset.is = one.value;
    onchange();
  }

  const of = (/** @type {string} */ what) => table.columns.filter((_, at) => selects[at].value === what);
  const element = h(
    "div.columns",
    { tabindex: 0, role: "region", "aria-label": t("numbers.step_columns") },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...table.columns.map((column) => h("th", { scope: "col" }, called(column)))), h("tr", {}, ...selects.map((one) => h("td", {}, one))), h("tr.soft.small", {}, ...table.columns.map((column) => h("td", {}, about(column))))),
      h("tbody", {}, ...table.sample.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, cell))))),
    ),
  );
  return {
    element,
    given: () => of("given").map((column) => column.number),
    told: () => of("told")[0]?.number ?? null,
    said: () => [of("given").map(called).join(", "), ...of("told").map((column) => `→ ${called(column)}`)].join(" "),
    complaint() {
      const answer = of("told")[0];
      if (!of("given").length) return t("numbers.needs_given");
      if (tells && !answer) return t("numbers.needs_told");
      if (tells === "numbers" && answer.holds !== "numbers") return t("numbers.needs_number", { name: called(answer) });
      if (tells === "classes" && answer.tells === "numbers") return t("numbers.many_classes", { name: called(answer), count: answer.kinds });
      return "";
    },
  };
}

/** @param {Column} column  @param {string} tells */
const fits = (column, tells) => tells === "classes" || column.holds === "numbers";

/** @param {Column} column */
const about = (column) => (column.holds === "gaps" ? t("numbers.gaps") : column.holds === "words" ? t("numbers.words", { count: column.kinds }) : t("numbers.of_numbers", { count: column.kinds }));
