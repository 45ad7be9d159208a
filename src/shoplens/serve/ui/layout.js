// @ts-check
/** Where things stand: what narrows at the side, or in a drawer where there is no room. */

import { h, icon } from "./dom.js";

const ROOM_PX = 880;

export class Layout {
  /**
   * @param {HTMLElement} host whose width decides
   * @param {import("./cards.js").Say} say
   * @param {HTMLElement} facets
   * @param {() => void} writeFilter
   */
  constructor(host, say, facets, writeFilter) {
    this.host = host;
    this.facets = facets;
    this.above = h("div.above");
    this.chips = h("ul.chips");
    this.banner = h("div.banner");
    this.grid = h("ul.grid");
    this.below = h("div.below");
    this.side = h("aside.side", { "aria-label": say("narrow"), hidden: true });
    this.main = h("div.main", {}, this.chips, this.banner, this.grid, this.below);
    this.body = h("div.body", {}, this.side, this.main);
    const close = () => this.drawer.close();
    this.done = h("button.primary", { type: "button", onclick: close });
    this.held = h("div.held");
    const byHand = () => {
      close();
      writeFilter();
    };
    this.drawer = h("dialog.drawer", { "aria-label": say("narrow"), onclick: (/** @type {Event} */ event) => {
      if (event.target === this.drawer) close(); // beside it
    } },
      h("div.sheet", {},
        h("div.head", {}, h("h2", {}, say("narrow")), h("button.round", { type: "button", "aria-label": say("close"), onclick: close }, icon("close"))),
        this.held,
        h("div.foot", {}, h("button.link", { type: "button", onclick: byHand }, say("filterByHand")), this.done)));
    new ResizeObserver(() => this.place()).observe(host);
    this.place();
  }

  /** Put what narrows where there is room for it. */
  place() {
    const isNarrow = this.host.clientWidth < ROOM_PX;
    this.body.classList.toggle("narrow", isNarrow);
    const place = isNarrow ? this.held : this.side;
    if (this.facets.parentElement !== place) place.replaceChildren(this.facets);
    if (!isNarrow && this.drawer.open) this.drawer.close();
  }

  /** @param {boolean} hasFacets whether there is anything to narrow by */
  offer(hasFacets) {
    this.side.hidden = !hasFacets;
    this.body.classList.toggle("plain", !hasFacets);
  }

  /** @param {boolean} isBusy whether what is shown is about to change */
  busy(isBusy) {
    this.grid.classList.toggle("busy", isBusy);
    this.grid.setAttribute("aria-busy", String(isBusy));
  }
}
