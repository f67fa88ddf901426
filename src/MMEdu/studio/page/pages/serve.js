// @ts-check
/** Serve: models that programs may ask, what they have answered, and the programs that ask them. */

import { get, post, remove } from "../parts/api.js";
import { program } from "../parts/code.js";
import { h } from "../parts/h.js";
import { complaint } from "../parts/jobs.js";
import { wear } from "../parts/sheet.js";
import { megabytes } from "../parts/times.js";
import { sentences, tell } from "../parts/told.js";
import { upload } from "../parts/upload.js";
import { t } from "../parts/words.js";

/** @typedef {{id: string, name: string, file: string, code: string}} Program */
/** @typedef {{id: string, name: string, state: "starting" | "running" | "failed" | "ended", port: number, lan: boolean, pin: string, address: string, addresses: string[], answers: number, refused: number, waiting: number, seconds: number, programs: Program[], message: string, hint: string, code: number}} Service */
/** @typedef {{key: string, what: Record<string, string>, title: string, facts: string, folder: string}} Choice */

const EVERY = 1000;
/** @type {Record<Service["state"], () => string>} */
const STATES = { starting: () => t("serve.starting"), running: () => t("serve.running"), failed: () => t("serve.failed"), ended: () => t("serve.ended") };

/** @param {import("../shell.js").Here} here */
export async function show({ main, query }) {
  wear("choices", "serve");
  const services = h("div.services");
  const fresh = h("section.card.serve-new", { "aria-labelledby": "new" });
  main.replaceChildren(h("h1", {}, t("serve.title")), h("p.soft", {}, t("serve.why")), services, fresh);
  const list = follow(services);
  await Promise.all([list.look(), choose(fresh, query, list.look)]);
}

/**
 * Show the services, and look at them again and again.
 * @param {HTMLElement} place
 */
function follow(place) {
  /** @type {Map<string, ReturnType<typeof card>>} */
  const cards = new Map();
  let lost = false;

  async function look() {
    let services;
    try {
      ({ services } = await get("/api/services"));
      lost = false;
    } catch (error) {
      if (!lost) tell(error);
      lost = true;
      return;
    }
    const there = new Set(services.map((/** @type {Service} */ one) => one.id));
    for (const [id, one] of cards) if (!there.has(id)) (one.element.remove(), cards.delete(id));
    for (const service of [...services].reverse()) {
      let one = cards.get(service.id);
      if (!one) {
        one = card(service, look);
        cards.set(service.id, one);
        place.prepend(one.element);
      }
      one.update(service);
    }
  }
  const timer = setInterval(() => document.hidden || look(), EVERY);
  addEventListener("pagehide", () => clearInterval(timer));
  return { look };
}

/**
 * One service; a look at it changes what is new, so that the focus and what is open stay.
 * @param {Service} first
 * @param {() => Promise<void>} look
 */
function card(first, look) {
  const state = h("span.service-state", {}, "");
  const where = h("div.service-where");
  const answers = h("strong", {}, "0");
  const refused = h("span.soft", { hidden: true });
  const count = h("div.service-count", {}, h("span", {}, answers, " ", t("serve.answers")), refused);
  const wrong = h("div", { role: "alert" });
  const more = h("div.stack");
  const end = h("button", { type: "button", onclick: stop }, t("serve.stop"));
  const element = h(
    "section.card.service",
    { "aria-label": first.name },
    h("div.service-head", {}, h("h2", {}, first.name), state, end, count),
    where,
    wrong,
    more,
  );
  let shown = "";

  async function stop() {
    end.disabled = true;
    try {
      await remove(`/api/services/${first.id}`);
    } catch (error) {
      tell(error);
    }
    await look();
  }

  /** @param {Service} service */
  function update(service) {
    if (answers.textContent !== String(service.answers)) answers.textContent = String(service.answers);
    refused.hidden = !service.refused;
    refused.textContent = `${service.refused} ${t("serve.refused")}`;
    if (shown === service.state) return;
    shown = service.state;
    state.className = `service-state ${service.state}`;
    state.textContent = STATES[service.state]();
    end.textContent = service.state === "failed" || service.state === "ended" ? t("serve.away") : t("serve.stop");
    count.hidden = service.state !== "running";
    wrong.replaceChildren(...(service.message ? [h("div.wrong", {}, h("strong", {}, service.message), service.hint ? h("p", {}, service.hint) : null)] : []));
    if (service.state === "running") {
      const addresses = service.addresses.length ? service.addresses : [service.address];
      where.replaceChildren(
        ...addresses.map((one) => h("a", { href: one, target: "_blank", rel: "noopener" }, one)),
        h("span.small.soft", {}, service.addresses.length ? (service.pin ? t("serve.asks_pin", { pin: service.pin }) : t("serve.no_pin")) : t("serve.only_this")),
      );
      more.replaceChildren(
        h("div.row", {}, h("a.button", { href: service.address, target: "_blank", rel: "noopener" }, t("serve.page"))),
        asking(service.programs),
        service.addresses.length ? phone(service) : "",
      );
    } else {
      where.replaceChildren();
      more.replaceChildren();
    }
  }
  return { element, update };
}

