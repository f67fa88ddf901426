// @ts-check
/**
 * A form made of a JSON schema, as `BaseDT.argument_schema` writes it: numbers with bounds, choices, flags, texts, and
 * values that may be left open. It is built once, so that focus and half-typed values stay.
 */

import { h } from "./h.js";
import { wear } from "./sheet.js";
import { t } from "./words.js";

/** @typedef {{title?: string, description?: string, examples?: any[], default?: any, type?: string | string[], enum?: any[], minimum?: number, exclusiveMinimum?: number, maximum?: number, format?: string}} Property */
/** @typedef {{properties: Record<string, Property>}} Schema */
/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {() => any} read  Its value; undefined where what is typed cannot be used.
 * @property {(value: any) => void} write
 * @property {() => string} complaint  What is wrong with it; empty where nothing is.
 */
/**
 * @typedef {object} Form
 * @property {HTMLElement} element  All of it.
 * @property {() => Record<string, any>} values  What differs from the defaults.
 * @property {() => boolean} check  Whether all can be used; shows what cannot, and goes there.
 * @property {() => boolean} valid  The same, without a move.
 * @property {(values: Record<string, any>) => void} write  Puts values in; what is not named gets its default.
 */

let forms = 0;

/**
 * @param {Schema} schema
 * @param {object} [given]
 * @param {string[]} [given.first]  The fields in sight, in this order; the rest is under *more*. Without it, all are in sight.
 * @param {string[]} [given.skip]  Fields that are left out.
 * @param {Record<string, string>} [given.titles]  What fields are called, where the schema's title says too little.
 * @param {Record<string, any>} [given.values]  At the start.
 * @param {() => void} [given.onchange]
 * @returns {Form}
 */
export function form(schema, { first, skip = [], titles = {}, values = {}, onchange = () => {} } = {}) {
  wear("form");
  const id = `form${++forms}`;
  const names = Object.keys(schema.properties).filter((name) => !skip.includes(name));
  const inSight = first ? first.filter((name) => names.includes(name)) : names;
  const rest = names.filter((name) => !inSight.includes(name));
  /** @type {Map<string, Field>} */
  const fields = new Map();
  for (const name of [...inSight, ...rest]) {
    const field = fieldOf(`${id}-${name}`, name, schema.properties[name], titles[name], onchange);
    if (name in values) field.write(values[name]);
    fields.set(name, field);
  }
  const elements = (/** @type {string[]} */ of) => of.map((name) => /** @type {Field} */ (fields.get(name)).element);
  const count = h("span.soft");
  const more = rest.length
    ? h("details.more", {}, h("summary", {}, t("parts.more"), " ", count), h("div.fields", {}, ...elements(rest)))
    : null;
  const element = h("div.form", { oninput: showCount, onchange: showCount }, h("div.fields", {}, ...elements(inSight)), more);

  function showCount() {
    const changed = rest.filter((name) => name in read()).length;
    count.textContent = changed ? t("parts.more_changed", { count: changed }) : `(${rest.length})`;
  }
  function read() {
    /** @type {Record<string, any>} */
    const found = {};
    for (const [name, field] of fields) {
      const value = field.read();
      if (value !== undefined && !same(value, schema.properties[name].default ?? null)) found[name] = value;
    }
    return found;
  }
  const wrong = () => [...fields.values()].filter((field) => field.complaint());
  showCount();
  return {
    element,
    values: read,
    valid: () => wrong().length === 0,
    check() {
      const found = wrong();
      if (!found.length) return true;
      const details = found[0].element.closest("details");
      if (details) details.open = true;
      /** @type {HTMLElement | null} */ (found[0].element.querySelector("input, select"))?.focus();
      return false;
    },
    write(given) {
      for (const [name, field] of fields) field.write(name in given ? given[name] : (schema.properties[name].default ?? null));
      showCount();
    },
  };
}

/**
 * @param {string} id
 * @param {string} name
 * @param {Property} property
 * @param {string | undefined} title
 * @param {() => void} onchange
 * @returns {Field}
 */
