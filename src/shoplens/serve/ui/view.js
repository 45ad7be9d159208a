// @ts-check
/** What `<shoplens-search>` shows: one question at a time, and its answer. */

import { banner } from "./banner.js";
import { Bar } from "./bar.js";
import { asked, card, chosen, skeletons } from "./cards.js";
import { chips } from "./chips.js";
import { Problem } from "./client.js";
import { h, icon } from "./dom.js";
import { watchDrops } from "./drops.js";
import { Facets, OFFERED } from "./facets.js";
import { invite } from "./invite.js";
import { Journey } from "./journey.js";
import { Layout } from "./layout.js";
import { Names } from "./names.js";
import { Notices } from "./notices.js";
import { pictureIn, shrink } from "./picture.js";
import { asks, narrows, NOTHING, NOTHING_PICKED, pathOf } from "./question.js";
import { Toolbar } from "./toolbar.js";
import { WhySheet } from "./why.js";

/**
 * @typedef {import("./question.js").Question} Question
 * @typedef {import("./client.js").Shown} Shown
 * @typedef {import("./client.js").Answer} Answer
 * @typedef {import("./cards.js").Looked} Looked
 * @typedef {{products: Shown[], first: Answer, ended: boolean, top: number}} Kept `first`: the
 *   answer with the first page, which alone has facets
 */

export class View {
  /**
   * @param {HTMLElement} host
   * @param {import("./client.js").Client} client
   * @param {import("./cards.js").Look} look
   * @param {{limit: number, isPage: boolean}} how
   */
  constructor(host, client, look, { limit, isPage }) {
    this.host = host;
    this.client = client;
    this.look = look;
    this.say = look.say;
    this.limit = limit;
    this.isPage = isPage;
    /** @type {Journey<Kept>} */
    this.journey = new Journey(isPage, (question, how) => this.show(question, how));
    this.names = new Names();
    /** @type {Map<string, Looked>} */
    this.known = new Map();
    /** @type {{fields: import("./filter-box.js").Field[]} | undefined} */
    this.fieldsKnown = undefined;
    this.running = new AbortController();
    this.bar = new Bar(look, this.barDoes());
    this.facets = new Facets(look, this.names, (picked) => this.change({ picked }));
    this.layout = new Layout(host, this.say, this.facets.element, () => this.bar.showFilter(true));
    this.toolbar = new Toolbar(look, {
      change: (change) => this.change(change), openDrawer: () => this.layout.drawer.showModal(),
    });
    this.layout.main.prepend(this.toolbar.element);
    this.notices = new Notices(this.layout, this.toolbar.said, this.say);
    this.why = new WhySheet(look, (path) => client.picture(path));
    this.cover = h("div.cover", { hidden: true }, h("div", {}, icon("picture"), this.say("dropNow")));
    const { above, body, drawer } = this.layout;
    this.elements = [this.bar.element, above, body, drawer, this.why.element, this.cover];
  }

  /** @returns {import("./bar.js").Does} */
  barDoes() {
    const { client } = this;
    return {
      ask: () => this.change(this.bar.written),
      typed: (q) => this.typed(q),
      photo: (file) => this.take(file),
      removePhoto: () => this.change({ photo: null, box: null }),
      colour: (colour) => this.change({ ...this.bar.written, colour }),
      fields: () => this.fields(),
      suggest: (q, signal) => client.suggest(q, signal),
      suggested: {
        words: (q) => this.change({ q }),
        category: (levels) => this.change({ q: "", picked: { ...NOTHING_PICKED, category: [pathOf(levels)] } }),
        product: (id) => this.go({ ...NOTHING, product: id }),
      },
    };
  }

  /** What can be filtered; asked for once. @returns {Promise<{fields: import("./filter-box.js").Field[]}>} */
  async fields() {
    const known = this.fieldsKnown ?? (await this.client.ask("/v1/fields"));
    this.fieldsKnown = known;
    return known;
  }

  /** Listen, and show what the address says. */
  open() {
    watchDrops(this.isPage ? document : this.host, this.cover, (data) => this.receive(data));
    if (this.isPage) document.addEventListener("keydown", (event) => this.pressed(event));
    this.journey.start();
  }

  // ---- a question comes in --------------------------------------------------------------------

  /** @param {DataTransfer} data */
  async receive(data) {
    const found = await pictureIn(data, this.client.endpoint.origin);
    if (found instanceof Blob) this.take(found);
    else if (found) this.notices.tell(this.say(found === "address" ? "onlyAddress" : "notPicture"), "");
  }

