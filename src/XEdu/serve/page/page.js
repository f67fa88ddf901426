// @ts-check
/** The page that tries a service: a picture or the camera in, the drawn result out, and programs that do the same. */

/** @type {Record<string, [string, string]>} */
const WORDS = {
  closed: ["What is the PIN?", "请输入 PIN"],
  enter: ["Go on", "进入"],
  choose: ["Choose a picture", "选择图片"],
  camera: ["Camera", "摄像头"],
  stop: ["Stop", "停止"],
  drop: ["or drop one here", "或把图片拖到这里"],
  sure_class: ["Say a class only when this sure", "至少要有多大把握才说出类别"],
  sure_find: ["Show only what it is this sure of", "至少要有多大把握才显示"],
  result: ["The answer", "识别结果"],
  nothing: ["Nothing was found.", "没有找到目标。"],
  numbers: ["{n} numbers", "{n} 个数"],
  waiting: ["No picture yet.", "还没有图片。"],
  json: ["What a program gets, with lang=en", "程序收到的内容"],
  program: ["Ask from a program", "在程序中使用"],
  copy: ["Copy", "复制"],
  copied: ["Copied", "已复制"],
  classes: ["Knows {n} classes: {names}", "能识别 {n} 类：{names}"],
  speed: ["{ms} ms for this picture", "本张图片用时 {ms} 毫秒"],
  rate: ["{n} a second", "每秒 {n} 张"],
  drawn: ["The picture with the answer drawn on it", "标出识别结果的图片"],
  no_camera: ["There is no camera here, or it is not allowed.", "没有摄像头，或没有允许使用摄像头。"],
  no_camera_lan: ["A browser shows its camera only to pages of this computer or with https: choose a picture instead (a phone offers its camera there).", "浏览器只允许本机页面或 https 页面使用摄像头：请选择图片（手机上可以直接拍照）。"],
  gone: ["The service does not answer: is it still running?", "服务没有响应：它还在运行吗？"],
  other: ["中文", "English"],
};
const KEY = "mmedu_language";
const stored = localStorage.getItem(KEY);
let chinese = stored ? stored === "zh" : (navigator.language || "").toLowerCase().startsWith("zh");

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
function t(key, values = {}) {
  return WORDS[key][chinese ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/**
 * Make an element; text is always text.
 * @param {string} what
 * @param {Record<string, any>} [given]
 * @param {...(Node | string | null)} children
 * @returns {any}
 */
function h(what, given = {}, ...children) {
  const [name, ...classes] = what.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** An error that the service named. */
class Refused extends Error {
  /**
   * @param {number} status
   * @param {{message?: string, hint?: string}} told
   */
  constructor(status, told) {
    super([told.message ?? `HTTP ${status}`, told.hint ?? ""].filter(Boolean).join(" "));
    this.status = status;
  }
}

let pin = sessionStorage.getItem("mmedu_pin") ?? "";

/**
 * @param {string} path
 * @param {Blob} [picture]
 */
async function ask(path, picture) {
  /** @type {Record<string, string>} */
  const headers = pin ? { "X-PIN": pin } : {};
  let answer;
  try {
    answer = await fetch(path, { method: picture ? "POST" : "GET", body: picture, headers });
  } catch {
    throw new Error(t("gone"));
  }
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
  return answer;
}

const language = () => `language=${chinese ? "zh" : "en"}`;
const main = /** @type {HTMLElement} */ (document.getElementById("main"));
/** What was looked at last, and the score that somebody chose: they stay when the language changes. @type {{picture: Blob | null, score: string}} */
const kept = { picture: null, score: "" };
/** Of what is shown now. */
let shown = { still: (/** @type {Blob} */ _picture) => {}, over: (/** @type {boolean} */ _is) => {}, stop: () => {} };

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    shown.over(name === "dragover");
    const dropped = /** @type {DragEvent} */ (event).dataTransfer?.files[0];
    if (name === "drop" && dropped) shown.still(dropped);
  });
}

async function changeLanguage() {
  chinese = !chinese;
  localStorage.setItem(KEY, chinese ? "zh" : "en");
  shown.stop();
  await start();
  if (kept.picture) shown.still(kept.picture);
}

/**
 * Shares at the ends of what is said, as percents: "rock 0.7989" is "rock 80 %".
 * @param {string} summary
 */
