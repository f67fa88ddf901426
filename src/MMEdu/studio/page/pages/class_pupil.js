// @ts-check
/** A pupil's page in a class: hand in, what is on the shelf, photographs. */

import { follow, get, post } from "../parts/api.js";
import { h } from "../parts/h.js";
import { handedIn, itemText } from "../parts/handed.js";
import { redraw } from "../parts/redraw.js";
import { tell } from "../parts/told.js";
import { upload } from "../parts/in_parts.js";
import { t } from "../parts/words.js";

/** @param {import("../classroom.js").InClass} inClass */
export async function show({ main }) {
  const photos = h("div.photos-first");
  const mine = h("div", { "aria-live": "polite" });
  const shelf = h("div.stack");
  const closed = h("p.hint", { hidden: true }, t("classroom.closed"));
  const form = handInForm(() => update());
  main.replaceChildren(
    h("h1.unseen", {}, t("classroom.mine")),
    photos,
    h(
      "div.two",
      {},
      h("section.card.stack", {}, h("h2", {}, t("classroom.hand_in")), closed, form, mine),
      h("section.card.stack", {}, h("h2", {}, t("classroom.shelf")), shelf),
    ),
    h("p.soft.small.after", {}, t("classroom.from_studio", { address: location.host })),
  );

  async function update() {
    const now = await get("/api/class");
    closed.hidden = now.open;
    form.hidden = !now.open;
    redraw(mine, now.me?.hand_ins.length ? handedIn(now.me.hand_ins) : h("p.soft", {}, t("classroom.nothing_handed")));
    redraw(
      shelf,
      now.shelf.length ? "" : h("p.soft", {}, t("classroom.shelf_empty")),
      ...now.shelf.map((/** @type {any} */ item) =>
        h(
          "div.thing",
          {},
          h("div", {}, h("bdi", {}, h("strong", {}, item.name)), h("div.soft.small", {}, itemText(item))),
          h("a.button", { href: `/api/shelf/${item.id}`, download: item.file, "data-key": item.id }, t("classroom.download")),
        ),
      ),
    );
    redraw(
      photos,
      now.photos
        ? h("a.button.primary.large.wide", { href: "/photos", "data-key": "photos" }, t("classroom.photos_for", { name: now.photos.name }))
        : "",
    );
  }
  await update();
  follow("/api/events", { changed: () => update().catch(tell), missed: () => update().catch(tell), lost: () => tell(t("classroom.lost")), back: () => update().catch(tell) });
}

/** @param {() => Promise<void>} done */
function handInForm(done) {
  const file = h("input", { type: "file", accept: ".onnx,.zip", id: "model", required: true });
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("classroom.sending") });
  const state = h("p.soft.small", { role: "status" });
  const button = h("button.primary", { type: "submit" }, t("classroom.hand_in"));
  return h(
    "form.stack",
    {
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        const chosen = file.files?.[0];
        if (!chosen) return;
        button.disabled = true;
        bar.hidden = false;
        try {
          const id = await upload(chosen, (share, waits) => {
            bar.value = share;
            state.textContent = waits ? t("classroom.waits") : "";
          });
          await post("/api/handins", { upload: id });
          file.value = "";
          tell(t("classroom.handed"), "done");
          await done();
        } catch (error) {
          tell(error);
        }
        state.textContent = "";
        bar.hidden = true;
        button.disabled = false;
      },
    },
    h("label", { for: "model" }, t("classroom.model_file")),
    file,
    bar,
    state,
    button,
  );
}
