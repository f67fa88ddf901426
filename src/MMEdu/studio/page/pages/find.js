// @ts-check
/** Find: pictures on the left, boxes are drawn in the middle, things and what comes next on the right. */

import { Refused, follow, get, post, remove, send, sendFiles, withLanguage } from "../parts/api.js";
import { BoxCanvas } from "../parts/box_canvas.js";
import { BoxKeeping } from "../parts/box_keeping.js";
import { cameraShots } from "../parts/camera_shots.js";
import { acceptDrop, keepPage, sendMany } from "../parts/drop.js";
import { boxesWords, findClasses } from "../parts/find_classes.js";
import { findTraining } from "../parts/find_training.js";
import { h } from "../parts/h.js";
import { menu } from "../parts/menu.js";
import { pictureStrip } from "../parts/picture_strip.js";
import { wear } from "../parts/sheet.js";
import { sentences, tell } from "../parts/told.js";
import { t } from "../parts/words.js";

/** @typedef {import("../parts/box_canvas.js").Box} Box */
/** @typedef {{id: string, name: string, color: number}} Thing */
/** @typedef {{id: string, width: number, height: number}} Picture */
/** @typedef {{pictures: Record<string, Record<string, number>>, drawn: number, empty: number, boxes: Record<string, number>, ready: boolean, sentences: {kind: string, text: string}[], notes: string[]}} Overview */
/** @typedef {{id: string, name: string, kind: string, folder: string, notes: string[], classes: Thing[], pictures: Picture[]}} ProjectData */

const SOON = 500;
const TOLD_REFUSED = 3;
const PORTION = 12 * 1024 * 1024;

/** @param {import("../shell.js").Here} here */
export async function show({ main, state, path }) {
  wear("teach", "find");
  const address = `/api/projects/${encodeURIComponent(path[0] ?? "")}`;
  try {
    /** @type {ProjectData} */
    const data = await get(address);
    if (data.kind !== "find") {
      location.replace(`/teach/${data.id}`);
      return;
    }
    await new Finding(main, state, address, data).begin();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const [message, hint] = sentences(error);
    main.replaceChildren(h("section.narrow", {}, h("h1", {}, message), h("p", {}, hint), h("p", {}, h("a.button.primary", { href: "/" }, t("find.to_home")))));
  }
}

/** The page of one project. */
class Finding {
  /**
   * @param {HTMLElement} main
   * @param {import("../shell.js").State} state
   * @param {string} path
   * @param {ProjectData} data
   */
  constructor(main, state, path, data) {
    this.main = main;
    this.path = path;
    this.data = data;
    /** @type {Overview} */
    this.overview = { pictures: {}, drawn: 0, empty: 0, boxes: {}, ready: false, sentences: [], notes: [] };
    this.current = "";
    /** Class of the next box. */
    this.thing = data.classes[0]?.id ?? "";
    this.soon = 0;
    this.lost = false;
    this.keeping = new BoxKeeping(path);
    this.training = findTraining(data, state);
    this.canvas = new BoxCanvas({
      label: t("find.canvas"),
      colorOf: (id) => this.colorOf(id),
      nameOf: (id) => this.thingOf(id)?.name ?? "",
      classNow: () => this.thing,
      change: (boxes, fresh) => this.changed(boxes, fresh),
      choose: () => this.drawTools(),
      viewed: () => this.drawTools(),
    });
    this.strip = pictureStrip({
      label: t("find.pictures"),
      address: (id) => `${path}/pictures/${id}/thumb`,
      name: (id, place, all) => this.nameOf(id, place, all),
      mark: (id) => this.markOf(id),
      choose: (id) => this.open(id),
    });
    this.things = findClasses({
      choose: (id) => this.chooseThing(id),
      add: (name) => this.addThing(name),
      rename: (id, name) => this.change(() => post(`${path}/classes/${id}`, { name })),
      recolor: (id, color) => this.change(() => post(`${path}/classes/${id}`, { color })),
      remove: (id) => this.removeThing(id),
    });
    this.layout();
  }

