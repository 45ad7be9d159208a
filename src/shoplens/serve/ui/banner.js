// @ts-check
/** What must be said before the products: words that were mended, or that nothing is certain. */

import { h, icon } from "./dom.js";
import { asks, narrows, pathOf } from "./question.js";

/**
 * @typedef {import("./question.js").Question} Question
 * @typedef {Pick<import("./client.js").Answer, "match" | "guess" | "corrected">} Told
 */

/**
 * @param {Question} question
 * @param {Told} told
 * @param {import("./cards.js").Say} say
 * @param {(question: Question) => void} go
 * @returns {HTMLElement[]}
 */
export function banner(question, { match, guess, corrected }, say, go) {
  const parts = [];
  if (corrected) parts.push(mended(corrected, question, say, go));
  if (asks(question) && match === "none") parts.push(unsure(question, guess, say, go), h("h2.nearest", {}, say("nearest")));
  return parts;
}

/** @param {string} corrected @param {Question} question @param {import("./cards.js").Say} say @param {(question: Question) => void} go */
function mended(corrected, question, say, go) {
  const [before, after] = say("corrected", "\0").split("\0");
  const take = () => go({ ...question, q: corrected });
  return h("p.mended", {}, before, h("button.link", { type: "button", onclick: take }, corrected), after);
}

/** @param {Question} question @param {Told["guess"]} guess @param {import("./cards.js").Say} say @param {(question: Question) => void} go */
function unsure(question, guess, say, go) {
  const path = guess ? pathOf(guess.category) : "";
  const within = () => go({ ...question, picked: { ...question.picked, category: [path] } });
  const canNarrow = guess && !question.picked.category.length;
  return h("section.unsure", {}, icon("unsure"),
    h("div", {},
      h("strong", {}, say("noMatch")),
      h("p", {}, guess ? say("guess", guess.category.join(" › ")) : say(narrows(question.picked) || question.filter ? "noGuessNarrowed" : "noGuess"))),
    canNarrow && h("button.quiet", { type: "button", onclick: within }, say("onlyThose", guess.category.at(-1) ?? "")));
}
