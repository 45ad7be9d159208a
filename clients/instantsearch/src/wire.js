// @ts-check
/** Talking with the server: every failure becomes a ShoplensError. */

const PHOTOS = 4;
const FORGOTTEN = [400, 404, 410, 422];

/** What the server, or the way to it, refused; `status` is 0 when nobody answered. */
export class ShoplensError extends Error {
  /** @param {string} message @param {{status?: number, cause?: unknown}} [told] */
  constructor(message, { status = 0, cause } = {}) {
    super(message, { cause });
    this.name = "ShoplensError";
    this.status = status;
  }
}

/** One server, with a key if it needs one. */
export class Server {
  /** @param {{url: string, key?: string, fetch?: typeof fetch}} how */
  constructor({ url, key = "", fetch: given = (...a) => globalThis.fetch(...a) }) {
    this.url = url.replace(/\/+$/, "");
    this.key = key;
    this.fetch = given;
    /** @type {Map<string, string>} photos that the server has seen, and what it calls them */
    this.photos = new Map();
  }

  /** @param {string} path of the server, or an address already @returns {string} */
  address(path) {
    return /^\//.test(path) && !/^\/\//.test(path) ? this.url + path : path;
  }

  /**
   * Ask; a photo that the server has seen is sent by its id, unless it has been forgotten there.
   *
   * @param {Record<string, any>} body
   * @returns {Promise<any>}
   */
  async search(body) {
    const { image, ...words } = body;
    const seen = this.photos.get(image);
    if (seen) {
      try {
        return await this.post({ ...words, query_image_id: seen });
      } catch (error) {
        if (!(error instanceof ShoplensError && FORGOTTEN.includes(error.status))) throw error;
      }
    }
    const answer = await this.post(body);
    if (image && answer.query_image_id) this.photos.set(image, answer.query_image_id);
    if (this.photos.size > PHOTOS) this.photos.delete([...this.photos.keys()][0]);
    return answer;
  }

  /** @param {Record<string, any>} body @returns {Promise<any>} */
  async post(body) {
    /** @type {Record<string, string>} */
    const headers = { "content-type": "application/json" };
    if (this.key) headers.authorization = `Bearer ${this.key}`;
    const address = `${this.url}/v1/search`;
    const response = await this.fetch(address, { method: "POST", headers, body: JSON.stringify(body) })
      .catch((/** @type {unknown} */ cause) => {
        throw new ShoplensError(`${address} did not answer; is the server up, and are this page's `
          + "host and port among its serve.allowed_origins?", { cause });
      });
    const told = await response.json().catch(() => ({}));
    if (response.ok) return told;
    throw new ShoplensError(explained(told, response.status), { status: response.status });
  }
}

/** @param {any} problem RFC 9457 @param {number} status @returns {string} */
function explained({ title, detail }, status) {
  const reason = String(detail ?? "").split("\n")[0]; // without the picture of the place that a terminal needs
  return [title || `the server answered ${status}`, reason].filter(Boolean).join(": ");
}
