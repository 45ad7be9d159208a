// @ts-check
/** The API's own description, readable, with a try-out for whatever only reads. */

import { Client } from "./client.js";
import { h } from "./dom.js";
import { askKey } from "./key-box.js";
import { labels } from "./labels.js";

/** @typedef {Record<string, any>} Schema */

const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const client = new Client("");

/** @param {any} api @param {Schema} schema @returns {Schema} */
function followed(api, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? api.components.schemas[name] : (schema ?? {});
}

/** @param {any} api @param {Schema} given @returns {string} such as "integer" or "string | null" */
function kindOf(api, given) {
  const schema = followed(api, given);
  if (schema.anyOf) return schema.anyOf.map((/** @type {Schema} */ s) => kindOf(api, s)).join(" | ");
  if (schema.type === "array") return `[${kindOf(api, schema.items ?? {})}]`;
  return schema.title && schema.type === "object" ? schema.title : (schema.type ?? "any");
}

/** @param {any} api @param {Schema} given what a body holds, or an answer */
function table(api, given) {
  const schema = followed(api, given);
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => h("tr", {},
    h("td", {}, h("code", {}, name), required.has(name) && " *"),
    h("td", {}, h("code.soft", {}, kindOf(api, field))),
    h("td", {}, followed(api, field).description ?? "")));
  return rows.length ? h("table", {}, h("tbody", {}, ...rows)) : h("p.soft", {}, schema.description ?? kindOf(api, schema));
}

/** @param {any} operation @param {string} path @param {string} verb @returns {string} */
function curl(operation, path, verb) {
  const lines = [`curl ${verb === "get" ? "" : `-X ${verb.toUpperCase()} `}'${location.origin}${path}'`];
  const content = operation.requestBody?.content ?? {};
  if (content["multipart/form-data"]) lines.push(`  -F ${operation.tags[0] === "feeds" ? "file=@products.csv" : "image=@photo.jpg"}`);
  else if (content["application/json"]) {
    lines.push("  -H 'content-type: application/json'", `  -d '${JSON.stringify(content["application/json"].example ?? { product_id: "boot-1", title: "Hiking boot" })}'`);
  }
  return lines.join(" \\\n");
}

/** @param {string} path @param {any[]} parameters */
function tryOut(path, parameters) {
  const inputs = parameters.map((p) => [p, h("input", { "aria-label": p.name, placeholder: p.example ?? p.schema?.default ?? "" })]);
  const shown = h("pre", { hidden: true, tabIndex: 0 });
  const ask = async (/** @type {Event} */ event) => {
    event.preventDefault();
    let filled = path;
    const query = new URLSearchParams();
    for (const [p, input] of inputs) {
      if (p.in === "path") filled = filled.replace(`{${p.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(p.name, input.value);
    }
    shown.hidden = false;
    shown.textContent = "…";
    const headers = /** @type {Record<string, string>} */ (client.key ? { authorization: `Bearer ${client.key}` } : {});
    const address = `${filled}${String(query) && `?${query}`}`;
    const response = await fetch(address, { headers }).catch(() => null);
    if (response?.status === 401) askKey(at("key"), client, false, () => ask(event));
    else at("key").replaceChildren();
    const type = response?.headers.get("content-type") ?? "";
    const body = !response ? "no answer" : type.includes("json") ? JSON.stringify(await response.json(), null, 2) : `(${type})`;
    shown.textContent = `GET ${address}\n${response?.status ?? ""} ${type}\n\n${body}`;
  };
  return h("form", { onsubmit: ask },
    h("table", {}, h("tbody", {}, ...inputs.map(([p, input]) => h("tr", {},
      h("td", {}, h("code", {}, p.name), p.required && " *"), h("td", {}, input),
      h("td.soft", {}, p.description ?? p.schema?.description ?? ""))))),
    h("div.try", {}, h("button", { type: "submit" }, "Try it")), shown);
}

/** @param {string} text with `code` in it @returns {(string | Node)[]} */
function prose(text) {
  return text.replaceAll("``", "`").split("`").map((part, i) => (i % 2 ? h("code", {}, part) : part));
}

/** @param {any} api @param {string} path @param {string} verb @param {any} operation */
function described(api, path, verb, operation) {
  const parameters = operation.parameters ?? [];
  const [type, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const statuses = Object.entries(operation.responses);
  const good = statuses.find(([status]) => status.startsWith("2"))?.[1].content?.["application/json"];
  return h("details.operation", { id: operation.operationId },
    h("summary", {}, h("span.verb", {}, verb.toUpperCase()), h("code", {}, path), h("span.soft", {}, operation.summary)),
    h("div.body", {},
      h("p", {}, ...prose(operation.description ?? "")),
      verb === "get" ? tryOut(path, parameters) : h("pre", {}, curl(operation, path, verb)),
      type && h("h3", {}, Object.keys(operation.requestBody.content).join(" · ")),
      type && table(api, body.schema),
      good?.schema && h("h3", {}, "Answer"),
      good?.schema && table(api, good.schema),
      h("h3", {}, "Status"),
      h("table", {}, h("tbody", {}, ...statuses.map(([status, told]) =>
        h("tr", {}, h("td", {}, h("code", {}, status)), h("td", {}, told.description)))))));
}

async function show() {
  const api = await (await fetch("/openapi.json")).json();
  at("about").replaceChildren(...prose(api.info.description));
  for (const { name, description } of api.tags) {
    const operations = Object.entries(api.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).filter(([, o]) => o.tags.includes(name)).map(([verb, o]) => described(api, path, verb, o)));
    at("operations").append(h("h2", {}, description), ...operations);
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
}

labels();
show();
