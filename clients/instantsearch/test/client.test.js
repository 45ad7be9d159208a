// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { photoParameters, ShoplensError, shoplensSearchClient } from "../index.js";

const PRODUCT = {
  product_id: "b-1", group_id: "b", title: "Hiking <b>boot</b>", brand: "Daybird", category: ["Shoes", "Boots"],
  price: 89.5, in_stock: true, currency: "EUR", url: "javascript:alert(1)", image: "/v1/images/9e.webp",
};
const ANSWER = {
  ranking_id: "r1", products: [PRODUCT], total: 41, complete: true, match: "strong", query_image_id: "p1",
  timings_ms: { encode: 2.2, search: 1.4 },
  facets: [
    { field: "brand", kind: "keyword", values: [{ value: "daybird", products: 30 }, { value: "-odd", products: 11 }] },
    {
      field: "category", kind: "keyword", values: [
        { value: "shoes", products: 30 }, { value: "boots", products: 20 }, { value: "shoes > boots", products: 20 },
        { value: "home", products: 11 },
      ],
    },
    { field: "price", kind: "number", values: [], ranges: [{ low: 0, high: 100, products: 41 }], lowest: 5, highest: 99 },
  ],
};

/** A client, and what it sends; each answer is given by `reply`. */
function recording(reply = () => new Response(JSON.stringify(ANSWER)), options = {}) {
  /** @type {any[]} */
  const sent = [];
  const fetch = /** @type {any} */ (async (/** @type {string} */ url, /** @type {any} */ how) => {
    sent.push({ url, headers: how.headers, body: JSON.parse(how.body) });
    return reply();
  });
  return { sent, client: shoplensSearchClient({ url: "https://search.example/", key: "k", fetch, ...options }) };
}

/** @param {Record<string, unknown>} params @param {string} [indexName] */
async function one(params, indexName = "products", options = {}) {
  const { sent, client } = recording(undefined, options);
  const { results } = await client.search([{ indexName, params }]);
  return { body: sent[0].body, result: results[0], sent };
}

test("a page of hits is asked for with words, key and offset", async () => {
  const { sent, body } = await one({ query: " boot ", page: 2, hitsPerPage: 8 });
  assert.equal(sent[0].url, "https://search.example/v1/search");
  assert.equal(sent[0].headers.authorization, "Bearer k");
  assert.deepEqual(body, { q: "boot", typing: true, limit: 8, offset: 16 });
});

test("the answer holds what widgets read", async () => {
  const { result } = await one({ query: "boot", page: 1, hitsPerPage: 8, facets: ["brand", "price"] });
  assert.equal(result.nbHits, 41);
  assert.equal(result.nbPages, 6);
  assert.equal(result.page, 1);
  assert.equal(result.queryID, "r1");
  assert.equal(result.index, "products");
  assert.equal(result.processingTimeMS, 4);
  assert.deepEqual(result.facets, { brand: { daybird: 30, "-odd": 11 }, price: {} });
  assert.deepEqual(result.facets_stats, { price: { min: 5, max: 99 } });
  assert.equal(result.shoplens.match, "strong");
  const [hit] = result.hits;
  assert.equal(hit.objectID, "b-1");
  assert.equal(hit.image, "https://search.example/v1/images/9e.webp");
  assert.equal(hit.url, "", "a link that is a script");
  assert.equal(hit._highlightResult.title.value, "Hiking &lt;b&gt;<em>boot</em>&lt;/b&gt;");
  assert.equal(hit._highlightResult.category[1].value, "<em>Boot</em>s");
});

test("levels and names of a category do not get mixed up", async () => {
  const { result, body } = await one({ facets: ["category", "category.lvl0", "category.lvl1"] });
  assert.deepEqual(body.facets, ["category"]);
  assert.deepEqual(result.facets, {
    category: { shoes: 30, boots: 20, home: 11 },
    "category.lvl0": { shoes: 30, home: 11 },
    "category.lvl1": { "shoes > boots": 20 },
  });
});

test("at most as many values come as the widget wants", async () => {
  const { result, body } = await one({ facets: ["brand"], maxValuesPerFacet: 1 });
  assert.deepEqual(result.facets, { brand: { daybird: 30 } });
  assert.equal(body.facet_values, 1);
});