/** @param {Program[]} programs */
function asking(programs) {
  const shown = program(programs[0].code, programs[0].file);
  const buttons = programs.map((one, index) =>
    h("button", { type: "button", "aria-pressed": String(index === 0), onclick: () => choose(index) }, one.name),
  );
  const choose = (/** @type {number} */ index) => {
    shown.set(programs[index].code, programs[index].file);
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === index)));
  };
  return h("details", { open: true }, h("summary", {}, t("serve.programs")), h("div.stack", {}, h("div.row", {}, ...buttons), shown.element));
}

/** @param {Service} service */
function phone(service) {
  const picture = h("img.service-qr", { src: `/api/services/${service.id}/qr`, alt: t("serve.qr_alt", { address: service.addresses[0] }) });
  return h("details", {}, h("summary", {}, t("serve.qr")), picture, h("p.soft", {}, t("serve.qr_note")));
}

/**
 * Choose what answers, and who may ask.
 * @param {HTMLElement} place
 * @param {URLSearchParams} query
 * @param {() => Promise<void>} look
 */
async function choose(place, query, look) {
  /** @type {Choice | null} */
  let chosen = null;
  const list = h("fieldset.serve-which");
  const pin = h("input", { id: "pin", value: String(1000 + (crypto.getRandomValues(new Uint16Array(1))[0] % 9000)), maxlength: 64, autocomplete: "off" });
  const pinRow = h("div.stack", { hidden: true }, h("label", { for: "pin" }, t("serve.pin")), h("div.row", {}, pin), h("p.hint", { hidden: true }, t("serve.no_pin")));
  const here = h("input", { type: "radio", name: "who", checked: true, onchange: who });
  const lan = h("input", { type: "radio", name: "who", onchange: who });
  const wrong = h("div", { role: "alert" });
  const start = h("button.primary.large", { type: "button", disabled: true, onclick: begin }, t("serve.start"));
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("serve.sending") });
  const file = h("input.unseen", { type: "file", accept: ".onnx,.param,.bin,.xml,.json", multiple: true, tabindex: -1, "aria-hidden": "true", onchange: sent });
  place.replaceChildren(
    h("h2", { id: "new" }, t("serve.new")),
    list,
    h("div.row.serve-from", {}, h("button", { type: "button", onclick: () => file.click() }, t("serve.file")), file, bar),
    h(
      "div.serve-how.stack",
      {},
      h("fieldset", {}, h("legend", {}, t("serve.who")), h("label.serve-option", {}, here, t("serve.only_here")), h("label.serve-option", {}, lan, t("serve.lan")), pinRow),
      wrong,
      h("div.row", {}, start, h("span.small.soft", {}, t("serve.as_long"))),
    ),
  );
  pin.addEventListener("input", who);
  await draw(query.get("model") ? `model:${query.get("model")}` : query.get("project") ? `project:${query.get("project")}` : "");

  function who() {
    pinRow.hidden = !lan.checked;
    /** @type {HTMLElement} */ (pinRow.lastElementChild).hidden = Boolean(pin.value.trim());
  }

  /** @param {string} key */
  async function draw(key) {
    /** @type {[any, any, any]} */
    const [{ models }, { projects }, { tasks }] = await Promise.all([
      get("/api/models").catch(nothing("models")),
      get("/api/projects").catch(nothing("projects")),
      get("/api/try").catch(nothing("tasks")),
    ]);
    const own = models.filter((/** @type {any} */ one) => one.form === "exported" && !one.problem).map(ofModel);
    const taught = projects.filter((/** @type {any} */ one) => one.kind === "classify" && !one.problem && one.classes > 1 && one.pictures > 1).map(ofProject);
    const ready = tasks.map(ofTask);
    const all = [...own, ...taught, ...ready];
    /** @type {HTMLElement[]} */
    const buttons = [];
    /** @param {Choice[]} choices */
    const shown = (choices) =>
      h("div.choices", {}, ...choices.map((one) => {
        const button = h("button.choice", { type: "button", "aria-pressed": "false", dataset: { key: one.key }, onclick: () => take(one) }, h("strong.file-name", {}, one.title), h("span.small", {}, one.facts), one.folder ? h("span.small.soft", {}, one.folder) : null);
        buttons.push(button);
        return button;
      }));
    /** @param {Choice | null} one */
    const take = (one) => {
      chosen = one;
      start.disabled = !one;
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.key === one?.key));
    };
    list.replaceChildren(
      h("legend", {}, t("serve.which")),
      ...(own.length || taught.length
        ? []
        : [h("p.soft", {}, t("serve.none")), h("div.row", {}, h("a.button.primary", { href: "/" }, t("serve.teach")), h("a.button", { href: "/convert" }, t("serve.convert")))]),
      own.length ? shown(own) : "",
      ...(taught.length ? [h("h3", {}, t("serve.taught")), shown(taught)] : []),
      h("details", { open: !own.length && !taught.length }, h("summary", {}, t("serve.ready")), shown(ready)),
    );
    take(all.find((one) => one.key === key) ?? (key ? null : own[0] ?? taught[0] ?? null));
  }

  async function begin() {
    if (!chosen) return;
    start.disabled = true;
    wrong.replaceChildren();
    try {
      await post("/api/services", { ...chosen.what, lan: lan.checked, pin: lan.checked ? pin.value.trim() : "" });
      await look();
      scrollTo({ top: 0 });
    } catch (error) {
      wrong.replaceChildren(complaint(error));
    }
    start.disabled = false;
  }

  async function sent() {
    const files = [...(file.files ?? [])];
    file.value = "";
    if (!files.length) return;
    bar.hidden = false;
    wrong.replaceChildren();
    try {
      const id = await upload(files, (share) => (bar.value = share));
      const { models } = await post("/api/models", { upload: id });
      await draw(models.length ? `model:${models[0].id}` : "");
    } catch (error) {
      wrong.replaceChildren(complaint(error));
    }
    bar.hidden = true;
  }
}

