// @ts-check
/** The twelve plain names of colours, each with a swatch, and the picker of any other. */

import { h, icon } from "./dom.js";

/** @type {Record<string, [swatch: string, chinese: string]>} in the order of a paint shop */
const NAMED = {
  black: ["#26272a", "黑色"], grey: ["#8d9095", "灰色"], white: ["#fdfdfb", "白色"],
  beige: ["#dccbaa", "米色"], brown: ["#7b4f32", "棕色"], red: ["#c0362c", "红色"],
  orange: ["#e6822e", "橙色"], yellow: ["#efc93f", "黄色"], green: ["#3f8a54", "绿色"],
  blue: ["#2f66b3", "蓝色"], purple: ["#7447a0", "紫色"], pink: ["#e79bb2", "粉色"],
};

/** @param {string} name @returns {boolean} whether it is one of the plain names */
export function isPlain(name) {
  return name in NAMED;
}

/** Their English names, in the order they are shown. */
export const PLAIN = Object.keys(NAMED);

/** @param {string} name plain, or anything a shop wrote @param {string} language @returns {string} */
export function colourName(name, language) {
  return language.toLowerCase().startsWith("zh") ? (NAMED[name]?.[1] ?? name) : name;
}

/** @param {string} colour a plain name, or #rrggbb @returns {HTMLElement} */
export function swatch(colour) {
  const dot = h("span.swatch", { "aria-hidden": "true" });
  dot.style.background = NAMED[colour]?.[0] ?? (/^#[\da-f]{6}$/i.test(colour) ? colour : "none");
  return dot;
}

/** A round button that opens a palette; a colour in it asks for products of that colour. */
export class Palette {
  /** @param {import("./cards.js").Look} look @param {(colour: string) => void} choose */
  constructor({ say, language }, choose) {
    this.say = say;
    this.choose = choose;
    this.any = h("input", { type: "color", value: "#2c5f54", onchange: () => this.take(this.any.value) });
    this.sheet = h("div.palette", { role: "group", "aria-label": say("colour"), hidden: true },
      h("div.swatches", {}, ...PLAIN.map((name) => h("button", {
        type: "button", title: colourName(name, language), "aria-label": colourName(name, language),
        onclick: () => this.take(NAMED[name][0]),
      }, swatch(name)))),
      h("label.any", {}, this.any, say("anyColour")));
    this.button = h("button.round", {
      type: "button", title: say("colour"), "aria-label": say("colour"), "aria-expanded": "false",
      onclick: () => this.open(this.sheet.hidden),
    }, icon("drop"));
    this.element = h("div.colour", {
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.pressed(event),
      onfocusout: (/** @type {FocusEvent} */ event) => this.left(event),
    }, this.button, this.sheet);
  }

  /** @param {string} colour that is asked for now; empty: none */
  show(colour) {
    this.button.replaceChildren(colour ? swatch(colour) : icon("drop"));
    if (colour) this.any.value = colour;
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.sheet.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.sheet.querySelector("button").focus();
  }

  /** @param {string} colour */
  take(colour) {
    this.open(false);
    this.button.focus();
    this.choose(colour);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key !== "Escape" || this.sheet.hidden) return;
    event.preventDefault();
    this.open(false);
    this.button.focus();
  }

  /** @param {FocusEvent} event */
  left({ relatedTarget }) {
    // a colour picker of the system takes the focus to nowhere: only another place closes this
    if (relatedTarget && !this.element.contains(relatedTarget)) this.open(false);
  }
}