test("the name of an index is an order", async () => {
  /** @type {[string, string | undefined][]} */
  const orders = [
    ["products", undefined], ["products_price_asc", "price:asc"], ["products:price:desc", "price:desc"],
    ["products_newest", "newest"], ["products/popularity", "popularity"], ["products_relevance", undefined],
    ["newest", "newest"], ["cheap", "price:asc"], ["my_price_asc", undefined], ["fantastic", undefined],
  ];
  for (const [name, sort] of orders) {
    const { body } = await one({}, name, { sorts: { cheap: "price:asc", my_price_asc: "" } });
    assert.equal(body.sort, sort, name);
  }
});

test("all facets are those that the page named", async () => {
  const { body } = await one({ facets: ["*"] }, "products", { facets: ["brand", "colour"] });
  assert.deepEqual(body.facets, ["brand", "colour"]);
});

test("the requests for chosen facets ride along in one question", async () => {
  const { sent, client } = recording();
  const chosen = { brand: "brand:daybird", category: "category.lvl0:shoes" };
  const { results } = await client.search([
    { indexName: "p", params: { query: "b", facets: ["brand", "category.lvl0", "category.lvl1", "price"], facetFilters: [[chosen.brand], [chosen.category]], numericFilters: ["price<=90"] } },
    { indexName: "p", params: { query: "b", hitsPerPage: 0, page: 0, facets: "brand", facetFilters: [[chosen.category]], numericFilters: ["price<=90"] } },
    { indexName: "p", params: { query: "b", hitsPerPage: 0, page: 0, facets: "price", facetFilters: [[chosen.brand], [chosen.category]] } },
    { indexName: "p", params: { query: "b", hitsPerPage: 0, page: 0, facets: ["category.lvl0"], facetFilters: [[chosen.brand]], numericFilters: ["price<=90"] } },
  ]);
  assert.equal(sent.length, 1);
  assert.deepEqual(sent[0].body, {
    q: "b", typing: true, filter: 'brand = "daybird" AND category = "shoes" AND price <= 90',
    facets: ["brand", "category", "price"], facet_values: 1000, limit: 20,
  });
  assert.deepEqual(results.map(({ hits }) => hits.length), [1, 0, 0, 0]);
  assert.deepEqual(Object.keys(results[1].facets), ["brand"]);
  assert.deepEqual(results[2].facets_stats, { price: { min: 5, max: 99 } });
  assert.deepEqual(results[3].facets, { "category.lvl0": { shoes: 30, home: 11 } });
  assert.equal(results[1].exhaustiveNbHits, false, "the products of another question");
});

test("requests that ask for something else get a question of their own", async () => {
  const { sent, client } = recording();
  await client.search([
    { indexName: "p", params: { query: "b", facets: ["brand"], facetFilters: [["brand:x"], ["colour:red"]] } },
    { indexName: "p", params: { query: "b", hitsPerPage: 0, facets: ["brand"], facetFilters: [["colour:blue"]] } },
    { indexName: "p", params: { query: "c", hitsPerPage: 0, facets: ["brand"], facetFilters: [["colour:red"]] } },
    { indexName: "p", params: { query: "b", hitsPerPage: 0, facets: [], facetFilters: [["colour:red"]] } },
    { indexName: "p", params: { query: "b", page: 1, facets: ["brand"], facetFilters: [["brand:x"], ["colour:red"]] } },
  ]);
  assert.equal(sent.length, 5);
});

test("two indices that ask the same are asked once", async () => {
  const { sent, client } = recording();
  const { results } = await client.search([{ indexName: "a", params: { query: "b" } }, { indexName: "b", params: { query: "b" } }]);
  assert.equal(sent.length, 1);
  assert.deepEqual(results.map(({ index, hits }) => [index, hits.length]), [["a", 1], ["b", 1]]);
});

test("no hits are shown where none are wanted, or beyond what can be reached", async () => {
  const none = await one({ hitsPerPage: 0 });
  assert.deepEqual([none.result.hits, none.result.nbPages, none.result.nbHits, none.body.limit], [[], 0, 41, 1]);
  const far = await one({ hitsPerPage: 20, page: 5 }, "products", { maxHits: 30 });
  assert.deepEqual([far.result.hits, far.result.nbPages, far.body.offset], [[], 2, undefined]);
  const last = await one({ hitsPerPage: 20, page: 1 }, "products", { maxHits: 30 });
  assert.deepEqual([last.body.limit, last.body.offset], [10, 20]);
});

