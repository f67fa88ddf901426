// @ts-check
/** Teach: pictures into classes, live answers beside them, what it mixes up below, and what one takes away. */

import { Refused, follow, get } from "../parts/api.js";
import { Camera } from "../parts/camera.js";
import { classCard } from "../parts/class_card.js";
import { acceptDrop, keepPage, sendMany } from "../parts/drop.js";
import { fieldError } from "../parts/field_error.js";
import { findings } from "../parts/findings.js";
import { h } from "../parts/h.js";
import { Project } from "../parts/project.js";
import { isFilm, refusedFiles, refusedFilm } from "../parts/refused_files.js";
import { Sending } from "../parts/sending.js";
import { wear } from "../parts/sheet.js";
import { stage } from "../parts/stage.js";
import { takeAway } from "../parts/take_away.js";
import { tell } from "../parts/told.js";
import { undoBar } from "../parts/undo.js";
import { wholeTraining } from "../parts/whole_training.js";
import { t } from "../parts/words.js";

/** @typedef {import("../parts/findings.js").Teaching} Teaching */
/** @typedef {{state: string, done: number, total: number, message?: string, hint?: string}} Learning */

const LARGE = 640;
const HOLD_EVERY = 125;
const BURST = 20;
const BURST_EVERY = 200;
const FINE = 0.8;
/** What lies beside pictures in the folder of a set. */
const LISTS = /\.(json|txt|csv|xml|ya?ml|md)$/i;
const CHANGED_PAUSE = 250;
/** Pictures of a class that are kept in this page to bring them back. */
const MOST_UNDONE = 500;

/** @param {import("../shell.js").Here} here */
export async function show({ main, state, path }) {
  wear("teach");
  const id = path[0] ?? "";
  const project = new Project(id);
  try {
    await project.read();
    if (!project.data.revision && !project.data.name) throw new Refused(404, {});
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showMissing(main, error);
    return;
  }
  if (project.data.kind === "find") return location.replace(`/find/${encodeURIComponent(id)}`);
  new Lesson(main, state, project).begin();
}

/**
 * @param {HTMLElement} main
 * @param {Refused} error
 */
function showMissing(main, error) {
  const found = error.status === 404;
  const text = found ? t("teach.no_project") : error.message;
  main.replaceChildren(h("section.narrow", {}, h("h1", {}, text), h("p", {}, found ? t("teach.no_project_hint") : error.hint), h("p", {}, h("a.button.primary", { href: "/" }, t("teach.to_home")))));
}

/** The page of one project. */
class Lesson {
  /**
   * @param {HTMLElement} main
   * @param {import("../shell.js").State} state
   * @param {Project} project
   */
  constructor(main, state, project) {
    this.main = main;
    this.project = project;
    this.camera = new Camera();
    this.sending = new Sending((to, data) => project.addPicture(to, data));
    /** @type {Learning} */
    this.learning = { state: "empty", done: 0, total: 0 };
    /** @type {Teaching} */
    this.teaching = { state: "empty" };
    /** @type {Map<string, ReturnType<typeof classCard>>} */
    this.cards = new Map();
    /** The class that is recorded now; "" for none. */
    this.recording = "";
    this.recordings = 0;
    /** @type {Promise<void>} */
    this.adding = Promise.resolve();
    /** The class whose button is held down. */
    this.held = "";
    this.asking = false;
    this.askAgain = false;
    /** @type {number | undefined} */
    this.revision = undefined;
    this.reading = 0;
    this.drawing = 0;
    this.newName = h("input", { type: "text", dir: "auto", maxlength: 300, id: "new_class", autocomplete: "off", "aria-label": t("teach.new_class") });
    this.newError = fieldError(this.newName);
    this.undo = undoBar();
    this.refused = refusedFiles();
    this.stage = stage(project, this.camera, (to, frame) => this.correct(to, frame));
    this.findings = findings(project, { move: (picture, to) => this.move(picture, to), removePicture: (picture) => this.removePicture(picture) });
    this.whole = wholeTraining(project.id, state, () => this.readTeaching());
    this.take = takeAway(project);
    this.layout();
  }

