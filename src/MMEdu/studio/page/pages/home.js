// @ts-check
/** Home: new projects, those that are there, sets to start from. */

import { Refused, get, post, remove, sendFiles } from "../parts/api.js";
import { h, svg } from "../parts/h.js";
import { wear } from "../parts/sheet.js";
import { tell } from "../parts/told.js";
import { chosenLanguage, t } from "../parts/words.js";

/** @typedef {{id: string, folder: string, name: string, kind?: string, changed: number, pictures?: number, classes?: number, covers?: string[], problem?: string}} Listed */
/** @typedef {{id: string, kind: string, name: string, what: string, classes: string[], pictures: number}} Start */

const SHOWN = 12;
const MOST_BYTES = 20 * 1024 * 1024 - 10_000;
/** @type {Record<string, string>} */
const PAGE_OF = { classify: "teach", find: "find" };

/** @param {import("../shell.js").Here} here */
export async function show({ main, state }) {
  wear("home");
  const recent = h("div", { id: "recent" });
  const list = new Recent(recent);
  const starts = h("ul.starts", {});
  main.replaceChildren(
    h(
      "div.home",
      {},
      h("section", {}, h("h1", {}, t("home.title")), h("p.soft", {}, t("home.local")), choices()),
      h("section", { "aria-labelledby": "recent-title" }, h("div.row.between", {}, h("h2", { id: "recent-title", tabIndex: -1 }, t("home.recent")), bring(state.folder, () => list.load())), recent),
      h("section", { "aria-labelledby": "starts-title" }, h("h2", { id: "starts-title" }, t("home.starts")), h("p.soft", {}, t("home.starts_what")), starts),
      h("p.soft.small", {}, t("home.where", { folder: state.folder })),
    ),
  );
  await list.load();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") list.load().catch(tell);
  });
  const told = await get("/api/starts");
  starts.replaceChildren(...told.starts.map(startCard));
}

function choices() {
  return h(
    "div.choices",
    {},
    choice("button.choice.primary", { onclick: (/** @type {Event} */ event) => create(event, { kind: "classify" }) }, apartIcon(true), t("home.apart"), t("home.apart_what")),
    choice("button.choice", { onclick: (/** @type {Event} */ event) => create(event, { kind: "find" }) }, findIcon(), t("home.things"), t("home.things_what")),
    choice("a.choice", { href: "/train" }, trainIcon(), t("home.set"), t("home.set_what")),
    choice("a.choice", { href: "/layers" }, layersIcon(), t("home.layers"), t("home.layers_what")),
    choice("a.choice", { href: "/numbers" }, numbersIcon(), t("home.numbers"), t("home.numbers_what")),
    choice("a.choice", { href: "/try" }, tryIcon(), t("home.model"), t("home.model_what")),
  );
}

/**
 * @param {string} what
 * @param {Record<string, any>} given
 * @param {Element} icon
 * @param {string} name
 * @param {string} text
 */
const choice = (what, given, icon, name, text) => h(what, given, icon, h("strong", {}, name), h("span", {}, text));

/**
 * Make a project and open it.
 * @param {Event} event
 * @param {{kind: string, start?: string}} wanted
 */
async function create(event, wanted) {
  const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
  button.disabled = true;
  try {
    const made = await post("/api/projects", wanted);
    location.href = `/${PAGE_OF[made.kind]}/${made.id}`;
  } catch (error) {
    tell(error);
    button.disabled = false;
    throw error;
  }
}

/**
 * A button that takes the zip of a project.
 * @param {string} folder  Of the studio.
 * @param {() => Promise<void>} changed
 */
function bring(folder, changed) {
  const chosen = h("input.unseen", { type: "file", accept: ".zip", tabIndex: -1, "aria-label": t("home.bring"), onchange: () => take(chosen.files[0]) });
  const button = h("button.quiet", { onclick: () => chosen.click() }, t("home.bring"));
  /** @param {File | undefined} file */
  async function take(file) {
    if (!file) return;
    chosen.value = "";
    button.disabled = true;
    try {
      if (file.size > MOST_BYTES) throw new Refused(413, { message: t("home.bring_large"), hint: t("home.bring_large_hint", { folder }) });
      const made = await sendFiles("/api/projects", [file]);
      if (!made.refused.length) location.href = `/${PAGE_OF[made.kind]}/${made.id}`;
      else tell(t("home.bring_part", { name: made.name, files: made.refused.map((/** @type {{file: string}} */ one) => one.file).join(", ") }));
      await changed();
    } catch (error) {
      tell(error);
    } finally {
      button.disabled = false;
    }
  }
  return h("span", {}, chosen, button);
}

