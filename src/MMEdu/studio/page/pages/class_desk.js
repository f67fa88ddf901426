// @ts-check
/** The teacher's desk: how the class comes in, the hidden test set, who has handed in, the shelf, photographs. */

import { follow, get, post, remove } from "../parts/api.js";
import { h } from "../parts/h.js";
import { clock, itemText, percent, stateText } from "../parts/handed.js";
import { redraw } from "../parts/redraw.js";
import { tell } from "../parts/told.js";
import { upload } from "../parts/in_parts.js";
import { t } from "../parts/words.js";

/** @param {import("../classroom.js").InClass} inClass */
export async function show({ main }) {
  const { addresses, pin } = await get("/api/address");
  const test = h("div.stack");
  const switches = h("div.stack");
  const people = h("div.people");
  const counted = h("span.soft");
  const shelf = h("div.stack");
  const wheelNames = h("p.small.soft");
  const photos = h("div.stack");

  /** @param {() => Promise<any>} change */
  const change = async (change) => {
    try {
      draw(await change());
      return true;
    } catch (error) {
      tell(error);
      return false;
    }
  };
  const testDialog = source(t("classroom.choose_test"), t("classroom.choose_test_hint"), ".zip", async (given) => change(() => post("/api/teacher/test", given)));
  const shelfDialog = source(t("classroom.put_on_shelf"), t("classroom.put_hint"), "", async (given) => change(() => post("/api/teacher/shelf", given)));
  const photosDialog = ask(async (given) => change(() => post("/api/teacher/photos", given)));
  const nameDialog = rename(async (id, name) => change(() => post(`/api/teacher/pupils/${id}`, { name })));

  main.replaceChildren(
    h("h1.unseen", {}, t("classroom.desk")),
    h(
      "div.desk",
      {},
      comeIn(addresses, pin),
      h("section.card.stack", {}, h("h2", {}, t("classroom.test")), test, switches),
      h("section.card.stack.wide-card", {}, h("div.row.spread", {}, h("h2", {}, t("classroom.pupils")), counted, h("a.button", { href: "/api/teacher/wall.csv", download: "class.csv" }, t("classroom.csv"))), people),
      h("section.card.stack", {}, h("div.row.spread", {}, h("h2", {}, t("classroom.shelf")), h("button", { onclick: () => shelfDialog.showModal() }, t("classroom.put"))), shelf, wheels(addresses, wheelNames)),
      h("section.card.stack", {}, h("h2", {}, t("classroom.photos")), photos),
    ),
    testDialog,
    shelfDialog,
    photosDialog,
    nameDialog,
  );

  /** @param {any} now */
  function draw(now) {
    drawTest(now);
    drawPeople(now);
    redraw(
      shelf,
      now.shelf.length ? "" : h("p.soft", {}, t("classroom.shelf_empty_teacher")),
      ...now.shelf.map((/** @type {any} */ item) =>
        h(
          "div.thing",
          {},
          h("div", {}, h("bdi", {}, h("strong", {}, item.name)), h("div.soft.small", {}, itemText(item))),
          h("button.quiet", { "data-key": `off-${item.id}`, "aria-label": t("classroom.take_off_what", { name: item.name }), onclick: () => confirm(t("classroom.take_off_sure", { name: item.name })) && change(() => remove(`/api/teacher/shelf/${item.id}`)) }, t("classroom.take_off")),
        ),
      ),
    );
    wheelNames.textContent = now.wheels.join(", ");
    drawPhotos(now);
  }

  /** @param {any} now */
  function drawTest(now) {
    const chosen = now.test;
    redraw(
      test,
      now.problem ? h("p.wrong", { role: "alert" }, now.problem) : null,
      chosen
        ? h("div.good", {}, h("strong", {}, h("bdi", {}, chosen.name)), h("div", {}, t("classroom.n_pictures", { n: chosen.pictures }), ": ", Object.entries(chosen.classes).map(([name, count]) => (count ? `${name} ${count}` : name)).join(", ")))
        : h("p", {}, t("classroom.test_what")),
      h(
        "div.row",
        {},
        h(chosen ? "button" : "button.primary", { "data-key": "test", onclick: () => testDialog.showModal() }, chosen ? t("classroom.other_test") : t("classroom.choose_test")),
        chosen ? h("a.button.primary", { href: "/wall", target: "_blank", "data-key": "wall" }, t("classroom.open_wall")) : null,
      ),
    );
    redraw(
      switches,
      toggle("open", t("classroom.is_open"), now.open, (open) => change(() => post("/api/teacher/settings", { open }))),
      toggle("mistakes", t("classroom.shows_mistakes"), now.show_mistakes, (show_mistakes) => change(() => post("/api/teacher/settings", { show_mistakes }))),
    );
  }

  /** @param {any} now */
  function drawPeople(now) {
    counted.textContent = t("classroom.n_here", { n: now.pupils.length });
    const rows = now.pupils.map((/** @type {any} */ one) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, h("bdi", {}, one.name)),
        h("td", { "data-label": t("classroom.tries") }, one.tries ? `${one.tries} · ${clock(one.when)}` : "–"),
        h("td", { "data-label": t("classroom.pictures") }, one.pictures || "–"),
        h(
          "td.wraps",
          {},
          one.score !== null && one.score !== undefined ? h("strong", {}, percent(one.score)) : "",
          " ",
          h("span.soft", {}, stateText(one)),
          one.state === "failed" ? h("div.small.wrong", {}, `${one.message ?? ""} ${one.hint ?? ""}`) : null,
          ...(one.state === "done" ? (one.sentences ?? []) : []).map((/** @type {string} */ sentence) => h("div.small.hint", {}, sentence)),
          one.mistakes?.length ? mistakes(one) : null,
        ),
        h(
          "td.row.doings",
          {},
          h("button.quiet", { "data-key": `name-${one.id}`, onclick: () => nameDialog.begin(one) }, t("classroom.rename")),
          h("button.quiet", { "data-key": `again-${one.id}`, title: t("classroom.again_why"), onclick: async () => (await change(() => post(`/api/teacher/pupils/${one.id}`, { again: true }))) && tell(t("classroom.again_told", { name: one.name }), "done") }, t("classroom.again")),
          h("button.quiet.danger", { "data-key": `gone-${one.id}`, onclick: () => confirm(t("classroom.remove_sure", { name: one.name })) && change(() => remove(`/api/teacher/pupils/${one.id}`)) }, t("classroom.remove")),
        ),
      ),
    );
    redraw(
      people,
      rows.length
        ? h("table", {}, h("thead", {}, h("tr", {}, ...[t("classroom.name"), t("classroom.tries"), t("classroom.pictures"), t("classroom.result"), ""].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, ...rows))
        : h("p.soft", {}, t("classroom.nobody")),
    );
  }

  /** @param {any} now */
  function drawPhotos(now) {
    const asked = now.photos;
    if (!asked) {
      redraw(photos, h("p", {}, t("classroom.photos_what")), h("div", {}, h("button", { "data-key": "ask", onclick: () => photosDialog.showModal() }, t("classroom.ask_photos"))));
      return;
    }
    const some = asked.classes.some((/** @type {any} */ one) => one.count);
    redraw(
      photos,
      h("p", {}, h("strong", {}, h("bdi", {}, asked.name)), " · ", t("classroom.photos_where", { address: `${addresses[0] ?? location.origin}/photos` })),
      ...asked.classes.map((/** @type {any} */ one) =>
        h(
          "div",
          {},
          h("h3", {}, h("bdi", {}, one.name), " ", h("span.soft", {}, t("classroom.n_photos", { n: one.count }))),
          h(
            "div.thumbs-strip",
            {},
            ...one.photos.map((/** @type {any} */ photo) => {
              const who = now.names[photo.sender] ?? "?";
              return h(
                "button.photo",
                { "data-key": photo.id, title: who, "aria-label": t("classroom.throw_photo", { name: who }), onclick: () => confirm(t("classroom.throw_photo", { name: who })) && change(() => remove(`/api/teacher/photos/${photo.id}`)) },
                h("img", { src: `/api/teacher/photos/${photo.id}`, alt: "", loading: "lazy", width: 72, height: 72 }),
              );
            }),
          ),
        ),
      ),
      h(
        "div.row",
        {},
        h("button", { "data-key": "photos-shelf", disabled: !some, onclick: () => change(() => post("/api/teacher/shelf", { photos: true })) }, t("classroom.photos_shelf")),
        h("button", { "data-key": "photos-test", disabled: !some, onclick: () => change(() => post("/api/teacher/test", { photos: true })) }, t("classroom.photos_test")),
        h("button.quiet.danger", { "data-key": "photos-end", onclick: () => (!some || confirm(t("classroom.photos_end_sure"))) && change(() => remove("/api/teacher/photos")) }, t("classroom.photos_end")),
      ),
    );
  }

  const update = async () => draw(await get("/api/teacher"));
  await update();
  follow("/api/events", { changed: () => update().catch(tell), missed: () => update().catch(tell), lost: () => tell(t("classroom.lost")), back: () => update().catch(tell) });
}

