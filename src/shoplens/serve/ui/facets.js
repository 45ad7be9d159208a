// @ts-check
/** What narrows an answer, at its side: categories, brands, colours, prices, what is in stock. */

import { colourName, isPlain, PLAIN, swatch } from "./colours.js";
import { h, icon } from "./dom.js";
import { Histogram } from "./histogram.js";
import { BELOW, NOTHING_PICKED } from "./question.js";

/**
 * @typedef {import("./question.js").Picked} Picked
 * @typedef {import("./client.js").Facet} Facet
 * @typedef {import("./names.js").Names} Names
 * @typedef {{value: string, products: number}} Counted
 */

/** Fields that are offered, in this order, where the shop has them. */
export const OFFERED = ["category", "brand", "colour", "price", "in_stock"];
const SHOWN = 8;
const TITLES = /** @type {const} */ ({
  category: "facetCategory", brand: "facetBrand", colour: "facetColour", price: "facetPrice",
});

export class Facets {
  /**
   * @param {import("./cards.js").Look} look
   * @param {Names} names
   * @param {(picked: Picked) => void} narrow
   */
  constructor(look, names, narrow) {
    this.look = look;
    this.say = look.say;
    this.names = names;
    this.narrow = narrow;
    this.picked = NOTHING_PICKED;
    /** @type {Set<string>} lists that are shown to their end */
    this.whole = new Set();
    this.element = h("div.facets", { role: "group", "aria-label": this.say("narrow") });
  }

  /** Whether there is anything to choose from. */
  get isEmpty() {
    return !this.element.childElementCount;
  }

  /** @param {Facet[]} facets @param {Picked} picked */
  show(facets, picked) {
    this.picked = picked;
    const of = (/** @type {string} */ field) => facets.find((facet) => facet.field === field);
    const [category, brand, colour, price, stock] = OFFERED.map(of);
    const root = /** @type {ShadowRoot} */ (this.element.getRootNode());
    const focused = root.activeElement?.getAttribute("data-key");
    const top = this.element.parentElement?.scrollTop ?? 0;
    this.element.replaceChildren(...[
      this.categories(category?.values ?? []),
      this.values("brand", brand?.values ?? [], (value) => [h("span", {}, this.names.brand(value))]),
      this.colours(colour?.values ?? []),
      this.prices(price),
      this.stock(stock?.values ?? []),
    ].filter(Boolean));
    if (focused) this.element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    if (this.element.parentElement) this.element.parentElement.scrollTop = top;
  }

  /** @param {Partial<Picked>} change */
  pick(change) {
    this.narrow({ ...this.picked, ...change });
  }

  /** @param {Counted[]} values */
  categories(values) {
    const [chosen = ""] = this.picked.category;
    const levels = chosen ? chosen.split(BELOW) : [];
    const above = levels.map((_, depth) => levels.slice(0, depth + 1).join(BELOW));
    const children = below(values, chosen);
    if (!children.length && !chosen) return null;
    const go = (/** @type {string} */ path) => this.pick({ category: path ? [path] : [] });
    const step = (/** @type {string} */ path, /** @type {string} */ name, /** @type {number | null} */ n, /** @type {boolean} */ isHere) =>
      h("li", {}, h(isHere ? "button.level.here" : "button.level", {
        type: "button", "data-key": `category:${path}`, "aria-current": isHere ? "true" : null, onclick: () => go(path),
      }, h("span", {}, name), n !== null && h("small", {}, this.number(n))));
    const count = (/** @type {string} */ path) => values.find(({ value }) => value === path)?.products ?? null;
    return this.group("category",
      h("ul.levels", {},
        chosen && h("li", {}, h("button.level", { type: "button", "data-key": "category:", onclick: () => go("") },
          icon("back"), h("span", {}, this.say("allCategories")))),
        ...above.map((path, depth) => step(path, this.names.written(levels[depth]), count(path), path === chosen))),
      this.list("category", children.map(({ value, products }) =>
        step(value, this.names.written(value.split(BELOW).at(-1) ?? value), products, false)), chosen ? "ul.levels.under" : "ul.levels"));
  }

