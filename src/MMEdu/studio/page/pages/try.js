// @ts-check
/** Try: a model, pictures or the camera, what it says in words, the drawn picture, all of it saved. */

import { Refused, Unreachable, get, send } from "../parts/api.js";
import { Camera } from "../parts/camera.js";
import { cameraWords } from "../parts/camera_shots.js";
import { acceptDrop, keepPage } from "../parts/drop.js";
import { h } from "../parts/h.js";
import { wear } from "../parts/sheet.js";
import { tell } from "../parts/told.js";
import { tryModels } from "../parts/try_models.js";
import { asCsv, asJson, percent, save, sentence, tryResults } from "../parts/try_results.js";
import { t } from "../parts/words.js";

/** @typedef {import("../parts/try_models.js").Chosen} Chosen */
/** @typedef {import("../parts/try_results.js").Answer} Answer */
/** @typedef {{name: string, data: Blob, address: string, answer: Answer | null, error: {message: string, hint: string} | null, asked: number}} Item */

const MOST = 2000;
const LONGEST = 640;
const REST = 400;
const PAUSE = 250;
const MOST_BARS = 8;
const NARROW = 640;

/** @param {import("../shell.js").Here} here */
export async function show({ main, query }) {
  wear("try");
  await new Trying(main, query).begin();
}

class Trying {
  /**
   * @param {HTMLElement} main
   * @param {URLSearchParams} query
   */
  constructor(main, query) {
    this.main = main;
    /** @type {Chosen | null} */
    this.chosen = null;
    /** @type {Item[]} */
    this.items = [];
    this.at = 0;
    /** Another model or threshold: answers of before count no more. */
    this.round = 0;
    this.running = false;
    this.threshold = "";
    this.wait = 0;
    this.live = false;
    this.film = "";
    /** @type {number[]} */
    this.ends = [];
    this.camera = new Camera();
    this.models = tryModels((chosen) => this.choose(chosen), query);
    this.results = tryResults();
    this.layout();
  }

  layout() {
    this.file = h("input", { type: "file", multiple: true, accept: "image/*,.heic", hidden: true, onchange: () => this.picked(this.file) });
    this.folder = h("input", { type: "file", multiple: true, webkitdirectory: true, hidden: true, onchange: () => this.picked(this.folder) });
    this.addButton = h("button.primary.large", { type: "button", onclick: () => this.file.click() }, t("try.pictures"));
    this.folderButton = h("button", { type: "button", onclick: () => this.folder.click() }, t("try.folder"));
    this.liveButton = h("button", { type: "button", "aria-pressed": "false", onclick: () => this.toggleLive() }, t("try.live"));
    this.image = h("img.try_picture", { alt: "", hidden: true });
    this.blank = h("p.try_blank", {});
    this.board = h("div.try_board", { tabindex: 0, "aria-label": t("try.picture") }, this.image, this.blank);
    this.before = h("button.tool", { type: "button", "aria-keyshortcuts": "ArrowLeft", onclick: () => this.go(this.at - 1) }, h("span", { "aria-hidden": "true" }, "‹"), h("span.unseen", {}, t("try.previous")));
    this.after = h("button.tool", { type: "button", "aria-keyshortcuts": "ArrowRight", onclick: () => this.go(this.at + 1) }, h("span", { "aria-hidden": "true" }, "›"), h("span.unseen", {}, t("try.next")));
    this.place = h("span.soft.place", { role: "status" });
    this.name = h("span.file_name", { dir: "auto" });
    this.clear = h("button.quiet", { type: "button", onclick: () => this.forget() }, t("try.clear"));
    this.walk = h("div.row.walk", {}, this.before, this.place, this.after, this.name, this.clear);
    this.slider = h("input", { type: "range", min: 0, max: 100, step: 1, value: 0, id: "threshold", oninput: () => this.slid() });
    this.sliderValue = h("output", { for: "threshold" });
    this.auto = h("button", { type: "button", title: t("try.auto_why"), onclick: () => this.useAuto() }, t("try.auto"));
    this.reset = h("button.quiet", { type: "button", onclick: () => this.useUsual() }, t("try.usual"));
    this.sliderLabel = h("label", { for: "threshold" });
    this.sure = h("div.sure", {}, this.sliderLabel, h("div.row.sure_row", {}, this.slider, this.sliderValue), h("div.row", {}, this.auto, this.reset));
    this.saveDrawn = h("button", { type: "button", onclick: () => this.savePicture() }, t("try.save_picture"));
    this.saveCsv = h("button", { type: "button", onclick: () => this.saveTable("csv") }, t("try.save_csv"));
    this.saveJson = h("button", { type: "button", onclick: () => this.saveTable("json") }, t("try.save_json"));
    this.progress = h("p.small.soft", { role: "status" });
    this.saving = h("div.stack", {}, h("h2", {}, t("try.save")), h("div.row", {}, this.saveDrawn, this.saveCsv, this.saveJson), this.progress);
    this.table = h("details.all_results", { hidden: true, ontoggle: () => this.drawTable() }, h("summary", {}, t("try.all")), h("div.table_scroll", {}));
    this.answer = h("section.card.stack.try_answer", { "aria-label": t("try.answer") }, h("h2", {}, t("try.answer")), this.results.element, this.sure, this.saving);
    this.main.replaceChildren(
      h("h1", {}, t("try.title")),
      h(
        "div.try",
        {},
        h("section.try_side.stack", {}, h("div.card", {}, this.models.element), h("div.card.stack.sources", {}, h("h2", {}, t("try.show_it")), this.addButton, this.folderButton, this.liveButton)),
        h("section.try_middle.stack", {}, this.board, this.walk, this.table),
        this.answer,
      ),
      this.file,
      this.folder,
    );
  }

