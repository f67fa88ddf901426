// @ts-check
/** Boxes of pictures as they are kept: read once, sent box by box, the last state wins; undo and redo over all pictures. */

import { Refused, get, post } from "./api.js";

/** @typedef {import("./box_canvas.js").Box} Box */
/** @typedef {{picture: string, before: Box[] | null, after: Box[] | null}} Step */
/** @typedef {{width: number, height: number, boxes: Box[] | null}} Known */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8000;
const MOST_STEPS = 500;

/** Tells `change` when what is kept, waits or can be undone is another; `refused` with the error in `detail`. */
export class BoxKeeping extends EventTarget {
  /** @param {string} path  Of the project's API. */
  constructor(path) {
    super();
    this.path = path;
    /** Tells this page's changes from those of others. */
    this.page = Math.random().toString(36).slice(2);
    /** @type {Map<string, Known>} */
    this.known = new Map();
    /** What is not on the disk yet. @type {Map<string, Box[] | null>} */
    this.waiting = new Map();
    /** @type {Step[]} */
    this.done = [];
    /** @type {Step[]} */
    this.undone = [];
    this.sending = false;
    /** What keeps the boxes off the disk. @type {unknown} */
    this.blocked = null;
    this.pause = FIRST_PAUSE;
    addEventListener("beforeunload", (event) => (this.waiting.size || this.sending) && event.preventDefault());
  }

  /**
   * @param {string} picture
   * @returns {Promise<Known>}
   */
  async of(picture) {
    const known = this.known.get(picture);
    if (known) return known;
    const told = await get(`${this.path}/boxes/${picture}`);
    const fresh = this.known.get(picture) ?? { width: told.width, height: told.height, boxes: told.boxes };
    this.known.set(picture, fresh);
    return fresh;
  }

  /**
   * Keep the boxes of a picture.
   * @param {string} picture
   * @param {Box[] | null} boxes  Null: nobody has looked at it.
   */
  put(picture, boxes) {
    const known = this.known.get(picture);
    if (!known) return;
    this.done.push({ picture, before: known.boxes, after: boxes });
    this.done.splice(0, this.done.length - MOST_STEPS);
    this.undone = [];
    this.set(picture, boxes);
  }

  /**
   * @param {string} picture
   * @param {Box[] | null} boxes
   */
  set(picture, boxes) {
    const known = this.known.get(picture);
    if (known) known.boxes = boxes;
    this.waiting.set(picture, boxes);
    this.told();
    this.send();
  }

  /** @returns {Promise<string>}  The picture whose boxes are others now; "" where there was nothing. */
  async undo() {
    const step = this.done.pop();
    if (!step) return "";
    this.undone.push(step);
    await this.of(step.picture);
    this.set(step.picture, step.before);
    return step.picture;
  }

  /** @returns {Promise<string>} */
  async redo() {
    const step = this.undone.pop();
    if (!step) return "";
    this.done.push(step);
    await this.of(step.picture);
    this.set(step.picture, step.after);
    return step.picture;
  }

  /**
   * Another page has changed a picture.
   * @param {{picture: string, page?: string}} told
   * @returns {boolean}  Whether it has to be read anew.
   */
  changedElsewhere(told) {
    if (told.page === this.page || this.waiting.has(told.picture)) return false;
    return this.known.delete(told.picture);
  }

  /** Forget what was read: pictures or classes are others. */
  forget() {
    for (const picture of [...this.known.keys()]) if (!this.waiting.has(picture)) this.known.delete(picture);
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    while (this.waiting.size) {
      const [picture, boxes] = /** @type {[string, Box[] | null]} */ (this.waiting.entries().next().value);
      try {
        await post(`${this.path}/boxes/${picture}`, { boxes, page: this.page });
        if (this.waiting.get(picture) === boxes) this.waiting.delete(picture);
        this.pause = FIRST_PAUSE;
        this.blocked = null;
        this.told();
      } catch (error) {
        if (error instanceof Refused && error.status < 500) {
          this.waiting.delete(picture);
          this.known.delete(picture);
          this.dispatchEvent(new CustomEvent("refused", { detail: { error, picture } }));
        } else {
          this.blocked = error;
          this.told();
          await new Promise((done) => setTimeout(done, this.pause));
          this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
        }
      }
    }
    this.sending = false;
    this.told();
  }

  told() {
    this.dispatchEvent(new Event("change"));
  }
}
