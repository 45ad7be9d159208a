// @ts-check
/** The line above the answer: how many, in which order, one of each design; and the drawer's handle. */

import { h, icon } from "./dom.js";
import { asks, SORTS } from "./question.js";

/**
 * @typedef {import("./question.js").Question} Question
 * @typedef {{change: (change: Partial<Question>) => void, openDrawer: () => void}} Does
 */

const NAMES = /** @type {const} */ ({
  relevance: "sortRelevance", "price:asc": "sortCheap", "price:desc": "sortDear", newest: "sortNewest", popularity: "sortPopular",
});

export class Toolbar {
  /** @param {import("./cards.js").Say} say @param {Does} does */
  constructor(say, does) {
    this.say = say;
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

  /** @param {Question} question @param {number} picks how many things are chosen at the side */
  show(question, picks) {
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
}
