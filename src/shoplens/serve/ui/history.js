// @ts-check
/** A question as the part of the address behind #, and back; photos stay in memory. */

/** @typedef {import("./client.js").Question} Question */

/** Remembers photos for as long as the page lives, so that "back" finds them again. */
export class Album {
  constructor() {
    /** @type {Blob[]} */
    this.photos = [];
  }

  /** @param {Question} question @returns {string} */
  hash({ q, filter, product, photo, box }) {
    const parts = new URLSearchParams();
    if (product) parts.set("product", product);
    if (photo) parts.set("photo", String(this.place(photo)));
    if (photo && box) parts.set("box", box.join(","));
    if (q) parts.set("q", q);
    if (filter) parts.set("filter", filter);
    return String(parts) ? `#${parts}` : "";
  }

  /** @param {string} hash @returns {Question & {lost: boolean}} `lost`: its photo is gone */
  question(hash) {
    const parts = new URLSearchParams(hash.replace(/^#/, ""));
    const named = parts.get("photo");
    const photo = named === null ? null : (this.photos[Number(named)] ?? null);
    return {
      q: parts.get("q") ?? "",
      filter: parts.get("filter") ?? "",
      product: parts.get("product") ?? "",
      photo,
      box: photo ? boxIn(parts.get("box")) : null,
      lost: named !== null && !photo,
    };
  }

  /** @param {Blob} photo @returns {number} */
  place(photo) {
    const place = this.photos.indexOf(photo);
    return place >= 0 ? place : this.photos.push(photo) - 1;
  }
}

/** @param {string | null} text @returns {import("./box.js").Box | null} */
function boxIn(text) {
  const sides = (text ?? "").split(",").map(Number);
  const fits = sides.length === 4 && sides.every((side) => side >= 0 && side <= 1);
  return fits && sides[0] < sides[2] && sides[1] < sides[3] ? /** @type {any} */ (sides) : null;
}
