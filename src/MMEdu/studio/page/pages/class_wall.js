// @ts-check
/** The wall: for the beamer. A league on the hidden test set, sorted, live; before it how one comes in. */

import { follow, get } from "../parts/api.js";
import { h } from "../parts/h.js";
import { percent, stateText } from "../parts/handed.js";
import { tell } from "../parts/told.js";
import { t } from "../parts/words.js";

/**
 * @typedef {{id: string, name: string, place?: number, pictures: number, score: number | null, right?: number, of?: number,
 *   state: string, tries: number, done: number, total: number, mistakes: {n: number, true: string, said: string}[]}} Row
 */

const ONE_COLUMN = 9;

/** @param {import("../classroom.js").InClass} inClass */
export async function show({ main }) {
  const head = h("p.wall-head", { role: "status" });
  const list = h("ol.league");
  const door = h("aside.wall-door");
  main.replaceChildren(h("div.wall", {}, h("h1", {}, t("classroom.wall_title")), head, list, door));
  const { addresses, pin } = await get("/api/address");
  const address = addresses[0] ?? location.origin;

  async function update() {
    const now = await get("/api/wall");
    head.textContent = [
      t("classroom.n_here", { n: now.here }),
      now.test ? t("classroom.hidden_n", { n: now.test.pictures }) : t("classroom.no_test"),
      now.open ? "" : t("classroom.closed_short"),
    ].filter(Boolean).join(" · ");
    const before = new Map([...list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.id, row.getBoundingClientRect()]));
    const rows = now.rows.map((/** @type {Row} */ row) => league(row));
    list.replaceChildren(...rows);
    const columns = rows.length > ONE_COLUMN ? 2 : 1;
    list.style.setProperty("--rows", String(Math.ceil(rows.length / columns)));
    list.classList.toggle("dense", columns > 1);
    move(rows, before);
    door.classList.toggle("empty", rows.length === 0);
    list.hidden = rows.length === 0;
  }
  door.replaceChildren(
    h("img", { src: "/api/qr", alt: t("classroom.qr"), width: 240, height: 240 }),
    h("div", {}, h("p.wall-address", {}, address), h("p.wall-pin", {}, t("classroom.pin"), " ", h("strong", {}, pin.replace(/(\d{2,3})(?=(\d{2,3})+$)/g, "$1\u2009")))),
  );
  await update();
  follow("/api/events", { changed: () => update().catch(tell), missed: () => update().catch(tell), back: () => update().catch(tell) });
}

/** @param {Row} row */
function league(row) {
  const judged = row.score !== null;
  const share = row.score ?? 0;
  return h(
    "li",
    { "data-id": row.id, style: { "--share": percent(share) } },
    h("span.place", {}, row.place ?? ""),
    h("bdi.name", { title: row.name }, row.name),
    h("span.pictures.soft", {}, row.pictures ? t("classroom.n_pictures", { n: row.pictures }) : ""),
    h("span.bar", { "aria-hidden": "true" }, judged ? h("span", {}) : null),
    h("span.points", {}, judged ? percent(share) : "", judged && row.state === "done" ? null : h("span.state.soft", {}, stateText(row))),
    row.mistakes.length
      ? h(
          "span.mistakes",
          {},
          ...row.mistakes.map((one) =>
            h("figure", {}, h("img", { src: `/api/wall/${row.id}/${one.n}`, alt: "", loading: "lazy" }), one.said ? h("figcaption", {}, t("classroom.said", { true: one.true, said: one.said })) : null),
          ),
        )
      : null,
  );
}

/**
 * Let rows that changed their place glide there: one sees who rose.
 * @param {HTMLElement[]} rows
 * @param {Map<string | undefined, DOMRect>} before
 */
function move(rows, before) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const row of rows) {
    const from = before.get(row.dataset.id);
    const to = row.getBoundingClientRect();
    // Those that go to another column do not fly over the others.
    if (!from || Math.abs(from.top - to.top) < 2 || Math.abs(from.left - to.left) > 2) continue;
    row.animate([{ transform: `translateY(${from.top - to.top}px)` }, { transform: "none" }], { duration: 700, easing: "ease-in-out" });
  }
}
