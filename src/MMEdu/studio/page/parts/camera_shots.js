// @ts-check
/** A dialog with the camera: a picture a press. */

import { Camera } from "./camera.js";
import { h } from "./h.js";
import { tell } from "./told.js";
import { t } from "./words.js";

const LONGEST = 1280;

/** @type {Record<string, () => string>} */
const STATES = {
  off: () => t("find.camera_off"),
  starting: () => t("find.camera_starting"),
  refused: () => t("find.camera_refused"),
  missing: () => t("find.camera_missing"),
  in_use: () => t("find.camera_in_use"),
  unplugged: () => t("find.camera_missing"),
  insecure: () => t("find.camera_insecure"),
};

/** @param {string} state */
export const cameraWords = (state) => (STATES[state] ?? STATES.off)();

/**
 * @param {(shot: Blob) => Promise<void>} take
 * @returns {() => void}  Opens it.
 */
export function cameraShots(take) {
  /** @type {Camera | null} */
  let camera = null;
  let count = 0;
  const state = h("p.hint", { role: "status" });
  const told = h("p", { role: "status" });
  const shoot = h("button.primary.large", { type: "button", onclick: shot }, t("find.shoot"));
  const view = h("div.shot_view");
  const dialog = h("dialog.shots", { "aria-label": t("find.camera") }, view, state, h("div.row", {}, shoot, h("form", { method: "dialog" }, h("button.large", {}, t("find.camera_done"))), told));
  dialog.addEventListener("close", () => camera?.stop());
  document.body.append(dialog);

  async function shot() {
    const frame = await camera?.frame(LONGEST);
    if (!frame) return;
    shoot.disabled = true;
    try {
      await take(frame);
      count += 1;
      told.textContent = t("find.shots_n", { n: count });
    } catch (error) {
      tell(error);
    }
    shoot.disabled = false;
    shoot.focus();
  }

  function draw() {
    if (!camera) return;
    state.hidden = camera.on;
    state.textContent = cameraWords(camera.state);
    shoot.disabled = !camera.on;
  }

  return () => {
    if (!camera) {
      camera = new Camera();
      camera.video.setAttribute("aria-label", t("find.camera"));
      view.append(camera.video);
      camera.addEventListener("change", draw);
    }
    count = 0;
    told.textContent = "";
    dialog.showModal();
    camera.start().then(() => shoot.focus());
    draw();
  };
}
