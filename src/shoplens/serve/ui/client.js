// @ts-check
/** Talking with the server: every failure becomes a Problem. */

import { filterOf } from "./question.js";

/**
 * @typedef {{shares: Record<string, number>, words: string[], colours: string[], map: string}} Why
 * @typedef {{product_id: string, group_id: string, title: string, brand: string,
 *   category: string[], price: number | null, sale_price: number | null, currency: string,
 *   in_stock: boolean, url: string, image: string, score: number,
 *   signals: Record<string, number>, confidence: number, match: "strong" | "similar" | "none",
 *   why: Why | null}} Shown
 * @typedef {{field: string, kind: string, values: {value: string, products: number}[],
 *   ranges: {low: number, high: number, products: number}[],
 *   lowest: number | null, highest: number | null}} Facet
 * @typedef {{ranking_id: string, products: Shown[], total: number, total_exact: boolean,
 *   match: "strong" | "similar" | "none", guess: {category: string[], confidence: number} | null,
 *   facets: Facet[], corrected: string, query_image_id: string, complete: boolean,
 *   timings_ms: Record<string, number>}} Answer
 * @typedef {{queries: {text: string, products: number}[],
 *   categories: {category: string[], products: number}[],
 *   products: {product_id: string, title: string}[]}} Suggested
 * @typedef {import("./question.js").Question} Question
 * @typedef {{limit: number, offset: number, facets: string[], typing?: boolean,
 *   signal?: AbortSignal}} How
 */

const KEY = "shoplens-key";
const FACET_VALUES = 200; // a category counts once for each of its levels and paths

/** What the server, or the way to it, refused; `status` is 0 when nobody answered. */
export class Problem extends Error {
  /** @param {{status?: number, title?: string, detail?: string, position?: number}} told */
  constructor(told) {
    super(told.detail || told.title || "");
    this.status = told.status ?? 0;
    this.title = told.title ?? "";
    /** Without the picture of the place that a terminal needs. */
    this.detail = (told.detail ?? "").split("\n")[0];
    this.position = told.position ?? null;
  }
}

/** One server, with a key if it needs one. */
export class Client {
  /** @param {string} endpoint where the server is; empty: where this page is from */
  constructor(endpoint, key = "") {
    this.endpoint = new URL(endpoint || "/", location.href);
    this.key = key || (this.isOurs ? (sessionStorage.getItem(KEY) ?? "") : "");
    /** @type {WeakMap<Blob, string>} photos that the server remembers, for some minutes */
    this.sent = new WeakMap();
  }

  get isOurs() {
    return this.endpoint.origin === location.origin;
  }

  /** @param {string} key used from now on, and kept until the tab is closed */
  keep(key) {
    this.key = key;
    if (this.isOurs) sessionStorage.setItem(KEY, key);
  }

  /** @param {string} path of the server @returns {string} */
  address(path) {
    return new URL(path, this.endpoint).href;
  }

  /**
   * Ask; a photo travels once, and again only when the server has forgotten it.
   *
   * @param {Question} question
   * @param {How} how
   * @returns {Promise<Answer>}
   */
  async search(question, how) {
    const { photo } = question;
    const asked = wire(question, how);
    if (!photo) return this.post(asked, how.signal);
    const known = this.sent.get(photo);
    if (known) {
      try {
        return await this.post({ ...asked, query_image_id: known }, how.signal);
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 404) throw error;
        this.sent.delete(photo);
      }
    }
    const answer = await this.upload(asked, photo, how.signal);
    if (answer.query_image_id) this.sent.set(photo, answer.query_image_id);
    return answer;
  }

  /** @param {Record<string, unknown>} asked @param {AbortSignal} [signal] */
  post(asked, signal) {
    const headers = { "content-type": "application/json" };
    return this.ask("/v1/search", { method: "POST", headers, body: JSON.stringify(asked), signal });
  }

  /** @param {Record<string, unknown>} asked @param {Blob} photo @param {AbortSignal} [signal] */
  upload(asked, photo, signal) {
    const form = new FormData();
    for (const [name, value] of Object.entries(asked)) {
      const isPlain = typeof value !== "object" || name === "facets" || name === "box";
      form.append(name, isPlain ? String(value) : JSON.stringify(value));
    }
    form.append("image", photo, "photo");
    return this.ask("/v1/search", { method: "POST", body: form, signal });
  }

  /** @param {string} q what has been typed so far @param {AbortSignal} [signal] @returns {Promise<Suggested>} */
  suggest(q, signal) {
    return this.ask(`/v1/suggest?${new URLSearchParams({ q, limit: "5" })}`, { signal });
  }

  /** @param {string} id */
  product(id) {
    return this.ask(`/v1/products/${encodeURIComponent(id)}`);
  }

  /** @param {string} path of a picture that needs the key @returns {Promise<Blob>} */
  async picture(path) {
    return (await this.answer(path)).blob();
  }

  /** @param {string} path @param {RequestInit} [how] @returns {Promise<any>} */
  async ask(path, how = {}) {
    return bodyOf(await this.answer(path, how));
  }

  /** @param {string} path @param {RequestInit} [how] @returns {Promise<Response>} */
  async answer(path, how = {}) {
    /** @type {Record<string, string>} */
    const key = this.key ? { authorization: `Bearer ${this.key}` } : {};
    let response;
    try {
      response = await fetch(this.address(path), { ...how, headers: { ...how.headers, ...key } });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem({ status: 0 });
    }
    if (response.ok) return response;
    throw new Problem({ ...(await bodyOf(response)), status: response.status });
  }
}

/** @param {Response} response @returns {Promise<any>} an empty object where there is no JSON */
function bodyOf(response) {
  return response.json().catch((error) => {
    if (error.name === "AbortError") throw error; // asked something else meanwhile
    return {};
  });
}

/** @param {Question} question @param {How} how @returns {Record<string, unknown>} as the API names it */
function wire(question, { limit, offset, facets, typing }) {
  const { q, product, box, like, unlike, colour, sort, distinct, photo } = question;
  const things = (/** @type {string[]} */ ids) => ids.map((id) => ({ product_id: id }));
  const all = {
    q, filter: filterOf(question), product_id: product, box: photo && box, like: things(like),
    unlike: things(unlike), colour, sort, distinct, limit, offset, facets, typing,
    facet_values: facets.length && FACET_VALUES, explain: true,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => (Array.isArray(value) ? value.length : value)));
}
