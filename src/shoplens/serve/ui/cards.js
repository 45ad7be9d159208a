// @ts-check
/** Products to look at: a card in the grid, and the one product that the others are like. */

import { pointing } from "./box.js";
import { h, icon } from "./dom.js";

/**
 * @typedef {import("./client.js").Shown} Shown
 * @typedef {{why: (product: Shown) => void, like: (id: string) => void, unlike: (id: string) => void}} Does
 * @typedef {(word: import("./words.js").Word, ...values: (string | number)[]) => string} Say
 * @typedef {Shown & {pictures: string[], description: string}} Looked a product in full
 * @typedef {{say: Say, language: string, address: (path: string) => string}} Look
 */

/**
 * Make a card.
 *
 * @param {Shown} product
 * @param {Look} look
 * @param {{href: string, scored: boolean, choose: (event: MouseEvent) => void, does: Does}} how
 * @returns {HTMLLIElement}
 */
export function card(product, look, { href, scored, choose, does }) {
  const { say } = look;
  const { product_id: id, title, why } = product;
  const button = (/** @type {import("./dom.js").IconName} */ sign, /** @type {string} */ label, /** @type {() => void} */ act) =>
    h("button", { type: "button", title: label, "aria-label": `${label}: ${title}`, onclick: act }, icon(sign));
  return h("li.cell", {},
    h("a.card", { href, onclick: choose },
      h("div.well", {}, thumbnail(product, look), scored && bar(product, look),
        !product.in_stock && h("span.badge", {}, say("outOfStock"))),
      h("div.told", {},
        h("span.brand", {}, product.brand),
        h("span.title", { title }, title),
        prices(product, look))),
    h("div.does", {},
      button("more", say("moreLike"), () => does.like(id)),
      button("less", say("lessLike"), () => does.unlike(id)),
      scored && why && button("why", say("why"), () => does.why(product))));
}

/**
 * Make the row of cards that stand in until the real ones come.
 *
 * @param {number} k
 * @returns {HTMLLIElement[]}
 */
export function skeletons(k) {
  return Array.from({ length: k }, () =>
    h("li.cell", { "aria-hidden": "true" },
      h("div.card.skeleton", {}, h("div.well"),
        h("div.told", {}, h("span.line.short"), h("span.line"), h("span.line.short")))));
}

/**
 * Show the photo that the answers look like; a box may be drawn on it.
 *
 * @param {import("./question.js").Question} question
 * @param {Look} look
 * @param {() => void} remove
 * @param {(box: import("./box.js").Box | null) => void} point
 * @returns {HTMLElement}
 */
export function asked({ photo, q: words, box }, { say }, remove, point) {
  if (!photo) return h("section");
  const shown = pointing(preview(photo, say("photo")), box, say("pointHint"), point);
  return h("section.chosen.asked", {},
    h("div.pictures", {}, shown),
    h("div.facts", {},
      h("h2", {}, say(box ? "likeBox" : "likePhoto")),
      h("p.brand", {}, say(box ? "unpointHint" : "pointHint")),
      words && h("p.brand", {}, say("withWords", words))),
    away(say("removePhoto"), remove));
}

/**
 * Show a picture that only this browser has.
 *
 * @param {Blob} photo
 * @param {string} alt
 * @returns {HTMLImageElement}
 */
export function preview(photo, alt) {
  const src = URL.createObjectURL(photo);
  const forget = () => URL.revokeObjectURL(src);
  const unseen = () => { // a format that the server reads, but this browser does not
    forget();
    image.replaceWith(icon("picture"));
  };
  const image = h("img", { src, alt, onload: forget, onerror: unseen });
  return image;
}

/** @param {string} label @param {() => void} remove */
function away(label, remove) {
  return h("button.round.away", { type: "button", title: label, "aria-label": label, onclick: remove }, icon("close"));
}

/**
 * Show the product that the answers are similar to.
 *
 * @param {Looked} product
 * @param {Look} look
 * @param {() => void} remove
 * @returns {HTMLElement}
 */
export function chosen(product, look, remove) {
  const { say } = look;
  const main = h("div.well.large", {}, thumbnail(product, look));
  const others = product.pictures.length < 2 ? [] : product.pictures.slice(0, 6).map((path) =>
    h("button.small.well", {
      type: "button", "aria-label": product.title,
      onclick: () => main.replaceChildren(thumbnail({ ...product, image: path }, look)),
    }, thumbnail({ ...product, image: path }, look)));
  return h("section.chosen", {},
    h("div.pictures", {}, main, others.length > 0 && h("div.strip", {}, ...others)),
    h("div.facts", {},
      h("h2", {}, say("similar", product.title)),
      h("p.brand", {}, [product.brand, product.category.join(" › ")].filter(Boolean).join(" · ")),
      prices(product, look, true),
      product.description && h("p.description", {}, product.description),
      /^https?:/.test(product.url) && h("div.actions", {}, h("a.quiet", {
        href: product.url, target: "_blank", rel: "noopener noreferrer",
      }, icon("out"), say("inShop")))),
    away(say("removeProduct"), remove));
}

/** @param {Shown} product @param {Look} look */
function thumbnail(product, { say, address }) {
  if (!product.image) return h("span.blank", {}, icon("picture"), say("noImage"));
  return h("img", { src: address(product.image), alt: "", loading: "lazy", decoding: "async" });
}

/** @param {Shown} product @param {Look} look */
function bar(product, { say }) {
  const signals = Object.entries(product.signals).map(([name, s]) => `${name} ${s.toFixed(3)}`);
  const title = [say("score", product.score.toFixed(3)), ...signals].join(" · ");
  const filled = h("span");
  filled.style.width = `${100 * Math.max(0, Math.min(1, product.score))}%`;
  return h("span.score", { title, role: "img", "aria-label": title }, filled);
}

/** @param {Shown} product @param {Look} look @param {boolean} [full] with "in stock" too */
function prices(product, look, full = false) {
  const now = product.sale_price ?? product.price;
  const reduced = product.sale_price !== null && product.price !== null
    && product.sale_price < product.price;
  return h("span.prices", {},
    now !== null && h(reduced ? "span.now.reduced" : "span.now", {}, money(now, product, look)),
    reduced && h("s", {}, money(/** @type {number} */ (product.price), product, look)),
    full && h(product.in_stock ? "span.stock" : "span.stock.out", {},
      look.say(product.in_stock ? "inStock" : "outOfStock")));
}

/** @param {number} amount @param {Shown} product @param {Look} look @returns {string} */
function money(amount, { currency }, { language }) {
  const plain = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  if (!currency) return new Intl.NumberFormat(language, plain).format(amount);
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency }).format(amount);
  } catch {
    return `${new Intl.NumberFormat(language, plain).format(amount)} ${currency}`;
  }
}
