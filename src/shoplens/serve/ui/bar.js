// @ts-check
/** The bar to ask with: photo, words, colour, filter. */

import { preview } from "./cards.js";
import { Palette } from "./colours.js";
import { h, icon } from "./dom.js";
import { FilterBox } from "./filter-box.js";
import { Suggest } from "./suggest.js";

const PAUSE_MS = 450;

/**
 * @typedef {{
 *   ask: () => void,
 *   typed: (q: string) => void,
 *   photo: (file: File) => void,
 *   removePhoto: () => void,
 *   colour: (colour: string) => void,
 *   fields: () => Promise<{fields: import("./filter-box.js").Field[]}>,
 *   suggest: (q: string, signal: AbortSignal) => Promise<import("./client.js").Suggested>,
 *   suggested: import("./suggest.js").Chosen,
 * }} Does
 */

export class Bar {
  /** @param {import("./cards.js").Look} look @param {Does} does */
  constructor(look, does) {
    const { say } = look;
    this.say = say;
    this.does = does;
    this.pause = 0;
    this.chooser = this.fileInput({});
    this.camera = this.fileInput({ capture: "environment" });
    this.words = h("input.words", {
      type: "search", name: "q", maxLength: 2000, placeholder: say("ask"), enterKeyHint: "search",
      autocomplete: "off", "aria-label": say("ask"), oninput: () => this.typed(),
    });
    this.suggest = new Suggest(this.words, say, does.suggest, does.suggested);
    this.palette = new Palette(look, does.colour);
    this.picture = h("div.photo");
    this.filter = new FilterBox(say, does.fields);
    this.funnel = h("button.round.funnel", {
      type: "button", title: say("filter"), "aria-label": say("filter"), "aria-expanded": "false",
      onclick: () => this.showFilter(!this.filter.isOpen),
    }, icon("funnel"));
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.rest();
      this.words.blur(); // a phone's keyboard goes away
      does.ask();
    };
    this.element = h("form.bar", { role: "search", onsubmit: submit },
      this.chooser, this.camera,
      h("div.field", {}, this.picture, this.words, this.palette.element, this.funnel,
        h("button.primary", { type: "submit", "aria-label": say("search") }, icon("search"), h("span", {}, say("search"))),
        this.suggest.element),
      this.filter.element);
  }

  /** What is written in it now. */
  get written() {
    return { q: this.words.value.trim(), filter: this.filter.value };
  }

  /** @param {import("./question.js").Question} question */
  show(question) {
    const { say } = this;
    if (this.words.value.trim() !== question.q) { // or else somebody is typing, maybe a space
      this.rest();
      this.words.value = question.q;
    }
    this.words.placeholder = say(question.photo || question.product ? "addWords" : "ask");
    this.filter.value = question.filter;
    this.showFilter(this.filter.isOpen);
    this.palette.show(question.colour);
    this.showPhoto(question.photo);
  }

  /** Ask after a pause, not at every letter. */
  typed() {
    clearTimeout(this.pause);
    this.pause = window.setTimeout(() => {
      if (!this.suggest.isMarked) this.does.typed(this.written.q);
    }, PAUSE_MS);
  }

  /** Forget what was typed last: something else is asked. */
  rest() {
    clearTimeout(this.pause);
    this.suggest.stop();
    this.suggest.close();
  }

  /** @param {boolean} open */
  showFilter(open) {
    if (open) this.filter.open();
    else this.filter.close();
    this.funnel.setAttribute("aria-expanded", String(open));
  }

  /** @param {string} reason @param {number} position */
  blame(reason, position) {
    this.showFilter(true);
    this.filter.blame(reason, position);
  }

  /** @param {Blob | null} photo */
  showPhoto(photo) {
    const { say } = this;
    this.picture.replaceChildren(h("button.round", {
      type: "button", title: say("choose"), "aria-label": say("choose"), onclick: () => this.chooser.click(),
    }, photo ? preview(photo, say("photo")) : icon("camera")));
    if (photo) this.picture.append(h("button.remove", {
      type: "button", title: say("removePhoto"), "aria-label": say("removePhoto"),
      onclick: this.does.removePhoto,
    }, icon("close")));
  }

  /** @param {Record<string, string>} more */
  fileInput(more) {
    const taken = (/** @type {any} */ { target }) => {
      if (target.files[0]) this.does.photo(target.files[0]);
      target.value = ""; // the same file may be chosen again
    };
    return h("input", { type: "file", accept: "image/*", hidden: true, tabIndex: -1, onchange: taken, ...more });
  }
}
