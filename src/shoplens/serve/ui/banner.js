// @ts-check
/** What must be said before the products: words that were mended, or that nothing is certain. */

import { h, icon } from "./dom.js";
import { asks, fold, narrows, pathOf } from "./question.js";

/**
 * @typedef {import("./question.js").Question} Question
 * @typedef {Pick<import("./client.js").Answer, "match" | "guess" | "corrected">} Told
 */

/**
 * @param {Question} question
 * @param {Told} told
 * @param {{say: import("./cards.js").Say, names: import("./names.js").Names, go: (question: Question) => void}} how
 * @returns {HTMLElement[]}
 */
export function banner(question, { match, guess, corrected }, { say, names, go }) {
  const parts = [];
  if (corrected) parts.push(mended(corrected, question, say, go));
  if (asks(question) && match === "none") parts.push(unsure(question, guess?.category.length && !question.picked.category.length ? guess.category.map((level) => names.written(fold(level))) : undefined, say, go), h("h2.nearest", {}, say("nearest")));
  return parts;
}

/** @param {string} corrected @param {Question} question @param {import("./cards.js").Say} say @param {(question: Question) => void} go */
function mended(corrected, question, say, go) {
  const [before, after] = say("corrected", "\0").split("\0");
  const take = () => go({ ...question, q: corrected });
  return h("p.mended", {}, before, h("button.link", { type: "button", onclick: take }, corrected), after);
}

/** @param {Question} question @param {string[] | undefined} guess @param {import("./cards.js").Say} say @param {(question: Question) => void} go */
function unsure(question, guess, say, go) {
  const path = pathOf(guess ?? []);
  const within = () => go({ ...question, picked: { ...question.picked, category: [path] } });
  return h("section.unsure", {}, icon("unsure"),
    h("div", {},
      h("strong", {}, say("noMatch")),
      h("p", {}, guess ? say("guess", guess.join(" › ")) : say(narrows(question.picked) || question.filter ? "noGuessNarrowed" : "noGuess"))),
    guess && h("button.quiet", { type: "button", onclick: within }, say("onlyThose", guess.at(-1) ?? "")));
}