  async begin() {
    keepPage();
    acceptDrop(this.main, (files) => this.take(files));
    document.addEventListener("paste", (event) => this.take([...(event.clipboardData?.files ?? [])]));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("visibilitychange", () => this.look());
    this.camera.addEventListener("change", () => this.cameraChanged());
    this.draw();
    await this.models.begin();
  }

  // --- the model -----------------------------------------------------------------------------------------------------------

  /** @param {Chosen | null} chosen */
  choose(chosen) {
    const other = chosen?.facts?.kind !== this.chosen?.facts?.kind || chosen?.id !== this.chosen?.id;
    this.chosen = chosen;
    if (chosen && other) this.begunAt();
    if (chosen && !chosen.live && this.live) this.toggleLive();
    this.again();
  }

  /** Ask everything anew. */
  again() {
    this.round += 1;
    for (const item of this.items) item.asked = -1;
    if (this.live) this.film = Math.random().toString(36).slice(2);
    this.draw();
    this.run();
  }

  /** Begin with what training suggests, where it did; otherwise as the model usually does. */
  begunAt() {
    const suggested = this.chosen?.facts?.suggested;
    this.threshold = suggested ? "auto" : "";
    this.setSlider(suggested || (this.chosen?.facts?.threshold ?? 0));
  }

  useUsual() {
    this.threshold = "";
    this.setSlider(this.chosen?.facts?.threshold ?? 0);
    this.again();
  }

  useAuto() {
    this.threshold = "auto";
    this.setSlider(this.chosen?.facts?.suggested ?? 0);
    this.again();
  }

  /** @param {number} value */
  setSlider(value) {
    this.slider.value = String(Math.round(value * 100));
    this.sliderValue.textContent = percent(Number(this.slider.value) / 100);
  }

  slid() {
    const value = Number(this.slider.value) / 100;
    this.threshold = String(value);
    this.sliderValue.textContent = percent(value);
    clearTimeout(this.wait);
    this.wait = setTimeout(() => this.again(), PAUSE);
  }

