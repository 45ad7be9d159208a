// @ts-check
/** What may be meant, under the line for words, while a visitor types: an ARIA combobox. */

import { h, icon } from "./dom.js";

const WAIT_MS = 120;

/**
 * @typedef {{words: (q: string) => void, category: (levels: string[]) => void,
 *   product: (id: string) => void}} Chosen
 * @typedef {{element: HTMLElement, choose: () => void}} Option
 */

export class Suggest {
  /**
   * @param {HTMLInputElement} input
   * @param {import("./cards.js").Say} say
   * @param {(q: string, signal: AbortSignal) => Promise<import("./client.js").Suggested>} ask
   * @param {Chosen} chosen
   */
  constructor(input, say, ask, chosen) {
    this.input = input;
    this.say = say;
    this.ask = ask;
    this.chosen = chosen;
    this.element = h("ul.suggest", { id: "suggestions", role: "listbox", "aria-label": say("suggestions"), hidden: true });
    /** @type {Option[]} */
    this.options = [];
    this.at = -1;
    this.timer = 0;
    this.running = new AbortController();
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-controls": "suggestions", "aria-expanded": "false",
    })) input.setAttribute(name, value);
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("blur", () => this.close());
    this.element.addEventListener("pointerdown", (/** @type {Event} */ event) => event.preventDefault()); // keeps the focus
  }

  /** Whether an option is marked, so that Enter means that one. */
  get isMarked() {
    return this.at >= 0;
  }

  typed() {
    this.stop();
    this.mark(-1);
    const q = this.input.value;
    if (!q.trim()) this.close();
    else this.timer = window.setTimeout(() => this.look(q), WAIT_MS);
  }

  /** @param {string} q */
  async look(q) {
    const { signal } = (this.running = new AbortController());
    try {
      const found = await this.ask(q.slice(0, 200), signal);
      if (!signal.aborted && this.input.value === q) this.list(q, found);
    } catch {
      this.close(); // suggestions are a help; what is wrong is told when the question is asked
    }
  }

  /** @param {string} q @param {import("./client.js").Suggested} found */
  list(q, { queries, categories, products }) {
    const typed = q.trim().toLowerCase();
    this.options = [
      ...queries.filter(({ text }) => text.toLowerCase() !== typed).map(({ text, products: n }) =>
        this.option(icon("search"), [begun(text, typed), h("small", {}, String(n))], () => this.chosen.words(text))),
      ...categories.slice(0, 3).map(({ category, products: n }) =>
        this.option(icon("folder"), [h("span", {}, category.join(" › ")), h("small", {}, String(n))], () => this.chosen.category(category))),
      ...products.slice(0, 4).map(({ product_id: id, title }) =>
        this.option(icon("picture"), [h("span", {}, title)], () => this.chosen.product(id))),
    ];
    this.at = -1;
    this.element.replaceChildren(...this.options.map(({ element }) => element));
    this.show(this.options.length > 0);
  }

  /** @param {Node} sign @param {(Node | string)[]} told @param {() => void} choose @returns {Option} */
  option(sign, told, choose) {
    const chosen = () => {
      this.stop();
      this.close();
      choose();
    };
    return { element: h("li", { role: "option", "aria-selected": "false", onclick: chosen }, sign, ...told), choose: chosen };
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing || this.element.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (step) this.mark(((this.at + 1 + step + this.options.length + 1) % (this.options.length + 1)) - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this.isMarked) this.options[this.at].choose();
    else return;
    event.preventDefault();
  }

  /** @param {number} at which option Enter would take; -1: what is typed itself */
  mark(at) {
    this.at = at;
    for (const [i, { element }] of this.options.entries()) {
      element.id = `suggestion-${i}`;
      element.setAttribute("aria-selected", String(i === at));
    }
    if (at >= 0) this.input.setAttribute("aria-activedescendant", `suggestion-${at}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.options[at]?.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {boolean} isOpen */
  show(isOpen) {
    this.element.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
  }

  close() {
    this.mark(-1);
    this.show(false);
  }

  /** Forget what is on its way. */
  stop() {
    clearTimeout(this.timer);
    this.running.abort();
  }
}

/** @param {string} text @param {string} typed @returns {HTMLElement} what is new stands out */
function begun(text, typed) {
  if (!text.toLowerCase().startsWith(typed)) return h("span", {}, text);
  return h("span", {}, text.slice(0, typed.length), h("b", {}, text.slice(typed.length)));
}
