// @ts-check
/** A question as the part of the address behind #, and back; photos stay in memory. */

import { KEYWORDS, NOTHING, NOTHING_PICKED, SORTS } from "./question.js";

/**
 * @typedef {import("./question.js").Question} Question
 * @typedef {import("./question.js").Picked} Picked
 */

/** Remembers photos for as long as the page lives, so that "back" finds them again. */
export class Album {
  constructor() {
    /** @type {Blob[]} */
    this.photos = [];
  }

  /** @param {Question} question @returns {string} */
  hash(question) {
    const { q, filter, picked, product, photo, box, like, unlike, colour, sort, distinct } = question;
    const parts = new URLSearchParams();
    if (product) parts.set("product", product);
    if (photo) parts.set("photo", String(this.place(photo)));
    if (photo && box) parts.set("box", box.join(","));
    if (q) parts.set("q", q);
    if (colour) parts.set("like-colour", colour);
    for (const id of like) parts.append("like", id);
    for (const id of unlike) parts.append("unlike", id);
    for (const field of KEYWORDS) for (const value of picked[field]) parts.append(field, value);
    if (picked.price.some((end) => end !== null)) parts.set("price", picked.price.map((end) => end ?? "").join("-"));
    if (picked.in_stock) parts.set("in_stock", "1");
    if (filter) parts.set("filter", filter);
    if (sort !== NOTHING.sort) parts.set("sort", sort);
    if (distinct) parts.set("distinct", "1");
    return String(parts) ? `#${parts}` : "";
  }

  /** @param {string} hash @returns {Question & {lost: boolean}} `lost`: its photo is gone */
  question(hash) {
    const parts = new URLSearchParams(hash.replace(/^#/, ""));
    const named = parts.get("photo");
    const photo = named === null ? null : (this.photos[Number(named)] ?? null);
    const sort = parts.get("sort") ?? "";
    return {
      q: parts.get("q") ?? "",
      filter: parts.get("filter") ?? "",
      picked: pickedIn(parts),
      product: parts.get("product") ?? "",
      photo,
      box: photo ? boxIn(parts.get("box")) : null,
      like: parts.getAll("like"),
      unlike: parts.getAll("unlike"),
      colour: parts.get("like-colour") ?? "",
      sort: SORTS.some((known) => known === sort) ? sort : NOTHING.sort,
      distinct: parts.has("distinct"),
      lost: named !== null && !photo,
    };
  }

  /** @param {Blob} photo @returns {number} */
  place(photo) {
    const place = this.photos.indexOf(photo);
    return place >= 0 ? place : this.photos.push(photo) - 1;
  }
}

/** @param {URLSearchParams} parts @returns {Picked} */
function pickedIn(parts) {
  const [low, high] = /^(\d*\.?\d*)-(\d*\.?\d*)$/.exec(parts.get("price") ?? "")?.slice(1) ?? ["", ""];
  const end = (/** @type {string} */ text) => (/\d/.test(text) ? Number(text) : null);
  return {
    ...NOTHING_PICKED,
    category: parts.getAll("category"),
    brand: parts.getAll("brand"),
    colour: parts.getAll("colour"),
    price: [end(low), end(high)],
    in_stock: parts.has("in_stock"),
  };
}

/** @param {string | null} text @returns {import("./box.js").Box | null} */
function boxIn(text) {
  const sides = (text ?? "").split(",").map(Number);
  const fits = sides.length === 4 && sides.every((side) => side >= 0 && side <= 1);
  return fits && sides[0] < sides[2] && sides[1] < sides[3] ? /** @type {any} */ (sides) : null;
}
