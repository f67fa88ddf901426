// @ts-check
/** Frame, answer, bars, again: one request under way at a time; nothing while the page is hidden. */

import { Unreachable, send } from "./api.js";

/** @typedef {{ready: boolean, classes: {id: string, name: string, score: number}[], ms?: number, heat?: {class: string, width: number, height: number, data: string}}} Answer */

const LONGEST = 320;
const REST = 1000;
const IDLE = 400;
const KEPT = 200;

export class LiveLoop {
  /**
   * @param {string} project
   * @param {import("./camera.js").Camera} camera
   * @param {(answer: Answer) => void} show
   */
  constructor(project, camera, show) {
    this.path = `/api/predict?project=${encodeURIComponent(project)}`;
    this.camera = camera;
    this.show = show;
    this.why = false;
    /** Whether there is something that answers. */
    this.open = false;
    this.held = false;
    this.running = false;
    /** @type {number[]} */
    this.times = [];
    /** @type {number[]} */
    this.ends = [];
    document.addEventListener("visibilitychange", () => this.go());
  }

  /** Whether it should look now. */
  get wanted() {
    return this.open && !this.held && this.camera.on && !document.hidden;
  }

  async go() {
    if (this.running) return;
    this.running = true;
    try {
      while (this.wanted) await this.once();
    } finally {
      this.running = false;
    }
  }

  async once() {
    await this.camera.next();
    const start = performance.now();
    const frame = await this.camera.frame(LONGEST);
    if (!frame) return rest(IDLE);
    try {
      const answer = await this.ask(frame);
      if (!this.wanted) return;
      this.show(answer);
      if (!answer.ready) return rest(IDLE);
      this.measured(start);
    } catch (error) {
      await rest(error instanceof Unreachable ? REST : IDLE);
    }
  }

  /**
   * @param {Blob} frame
   * @returns {Promise<Answer>}
   */
  ask(frame) {
    return send(this.path + (this.why ? "&why=1" : ""), frame);
  }

  /**
   * Keep how long it took from frame to bars, where a measurement finds it: `performance` and `document.body`.
   * @param {number} start
   */
  measured(start) {
    const end = performance.now();
    performance.measure("mmedu:answer", { start, end });
    this.times.push(end - start);
    this.ends.push(end);
    if (this.times.length < KEPT && this.ends.length % 5) return;
    this.times = this.times.slice(-KEPT);
    this.ends = this.ends.slice(-KEPT);
    const sorted = [...this.times].sort((a, b) => a - b);
    const recent = this.ends.filter((at) => at > end - 3000);
    const { dataset } = document.body;
    dataset.liveP50 = sorted[Math.floor(sorted.length * 0.5)].toFixed(1);
    dataset.liveP95 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))].toFixed(1);
    dataset.livePerSecond = recent.length > 1 ? ((1000 * (recent.length - 1)) / (end - recent[0])).toFixed(1) : "0";
    if (performance.getEntriesByName("mmedu:answer").length > 5000) performance.clearMeasures("mmedu:answer");
  }
}

/** @param {number} ms */
const rest = (ms) => new Promise((done) => setTimeout(done, ms));
