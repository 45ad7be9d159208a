// @ts-check
/** A search client that makes InstantSearch widgets ask a Shoplens server. */

import { answered } from "./src/batches.js";
import { Server, ShoplensError } from "./src/wire.js";

export { ShoplensError };

/**
 * Make a search client.
 *
 * @param {import("./index.js").Options} options see README.md
 * @returns {import("./index.js").ShoplensSearchClient}
 */
export function shoplensSearchClient({ url, key, fetch, facets = [], sorts = {}, maxHits = 500 }) {
  if (typeof url !== "string") {
    throw new ShoplensError("shoplensSearchClient needs the server's address: {url: \"https://search.shop.example\"}");
  }
  const server = new Server({ url, key, fetch });
  const ways = { facets, sorts, maxHits };
  return {
    search: async (requests) => ({ results: await answered(server, requests, ways) }),
    searchForFacetValues: (requests) => answered(server, requests, ways),
  };
}

/**
 * Read a photo as InstantSearch's parameters can hold it.
 *
 * @param {Blob} photo
 * @returns {Promise<{image: string}>} for `setQueryParameter("shoplens", …)`
 */
export async function photoParameters(photo) {
  const bytes = new Uint8Array(await photo.arrayBuffer());
  let binary = "";
  for (let i = 0; i < bytes.length; i += 32768) binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return { image: btoa(binary) };
}
