// @ts-check
/** What narrows or steers the question, each to be taken away again. */

import { colourName, swatch } from "./colours.js";
import { h, icon } from "./dom.js";
import { BELOW, KEYWORDS, NOTHING, NOTHING_PICKED } from "./question.js";

/**
 * @typedef {import("./question.js").Question} Question
 * @typedef {{told: (Node | string)[], label: string, without: Question}} Chip
 */

/**
 * @param {Question} question
 * @param {import("./cards.js").Look} look
 * @param {{names: import("./names.js").Names, title: (id: string) => string}} known
 * @param {(question: Question) => void} go
 * @returns {HTMLElement[]}
 */
export function chips(question, look, known, go) {
  const all = [...steering(question, look, known), ...narrowing(question, look, known)];
  const drawn = all.map(({ told, label, without }) => h("li", {}, h("button.chip", {
    type: "button", "aria-label": look.say("without", label), title: look.say("without", label), onclick: () => go(without),
  }, ...told, icon("close"))));
  if (all.length < 2) return drawn;
  const { q, photo, box, product, sort, distinct } = question;
  const clear = () => go({ ...NOTHING, q, photo, box, product, sort, distinct });
  return [...drawn, h("li", {}, h("button.link", { type: "button", onclick: clear }, look.say("clear")))];
}

/** @param {Question} question @param {import("./cards.js").Look} look @param {{title: (id: string) => string}} known @returns {Chip[]} */
function steering(question, { say }, { title }) {
  const { colour } = question;
  const thing = (/** @type {"like" | "unlike"} */ how) => question[how].map((id) => ({
    told: [icon(how === "like" ? "more" : "less"), h("span", {}, title(id))],
    label: say(how === "like" ? "likeThis" : "unlikeThis", title(id)),
    without: { ...question, [how]: question[how].filter((other) => other !== id) },
  }));
  const picked = { told: [swatch(colour), h("span", {}, say("ofColour", colour))], label: say("ofColour", colour), without: { ...question, colour: "" } };
  return [...thing("like"), ...thing("unlike"), ...(colour ? [picked] : [])];
}

/** @param {Question} question @param {import("./cards.js").Look} look @param {{names: import("./names.js").Names}} known @returns {Chip[]} */
function narrowing(question, { say, language }, { names }) {
  const { picked, filter } = question;
  const without = (/** @type {Partial<import("./question.js").Picked>} */ change) => ({ ...question, picked: { ...picked, ...change } });
  /** @type {Chip[]} */
  const found = KEYWORDS.flatMap((field) => picked[field].map((value) => {
    const label = field === "colour" ? names.written(colourName(value, language)) : field === "brand" ? names.brand(value) : value.split(BELOW).map((one) => names.written(one)).join(" › ");
    const told = [field === "colour" ? swatch(value) : "", h("span", {}, label)];
    return { told, label, without: without({ [field]: picked[field].filter((other) => other !== value) }) };
  }));
  const [low, high] = picked.price;
  if (low !== null || high !== null) {
    const label = `${say("facetPrice")} ${low === null ? "≤" : high === null ? "≥" : ""} ${[low, high].filter((end) => end !== null).join(" – ")}`;
    found.push({ told: [h("span", {}, label)], label, without: without({ price: NOTHING_PICKED.price }) });
  }
  if (picked.in_stock) found.push({ told: [h("span", {}, say("inStock"))], label: say("inStock"), without: without({ in_stock: false }) });
  if (filter) found.push({ told: [icon("funnel"), h("code", {}, filter)], label: filter, without: { ...question, filter: "" } });
  return found;
}
