// @ts-check
/** The frame around every page: comes in, learns the words, shows the header, loads the page that the address names. */

import { get, post } from "./parts/api.js";
import { h } from "./parts/h.js";
import { tell } from "./parts/told.js";
import { chosenLanguage, chooseLanguage, learnWords, t } from "./parts/words.js";

/** @typedef {{version: string, folder: string, language: string, torch: boolean, install: string}} State */
/**
 * What a page is given.
 * @typedef {object} Here
 * @property {HTMLElement} main  Where it shows itself.
 * @property {State} state
 * @property {string[]} path  What stands in the address behind the page's name.
 * @property {URLSearchParams} query
 */

/** Addresses and their modules; each exports `show(here)`. In the header are those with a word. */
const PAGES = [
  { name: "", module: "home", word: "shell.home" },
  { name: "teach", module: "teach", word: "" },
  { name: "find", module: "find", word: "" },
  { name: "train", module: "train", word: "shell.train" },
  { name: "layers", module: "layers", word: "shell.layers" },
  { name: "numbers", module: "numbers", word: "shell.numbers" },
  { name: "try", module: "try", word: "shell.try" },
  { name: "convert", module: "convert", word: "shell.convert" },
  { name: "serve", module: "serve", word: "shell.serve" },
  { name: "class", module: "class", word: "shell.class" },
];

async function start() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) history.replaceState(null, "", location.pathname + location.search);
  await learnWords();
  document.documentElement.lang = chosenLanguage() === "zh" ? "zh-CN" : "en";
  if (given) {
    try {
      await post("/api/session", { token: given });
    } catch (error) {
      tell(error);
    }
  }
  /** @type {State} */
  let state;
  try {
    state = await get("/api/state");
  } catch (error) {
    showDoor();
    return;
  }
  const [name = "", ...path] = location.pathname.split("/").slice(1).map(decodeURIComponent);
  const page = PAGES.find((one) => one.name === name) ?? PAGES[0];
  showHeader(page.name);
  document.title = page.word ? `${t(page.word)} · MMEdu` : "MMEdu";
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  try {
    const module = await import(`/page/pages/${page.module}.js`);
    await module.show({ main, state, path, query: new URLSearchParams(location.search) });
  } catch (error) {
    tell(error);
  }
  document.body.dataset.ready = page.module;
}

/** @param {string} current */
function showHeader(current) {
  const links = PAGES.filter((page) => page.word).map((page) =>
    h("a", { href: `/${page.name}`, "aria-current": page.name === current ? "page" : null }, t(page.word)),
  );
  const other = chosenLanguage() === "zh" ? "en" : "zh";
  const language = h(
    "button.quiet",
    { lang: other === "zh" ? "zh-CN" : "en", onclick: () => (chooseLanguage(other), location.reload()) },
    other === "zh" ? "中文" : "English",
  );
  const top = /** @type {HTMLElement} */ (document.getElementById("top"));
  top.replaceChildren(
    h("a.skip", { href: "#main" }, t("shell.skip")),
    h("a.brand", { href: "/", "aria-label": "MMEdu" }, h("img", { src: "/page/icon.svg", alt: "", width: 32, height: 32 }), "MMEdu"),
    h("nav", { id: "pages", "aria-label": t("shell.pages") }, ...links),
    folded(PAGES.find((page) => page.name === current && page.word)?.word ?? "shell.pages", top),
    language,
  );
}

/**
 * The button that unfolds the pages where a window is narrow.
 * @param {string} word  Of the page that is shown.
 * @param {HTMLElement} top
 */
function folded(word, top) {
  const button = h("button.fold", { type: "button", "aria-expanded": "false", "aria-controls": "pages", "aria-label": `${t("shell.pages")}: ${t(word)}`, onclick: () => show(!top.classList.contains("unfolded")) }, `☰ ${t(word)}`);
  /** @param {boolean} unfolded */
  function show(unfolded) {
    top.classList.toggle("unfolded", unfolded);
    button.setAttribute("aria-expanded", String(unfolded));
  }
  top.addEventListener("keydown", (event) => event.key === "Escape" && (show(false), button.focus()));
  return button;
}

/** Shown to who has not come in: the address lacks its token, or a PIN is wanted. */
async function showDoor() {
  const hello = await get("/api/hello");
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  if (!hello.pin) {
    main.replaceChildren(h("section.narrow", {}, h("h1", {}, t("shell.closed")), h("p", {}, t("shell.closed_why"))));
    document.body.dataset.ready = "door";
    return;
  }
  const pin = h("input", { type: "password", inputmode: "numeric", autocomplete: "off", required: true, id: "pin" });
  const form = h(
    "form.narrow",
    {
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        try {
          await post("/api/session", { pin: pin.value });
          location.reload();
        } catch (error) {
          tell(error);
        }
      },
    },
    h("h1", {}, t("shell.pin")),
    h("label", { for: "pin" }, t("shell.pin_label")),
    pin,
    h("button.primary", { type: "submit" }, t("shell.enter")),
  );
  main.replaceChildren(form);
  document.body.dataset.ready = "door";
}

start().catch(tell);