/**
 * @param {string[]} addresses
 * @param {string} pin
 */
function comeIn(addresses, pin) {
  const [best = location.origin, ...others] = addresses;
  return h(
    "section.card.come-in",
    {},
    h("div", {}, h("h2", {}, t("classroom.come_in_here")), h("p.address", {}, best), h("p.pin", {}, t("classroom.pin"), " ", h("strong", {}, pin)), others.length ? h("details", {}, h("summary", {}, t("classroom.other_addresses")), ...others.map((one) => h("p", {}, one))) : null),
    h("img", { src: "/api/qr", alt: t("classroom.qr"), width: 168, height: 168 }),
  );
}

/**
 * @param {string[]} addresses
 * @param {HTMLElement} names  Of the wheels that are there.
 */
function wheels(addresses, names) {
  const best = addresses[0] ?? location.origin;
  const host = new URL(best).hostname;
  return h("details", {}, h("summary", {}, t("classroom.wheels")), h("p.small", {}, t("classroom.wheels_what")), h("pre.code", {}, `pip install --no-index --trusted-host ${host} \\\n  --find-links ${best}/wheels "mmedu[studio]"`), names);
}

/** Pupils whose mistakes are unfolded: they stay so when the table is drawn anew. */
const unfolded = /** @type {Set<string>} */ (new Set());

