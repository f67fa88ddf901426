// @ts-check
/** The camera: turned on, chosen, mirrored, its frames as JPEG; what keeps it off, in a word. */

/** @typedef {"off" | "starting" | "on" | "refused" | "missing" | "in_use" | "unplugged" | "insecure"} CameraState */

const DEVICE = "mmedu_camera";
const MIRROR = "mmedu_mirror";
const WAS_ON = "mmedu_camera_on";
const QUALITY = 0.9;
const SLOW = 200;
const QUICK = 40;
/** By the longer side: the live picture and the recorded one take turns. */
/** @type {Map<number, HTMLCanvasElement>} */
const canvases = new Map();

/** Tells `change` when its state is another one, or its devices. */
export class Camera extends EventTarget {
  constructor() {
    super();
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.autoplay = true;
    /** @type {CameraState} */
    this.state = "off";
    /** @type {MediaDeviceInfo[]} */
    this.devices = [];
    /** @type {MediaStream | null} */
    this.stream = null;
    this.facing = "";
    this.shown = 0;
    this.seen = 0;
    this.counts = false;
    this.counting = false;
    /** @type {(value: unknown) => void} */
    this.fresh = () => {};
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.list());
    addEventListener("pagehide", () => this.stop());
  }

  get on() {
    return this.state === "on";
  }

  get device() {
    return this.stream?.getVideoTracks()[0]?.getSettings().deviceId ?? "";
  }

  /** A camera that looks at the user is shown as a mirror, until it is chosen otherwise. */
  get mirrored() {
    const chosen = localStorage.getItem(MIRROR);
    return chosen === null ? this.facing !== "environment" : chosen === "yes";
  }

  set mirrored(yes) {
    localStorage.setItem(MIRROR, yes ? "yes" : "no");
    this.told();
  }

  /** Whether it was allowed here before, so that turning it on asks nothing. */
  async allowed() {
    try {
      const asked = await navigator.permissions.query({ name: /** @type {any} */ ("camera") });
      return asked.state === "granted";
    } catch {
      return false;
    }
  }

  /**
   * Turn it on.
   * @param {string} [device]  Which; the one that was chosen last by default.
   * @returns {Promise<void>}
   */
  async start(device = localStorage.getItem(DEVICE) ?? "") {
    if (!navigator.mediaDevices?.getUserMedia) return this.become("insecure");
    this.stop();
    this.become("starting");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(wanted(device));
    } catch (error) {
      if (device) {
        localStorage.removeItem(DEVICE);
        return this.start("");
      }
      return this.become(problem(error));
    }
    const track = this.stream.getVideoTracks()[0];
    track.addEventListener("ended", () => this.stream?.getVideoTracks()[0] === track && (this.stop(), this.become("unplugged")));
    this.facing = track.getSettings().facingMode ?? "";
    this.video.srcObject = this.stream;
    await this.video.play().catch(() => {});
    await this.list();
    if (device) localStorage.setItem(DEVICE, device);
    this.count();
    sessionStorage.setItem(WAS_ON, "yes");
    this.become("on");
  }

  /** Whether it was on last in this tab. */
  get wasOn() {
    return sessionStorage.getItem(WAS_ON) === "yes";
  }

  /** Turn it off, as the user wants it: it stays off. */
  turnOff() {
    sessionStorage.removeItem(WAS_ON);
    this.stop();
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    if (this.state === "on") this.become("off");
  }

  async list() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    this.devices = all.filter((one) => one.kind === "videoinput" && one.deviceId);
    this.told();
  }

  /** Come back as soon as there is a frame that was not looked at yet. */
  async next() {
    if (this.seen === this.shown) await new Promise((done) => ((this.fresh = done), setTimeout(done, this.counts ? SLOW : QUICK)));
    this.seen = this.shown;
  }

  /** Count the frames that are shown, where the browser tells of them. */
  count() {
    const video = /** @type {any} */ (this.video);
    this.counts = Boolean(video.requestVideoFrameCallback);
    if (!this.counts) return;
    const tick = () => {
      this.shown += 1;
      this.fresh(null);
      if (this.stream) video.requestVideoFrameCallback(tick);
      else this.counting = false;
    };
    if (!this.counting) video.requestVideoFrameCallback(tick);
    this.counting = true;
  }

  /**
   * Return what it shows now, as JPEG.
   * @param {number} longest  Pixels of the longer side.
   * @returns {Promise<Blob | null>}  Null when it shows nothing.
   */
  async frame(longest) {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.on || !width) return null;
    return jpeg(this.video, width, height, longest);
  }

  /** @param {CameraState} state */
  become(state) {
    this.state = state;
    this.told();
  }

  told() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {number} longest
 * @returns {Promise<Blob | null>}
 */
export function jpeg(source, width, height, longest) {
  const share = Math.min(1, longest / Math.max(width, height));
  const [wide, high] = [Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share))];
  const canvas = canvases.get(longest) ?? document.createElement("canvas");
  canvases.set(longest, canvas);
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  canvas.getContext("2d", { alpha: false, willReadFrequently: true })?.drawImage(source, 0, 0, wide, high);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

/** @param {string} device */
const wanted = (device) => ({
  audio: false,
  video: { width: { ideal: 640 }, height: { ideal: 480 }, ...(device ? { deviceId: { exact: device } } : {}) },
});

/**
 * @param {unknown} error
 * @returns {CameraState}
 */
function problem(error) {
  const name = error instanceof DOMException || error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "in_use";
}
