// @ts-check
/** Elements made in a line. Text is always text: nothing that a user wrote can become markup. */

/**
 * Make an element.
 * @param {string} what  Its name with classes: "button.primary.large".
 * @param {Record<string, any>} [given]  `onclick` … are listeners; `style` an object; null and false are left out;
 *   what is a property of the element is set as one (`value`, `checked`), the rest as an attribute.
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {any}
 */
export function h(what, given = {}, ...children) {
  const [name, ...classes] = what.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  give(element, given);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/**
 * Make an SVG element.
 * @param {string} name
 * @param {Record<string, any>} [given]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function svg(name, given = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {Record<string, any>} given
 */
function give(element, given) {
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") Object.entries(value).forEach(([property, to]) => element.style.setProperty(property, String(to)));
    else if (key === "dataset") Object.assign(element.dataset, value);
    else if (key in element && !key.includes("-") && !["list", "form", "width", "height"].includes(key)) /** @type {any} */ (element)[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
}
