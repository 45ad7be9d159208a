// @ts-check
/** What the server answers becomes what InstantSearch shows. */

import { fieldOf } from "./filters.js";
import { highlighted, marked, tagsOf, wordsOf } from "./highlight.js";
import { valuesWanted } from "./questions.js";

/**
 * @typedef {import("./questions.js").Question} Question
 * @typedef {{field: string, kind: string, values?: {value: string, products: number}[],
 *   ranges?: {low: number, high: number, products: number}[],
 *   lowest?: number | null, highest?: number | null}} Facet
 * @typedef {{ranking_id: string, products: Record<string, any>[], total: number, total_exact?: boolean, complete: boolean,
 *   facets?: Facet[], timings_ms?: Record<string, number>, query_image_id?: string,
 *   match?: string, corrected?: string, guess?: unknown}} Answer
 * @typedef {(path: string) => string} Address
 */

const LINKS = ["url", "image"];
const NOT_TEXT = new Set(["product_id", "group_id", "currency", "match", "map", ...LINKS]);
const BETWEEN = " > ";

/**
 * Answer one request.
 *
 * @param {Question} question
 * @param {Answer} answer
 * @param {{address: Address, maxHits: number, isOwn: boolean}} how `isOwn` unless another's answer is used
 * @returns {Record<string, any>}
 */
export function result(question, answer, { address, maxHits, isOwn }) {
  const { params, page, hitsPerPage, limit } = question;
  const shown = isOwn ? answer.products.slice(0, limit) : [];
  const reachable = Math.min(answer.total, maxHits);
  const { products: _, facets: __, ...more } = answer;
  const isExact = isOwn && answer.total_exact !== false;
  return {
    hits: shown.map((product) => hit(product, question, address)),
    nbHits: answer.total,
    page,
    nbPages: hitsPerPage > 0 ? Math.ceil(reachable / hitsPerPage) : 0,
    hitsPerPage,
    ...counted(question, answer.facets ?? []),
    query: params.query,
    params: "",
    index: question.indexName,
    queryID: answer.ranking_id,
    processingTimeMS: spent(answer),
    exhaustiveNbHits: isExact,
    exhaustiveFacetsCount: true,
    exhaustive: { nbHits: isExact, facetsCount: true },
    shoplens: { ...more, facets: answer.facets ?? [] },
  };
}

/**
 * Answer a search within the values of a facet.
 *
 * @param {Question} question
 * @param {Answer} answer
 * @returns {Record<string, any>}
 */
export function facetHits(question, answer) {
  const { facetQuery = "", maxFacetHits = 10 } = question.params;
  const words = wordsOf(String(facetQuery));
  const tags = tagsOf(question.params);
  const found = valuesOf(question.facets[0], answer.facets ?? [])
    .map(([value, count]) => ({ value, count, mark: marked(value, words, tags) }))
    .filter(({ mark }) => mark.matchedWords.length === words.length)
    .slice(0, maxFacetHits);
  return {
    facetHits: found.map(({ value, count, mark }) => ({ value, highlighted: mark.value, count })),
    exhaustiveFacetsCount: true,
    processingTimeMS: spent(answer),
  };
}

/** @param {Answer} answer @returns {number} */
function spent({ timings_ms: timings = {} }) {
  return Math.round(Object.values(timings).reduce((sum, part) => sum + part, 0));
}

/**
 * @param {Record<string, any>} product
 * @param {Question} question
 * @param {Address} address
 */
function hit(product, { params }, address) {
  const words = [...new Set([...wordsOf(params.query), ...(product.why?.words ?? []).flatMap(wordsOf)])];
  const texts = Object.keys(product).filter((name) => !NOT_TEXT.has(name));
  const names = Array.isArray(params.attributesToHighlight) && !params.attributesToHighlight.includes("*")
    ? params.attributesToHighlight
    : texts;
  return {
    ...product,
    ...safeLinks(product, address),
    objectID: product.product_id,
    _highlightResult: highlighted(product, names, words, tagsOf(params)),
  };
}

/** @param {Record<string, any>} product @param {Address} address */
function safeLinks(product, address) {
  const links = LINKS.filter((name) => typeof product[name] === "string");
  return Object.fromEntries(links.map((name) => {
    const link = address(product[name]);
    return [name, /^(https?:\/\/|\/(?!\/))/i.test(link) ? link : ""];
  }));
}

/** @param {Question} question @param {Facet[]} facets */
function counted(question, facets) {
  /** @type {Record<string, Record<string, number>>} */
  const values = {};
  /** @type {Record<string, {min: number, max: number}>} */
  const stats = {};
  for (const attribute of question.facets) {
    const facet = facets.find(({ field }) => field === fieldOf(attribute));
    if (!facet) continue;
    values[attribute] = Object.fromEntries(valuesOf(attribute, facets).slice(0, valuesWanted(question)));
    const { lowest, highest } = facet;
    if (typeof lowest === "number" && typeof highest === "number") stats[attribute] = { min: lowest, max: highest };
  }
  return { facets: values, facets_stats: stats };
}

/** @param {string} attribute @param {Facet[]} facets @returns {[string, number][]} most frequent first */
function valuesOf(attribute, facets) {
  const found = facets.find(({ field }) => field === fieldOf(attribute))?.values ?? [];
  const all = found.map(({ value, products }) => /** @type {[string, number]} */ ([value, products]));
  if (attribute !== fieldOf(attribute)) return atLevel(Number(/\d+$/.exec(attribute)?.[0]), all);
  return attribute === "category" ? all.filter(([value]) => !value.includes(BETWEEN)) : all;
}

/**
 * Keep the paths of one level; a category counts under its name as well as under its path.
 *
 * @param {number} level 0 at the top
 * @param {[string, number][]} all
 * @returns {[string, number][]}
 */
function atLevel(level, all) {
  const paths = all.map(([value]) => value.split(BETWEEN)).filter(({ length }) => length > 1);
  const tops = new Set(paths.map(([top]) => top));
  const lower = new Set(paths.flatMap((path) => path.slice(1)));
  return all.filter(([value]) => {
    const depth = value.split(BETWEEN).length - 1;
    return depth === level && (depth > 0 || tops.has(value) || !lower.has(value));
  });
}
