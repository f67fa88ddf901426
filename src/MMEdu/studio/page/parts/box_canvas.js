// @ts-check
/** A picture with boxes that are drawn, moved and resized: by mouse, by touch, by keys. All numbers are its pixels. */

import { h, svg } from "./h.js";

/** @typedef {{class: string, x: number, y: number, width: number, height: number}} Box */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {"nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w"} Handle */
/**
 * What a canvas asks of its page.
 * @typedef {object} Given
 * @property {string} label  Read out.
 * @property {(id: string) => string} colorOf  Of a class.
 * @property {(id: string) => string} nameOf
 * @property {() => string} classNow  Of the next box; "" where there is none yet.
 * @property {(boxes: Box[], fresh: boolean) => void} change  Boxes are others now; `fresh`: the last one has just been drawn.
 * @property {(index: number) => void} choose  Another one is chosen; -1: none.
 * @property {() => void} viewed  Another part of the picture is seen.
 */

const LEAST = 3;
const CLICK = 4;
const HANDLE = 12;
const TOUCH_HANDLE = 26;
const TEXT = 14;
const LONGEST_NAME = 18;
const MOST_ZOOM = 20;
/** @type {Handle[]} */
const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

export class BoxCanvas {
  /** @param {Given} given */
  constructor(given) {
    this.given = given;
    this.width = 1;
    this.height = 1;
    /** @type {Box[]} */
    this.boxes = [];
    this.chosen = -1;
    /** Whether its boxes are not known yet: nothing can be drawn. */
    this.locked = true;
    this.view = { x: 0, y: 0, width: 1, height: 1 };
    this.touch = false;
    /** @type {Map<number, Point>} */
    this.pointers = new Map();
    /** @type {{kind: "draw" | "move" | "resize" | "pan" | "pinch" | "click", start: Point, at: number, handle?: Handle, before: Box[], view: {x: number, y: number, width: number, height: number}, moved: boolean, spread?: number, middle?: Point, screen: Point} | null} */
    this.gesture = null;
    this.image = svg("image", { x: 0, y: 0, preserveAspectRatio: "none" });
    this.layer = svg("g");
    this.cross = svg("g", { class: "cross_lines", "aria-hidden": "true" });
    this.svg = svg("svg", { class: "board_svg", tabindex: 0, role: "application", "aria-label": given.label, preserveAspectRatio: "xMidYMid meet" }, this.image, this.cross, this.layer);
    this.element = h("div.board", {}, this.svg);
    for (const [name, handler] of /** @type {[string, (event: any) => void][]} */ ([
      ["pointerdown", (event) => this.down(event)],
      ["pointermove", (event) => this.moved(event)],
      ["pointerup", (event) => this.up(event)],
      ["pointercancel", (event) => this.cancel(event)],
      ["pointerleave", () => this.cross.replaceChildren()],
      ["wheel", (event) => this.wheel(event)],
      ["contextmenu", (event) => event.preventDefault()],
    ]))
      this.svg.addEventListener(name, handler, { passive: false });
    document.addEventListener("keydown", () => this.element.classList.add("by_keys"));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /**
   * Show a picture, whole.
   * @param {string} address
   * @param {number} width
   * @param {number} height
   * @param {Box[] | null} boxes  Null: they are not known yet.
   */
  show(address, width, height, boxes) {
    Object.assign(this, { width, height, gesture: null, locked: boxes === null });
    this.pointers.clear();
    this.cross.replaceChildren();
    this.image.setAttribute("href", address);
    this.image.setAttribute("width", String(width));
    this.image.setAttribute("height", String(height));
    this.boxes = (boxes ?? []).map((box) => ({ ...box }));
    this.chosen = -1;
    this.whole();
  }

  /**
   * Show other boxes on the same picture.
   * @param {Box[]} boxes
   * @param {number} [chosen]
   */
  set(boxes, chosen = -1) {
    this.boxes = boxes.map((box) => ({ ...box }));
    this.choose(Math.min(chosen, boxes.length - 1));
  }

  /** @param {number} index */
  choose(index) {
    this.chosen = index;
    this.draw();
    this.given.choose(index);
  }

  // --- what is seen ----------------------------------------------------------------------------------------------------

  whole() {
    this.view = { x: 0, y: 0, width: this.width, height: this.height };
    this.draw();
  }

  get zoomed() {
    return this.view.width < this.width * 0.999;
  }

  /**
   * @param {number} factor  Above 1: nearer.
   * @param {Point} [around]  What stays where it is.
   */
  zoom(factor, around = { x: this.view.x + this.view.width / 2, y: this.view.y + this.view.height / 2 }) {
    const width = Math.min(this.width, Math.max(this.width / MOST_ZOOM, this.view.width / factor));
    const share = width / this.view.width;
    this.view = { x: around.x - (around.x - this.view.x) * share, y: around.y - (around.y - this.view.y) * share, width, height: this.view.height * share };
    this.keepInside();
    this.draw();
  }

  keepInside() {
    const { view } = this;
    view.height = (view.width * this.height) / this.width;
    view.x = Math.min(Math.max(view.x, 0), this.width - view.width);
    view.y = Math.min(Math.max(view.y, 0), this.height - view.height);
  }

  /** Pixels of the picture that are one on the screen. */
  get scale() {
    const matrix = this.svg.getScreenCTM();
    return matrix && matrix.a ? 1 / matrix.a : 1;
  }

  draw() {
    const { x, y, width, height } = this.view;
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    const scale = this.scale;
    const order = this.boxes.map((_, index) => index).sort((a, b) => area(this.boxes[b]) - area(this.boxes[a]));
    if (this.chosen >= 0) order.push(...order.splice(order.indexOf(this.chosen), 1));
    this.layer.replaceChildren(...order.map((index) => this.drawn(this.boxes[index], index, scale)));
    if (this.zoomed !== this.svg.classList.contains("zoomed")) {
      this.svg.classList.toggle("zoomed", this.zoomed);
      this.given.viewed();
    }
  }

  /**
   * @param {Box} box
   * @param {number} index
   * @param {number} scale
   */
  drawn(box, index, scale) {
    const chosen = index === this.chosen;
    const group = svg("g", { class: `box${chosen ? " chosen" : ""}`, "data-box": index });
    group.style.setProperty("--color", this.given.colorOf(box.class));
    group.append(
      svg("rect", { class: "halo", x: box.x, y: box.y, width: box.width, height: box.height }),
      svg("rect", { class: "frame", x: box.x, y: box.y, width: box.width, height: box.height }),
      this.name(box, scale),
    );
    if (chosen) for (const handle of HANDLES) group.append(this.handle(box, handle, scale));
    return group;
  }

  /**
   * @param {Box} box
   * @param {number} scale
   */
  name(box, scale) {
    const size = TEXT * scale;
    const above = box.y - this.view.y > size * 1.5;
    const letters = [...this.given.nameOf(box.class)];
    const shown = letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME - 1).join("")}…` : letters.join("");
    return svg("text", { x: Math.max(box.x, this.view.x) + 3 * scale, y: above ? box.y - 5 * scale : box.y + size + 3 * scale, "font-size": size, "stroke-width": size * 0.32 }, shown);
  }

  /**
   * @param {Box} box
   * @param {Handle} handle
   * @param {number} scale
   */
  handle(box, handle, scale) {
    const { x, y } = corner(box, handle);
    const side = (this.touch ? TOUCH_HANDLE : HANDLE) * scale;
    return svg("rect", { class: `handle handle_${handle}`, "data-handle": handle, x: x - side / 2, y: y - side / 2, width: side, height: side, rx: side / 4 });
  }

  // --- pointers --------------------------------------------------------------------------------------------------------

  /**
   * @param {{clientX: number, clientY: number}} event
   * @returns {Point}
   */
  point(event) {
    const matrix = this.svg.getScreenCTM();
    if (!matrix) return { x: 0, y: 0 };
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    return { x: at.x, y: at.y };
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (this.locked) return;
    this.element.classList.remove("by_keys");
    this.svg.focus({ preventScroll: true });
    this.touch = event.pointerType === "touch";
    this.svg.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    event.preventDefault();
    if (this.pointers.size === 2) return this.startPinch();
    if (this.pointers.size > 2) return;
    const start = this.point(event);
    const target = /** @type {Element} */ (event.target);
    const base = { start, at: -1, before: copied(this.boxes), view: { ...this.view }, moved: false, screen: { x: event.clientX, y: event.clientY } };
    if (event.button === 1 || event.button === 2) {
      this.gesture = { ...base, kind: "pan" };
      return;
    }
    const handle = /** @type {Handle | null} */ (target.getAttribute("data-handle"));
    const hit = handle ? this.chosen : this.boxAt(start);
    if (handle && this.chosen >= 0) this.gesture = { ...base, kind: "resize", handle, at: this.chosen };
    else if (hit >= 0 && hit === this.chosen) this.gesture = { ...base, kind: "move", at: hit };
    else this.gesture = { ...base, kind: "click", at: hit };
  }

  startPinch() {
    if (this.gesture?.moved) this.boxes = this.gesture.before;
    const [one, two] = [...this.pointers.values()];
    const middle = this.point({ clientX: (one.x + two.x) / 2, clientY: (one.y + two.y) / 2 });
    this.gesture = { kind: "pinch", start: middle, at: -1, before: copied(this.boxes), view: { ...this.view }, moved: false, spread: distance(one, two), middle, screen: one };
    this.draw();
  }

  /** @param {PointerEvent} event */
  moved(event) {
    const at = this.point(event);
    if (event.pointerType === "mouse") this.showCross(at);
    if (!this.pointers.has(event.pointerId)) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const { gesture } = this;
    if (!gesture) return;
    if (gesture.kind === "pinch") return this.pinch();
    if (!gesture.moved && distance(gesture.screen, { x: event.clientX, y: event.clientY }) < CLICK) return;
    gesture.moved = true;
    if (gesture.kind === "pan") return this.pan(event);
    if (gesture.kind === "click") {
      gesture.kind = "draw";
      gesture.at = this.boxes.length;
      this.boxes.push({ class: this.given.classNow(), x: 0, y: 0, width: 0, height: 0 });
      this.chosen = gesture.at;
    }
    const box = this.boxes[gesture.at];
    const before = gesture.before[gesture.at];
    if (gesture.kind === "draw") Object.assign(box, this.between(gesture.start, at));
    else if (gesture.kind === "move") Object.assign(box, this.shifted(before, at.x - gesture.start.x, at.y - gesture.start.y));
    else if (gesture.handle) Object.assign(box, this.pulled(before, gesture.handle, at));
    this.draw();
  }

  /** @param {PointerEvent} event */
  up(event) {
    this.pointers.delete(event.pointerId);
    const { gesture } = this;
    if (!gesture || (gesture.kind === "pinch" && this.pointers.size)) return;
    this.gesture = null;
    if (gesture.kind === "pan" || gesture.kind === "pinch") return;
    if (!gesture.moved) {
      if (gesture.kind === "move") return this.choose(this.below(gesture.start, gesture.at));
      return this.choose(gesture.kind === "click" ? gesture.at : this.chosen);
    }
    const box = this.boxes[gesture.at];
    if (gesture.kind === "draw" && (box.width < LEAST || box.height < LEAST)) {
      this.boxes = gesture.before;
      return this.choose(-1);
    }
    this.draw();
    this.given.choose(this.chosen);
    this.given.change(copied(this.boxes), gesture.kind === "draw");
  }

  /** @param {PointerEvent} event */
  cancel(event) {
    this.pointers.delete(event.pointerId);
    if (this.gesture?.moved) this.boxes = this.gesture.before;
    this.gesture = null;
    this.chosen = Math.min(this.chosen, this.boxes.length - 1);
    this.draw();
  }

  /** End what is being drawn, as if it had not begun. */
  giveUp() {
    if (!this.gesture) return false;
    this.boxes = this.gesture.before;
    this.gesture = null;
    this.choose(-1);
    return true;
  }

  /** @param {PointerEvent} event */
  pan(event) {
    if (!this.gesture) return;
    const scale = this.scale;
    this.view.x = this.gesture.view.x - (event.clientX - this.gesture.screen.x) * scale;
    this.view.y = this.gesture.view.y - (event.clientY - this.gesture.screen.y) * scale;
    this.keepInside();
    this.draw();
  }

  pinch() {
    if (!this.gesture?.spread || this.pointers.size < 2) return;
    const [one, two] = [...this.pointers.values()];
    this.zoom((distance(one, two) / this.gesture.spread) * (this.view.width / this.gesture.view.width), this.gesture.middle);
    const now = this.point({ clientX: (one.x + two.x) / 2, clientY: (one.y + two.y) / 2 });
    const middle = /** @type {Point} */ (this.gesture.middle);
    this.view.x += middle.x - now.x;
    this.view.y += middle.y - now.y;
    this.keepInside();
    this.draw();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.004), this.point(event));
    } else if (this.zoomed) {
      event.preventDefault();
      const scale = this.scale;
      this.view.x += event.deltaX * scale;
      this.view.y += event.deltaY * scale;
      this.keepInside();
      this.draw();
    }
  }

  /** @param {Point} at */
  showCross(at) {
    const inside = at.x >= 0 && at.y >= 0 && at.x <= this.width && at.y <= this.height;
    const idle = !this.gesture || this.gesture.kind === "draw";
    this.cross.replaceChildren(
      ...(inside && idle ? [svg("line", { x1: at.x, x2: at.x, y1: 0, y2: this.height }), svg("line", { x1: 0, x2: this.width, y1: at.y, y2: at.y })] : []),
    );
  }

  /**
   * The smallest box at a point: what lies on another one can be reached.
   * @param {Point} at
   */
  boxAt(at) {
    const chosen = this.boxes[this.chosen];
    if (chosen && holds(chosen, at)) return this.chosen;
    return this.boxesAt(at)[0] ?? -1;
  }

  /** @param {Point} at */
  boxesAt(at) {
    const found = this.boxes.map((_, index) => index).filter((index) => holds(this.boxes[index], at));
    return found.sort((a, b) => area(this.boxes[a]) - area(this.boxes[b]));
  }

  /**
   * The next box below one that was pressed again.
   * @param {Point} at
   * @param {number} index
   */
  below(at, index) {
    const found = this.boxesAt(at);
    return found[(found.indexOf(index) + 1) % Math.max(1, found.length)] ?? index;
  }

  // --- boxes -----------------------------------------------------------------------------------------------------------

  /**
   * @param {Point} one
   * @param {Point} two
   */
  between(one, two) {
    const [x1, x2] = [one.x, two.x].map((x) => Math.min(Math.max(x, 0), this.width)).sort((a, b) => a - b);
    const [y1, y2] = [one.y, two.y].map((y) => Math.min(Math.max(y, 0), this.height)).sort((a, b) => a - b);
    return { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
  }

  /**
   * @param {Box} box
   * @param {number} right
   * @param {number} down
   */
  shifted(box, right, down) {
    const x = Math.min(Math.max(box.x + right, 0), this.width - box.width);
    const y = Math.min(Math.max(box.y + down, 0), this.height - box.height);
    return { ...box, x, y };
  }

  /**
   * @param {Box} box
   * @param {Handle} handle
   * @param {Point} to
   */
  pulled(box, handle, to) {
    let [x1, y1, x2, y2] = [box.x, box.y, box.x + box.width, box.y + box.height];
    if (handle.includes("w")) x1 = to.x;
    if (handle.includes("e")) x2 = to.x;
    if (handle.includes("n")) y1 = to.y;
    if (handle.includes("s")) y2 = to.y;
    const made = this.between({ x: x1, y: y1 }, { x: x2, y: y2 });
    return { ...box, ...made, width: Math.max(made.width, LEAST), height: Math.max(made.height, LEAST) };
  }

  /**
   * Move the chosen box, or its right and lower edge.
   * @param {number} right  Steps.
   * @param {number} down
   * @param {boolean} edges
   * @param {boolean} fine
   */
  nudge(right, down, edges, fine) {
    const box = this.boxes[this.chosen];
    if (!box) return;
    const step = fine ? 1 : Math.max(1, Math.round(Math.max(this.width, this.height) / 100));
    const to = { x: box.x + box.width + right * step, y: box.y + box.height + down * step };
    const next = edges ? this.pulled(box, "se", { x: Math.max(to.x, box.x + LEAST), y: Math.max(to.y, box.y + LEAST) }) : this.shifted(box, right * step, down * step);
    Object.assign(box, next);
    this.draw();
    this.given.change(copied(this.boxes), false);
  }

  /** Put a new box into the middle of what is seen. */
  add() {
    if (this.locked) return;
    const { view } = this;
    const [width, height] = [view.width / 4, view.height / 4];
    const shift = (this.boxes.length % 5) * 0.04;
    const place = this.shifted({ class: "", x: view.x + view.width * (0.375 + shift), y: view.y + view.height * (0.375 + shift), width, height }, 0, 0);
    this.boxes.push({ ...place, class: this.given.classNow() });
    this.choose(this.boxes.length - 1);
    this.given.change(copied(this.boxes), true);
  }

  removeChosen() {
    if (this.chosen < 0) return;
    this.boxes.splice(this.chosen, 1);
    this.choose(-1);
    this.given.change(copied(this.boxes), false);
  }

  /** @param {string} id  Class of the chosen box. */
  label(id) {
    const box = this.boxes[this.chosen];
    if (!box || box.class === id) return;
    box.class = id;
    this.draw();
    this.given.change(copied(this.boxes), false);
  }
}

/** @param {Box[]} boxes */
const copied = (boxes) => boxes.map((box) => ({ ...box }));

/** @param {Box} box */
const area = (box) => box.width * box.height;

/**
 * @param {Box} box
 * @param {Point} at
 */
const holds = (box, at) => at.x >= box.x && at.y >= box.y && at.x <= box.x + box.width && at.y <= box.y + box.height;

/**
 * @param {Point} one
 * @param {Point} two
 */
const distance = (one, two) => Math.hypot(one.x - two.x, one.y - two.y);

/**
 * @param {Box} box
 * @param {Handle} handle
 */
function corner(box, handle) {
  const x = handle.includes("w") ? box.x : handle.includes("e") ? box.x + box.width : box.x + box.width / 2;
  const y = handle.includes("n") ? box.y : handle.includes("s") ? box.y + box.height : box.y + box.height / 2;
  return { x, y };
}