/** @param {{id: string, mistakes: {n: number, true: string, said: string}[]}} one */
function mistakes(one) {
  const pictures = h("div.thumbs-strip");
  const fill = () => pictures.replaceChildren(...one.mistakes.map((its) => h("figure", {}, h("img", { src: `/api/wall/${one.id}/${its.n}`, alt: "", width: 72, height: 72 }), its.said ? h("figcaption.small", {}, t("classroom.said", { true: its.true, said: its.said })) : null)));
  if (unfolded.has(one.id)) fill();
  return h(
    "details",
    { open: unfolded.has(one.id), ontoggle: (/** @type {any} */ event) => (event.target.open ? (unfolded.add(one.id), fill()) : unfolded.delete(one.id)) },
    h("summary", { "data-key": `wrong-${one.id}` }, t("classroom.mistakes")),
    pictures,
  );
}

/**
 * @param {string} key
 * @param {string} text
 * @param {boolean} on
 * @param {(on: boolean) => void} changed
 */
function toggle(key, text, on, changed) {
  return h("label.switch", {}, h("input", { type: "checkbox", checked: on, "data-key": key, onchange: (/** @type {any} */ event) => changed(event.target.checked) }), text);
}

/**
 * Make a dialog that takes a folder of this computer, or a file.
 * @param {string} title
 * @param {string} hint
 * @param {string} accept
 * @param {(given: object) => Promise<boolean>} give
 */
function source(title, hint, accept, give) {
  const path = h("input.wide", { spellcheck: false, "aria-label": t("classroom.path"), placeholder: t("classroom.path_example") });
  const file = h("input", { type: "file", accept: accept || null, "aria-label": t("classroom.file") });
  const state = h("p.soft.small", { role: "status" });
  const button = h("button.primary", { type: "submit" }, t("classroom.take"));
  const dialog = h(
    "dialog.source",
    {},
    h(
      "form.stack",
      {
        onsubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          const chosen = file.files?.[0];
          if (!chosen && !path.value.trim()) return path.focus();
          button.disabled = true;
          state.textContent = t("classroom.working");
          try {
            const given = chosen ? { upload: await upload(chosen, (share, waits) => (state.textContent = waits ? t("classroom.waits") : `${t("classroom.sending")} ${percent(share)}`)) } : { path: path.value };
            if (await give(given)) {
              dialog.close();
              path.value = file.value = "";
            }
          } catch (error) {
            tell(error);
          }
          state.textContent = "";
          button.disabled = false;
        },
      },
      h("h2", {}, title),
      h("p", {}, hint),
      h("label", {}, t("classroom.path"), path),
      h("label", {}, t("classroom.file"), file),
      state,
      h("div.row", {}, button, h("button", { type: "button", onclick: () => dialog.close() }, t("classroom.cancel"))),
    ),
  );
  return dialog;
}

/** @param {(given: object) => Promise<boolean>} give */
function ask(give) {
  const name = h("input", { required: true, maxlength: 40 });
  const classes = h("textarea", { required: true, rows: 4, placeholder: t("classroom.classes_example") });
  const dialog = h(
    "dialog.source",
    {},
    h(
      "form.stack",
      {
        onsubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          const listed = classes.value.split(/[\n,，、]+/).map((/** @type {string} */ one) => one.trim()).filter(Boolean);
          if (await give({ name: name.value, classes: listed })) dialog.close();
        },
      },
      h("h2", {}, t("classroom.ask_photos")),
      h("label", {}, t("classroom.photos_name"), name),
      h("label", {}, t("classroom.photos_classes"), classes),
      h("div.row", {}, h("button.primary", { type: "submit" }, t("classroom.ask")), h("button", { type: "button", onclick: () => dialog.close() }, t("classroom.cancel"))),
    ),
  );
  return dialog;
}

/** @param {(id: string, name: string) => Promise<boolean>} give */
function rename(give) {
  const name = h("input", { required: true, maxlength: 40, "aria-label": t("classroom.name") });
  let id = "";
  const dialog = h(
    "dialog.source",
    {},
    h(
      "form.stack",
      { onsubmit: async (/** @type {Event} */ event) => (event.preventDefault(), (await give(id, name.value)) && dialog.close()) },
      h("h2", {}, t("classroom.rename")),
      name,
      h("div.row", {}, h("button.primary", { type: "submit" }, t("classroom.save")), h("button", { type: "button", onclick: () => dialog.close() }, t("classroom.cancel"))),
    ),
  );
  return Object.assign(dialog, {
    begin: (/** @type {{id: string, name: string}} */ one) => {
      id = one.id;
      name.value = one.name;
      dialog.showModal();
      name.select();
    },
  });
}