  // --- pictures ------------------------------------------------------------------------------------------------------------

  /** @param {HTMLInputElement} input */
  picked(input) {
    const files = [...(input.files ?? [])];
    input.value = "";
    this.take(files);
  }

  /** @param {File[]} files */
  take(files) {
    const pictures = files.filter((file) => file.type.startsWith("image/") || /\.(heic|heif|avif|bmp|tiff?|webp)$/i.test(file.name) || files.length === 1);
    if (files.length && !pictures.length) tell(t("try.no_pictures"));
    if (!pictures.length) return;
    if (this.live) this.toggleLive();
    if (pictures.length > MOST) tell(t("try.too_many", { n: MOST }));
    const fresh = pictures.slice(0, MOST).map((file) => ({ name: file.webkitRelativePath || file.name, data: file, address: "", answer: null, error: null, asked: -1 }));
    fresh.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    this.at = this.items.length;
    this.items.push(...fresh);
    if (!this.chosen) tell(t("try.choose_first"));
    this.draw();
    if (innerWidth < NARROW) this.board.scrollIntoView({ block: "start" });
    this.run();
  }

  forget() {
    for (const item of this.items) if (item.address) URL.revokeObjectURL(item.address);
    this.items = [];
    this.at = 0;
    this.round += 1;
    this.draw();
  }

  /** @param {number} index */
  go(index) {
    if (index < 0 || index >= this.items.length) return;
    this.at = index;
    this.draw();
    this.run();
  }

  /** Ask about the picture in sight first, then about the others, one at a time. */
  async run() {
    if (this.running) return;
    this.running = true;
    try {
      for (let item = this.next(); item; item = this.next()) await this.ask(item);
    } finally {
      this.running = false;
    }
  }

  next() {
    if (!this.chosen || this.live) return null;
    const now = this.items[this.at];
    if (now && (now.asked !== this.round || (!now.answer?.drawn && !now.error && this.chosen.key !== "project"))) return now;
    return this.items.find((item) => item.asked !== this.round) ?? null;
  }

  /** @param {Item} item */
  async ask(item) {
    const { round } = this;
    const seen = item === this.items[this.at];
    try {
      const answer = await this.answered(item.data, seen, "");
      if (round !== this.round) return;
      if (!seen || item.answer?.drawn) item.answer = null;
      Object.assign(item, { answer, error: null, asked: round });
      for (const other of this.items) if (other !== item && other.answer?.drawn && other !== this.items[this.at]) other.answer.drawn = null;
    } catch (error) {
      if (round !== this.round) return;
      if (error instanceof Unreachable) {
        await rest(REST * 3);
        return;
      }
      const refused = error instanceof Refused ? error : { message: String(error), hint: "" };
      Object.assign(item, { answer: null, error: { message: refused.message, hint: refused.hint }, asked: round });
    }
    this.draw();
  }

  /**
   * @param {Blob} data
   * @param {boolean} draw
   * @param {string} film
   * @returns {Promise<Answer>}
   */
  async answered(data, draw, film) {
    const chosen = /** @type {Chosen} */ (this.chosen);
    if (chosen.key === "project") {
      const told = await send(`/api/predict?project=${encodeURIComponent(chosen.id)}`, data);
      if (!told.ready) throw new Refused(409, { message: t("try.not_ready"), hint: t("try.not_ready_hint") });
      const colors = await this.colorsOf(chosen.id);
      const all = told.classes.map((/** @type {{id: string, name: string, score: number}} */ one, /** @type {number} */ index) => ({ name: one.name, label: colors.get(one.id) ?? index, score: one.score }));
      const ranked = [...all].sort((a, b) => b.score - a.score);
      const bars = all.length > MOST_BARS ? ranked.slice(0, MOST_BARS) : all;
      return { found: ranked.slice(0, 1), bars, row: { class: ranked[0].name, score: ranked[0].score }, remark: "", width: 0, height: 0, drawn: null, ms: told.ms ?? 0 };
    }
    const query = new URLSearchParams({ [chosen.key]: chosen.id, ...(this.threshold ? { thr: this.threshold } : {}), ...(draw ? {} : { draw: "0" }), ...(film ? { film } : {}) });
    /** @type {Answer} */
    const answer = await send(`/api/try?${query}`, data);
    const suggested = chosen.facts?.suggested;
    if (chosen.key === "task") answer.plain = true;
    else if (!answer.found.length && suggested && suggested < Number(this.slider.value) / 100) answer.remark = t("try.lower", { percent: percent(suggested) });
    return answer;
  }

