// @ts-check
/** The frame of `mmedu class`: finds out who asks, and shows the teacher's desk, a pupil's page, the wall, or the door. */

import { get, post } from "./parts/api.js";
import { h } from "./parts/h.js";
import { tell } from "./parts/told.js";
import { chosenLanguage, chooseLanguage, learnWords, t } from "./parts/words.js";

/**
 * What a page of the class is given.
 * @typedef {object} InClass
 * @property {HTMLElement} main
 * @property {"teacher" | "pupil" | ""} role
 * @property {string} name  Of the pupil.
 * @property {boolean} here  Whether this is the teacher's computer.
 * @property {string} pin  That stood in the address.
 */

async function start() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  await learnWords();
  document.documentElement.lang = chosenLanguage() === "zh" ? "zh-CN" : "en";
  if (token) {
    try {
      await post("/api/session", { token });
    } catch (error) {
      tell(error);
    }
  }
  const hello = await get("/api/hello");
  const where = location.pathname.split("/")[1] ?? "";
  const page = !hello.role ? "join" : ["wall", "photos"].includes(where) ? where : hello.role === "teacher" ? "desk" : "pupil";
  showHeader(hello, where);
  document.title = `${t("classroom.title")} · MMEdu`;
  document.body.dataset.page = page;
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  try {
    const module = await import(`/page/pages/class_${page}.js`);
    await module.show({ main, role: hello.role, name: hello.name, here: hello.here, pin: given.get("pin") ?? "" });
  } catch (error) {
    tell(error);
  }
  document.body.dataset.ready = page;
}

/**
 * @param {{role: string, name: string}} hello
 * @param {string} where
 */
function showHeader(hello, where) {
  const other = chosenLanguage() === "zh" ? "en" : "zh";
  const link = (/** @type {string} */ to, /** @type {string} */ text) =>
    h("a", { href: `/${to}`, "aria-current": where === to ? "page" : null }, text);
  const first = hello.role === "teacher" ? t("classroom.desk") : t("classroom.mine");
  const top = /** @type {HTMLElement} */ (document.getElementById("top"));
  top.replaceChildren(
    h("a.skip", { href: "#main" }, t("shell.skip")),
    h("a.brand", { href: "/", "aria-label": t("classroom.title") }, h("img", { src: "/page/icon.svg", alt: "", width: 32, height: 32 }), t("classroom.title")),
    h("nav", { "aria-label": t("shell.pages") }, ...(hello.role ? [link("", first), link("wall", t("classroom.wall"))] : [])),
    hello.name ? h("bdi.who", {}, hello.name) : "",
    h(
      "button.quiet",
      { lang: other === "zh" ? "zh-CN" : "en", onclick: () => (chooseLanguage(other), location.reload()) },
      other === "zh" ? "中文" : "English",
    ),
  );
}

start().catch(tell);