const inPercents = (summary) => summary.replace(/ ([01]\.\d+)(?=,|$)/g, (_, score) => ` ${percent(Number(score))}`);

/** @param {number} share */
const percent = (share) => `${Math.round(share * 100)} %`;

async function start() {
  document.documentElement.lang = chinese ? "zh-CN" : "en";
  try {
    show(await (await ask(`/info?${language()}`)).json());
  } catch (error) {
    if (error instanceof Refused && (error.status === 401 || error.status === 429)) showDoor(pin ? error.message : "");
    else main.replaceChildren(h("p.wrong", { role: "alert" }, String(/** @type {Error} */ (error).message)));
  }
  document.body.dataset.ready = "page";
}

/** @param {string} wrong */
function showDoor(wrong) {
  const input = h("input", { type: "password", id: "pin", autocomplete: "off", required: true });
  const enter = (/** @type {Event} */ event) => {
    event.preventDefault();
    pin = input.value;
    sessionStorage.setItem("mmedu_pin", pin);
    start();
  };
  main.replaceChildren(
    h("form.card", { onsubmit: enter }, h("label", { for: "pin" }, t("closed")), input, wrong ? h("p.wrong", { role: "alert" }, wrong) : null, h("div.row", {}, h("button.primary", { type: "submit" }, t("enter")))),
  );
  input.focus();
}

