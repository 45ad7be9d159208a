// @ts-check
/** Searches as a visitor does; a click on a product takes it into the rule, or out of it. */

import { Problem } from "./client.js";
import { h, icon } from "./dom.js";
import { NOTHING } from "./question.js";
import { say } from "./rule-words.js";

const SHOWN = 18;

export class Preview {
  /**
   * @param {import("./client.js").Client} client
   * @param {import("./rule.js").Shelf} shelf
   * @param {{toggle: (id: string) => void, asked: (q: string) => void}} does
   */
  constructor(client, shelf, does) {
    this.client = client;
    this.shelf = shelf;
    this.does = does;
    /** @type {Set<string>} */
    this.picked = new Set();
    this.running = new AbortController();
    this.words = h("input", { type: "search", placeholder: say("search"), "aria-label": say("search"), maxLength: 2000 });
    this.said = h("p.soft", { role: "status" });
    this.grid = h("ol.shelf");
    this.element = h("section.panel", {}, h("h2", {}, say("preview")),
      h("form.ask", { role: "search", onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        this.ask();
      } }, this.words, h("button", { type: "submit", "aria-label": say("search") }, icon("search"))),
      this.said, this.grid);
  }

  /** Show what a visitor gets now. */
  async ask() {
    this.running.abort();
    const { signal } = (this.running = new AbortController());
    const q = this.words.value.trim();
    try {
      const { products } = await this.client.search({ ...NOTHING, q }, { limit: SHOWN, offset: 0, facets: [], signal });
      if (signal.aborted) return;
      this.shelf.learn(products);
      this.does.asked(q);
      this.said.textContent = products.length ? (q ? "" : say("newest")) : say("nothing");
      this.grid.replaceChildren(...products.map((product) => this.item(product)));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      this.said.textContent = error.detail || say("offline");
    }
  }

  /** @param {import("./client.js").Shown} product */
  item({ product_id: id, title, image, why }) {
    const isRuled = Boolean(why?.shares.rule);
    return h("li", {}, h("button", {
      type: "button", title, "data-id": id, "aria-pressed": String(this.picked.has(id)), onclick: () => this.does.toggle(id),
    }, h("span.well", {}, image ? h("img", { src: image, alt: "", loading: "lazy" }) : icon("picture")),
      h("span.name", {}, title), isRuled && h("span.ruled", {}, say("ruled"))));
  }

  /** @param {string[]} ids of the products that are in the rule */
  mark(ids) {
    this.picked = new Set(ids);
    for (const button of this.grid.querySelectorAll("[data-id]")) {
      button.setAttribute("aria-pressed", String(this.picked.has(button.getAttribute("data-id") ?? "")));
    }
  }
}
