// @ts-check
/** Why a product is there: a sheet with its shares, words, colours, and where it agrees. */

import { colourName, swatch } from "./colours.js";
import { h, icon } from "./dom.js";

/** @type {Record<string, import("./words.js").Word>} signals, traits and rules that have a name for people */
const NAMES = {
  picture: "sharePicture", text: "shareText", words: "shareWords", text_picture: "shareTextPicture",
  colour: "facetColour", stock: "inStock", popularity: "sharePopularity", freshness: "shareFreshness", rule: "shareRule",
};
const SIGNS = /** @type {const} */ ({ strong: "tick", similar: "about", none: "unsure" });
const MATCHES = /** @type {const} */ ({ strong: "matchStrong", similar: "matchSimilar", none: "matchNone" });

/**
 * @typedef {import("./client.js").Shown} Shown
 * @typedef {import("./cards.js").Look} Look
 */

export class WhySheet {
  /** @param {Look} look @param {(path: string) => Promise<Blob>} fetchMap */
  constructor(look, fetchMap) {
    this.look = look;
    this.say = look.say;
    this.fetchMap = fetchMap;
    this.element = h("dialog.why", { "aria-labelledby": "why-title", onclick: (/** @type {Event} */ event) => {
      if (event.target === this.element) this.element.close(); // beside the sheet
    } });
  }

  /** @param {Shown} product */
  show(product) {
    const { say } = this;
    this.element.replaceChildren(h("div.sheet", {},
      h("button.round.away", { type: "button", "aria-label": say("close"), title: say("close"), onclick: () => this.element.close() }, icon("close")),
      this.picture(product),
      h("div.reasons", {},
        h("h2", { id: "why-title" }, say("whyTitle")),
        h("p.title", {}, product.title),
        h("p.sure", {}, icon(SIGNS[product.match]),
          say(MATCHES[product.match], Math.round(100 * product.confidence))),
        this.shares(product),
        this.agreed(product))));
    this.element.showModal();
  }

  /** @param {Shown} product */
  picture({ image, why }) {
    if (!image) return null;
    const plain = h("img", { src: this.look.address(image), alt: "" });
    const frame = h("div.well.large", {}, plain);
    if (!why?.map) return frame;
    const warm = h("img.map", { alt: this.say("mapAlt"), hidden: true });
    const toggle = h("button.quiet", { type: "button", "aria-pressed": "false", disabled: true, onclick: () => this.warm(toggle, warm, warm.hidden) },
      icon("flame"), this.say("map"));
    frame.append(warm);
    this.load(why.map, warm, toggle);
    return h("div.mapped", {}, frame, toggle, h("p.hushed", {}, this.say("mapHint")));
  }

  /** @param {string} path @param {HTMLImageElement} warm @param {HTMLButtonElement} toggle */
  async load(path, warm, toggle) {
    try {
      const src = URL.createObjectURL(await this.fetchMap(path)); // an <img> could not send the key
      warm.addEventListener("load", () => URL.revokeObjectURL(src), { once: true });
      warm.src = src;
      toggle.disabled = false;
      this.warm(toggle, warm, true);
    } catch {
      toggle.parentElement?.replaceChildren(...[...toggle.parentElement.children].slice(0, 1)); // the photo is forgotten by now
    }
  }

  /** @param {HTMLElement} toggle @param {HTMLElement} warm @param {boolean} isOn */
  warm(toggle, warm, isOn) {
    warm.hidden = !isOn;
    toggle.setAttribute("aria-pressed", String(isOn));
  }

  /** @param {Shown} product */
  shares({ why, score }) {
    const shares = Object.entries(why?.shares ?? {}).filter(([, share]) => Math.abs(share) >= 0.0005).sort((a, b) => b[1] - a[1]);
    if (!shares.length) return null;
    const whole = Math.max(1, shares.reduce((sum, [, share]) => sum + Math.max(0, share), 0));
    const stacked = h("div.stacked", { "aria-hidden": "true" }, ...shares.filter(([, share]) => share > 0).map(([name, share]) => {
      const part = h("span", { "data-share": name });
      part.style.width = `${(100 * share) / whole}%`;
      return part;
    }));
    const rows = shares.flatMap(([name, share]) => [
      h("dt", {}, h("span.key-dot", { "data-share": name }), this.named(name)),
      h("dd", {}, `${share < 0 ? "−" : ""}${Math.abs(share).toFixed(3)}`)]);
    return h("section", {}, h("h3", {}, this.say("scored", score.toFixed(3))), stacked, h("dl", {}, ...rows));
  }

  /** @param {string} name of a signal, a trait or a rule */
  named(name) {
    return name in NAMES ? this.say(NAMES[name]) : name;
  }

  /** @param {Shown} product */
  agreed({ why }) {
    const { say } = this;
    const tags = (/** @type {"whyWords" | "whyColours"} */ title, /** @type {Node[]} */ found) =>
      found.length > 0 && h("section", {}, h("h3", {}, say(title)), h("ul.tags", {}, ...found));
    return h("div", {},
      tags("whyWords", (why?.words ?? []).map((word) => h("li", {}, word))),
      tags("whyColours", (why?.colours ?? []).map((colour) => h("li", {}, swatch(colour), colourName(colour, this.look.language)))));
  }
}
