// @ts-check
/** Does what visitors and a merchandiser do in a real browser, and tells what the pages then show. */

import { createRequire } from "node:module";
import { argv, env } from "node:process";

const [, , address, given] = argv;
/** @type {{searchKey: string, key: string, photo: string, odd: string, shots: string, browser: string}} */
const { searchKey, key, photo, odd, shots, browser: executablePath } = JSON.parse(given);
const { chromium } = createRequire(`${env.SHOPLENS_NPM}/`)("playwright-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Runs in the page: everything that a visitor can read there, or hear. */
function read() {
  const root = document.querySelector("shoplens-search")?.shadowRoot ?? document;
  const all = (/** @type {string} */ found) => [...root.querySelectorAll(found)];
  const text = (/** @type {ParentNode} */ from, /** @type {string} */ found) => from.querySelector(found)?.textContent?.trim() ?? "";
  const seen = (/** @type {Element} */ one) => one.checkVisibility({ checkOpacity: false });
  const counted = (/** @type {string} */ legend, /** @type {string} */ rows) => Object.fromEntries(
    all("fieldset").filter((one) => text(one, "legend") === legend).flatMap((one) => [...one.querySelectorAll(rows)])
      .filter((row) => row.querySelector("small")).map((row) => [text(row, "span:not(.swatch)"), Number(text(row, "small"))]));
  const named = (/** @type {Element} */ one) => one.getAttribute("aria-label") || one.textContent?.trim()
    || /** @type {HTMLInputElement} */ (one).labels?.[0]?.textContent?.trim() || one.getAttribute("title");
  return {
    said: text(root, ".said"),
    titles: all(".grid .title").map((one) => one.textContent),
    brands: all(".grid .brand").map((one) => one.textContent),
    prices: all(".grid .prices").map((one) => Number((one.firstChild?.textContent ?? "").replace(/[^\d.]/g, ""))),
    chips: all(".chip").map((one) => one.textContent),
    category: counted("Category", ".level"),
    brand: counted("Brand", ".values label"),
    colour: counted("Colour", ".values label"),
    checked: all(".facets input:checked").map((one) => one.getAttribute("data-key")),
    ends: all(".ends input").map((one) => /** @type {HTMLInputElement} */ (one).placeholder),
    banner: text(root, ".banner"),
    nearest: text(root, ".banner h2"),
    notice: text(root, ".notice"),
    mistake: all(".mistake").filter(seen).map((one) => text(one, "mark")).join(),
    below: text(root, ".below"),
    suggested: all("[role=option]").filter(seen).map((one) => text(one, "span")),
    marked: all("[role=option][aria-selected=true]").map((one) => text(one, "span")),
    q: /** @type {HTMLInputElement | null} */ (root.querySelector(".words"))?.value,
    focus: (root instanceof ShadowRoot ? root : document).activeElement?.getAttribute("data-key") ?? "",
    unnamed: all("button, input, select, a[href]").filter((one) => seen(one) && !named(one)).map((one) => one.outerHTML),
    tooWide: document.documentElement.scrollWidth - innerWidth,
    hacked: "hacked" in window,
    hash: decodeURIComponent(location.hash.replace(/\+/g, " ")),
    // the page of rules
    rules: all("[data-rule]").map((one) => [text(one, ".state"), text(one, "strong"), text(one, ".meant")]),
    shelf: all(".shelf .name").map((one) => one.textContent),
    wrong: all(".wrong").filter(seen).map((one) => one.textContent).join(),
    told: text(root, "#said"),
  };
}

const browser = await chromium.launch({ executablePath, args: FLAGS });
/** @type {Record<string, any>} */
const seen = {};
/** @type {string[]} */
const complaints = [];
/** @type {any[]} */
let asked = [];
/** @type {Set<any>} */
const underway = new Set();

/** @param {Record<string, unknown>} how @returns {Promise<any>} */
async function visitor(how) {
  const context = await browser.newContext({ locale: "en-US", ...how });
  const page = await context.newPage();
  page.on("request", (/** @type {any} */ request) => {
    underway.add(request);
    if (!request.url().endsWith("/v1/search")) return;
    const isJson = (request.headers()["content-type"] ?? "").includes("json");
    asked.push(isJson ? request.postDataJSON() : { uploads: true });
  });
  page.on("requestfinished", (/** @type {any} */ request) => underway.delete(request));
  page.on("requestfailed", (/** @type {any} */ request) => underway.delete(request));
  page.on("pageerror", (/** @type {Error} */ error) => complaints.push(String(error.stack)));
  page.on("console", (/** @type {any} */ message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return page;
}

/** @param {any} page wait until nothing more comes */
async function settled(page) {
  for (let quiet_ms = 0; quiet_ms < 800; quiet_ms = underway.size ? 0 : quiet_ms + 50) await page.waitForTimeout(50);
}

/** @param {any} page @param {string} name of what is done @param {() => Promise<unknown>} act */
async function step(page, name, act) {
  asked = [];
  await act().catch((error) => {
    throw new Error(`${name}: ${error.message}\n${complaints.join("\n")}`);
  });
  await settled(page);
  seen[name] = { ...(await page.evaluate(read)), asked };
}

/** @param {any} page @param {string} name */
const shot = (page, name) => (shots ? page.screenshot({ path: `${shots}/${name}.png` }) : null);

// ---- somebody at a desk -------------------------------------------------------------------------

const desk = await visitor({ viewport: { width: 1400, height: 950 } });
const words = desk.locator("input.words");
const start = () => desk.evaluate("location.hash = ''");
const pick = (/** @type {string} */ name) => () => desk.locator(".values label").filter({ has: desk.getByText(name, { exact: true }) }).click();
const level = (/** @type {string} */ name) => () => desk.locator(".level").filter({ has: desk.getByText(name, { exact: true }) }).click();
const drop = (/** @type {string} */ name) => () => desk.getByRole("button", { name: `Remove: ${name}`, exact: true }).click();
const ask = (/** @type {string} */ q) => async () => {
  await words.fill(q);
  await words.press("Enter");
};
const on = (/** @type {number} */ place, /** @type {RegExp} */ name) => async () => {
  await desk.locator(".cell").nth(place).hover();
  await desk.locator(".cell").nth(place).getByRole("button", { name }).click();
};

await step(desk, "no key", () => desk.goto(address));
await step(desk, "start", async () => {
  await desk.getByLabel("Key").fill(searchKey);
  await desk.getByLabel("Key").press("Enter");
});
await shot(desk, "start");
await step(desk, "typed", () => words.pressSequentially("mug", { delay: 40 }));
await shot(desk, "suggest");
await step(desk, "escaped", () => words.press("Escape"));
await step(desk, "by keys", async () => {
  await words.fill("");
  await words.pressSequentially("sho", { delay: 20 });
  await desk.locator("[role=option]").first().waitFor();
  await words.press("ArrowDown");
  seen["marked"] = await desk.evaluate(read);
  await words.press("Enter");
});
await step(desk, "a category", async () => {
  await words.fill("");
  await words.pressSequentially("seat", { delay: 20 });
  await desk.getByRole("option", { name: "Furniture › Seating" }).first().click();
});
await step(desk, "misspelt", ask("teepot"));
await step(desk, "misspelling taken", () => desk.locator(".mended button").click());
await step(desk, "nonsense", ask("qwrtzuplk"));
await shot(desk, "nonsense");
await step(desk, "plain", start);
await step(desk, "tarn", pick("Tarn"));
await step(desk, "tarn or pella", pick("Pella"));
await shot(desk, "facets");
await step(desk, "pella", drop("Tarn"));
await step(desk, "back", () => desk.goBack());
await step(desk, "cleared", () => desk.getByRole("button", { name: "Clear all" }).click());
await step(desk, "furniture", level("Furniture"));
await step(desk, "seating", level("Seating"));
await step(desk, "all categories", level("All categories"));
await step(desk, "red", pick("Red"));
await step(desk, "not red", drop("Red"));
await step(desk, "20 to 40", async () => {
  await desk.getByLabel("Lowest price").fill("20");
  await desk.getByLabel("Lowest price").press("Tab");
  await settled(desk);
  await desk.getByLabel("Highest price").fill("40");
  await desk.getByLabel("Highest price").press("Enter");
});
await step(desk, "in stock too", () => desk.getByLabel("In stock only").click());
await step(desk, "cheapest", () => desk.getByLabel("Order").selectOption("price:asc"));
await step(desk, "one per design", async () => {
  await start();
  await settled(desk);
  await desk.getByLabel("One per design").click();
});
await step(desk, "norrvik", async () => {
  await start();
  await settled(desk);
  await pick("Norrvik")();
});
await step(desk, "norrvik to the end", async () => {
  for (const more = desk.getByRole("button", { name: "Show more" }); ; await settled(desk)) {
    if (!(await more.count())) break;
    await more.click();
  }
});
await step(desk, "odd", async () => {
  await start();
  await settled(desk);
  await desk.getByRole("button", { name: "All 13" }).click();
  await pick(odd)();
});
await step(desk, "mistake", async () => {
  await start();
  await settled(desk);
  await pick("Tarn")();
  await settled(desk);
  await desk.getByRole("button", { name: "Filter", exact: true }).click();
  await desk.locator("input[name=filter]").fill("in_stock AND brnd = x");
  await desk.locator("input[name=filter]").press("Enter");
});

// ---- with a photo -------------------------------------------------------------------------------

await step(desk, "photo", async () => {
  await start();
  await settled(desk);
  await desk.locator("input[type=file]").first().setInputFiles(photo);
  await desk.locator(".frame img").waitFor();
});
await shot(desk, "photo");
const box = async () => {
  const { x, y, width, height } = await desk.locator(".frame").boundingBox();
  await desk.mouse.move(x + 0.1 * width, y + 0.2 * height);
  await desk.mouse.down();
  await desk.mouse.move(x + 0.9 * width, y + 0.8 * height, { steps: 4 });
  await desk.mouse.up();
};
await step(desk, "a box", box);
await step(desk, "a forgotten photo", async () => {
  // the server really has no photo of this name
  await desk.route("**/v1/search", (/** @type {any} */ route) => route.continue({
    postData: route.request().postData()?.replace(/"query_image_id":"[^"]+"/, '"query_image_id":"q-forgotten"'),
  }), { times: 1 });
  await box();
});
await step(desk, "no photo", () => desk.getByRole("button", { name: "Remove the photo" }).first().click());
await step(desk, "photo again", () => desk.goBack());
await on(0, /^Why/)();
await desk.locator("dialog.why .map").waitFor();
await settled(desk);
const why = await desk.locator("dialog.why").evaluate((/** @type {HTMLElement} */ sheet) => ({
  text: sheet.innerText,
  map: /** @type {HTMLImageElement} */ (sheet.querySelector(".map")).naturalWidth,
  terms: [...sheet.querySelectorAll("dt")].map((one) => one.textContent),
  shares: [...sheet.querySelectorAll("dd")].map((one) => Number(one.textContent?.replace("−", "-"))),
}));
await shot(desk, "why");
await desk.keyboard.press("Escape");
await step(desk, "more like", on(3, /^More like/));
await step(desk, "less like", on(2, /^Less like/));
await step(desk, "of a colour", async () => {
  await desk.getByRole("button", { name: "Products of a colour" }).click();
  await shot(desk, "steered");
  await desk.getByRole("button", { name: "green", exact: true }).click();
});
await step(desk, "all taken away", () => desk.getByRole("button", { name: "Clear all" }).click());

// ---- somebody on a phone ------------------------------------------------------------------------

const phone = await visitor({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
await step(phone, "phone", async () => {
  await phone.goto(`${address}/#q=red`);
  await phone.getByLabel("Key").fill(searchKey);
  await phone.getByLabel("Key").press("Enter");
});
await step(phone, "drawer", () => phone.getByRole("button", { name: "Filters" }).tap());
await shot(phone, "drawer");
await step(phone, "drawer used", () => phone.locator("dialog .values label").first().tap());
await phone.locator("dialog.drawer .primary").tap();
await step(phone, "drawer closed", () => phone.locator("dialog.drawer[open]").waitFor({ state: "detached" }));
await shot(phone, "phone");

// ---- the merchandiser ---------------------------------------------------------------------------

const shop = await visitor({ viewport: { width: 1400, height: 1000 } });
const save = () => shop.getByRole("button", { name: /^Save/ }).click();
const kind = (/** @type {string} */ name) => shop.locator(".actions label").filter({ hasText: name }).click();
await step(shop, "rules without a key", () => shop.goto(`${address}/rules`));
const give = (/** @type {string} */ one) => async () => {
  await shop.locator("input[type=password]").fill(one);
  await shop.locator("input[type=password]").press("Enter");
};
await step(shop, "rules with the key of visitors", give(searchKey));
seen["rules with the key of visitors"].stillAsks = await shop.locator("input[type=password]").count();
await step(shop, "rules", give(key));
await step(shop, "nothing meant", save);
await step(shop, "boots", async () => {
  await shop.locator("input[type=search]").fill("boots");
  await shop.keyboard.press("Enter");
});
await step(shop, "pinned", async () => {
  await shop.locator(".shelf button").nth(4).click();
  await shop.getByRole("button", { name: "Use “boots”" }).click();
  await save();
});
await step(shop, "hidden", async () => {
  await kind("Hide");
  await shop.locator("input.code").fill(`title = x`);
  await save();
  await settled(shop);
  seen["hidden wrongly"] = await shop.evaluate(read);
  await shop.locator("input.code").fill("brand = Tarn");
  await save();
});
await step(shop, "boosted later", async () => {
  await kind("Boost");
  await shop.locator("input.code").fill("in_stock");
  await shop.getByLabel("From").fill("2999-01-01T00:00");
  await save();
});
await step(shop, "buried before", async () => {
  await kind("Bury");
  await shop.locator("input.code").fill("NOT in_stock");
  await shop.getByLabel("Until").fill("2001-01-01T00:00");
  await save();
});
await shot(shop, "rules");
const visiting = () => desk.goto(`${address}/?again#q=boots`);
await step(desk, "boots for visitors", visiting);
await step(shop, "changed", async () => {
  await shop.locator("[data-rule]").filter({ hasText: "boots" }).getByRole("button", { name: "Change" }).click();
  await shop.getByRole("spinbutton", { name: "Place" }).fill("3");
  await save();
});
await step(shop, "removed", () => shop.locator("[data-rule]").filter({ hasText: "Tarn" }).getByRole("button", { name: "Remove" }).click());
await step(shop, "undone", () => shop.getByRole("button", { name: "Undo" }).click());
await shop.setViewportSize({ width: 360, height: 740 });
await step(shop, "rules on a phone", async () => {});

await browser.close();
console.log(JSON.stringify({ seen, complaints, why }));