function fieldOf(id, name, property, title, onchange) {
  const types = [property.type ?? []].flat();
  const optional = (property.default ?? null) === null;
  const about = h("p.small.soft", { id: `${id}-about` }, property.description ?? "");
  const wrong = h("p.small.wrong", { id: `${id}-wrong`, hidden: true });
  const told = { id, "aria-describedby": `${id}-about ${id}-wrong` };
  const called = title ?? property.title ?? name;
  const label = h("label", { for: id }, called, called !== name ? h("code.soft", {}, name) : null);
  /** @type {any} */
  let input;
  /** @type {() => any} */
  let read;
  /** @type {(value: any) => void} */
  let write;
  let complaint = () => "";

  /** @type {HTMLElement | null} */
  let examples = null;

  if (property.enum || (types.includes("boolean") && optional)) {
    const choices = property.enum ? property.enum.filter((one) => one !== null) : [true, false];
    const open = optional || (property.enum?.includes(null) ?? false);
    const named = (/** @type {any} */ one) => (one === true ? t("parts.yes") : one === false ? t("parts.no") : String(one));
    input = h(
      "select",
      told,
      open ? h("option", { value: "" }, t("parts.usual")) : null,
      ...choices.map((one, index) => h("option", { value: String(index) }, named(one))),
    );
    read = () => (input.value === "" ? null : choices[Number(input.value)]);
    write = (value) => {
      if (value !== null && !choices.some((one) => same(one, value))) {
        input.append(h("option", { value: String(choices.length) }, String(value))); // allowed, though not offered
        choices.push(value);
      }
      input.value = value === null ? "" : String(choices.findIndex((one) => same(one, value)));
    };
    write(property.default ?? null);
  } else if (types.includes("boolean") || typeof property.default === "boolean") {
    input = h("input", { type: "checkbox", checked: property.default, ...told });
    read = () => input.checked;
    write = (value) => (input.checked = value === true);
  } else {
    const number = types.some((type) => type === "integer" || type === "number") && types.every((type) => ["integer", "number", "null"].includes(type));
    const text = !number && (property.format === "path" || (types.includes("string") && !types.some((type) => type !== "string" && type !== "null")));
    if (property.examples?.length) examples = h("datalist", { id: `${id}-examples` }, ...property.examples.map((one) => h("option", { value: String(one) })));
    input = h("input", {
      type: "text",
      inputmode: number ? (types.includes("integer") ? "numeric" : "decimal") : null,
      autocomplete: "off",
      spellcheck: "false",
      list: examples ? examples.id : null,
      placeholder: optional ? t("parts.usual") : "",
      ...told,
    });
    const plain = () => (number ? input.value.normalize("NFKC") : input.value).trim();
    write = (value) => (input.value = value === null ? "" : Array.isArray(value) ? value.join(", ") : String(value));
    write(property.default ?? null);
    read = () => {
      if (plain() === "") return optional || text ? (property.default ?? null) : undefined;
      if (number) return numberComplaint(plain(), types, property) ? undefined : Number(plain());
      return text ? plain() : meant(plain());
    };
    complaint = () => {
      if (plain() === "") return optional || text ? "" : t("parts.needed");
      return number ? numberComplaint(plain(), types, property) : "";
    };
  }
  const show = () => {
    const what = complaint();
    wrong.textContent = what;
    wrong.hidden = !what;
    input.setAttribute("aria-invalid", what ? "true" : "false");
  };
  input.addEventListener("change", () => (show(), onchange()));
  input.addEventListener("input", () => (input.getAttribute("aria-invalid") === "true" ? show() : null, onchange()));
  const flag = input.type === "checkbox";
  const element = h(flag ? "div.field.flag" : "div.field", { dataset: { name } }, ...(flag ? [h("div.row", {}, input, label)] : [label, input]), examples, wrong, about);
  return { element, read, write: (value) => (write(value), show()), complaint: () => (show(), complaint()) };
}

/**
 * @param {string} text
 * @param {string[]} types
 * @param {Property} property
 */
function numberComplaint(text, types, property) {
  const value = Number(text);
  if (!Number.isFinite(value)) return t("parts.no_number");
  if (types.includes("integer") && !Number.isInteger(value)) return t("parts.no_whole");
  const least = property.minimum ?? (types.includes("integer") && property.exclusiveMinimum === undefined ? 1 : undefined);
  if (least !== undefined && value < least) return t("parts.least", { least });
  if (property.exclusiveMinimum !== undefined && value <= property.exclusiveMinimum) return t("parts.above", { above: property.exclusiveMinimum });
  if (property.maximum !== undefined && value > property.maximum) return t("parts.most", { most: property.maximum });
  return "";
}

/**
 * Return what a text stands for where the schema names no type: a number, true, false, several, else a text.
 * @param {string} text
 * @returns {any}
 */
function meant(text) {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (/^-?[\d.]+(e-?\d+)?$/i.test(text) && Number.isFinite(Number(text))) return Number(text);
  const parts = text.replace(/^[[(]|[\])]$/g, "").split(/[,，]\s*/);
  if (parts.length > 1 && parts.every((part) => part !== "" && Number.isFinite(Number(part)))) return parts.map(Number);
  return text;
}

/**
 * @param {any} one
 * @param {any} other
 */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
