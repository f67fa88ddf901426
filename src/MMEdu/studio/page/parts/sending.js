// @ts-check
/** Recorded pictures on their way to the server: two at a time, kept until they have arrived. */

import { Refused } from "./api.js";
import { tell } from "./told.js";
import { t } from "./words.js";

/** @typedef {{to: string, data: Blob, arrived?: (picture: string) => void}} Waiting */

const AT_ONCE = 2;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
const AGAIN = [408, 429, 500, 502, 503, 504, 507];

/** Tells `change` when another number waits, and `blocked` with the error that holds it up. */
export class Sending extends EventTarget {
  /** @param {(to: string, data: Blob) => Promise<string>} deliver  Returns the picture's id. */
  constructor(deliver) {
    super();
    this.deliver = deliver;
    /** @type {Waiting[]} */
    this.queue = [];
    this.under_way = 0;
    this.pause = FIRST_PAUSE;
    /** @type {unknown} */
    this.held = null;
    this.timer = 0;
    addEventListener("beforeunload", (event) => this.waiting && event.preventDefault());
  }

  /** How many have not arrived. */
  get waiting() {
    return this.queue.length + this.under_way;
  }

  /**
   * @param {string} to  Id of the class.
   * @param {Blob} data
   * @param {(picture: string) => void} [arrived]
   */
  add(to, data, arrived) {
    this.queue.push({ to, data, arrived });
    this.told();
    if (!this.held) this.go();
  }

  /** Try now: the server is back. */
  retry() {
    clearTimeout(this.timer);
    this.held = null;
    this.pause = FIRST_PAUSE;
    this.go();
  }

  go() {
    while (this.under_way < AT_ONCE && this.queue.length && !this.held) this.one(/** @type {Waiting} */ (this.queue.shift()));
    this.told();
  }

  /** @param {Waiting} one */
  async one(one) {
    this.under_way += 1;
    try {
      const picture = await this.deliver(one.to, one.data);
      this.pause = FIRST_PAUSE;
      if (picture) one.arrived?.(picture);
    } catch (error) {
      if (!(error instanceof Refused) || AGAIN.includes(error.status)) this.hold(one, error);
      else this.lost(error);
    } finally {
      this.under_way -= 1;
    }
    this.go();
  }

  /**
   * @param {Waiting} one
   * @param {unknown} error
   */
  hold(one, error) {
    this.queue.unshift(one);
    if (this.held) return;
    this.held = error;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.held = null;
      this.go();
    }, this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  /** @param {Refused} error */
  lost(error) {
    tell(error.status === 404 ? t("teach.class_gone") : error, "error");
  }

  told() {
    this.dispatchEvent(new Event("change"));
  }
}
