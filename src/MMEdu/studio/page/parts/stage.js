// @ts-check
/** What the model sees: the live camera or one picture, its answer, why, and the correction. */

import { Refused } from "./api.js";
import { bars } from "./bars.js";
import { jpeg } from "./camera.js";
import { acceptDrop } from "./drop.js";
import { h } from "./h.js";
import { LiveLoop } from "./live_loop.js";
import { redrawNew } from "./redraw.js";
import { isFilm } from "./refused_files.js";
import { tell } from "./told.js";
import { t } from "./words.js";

const LARGE = 640;
/** What the server reads where the browser cannot. */
const SERVER_READS = /\.(tiff?|bmp|avif|jfif)$/i;
/** Of the shorter side: the square in the middle that the network is given. */
const LOOKS_AT = 224 / 256;

/**
 * Make the right part of the page.
 * @param {import("./project.js").Project} project
 * @param {import("./camera.js").Camera} camera
 * @param {(id: string, frame: Blob) => void} correct  A frame belongs to a class.
 */
export function stage(project, camera, correct) {
  /** @type {{data: Blob, address: string, mirrored: boolean, kind: "tried" | "wrong"} | null} */
  let still = null;
  /** @type {{data: Blob, address: string} | null} */
  let tried = null;
  let why = false;
  let ready = false;

  const colorOf = (/** @type {string} */ id) => {
    const one = project.find(id);
    return one ? project.colorOf(one) : "var(--soft)";
  };
  const answer = bars(colorOf);
  const loop = new LiveLoop(project.id, camera, (told) => !loop.held && show(told));
  const heat = h("img.heat", { alt: "", hidden: true });
  const image = h("img.still_picture", { alt: t("teach.picture_now"), hidden: true });
  const square = h("div.looks_at", { "aria-hidden": "true", hidden: true });
  const message = h("div.off");
  const recording = h("p.recording_now", { hidden: true });
  camera.video.setAttribute("aria-label", t("teach.camera_picture"));
  const file = h("input", { type: "file", accept: "image/*,.heic", hidden: true, onchange: () => (file.files?.[0] && tryPicture(file.files[0]), (file.value = "")) });
  const whyButton = h("button", { "aria-pressed": "false", onclick: toggleWhy }, t("teach.why"));
  const wrongButton = h("button", { onclick: startWrong }, t("teach.wrong"));
  const tryButton = h("button", { onclick: () => file.click() }, t("teach.try_picture"));
  const backButton = h("button", { hidden: true, onclick: backToCamera }, t("teach.back_to_camera"));
  const chips = h("div.chips", { role: "group", "aria-label": t("teach.it_is") });
  const wrongPart = h("div.correction", { hidden: true }, h("div.row.spread", {}, h("strong", {}, t("teach.it_is")), h("button.quiet", { onclick: endWrong }, t("teach.cancel"))), chips);
  const mirror = h("button.small", { onclick: () => (camera.mirrored = !camera.mirrored) }, t("teach.mirror"));
  const stop = h("button.small", { onclick: turnOff }, t("teach.camera_off"));
  const devices = h("select.small", { "aria-label": t("teach.which_camera"), onchange: () => camera.start(devices.value) });
  const box = h("div.seen", {}, camera.video, image, heat, square, message, recording, h("div.camera_row", {}, devices, mirror, stop));
  const heatHelp = h("p.small.soft", { hidden: true }, t("teach.why_help"));
  const buttons = h("div.row.stage_buttons", {}, whyButton, wrongButton, tryButton, backButton);
  const element = h(
    "div.stage",
    {},
    box,
    answer.element,
    heatHelp,
    buttons,
    wrongPart,
    file,
  );
  acceptDrop(element, (files) => files[0] && tryPicture(files[0]));
  document.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.files[0];
    if (pasted?.type.startsWith("image/")) tryPicture(pasted);
  });
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && still?.kind === "wrong") endWrong();
  });

  /** @param {import("./live_loop.js").Answer} told */
  function show(told) {
    if (!told.ready) return answer.clear();
    answer.show(told.classes);
    heat.hidden = !(why && told.heat);
    if (why && told.heat) heat.src = `data:image/png;base64,${told.heat.data}`;
  }

  async function toggleWhy() {
    why = !why;
    loop.why = why;
    whyButton.setAttribute("aria-pressed", String(why));
    heatHelp.hidden = !why;
    if (!why) heat.hidden = true;
    if (still) await askStill();
  }

  async function askStill() {
    const asked = still;
    if (!asked || !ready) return;
    try {
      const told = await loop.ask(asked.data);
      if (asked === still) show(told);
    } catch (error) {
      tell(error);
    }
  }

  /** @param {File} given */
  async function tryPicture(given) {
    const address = URL.createObjectURL(given);
    const data = (await smaller(address)) ?? (SERVER_READS.test(given.name) ? given : null);
    if (!data) {
      URL.revokeObjectURL(address);
      return tell(new Refused(400, isFilm(given) ? { message: `${given.name}: ${t("teach.film")}`, hint: t("teach.film_hint") } : { message: t("teach.not_picture", { file: given.name }), hint: t("teach.not_picture_hint") }));
    }
    forget();
    loop.held = true;
    answer.clear();
    tried = { data, address };
    still = { ...tried, mirrored: false, kind: "tried" };
    draw();
    if (!ready) tell(t("teach.try_later"));
    await askStill();
  }

  function forget() {
    if (still && still.address !== tried?.address) URL.revokeObjectURL(still.address);
    if (tried) URL.revokeObjectURL(tried.address);
    still = tried = null;
  }

  function toCamera() {
    forget();
    loop.held = false;
    answer.clear();
    heat.hidden = true;
    draw();
    loop.go();
  }

  function turnOff() {
    camera.turnOff();
    /** @type {HTMLElement | null} */ (message.querySelector("button"))?.focus();
  }

  async function turnOn() {
    const here = message.contains(document.activeElement);
    await camera.start();
    if (here && document.activeElement === document.body) (camera.on ? stop : /** @type {HTMLElement | null} */ (message.querySelector("button")))?.focus({ preventScroll: true });
  }

  function backToCamera() {
    toCamera();
    (camera.on ? tryButton : /** @type {HTMLElement} */ (message.querySelector("button") ?? tryButton)).focus();
  }

  async function startWrong() {
    const frame = still ? still.data : await camera.frame(LARGE);
    if (!frame) return;
    still = { data: frame, address: still?.address ?? URL.createObjectURL(frame), mirrored: !still && camera.mirrored, kind: "wrong" };
    loop.held = true;
    draw();
    /** @type {HTMLElement | null} */ (chips.querySelector("button"))?.focus();
  }

  function endWrong() {
    if (still?.kind !== "wrong") return;
    if (still.address !== tried?.address) URL.revokeObjectURL(still.address);
    still = tried ? { ...tried, mirrored: false, kind: "tried" } : null;
    loop.held = still !== null;
    heat.hidden = true;
    draw();
    loop.go();
    wrongButton.focus();
  }

  /** @param {string} id */
  function choose(id) {
    const frame = still?.data;
    endWrong();
    if (frame) correct(id, frame);
  }

  function draw() {
    const live = camera.on && !still;
    camera.video.hidden = !live;
    image.hidden = !still;
    if (still && image.src !== still.address) image.src = still.address;
    if (live && camera.video.videoWidth) shape(camera.video.videoWidth, camera.video.videoHeight);
    const mirrored = still ? still.mirrored : camera.mirrored;
    box.classList.toggle("mirrored", mirrored && (live || still !== null));
    message.hidden = live || still !== null;
    square.hidden = !message.hidden;
    if (!message.hidden) drawMessage();
    const wrong = still?.kind === "wrong";
    wrongPart.hidden = !wrong;
    buttons.hidden = wrong;
    whyButton.hidden = wrongButton.hidden = !ready || message.hidden === false;
    backButton.hidden = !tried;
    backButton.textContent = camera.on ? t("teach.back_to_camera") : t("teach.close_picture");
    tryButton.textContent = tried ? t("teach.try_another") : t("teach.try_picture");
    mirror.hidden = stop.hidden = !live;
    devices.hidden = !live || camera.devices.length < 2;
    mirror.setAttribute("aria-pressed", String(camera.mirrored));
    if (!message.hidden && !tried) (answer.clear(), (heat.hidden = true));
    drawDevices();
    if (wrong) drawChips();
  }

  function drawMessage() {
    const named = project.classes.length > 0;
    const key = `${camera.state} ${named}`;
    if (message.dataset.state === key) return;
    message.dataset.state = key;
    const start = (/** @type {string} */ word, primary = false) => h(primary ? "button.primary.large.start_camera" : "button.start_camera", { onclick: turnOn }, word);
    const [text, hint] = words(camera.state);
    const off = camera.state === "off";
    message.replaceChildren(
      ...(text ? [h("p", {}, h("strong", {}, text))] : []),
      ...(hint ? [h("p.small", {}, hint)] : []),
      ...(camera.state === "starting" || camera.state === "insecure" ? [] : [start(off ? t("teach.camera_on") : t("teach.camera_again"), off && named)]),
    );
    message.classList.toggle("problem", !["off", "starting"].includes(camera.state));
    message.setAttribute("role", message.classList.contains("problem") ? "alert" : "presentation");
  }

  function drawDevices() {
    const wanted = camera.devices.map((one) => one.deviceId).join();
    if (devices.dataset.wanted !== wanted) {
      devices.dataset.wanted = wanted;
      devices.replaceChildren(...camera.devices.map((one, index) => h("option", { value: one.deviceId }, one.label || t("teach.camera_n", { n: index + 1 }))));
    }
    devices.value = camera.device;
  }

  function drawChips() {
    const what = project.classes.map((one) => [one.id, one.name, one.color]);
    redrawNew(chips, what, () =>
      project.classes.map((one) => {
        const chip = h("button.chip", { dir: "auto", dataset: { key: one.id }, onclick: () => choose(one.id) }, h("span.swatch", { "aria-hidden": "true" }), one.name);
        chip.style.setProperty("--color", project.colorOf(one));
        return chip;
      }),
    );
  }

  const shape = (wide = 4, high = 3) => {
    box.style.setProperty("--wide", String(wide / high));
    square.style.setProperty("inline-size", `${(100 * LOOKS_AT * Math.min(wide, high)) / wide}%`);
  };
  camera.video.addEventListener("resize", () => !still && camera.on && shape(camera.video.videoWidth, camera.video.videoHeight));
  image.addEventListener("load", () => shape(image.naturalWidth, image.naturalHeight));
  image.addEventListener("error", () => still && shape());
  camera.addEventListener("change", () => {
    draw();
    loop.go();
  });
  draw();

  return {
    element,
    loop,
    draw,
    /** @param {boolean} now  Whether the model answers. */
    setReady(now) {
      const fresh = now && !ready;
      ready = now;
      loop.open = now;
      if (!now) answer.clear();
      draw();
      if (fresh && tried) askStill();
      loop.go();
    },
    /** The model is another one: what stands still is asked anew. */
    again: askStill,
    /** @param {{name: string, color: string} | null} now  Which class is recorded. */
    setRecording(now) {
      recording.hidden = now === null;
      box.classList.toggle("recording", now !== null);
      if (now) {
        recording.textContent = t("teach.recording_class", { name: now.name });
        box.style.setProperty("--color", now.color);
      }
    },
    toCamera: () => (still ? toCamera() : undefined),
  };
}

/**
 * @param {import("./camera.js").CameraState} state
 * @returns {[string, string]}  What is the matter, and what to do.
 */
function words(state) {
  if (state === "starting") return [t("teach.camera_starting"), t("teach.camera_starting_hint")];
  if (state === "refused") return [t("teach.camera_refused"), t("teach.camera_refused_hint")];
  if (state === "missing") return [t("teach.camera_missing"), t("teach.camera_missing_hint")];
  if (state === "in_use") return [t("teach.camera_in_use"), t("teach.camera_in_use_hint")];
  if (state === "unplugged") return [t("teach.camera_unplugged"), t("teach.camera_unplugged_hint")];
  if (state === "insecure") return [t("teach.camera_insecure"), t("teach.camera_insecure_hint")];
  return ["", t("teach.camera_off_hint")];
}

/**
 * Return a picture that the browser reads, small enough to send; null where it cannot.
 * @param {string} address
 * @returns {Promise<Blob | null>}
 */
async function smaller(address) {
  const picture = new Image();
  picture.src = address;
  try {
    await picture.decode();
  } catch {
    return null;
  }
  return jpeg(picture, picture.naturalWidth, picture.naturalHeight, LARGE);
}
