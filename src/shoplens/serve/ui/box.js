// @ts-check
/** A box drawn on a photo around the one thing that is meant. */

import { h } from "./dom.js";

/** @typedef {[number, number, number, number]} Box left, top, right, bottom, each 0 to 1 */

const SMALLEST = 0.04;

/**
 * Let a visitor drag a box over a picture; a tap takes it away again.
 *
 * @param {HTMLElement} picture
 * @param {Box | null} box drawn at first
 * @param {string} hint what a pointer that rests is told
 * @param {(box: Box | null) => void} choose
 * @returns {HTMLElement}
 */
export function pointing(picture, box, hint, choose) {
  const drawn = h("div.box", { hidden: !box });
  const frame = h("div.frame", { title: hint }, picture, drawn);
  if (box) lay(drawn, box);
  /** @type {[number, number] | null} */
  let start = null;
  const at = (/** @type {PointerEvent} */ event) => {
    const edge = frame.getBoundingClientRect();
    return [share(event.clientX - edge.left, edge.width), share(event.clientY - edge.top, edge.height)];
  };
  frame.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    start = /** @type {[number, number]} */ (at(event));
  });
  frame.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!start) return;
    drawn.hidden = false;
    lay(drawn, between(start, at(event)));
  });
  frame.addEventListener("pointercancel", () => { start = null; });
  frame.addEventListener("pointerup", (/** @type {PointerEvent} */ event) => {
    if (!start) return;
    const found = between(start, at(event));
    start = null;
    const wide = Math.min(found[2] - found[0], found[3] - found[1]) >= SMALLEST;
    if (wide) choose(found);
    else if (box) choose(null);
    else drawn.hidden = true;
  });
  return frame;
}

/** @param {HTMLElement} drawn @param {Box} box */
function lay(drawn, [left, top, right, bottom]) {
  const percent = (/** @type {number} */ part) => `${100 * part}%`;
  Object.assign(drawn.style, {
    left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top),
  });
}

/** @param {number[]} a @param {number[]} b @returns {Box} */
function between(a, b) {
  const round = (/** @type {number} */ part) => Math.round(part * 1000) / 1000;
  return [
    round(Math.min(a[0], b[0])), round(Math.min(a[1], b[1])),
    round(Math.max(a[0], b[0])), round(Math.max(a[1], b[1])),
  ];
}

/** @param {number} part @param {number} whole @returns {number} */
function share(part, whole) {
  return Math.min(Math.max(part / whole, 0), 1);
}
