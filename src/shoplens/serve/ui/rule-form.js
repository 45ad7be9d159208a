// @ts-check
/** The form for one rule: what to do with which products, for which questions, from when until when. */

import { h, icon } from "./dom.js";
import { ACTIONS, BLANK } from "./rule.js";
import { say } from "./rule-words.js";

const ABOUT = /** @type {const} */ ({ pin: "pinAbout", hide: "hideAbout", boost: "boostAbout", bury: "buryAbout" });
const STRENGTHS = /** @type {[number, import("./rule-words.js").RuleWord][]} */ ([[1.05, "little"], [1.5, "clearly"], [4, "strongly"]]);

/** @typedef {import("./rule.js").Rule} Rule */

export class RuleForm {
  /**
   * @param {import("./rule.js").Shelf} shelf
   * @param {(rule: Rule) => void} save
   * @param {(ids: string[]) => void} changed other products are picked, or none any more
   */
  constructor(shelf, save, changed) {
    this.shelf = shelf;
    this.changed = changed;
    this.rule = BLANK;
    this.asked = "";
    this.title = h("h2");
    this.actions = h("div.actions", { role: "radiogroup", "aria-label": say("action"), onchange: () => this.fit() }, ...ACTIONS.map((action) =>
      h("label", {}, h("input", { type: "radio", name: "action", value: action, required: true }),
        h("b", {}, say(action)), h("small", {}, say(ABOUT[action])))));
    this.picked = h("ul.picked");
    this.filter = this.line("filter", { className: "code", placeholder: "brand = Daybird AND NOT in_stock", spellcheck: false, maxLength: 4000 });
    this.query = this.line("words", { maxLength: 500, oninput: () => this.offer(this.asked) });
    this.use = h("button.plain", { type: "button", hidden: true, onclick: () => {
      this.query.value = this.asked;
      this.offer(this.asked);
    } });
    this.position = h("input", { type: "number", min: 1, max: 1000, required: true });
    this.factor = h("select");
    this.place = h("label", {}, say("place"), this.position);
    this.strength = h("label", {}, say("strength"), this.factor);
    this.starts = h("input", { type: "datetime-local" });
    this.ends = h("input", { type: "datetime-local" });
    this.note = this.line("note", { maxLength: 500 });
    this.mistake = h("p.wrong", { role: "alert", hidden: true });
    this.submit = h("button", { type: "submit" });
    this.cancel = h("button.plain", { type: "button", onclick: () => this.show(BLANK) }, say("cancel"));
    this.element = h("form.panel", { onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      if (this.isComplete()) save(this.value);
    } },
      this.title, this.actions,
      h("fieldset", {}, h("legend", {}, say("which")), this.picked, h("label", {}, say("filter"), this.filter)),
      h("fieldset", {}, h("legend", {}, say("questions")), h("label", {}, say("words"), this.query), this.use),
      h("div.row", {}, this.place, this.strength),
      h("div.row", {}, h("label", {}, say("starts"), this.starts), h("label", {}, say("ends"), this.ends)),
      h("label", {}, say("note"), this.note), this.mistake,
      h("div.row.end", {}, this.cancel, this.submit));
    this.show(BLANK);
  }

  /** @param {import("./rule-words.js").RuleWord} label @param {Record<string, unknown>} given */
  line(label, given) {
    return h("input", { type: "text", autocomplete: "off", "aria-label": say(label), ...given });
  }

  /** @param {Rule} rule to change, or a blank one */
  show(rule) {
    this.rule = rule;
    const isNew = !rule.rule_id;
    this.title.textContent = say(isNew ? "newRule" : "editRule");
    this.submit.textContent = say(isNew ? "save" : "saveChange");
    this.cancel.hidden = isNew;
    this.actions.querySelector(`[value="${rule.action}"]`).checked = true;
    this.filter.value = rule.filter;
    this.query.value = rule.query;
    this.position.value = String(rule.position);
    const strengths = STRENGTHS.map(([times, name]) => ({ times, name }));
    if (!strengths.some(({ times }) => times === rule.factor)) strengths.push({ times: rule.factor, name: "times" });
    this.factor.replaceChildren(...strengths.map(({ times, name }) => h("option", { value: String(times) }, say(name, times))));
    this.factor.value = String(rule.factor);
    this.starts.value = local(rule.starts);
    this.ends.value = local(rule.ends);
    this.note.value = rule.note;
    this.fit();
    this.offer(this.asked);
    this.blame("");
    this.showPicked();
  }

  get action() {
    return this.actions.querySelector(":checked").value;
  }

  /** The rule as it is written now. @returns {Rule} */
  get value() {
    return {
      ...this.rule, action: this.action, filter: this.filter.value.trim(), query: this.query.value.trim(),
      position: Number(this.position.value), factor: Number(this.factor.value),
      starts: moment(this.starts.value), ends: moment(this.ends.value), note: this.note.value.trim(),
    };
  }

  /** Show what this action needs. */
  fit() {
    this.place.hidden = this.action !== "pin";
    this.strength.hidden = !["boost", "bury"].includes(this.action);
  }

  /** @param {string} asked words that were just searched for: maybe those that are meant */
  offer(asked) {
    this.asked = asked;
    this.use.hidden = !asked || this.query.value.trim() === asked;
    this.use.textContent = say("use", asked);
  }

  /** @param {string} id of a product, taken in or out */
  toggle(id) {
    const ids = this.rule.product_ids;
    this.rule = { ...this.rule, product_ids: ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id] };
    this.blame("");
    this.showPicked();
  }

  async showPicked() {
    const { rule } = this;
    this.changed(rule.product_ids);
    const found = await Promise.all(rule.product_ids.map((id) => this.shelf.find(id)));
    if (rule !== this.rule) return; // something else was clicked meanwhile
    this.picked.replaceChildren(...(found.length ? found.map(({ product_id: id, title, image }) => h("li", {},
      image ? h("img", { src: image, alt: "" }) : icon("picture"), h("span", { title }, title),
      h("button.plain", { type: "button", "aria-label": say("drop", title), title: say("drop", title), onclick: () => this.toggle(id) }, icon("close")),
    )) : [h("li.soft", {}, say("pickHint"))]));
  }

  isComplete() {
    const isComplete = this.rule.product_ids.length > 0 || this.filter.value.trim() !== "";
    this.blame(isComplete ? "" : say("needsProducts"));
    return isComplete;
  }

  /** @param {string} reason @param {number | null} [position] where in the filter */
  blame(reason, position = null) {
    this.mistake.textContent = reason;
    this.mistake.hidden = !reason;
    if (position === null) {
      this.filter.removeAttribute("aria-invalid");
      return;
    }
    const before = [...this.filter.value].slice(0, position).join("").length; // Python counts characters
    this.filter.setAttribute("aria-invalid", "true");
    this.filter.focus();
    this.filter.setSelectionRange(before, before + 1);
  }
}

/** @param {string | null} text a moment in UTC @returns {string} as a line for a date and a time wants it */
function local(text) {
  if (!text) return "";
  const at = new Date(text);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @param {string} text a local date and time @returns {string | null} */
function moment(text) {
  return text ? new Date(text).toISOString() : null;
}
