// @ts-check
/** One project as the page knows it: read from the server, changed through it, told to whoever shows it. */

import { Refused, get, post, remove, send } from "./api.js";

/** @typedef {{id: string, width: number, height: number, added: number | string}} Picture */
/** @typedef {{id: string, name: string, color: number, count: number, pictures: Picture[]}} PictureClass */
/** @typedef {{id: string, name: string, kind: string, revision: number, settings: Record<string, any>, classes: PictureClass[]}} ProjectData */

const COLORS = 8;
const PAUSE = 100;
const TOGETHER = 4;

/** Tells `change` when it is another than before, `gone` when nobody has it any more. */
export class Project extends EventTarget {
  /** @param {string} id */
  constructor(id) {
    super();
    this.id = id;
    this.path = `/api/projects/${encodeURIComponent(id)}`;
    /** @type {ProjectData} */
    this.data = { id, name: "", kind: "classify", revision: 0, settings: {}, classes: [] };
    /** @type {Promise<void> | null} */
    this.reading = null;
    /** @type {Promise<void> | null} */
    this.next = null;
  }

  /** @returns {PictureClass[]} */
  get classes() {
    return this.data.classes;
  }

  /** @param {string} id */
  find(id) {
    return this.classes.find((one) => one.id === id);
  }

  /** @param {string} picture */
  classOf(picture) {
    return this.classes.find((one) => one.pictures.some((each) => each.id === picture));
  }

  /** @param {PictureClass} one */
  colorOf(one) {
    return `var(--class-${one.color % COLORS})`;
  }

  /** @param {string} picture */
  thumb(picture) {
    return `${this.path}/pictures/${picture}/thumb`;
  }

  /** @param {string} picture */
  picture(picture) {
    return `${this.path}/pictures/${picture}`;
  }

  /**
   * Read it anew. Who asks while one reading is under way waits for the next one; many changes are one reading.
   * @returns {Promise<void>}
   */
  read() {
    if (!this.reading) return (this.reading = this.once().finally(() => (this.reading = null)));
    this.next ??= this.reading.catch(() => {}).then(async () => {
      await new Promise((done) => setTimeout(done, PAUSE));
      this.next = null;
      await this.read();
    });
    return this.next;
  }

  async once() {
    try {
      this.data = await get(this.path);
      this.told();
    } catch (error) {
      if (!(error instanceof Refused && error.status === 404)) throw error;
      this.dispatchEvent(new Event("gone"));
    }
  }

  told() {
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} name */
  async rename(name) {
    await post(this.path, { name });
    await this.read();
  }

  /**
   * @param {string} name
   * @returns {Promise<string>}  The id of the new class.
   */
  async addClass(name) {
    const made = await post(`${this.path}/classes`, { name });
    await this.read();
    return made.id;
  }

  /**
   * @param {string} id
   * @param {{name?: string, color?: number}} what
   */
  async changeClass(id, what) {
    await post(`${this.path}/classes/${id}`, what);
    await this.read();
  }

  /**
   * @param {string} id
   * @returns {Promise<() => Promise<void>>}  Takes it back: class and pictures are made again.
   */
  async removeClass(id) {
    const one = this.find(id);
    if (!one) return async () => {};
    const { name, color } = one;
    const kept = await this.fetched(one.pictures.map((picture) => picture.id));
    await remove(`${this.path}/classes/${id}`);
    await this.read();
    return async () => {
      const made = await this.addClass(name);
      await this.changeClass(made, { color });
      for (const data of kept) await this.addPicture(made, data);
    };
  }

  /**
   * Send one picture; what is known of the project grows at once, without reading it anew.
   * @param {string} id  Of the class.
   * @param {Blob} data
   * @returns {Promise<string>}  The picture's id; "" for none.
   */
  async addPicture(id, data) {
    const answer = await send(`${this.path}/classes/${id}/pictures`, data);
    this.taken(id, answer);
    return answer.added?.[0]?.id ?? "";
  }

  /**
   * @param {string} id
   * @param {{added?: Picture[], revision?: number}} answer
   */
  taken(id, answer) {
    if (answer.revision === this.data.revision + 1) this.data.revision = answer.revision; // nobody else changed anything
    const one = this.find(id);
    const fresh = (answer.added ?? []).filter((picture) => one && !one.pictures.some((each) => each.id === picture.id));
    if (!one || !fresh.length) return;
    one.pictures.push(...fresh);
    one.count = one.pictures.length;
    this.told();
  }

  /**
   * @param {string} picture
   * @returns {Promise<() => Promise<void>>}  Takes it back.
   */
  async removePicture(picture) {
    const one = this.classOf(picture);
    const kept = await this.fetched([picture]);
    await remove(`${this.path}/pictures/${picture}`);
    if (one) {
      one.pictures = one.pictures.filter((each) => each.id !== picture);
      one.count = one.pictures.length;
      this.told();
    }
    return async () => {
      for (const data of kept) await this.addPicture(one?.id ?? "", data);
    };
  }

  /**
   * Return pictures as they are, to bring them back.
   * @param {string[]} pictures
   * @returns {Promise<Blob[]>}
   */
  async fetched(pictures) {
    const found = [];
    for (let at = 0; at < pictures.length; at += TOGETHER) {
      found.push(...(await Promise.all(pictures.slice(at, at + TOGETHER).map((picture) => get(this.picture(picture))))));
    }
    return found;
  }

  /**
   * @param {string} picture
   * @param {string} id  Of the class that it goes to.
   */
  async movePicture(picture, id) {
    await post(`${this.path}/pictures/${picture}/move`, { class: id });
    await this.read();
  }
}