/** @param {any} about */
function show(about) {
  const title = about.title || about.name.replace(/\.[a-z]+$/i, "");
  document.title = title;
  const blank = () => h("p.soft", {}, t("drop"));
  const view = h("div.view", {}, blank());
  const said = h("div.said", { "aria-live": "polite" }, "");
  const note = h("div.soft", {}, t("waiting"));
  const raw = h("pre.plain", { tabindex: 0, "aria-label": t("json") });
  const wrong = h("p.wrong", { role: "alert", hidden: true });
  const file = h("input", { type: "file", accept: "image/*", id: "file" });
  const score = h("input", { type: "range", min: 0, max: 1, step: 0.05, id: "score", "aria-describedby": "score_now" });
  score.value = kept.score || String(about.score);
  const scoreNow = h("output", { id: "score_now", for: "score" }, percent(Number(score.value)));
  const camera = h("button", { type: "button", "aria-pressed": "false" }, t("camera"));
  let round = 0;

  const parameters = () => (kept.score ? `&score=${kept.score}` : "");

  /** @param {Error} error */
  function complain(error) {
    wrong.textContent = error.message;
    wrong.hidden = false;
  }

  /** Put away what was said of the picture before. */
  function forget() {
    said.textContent = note.textContent = raw.textContent = "";
    const image = view.querySelector("img");
    if (image) URL.revokeObjectURL(image.src);
    view.replaceChildren(blank());
    view.classList.remove("full");
  }

  /** @param {any} value */
  function asText(value) {
    const text = JSON.stringify(value, null, 1).replace(/\n\s+(-?[\d.e]+,?)(?=\n)/g, " $1");
    return text.length > 4000 ? `${text.slice(0, 4000)} …` : text;
  }

  /**
   * @param {Blob} picture
   * @param {boolean} live
   */
  async function look(picture, live) {
    const mine = (round += 1);
    try {
      const began = performance.now();
      let words = null;
      if (about.kind === "numbers") {
        words = await (await ask(`/upload?${language()}`, picture)).json();
        if (mine !== round) return;
        put(picture);
        said.textContent = t("numbers", { n: words.length });
      } else {
        const answer = await ask(`/upload?mode=img&${language()}${parameters()}`, picture);
        const summary = inPercents(decodeURIComponent(answer.headers.get("x-result") ?? "")) || t("nothing");
        const drawn = await answer.blob();
        if (mine !== round) return;
        if (said.textContent !== summary) said.textContent = summary;
        put(drawn);
      }
      wrong.hidden = true;
      const ms = performance.now() - began;
      note.textContent = live ? t("rate", { n: (1000 / ms).toFixed(1) }) : t("speed", { ms: ms.toFixed(0) });
      if (live) return;
      words ??= await (await ask(`/upload?mode=json&lang=${chinese ? "zh" : "en"}&${language()}${parameters()}`, picture)).json();
      if (mine === round) raw.textContent = asText(words);
    } catch (error) {
      if (mine !== round) return;
      if (live) said.textContent = "";
      else forget();
      complain(/** @type {Error} */ (error));
      if (live) await new Promise((later) => setTimeout(later, 1000));
    }
  }

  /** @param {Blob} blob */
  function put(blob) {
    let image = view.querySelector("img");
    if (!image) {
      image = h("img", { alt: t("drawn") });
      view.replaceChildren(image);
      view.classList.add("full");
    }
    const old = image.src;
    image.src = URL.createObjectURL(blob);
    if (old) URL.revokeObjectURL(old);
  }

  /** @param {Blob} picture */
  function still(picture) {
    stopCamera();
    kept.picture = picture;
    look(picture, false);
  }

  /** @type {MediaStream | null} */
  let stream = null;

  function stopCamera() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    camera.setAttribute("aria-pressed", "false");
    camera.textContent = t("camera");
  }

  async function startCamera() {
    if (!navigator.mediaDevices) return complain(new Error(t("no_camera_lan")));
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
    } catch {
      return complain(new Error(t("no_camera")));
    }
    camera.setAttribute("aria-pressed", "true");
    camera.textContent = t("stop");
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    await video.play();
    const canvas = document.createElement("canvas");
    const own = stream;
    while (stream === own) {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d")?.drawImage(video, 0, 0);
      /** @type {Blob | null} */
      const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
      if (picture && stream === own) {
        kept.picture = picture;
        await look(picture, true);
      }
      await new Promise((next) => requestAnimationFrame(next));
    }
  }

  camera.addEventListener("click", () => (stream ? stopCamera() : startCamera()));
  file.addEventListener("change", () => {
    if (file.files[0]) still(file.files[0]);
    file.value = "";
  });
  score.addEventListener("input", () => {
    kept.score = score.value;
    scoreNow.textContent = percent(Number(score.value));
  });
  score.addEventListener("change", () => {
    if (kept.picture && !stream) look(kept.picture, false);
  });
  shown = { still, over: (is) => view.classList.toggle("over", is), stop: stopCamera };

  const names = about.classes.slice(0, 12).join(chinese ? "、" : ", ") + (about.classes.length > 12 ? " …" : "");
  const other = h(
    "button.quiet",
    { lang: chinese ? "en" : "zh-CN", onclick: changeLanguage },
    t("other"),
  );
  main.replaceChildren(
    h("header.top", {}, h("div", {}, h("h1", {}, title), about.classes.length ? h("p.soft", {}, t("classes", { n: about.classes.length, names })) : null), other),
    h(
      "div.try",
      {},
      h("section.card", {}, h("div.row", {}, file, h("label.button.primary", { for: "file" }, t("choose")), camera), view),
      h(
        "section.card",
        {},
        h("h2", {}, t("result")),
        said,
        wrong,
        note,
        about.kind === "numbers" ? null : h("div.row", {}, h("label", { for: "score" }, about.kind === "classification" || about.kind === "multi_label" ? t("sure_class") : t("sure_find")), score, scoreNow),
        h("h2", {}, t("json")),
        raw,
      ),
    ),
    programs(about.programs),
  );
}

/** @param {{id: string, name: string, code: string}[]} all */
function programs(all) {
  const code = h("pre", { tabindex: 0, role: "tabpanel", id: "code" });
  const copy = h("button", { type: "button" }, t("copy"));
  const tabs = all.map((one) => h("button", { type: "button", role: "tab", "aria-controls": "code" }, one.name));
  const choose = (/** @type {number} */ index) => {
    code.textContent = all[index].code;
    tabs.forEach((tab, at) => tab.setAttribute("aria-selected", String(at === index)));
    copy.textContent = t("copy");
  };
  tabs.forEach((tab, index) => tab.addEventListener("click", () => choose(index)));
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // without https there is no clipboard: the text is marked, Ctrl-C copies it
      getSelection()?.selectAllChildren(code);
      if (!document.execCommand("copy")) return;
    }
    copy.textContent = t("copied");
  });
  choose(0);
  return h("section.card", {}, h("h2", {}, t("program")), h("div.row", { role: "tablist" }, ...tabs), code, h("div.row", {}, copy));
}

start();
