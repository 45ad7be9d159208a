// @ts-check
/** What InstantSearch asks for becomes a question for the server. */

import { fieldOf, narrowed, own, written } from "./filters.js";
import { ShoplensError } from "./wire.js";

/**
 * @typedef {import("./filters.js").Condition} Condition
 * @typedef {{indexName?: string, params?: Record<string, any> | string, query?: string, facet?: string}} Request
 * @typedef {{sorts: Record<string, string>, facets: string[], maxHits: number}} Ways
 * @typedef {{
 *   indexName: string, params: Record<string, any>, facets: string[], conditions: Condition[],
 *   fixed: string[], said: Record<string, unknown>, page: number, hitsPerPage: number, limit: number,
 *   isOfFacet: boolean,
 * }} Question `facets` are attributes as the widgets call them; `said` is sent as it stands
 */

const HITS = 20;
const VALUES = 10;
const MOST_VALUES = 1000;
const NAMED_SORT = /(?:^|[_:/])(relevance|newest|popularity)$/;
const SORT = /(?:[:/](\w+)|(?:^|_)([a-z]+))[_:](asc|desc)$/;
const FIELDS = ["group_id", "title", "brand", "category", "price", "sale_price", "currency", "in_stock", "url", "image"];
/** Left out, the answer would hold products that it must not hold. */
const IMPOSSIBLE = ["tagFilters", "aroundLatLng", "aroundLatLngViaIP", "insideBoundingBox", "insidePolygon"];

/**
 * Read a request of InstantSearch.
 *
 * @param {Request} request
 * @param {Ways} ways
 * @returns {Question}
 */
export function asked(request, ways) {
  const params = read(request);
  for (const name of IMPOSSIBLE) {
    if (params[name]?.length || params[name] === true) {
      throw new ShoplensError(`Shoplens has no ${name}; take it away, or filter by an attribute`);
    }
  }
  const { filter = "", ...more } = params.shoplens ?? {};
  const { conditions, fixed } = narrowed(params);
  const facet = params.facetName ?? params.facet;
  const hitsPerPage = facet ? 0 : number(params.hitsPerPage, HITS);
  const page = number(params.page, 0);
  return {
    indexName: request.indexName ?? "",
    params,
    facets: facetsOf(facet ?? params.facets, ways),
    conditions,
    fixed: [...fixed, ...own(filter)],
    said: { ...said(params), ...sorted(request.indexName ?? "", ways), ...more },
    page,
    hitsPerPage,
    limit: Math.max(0, Math.min(hitsPerPage, ways.maxHits - page * hitsPerPage)),
    isOfFacet: Boolean(facet),
  };
}

/**
 * Write the body of a question that also answers others with the same filter, or nearly so.
 *
 * @param {Question} question
 * @param {Question[]} answers itself among them
 * @returns {Record<string, unknown>}
 */
export function body({ conditions, fixed, said: words, limit, page, hitsPerPage }, answers) {
  const fields = [...new Set(answers.flatMap(({ facets }) => facets.map(fieldOf)))];
  const filter = written(conditions, fixed, fields);
  return {
    ...words,
    ...(filter && { filter }),
    ...(fields.length > 0 && { facets: fields, facet_values: Math.max(...answers.map(values)) }),
    limit: Math.max(1, limit),
    ...(limit > 0 && page > 0 && { offset: page * hitsPerPage }),
  };
}

/** @param {Question} question @returns {number} how many values of a facet are wanted */
export function valuesWanted({ params }) {
  return number(params.maxValuesPerFacet, VALUES);
}

/** @param {Question} question @returns {number} how many values of a facet must be known for that */
function values(question) {
  const isPartOf = question.isOfFacet || question.facets.some((name) => name !== fieldOf(name) || name === "category");
  return Math.max(1, isPartOf ? MOST_VALUES : Math.min(valuesWanted(question), MOST_VALUES));
}

/** @param {Request} request @returns {Record<string, any>} */
function read({ params = {}, query, ...rest }) {
  const given = typeof params === "string" ? decoded(params) : params;
  // algoliasearch 5 writes the parameters beside indexName
  return { ...rest, ...given, query: given.query ?? query ?? "" };
}

/** @param {string} params as in an address @returns {Record<string, any>} */
function decoded(params) {
  return Object.fromEntries([...new URLSearchParams(params)].map(([name, value]) => {
    if (!/^(\[|\{|\d+$|true$|false$)/.test(value) || name === "query") return [name, value];
    try {
      return [name, JSON.parse(value)];
    } catch {
      return [name, value];
    }
  }));
}

/** @param {unknown} given @param {Ways} ways @returns {string[]} */
function facetsOf(given, { facets }) {
  const list = Array.isArray(given) ? given : given ? [given] : [];
  return [...new Set(list.flatMap((name) => (name === "*" ? facets : [String(name)])))];
}

/** @param {Record<string, any>} params @returns {Record<string, unknown>} */
function said({ query, distinct, attributesToRetrieve }) {
  const q = String(query).trim();
  const wanted = Array.isArray(attributesToRetrieve) && !attributesToRetrieve.includes("*") ? attributesToRetrieve : [];
  const names = wanted.filter((name) => FIELDS.includes(name));
  return {
    ...(q && { q, typing: true }), // the last word may be unfinished
    ...(distinct !== undefined && { distinct: Boolean(distinct) }),
    ...(names.length > 0 && { fields: names }),
  };
}

/**
 * Read the order that an index's name asks for: `products_price_asc`, `products:newest`.
 *
 * @param {string} indexName
 * @param {Ways} ways
 * @returns {{sort?: string}}
 */
function sorted(indexName, { sorts }) {
  const given = Object.hasOwn(sorts, indexName) ? sorts[indexName] : undefined;
  if (given !== undefined) return given ? { sort: given } : {};
  const [, name] = NAMED_SORT.exec(indexName) ?? [];
  if (name) return name === "relevance" ? {} : { sort: name };
  const [, exact, word, direction] = SORT.exec(indexName) ?? [];
  return direction ? { sort: `${exact ?? word}:${direction}` } : {};
}

/** @param {unknown} given @param {number} otherwise @returns {number} */
function number(given, otherwise) {
  const read_ = Number(given ?? otherwise);
  return Number.isInteger(read_) && read_ >= 0 ? read_ : otherwise;
}
