// @ts-check
/** The requests of one search: as few questions as answer them all. */

import { fieldOf } from "./filters.js";
import { asked, body } from "./questions.js";
import { facetHits, result } from "./results.js";

/**
 * @typedef {import("./wire.js").Server} Server
 * @typedef {import("./questions.js").Question} Question
 * @typedef {import("./questions.js").Ways} Ways
 * @typedef {{leader: Question, questions: Question[]}} Group questions that one answer serves
 */

/**
 * Answer all requests of one search.
 *
 * @param {Server} server
 * @param {any} requests
 * @param {Ways} ways
 * @returns {Promise<any[]>}
 */
export async function answered(server, requests, ways) {
  const list = Array.isArray(requests) ? requests : requests.requests;
  /** @type {Question[]} */
  const questions = list.map((/** @type {any} */ request) => asked(request, ways));
  const groups = grouped(questions);
  /** @type {Map<Group, Promise<any>>} */
  const asking = new Map();
  for (const group of groups) {
    if (!asking.has(group)) asking.set(group, server.search(body(group.leader, group.questions)));
  }
  const address = (/** @type {string} */ path) => server.address(path);
  return Promise.all(groups.map(async (group, i) => {
    const answer = await asking.get(group);
    const question = questions[i];
    if (question.isOfFacet) return facetHits(question, answer);
    return result(question, answer, { address, maxHits: ways.maxHits, isOwn: sameProducts(question, group.leader) });
  }));
}

/**
 * Give each question the group that it is answered with.
 *
 * The server counts each facet as if nothing were chosen in it, so the question for the products
 * also answers the questions that InstantSearch asks for facets with something chosen.
 *
 * @param {Question[]} questions
 * @returns {Group[]}
 */
export function grouped(questions) {
  /** @type {Group[]} */
  const groups = [];
  /** @param {Question} question @returns {Group} */
  const place = (question) => {
    const group = groups.find(({ leader }) => serves(leader, question)) ?? { leader: question, questions: [] };
    if (!groups.includes(group)) groups.push(group);
    group.questions.push(question);
    return group;
  };
  const found = new Map(questions.filter(({ limit }) => limit > 0).map((question) => [question, place(question)]));
  return questions.map((question) => found.get(question) ?? place(question));
}

/** @param {Question} leader @param {Question} question @returns {boolean} */
function serves(leader, question) {
  if (!same(leader.said, question.said) || !same(leader.fixed, question.fixed)) return false;
  if (question.limit > 0) return sameProducts(leader, question) && leader.page === question.page && leader.limit === question.limit;
  if (!question.facets.length) return sameProducts(leader, question);
  return question.facets.map(fieldOf).every((field) => same(others(leader, field), others(question, field)));
}

/** @param {Question} one @param {Question} other @returns {boolean} */
function sameProducts(one, other) {
  return same(others(one), others(other)) && same(one.fixed, other.fixed);
}

/** @param {Question} question @param {string} [field] @returns {string[]} conditions about other fields */
function others({ conditions }, field) {
  return conditions.filter((condition) => condition.field !== field).map(({ text }) => text).sort();
}

/** @param {unknown} one @param {unknown} other @returns {boolean} */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