  /**
   * The colours that classes have in their project.
   * @param {string} project
   * @returns {Promise<Map<string, number>>}
   */
  async colorsOf(project) {
    if (this.colored !== project) {
      const { classes } = await get(`/api/projects/${encodeURIComponent(project)}`);
      this.colored = project;
      this.colors = new Map(classes.map((/** @type {{id: string, color: number}} */ one) => [one.id, one.color]));
    }
    return this.colors;
  }

  // --- the camera ----------------------------------------------------------------------------------------------------------

  async toggleLive() {
    this.live = !this.live;
    this.film = Math.random().toString(36).slice(2);
    this.ends = [];
    if (!this.live) {
      this.camera.turnOff();
      this.image.removeAttribute("src");
    }
    this.draw();
    if (this.live) await this.camera.start();
    else this.run();
  }

  cameraChanged() {
    this.draw();
    this.look();
  }

  /** Frame, answer, again: one request under way at a time. */
  async look() {
    if (this.looking) return;
    this.looking = true;
    try {
      while (this.live && this.camera.on && this.chosen && !document.hidden) await this.lookOnce();
    } finally {
      this.looking = false;
    }
  }

  async lookOnce() {
    await this.camera.next();
    const { round } = this;
    const frame = await this.camera.frame(LONGEST);
    if (!frame) return rest(REST);
    try {
      const answer = await this.answered(frame, true, this.film);
      if (!this.live || round !== this.round) return undefined;
      this.shown = answer;
      if (answer.drawn) this.showPicture(answer.drawn);
      else this.showPicture(URL.createObjectURL(frame), true);
      const now = performance.now();
      this.ends = [...this.ends.filter((end) => end > now - 3000), now];
      const rate = this.ends.length > 1 ? ((this.ends.length - 1) * 1000) / (now - this.ends[0]) : 0;
      this.results.show(answer, rate ? ` · ${t("try.per_second", { n: rate.toFixed(1) })}` : "");
    } catch (error) {
      const refused = error instanceof Refused ? error : null;
      if (refused) this.results.fail(refused);
      await rest(REST * 2);
    }
    return undefined;
  }

  // --- saving --------------------------------------------------------------------------------------------------------------

  savePicture() {
    const answer = this.live ? this.shown : this.items[this.at]?.answer;
    if (!answer?.drawn) return;
    const [head, content] = answer.drawn.split(",");
    const type = head.includes("image/png") ? "image/png" : "image/jpeg";
    const data = new Blob([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], { type });
    const stem = this.live ? "live" : (this.items[this.at].name.split("/").pop() ?? "").replace(/\.[^.]*$/, "");
    save(data, `${stem}_result.${type === "image/png" ? "png" : "jpg"}`);
  }

  /** @param {"csv" | "json"} form */
  saveTable(form) {
    const text = form === "csv" ? asCsv(this.items) : asJson(this.items, this.chosen?.name ?? "");
    save(new Blob([text], { type: form === "csv" ? "text/csv" : "application/json" }), `results.${form}`);
  }

