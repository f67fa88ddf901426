// @ts-check
/** The door of a class: the PIN that the board shows, and a name. */

import { post, Refused } from "../parts/api.js";
import { h } from "../parts/h.js";
import { tell } from "../parts/told.js";
import { t } from "../parts/words.js";

/** @param {import("../classroom.js").InClass} inClass */
export async function show({ main, here, pin }) {
  const name = h("input", { id: "name", autocomplete: "name", required: true, maxlength: 40, autofocus: true });
  const code = h("input", { id: "pin", inputmode: "numeric", autocomplete: "off", required: true, value: pin, pattern: "[0-9 ]+" });
  const other = h("div", { "aria-live": "polite" });
  const enter = async (/** @type {string} */ chosen) => {
    try {
      await post("/api/join", { pin: code.value, name: chosen });
      location.reload();
    } catch (error) {
      const free = error instanceof Refused && error.word === "taken" ? error.told.free : "";
      if (!free) return tell(error);
      const refused = /** @type {Refused} */ (error);
      other.replaceChildren(
        h("div.hint.stack", {}, h("p", {}, `${refused.message} ${refused.hint}`), h("button", { type: "button", onclick: () => enter(free) }, t("classroom.come_in_as", { name: free }))),
      );
    }
  };
  main.replaceChildren(
    h(
      "form.narrow.card.door",
      { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), enter(name.value)) },
      h("h1", {}, t("classroom.join")),
      h("label", { for: "pin" }, t("classroom.pin")),
      code,
      h("label", { for: "name" }, t("classroom.your_name")),
      name,
      other,
      h("button.primary.large", { type: "submit" }, t("classroom.come_in")),
      here ? h("p.soft.small", {}, t("classroom.teacher_elsewhere")) : null,
    ),
  );
  (pin ? name : code).focus();
}
