// @ts-check
/** Talking with the server: every failure becomes a Problem. */

/**
 * @typedef {{product_id: string, group_id: string, title: string, brand: string,
 *   category: string[], price: number | null, sale_price: number | null, currency: string,
 *   in_stock: boolean, url: string, image: string, score: number,
 *   signals: Record<string, number>}} Shown
 * @typedef {{ranking_id: string, products: Shown[], complete: boolean,
 *   timings_ms: Record<string, number>}} Answer
 * @typedef {{q: string, filter: string, product: string, photo: Blob | null,
 *   box: import("./box.js").Box | null}} Question
 */

const KEY = "shoplens-key";

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
   * @param {Question} question
   * @param {{limit: number, offset: number, signal?: AbortSignal}} how
   * @returns {Promise<Answer>}
   */
  search({ q, filter, product, photo, box }, { limit, offset, signal }) {
    const asked = { q, filter, product_id: product, limit: String(limit), offset: String(offset) };
    const given = Object.entries(asked).filter(([, value]) => value);
    if (!photo) return this.ask(`/v1/search?${new URLSearchParams(given)}`, { signal });
    const form = new FormData();
    for (const [name, value] of given) form.append(name, value);
    form.append("image", photo, "photo");
    if (box) form.append("box", box.join(","));
    return this.ask("/v1/search", { method: "POST", body: form, signal });
  }

  /** @param {string} id */
  product(id) {
    return this.ask(`/v1/products/${encodeURIComponent(id)}`);
  }

  /** @param {string} path @param {RequestInit} [how] @returns {Promise<any>} */
  async ask(path, how = {}) {
    /** @type {Record<string, string>} */
    const headers = this.key ? { authorization: `Bearer ${this.key}` } : {};
    let response;
    try {
      response = await fetch(this.address(path), { ...how, headers });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem({ status: 0 });
    }
    const told = await response.json().catch(() => ({}));
    if (!response.ok) throw new Problem({ status: response.status, ...told });
    return told;
  }
}
