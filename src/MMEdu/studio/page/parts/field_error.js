// @ts-check
/** What is wrong with what was typed, beside its field: read out, gone as soon as something else is typed. */

import { h } from "./h.js";
import { sentences } from "./told.js";

/** @typedef {{element: HTMLElement, show: (error: unknown) => void, clear: () => void, shown: () => boolean}} FieldError */

let made = 0;

/**
 * @param {HTMLInputElement} field
 * @returns {FieldError}
 */
export function fieldError(field) {
  const id = `field_error_${(made += 1)}`;
  const element = h("p.field_error.small", { id, role: "alert", hidden: true });
  const clear = () => {
    element.hidden = true;
    element.replaceChildren();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  };
  field.addEventListener("input", clear);
  return {
    element,
    clear,
    shown: () => !element.hidden,
    show(error) {
      const [message, hint] = sentences(error);
      element.replaceChildren(h("strong", {}, message), hint ? ` ${hint}` : "");
      element.hidden = false;
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", id);
    },
  };
}