/** The projects that are there; drawn anew when one changes. */
class Recent {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.all = false;
    /** @type {Listed[]} */
    this.projects = [];
    this.seen = "";
  }

  async load() {
    const told = await get("/api/projects");
    if (JSON.stringify(told) === this.seen) return;
    this.seen = JSON.stringify(told);
    this.projects = told.projects;
    this.draw();
  }

  draw() {
    const focused = document.activeElement?.id ?? "";
    if (!this.projects.length) {
      this.place.replaceChildren(h("div.friendly", {}, apartIcon(false), h("p", {}, t("home.none"))));
    } else {
      const shown = this.all ? this.projects : this.projects.slice(0, SHOWN);
      const more = this.projects.length - shown.length;
      this.place.replaceChildren(
        h("ul.projects", {}, ...shown.map((one) => this.card(one))),
        more > 0 ? h("p", {}, h("button", { onclick: () => this.showAll() }, t("home.all", { count: this.projects.length }))) : "",
      );
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  showAll() {
    this.all = true;
    this.draw();
    /** @type {HTMLElement | null} */ (this.place.querySelectorAll("li a")[SHOWN] ?? null)?.focus();
  }

  /** @param {Listed} one */
  card(one) {
    const opens = one.kind !== undefined;
    const counts = [one.kind === "find" ? t("home.kind_things") : t("home.kind_apart")];
    if (one.classes && one.kind !== "find") counts.push(classes(one.classes));
    counts.push(one.pictures ? pictures(one.pictures) : t("home.empty"));
    return h(
      "li.project.card",
      {},
      h("div.cover", {}, ...(one.covers?.length ? one.covers.map((cover) => h("img", { src: `/api/projects/${one.id}/pictures/${cover}/thumb`, alt: "", loading: "lazy" })) : [one.kind === "find" ? findIcon() : apartIcon(false)])),
      h(
        "div.about",
        {},
        h("h3", { dir: "auto" }, opens ? h("a", { href: `/${PAGE_OF[one.kind ?? ""]}/${one.id}`, id: `open-${one.id}` }, one.name) : one.name),
        opens ? h("p.soft.small", {}, counts.join(" · ")) : null,
        h("p.soft.small", {}, when(one.changed)),
        one.problem ? h(opens ? "p.hint" : "p.wrong", {}, one.problem) : null,
      ),
      h(
        "div.acts",
        {},
        opens ? h("button.quiet", { id: `rename-${one.id}`, "aria-label": t("home.rename_of", { name: one.name }), onclick: () => this.rename(one) }, t("home.rename")) : null,
        one.id ? h("button.quiet.danger", { id: `delete-${one.id}`, "aria-label": t("home.delete_of", { name: one.name }), onclick: () => this.delete(one) }, t("home.delete")) : null,
      ),
    );
  }

  /** @param {Listed} one */
  rename(one) {
    const field = h("input", { id: "new-name", value: one.name, required: true, maxLength: 300, autocomplete: "off", dir: "auto" });
    ask(
      t("home.rename_of", { name: one.name }),
      [h("label", { for: "new-name" }, t("home.new_name")), field],
      h("button.primary", { type: "submit" }, t("home.save")),
      t("home.cancel"),
      async () => {
        await post(`/api/projects/${one.id}`, { name: field.value });
        await this.load();
      },
      () => document.getElementById(`rename-${one.id}`)?.focus(),
    );
    field.select();
  }

  /** @param {Listed} one */
  async delete(one) {
    const running = await runs(one.id);
    const lost = one.pictures === undefined ? t("home.delete_lost_unknown") : t("home.delete_lost", { pictures: pictures(one.pictures) });
    ask(
      t("home.delete_ask", { name: one.name }),
      [h("p", {}, lost), ...(running ? [h("p.hint", {}, t("home.delete_running"))] : [])],
      h("button.sure", { type: "submit" }, t("home.delete_yes")),
      t("home.keep"),
      async () => {
        await remove(`/api/projects/${one.id}`);
        await this.load();
        tell(t("home.deleted", { name: one.name }), "done");
      },
      () => document.getElementById("recent-title")?.focus(),
    );
  }
}

/**
 * Whether something of a project is being trained or made.
 * @param {string} project
 */
async function runs(project) {
  const told = await get("/api/jobs").catch(() => ({ jobs: [] }));
  return told.jobs.some((/** @type {any} */ job) => job.settings?.project === project && ["waiting", "running", "stopping"].includes(job.state));
}

/**
 * Ask once, in a dialog; Escape and the second button leave everything as it is.
 * @param {string} title
 * @param {Node[]} content
 * @param {HTMLButtonElement} yes
 * @param {string} no
 * @param {() => Promise<void>} action
 * @param {() => void} focus  Puts the focus where it belongs after it: what had it may be gone.
 */
function ask(title, content, yes, no, action, focus) {
  const dialog = h(
    "dialog.ask",
    { "aria-labelledby": "ask-title", onclose: () => dialog.remove() },
    h(
      "form.stack",
      {
        onsubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          yes.disabled = true;
          yes.setAttribute("aria-busy", "true");
          try {
            await action();
            dialog.close();
            focus();
          } catch (error) {
            dialog.close();
            tell(error);
          }
        },
      },
      h("h2", { id: "ask-title", dir: "auto" }, title),
      ...content,
      h("div.row", {}, h("button", { type: "button", onclick: () => dialog.close(), autofocus: true }, no), yes),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Start} start */
function startCard(start) {
  const button = h(
    "button",
    {
      "aria-label": `${start.name}: ${t("home.use")}`,
      onclick: (/** @type {Event} */ event) => {
        button.textContent = t("home.making");
        create(event, { kind: start.kind, start: start.id }).catch(() => (button.textContent = t("home.use")));
      },
    },
    t("home.use"),
  );
  return h(
    "li.start.card",
    {},
    h("img.cover", { src: `/api/starts/${start.id}/cover`, alt: "", loading: "lazy", width: 360, height: 240 }),
    h("div.about", {}, h("h3", {}, start.name), h("p.small", {}, start.what), h("p.soft.small", {}, `${classes(start.classes.length)} · ${pictures(start.pictures)}`)),
    h("div.acts", {}, button),
  );
}

/** @param {number} count */
const classes = (count) => (count === 1 ? t("home.class_one") : t("home.class_many", { count }));
/** @param {number} count */
const pictures = (count) => (count === 1 ? t("home.picture_one") : t("home.picture_many", { count }));

/** @param {number} seconds  Since 1970. */
function when(seconds) {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date().toDateString();
  const language = chosenLanguage() === "zh" ? "zh-CN" : "en-GB";
  return today ? date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" }) : date.toLocaleDateString(language, { year: "numeric", month: "short", day: "numeric" });
}

/* Drawn by hand; colours are those of classes. */

/** @param {boolean} onGreen */
function apartIcon(onGreen) {
  const line = onGreen ? "#fff" : "#5a6561";
  return svg(
    "svg",
    { viewBox: "0 0 64 64", "aria-hidden": "true" },
    svg("rect", { x: 4, y: 12, width: 25, height: 40, rx: 4, fill: "#fff", stroke: line, "stroke-width": 2 }),
    svg("rect", { x: 35, y: 12, width: 25, height: 40, rx: 4, fill: "#fff", stroke: line, "stroke-width": 2 }),
    svg("circle", { cx: 16.5, cy: 27, r: 7, fill: "#0072b2" }),
    svg("path", { d: "M47.5 19l8 14h-16z", fill: "#d55e00" }),
    svg("rect", { x: 9, y: 42, width: 15, height: 4, rx: 2, fill: "#0072b2" }),
    svg("rect", { x: 40, y: 42, width: 9, height: 4, rx: 2, fill: "#d55e00" }),
  );
}

function findIcon() {
  return svg(
    "svg",
    { viewBox: "0 0 64 64", "aria-hidden": "true" },
    svg("rect", { x: 4, y: 10, width: 56, height: 44, rx: 5, fill: "#fff", stroke: "#5a6561", "stroke-width": 2 }),
    svg("path", { d: "M8 50l14-16 9 9 7-6 18 13z", fill: "#e3f2ec" }),
    svg("circle", { cx: 23, cy: 26, r: 6, fill: "#009e73" }),
    svg("rect", { x: 13, y: 16, width: 20, height: 20, fill: "none", stroke: "#d55e00", "stroke-width": 2.5 }),
    svg("circle", { cx: 46, cy: 37, r: 5, fill: "#b88600" }),
    svg("rect", { x: 38, y: 29, width: 16, height: 16, fill: "none", stroke: "#0072b2", "stroke-width": 2.5 }),
  );
}

function trainIcon() {
  return svg(
    "svg",
    { viewBox: "0 0 64 64", "aria-hidden": "true" },
    svg("rect", { x: 4, y: 8, width: 56, height: 48, rx: 5, fill: "#fff", stroke: "#5a6561", "stroke-width": 2 }),
    svg("path", { d: "M13 16v31h40", fill: "none", stroke: "#5a6561", "stroke-width": 2, "stroke-linecap": "round" }),
    svg("path", { d: "M16 43C24 42 24 24 36 21s12-1 16-2", fill: "none", stroke: "#009e73", "stroke-width": 3, "stroke-linecap": "round" }),
    svg("path", { d: "M16 22c6 14 14 17 36 18", fill: "none", stroke: "#d55e00", "stroke-width": 3, "stroke-linecap": "round", "stroke-dasharray": "1 5" }),
  );
}

function layersIcon() {
  const line = { stroke: "#5a6561", "stroke-width": 2 };
  return svg(
    "svg",
    { viewBox: "0 0 64 64", "aria-hidden": "true" },
    svg("path", { d: "M32 17v6M32 35v6", ...line, fill: "none" }),
    svg("rect", { x: 8, y: 6, width: 48, height: 12, rx: 4, fill: "#e3f2ec", ...line }),
    svg("rect", { x: 14, y: 24, width: 36, height: 12, rx: 4, fill: "#fff", ...line }),
    svg("rect", { x: 22, y: 42, width: 20, height: 12, rx: 4, fill: "#0072b2", ...line }),
  );
}

function numbersIcon() {
  const points = [[16, 44], [21, 35], [27, 42], [23, 48], [41, 17], [47, 24], [38, 25], [50, 15]];
  return svg(
    "svg",
    { viewBox: "0 0 64 64", "aria-hidden": "true" },
    svg("rect", { x: 4, y: 8, width: 56, height: 48, rx: 5, fill: "#fff", stroke: "#5a6561", "stroke-width": 2 }),
    svg("path", { d: "M10 16L54 50", stroke: "#5a6561", "stroke-width": 2, "stroke-dasharray": "4 4" }),
    ...points.map(([cx, cy], at) => svg("circle", { cx, cy, r: 3.5, fill: at < 4 ? "#0072b2" : "#d55e00" })),
  );
}

function tryIcon() {
  return svg(
    "svg",
    { viewBox: "0 0 64 64", "aria-hidden": "true" },
    svg("rect", { x: 5, y: 17, width: 54, height: 36, rx: 6, fill: "#fff", stroke: "#5a6561", "stroke-width": 2 }),
    svg("path", { d: "M21 17l4-7h14l4 7z", fill: "#fff", stroke: "#5a6561", "stroke-width": 2, "stroke-linejoin": "round" }),
    svg("circle", { cx: 32, cy: 35, r: 12, fill: "#e3f2ec", stroke: "#0b6e4f", "stroke-width": 2.5 }),
    svg("path", { d: "M26.5 35.5l4 4 7.5-8.5", fill: "none", stroke: "#0b6e4f", "stroke-width": 3, "stroke-linecap": "round", "stroke-linejoin": "round" }),
  );
}