  layout() {
    const { data } = this;
    this.name = h("input.project_name", { type: "text", dir: "auto", value: data.name, maxlength: 300, "aria-label": t("find.project_name"), autocomplete: "off", spellcheck: false, onchange: () => this.rename() });
    this.saved = h("span.saved.small.soft", { role: "status" });
    this.banner = h("div.banner.lost", { role: "status", hidden: true });
    this.notes = h("div.stack");
    this.file = h("input", { type: "file", multiple: true, accept: "image/*,.heic,.zip,.json", hidden: true, onchange: () => this.chosen(this.file) });
    this.folder = h("input", { type: "file", multiple: true, webkitdirectory: true, hidden: true, onchange: () => this.chosen(this.folder) });
    const shots = cameraShots((shot) => this.takeShot(shot));
    const tool = (/** @type {string} */ text, /** @type {() => void} */ act, /** @type {string} */ keys, icon = "") => h("button.tool", { type: "button", title: keys ? `${text} (${keys})` : text, "aria-keyshortcuts": keys || null, onclick: act }, icon ? h("span", { "aria-hidden": "true" }, icon) : null, icon ? h("span.unseen", {}, text) : text);
    this.undoButton = tool(t("find.undo"), () => this.undo(), "Ctrl+Z", "↶");
    this.redoButton = tool(t("find.redo"), () => this.redo(), "Ctrl+Y", "↷");
    this.deleteButton = tool(t("find.delete_box"), () => this.canvas.removeChosen(), "Delete");
    this.copyButton = tool(t("find.copy_next"), () => this.copyToNext(), "C");
    this.emptyButton = h("button.tool", { type: "button", title: `${t("find.empty")} (E)`, "aria-keyshortcuts": "E", "aria-pressed": "false", onclick: () => this.toggleEmpty() }, t("find.empty"));
    this.outButton = tool(t("find.zoom_out"), () => this.canvas.zoom(1 / 1.5), "−", "−");
    this.inButton = tool(t("find.zoom_in"), () => this.canvas.zoom(1.5), "+", "+");
    this.wholeButton = tool(t("find.zoom_whole"), () => this.canvas.whole(), "0", "⤢");
    this.before = tool(t("find.previous"), () => this.step(-1), "Page Up", "‹");
    this.after = tool(t("find.next"), () => this.step(1), "Page Down", "›");
    this.undone = tool(t("find.next_undone"), () => this.nextUndone(), "N");
    this.which = h("select.which", { "aria-label": t("find.which"), onchange: () => this.chooseThing(this.which.value) });
    this.place = h("span.place.soft", { role: "status" });
    this.boxWords = h("p.unseen", { role: "status" });
    this.hint = h("p.canvas_hint.soft", {});
    this.blank = h("div.blank");
    this.advice = h("div.advice.stack", { role: "status" });
    this.next = h("div.card.stack", {}, this.advice, this.training.element);
    const keys = h("details.keys.small", {}, h("summary", {}, t("find.keys")), h("dl", {}, ...keyList().flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])));
    const adding = menu(t("find.more_ways"), h("button", { type: "button", onclick: () => this.folder.click() }, t("find.add_folder")), h("button", { type: "button", onclick: shots }, t("find.camera")), h("button", { type: "button", onclick: () => this.removePicture() }, t("find.remove_picture")), h("a.button", { href: withLanguage(`${this.path}/coco`), download: "" }, t("find.coco_out")));
    this.work = h(
      "section.find_middle",
      { "aria-label": t("find.step_draw") },
      h("div.tools", {}, h("div.row", {}, this.before, this.place, this.after, this.undone), h("div.row", {}, this.undoButton, this.redoButton, this.outButton, this.inButton, this.wholeButton)),
      this.canvas.element,
      this.blank,
      h("div.tools", {}, h("div.row", {}, this.which, this.copyButton, this.emptyButton), this.deleteButton),
      this.hint,
      this.boxWords,
    );
    this.left = h("section.find_left", { "aria-label": t("find.pictures") }, h("div.add_row", {}, h("button.add_pictures", { type: "button", onclick: () => this.file.click() }, t("find.add_pictures")), adding), this.strip.element);
    this.right = h(
      "section.find_right",
      { "aria-label": t("find.step_things") },
      h("div.card.stack", {}, h("h2", {}, t("find.things")), this.things.element),
      this.next,
      keys,
    );
    this.main.replaceChildren(
      h("div.teach_head.find_head", {}, h("h1.unseen", {}, data.name), this.name, this.saved),
      this.banner,
      this.notes,
      h("div.find", {}, this.left, this.work, this.right),
      this.training.place,
      this.file,
      this.folder,
    );
    this.blank.replaceChildren(
      h("h2", {}, t("find.begin")),
      h("p", {}, t("find.begin_why")),
      h("div.row", {}, h("button.primary.large", { type: "button", onclick: () => this.file.click() }, t("find.add_pictures")), h("button.large", { type: "button", onclick: shots }, t("find.camera")), h("button.large", { type: "button", onclick: () => this.folder.click() }, t("find.add_folder"))),
      h("p.small.soft", {}, t("find.begin_coco")),
    );
  }

  async begin() {
    document.title = `${this.data.name} · MMEdu`;
    keepPage();
    acceptDrop(this.main, (files) => this.take(files));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
      if (files.length) this.take(files);
    });
    this.keeping.addEventListener("change", () => this.drawTools());
    this.keeping.addEventListener("refused", (event) => this.refused(/** @type {CustomEvent} */ (event).detail));
    follow(`${this.path}/events`, {
      changed: () => this.readSoon(),
      boxes: (told) => this.elsewhere(told),
      missed: () => this.readAll(),
      lost: () => this.offline(true),
      back: () => this.offline(false),
    });
    await this.readOverview();
    const first = this.data.pictures.find((one) => !(one.id in this.overview.pictures)) ?? this.data.pictures[0];
    if (first) await this.open(first.id);
    this.draw();
    for (const note of this.data.notes ?? []) this.notes.append(h("p.hint", {}, note));
    await this.training.start().catch(() => {});
  }

  // --- reading -----------------------------------------------------------------------------------------------------------

  readSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.readAll(), SOON);
  }

  async readAll() {
    try {
      const before = this.data.classes.map((one) => one.id).join();
      this.data = await get(this.path);
      await this.readOverview();
      // Only now: what is drawn while this is read is still to be sent, and is not forgotten.
      if (before !== this.data.classes.map((one) => one.id).join()) this.keeping.forget();
    } catch (error) {
      tell(error);
      return;
    }
    if (document.activeElement !== this.name) this.name.value = this.data.name;
    if (!this.thingOf(this.thing)) this.thing = this.data.classes[0]?.id ?? "";
    if (!this.data.pictures.some((one) => one.id === this.current)) await this.open(this.data.pictures[0]?.id ?? "");
    else if (!this.keeping.known.has(this.current)) await this.open(this.current);
    else if (!this.canvas.gesture) this.canvas.draw(); // things may have other names and colours
    this.draw();
  }

  async readOverview() {
    this.overview = await get(`${this.path}/boxes`);
    this.notes.replaceChildren(...this.overview.notes.map((/** @type {string} */ note) => h("p.hint", {}, note)));
  }

  overviewSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(async () => {
      if (this.keeping.waiting.size) return this.overviewSoon();
      await this.readOverview().catch(() => {});
      this.draw();
    }, SOON);
  }

  /** @param {{picture: string, page?: string}} told */
  async elsewhere(told) {
    const anew = this.keeping.changedElsewhere(told);
    if (told.page === this.keeping.page) return;
    this.overview.pictures[told.picture] ??= {};
    if (anew && told.picture === this.current && !this.canvas.gesture) await this.open(this.current);
    this.overviewSoon();
  }

  /** @param {boolean} lost */
  offline(lost) {
    this.lost = lost;
    this.banner.hidden = !lost;
    this.banner.textContent = t("find.offline");
    if (!lost) this.readAll();
  }

  /** @param {{error: unknown, picture: string}} detail */
  async refused({ error, picture }) {
    tell(error);
    if (picture === this.current) this.readAll();
  }

  // --- pictures ----------------------------------------------------------------------------------------------------------

  /** @param {string} id */
  async open(id) {
    this.current = id;
    if (!id) return this.draw();
    const picture = this.data.pictures.find((one) => one.id === id);
    if (!this.keeping.known.has(id) && !(id in this.overview.pictures) && picture?.width) this.keeping.known.set(id, { width: picture.width, height: picture.height, boxes: null });
    if (!this.keeping.known.has(id)) this.canvas.show(`${this.path}/pictures/${id}`, picture?.width || 1, picture?.height || 1, null);
    this.drawTools();
    try {
      const known = await this.keeping.of(id);
      if (this.current !== id) return;
      this.canvas.element.style.setProperty("--ratio", `${known.width} / ${known.height}`);
      this.canvas.show(`${this.path}/pictures/${id}`, known.width, known.height, known.boxes ?? []);
    } catch (error) {
      if (this.current !== id) return;
      this.canvas.show("", 1, 1, null);
      tell(error);
    }
    this.draw();
  }

  get index() {
    return this.data.pictures.findIndex((one) => one.id === this.current);
  }

  /** @param {number} by */
  step(by) {
    const next = this.data.pictures[this.index + by];
    if (next) return this.open(next.id);
    return undefined;
  }

  nextUndone() {
    const { pictures } = this.data;
    const order = [...pictures.slice(this.index + 1), ...pictures.slice(0, Math.max(this.index, 0))];
    const next = order.find((one) => this.boxesOf(one.id) === null);
    if (next) this.open(next.id);
    else tell(t("find.all_done"), "done");
  }

  async copyToNext() {
    const next = this.data.pictures[this.index + 1];
    if (!next) return tell(t("find.no_next"));
    const boxes = this.canvas.boxes.map((box) => ({ ...box }));
    if (!boxes.length) return tell(t("find.nothing_to_copy"));
    await this.open(next.id);
    const known = await this.keeping.of(next.id);
    const mine = known.boxes ?? [];
    const fresh = boxes.filter((box) => !mine.some((one) => one.class === box.class && Math.abs(one.x - box.x) + Math.abs(one.y - box.y) < 2)).map((box) => inside(box, known.width, known.height));
    this.canvas.set([...mine, ...fresh], -1);
    this.changed(this.canvas.boxes, false);
    tell(fresh.length === 1 ? t("find.copied_1") : t("find.copied", { n: fresh.length }), "done");
  }

  toggleEmpty() {
    if (!this.current) return;
    const boxes = this.boxesNow();
    if (this.canvas.locked) return;
    if (boxes?.length) return tell(t("find.has_boxes"));
    this.keeping.put(this.current, boxes === null ? [] : null);
    this.overviewSoon();
    this.draw();
  }

  /** @param {HTMLInputElement} input */
  chosen(input) {
    const files = [...(input.files ?? [])];
    input.value = "";
    this.take(files);
  }

  /** @param {File[]} files */
  async take(files) {
    if (!files.length) return;
    const documents = files.filter((file) => /\.json$/i.test(file.name));
    const zips = files.filter((file) => /\.zip$/i.test(file.name));
    const rest = files.filter((file) => !documents.includes(file) && !zips.includes(file));
    this.saved.textContent = t("find.adding");
    const first = this.data.pictures.length === 0;
    try {
      for (const zip of zips) await this.takeZip(zip);
      if (documents.length) await this.takeSet(documents, rest);
      else if (rest.length) this.report(await sendMany(`${this.path}/pictures`, rest, (_, sent) => (this.saved.textContent = t("find.adding_n", { n: sent, all: rest.length }))));
    } catch (error) {
      tell(error);
    }
    this.keeping.forget();
    await this.readAll();
    if (first && this.data.pictures.length) await this.open(this.data.pictures[0].id);
    this.drawTools();
  }

  /**
   * A zip may be a set with annotations, or pictures alone.
   * @param {File} zip
   */
  async takeZip(zip) {
    try {
      this.reportSet(await sendFiles(`${this.path}/coco`, [zip]));
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== -701) throw error;
      this.report(await sendFiles(`${this.path}/pictures`, [zip]));
    }
  }

  /**
   * A folder with annotations goes in portions, each with the part of the annotations that is its own.
   * @param {File[]} documents
   * @param {File[]} pictures
   */
  async takeSet(documents, pictures) {
    const texts = await Promise.all(documents.map(async (file) => ({ file, json: await parsed(file) })));
    const all = { pictures: /** @type {string[]} */ ([]), boxes: 0, refused: /** @type {any[]} */ ([]), notes: /** @type {string[]} */ ([]) };
    let sent = 0;
    for (const portion of portions(pictures)) {
      const names = new Set(portion.map((file) => file.name));
      const parts = texts.filter((one) => one.json).map(({ file, json }) => part(file, json, names));
      const told = await sendFiles(`${this.path}/coco`, [...parts, ...portion]);
      all.pictures.push(...told.pictures);
      all.boxes += told.boxes;
      all.refused.push(...told.refused);
      sent += portion.length;
      this.saved.textContent = t("find.adding_n", { n: sent, all: pictures.length });
    }
    if (!pictures.length) tell(t("find.only_json"));
    else this.reportSet(all);
  }

  /** @param {{pictures: string[], boxes: number, refused: any[], notes: string[]}} told */
  reportSet(told) {
    if (told.pictures.length) tell(t("find.came_in", { pictures: told.pictures.length, boxes: told.boxes }), "done");
    for (const note of told.notes) tell(note);
    this.report({ refused: told.refused });
  }

  /** @param {{refused?: {file: string, message: string, hint?: string}[]}} answer */
  report({ refused = [] }) {
    for (const one of refused.slice(0, TOLD_REFUSED)) tell(`${one.message} ${one.hint ?? ""}`.trim(), "error");
    if (refused.length > TOLD_REFUSED) tell(t("find.more_refused", { n: refused.length - TOLD_REFUSED }));
  }

  /** @param {Blob} shot */
  async takeShot(shot) {
    const told = await send(`${this.path}/pictures`, shot);
    const id = told.added?.[0]?.id;
    await this.readAll();
    if (id) await this.open(id);
  }

  async removePicture() {
    const id = this.current;
    if (!id) return;
    const at = this.index;
    if ((this.boxesNow() ?? []).length && !(await this.sure(t("find.remove_picture_sure"), t("find.remove_picture")))) return;
    await this.change(() => remove(`${this.path}/pictures/${id}`));
    const next = this.data.pictures[Math.min(at, this.data.pictures.length - 1)];
    await this.open(next?.id ?? "");
  }

  // --- boxes -------------------------------------------------------------------------------------------------------------

  /** @returns {Box[] | null} */
  boxesNow() {
    return this.keeping.known.get(this.current)?.boxes ?? null;
  }

  /**
   * How many boxes of each class a picture has; null: nobody has looked at it.
   * @param {string} id
   * @returns {Record<string, number> | null}
   */
  boxesOf(id) {
    const known = this.keeping.known.get(id);
    if (!known) return this.overview.pictures[id] ?? null;
    if (!known.boxes) return null;
    /** @type {Record<string, number>} */
    const counts = {};
    for (const box of known.boxes) counts[box.class] = (counts[box.class] ?? 0) + 1;
    return counts;
  }

  /**
   * @param {Box[]} boxes
   * @param {boolean} fresh
   */
  async changed(boxes, fresh) {
    const { current } = this;
    if (fresh && !this.thing) {
      try {
        const made = await post(`${this.path}/classes`, { name: t("find.first_thing") });
        this.data.classes.push(made);
        this.thing = made.id;
      } catch (error) {
        tell(error);
        this.canvas.set(boxes.slice(0, -1));
        return;
      }
      for (const box of boxes) box.class ||= this.thing;
      if (current === this.current) this.canvas.set(boxes, boxes.length - 1);
      this.draw();
      this.things.rename(this.thing);
    }
    const kept = boxes.filter((box) => box.class).map((box) => ({ ...box, x: tenth(box.x), y: tenth(box.y), width: tenth(box.width), height: tenth(box.height) }));
    const before = this.keeping.known.get(current)?.boxes ?? null;
    this.keeping.put(current, kept.length || before?.length ? kept : before);
    if (!kept.length && before?.length) this.keeping.set(current, null);
    this.overviewSoon();
    this.draw();
  }

  async undo() {
    this.showAfter(await this.keeping.undo());
  }

  async redo() {
    this.showAfter(await this.keeping.redo());
  }

  /** @param {string} picture */
  async showAfter(picture) {
    if (!picture) return;
    if (picture !== this.current) await this.open(picture);
    else this.canvas.set(this.boxesNow() ?? [], -1);
    this.overviewSoon();
    this.draw();
  }

  // --- things ------------------------------------------------------------------------------------------------------------

  /** @param {string} id */
  thingOf(id) {
    return this.data.classes.find((one) => one.id === id);
  }

  /** @param {string} id */
  colorOf(id) {
    const thing = this.thingOf(id);
    return thing ? `var(--class-${thing.color % 8})` : "var(--go)";
  }

  /** @param {string} id */
  chooseThing(id) {
    this.thing = id;
    this.canvas.label(id);
    this.draw();
  }

  /** @param {string} name */
  async addThing(name) {
    await this.change(async () => {
      const made = await post(`${this.path}/classes`, { name });
      this.thing = made.id;
    });
  }

  /** @param {string} id */
  async removeThing(id) {
    const count = this.overview.boxes[id] ?? 0;
    const name = this.thingOf(id)?.name ?? "";
    if (count && !(await this.sure(t("find.remove_thing_sure", { name, n: count }), t("find.remove_thing")))) return;
    await this.change(() => remove(`${this.path}/classes/${id}`));
  }

  async rename() {
    const name = this.name.value.trim();
    if (name) await this.change(() => post(this.path, { name }));
    this.name.value = this.data.name;
  }

  /** @param {() => Promise<any>} act */
  async change(act) {
    try {
      await act();
    } catch (error) {
      tell(error);
    }
    await this.readAll();
  }

  /**
   * @param {string} question
   * @param {string} yes
   * @returns {Promise<boolean>}
   */
  sure(question, yes) {
    return new Promise((done) => {
      const dialog = h("dialog.stack", { "aria-label": yes }, h("p", {}, question), h("form.row", { method: "dialog" }, h("button", { value: "no", autofocus: true }, t("find.keep_it")), h("button.danger", { value: "yes" }, yes)));
      dialog.addEventListener("close", () => {
        dialog.remove();
        done(dialog.returnValue === "yes");
      });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  // --- keys --------------------------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.isComposing || event.altKey || target.closest("input, textarea, select, dialog, .menu[open]") || !this.current) return;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = control ? this.controlKey(key, event.shiftKey) : this.plainKey(key, event.shiftKey, target);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * @param {string} key
   * @param {boolean} shift
   * @returns {(() => void) | null}
   */
  controlKey(key, shift) {
    if (key === "z") return () => (shift ? this.redo() : this.undo());
    if (key === "y") return () => this.redo();
    const arrow = arrows(key);
    return arrow && this.canvas.chosen >= 0 ? () => this.canvas.nudge(arrow[0], arrow[1], shift, true) : null;
  }

  /**
   * @param {string} key
   * @param {boolean} shift
   * @param {Element} target
   * @returns {(() => void) | null}
   */
  plainKey(key, shift, target) {
    const { canvas } = this;
    const arrow = arrows(key);
    if (arrow && canvas.chosen >= 0) return () => canvas.nudge(arrow[0], arrow[1], shift, false);
    if (arrow && arrow[0] && (target === document.body || target === this.main || canvas.element.contains(target))) return () => this.step(arrow[0]);
    const number = /^[1-9]$/.test(key) ? this.data.classes[Number(key) - 1] : null;
    if (number) return () => this.chooseThing(number.id);
    if (/^[1-9]$/.test(key)) return () => tell(t("find.no_such_thing", { n: key }));
    if (key === "Enter" && canvas.element.contains(target)) return () => canvas.add();
    if (key === "Escape") return () => canvas.giveUp() || canvas.choose(-1);
    /** @type {Record<string, () => void>} */
    const keys = {
      b: () => (canvas.add(), canvas.svg.focus({ preventScroll: true })),
      c: () => this.copyToNext(),
      e: () => this.toggleEmpty(),
      n: () => this.nextUndone(),
      ".": () => this.cycle(1),
      ",": () => this.cycle(-1),
      Delete: () => canvas.removeChosen(),
      Backspace: () => canvas.removeChosen(),
      PageDown: () => this.step(1),
      PageUp: () => this.step(-1),
      "+": () => canvas.zoom(1.5),
      "=": () => canvas.zoom(1.5),
      "-": () => canvas.zoom(1 / 1.5),
      0: () => canvas.whole(),
    };
    return keys[key] ?? null;
  }

  /** @param {number} by */
  cycle(by) {
    const count = this.canvas.boxes.length;
    if (count) this.canvas.choose((this.canvas.chosen + by + count) % count);
    this.canvas.svg.focus({ preventScroll: true });
  }

  // --- drawing the page --------------------------------------------------------------------------------------------------

  draw() {
    const none = this.data.pictures.length === 0;
    this.blank.hidden = !none;
    this.canvas.element.hidden = none;
    for (const bar of this.work.querySelectorAll(".tools")) bar.hidden = none;
    this.next.hidden = none;
    this.main.querySelector(".find")?.classList.toggle("none", none);
    this.drawWhich();
    this.strip.show(this.data.pictures.map((one) => one.id), this.current);
    this.advice.replaceChildren(...this.overview.sentences.map(({ kind, text }) => h(kind === "hint" ? "p.hint" : "p", {}, text)));
    this.training.setReady(this.overview.ready, this.overview.drawn + this.overview.empty);
    this.drawTools();
  }

  drawTools() {
    const { canvas, keeping } = this;
    const boxes = canvas.boxes.length;
    const chosen = canvas.boxes[canvas.chosen];
    this.undoButton.disabled = !keeping.done.length;
    this.redoButton.disabled = !keeping.undone.length;
    this.deleteButton.disabled = !chosen;
    this.outButton.disabled = this.wholeButton.disabled = !canvas.zoomed;
    this.copyButton.disabled = !boxes || this.index >= this.data.pictures.length - 1;
    const looked = this.boxesNow();
    this.emptyButton.disabled = boxes > 0;
    this.emptyButton.setAttribute("aria-pressed", String(looked !== null && boxes === 0));
    this.before.disabled = this.index <= 0;
    this.after.disabled = this.index >= this.data.pictures.length - 1;
    this.place.textContent = this.data.pictures.length ? t("find.place", { n: this.index + 1, all: this.data.pictures.length }) : "";
    const now = this.thingOf(this.thing);
    this.hint.hidden = this.data.pictures.length === 0;
    this.hint.textContent = chosen ? (this.canvas.touch ? t("find.hint_touch") : t("find.hint_chosen")) : now ? t("find.hint_draw", { name: now.name }) : t("find.hint_first");
    const name = chosen ? (this.thingOf(chosen.class)?.name ?? "") : "";
    const words = chosen ? t("find.box_said", { name, n: canvas.chosen + 1, all: boxes, x: Math.round(chosen.x), y: Math.round(chosen.y), width: Math.round(chosen.width), height: Math.round(chosen.height) }) : "";
    if (this.boxWords.textContent !== words) this.boxWords.textContent = words;
    this.saved.textContent = keeping.blocked ? t("find.not_saved") : keeping.waiting.size ? t("find.saving") : keeping.done.length ? t("find.saved") : "";
    this.saved.classList.toggle("hint", keeping.blocked !== null);
    if (keeping.blocked instanceof Refused) this.banner.textContent = sentences(keeping.blocked).join(" ");
    this.banner.hidden = !this.lost && !(keeping.blocked instanceof Refused);
    this.which.hidden = !this.data.classes.length;
    this.which.value = chosen?.class ?? this.thing;
    this.things.show(this.data.classes, chosen?.class ?? this.thing, this.counts());
  }

  drawWhich() {
    const wanted = JSON.stringify(this.data.classes.map((one) => [one.id, one.name]));
    if (this.which.dataset.wanted === wanted) return;
    this.which.dataset.wanted = wanted;
    this.which.replaceChildren(...this.data.classes.map((one) => h("option", { value: one.id }, one.name)));
  }

  counts() {
    /** @type {Record<string, number>} */
    const counts = {};
    for (const one of this.data.pictures) for (const [id, n] of Object.entries(this.boxesOf(one.id) ?? {})) counts[id] = (counts[id] ?? 0) + n;
    return counts;
  }

  /** @param {string} id */
  markOf(id) {
    const counts = this.boxesOf(id);
    if (!counts) return null;
    const n = Object.values(counts).reduce((sum, one) => sum + one, 0);
    return n ? { text: String(n), kind: "some" } : { text: "∅", kind: "empty" };
  }

  /**
   * @param {string} id
   * @param {number} place
   * @param {number} all
   */
  nameOf(id, place, all) {
    const counts = this.boxesOf(id);
    const n = counts ? Object.values(counts).reduce((sum, one) => sum + one, 0) : 0;
    const what = counts === null ? t("find.not_looked") : n ? boxesWords(n) : t("find.empty");
    return `${t("find.place", { n: place, all })} ${what}`;
  }
}

/**
 * @param {string} key
 * @returns {[number, number] | null}
 */
function arrows(key) {
  /** @type {Record<string, [number, number]>} */
  const all = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  return all[key] ?? null;
}

/** @returns {[string, string][]} */
const keyList = () => [
  ["1 … 9", t("find.key_class")],
  ["B", t("find.key_new")],
  ["← ↑ → ↓", t("find.key_move")],
  ["Shift + ←", t("find.key_size")],
  ["Ctrl + ←", t("find.key_fine")],
  [". ,", t("find.key_cycle")],
  ["Delete", t("find.delete_box")],
  ["C", t("find.copy_next")],
  ["E", t("find.empty")],
  ["N", t("find.next_undone")],
  ["Page Down", t("find.next")],
  ["Ctrl + Z / Y", t("find.key_undo")],
  ["+ − 0", t("find.key_zoom")],
];

/**
 * @param {Box} box
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
function inside(box, width, height) {
  const wide = Math.min(box.width, width);
  const high = Math.min(box.height, height);
  return { ...box, width: wide, height: high, x: Math.min(box.x, width - wide), y: Math.min(box.y, height - high) };
}

/** @param {number} value */
const tenth = (value) => Math.round(value * 10) / 10;

/** @param {File} file */
async function parsed(file) {
  try {
    const json = JSON.parse(await file.text());
    return Array.isArray(json?.images) && Array.isArray(json?.annotations) ? json : null;
  } catch {
    return null;
  }
}

/**
 * The part of an annotation file that belongs to some pictures.
 * @param {File} file
 * @param {any} json
 * @param {Set<string>} names
 */
function part(file, json, names) {
  const images = json.images.filter((/** @type {any} */ one) => names.has(String(one?.file_name ?? "").split(/[\\/]/).pop() ?? ""));
  const ids = new Set(images.map((/** @type {any} */ one) => one.id));
  const annotations = json.annotations.filter((/** @type {any} */ one) => ids.has(one?.image_id));
  const made = new File([JSON.stringify({ ...json, images, annotations })], file.name, { type: "application/json" });
  Object.defineProperty(made, "webkitRelativePath", { value: file.webkitRelativePath });
  return made;
}

/** @param {File[]} files */
function* portions(files) {
  /** @type {File[]} */
  let portion = [];
  let bytes = 0;
  for (const file of files) {
    if (portion.length && (bytes + file.size > PORTION || portion.length >= 60)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(file);
    bytes += file.size;
  }
  if (portion.length) yield portion;
}
