// @ts-check
/** InstantSearch's refinements become text in Shoplens' filter language, see docs/filters.md. */

import { ShoplensError } from "./wire.js";

/**
 * @typedef {{field: string, text: string}} Condition about one field; the server leaves it out
 *   when it counts that very field, so that a visitor sees what else there is to choose
 * @typedef {string | number | boolean | null | undefined | Nested[]} Nested
 */

const RESERVED = /^(and|or|not|in|to|between)$/i;
const LEVEL = /^(.+)\.lvl\d+$/;
const NUMERIC = /^\s*([^<>=!:]+?)\s*(<=|>=|!=|=|<|>|:)\s*(.+?)\s*$/s;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

const SIGNS = "()（）,，、=＝<＜>＞!！≤≥≠";
const TOKEN = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|“[^”]*”|‘[^’]*’|「[^」]*」|\\s+|[()（）]|`
  + `[=＝<＜>＞!！≤≥≠]+|[,，、]|[^\\s${SIGNS}"'“‘「]+|.`, "gsu");
const VALUE_FOLLOWS = /^[=＝<＜>＞!！≤≥≠]+$|^(to|between)$|:$/i;

/** Never true, and about two fields. */
const NEVER = "on_sale AND in_stock AND NOT in_stock";

/** @param {string} attribute such as `category.lvl0` of a hierarchical menu @returns {string} */
export function fieldOf(attribute) {
  return LEVEL.exec(attribute)?.[1] ?? attribute;
}

/** @param {string} text @returns {string} */
export function quoted(text) {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** @param {string} field @returns {string} */
function named(field) {
  return /^\w+$/.test(field) && !RESERVED.test(field) ? field : quoted(field);
}

/**
 * Sort all that narrows a request into what a facet may look beyond, and what holds always.
 *
 * Facets chosen with "or" come in lists of their own, those chosen with "and" do not.
 *
 * @param {Record<string, any>} params
 * @returns {{conditions: Condition[], fixed: string[]}}
 */
export function narrowed({ facetFilters, numericFilters, filters }) {
  /** @type {Condition[]} */
  const conditions = [];
  /** @type {string[]} */
  const fixed = [];
  for (const part of listed(facetFilters)) {
    const group = chosen(listed(part));
    if (!group.text) continue;
    const free = Array.isArray(part) || LEVEL.test(String(part).split(":", 1)[0]);
    if (free && group.field) conditions.push({ field: group.field, text: group.text });
    else fixed.push(group.text);
  }
  for (const part of listed(numericFilters)) {
    const group = anyOf(listed(part).map((one) => compared(String(one))));
    if (group.field) conditions.push({ field: group.field, text: group.text });
    else if (group.text) fixed.push(group.text);
  }
  return { conditions, fixed: [...fixed, ...own(filters)] };
}

/** @param {unknown} filters somebody's own text @returns {string[]} one part, or none */
export function own(filters) {
  const text = translated(String(filters ?? ""));
  return text ? [`(${text})`] : [];
}

/**
 * Write conditions as one text; what is fixed also holds where its own field is counted.
 *
 * @param {Condition[]} conditions
 * @param {string[]} fixed
 * @param {string[]} facets fields that will be counted
 * @returns {string}
 */
export function written(conditions, fixed, facets) {
  const always = fixed.join(" AND ");
  const isCounted = facets.some((field) => always.includes(field));
  const kept = isCounted ? `((${always}) OR ${NEVER})` : always;
  return [...conditions.map(({ text }) => text), kept].filter(Boolean).join(" AND ");
}

/** @param {Nested} given @returns {Nested[]} */
function listed(given) {
  if (Array.isArray(given)) return given;
  return given === undefined || given === null || given === "" ? [] : [given];
}

/**
 * Say that one of `brand:Acme`, `brand:-Acme` … holds.
 *
 * @param {Nested[]} parts
 * @returns {Condition} its field is empty if it speaks of several
 */
function chosen(parts) {
  /** @type {Map<string, string[]>} */
  const wanted = new Map();
  /** @type {Condition[]} */
  const unwanted = [];
  for (const part of parts.map(String)) {
    const colon = part.indexOf(":");
    if (colon < 1) throw new ShoplensError(`a facet filter is written brand:Acme, not ${part}`);
    const field = fieldOf(part.slice(0, colon).trim());
    const value = part.slice(colon + 1);
    if (value.startsWith("-")) {
      unwanted.push({ field, text: `${named(field)} != ${quoted(value.slice(1))}` });
    } else {
      wanted.set(field, [...(wanted.get(field) ?? []), quoted(value.replace(/^\\-/, "-"))]);
    }
  }
  const found = [...wanted].map(([field, values]) => ({ field, text: oneOf(field, values) }));
  return anyOf([...found, ...unwanted]);
}

/** @param {string} field @param {string[]} values @returns {string} */
function oneOf(field, values) {
  return values.length > 1 ? `${named(field)} IN (${values.join(", ")})` : `${named(field)} = ${values[0]}`;
}

/** @param {Condition[]} parts @returns {Condition} */
function anyOf(parts) {
  const fields = new Set(parts.map(({ field }) => field));
  const text = parts.map((part) => part.text).join(" OR ");
  return { field: fields.size === 1 ? parts[0].field : "", text: parts.length > 1 ? `(${text})` : text };
}

/** @param {string} given such as `price>=10` or `price:10 TO 20` @returns {Condition} */
function compared(given) {
  const [, field, operator, value] = NUMERIC.exec(given) ?? [];
  const ends = value?.split(/\s+TO\s+/i) ?? [];
  const isRange = operator === ":" && ends.length === 2;
  if (!ends.length || !(isRange || ends.length === 1) || !ends.every((end) => NUMBER.test(end))) {
    throw new ShoplensError(`a numeric filter is written price>=10 or price:10 TO 20, not ${given}`);
  }
  const sign = operator === ":" ? "=" : operator;
  const text = isRange ? `${named(field)} ${ends.join(" TO ")}` : `${named(field)} ${sign} ${value}`;
  return { field, text };
}

/**
 * Read `brand:Acme AND price:10 TO 20` as Algolia writes it; our own language stays as it is.
 *
 * No field of ours has a colon in its name, so one where a field must stand is Algolia's.
 *
 * @param {string} filters
 * @returns {string}
 */
export function translated(filters) {
  const tokens = filters.match(TOKEN) ?? [];
  let inList = false;
  let before = ""; // the last token that is no space
  return tokens.map((token, i) => {
    if (!token.trim()) return token;
    const next = tokens.slice(i + 1).filter((other) => other.trim());
    const isValue = inList || VALUE_FOLLOWS.test(before);
    inList = inList ? !/[)）]/.test(token) : /^in$/i.test(before) && /[(（]/.test(token);
    before = token;
    const colon = isValue || /^["'“‘「]/.test(token) ? -1 : token.indexOf(":");
    if (colon < 0) return token;
    const [field, value] = [token.slice(0, colon), token.slice(colon + 1)];
    const isRange = /^to$/i.test(next[value ? 0 : 1] ?? "");
    return `${field} ${isRange ? "" : "= "}${value}`;
  }).join("").trim();
}
