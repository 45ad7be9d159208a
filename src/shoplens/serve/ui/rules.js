// @ts-check
/** The page of a merchandiser: every rule, a form for one, and what visitors then see. */

import { Client, Problem } from "./client.js";
import { h, icon } from "./dom.js";
import { askKey } from "./key-box.js";
import { inChinese, labels } from "./labels.js";
import { BLANK, newId, Shelf, stateOf } from "./rule.js";
import { RuleForm } from "./rule-form.js";
import { Preview } from "./rule-preview.js";
import { say } from "./rule-words.js";

/** @typedef {import("./rule.js").Rule} Rule */

const NAMED = 3;
const TOLD_MS = 12_000;
const ORDER = ["problem", "now", "later", "over"];
const times = new Intl.DateTimeFormat(inChinese ? "zh" : navigator.language, { dateStyle: "medium", timeStyle: "short" });
const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const client = new Client("");
const shelf = new Shelf(client);
/** @type {Rule[]} */
let rules = [];
let fading = 0;

const preview = new Preview(client, shelf, { toggle: (id) => form.toggle(id), asked: (q) => form.offer(q) });
const form = new RuleForm(shelf, save, (ids) => preview.mark(ids));

/** @param {string} told @param {() => void} [undo] */
function tell(told, undo) {
  clearTimeout(fading);
  fading = window.setTimeout(() => at("said").replaceChildren(), TOLD_MS);
  at("said").replaceChildren(told, ...(undo ? [h("button.plain", { type: "button", onclick: undo }, say("undo"))] : []));
}

/** @param {Rule} rule */
function put({ rule_id: id, problem: _, ...rest }) {
  return client.ask(`/v1/rules/${encodeURIComponent(id)}`, {
    method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(rest),
  });
}

/** @param {Rule} rule */
async function save(rule) {
  const named = rule.rule_id ? rule : { ...rule, rule_id: newId(rule, new Set(rules.map((one) => one.rule_id))) };
  await guarded(async () => {
    await put(named);
    form.show({ ...BLANK, action: rule.action });
    tell(say(stateOf(named, new Date()) === "now" ? "saved" : "savedLater"));
    await refresh();
  });
}

/** @param {Rule} rule */
async function remove(rule) {
  await guarded(async () => {
    await client.ask(`/v1/rules/${encodeURIComponent(rule.rule_id)}`, { method: "DELETE" });
    if (form.rule.rule_id === rule.rule_id) form.show(BLANK);
    tell(say("removed"), () => guarded(async () => {
      await put(rule);
      tell(say("saved"));
      await refresh();
    }));
    await refresh();
  });
}

/** Do something that needs the admin key; ask for it if need be, and say what was refused. @param {() => Promise<void>} act */
async function guarded(act) {
  try {
    await act();
    at("key").replaceChildren();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401 || error.status === 403) askKey(at("key"), client, error.status === 403, () => guarded(act));
    else form.blame(error.detail || say("offline"), error.position);
  }
}

async function refresh() {
  rules = (await client.ask("/v1/rules")).rules;
  const now = new Date();
  const rank = (/** @type {Rule} */ rule) => ORDER.indexOf(stateOf(rule, now));
  const items = await Promise.all(rules.toSorted((a, b) => rank(a) - rank(b)).map((rule) => item(rule, now)));
  at("rules").replaceChildren(...(items.length ? items : [h("li.empty", {}, say("none"))]));
  await preview.ask();
}

/** @param {Rule} rule @param {Date} now */
async function item(rule, now) {
  const state = stateOf(rule, now);
  const found = await Promise.all(rule.product_ids.slice(0, NAMED).map((id) => shelf.find(id)));
  const more = rule.product_ids.length - found.length;
  const edit = () => {
    form.show(rule);
    form.element.scrollIntoView({ block: "start" });
    form.actions.querySelector(":checked").focus({ preventScroll: true });
  };
  return h("li", { "data-rule": rule.rule_id },
    h("div.what", {},
      h("div.head", {}, h(`span.state.${state}`, {}, say(state)), h("strong", {}, summary(rule)), h("span.soft", {}, when(rule))),
      h("ul.meant", {},
        ...found.map(({ title, image, isGone }) => h("li", {}, image && h("img", { src: image, alt: "" }), h("span", {}, title), isGone && h("small", {}, say("gone")))),
        more > 0 && h("li.soft", {}, say("andMore", more)), rule.filter && h("li", {}, h("code", {}, rule.filter))),
      rule.problem && h("p.wrong", {}, rule.problem.split("\n")[0]),
      rule.note && h("p.soft", {}, rule.note)),
    h("div.tools", {},
      h("button.plain", { type: "button", onclick: edit }, icon("edit"), say("edit")),
      h("button.plain", { type: "button", onclick: () => remove(rule) }, icon("trash"), say("remove"))));
}

/** @param {Rule} rule @returns {string} such as: Pin at place 1 for “boots” */
function summary({ action, query, position, factor }) {
  const how = action === "pin" ? say("atPlace", position) : action === "hide" ? "" : say("byFactor", factor);
  return [say(action), how, query ? say("forWords", query) : say("forAll")].filter(Boolean).join(" ");
}

/** @param {Rule} rule @returns {string} */
function when({ starts, ends }) {
  const parts = [starts && say("since", times.format(new Date(starts))), ends && say("until", times.format(new Date(ends)))];
  return parts.filter(Boolean).join(" ");
}

labels();
at("desk").append(form.element, preview.element);
guarded(refresh);
