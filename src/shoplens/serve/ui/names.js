// @ts-check
/** How a shop writes what the server counts in small letters. */

import { fold } from "./question.js";

/** Learns from every product that comes by. */
export class Names {
  constructor() {
    /** @type {Map<string, string>} */
    this.known = new Map();
  }

  /** @param {{brand: string, category: string[]}[]} products */
  learn(products) {
    for (const { brand, category } of products) {
      for (const name of [brand, ...category]) if (name) this.known.set(fold(name), name);
    }
  }

  /** @param {string} folded @returns {string} with a capital at least */
  written(folded) {
    return this.known.get(folded) ?? folded.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
  }

  /** @param {string} folded a brand @returns {string} where not known with capitals at all words */
  brand(folded) {
    return this.known.get(folded) ?? folded.replace(/(?<=^|\s)\p{Ll}/gu, (letter) => letter.toUpperCase());
  }
}
