// @ts-check
/** A merchandiser's rule: when it speaks, what it is called, and the products it names. */

import { Problem } from "./client.js";

/**
 * @typedef {"pin" | "hide" | "boost" | "bury"} Action
 * @typedef {{rule_id: string, action: Action, product_ids: string[], filter: string, query: string,
 *   position: number, factor: number, starts: string | null, ends: string | null, note: string,
 *   problem: string}} Rule
 * @typedef {{product_id: string, title: string, image: string, isGone: boolean}} Named
 */

/** @type {Action[]} */
export const ACTIONS = ["pin", "hide", "boost", "bury"];

/** @type {Rule} */
export const BLANK = {
  rule_id: "", action: "pin", product_ids: [], filter: "", query: "", position: 1, factor: 1.5,
  starts: null, ends: null, note: "", problem: "",
};

/** @param {Rule} rule @param {Date} now @returns {"problem" | "now" | "later" | "over"} */
export function stateOf({ problem, starts, ends }, now) {
  if (problem) return "problem";
  if (ends && new Date(ends) <= now) return "over";
  return starts && new Date(starts) > now ? "later" : "now";
}

/**
 * Name a new rule after what it does.
 *
 * @param {Rule} rule
 * @param {Set<string>} taken
 * @returns {string}
 */
export function newId({ action, query, product_ids: ids, filter }, taken) {
  const words = `${action} ${query || ids[0] || filter}`.toLowerCase();
  const name = words.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60);
  let id = name;
  for (let n = 2; taken.has(id); n += 1) id = `${name}-${n}`;
  return id;
}

/** Remembers products by id, so that each is asked for once. */
export class Shelf {
  /** @param {import("./client.js").Client} client */
  constructor(client) {
    this.client = client;
    /** @type {Map<string, Named>} */
    this.known = new Map();
  }

  /** @param {{product_id: string, title: string, image: string}[]} products */
  learn(products) {
    for (const { product_id: id, title, image } of products) this.known.set(id, { product_id: id, title, image, isGone: false });
  }

  /** @param {string} id @returns {Promise<Named>} */
  async find(id) {
    const known = this.known.get(id) ?? (await this.ask(id));
    this.known.set(id, known);
    return known;
  }

  /** @param {string} id @returns {Promise<Named>} */
  async ask(id) {
    try {
      const { title, images } = await this.client.product(id);
      const image = images.find((/** @type {any} */ one) => one.image)?.image ?? "";
      return { product_id: id, title, image, isGone: false };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { product_id: id, title: id, image: "", isGone: error.status === 404 };
    }
  }
}
