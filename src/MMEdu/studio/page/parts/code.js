// @ts-check
/** A program with line numbers, to read, copy and save. What is shown is the text itself: a job runs this very file. */

import { h } from "./h.js";
import { wear } from "./sheet.js";
import { tell } from "./told.js";
import { t } from "./words.js";

/** @typedef {{element: HTMLElement, set: (code: string, name?: string) => void}} Program */

const PIECES =
  /(#.*$)|("""[\s\S]*?"""|'''[\s\S]*?'''|[rbfu]?"(?:\\.|[^"\\\n])*"|[rbfu]?'(?:\\.|[^'\\\n])*')|\b(False|None|True|and|as|assert|break|class|continue|def|del|elif|else|except|finally|for|from|if|import|in|is|lambda|not|or|pass|raise|return|try|while|with|yield)\b|\b(\d[\d_.]*(?:e[-+]?\d+)?)\b/gim;
const KINDS = ["remark", "string", "keyword", "number"];

/**
 * @param {string} [code]
 * @param {string} [name]  What it is saved as; empty: it is a command, which is copied alone.
 * @returns {Program}
 */
export function program(code = "", name = "mmedu_program.py") {
  wear("code");
  let text = code;
  let file = name;
  const lines = h("ol");
  const pre = h("pre.code.program", { tabindex: 0, role: "region", "aria-label": t("parts.program") }, lines);
  const copy = h("button.small", { type: "button", onclick: copied }, t("parts.copy"));
  const save = h("button.small", { type: "button", onclick: () => saveAs(file, text) }, t("parts.save_py"));
  const element = h("div.program-box", {}, pre, h("div.row", {}, copy, name ? save : null));
  if (!name) pre.classList.add("command");

  async function copied() {
    if (await toClipboard(text)) copy.textContent = t("parts.copied");
    else tell(t("parts.copy_failed"));
    setTimeout(() => (copy.textContent = t("parts.copy")), 2000);
  }
  /**
   * @param {string} given
   * @param {string} [called]
   */
  function set(given, called = file) {
    file = called;
    if (given === text && lines.childElementCount) return;
    text = given;
    lines.replaceChildren(...coloured(text).map((line) => h("li", {}, ...line)));
  }
  set(code);
  return { element, set };
}

/**
 * Return a program's lines, each as texts and spans; together they are the program.
 * @param {string} code
 * @returns {(Node | string)[][]}
 */
function coloured(code) {
  /** @type {(Node | string)[][]} */
  const lines = [[]];
  /** @param {string} text  @param {string} [kind] */
  const put = (text, kind) => {
    text.split("\n").forEach((part, index) => {
      if (index) lines.push([]);
      if (part) lines[lines.length - 1].push(kind ? h(`span.code-${kind}`, {}, part) : part);
    });
  };
  let at = 0;
  for (const found of code.matchAll(PIECES)) {
    put(code.slice(at, found.index));
    put(found[0], KINDS[found.slice(1).findIndex((group) => group !== undefined)]);
    at = found.index + found[0].length;
  }
  put(code.slice(at));
  if (lines.length > 1 && !lines[lines.length - 1].length) lines.pop();
  return lines;
}

/** @param {string} text */
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without HTTPS, other than on this computer, the page has no clipboard of its own.
    const area = h("textarea.unseen", { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/**
 * Let the browser save a text as a file.
 * @param {string} name
 * @param {string} text
 */
export function saveAs(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/x-python" }));
  const link = h("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
