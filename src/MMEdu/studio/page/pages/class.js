// @ts-check
/** The class that this studio has joined: its shelf, handing in. What is asked of the teacher's computer, the studio's server asks. */

import { get, post } from "../parts/api.js";
import { h } from "../parts/h.js";
import { handedIn, itemText } from "../parts/handed.js";
import { redraw } from "../parts/redraw.js";
import { tell } from "../parts/told.js";
import { t } from "../parts/words.js";

const SOON = 1500;
const LATER = 10_000;

/** @param {import("../shell.js").Here} here */
export async function show({ main }) {
  document.head.append(h("link", { rel: "stylesheet", href: "/page/style/classroom.css" }));
  let now = await get("/api/class");
  /** @type {number | undefined} */
  let timer;

  function draw() {
    if (!now.joined) return redraw(main, door((joined) => ((now = joined), draw(), again())));
    if (!document.getElementById("in-class")) main.replaceChildren(inClass());
    update();
  }

  const problem = h("div");
  const mine = h("div", { "aria-live": "polite" });
  const shelf = h("div.stack");
  const choice = h("select", { id: "project", required: true });
  const button = h("button.primary", { type: "submit" }, t("classroom.hand_in"));
  const working = h("p.soft.small", { role: "status" });
  const form = h("form.stack", { onsubmit: handIn }, h("label", { for: "project" }, t("class.which")), choice, button, working);
  const closed = h("p.hint", { hidden: true }, t("classroom.closed"));
  const none = h("p.soft", { hidden: true }, t("class.no_project"));

  function inClass() {
    const leave = async () => {
      if (!confirm(t("class.leave_sure"))) return;
      now = await post("/api/class/leave");
      draw();
    };
    return h(
      "div.stack",
      { id: "in-class" },
      h("div.row.spread", {}, h("h1", {}, t("class.in_class"), " ", h("bdi", {}, now.name)), h("span.soft", {}, now.address), h("button.quiet", { onclick: () => leave().catch(tell) }, t("class.leave"))),
      problem,
      h("div.two", {}, h("section.card.stack", {}, h("h2", {}, t("classroom.hand_in")), closed, none, form, mine), h("section.card.stack", {}, h("h2", {}, t("classroom.shelf")), shelf)),
    );
  }

  function update() {
    const its = now.class;
    redraw(problem, now.problem ? h("div.wrong.row", { role: "alert" }, h("div", {}, h("strong", {}, now.problem.message), " ", now.problem.hint), h("button", { "data-key": "again", onclick: () => look().catch(tell) }, t("class.try_again"))) : "");
    if (!its) return;
    closed.hidden = its.open;
    form.hidden = !its.open || choice.options.length === 0;
    none.hidden = !its.open || choice.options.length > 0;
    redraw(mine, its.me?.hand_ins.length ? handedIn(its.me.hand_ins) : "");
    redraw(
      shelf,
      its.shelf.length ? "" : h("p.soft", {}, t("classroom.shelf_empty")),
      ...its.shelf.map((/** @type {any} */ item) =>
        h(
          "div.thing",
          {},
          h("div", {}, h("bdi", {}, h("strong", {}, item.name)), h("div.soft.small", {}, itemText(item))),
          h("button", { "data-key": item.id, "aria-label": t("class.fetch_what", { name: item.name }), onclick: (/** @type {any} */ event) => fetchItem(item, event.currentTarget) }, t("class.fetch")),
        ),
      ),
    );
  }

  /**
   * @param {{id: string, name: string}} item
   * @param {HTMLButtonElement} pressed
   */
  async function fetchItem(item, pressed) {
    pressed.disabled = true;
    pressed.textContent = t("class.fetching");
    try {
      const got = await post("/api/class/fetch", { item: item.id });
      if (got.project) {
        location.href = `/${got.kind === "find" ? "find" : "teach"}/${got.project}`;
        return;
      }
      tell(t("class.fetched_file", { folder: got.folder, name: got.name }), "done");
    } catch (error) {
      tell(error);
    }
    update();
  }

  /** @param {Event} event */
  async function handIn(event) {
    event.preventDefault();
    button.disabled = true;
    working.textContent = t("class.making");
    try {
      const project = choice.value;
      /** @type {string | undefined} */
      let file;
      if (choice.selectedOptions[0]?.dataset.kind === "classify") {
        const taken = await post(`/api/projects/${project}/take`, { what: "onnx" });
        file = taken.files?.find((/** @type {any} */ one) => one.name.endsWith(".onnx"))?.file;
      }
      working.textContent = t("classroom.sending");
      await post("/api/class/handin", { project, file });
      tell(t("classroom.handed"), "done");
      await look();
      again();
    } catch (error) {
      tell(error);
    }
    working.textContent = "";
    button.disabled = false;
  }

  async function look() {
    now = await get("/api/class");
    draw();
  }

  function again() {
    clearTimeout(timer);
    const busy = now.class?.me?.hand_ins.some((/** @type {any} */ one) => one.state === "waiting" || one.state === "judging");
    timer = setTimeout(async () => {
      if (now.joined && document.visibilityState === "visible") await look().catch(tell);
      again();
    }, busy ? SOON : LATER);
  }

  const { projects } = await get("/api/projects");
  choice.replaceChildren(
    ...projects.filter((/** @type {any} */ one) => one.kind).map((/** @type {any} */ one) => h("option", { value: one.id, "data-kind": one.kind }, `${one.name} (${one.pictures})`)),
  );
  draw();
  again();
  addEventListener("pagehide", () => clearTimeout(timer));
}

/** @param {(now: any) => void} joined */
function door(joined) {
  const address = h("input", { id: "address", required: true, placeholder: "192.168.1.20:8765", autocomplete: "off", spellcheck: false, inputmode: "url" });
  const pin = h("input", { id: "pin", required: true, inputmode: "numeric", autocomplete: "off" });
  const name = h("input", { id: "name", required: true, maxlength: 40, autocomplete: "name" });
  const button = h("button.primary.large", { type: "submit" }, t("classroom.come_in"));
  return h(
    "form.narrow.card.door",
    {
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        button.disabled = true;
        try {
          joined(await post("/api/class/join", { address: address.value, pin: pin.value, name: name.value }));
        } catch (error) {
          tell(error);
        }
        button.disabled = false;
      },
    },
    h("h1", {}, t("class.join")),
    h("p", {}, t("class.join_what")),
    h("label", { for: "address" }, t("class.address")),
    address,
    h("label", { for: "pin" }, t("classroom.pin")),
    pin,
    h("label", { for: "name" }, t("classroom.your_name")),
    name,
    button,
    h("p.soft.small", {}, t("class.teacher")),
  );
}
