// @ts-check
/** How prices are spread, and a line each for the lowest and the highest that are wanted. */

import { h } from "./dom.js";

const HEIGHT_PX = 44;

export class Histogram {
  /**
   * @param {import("./cards.js").Say} say
   * @param {import("./client.js").Facet | undefined} facet
   * @param {import("./question.js").Ends} ends
   * @param {(ends: import("./question.js").Ends) => void} choose
   */
  constructor(say, facet, ends, choose) {
    this.ends = ends;
    this.choose = choose;
    const { lowest = null, highest = null, ranges = [] } = facet ?? {};
    this.low = this.input("low", say("priceFrom"), ends[0], lowest === null ? "" : Math.floor(lowest));
    this.high = this.input("high", say("priceTo"), ends[1], highest === null ? "" : Math.ceil(highest));
    this.element = h("div.prices-facet", {}, this.bars(ranges),
      h("div.ends", {}, this.low, h("span", { "aria-hidden": "true" }, "–"), this.high));
  }

  /** @param {import("./client.js").Facet["ranges"]} ranges */
  bars(ranges) {
    if (ranges.length < 2) return null;
    const most = Math.max(...ranges.map(({ products }) => products));
    const [low, high] = this.ends;
    return h("div.bars", { "aria-hidden": "true" }, ...ranges.map((range) => {
      const isIn = (low === null || range.high > low) && (high === null || range.low <= high);
      const bar = h(isIn ? "span" : "span.outside", { title: `${range.low}–${range.high}: ${range.products}` });
      // by the square root, or a few dear things would not be seen beside many cheap ones
      bar.style.height = range.products ? `${Math.max(3, Math.round(HEIGHT_PX * Math.sqrt(range.products / most)))}px` : "1px";
      return bar;
    }));
  }

  /** @param {string} name @param {string} label @param {number | null} value @param {string | number} otherwise */
  input(name, label, value, otherwise) {
    return h("input", {
      type: "number", min: "0", step: "any", inputMode: "decimal", "aria-label": label, placeholder: String(otherwise),
      value: value === null ? "" : String(value), "data-key": `price:${name}`, onchange: () => this.changed(),
    });
  }

  changed() {
    const read = (/** @type {HTMLInputElement} */ { value }) => (value.trim() && Number(value) >= 0 ? Number(value) : null);
    const [low, high] = [read(this.low), read(this.high)];
    this.choose(low !== null && high !== null && low > high ? [high, low] : [low, high]);
  }
}
