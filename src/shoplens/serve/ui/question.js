// @ts-check
/** One question: what is asked, what narrows it, and the order its answer is shown in. */

/**
 * @typedef {[number | null, number | null]} Ends the lowest and the highest price, if any
 * @typedef {{category: string[], brand: string[], colour: string[], price: Ends,
 *   in_stock: boolean}} Picked what was chosen at the side, folded as the server counts it
 * @typedef {{q: string, filter: string, picked: Picked, product: string, photo: Blob | null,
 *   box: import("./box.js").Box | null, like: string[], unlike: string[], colour: string,
 *   sort: string, distinct: boolean}} Question `filter` is written by hand; `like` and
 *   `unlike` are ids of products
 */

/** @type {Picked} */
export const NOTHING_PICKED = { category: [], brand: [], colour: [], price: [null, null], in_stock: false };

/** @type {Question} */
export const NOTHING = {
  q: "", filter: "", picked: NOTHING_PICKED, product: "", photo: null, box: null,
  like: [], unlike: [], colour: "", sort: "relevance", distinct: false,
};

export const KEYWORDS = /** @type {const} */ (["category", "brand", "colour"]);
export const SORTS = /** @type {const} */ (["relevance", "price:asc", "price:desc", "newest", "popularity"]);
/** Between the levels of a category's path. */
export const BELOW = " > ";

/**
 * Tell whether anything is asked for; a filter alone asks for nothing, it lists.
 *
 * @param {Question} question
 * @returns {boolean}
 */
export function asks({ q, photo, product, like, unlike, colour }) {
  return Boolean(q || photo || product || like.length || unlike.length || colour);
}

/** @param {Picked} picked @returns {boolean} whether anything was chosen at the side */
export function narrows({ category, brand, colour, price, in_stock: inStock }) {
  return inStock || [...category, ...brand, ...colour].length > 0 || price.some((end) => end !== null);
}

/**
 * Write what narrows a question as text of the filter language, see docs/filters.md.
 *
 * What was written by hand comes first, so that a mistake's place is off by one bracket only.
 *
 * @param {Pick<Question, "filter" | "picked">} question
 * @returns {string}
 */
export function filterOf({ filter, picked }) {
  const parts = KEYWORDS.filter((field) => picked[field].length).map((field) => oneOf(field, picked[field]));
  const [low, high] = picked.price;
  if (low !== null && high !== null) parts.push(`price ${low} TO ${high}`);
  else if (low !== null) parts.push(`price >= ${low}`);
  else if (high !== null) parts.push(`price <= ${high}`);
  if (picked.in_stock) parts.push("in_stock");
  if (!parts.length) return filter;
  return [...(filter ? [`(${filter})`] : []), ...parts].join(" AND ");
}

/**
 * Fold words as filters compare them: compatible letters, small, single spaces.
 *
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  return text.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ");
}

/** @param {string[]} levels @returns {string} the path of a category as filters compare it */
export function pathOf(levels) {
  return levels.map(fold).join(BELOW);
}

/** @param {string} field @param {string[]} values @returns {string} */
function oneOf(field, values) {
  const quoted = values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`);
  return quoted.length > 1 ? `${field} IN (${quoted.join(", ")})` : `${field} = ${quoted[0]}`;
}
