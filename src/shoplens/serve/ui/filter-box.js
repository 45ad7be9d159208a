// @ts-check
/** The line for a filter: it names what can be filtered, and shows where a filter is wrong. */

import { h } from "./dom.js";

/** @typedef {{name: string, kind: "keyword" | "number" | "boolean"}} Field */

const SHOWN = 14;
const STARTS = { keyword: ' = ""', number: " < ", boolean: "" };

/** Owns the input, the fields under it, and the mark at a mistake. */
export class FilterBox {
  /**
   * @param {import("./cards.js").Say} say
   * @param {() => Promise<{fields: Field[]}>} ask for what can be filtered, once it is looked at
   */
  constructor(say, ask) {
    this.ask = ask;
    this.input = h("input", {
      type: "text", name: "filter", placeholder: say("filterHint"), autocomplete: "off",
      spellcheck: false, autocapitalize: "off", "aria-label": say("filter"),
      "aria-describedby": "filter-mistake", oninput: () => this.clear(),
    });
    this.mistake = h("div.mistake", { id: "filter-mistake", role: "alert", hidden: true });
    this.names = h("div.names");
    this.element = h("div.filter", { hidden: true }, this.input, this.mistake,
      h("div.fields", {}, h("span", {}, `${say("fields")}:`), this.names));
  }

  get value() {
    return this.input.value.trim();
  }

  /** @param {string} text */
  set value(text) {
    if (text !== this.value) this.input.value = text;
    this.clear();
    if (text) this.open();
  }

  get isOpen() {
    return !this.element.hidden;
  }

  open() {
    this.element.hidden = false;
    if (this.names.childElementCount) return;
    this.ask().then(({ fields }) => this.list(fields)).catch(() => {});
  }

  close() {
    this.element.hidden = true;
  }

  clear() {
    this.mistake.hidden = true;
    this.input.removeAttribute("aria-invalid");
  }

  /**
   * Show a mistake where it stands.
   *
   * @param {string} reason
   * @param {number | null} position in characters, as Python counts them
   */
  blame(reason, position) {
    this.open();
    const letters = [...this.input.value];
    const at = Math.min(position ?? 0, letters.length);
    const place = position === null ? [] : [
      h("code", {}, letters.slice(0, at).join(""), h("mark", {}, letters[at] ?? " "),
        letters.slice(at + 1).join(""))];
    this.mistake.replaceChildren(...place, h("span", {}, reason));
    this.mistake.hidden = false;
    this.input.setAttribute("aria-invalid", "true");
    const before = letters.slice(0, at).join("").length;
    this.input.focus();
    this.input.setSelectionRange(before, before + (letters[at]?.length ?? 0));
  }

  /** @param {Field[]} fields */
  list(fields) {
    this.names.replaceChildren(...fields.slice(0, SHOWN).map(({ name, kind }) =>
      h("button", { type: "button", title: kind, onclick: () => this.insert(name, kind) }, name)));
  }

  /** @param {string} name @param {Field["kind"]} kind */
  insert(name, kind) {
    const before = this.value ? `${this.value} AND ` : "";
    const text = `${before}${name}${STARTS[kind]}`;
    this.input.value = text;
    this.clear();
    this.input.focus();
    const end = kind === "keyword" ? text.length - 1 : text.length; // between the quotes
    this.input.setSelectionRange(end, end);
  }
}
