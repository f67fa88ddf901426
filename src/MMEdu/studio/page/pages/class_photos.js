// @ts-check
/** A phone's page: photographs into classes. The phone's own camera takes them; a live picture needs https. */

import { follow, get, send } from "../parts/api.js";
import { h } from "../parts/h.js";
import { redraw } from "../parts/redraw.js";
import { tell } from "../parts/told.js";
import { patiently } from "../parts/in_parts.js";
import { t } from "../parts/words.js";

const LARGEST = 1280;

/** @param {import("../classroom.js").InClass} inClass */
export async function show({ main }) {
  const list = h("div.stack");
  const title = h("h1", {}, t("classroom.photos"));
  const state = h("p.soft", { role: "status", "aria-live": "polite" });
  const live = window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
  main.replaceChildren(h("div.phone", {}, title, state, list, live ? null : h("p.soft.small", {}, t("classroom.live_https"))));
  const counts = /** @type {Map<string, HTMLElement>} */ (new Map());
  let classes = "";
  let sending = 0;
  let sent = 0;

  /** @type {Promise<void>} */
  let queue = Promise.resolve();
  /**
   * @param {string} id
   * @param {Blob[]} pictures
   */
  function add(id, pictures) {
    sending += pictures.length;
    tellState();
    for (const picture of pictures) {
      queue = queue.then(async () => {
        try {
          const small = await smaller(picture);
          const told = await patiently(() => send(`/api/photos/${id}`, small), () => (state.textContent = t("classroom.waits")));
          sent += 1;
          const place = counts.get(id);
          if (place) place.textContent = t("classroom.n_photos", { n: told.count });
        } catch (error) {
          tell(error);
        }
        sending -= 1;
        tellState();
      });
    }
  }
  const tellState = () => (state.textContent = sending ? t("classroom.sending_n", { n: sending }) : sent ? t("classroom.sent_n", { n: sent }) : "");

  async function update() {
    const now = (await get("/api/class")).photos;
    title.textContent = now ? now.name : t("classroom.photos");
    const shown = JSON.stringify(now?.classes.map((/** @type {any} */ one) => one.id) ?? []);
    if (shown !== classes) {
      classes = shown;
      counts.clear();
      redraw(list, ...(now ? now.classes.map((/** @type {any} */ one, /** @type {number} */ place) => card(one, place)) : [h("p.hint", {}, t("classroom.no_photos"))]));
    }
    for (const one of now?.classes ?? []) {
      const place = counts.get(one.id);
      if (place) place.textContent = t("classroom.n_photos", { n: one.count });
    }
  }

  /**
   * @param {{id: string, name: string, count: number}} one
   * @param {number} place
   */
  function card(one, place) {
    const count = h("span.soft", {});
    counts.set(one.id, count);
    const chosen = (/** @type {Event} */ event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      add(one.id, [...(input.files ?? [])]);
      input.value = "";
    };
    const shutter = live ? h("button.large.wide", { onclick: () => film(one, (picture) => add(one.id, [picture])) }, t("classroom.live")) : null;
    return h(
      "section.card.stack.photo-class",
      { style: { "--colour": `var(--class-${place % 8})` } },
      h("div.row", {}, h("h2", {}, h("bdi", {}, one.name)), count),
      h("label.button.large.wide", {}, t("classroom.take_photo"), h("input.unseen", { type: "file", accept: "image/*", capture: "environment", onchange: chosen, "data-key": one.id, "data-class": one.name })),
      h("label.button.wide", {}, t("classroom.choose_photos"), h("input.unseen", { type: "file", accept: "image/*", multiple: true, onchange: chosen })),
      shutter,
    );
  }
  await update();
  follow("/api/events", { changed: () => update().catch(tell), missed: () => update().catch(tell), back: () => update().catch(tell) });
}

/**
 * Show the live camera; each tap takes a photograph.
 * @param {{name: string}} one
 * @param {(picture: Blob) => void} taken
 */
async function film(one, taken) {
  /** @type {MediaStream} */
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: LARGEST } } });
  } catch {
    return tell(t("classroom.no_camera"));
  }
  const video = h("video", { autoplay: true, muted: true, srcObject: stream });
  video.setAttribute("playsinline", "");
  let number = 0;
  const count = h("span", { "aria-live": "polite" }, "0");
  const dialog = h(
    "dialog.film",
    { onclose: () => (stream.getTracks().forEach((track) => track.stop()), dialog.remove()) },
    h("h2", {}, h("bdi", {}, one.name), " · ", count),
    video,
    h(
      "div.row",
      {},
      h("button.primary.large", { onclick: async () => {
        const picture = await still(video, video.videoWidth, video.videoHeight);
        if (picture) taken(picture);
        count.textContent = String(++number);
      } }, t("classroom.take_photo")),
      h("button.large", { onclick: () => dialog.close() }, t("classroom.done")),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * Make a photograph no larger than needed; what the browser cannot read is sent as it is, and the server says why not.
 * @param {Blob} picture
 * @returns {Promise<Blob>}
 */
async function smaller(picture) {
  try {
    const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" });
    return (await still(bitmap, bitmap.width, bitmap.height)) ?? picture;
  } catch {
    return picture;
  }
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob | null>}
 */
function still(source, width, height) {
  const scale = Math.min(1, LARGEST / Math.max(width, height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d")?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
}
