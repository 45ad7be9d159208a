// @ts-check
/** What `<shoplens-search>` shows: one question at a time, and its answer. */

import { Bar } from "./bar.js";
import { asked, card, chosen, skeletons } from "./cards.js";
import { Problem } from "./client.js";
import { h, icon } from "./dom.js";
import { watchDrops } from "./drops.js";
import { Album } from "./history.js";
import { pictureIn, shrink } from "./picture.js";
import { tries } from "./tries.js";

/**
 * @typedef {import("./client.js").Question} Question
 * @typedef {import("./client.js").Shown} Shown
 * @typedef {import("./cards.js").Looked} Looked
 * @typedef {{products: Shown[], complete: boolean, ended: boolean, took: string, top: number}} Kept
 */

/** @type {Question} */
const NOTHING = { q: "", filter: "", product: "", photo: null, box: null };

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
    this.album = new Album();
    this.question = NOTHING;
    /** @type {Map<string, Kept>} what "back" shows again without asking */
    this.kept = new Map();
    /** @type {Map<string, Looked>} */
    this.known = new Map();
    /** @type {Question[]} where "back" goes in a widget, which has no address */
    this.trail = [];
    this.running = new AbortController();
    this.bar = new Bar(this.say, {
      ask: () => this.go({ ...this.question, ...this.bar.written }),
      photo: (file) => this.take(file),
      removePhoto: () => this.go({ ...this.question, photo: null, box: null }),
      fields: () => client.ask("/v1/fields"),
    });
    this.above = h("div.above");
    this.said = h("div.said", { role: "status" });
    this.grid = h("ul.grid");
    this.below = h("div.below");
    this.cover = h("div.cover", { hidden: true }, h("div", {}, icon("picture"), this.say("dropNow")));
    this.elements = [this.bar.element, this.above, this.said, this.grid, this.below, this.cover];
  }

  /** Listen, and show what the address says. */
  open() {
    watchDrops(this.isPage ? document : this.host, this.cover, (data) => this.receive(data));
    if (this.isPage) {
      history.scrollRestoration = "manual";
      addEventListener("popstate", () => this.restore());
      document.addEventListener("keydown", (event) => this.pressed(event));
    }
    this.restore();
  }

  // ---- a question comes in --------------------------------------------------------------------

  /** @param {DataTransfer} data */
  async receive(data) {
    const found = await pictureIn(data, this.client.endpoint.origin);
    if (found instanceof Blob) this.take(found);
    else if (found) this.tell(this.say(found === "address" ? "onlyAddress" : "notPicture"), "");
  }

  /** @param {Blob} file a photo, as large as it came */
  async take(file) {
    const photo = await shrink(file);
    this.go({ ...NOTHING, ...this.bar.written, photo });
  }

  /** @param {MouseEvent} event @param {Shown} product */
  choose(event, product) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const told = { bubbles: true, composed: true, cancelable: true, detail: product };
    if (!this.host.dispatchEvent(new CustomEvent("shoplens-choose", told))) return;
    this.go({ ...NOTHING, filter: this.question.filter, product: product.product_id });
  }

  /** @param {Question} question asked now, and the newest entry of the history */
  go(question) {
    this.leave();
    const hash = this.album.hash(question);
    this.kept.delete(hash);
    if (this.isPage && hash !== location.hash) {
      history.pushState({ ours: true }, "", hash || location.pathname);
    } else if (!this.isPage) this.trail.push(this.question);
    this.show(question);
    if (this.isPage) scrollTo({ top: 0 });
  }

  back() {
    this.leave();
    if (!this.isPage) this.show(this.trail.pop() ?? NOTHING);
    else if (history.state?.ours) history.back();
    else this.go(NOTHING);
  }

  /** Remember how far down the visitor was. */
  leave() {
    const kept = this.kept.get(this.album.hash(this.question));
    if (kept) kept.top = scrollY;
  }

  /** Show what the address says: at the start, and after "back". */
  restore() {
    if (!this.isPage) {
      this.show(NOTHING);
      return;
    }
    const { lost, ...question } = this.album.question(location.hash);
    if (lost) history.replaceState(history.state, "", this.album.hash(question) || location.pathname);
    this.show(question);
    if (lost) this.above.prepend(h("p.hint", { role: "alert" }, this.say("gone")));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const typing = event.composedPath()[0] instanceof HTMLInputElement;
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.bar.words.focus();
  }

  // ---- and is answered ------------------------------------------------------------------------

  /** @param {Question} question */
  show(question) {
    this.running.abort();
    this.running = new AbortController();
    this.question = question;
    this.bar.show(question);
    this.below.replaceChildren();
    this.said.replaceChildren();
    const asks = question.q || question.photo || question.product;
    this.above.replaceChildren(...(asks ? [this.backButton()] : []));
    if (question.photo) {
      const point = (/** @type {Question["box"]} */ box) => this.go({ ...this.question, ...this.bar.written, box });
      this.above.append(asked(question, this.look, this.bar.does.removePhoto, point));
    }
    if (question.product) this.showChosen(question.product, this.running.signal);
    const kept = this.kept.get(this.album.hash(question));
    if (kept) {
      this.list(kept);
      if (this.isPage) requestAnimationFrame(() => scrollTo({ top: kept.top }));
    } else if (asks) this.ask();
    else this.start();
  }

  /** @param {Kept} [before] the products that are there already */
  async ask(before) {
    const { question, limit } = this;
    const { signal } = this.running;
    const offset = before?.products.length ?? 0;
    if (before) this.below.replaceChildren(h("ul.grid", {}, ...skeletons(4)));
    else this.wait();
    try {
      const answer = await this.client.search(question, { limit, offset, signal });
      const kept = {
        products: [...(before?.products ?? []), ...answer.products],
        complete: answer.complete,
        ended: answer.products.length < limit,
        took: before?.took ?? this.timed(answer),
        top: 0,
      };
      this.kept.set(this.album.hash(question), kept);
      this.list(kept, offset);
      const told = { bubbles: true, composed: true, detail: answer };
      this.host.dispatchEvent(new CustomEvent("shoplens-answer", told));
    } catch (error) {
      this.fail(error, () => this.ask(before));
    }
  }

  /** Nothing is asked yet: invite to, and show some products. */
  async start() {
    const { say } = this;
    const { signal } = this.running;
    const choose = () => this.bar.chooser.click();
    this.above.replaceChildren(h("section.invite", {},
      icon("picture"),
      h("strong", {}, h("span.mouse", {}, say("drop")), h("span.touch", {}, say("dropTouch"))),
      h("span", {}, say("dropHint")),
      h("div.actions", {},
        h("button.primary", { type: "button", onclick: choose }, say("choose")),
        h("button.quiet.touch", { type: "button", onclick: () => this.bar.camera.click() }, icon("camera"), say("take"))),
      this.isPage && tries(this.client, say, (photo) => this.take(photo))));
    this.grid.replaceChildren(...skeletons(6));
    try {
      const { products } = await this.client.ask(`/v1/products?limit=${this.limit}`, { signal });
      if (!products.length) {
        this.above.replaceChildren();
        this.tell(say("empty"), say("emptyHint"));
        return;
      }
      this.below.replaceChildren();
      this.said.replaceChildren(h("h2", {}, say("start")));
      this.grid.replaceChildren(...products.map((/** @type {any} */ p) => this.card(looked(p), false)));
    } catch (error) {
      this.fail(error, () => this.start());
    }
  }

  /** @param {string} id @param {AbortSignal} signal */
  async showChosen(id, signal) {
    const place = h("div");
    this.above.append(place);
    const draw = (/** @type {Looked} */ product) => place.replaceChildren(
      chosen(product, this.look, () => this.go({ ...this.question, product: "" })));
    const known = this.known.get(id);
    if (known) draw(known);
    try {
      const product = looked(await this.client.product(id));
      this.known.set(id, product);
      if (!signal.aborted && !known?.pictures.length) draw(product); // a card tells less
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // the answer itself tells of the same problem
    }
  }

  /** @param {Kept} kept @param {number} [from] cards before this one are there already */
  list(kept, from = 0) {
    const { say } = this;
    const cards = kept.products.slice(from).map((product) => this.card(product, true));
    if (from) this.grid.append(...cards);
    else this.grid.replaceChildren(...cards);
    if (!kept.products.length) {
      this.tell(say("none"), say("noneHint"));
      return;
    }
    this.said.replaceChildren(kept.took);
    this.below.replaceChildren(kept.ended
      ? h("p.hushed", {}, say(kept.complete ? "end" : "partial"))
      : h("button.more", { type: "button", onclick: () => this.ask(kept) }, say("more")));
    if (from) cards[0]?.querySelector("a")?.focus({ preventScroll: true });
  }

  // ---- or not ---------------------------------------------------------------------------------

  /** @param {unknown} error @param {() => void} again */
  fail(error, again) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (!(error instanceof Problem)) throw error;
    const { say } = this;
    const { status, position, detail } = error;
    if (status === 401) this.askKey(again);
    else if (position !== null) {
      this.tell("", "");
      this.bar.blame(detail, position);
    } else if (!status) this.tell(say("offline"), say("offlineHint"), again);
    else if (status === 404) this.tell(say("noProduct"), say("noProductHint"));
    else if (status === 422 && this.question.photo) this.tell(say("unreadable"), detail);
    else this.tell(say("failed"), detail || error.title, status >= 500 ? again : null);
  }

  /** @param {() => void} again */
  askKey(again) {
    const { say, client } = this;
    const input = h("input", { type: "password", "aria-label": say("keyLabel"), required: true, autocomplete: "off" });
    const send = (/** @type {Event} */ event) => {
      event.preventDefault();
      client.keep(input.value.trim());
      again();
    };
    this.above.replaceChildren();
    this.tell(say("keyNeeded"), client.key ? say("keyWrong") : say("keyHint"));
    this.below.append(h("form.key", { onsubmit: send }, icon("key"), input,
      h("button.primary", { type: "submit" }, say("keySend"))));
    input.focus();
  }

  /** @param {string} title @param {string} detail @param {(() => void) | null} [again] */
  tell(title, detail, again = null) {
    this.grid.replaceChildren();
    this.said.replaceChildren();
    this.below.replaceChildren(...(title ? [h("div.notice", { role: "alert" },
      h("strong", {}, title), h("p", {}, detail),
      again && h("button.more", { type: "button", onclick: again }, this.say("retry")))] : []));
  }

  // ---- pieces ---------------------------------------------------------------------------------

  wait() {
    this.said.replaceChildren(this.say("loading"));
    this.below.replaceChildren();
    this.grid.replaceChildren(...skeletons(Math.min(12, this.limit)));
  }

  backButton() {
    return h("button.back", { type: "button", onclick: () => this.back() }, icon("back"), this.say("back"));
  }

  /** @param {Shown} product @param {boolean} scored */
  card(product, scored) {
    const id = product.product_id;
    if (!this.known.has(id)) this.known.set(id, { pictures: [], description: "", ...product });
    const similar = { ...NOTHING, filter: this.question.filter, product: id };
    const href = this.isPage ? this.album.hash(similar) : product.url || "#";
    return card(product, this.look, { href, scored, choose: (event) => this.choose(event, product) });
  }

  /** @param {import("./client.js").Answer} answer @returns {string} */
  timed({ products, timings_ms: spent }) {
    const { say } = this;
    /** @type {Record<string, string>} */
    const names = { encode: say("encode"), search: say("searching"), fuse: say("fuse"), fetch: say("fetch") };
    const total = Object.values(spent).reduce((sum, ms) => sum + ms, 0);
    const steps = Object.entries(spent).filter(([name, ms]) => ms >= 0.5 || name === "search")
      .map(([name, ms]) => `${names[name] ?? name} ${ms < 0.5 ? "<1" : Math.round(ms)}`);
    const count = say(products.length === 1 ? "countOne" : "count", products.length, Math.max(1, Math.round(total)));
    return steps.length ? `${count}: ${steps.join(" · ")}` : count;
  }
}

/** @param {any} product as /v1/products gives it @returns {Looked} */
function looked(product) {
  const pictures = product.images.map((/** @type {any} */ i) => i.image).filter(Boolean);
  return { ...product, image: pictures[0] ?? "", pictures, score: 0, signals: {} };
}