  /** @param {Blob} file a photo, as large as it came */
  async take(file) {
    const photo = await shrink(file);
    this.go({ ...NOTHING, ...this.bar.written, photo });
  }

  /** @param {string} q what has been typed so far; the answer may still change */
  typed(q) {
    if (q === this.question.q) return;
    this.journey.go({ ...this.question, q }, true);
  }

  /** @param {MouseEvent} event @param {Shown} product */
  choose(event, product) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const told = { bubbles: true, composed: true, cancelable: true, detail: product };
    if (!this.host.dispatchEvent(new CustomEvent("shoplens-choose", told))) return;
    this.go(this.similar(product));
  }

  /** @param {Shown} product @returns {Question} */
  similar(product) {
    const { filter, picked } = this.question;
    return { ...NOTHING, filter, picked, product: product.product_id };
  }

  /** @param {Partial<Question>} change of the question that is shown */
  change(change) {
    this.go({ ...this.question, ...change });
  }

  /** The one that is shown. */
  get question() {
    return this.journey.question;
  }

  /** @param {Question} question asked now */
  go(question) {
    this.journey.go(question);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const typing = event.composedPath()[0] instanceof HTMLInputElement;
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.bar.words.focus();
  }

  // ---- and is answered ------------------------------------------------------------------------

  /** @param {Question} question @param {{lost?: boolean, typing?: boolean}} how */
  show(question, { lost, typing }) {
    const { above, chips: list } = this.layout;
    this.running.abort();
    this.running = new AbortController();
    this.bar.show(question);
    const isAsked = asks(question);
    const isPlain = !isAsked && !narrows(question.picked) && !question.filter;
    above.replaceChildren(...(isPlain ? [this.invitation()] : [this.backButton()]));
    if (lost) above.prepend(h("p.hint", { role: "alert" }, this.say("gone")));
    if (question.photo) {
      const point = (/** @type {Question["box"]} */ box) => this.change({ ...this.bar.written, box });
      above.append(asked(question, this.look, this.bar.does.removePhoto, point));
    }
    if (question.product) this.showChosen(question.product, this.running.signal);
    this.toolbar.show(question);
    this.showChips(list);
    const { kept } = this.journey;
    if (kept) {
      this.list(kept);
      if (this.isPage) requestAnimationFrame(() => scrollTo({ top: kept.top }));
    } else this.ask(undefined, typing);
  }

  /** @param {Kept} [before] the products that are there already @param {boolean} [typing] the last word may go on */
  async ask(before, typing = false) {
    const { question, limit } = this;
    const { signal } = this.running;
    const offset = before?.products.length ?? 0;
    if (before) this.layout.below.replaceChildren(h("ul.grid", {}, ...skeletons(4)));
    else this.wait();
    try {
      const answer = await this.client.search(question, { limit, offset, typing, signal, facets: before ? [] : await this.offered() });
      if (signal.aborted) return;
      const products = [...(before?.products ?? []), ...answer.products];
      const ended = answer.products.length < limit || (answer.total_exact && products.length >= answer.total);
      const kept = { products, first: before?.first ?? answer, ended, top: 0 };
      this.journey.keep(kept);
      this.list(kept, offset);
      const told = { bubbles: true, composed: true, detail: answer };
      this.host.dispatchEvent(new CustomEvent("shoplens-answer", told));
    } catch (error) {
      if (!signal.aborted) this.fail(error, () => this.ask(before, typing));
    }
  }

  /** The fields to narrow by that this shop has. */
  async offered() {
    const { fields } = await this.fields();
    return OFFERED.filter((name) => fields.some((field) => field.name === name));
  }

  /** @param {string} id @param {AbortSignal} signal */
  async showChosen(id, signal) {
    const place = h("div");
    this.layout.above.append(place);
    const draw = (/** @type {Looked} */ product) => place.replaceChildren(
      chosen(product, this.look, () => this.change({ product: "" })));
    const known = this.known.get(id);
    if (known) draw(known);
    const product = await this.lookUp(id);
    if (product && !signal.aborted && !known?.pictures.length) draw(product); // a card tells less
  }

  /** @param {string} id @returns {Promise<Looked | null>} */
  async lookUp(id) {
    try {
      const product = looked(await this.client.product(id));
      this.known.set(id, product);
      return product;
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // the answer itself tells of the same problem
      return null;
    }
  }

  /** @param {Kept} kept @param {number} [from] cards before this one are there already */
  list({ products, first, ended, top }, from = 0) {
    const { layout, question, say, toolbar } = this;
    this.names.learn(products.slice(from));
    const cards = products.slice(from).map((product) => this.card(product, asks(question)));
    if (from) layout.grid.append(...cards);
    else {
      layout.grid.replaceChildren(...cards);
      this.facets.show(first.facets, question.picked);
      this.showChips(layout.chips);
    }
    layout.busy(false);
    layout.offer(!this.facets.isEmpty);
    layout.done.textContent = say("showCount", toolbar.total(first));
    toolbar.enable(products.length > 0);
    if (!products.length) {
      this.tellNothing();
      return;
    }
    layout.banner.replaceChildren(...banner(question, first, { say, names: this.names, go: (next) => this.go(next) }));
    toolbar.tell(first);
    const more = () => this.ask({ products, first, ended, top });
    layout.below.replaceChildren(...(ended
      ? [h("p.hushed", {}, say(first.complete ? "end" : "partial"))]
      : [h("p.hushed", {}, say("shownOf", products.length, toolbar.total(first))), h("button.more", { type: "button", onclick: more }, say("more"))]));
    if (from) cards[0]?.querySelector("a")?.focus({ preventScroll: true });
  }

  tellNothing() {
    const { say, question } = this;
    const isNarrowed = narrows(question.picked) || Boolean(question.filter);
    const widen = () => this.change({ picked: NOTHING_PICKED, filter: "" });
    if (isNarrowed) this.notices.tell(say("none"), say("noneNarrowed"), widen, "clear");
    else if (asks(question)) this.notices.tell(say("none"), say("noneHint"));
    else {
      this.layout.above.replaceChildren();
      this.notices.tell(say("empty"), say("emptyHint"));
    }
  }

  // ---- or not ---------------------------------------------------------------------------------

  /** @param {unknown} error @param {() => void} again */
  fail(error, again) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (!(error instanceof Problem)) throw error;
    const { question, notices } = this;
    this.toolbar.enable(false);
    if (error.status === 401) notices.askKey(this.client, again);
    else if (error.position !== null) {
      notices.tell("", "");
      this.bar.blame(error.detail, Math.max(0, error.position - (narrows(question.picked) ? 1 : 0)));
    } else notices.refuse(error, Boolean(question.photo), again);
  }

  // ---- pieces ---------------------------------------------------------------------------------

  wait() {
    const { grid, below, banner: said } = this.layout;
    this.toolbar.said.replaceChildren(this.say("loading"));
    below.replaceChildren();
    if (grid.querySelector("a")) {
      this.layout.busy(true);
      return;
    }
    said.replaceChildren();
    grid.replaceChildren(...skeletons(Math.min(12, this.limit)));
  }

  invitation() {
    return invite(this.client, this.say, this.isPage, {
      choose: () => this.bar.chooser.click(), camera: () => this.bar.camera.click(), take: (photo) => this.take(photo),
    });
  }

  backButton() {
    return h("button.back", { type: "button", onclick: () => this.journey.back() }, icon("back"), this.say("back"));
  }

  /** @param {HTMLElement} place */
  showChips(place) {
    const title = (/** @type {string} */ id) => this.known.get(id)?.title ?? id;
    place.replaceChildren(...chips(this.question, this.look, { names: this.names, title }, (question) => this.go(question)));
    const { question } = this;
    for (const id of [...question.like, ...question.unlike]) {
      if (!this.known.has(id)) this.lookUp(id).then((found) => found && question === this.question && this.showChips(place));
    }
  }

  /** @param {Shown} product @param {boolean} scored */
  card(product, scored) {
    const id = product.product_id;
    if (!this.known.has(id)) this.known.set(id, { pictures: [], description: "", ...product });
    const href = this.isPage ? this.journey.album.hash(this.similar(product)) : product.url || "#";
    const { like, unlike } = this.question;
    return card(product, this.look, {
      href, scored, choose: (event) => this.choose(event, product),
      does: {
        why: (shown) => this.why.show(shown),
        like: () => this.change({ like: [...new Set([...like, id])], unlike: unlike.filter((other) => other !== id) }),
        unlike: () => this.change({ unlike: [...new Set([...unlike, id])], like: like.filter((other) => other !== id) }),
      },
    });
  }
}

/** @param {any} product as /v1/products gives it @returns {Looked} */
function looked(product) {
  const pictures = product.images.map((/** @type {any} */ i) => i.image).filter(Boolean);
  return { ...product, image: pictures[0] ?? "", pictures, score: 0, signals: {}, confidence: 0, match: "none", why: null };
}
