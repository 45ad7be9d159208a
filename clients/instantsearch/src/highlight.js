// @ts-check
/** The words asked for, marked in what a product says of itself. */

/**
 * @typedef {{pre: string, post: string, isRaw: boolean}} Tags
 * @typedef {{value: string, matchLevel: "none" | "partial" | "full", matchedWords: string[],
 *   fullyHighlighted?: boolean}} Marked
 */

/** InstantSearch asks with this tag where it escapes by itself; to escape twice would show `&amp;`. */
const PLACEHOLDER = "__ais-highlight__";
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @param {Record<string, any>} params of a request @returns {Tags} */
export function tagsOf({ highlightPreTag: pre = "<em>", highlightPostTag: post = "</em>" }) {
  return { pre, post, isRaw: pre === PLACEHOLDER };
}

/** @param {string} query @returns {string[]} its words, folded */
export function wordsOf(query) {
  return [...new Set((query.match(WORD) ?? []).map(folded).filter(Boolean))];
}

/**
 * Mark words in every text of a product; markup that a product brings is made harmless.
 *
 * @param {Record<string, unknown>} product
 * @param {string[]} names of the fields to mark
 * @param {string[]} words folded
 * @param {Tags} tags
 * @returns {Record<string, Marked | Marked[]>}
 */
export function highlighted(product, names, words, tags) {
  /** @type {Record<string, Marked | Marked[]>} */
  const found = {};
  for (const name of names) {
    const value = product[name];
    if (typeof value === "string") found[name] = marked(value, words, tags);
    else if (isTexts(value)) found[name] = value.map((text) => marked(text, words, tags));
  }
  return found;
}

/** @param {unknown} value @returns {value is string[]} */
function isTexts(value) {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/**
 * Mark words in a text.
 *
 * @param {string} text
 * @param {string[]} words folded
 * @param {Tags} tags
 * @returns {Marked}
 */
export function marked(text, words, { pre, post, isRaw }) {
  const safe = (/** @type {string} */ part) => isRaw ? part : part.replace(/[&<>"']/g, (sign) => ENTITIES[sign]);
  /** @type {Set<string>} */
  const seen = new Set();
  let value = "";
  let end = 0;
  for (const { start, length, word } of places(text, words)) {
    seen.add(word);
    value += safe(text.slice(end, start)) + pre + safe(text.slice(start, start + length)) + post;
    end = start + length;
  }
  const level = seen.size === 0 ? "none" : seen.size === words.length ? "full" : "partial";
  return { value: value + safe(text.slice(end)), matchLevel: level, matchedWords: [...seen] };
}

/** @param {string} text @param {string[]} words */
function* places(text, words) {
  for (const found of text.matchAll(WORD)) {
    const run = found[0];
    if (WITHOUT_SPACES.test(run)) yield* inside(run, found.index, words);
    else {
      const word = longest(words.filter((one) => folded(run).startsWith(one) || isFormOf(folded(run), one)));
      if (word) yield { start: found.index, length: reach(run, word), word };
    }
  }
}

/**
 * Find pieces of the words, as long as can be, where nothing tells where a word ends.
 *
 * @param {string} run letters without spaces, as in Chinese
 * @param {number} at
 * @param {string[]} words
 */
function* inside(run, at, words) {
  const signs = [...run];
  const plain = signs.map(folded);
  let start = at;
  for (let i = 0; i < signs.length;) {
    let piece = { n: 0, word: "" };
    for (let n = 1; i + n <= signs.length; n += 1) {
      const text = plain.slice(i, i + n).join("");
      const word = words.find((one) => (n > 1 ? one.includes(text) : one === text));
      if (word) piece = { n, word };
    }
    const length = signs.slice(i, i + (piece.n || 1)).join("").length;
    if (piece.n) yield { start, length, word: piece.word };
    start += length;
    i += piece.n || 1;
  }
}

/** @param {string} run @param {string} word in its singular or plural @returns {boolean} */
function isFormOf(run, word) {
  return run.length > 2 && (word === `${run}s` || word === `${run}es`);
}

/** @param {string} run @param {string} word @returns {number} how much of `run` is `word` */
function reach(run, word) {
  if (!folded(run).startsWith(word)) return run.length;
  let length = 1;
  while (length < run.length && folded(run.slice(0, length)).length < word.length) length += 1;
  while (length < run.length && /\p{M}/u.test(run[length])) length += 1;
  return length;
}

/** @param {string[]} words @returns {string} */
function longest(words) {
  return words.reduce((best, word) => (word.length > best.length ? word : best), "");
}

/** @param {string} text @returns {string} without case and accents */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