test("parameters may come as text, as older clients write them", async () => {
  const { sent, client } = recording();
  const params = 'query=42&page=1&hitsPerPage=5&facets=["brand"]&facetFilters=[["brand:x"]]';
  await client.search([{ indexName: "p", params: /** @type {any} */ (params) }]);
  assert.deepEqual(sent[0].body, { q: "42", typing: true, filter: 'brand = "x"', facets: ["brand"], facet_values: 10, limit: 5, offset: 5 });
});

test("values of a facet are searched by how their words begin", async () => {
  const { client, sent } = recording();
  const params = { facetName: "brand", facetQuery: "day", maxFacetHits: 5, query: "b", facetFilters: [["colour:red"]] };
  const [found] = await client.searchForFacetValues([{ indexName: "p", params }]);
  assert.deepEqual(found.facetHits, [{ value: "daybird", highlighted: "<em>day</em>bird", count: 30 }]);
  assert.deepEqual(sent[0].body, { q: "b", typing: true, facets: ["brand"], facet_values: 1000, filter: 'colour = "red"', limit: 1 });
  const { results } = await client.search([{ type: "facet", facet: "brand", indexName: "p", params: { ...params, facetName: undefined } }]);
  assert.deepEqual(results, [found], "as algoliasearch 5 is asked");
});

test("more can be asked through the parameter shoplens", async () => {
  const { body } = await one({
    query: "b", distinct: true, attributesToRetrieve: ["title", "objectID"], filters: "in_stock",
    shoplens: { colour: "#c0392b", typing: false, explain: true, filter: "price < 80" },
  });
  assert.deepEqual(body, {
    q: "b", typing: false, distinct: true, fields: ["title"], colour: "#c0392b", explain: true,
    filter: "(in_stock) AND (price < 80)", limit: 20,
  });
});

test("a photo travels once, and again when the server has forgotten it", async () => {
  let isForgotten = false;
  const { sent, client } = recording(() => (isForgotten && sent.at(-1).body.query_image_id
    ? new Response('{"title": "Not found"}', { status: 404 })
    : new Response(JSON.stringify(ANSWER))));
  const shoplens = await photoParameters(new Blob([new Uint8Array([255, 216, 255])]));
  assert.deepEqual(shoplens, { image: "/9j/" });
  const ask = (/** @type {number} */ page) => client.search([{ indexName: "p", params: { page, shoplens } }]);
  await ask(0);
  await ask(1);
  isForgotten = true;
  await ask(2);
  const photos = sent.map(({ body }) => body.image ?? body.query_image_id);
  assert.deepEqual(photos, ["/9j/", "p1", "p1", "/9j/"]);
});

test("what the server refuses is an error that says why", async () => {
  const told = { title: "The question cannot be understood", detail: "no field is called 'colr'\n  colr = red\n  ^" };
  const { client } = recording(() => new Response(JSON.stringify(told), { status: 400 }));
  await assert.rejects(client.search([{ indexName: "p", params: {} }]), (/** @type {any} */ error) => {
    assert.ok(error instanceof ShoplensError);
    assert.equal(error.message, "The question cannot be understood: no field is called 'colr'");
    return error.status === 400;
  });
  const proxy = recording(() => new Response("<html>", { status: 502 })).client;
  await assert.rejects(proxy.search([{ indexName: "p", params: {} }]), /the server answered 502/);
  const dead = recording(() => { throw new TypeError("Failed to fetch"); }).client;
  await assert.rejects(dead.search([{ indexName: "p", params: {} }]), /search\.example\/v1\/search did not answer/);
});

test("what Shoplens cannot filter by is refused, not left out", async () => {
  const { client } = recording();
  await assert.rejects(client.search([{ indexName: "p", params: { aroundLatLng: "1,2" } }]), /no aroundLatLng/);
  await assert.rejects(client.search([{ indexName: "p", params: { tagFilters: "a" } }]), /no tagFilters/);
  assert.throws(() => shoplensSearchClient(/** @type {any} */ ({})), /the server's address/);
});
