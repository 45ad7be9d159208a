/** How a search client reaches a Shoplens server. */
export interface Options {
  /** Where the server is, such as `https://search.shop.example`; empty for this page's own host. */
  url: string;
  /** The search key, never the admin key: everybody can read it. */
  key?: string;
  /** Attributes that are counted where a widget asks for all of them (`*`). */
  facets?: string[];
  /** The order that an index's name stands for: `{ cheap: "price:asc", products: "" }`. */
  sorts?: Record<string, string>;
  /** How deep pages go; 500 unless told, as the server's setting `search.reach`. */
  maxHits?: number;
  /** Another way to fetch, as on a server or in tests. */
  fetch?: typeof globalThis.fetch;
}

/** What `shoplens` in InstantSearch's search parameters may hold: what POST /v1/search takes. */
export interface ShoplensParameters {
  /** A photo in base64, or as a data URL; see `photoParameters`. */
  image?: string;
  /** `query_image_id` of an earlier answer. */
  query_image_id?: string;
  box?: [left: number, top: number, right: number, bottom: number];
  /** Such as `#c0392b`. */
  colour?: string;
  filter?: string;
  explain?: boolean;
  diversity?: number;
  like?: object[];
  unlike?: object[];
  [name: string]: unknown;
}

/** Fits `instantsearch({ searchClient })`, React InstantSearch and Vue InstantSearch. */
export interface ShoplensSearchClient {
  search(requests: any): Promise<{ results: any[] }>;
  searchForFacetValues(requests: any): Promise<any[]>;
}

export function shoplensSearchClient(options: Options): ShoplensSearchClient;

/** Read a photo for `helper.setQueryParameter("shoplens", await photoParameters(file))`. */
export function photoParameters(photo: Blob): Promise<{ image: string }>;

/** What the server refused; `status` is 0 when nobody answered. */
export class ShoplensError extends Error {
  status: number;
}