  // --- drawing the page ----------------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || this.live || !this.items.length) return;
    event.preventDefault();
    this.go(this.at + by);
  }

  /**
   * @param {string} address
   * @param {boolean} [own]  To be let go when another is shown.
   */
  showPicture(address, own = false) {
    if (this.owned) URL.revokeObjectURL(this.owned);
    this.owned = own ? address : "";
    this.image.src = address;
    this.image.hidden = false;
    this.blank.hidden = true;
  }

  draw() {
    const item = this.live ? null : this.items[this.at];
    const { facts } = this.chosen ?? { facts: null };
    this.liveButton.setAttribute("aria-pressed", String(this.live));
    this.liveButton.textContent = this.live ? t("try.live_off") : t("try.live");
    this.liveButton.disabled = this.chosen !== null && !this.chosen.live;
    this.addButton.classList.toggle("primary", this.chosen !== null && !this.live);
    this.walk.hidden = this.live || !this.items.length;
    this.before.disabled = this.at <= 0;
    this.after.disabled = this.at >= this.items.length - 1;
    this.place.textContent = t("try.place", { n: this.at + 1, all: this.items.length });
    this.name.textContent = item?.name ?? "";
    this.sure.hidden = !facts;
    this.auto.hidden = facts?.suggested === null || facts?.suggested === undefined;
    this.auto.setAttribute("aria-pressed", String(this.threshold === "auto"));
    this.reset.hidden = this.threshold === "";
    this.sliderLabel.textContent = facts?.kind === "classification" || facts?.kind === "multi_label" ? t("try.sure_class") : t("try.sure_find");
    const answered = this.items.filter((one) => one.asked === this.round).length;
    this.saving.hidden = !answered && !this.live;
    this.saveDrawn.hidden = this.chosen?.key === "project";
    this.saveCsv.hidden = this.saveJson.hidden = this.live;
    this.saveCsv.disabled = this.saveJson.disabled = answered < this.items.length;
    this.progress.textContent = this.items.length > 1 && !this.live ? t("try.progress", { n: answered, all: this.items.length }) : "";
    this.table.hidden = this.live || this.items.length < 2;
    this.answer.hidden = !item && !this.live;
    if (item) this.drawItem(item);
    else if (!this.live || !this.camera.on) this.drawBlank();
    this.drawTable();
  }

  /** @param {Item} item */
  drawItem(item) {
    const current = item.asked === this.round;
    this.board.setAttribute("aria-busy", String(!current && this.chosen !== null));
    if (item.answer?.drawn && this.chosen) this.showPicture(item.answer.drawn);
    else {
      item.address ||= URL.createObjectURL(item.data);
      this.showPicture(item.address);
    }
    this.image.alt = item.answer ? sentence(item.answer) : item.name;
    if (!this.chosen) this.results.clear();
    if (!current || !this.chosen) return;
    if (item.error) this.results.fail(item.error);
    else if (item.answer) this.results.show(item.answer);
  }

  drawBlank() {
    this.image.hidden = true;
    this.blank.hidden = false;
    this.blank.textContent = this.live ? cameraWords(this.camera.state) : t("try.blank");
    this.blank.classList.toggle("hint", this.live && !["starting", "off"].includes(this.camera.state));
    this.results.clear();
  }

  drawTable() {
    if (!this.table.open || this.table.hidden) return;
    const rows = this.items.slice(0, 500).map((item, index) =>
      h("tr", { "aria-current": index === this.at ? "true" : null }, h("td", {}, h("button.quiet.row_name", { type: "button", dir: "auto", onclick: () => this.go(index) }, item.name)), h("td", { dir: "auto" }, item.error ? item.error.message : item.answer && item.asked === this.round ? sentence(item.answer) : "…")),
    );
    this.table.lastElementChild?.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, t("try.file")), h("th", {}, t("try.answer")))), h("tbody", {}, ...rows)));
  }

  looking = false;
  owned = "";
  colored = "";
  /** @type {Map<string, number>} */
  colors = new Map();
  /** @type {Answer | null} */
  shown = null;
}

/** @param {number} ms */
const rest = (ms) => new Promise((done) => setTimeout(done, ms));
