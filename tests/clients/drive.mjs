// @ts-check
/** Does what a visitor does to example.html in a real browser, and tells what the page then shows. */

import { createRequire } from "node:module";
import { argv, env } from "node:process";

const [, , address, given] = argv;
/** @type {{photo: string, odd: string, screenshot: string, browser: string}} */
const { photo, odd, screenshot, browser: executablePath } = JSON.parse(given);
const { chromium } = createRequire(`${env.SHOPLENS_NPM}/`)("playwright-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Runs in the page: everything that a visitor can read there. */
function read() {
  const text = (/** @type {ParentNode} */ root, /** @type {string} */ found) => root.querySelector(found)?.textContent?.trim() ?? "";
  const all = (/** @type {string} */ found) => [...document.querySelectorAll(found)];
  const counted = (/** @type {string} */ box, /** @type {string} */ kind) => Object.fromEntries(
    all(`${box} li`).map((li) => [text(li, `${kind === "RefinementList" ? "label" : "a"} [class*="abel"]:not(label)`), Number(text(li, `.ais-${kind}-count`))]));
  return {
    stats: text(document, "#stats .ais-Stats-text"),
    titles: all("#hits .title").map((one) => one.textContent),
    brands: all("#hits .brand").map((one) => one.textContent),
    prices: all("#hits .price").map((one) => Number((one.firstChild?.textContent ?? "").replace(/[^\d.]/g, ""))),
    pictures: all("#hits img").map((one) => /** @type {HTMLImageElement} */ (one).naturalWidth > 0),
    marks: all("#hits .title mark").map((one) => one.textContent),
    category: counted("#category", "HierarchicalMenu"),
    brand: counted("#brand", "RefinementList"),
    colour: counted("#colour", "RefinementList"),
    ends: all("#price input").map((one) => /** @type {HTMLInputElement} */ (one).placeholder),
    page: text(document, ".ais-Pagination-item--selected"),
    lastPage: all("#pages .ais-Pagination-item--page").at(-1)?.textContent ?? "",
    problem: text(document, "#problem"),
    hacked: "hacked" in window,
  };
}

const browser = await chromium.launch({ executablePath, args: FLAGS });
const page = await browser.newPage({ viewport: { width: 1240, height: 900 }, locale: "en-US" });
/** @type {Record<string, any>} */
const seen = {};
/** @type {any[]} */
let asked = [];
/** @type {string[]} */
const complaints = [];
/** @type {Set<any>} */
const underway = new Set();
page.on("request", (/** @type {any} */ request) => {
  underway.add(request);
  if (request.method() === "POST") asked.push(request.postDataJSON());
});
page.on("requestfinished", (/** @type {any} */ request) => underway.delete(request));
page.on("requestfailed", (/** @type {any} */ request) => underway.delete(request));
page.on("pageerror", (/** @type {Error} */ error) => complaints.push(String(error)));
page.on("console", (/** @type {any} */ message) => {
  if (message.type() === "error") complaints.push(message.text());
});

const answered = () => page.waitForResponse((/** @type {any} */ one) => one.request().method() === "POST", { timeout: 15_000 });

/** @param {string} name of what is done @param {() => Promise<unknown>} act */
async function step(name, act) {
  asked = [];
  await Promise.all([answered(), act()]).catch((error) => {
    throw new Error(`${name}: ${error.message}\n${complaints.join("\n")}`);
  });
  let quiet_ms = 0; // longer than the page waits after a key, and than widgets need to draw
  while (quiet_ms < 200) {
    await page.waitForTimeout(50);
    const isIdle = await page.evaluate("!['loading', 'stalled'].includes(search.status)");
    quiet_ms = isIdle && underway.size === 0 ? quiet_ms + 50 : 0;
  }
  seen[name] = { ...(await page.evaluate(read)), asked };
}

const choose = (/** @type {string} */ box, /** @type {string} */ value) => () =>
  page.locator(`${box} :is(a, label)`).filter({ has: page.getByText(value, { exact: true }) }).click();
const clear = () => page.locator("#clear button").click();
const type = (/** @type {string} */ words) => () => page.locator("#words input").pressSequentially(words, { delay: 20 });
const sort = (/** @type {string} */ value) => () => page.locator("#sort select").selectOption(value);
async function within() {
  const [low, high] = await page.locator("#price input").all();
  await low.fill("20");
  await high.fill("40");
  await high.press("Enter");
}

await step("start", () => page.goto(address));
await step("second page", () => page.getByRole("link", { name: "Page 2" }).click());
await step("cheapest first", sort("products:price:asc"));
await step("dearest first", sort("products:price:desc"));
await step("best first", sort("products"));
await step("tarn", choose("#brand", "tarn"));
await step("tarn or pella", choose("#brand", "pella"));
await step("cleared", clear);
await step("20 to 40", within);
await step("little fern from 20 to 40", choose("#brand", "little fern"));
await step("cleared of both", clear);
await step("furniture", choose("#category", "furniture"));
await step("seating", choose("#category", "seating"));
await step("stools", choose("#category", "stools"));
await step("cleared again", clear);
await step("in stock", () => page.locator("#stock input").click());
await step("cleared once more", clear);
await step("a brand is looked for", () => page.locator("#brand .ais-SearchBox-input").fill("rye"));
await step("a brand is found", choose("#brand", "halden & rye"));
await step("cleared of it", clear);
await step("an odd brand is looked for", () => page.locator("#brand .ais-SearchBox-input").fill('o"dd'));
await step("the odd brand", choose("#brand", odd));
await step("cleared of the odd", clear);
await step("mugs", type("mug"));
if (screenshot) await page.screenshot({ path: screenshot });
await step("no words", () => page.locator("#words input").fill(""));
await step("a photo", () => page.locator("#photo").setInputFiles(photo));
await step("the photo's second page", () => page.getByRole("link", { name: "Page 2" }).click());
await step("the photo in a brand", choose("#brand", "tarn"));
await step("no photo", () => page.locator("#no-photo").click());
await step("nonsense", () => page.evaluate("search.helper.setQueryParameter('filters', 'nonsense = 1').search()"));
asked = [];
const both = await page.evaluate(`search.client.search([
  { indexName: "p", params: { facets: ["brand", "category.lvl0"], facetFilters: ["brand:tarn"] } },
  { indexName: "p", params: { facets: ["brand", "category.lvl0"], filters: "brand:tarn" } },
])`);
const facets = both.results.map((/** @type {any} */ one) => one.facets);
await browser.close();
console.log(JSON.stringify({ seen, complaints, facets }));