  /**
   * @param {"brand" | "colour"} field
   * @param {Counted[]} values
   * @param {(value: string) => (Node | string)[]} told
   * @param {string} [kind]
   */
  values(field, values, told, kind = "ul.values") {
    const chosen = this.picked[field];
    const gone = chosen.filter((value) => !values.some((known) => known.value === value));
    const all = [...gone.map((value) => ({ value, products: 0 })), ...values];
    if (!all.length) return null;
    const change = (/** @type {string} */ value) => this.pick({
      [field]: chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value],
    });
    return this.group(field, this.list(field, all.map(({ value, products }) => h("li", {}, h("label", {},
      h("input", {
        type: "checkbox", checked: chosen.includes(value), "data-key": `${field}:${value}`, onchange: () => change(value),
      }), ...told(value), h("small", {}, this.number(products))))), kind));
  }

  /** @param {Counted[]} values plain names are enough; a shop's own words come where there are none */
  colours(values) {
    const plain = values.filter(({ value }) => isPlain(value));
    plain.sort((a, b) => PLAIN.indexOf(a.value) - PLAIN.indexOf(b.value));
    return this.values("colour", plain, (value) => [
      swatch(value), h("span", {}, this.names.written(colourName(value, this.look.language)))], "ul.values.tints");
  }

  /** @param {Facet} [facet] */
  prices(facet) {
    if (!facet || facet.lowest === null || facet.lowest === facet.highest) {
      if (this.picked.price.every((end) => end === null)) return null;
    }
    const histogram = new Histogram(this.say, facet, this.picked.price, (price) => this.pick({ price }));
    return this.group("price", histogram.element);
  }

  /** @param {Counted[]} values */
  stock(values) {
    const isOn = this.picked.in_stock;
    const count = values.find(({ value }) => value === "true")?.products ?? 0;
    if (!isOn && (values.length < 2 || !count)) return null; // it would change nothing
    return h("label.switch", {}, h("span", {}, this.say("inStockOnly"), " ", h("small", {}, this.number(count))),
      h("input", {
        type: "checkbox", role: "switch", checked: isOn, "data-key": "in_stock", onchange: () => this.pick({ in_stock: !isOn }),
      }));
  }

  /** @param {"category" | "brand" | "colour" | "price"} field @param {...(Node | null)} parts */
  group(field, ...parts) {
    return h("fieldset", {}, h("legend", {}, this.say(TITLES[field])), ...parts);
  }

  /** @param {string} field @param {HTMLElement[]} rows @param {string} kind */
  list(field, rows, kind) {
    const isWhole = this.whole.has(field) || rows.length <= SHOWN + 1 || kind.includes("tints");
    if (!rows.length) return null;
    const list = h(kind, {}, ...(isWhole ? rows : rows.slice(0, SHOWN)));
    if (isWhole) return list;
    const more = h("button.link", {
      type: "button", onclick: () => {
        this.whole.add(field);
        list.append(...rows.slice(SHOWN));
        /** @type {HTMLElement | null} */ (rows[SHOWN].querySelector("input, button"))?.focus();
        more.remove();
      },
    }, this.say("allOf", rows.length));
    return h("div", {}, list, more);
  }

  /** @param {number} n */
  number(n) {
    return new Intl.NumberFormat(this.look.language).format(n);
  }
}

/**
 * Find the categories right below a path; without one, those at the top.
 *
 * A category counts under its name as well as under its path, so names that end a path are not tops.
 *
 * @param {Counted[]} values
 * @param {string} path
 * @returns {Counted[]}
 */
export function below(values, path) {
  const depth = path ? path.split(BELOW).length : 0;
  if (depth) {
    return values.filter(({ value }) => value.startsWith(path + BELOW) && value.split(BELOW).length === depth + 1);
  }
  const paths = values.map(({ value }) => value.split(BELOW)).filter(({ length }) => length > 1);
  const tops = new Set(paths.map(([top]) => top));
  const lower = new Set(paths.flatMap((levels) => levels.slice(1)));
  return values.filter(({ value }) => !value.includes(BELOW) && (tops.has(value) || !lower.has(value)));
}
