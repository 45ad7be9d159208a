// @ts-check
/** The line above the answer: how many, in which order, one of each design; and the drawer's handle. */

import { h, icon } from "./dom.js";
import { asks, KEYWORDS, SORTS } from "./question.js";

/**
 * @typedef {import("./question.js").Question} Question
 * @typedef {import("./client.js").Answer} Answer
 * @typedef {{change: (change: Partial<Question>) => void, openDrawer: () => void}} Does
 */

const NAMES = /** @type {const} */ ({
  relevance: "sortRelevance", "price:asc": "sortCheap", "price:desc": "sortDear", newest: "sortNewest", popularity: "sortPopular",
});

export class Toolbar {
  /** @param {import("./cards.js").Look} look @param {Does} does */
  constructor({ say, language }, does) {
    this.say = say;
    this.numbers = new Intl.NumberFormat(language);
    this.said = h("div.said", { role: "status" });
    this.count = h("b", { hidden: true });
    this.handle = h("button.quiet.handle", { type: "button", "aria-haspopup": "dialog", onclick: does.openDrawer },
      icon("funnel"), say("narrow"), this.count);
    this.designs = h("input", {
      type: "checkbox", role: "switch", onchange: () => does.change({ distinct: this.designs.checked }),
    });
    this.order = h("select", { "aria-label": say("sort"), onchange: () => does.change({ sort: this.order.value }) });
    this.tools = h("div.tools", {}, h("label.switch", {}, h("span", {}, say("distinct")), this.designs), h("label.order", {}, this.order));
    this.element = h("div.toolbar", {}, this.handle, this.said, this.tools);
  }

  /** @param {Question} question */
  show(question) {
    const picks = picksOf(question);
    this.designs.checked = question.distinct;
    // without a question the newest come first anyway
    const sorts = asks(question) ? SORTS : SORTS.filter((sort) => sort !== "newest");
    this.order.replaceChildren(...sorts.map((sort) => h("option", { value: sort },
      this.say(sort === "relevance" && !asks(question) ? "sortNewest" : NAMES[sort]))));
    this.order.value = question.sort === "newest" && !asks(question) ? "relevance" : question.sort;
    this.count.hidden = !picks;
    this.count.textContent = String(picks);
  }

  /** @param {boolean} isThere whether there is an answer to put in order */
  enable(isThere) {
    this.tools.hidden = !isThere;
  }

  /** Tell how many there are, and to a pointer that rests how long it took. @param {Answer} answer */
  tell(answer) {
    const { total, timings_ms: spent } = answer;
    const whole = Object.values(spent).reduce((sum, ms) => sum + ms, 0);
    const steps = Object.entries(spent).filter(([, ms]) => ms >= 0.5).map(([name, ms]) => `${name} ${Math.round(ms)}`);
    const title = [`${Math.max(1, Math.round(whole))} ms`, ...steps].join(" · ");
    this.said.replaceChildren(h("span", { title }, this.say(total === 1 ? "countOne" : "count", this.total(answer))));
  }

  /** @param {Answer} answer @returns {string} with a plus where there may be more */
  total({ total, total_exact: isExact }) {
    return `${this.numbers.format(total)}${isExact ? "" : "+"}`;
  }
}

/** @param {Question} question @returns {number} how many things are chosen at the side */
function picksOf({ picked }) {
  const ends = picked.price.some((end) => end !== null) ? 1 : 0;
  return KEYWORDS.reduce((sum, field) => sum + picked[field].length, ends + (picked.in_stock ? 1 : 0));
}