  layout() {
    const { name } = this.project.data;
    this.name = h("input.project_name", { type: "text", dir: "auto", value: name, maxlength: 300, "aria-label": t("teach.project_name"), autocomplete: "off", spellcheck: false, onchange: () => this.renameProject(), onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && !event.isComposing && this.name.blur() });
    this.nameError = fieldError(this.name);
    this.banner = h("div.banner", { role: "status", hidden: true });
    this.list = h("div.class_list");
    const form = h("form.new_class", { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), this.addClass()) }, this.newName, h("button", { type: "submit" }, t("teach.add_class")), this.newError.element);
    const folders = h("input", { type: "file", multiple: true, webkitdirectory: true, hidden: true, onchange: () => (this.takeFolders([...(folders.files ?? [])]), (folders.value = "")) });
    const offer = h("button.quiet.small.folders", { type: "button", onclick: () => folders.click() }, t("teach.folders"));
    this.start = h("p.start_hint");
    this.words = h("p.learning_state", { role: "status" });
    this.bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("teach.learning") });
    this.accuracy = h("p.accuracy", { hidden: true });
    this.columns = h(
      "div.teach",
      {},
      h("section.show", { "aria-labelledby": "step_show" }, step(1, "step_show", t("teach.step_show")), this.start, this.list, form, offer, folders),
      h("section.learn", { "aria-labelledby": "step_learn" }, step(2, "step_learn", t("teach.step_learn")), h("div.card.learn_card", {}, this.words, this.bar, this.accuracy, this.whole.element)),
      h("section.look", { "aria-labelledby": "step_try" }, step(3, "step_try", t("teach.step_try")), h("div.card.stage_card", {}, this.stage.element)),
    );
    acceptDrop(/** @type {HTMLElement} */ (this.columns.firstElementChild), (files) => this.takeFolders(files));
    this.main.replaceChildren(
      h("div.teach_head", {}, h("h1.unseen", {}, name), this.name, h("button.quiet.edit_name", { type: "button", title: t("teach.rename"), "aria-label": t("teach.rename"), onclick: () => this.name.select() }, "✎"), this.nameError.element),
      this.banner,
      this.columns,
      this.whole.place,
      this.findings.element,
      this.take.element,
      this.undo.element,
    );
  }

  async begin() {
    const { project, camera, sending } = this;
    document.title = `${project.data.name} · MMEdu`;
    keepPage();
    project.addEventListener("change", () => this.draw());
    project.addEventListener("gone", () => this.gone());
    sending.addEventListener("change", () => this.drawWaiting());
    camera.addEventListener("change", () => this.draw());
    this.draw();
    follow(`${project.path}/events`, {
      changed: (told) => this.changed(told),
      learning: (told) => this.learned(told),
      missed: () => this.readAll(),
      lost: () => this.offline(true),
      back: () => this.offline(false),
    });
    if (!project.classes.length && innerWidth > 900) this.newName.focus();
    await Promise.all([this.readTeaching(), this.whole.start().catch(() => {}), this.startCameraIfAllowed()]);
  }

  async startCameraIfAllowed() {
    if (this.camera.wasOn && (await this.camera.allowed())) await this.camera.start();
  }

  // --- what happens elsewhere ----------------------------------------------------------------------------------------

  /**
   * Read what is another one; what this page changed itself is known a moment later.
   * @param {{revision?: number}} told
   */
  changed(told) {
    this.revision = told.revision;
    clearTimeout(this.reading);
    this.reading = setTimeout(() => this.revision !== this.project.data.revision && this.read(), CHANGED_PAUSE);
  }

  /** @param {Learning & {judged?: number}} told */
  learned(told) {
    const before = this.learning.state;
    this.learning = { ...told };
    this.drawLearning();
    if (told.judged !== undefined || (told.state !== before && told.state !== "learning")) this.readTeaching();
    if (told.state === "ready") this.stage.again();
  }

  read() {
    this.project.read().catch(() => {});
  }

  readAll() {
    this.read();
    this.readTeaching();
  }

  async readTeaching() {
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    try {
      do {
        this.askAgain = false;
        this.teaching = await get(`${this.project.path}/teaching`);
        this.learning = { state: this.teaching.state, done: this.teaching.done ?? 0, total: this.teaching.total ?? 0, message: this.teaching.message, hint: this.teaching.hint };
        this.drawLearning();
        this.findings.show(this.teaching);
      } while (this.askAgain);
    } catch {
      // The stream tells when the server is back.
    } finally {
      this.asking = false;
    }
  }

  /** @param {boolean} lost */
  offline(lost) {
    this.lost = lost;
    this.drawWaiting();
    if (lost) return;
    this.sending.retry();
    this.readAll();
  }

  gone() {
    this.camera.stop();
    this.stage.setReady(false);
    showMissing(this.main, new Refused(404, {}));
  }

  // --- what the user does ----------------------------------------------------------------------------------------------

  async renameProject() {
    const name = this.name.value.trim();
    if (!name) {
      this.name.value = this.project.data.name;
      return;
    }
    await this.attempt(() => this.project.rename(name), this.nameError);
    document.title = `${this.project.data.name} · MMEdu`;
  }

  async addClass() {
    const typed = this.newName.value;
    this.newName.focus({ preventScroll: true });  // names are often typed one after the other
    if (!typed.trim()) return;
    this.newName.value = "";  // at once: the next name may already be typed
    this.newError.clear();
    const before = this.adding;
    this.adding = (async () => {
      await before;  // they come in the order in which they were typed
      await this.attempt(async () => {
        const made = await this.project.addClass(typed.trim()).catch((error) => {
          this.newName.value ||= typed;
          throw error;
        });
        this.cards.get(made)?.element.scrollIntoView({ block: "nearest" });
        if (document.activeElement === this.newName) this.newName.scrollIntoView({ block: "nearest" });
      }, this.newError);
    })();
    await this.adding;
  }

  /** @param {string} id */
  async removeClass(id) {
    const one = this.project.find(id);
    if (!one) return;
    const { name, count } = one;
    if (count > MOST_UNDONE && !confirm(t("teach.delete_many", { name, n: count }))) return;
    this.undo.close();
    await this.attempt(async () => {
      const back = await this.project.removeClass(id);
      this.undo.offer(t("teach.class_deleted", { name, n: count }), back);
      this.newName.focus({ preventScroll: true });
    });
  }

  /** @param {string} picture */
  async removePicture(picture) {
    const one = this.project.classOf(picture);
    if (!one) return;
    this.undo.close();
    await this.attempt(async () => {
      const back = await this.project.removePicture(picture);
      this.undo.offer(t("teach.picture_deleted", { name: one.name }), back);
    });
  }

  /**
   * @param {string} picture
   * @param {string} to
   */
  async move(picture, to) {
    const from = this.project.classOf(picture);
    const one = this.project.find(to);
    if (!from || !one || from === one) return;
    const back = from.id;
    this.undo.close();
    await this.attempt(async () => {
      await this.project.movePicture(picture, to);
      this.findings.show(this.teaching);
      this.undo.offer(t("teach.picture_moved", { name: one.name }), () => this.project.movePicture(picture, back));
    });
  }

  /**
   * @param {string} to  The class.
   * @param {File[]} files
   */
  async takeFiles(to, files) {
    const card = this.cards.get(to);
    card?.element.setAttribute("aria-busy", "true");
    await this.sendFiles(`${this.project.path}/classes/${to}/pictures`, files, (answer) => this.project.taken(to, answer), card?.element);
    card?.element.removeAttribute("aria-busy");
  }

  /**
   * Take folders whose names are the classes, or a zip of such.
   * @param {File[]} files
   */
  async takeFolders(files) {
    const named = files.filter((file) => (file.webkitRelativePath.includes("/") && !LISTS.test(file.name)) || /\.zip$/i.test(file.name) || isFilm(file));
    if (named.length) await this.sendFiles(`${this.project.path}/pictures`, named, () => {}, this.columns.firstElementChild);
    else if (files.length) tell(t("teach.onto_card"));
  }

  /**
   * @param {string} path
   * @param {File[]} given
   * @param {(answer: any) => void} after  A portion has arrived.
   * @param {Element | null | undefined} place  Where it is said which ones were not taken.
   */
  async sendFiles(path, given, after, place) {
    const films = given.filter(isFilm);
    const files = given.filter((file) => !isFilm(file));
    this.refused.close();
    await this.attempt(async () => {
      const all = await sendMany(path, files, (answer, sent) => {
        after(answer);
        if (sent < files.length) this.banner_note(t("teach.sending", { n: sent, all: files.length }));
      });
      this.read();
      const refused = [...films.map(refusedFilm), ...all.refused];
      if (refused.length) this.refused.show(refused, place);
      if (all.added.length) tell(all.added.length === 1 ? t("teach.added_one") : t("teach.added", { n: all.added.length }), "done");
    });
    this.banner_note("");
  }

  /**
   * @param {string} to
   * @param {Blob} frame
   */
  correct(to, frame) {
    const one = this.project.find(to);
    if (!one) return;
    this.taken();
    this.undo.close();
    this.sending.add(to, frame, (picture) => this.undo.offer(t("teach.corrected", { name: one.name }), async () => void (await this.project.removePicture(picture))));
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  async hold(id, on) {
    if (!on) {
      this.held = "";
      if (this.recording === id) this.record("");
      return;
    }
    this.held = id;
    await this.recordWhile(id, HOLD_EVERY, Infinity);
  }

  /** @param {string} id */
  async burst(id) {
    await this.recordWhile(id, BURST_EVERY, BURST);
  }

  /**
   * Record until another recording begins, this one is ended, or there are enough; one picture at least.
   * @param {string} id
   * @param {number} every  Milliseconds.
   * @param {number} most
   */
  async recordWhile(id, every, most) {
    const mine = ++this.recordings;
    this.stage.toCamera();
    if (!this.camera.on) {
      await this.camera.start();
      if (!this.camera.on) tell(t("teach.no_camera_record"));
      const let_go = most === Infinity && this.held !== id;
      if (!this.camera.on || let_go || mine !== this.recordings) return;
    }
    this.record(id);
    let next = performance.now();
    for (let number = 0; number < most; number += 1) {
      const frame = await this.camera.frame(LARGE);
      if (frame) {
        this.taken();
        this.sending.add(id, frame);
      }
      next = Math.max(next + every, performance.now());
      await new Promise((done) => setTimeout(done, next - performance.now()));
      if (mine !== this.recordings || this.recording !== id) return;
      if (!this.camera.on || !this.project.find(id)) break;
    }
    this.record("");
  }

  taken() {
    performance.mark("mmedu:picture");
    if (performance.getEntriesByName("mmedu:picture").length > 5000) performance.clearMarks("mmedu:picture");
  }

  /** @param {string} id */
  record(id) {
    this.recording = id;
    const one = this.project.find(id);
    this.stage.setRecording(one ? { name: one.name, color: this.project.colorOf(one) } : null);
    this.drawCards();
  }

  /**
   * @param {() => Promise<unknown>} what
   * @param {import("../parts/field_error.js").FieldError} [field]  Where it is said what is wrong with a name.
   */
  async attempt(what, field) {
    field?.clear();
    try {
      await what();
    } catch (error) {
      if (field && error instanceof Refused && error.status < 500 && error.status !== 404) field.show(error);
      else tell(error);
      this.read();
    }
  }

  // --- what is shown -----------------------------------------------------------------------------------------------------

  draw() {
    const { classes, name } = this.project.data;
    if (document.activeElement !== this.name && this.name.value !== name) this.name.value = name;
    for (const [id, card] of this.cards) {
      if (!this.project.find(id)) {
        card.element.remove();
        this.cards.delete(id);
      }
    }
    classes.forEach((one, index) => {
      const card = this.cards.get(one.id) ?? this.makeCard(one.id);
      if (this.list.children[index] !== card.element) this.list.insertBefore(card.element, this.list.children[index] ?? null);
    });
    const n = classes.length;
    this.newName.placeholder = n === 0 ? t("teach.first_class") : n === 1 ? t("teach.second_class") : t("teach.new_class");
    const [first] = classes;
    this.columns.classList.toggle("fresh", n < 2);
    this.columns.classList.toggle("unnamed", n === 0 || (n === 1 && this.camera.on && first.count > 0));
    this.start.hidden = n > 1;
    this.start.textContent = n === 0 ? t("teach.start") : t("teach.start_second");
    this.drawCards();
    this.drawLearning();
    this.stage.draw();
    clearTimeout(this.drawing);
    this.drawing = setTimeout(() => this.findings.show(this.teaching), CHANGED_PAUSE);
    document.body.dataset.pictures = String(classes.reduce((sum, one) => sum + one.count, 0));
  }

  drawCards() {
    /** @type {Record<string, number>} */
    const waiting = {};
    for (const one of this.sending.queue) waiting[one.to] = (waiting[one.to] ?? 0) + 1;
    const stuck = this.lost || this.sending.held !== null;
    for (const [id, card] of this.cards) card.update({ recording: id === this.recording, waiting: stuck ? (waiting[id] ?? 0) : 0, camera: this.camera.on });
  }

  /** @param {string} id */
  makeCard(id) {
    const card = classCard(this.project, id, {
      rename: (one, name, field) => this.attempt(() => this.project.changeClass(one, { name }), field),
      recolor: (one, color) => this.attempt(() => this.project.changeClass(one, { color })),
      removeClass: (one) => this.removeClass(one),
      hold: (one, on) => this.hold(one, on),
      burst: (one) => this.burst(one),
      files: (one, files) => this.takeFiles(one, files),
      removePicture: (picture) => this.removePicture(picture),
      move: (picture, to) => this.move(picture, to),
    });
    this.cards.set(id, card);
    return card;
  }

  drawLearning() {
    const { state, done, total } = this.learning;
    const pictures = this.project.classes.reduce((sum, one) => sum + one.count, 0);
    const filled = this.project.classes.filter((one) => one.count).length;
    this.words.textContent = this.sentence(state, filled);
    this.words.dataset.state = state;
    this.bar.hidden = state !== "learning" || !total;
    if (total) this.bar.value = done / total;
    const { accuracy, percent, judged } = this.teaching;
    this.accuracy.hidden = state !== "ready" || typeof accuracy !== "number" || typeof percent !== "number" || !judged;
    if (!this.accuracy.hidden) {
      const right = Math.round(Number(accuracy) * Number(judged));
      this.accuracy.classList.toggle("fine", Number(accuracy) >= FINE);
      this.accuracy.replaceChildren(h("span.big", {}, `${percent}\u00a0%`), h("span.small.soft", {}, t("teach.accuracy", { right, n: Number(judged) })));
    }
    const answers = filled > 1 && state !== "unavailable" && state !== "empty" && state !== "one_class";
    this.stage.setReady(answers);
    this.whole.element.hidden = filled < 2;
    this.whole.setReady(filled > 1);
    this.take.setReady(state === "ready", pictures > 0);
    document.body.dataset.learning = state;
  }

  /**
   * @param {string} state
   * @param {number} filled  Classes that have pictures.
   */
  sentence(state, filled) {
    if (state === "unavailable") return [this.learning.message || t("teach.unavailable"), this.learning.hint].filter(Boolean).join(" ");
    if (filled === 0) return t("teach.state_empty");
    if (filled === 1) return t("teach.state_one");
    if (state === "learning") return t("teach.state_learning", { done: this.learning.done, total: this.learning.total });
    if (this.teaching.guessing) return t("teach.state_guessing");
    const empty = this.project.classes.filter((one) => !one.count);
    if (empty.length === 1) return t("teach.state_ready_without_one", { n: filled, name: empty[0].name });
    if (empty.length) return t("teach.state_ready_without", { n: filled, empty: empty.length });
    return t("teach.state_ready", { n: filled });
  }

  drawWaiting() {
    const { waiting, held } = this.sending;
    document.body.dataset.waiting = String(waiting);
    const stuck = this.lost || held !== null;
    if (!stuck) this.banner_note("");
    else {
      const named = held instanceof Refused ? `${held.message} ${held.hint}` : t("teach.server_gone");
      const kept = waiting ? (waiting === 1 ? t("teach.kept_one") : t("teach.kept", { n: waiting })) : t("teach.kept_none");
      this.banner.className = "banner lost";
      this.banner.textContent = `${named} ${kept}`;
      this.banner.hidden = false;
    }
    this.drawCards();
  }

  /** @param {string} text */
  banner_note(text) {
    this.banner.className = "banner";
    this.banner.hidden = !text;
    this.banner.textContent = text;
  }
}

/**
 * @param {number} number
 * @param {string} id
 * @param {string} text
 */
const step = (number, id, text) => h("h2.step", { id }, h("span.step_number", { "aria-hidden": "true" }, number), text);
