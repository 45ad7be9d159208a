// @ts-check
/**
 * `<shoplens-search>`: a photo, words or both go in, products come out.
 *
 *     <script type="module" src="https://search.example/ui/shoplens-search.js"></script>
 *     <shoplens-search endpoint="https://search.example" key="SEARCH-KEY"></shoplens-search>
 *
 * Attributes: `endpoint` (where the server is; this page's own if left out), `key` (a search key),
 * `limit` (products a page), `language`, and `page`: the element is the whole page, so it may use
 * the address, and takes what is dropped or pasted anywhere.
 * Events, both bubbling: `shoplens-answer` (detail: the answer), and `shoplens-choose` (detail:
 * the product that was clicked; prevent its default to do something else than show similar ones).
 * A page elsewhere must be allowed by the server's setting serve.allowed_origins.
 */

import { Client } from "./client.js";
import { sheets } from "./styles.js";
import { View } from "./view.js";
import { wordsIn } from "./words.js";

const LIMIT = 24;

export class ShoplensSearch extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = sheets;
    const language = this.getAttribute("language") || navigator.language || "en";
    const client = new Client(this.getAttribute("endpoint") ?? "", this.getAttribute("key") ?? "");
    const view = new View(this, client, { say: wordsIn(language), language, address: (path) => client.address(path) }, {
      limit: Number(this.getAttribute("limit")) || LIMIT,
      isPage: this.hasAttribute("page"),
    });
    root.append(...view.elements);
    view.open();
  }
}

if (!customElements.get("shoplens-search")) customElements.define("shoplens-search", ShoplensSearch);