/**
 * What cannot be listed is told, and the rest can still be chosen.
 * @param {string} name
 */
const nothing = (name) => (/** @type {unknown} */ error) => {
  tell(sentences(error)[0]);
  return { [name]: [] };
};

/** @param {any} one @returns {Choice} */
const ofModel = (one) => {
  const [place, project] = one.folder.split("/");
  const known = [one.backbone, one.classes?.length ? t("serve.classes", { count: one.classes.length }) : "", megabytes(one.size)];
  const taught = place === "projects" && project;
  return {
    key: `model:${one.id}`,
    what: { model: one.id },
    title: taught ? project : one.name,
    facts: [taught ? one.name : "", ...known].filter(Boolean).join(" · "),
    folder: taught || one.folder === "." ? "" : one.folder,
  };
};

/** @param {any} one @returns {Choice} */
const ofProject = (one) => ({
  key: `project:${one.id}`,
  what: { project: one.id },
  title: one.name,
  facts: t("serve.taught_facts", { count: one.classes, pictures: one.pictures }),
  folder: "",
});

/** @param {any} one @returns {Choice} */
const ofTask = (one) => ({
  key: `task:${one.name}`,
  what: { task: one.name },
  title: one.what,
  facts: one.here ? one.name : `${one.name} · ${t("serve.fetched")}`,
  folder: "",
});
