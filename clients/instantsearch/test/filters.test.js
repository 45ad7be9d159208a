// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { narrowed, quoted, translated, written } from "../src/filters.js";

/** @param {Record<string, unknown>} params @param {string[]} [facets] */
function text(params, facets = []) {
  const { conditions, fixed } = narrowed(params);
  return written(conditions, fixed, facets);
}

test("one value of a facet is compared, several are listed", () => {
  assert.equal(text({ facetFilters: [["brand:Acme"]] }), 'brand = "Acme"');
  assert.equal(text({ facetFilters: [["brand:Acme", "brand:Bolt"]] }), 'brand IN ("Acme", "Bolt")');
});

test("lists are joined by and, their parts by or", () => {
  const facetFilters = [["brand:Acme", "colour:red"], ["material:wool"]];
  assert.equal(text({ facetFilters }), 'material = "wool" AND (brand = "Acme" OR colour = "red")');
});

test("only the first colon ends the attribute, and a value may look like the language", () => {
  assert.equal(text({ facetFilters: [['brand:a:b" OR price < 1 OR "']] }), 'brand = "a:b\\" OR price < 1 OR \\""');
  assert.equal(text({ facetFilters: [["brand:C:\\"]] }), 'brand = "C:\\\\"');
});

test("a minus excludes, an escaped one is part of the value", () => {
  assert.equal(text({ facetFilters: ["brand:-Acme"] }), 'brand != "Acme"');
  assert.equal(text({ facetFilters: [["size:\\-5"]] }), 'size = "-5"');
});

test("what is chosen with and stays where its own field is counted, what is chosen with or does not", () => {
  const never = "on_sale AND in_stock AND NOT in_stock";
  assert.equal(text({ facetFilters: ["size:41"] }, ["size"]), `((size = "41") OR ${never})`);
  assert.equal(text({ facetFilters: ["size:41"] }, ["brand"]), 'size = "41"');
  assert.equal(text({ facetFilters: [["size:41"]] }, ["size"]), 'size = "41"');
  assert.equal(text({ filters: "in_stock" }, ["in_stock"]), `(((in_stock)) OR ${never})`);
});

test("levels of a hierarchical menu are paths of one field", () => {
  assert.equal(text({ facetFilters: [["category.lvl1:shoes > boots"]] }, ["category"]), 'category = "shoes > boots"');
  assert.equal(text({ facetFilters: ["category.lvl0:shoes"] }, ["category"]), 'category = "shoes"');
});

test("numbers are compared, also within ranges and lists", () => {
  assert.equal(text({ numericFilters: ["price>=10.5", "price<=20"] }), "price >= 10.5 AND price <= 20");
  assert.equal(text({ numericFilters: ["price:10 TO 20"] }), "price 10 TO 20");
  assert.equal(text({ numericFilters: [["price=10", "price!=20"]] }), "(price = 10 OR price != 20)");
  assert.equal(text({ numericFilters: "price < 5" }), "price < 5");
});

test("what is no filter is refused, and the error shows how to write one", () => {
  for (const wrong of ["price>=cheap", "price", ">=5", "price>=1 OR 1", "price:1 TO", "price>1 TO 5", "price>=NaN"]) {
    assert.throws(() => text({ numericFilters: [wrong] }), /price>=10 or price:10 TO 20, not /, wrong);
  }
  assert.throws(() => text({ facetFilters: ["brand"] }), /brand:Acme, not brand/);
});

test("fields with the language's own words or other letters are quoted", () => {
  assert.equal(text({ facetFilters: [["to:x"]] }), '"to" = "x"');
  assert.equal(text({ facetFilters: [["颜色:红色"]] }), '"颜色" = "红色"');
});

test("Algolia's way to write filters is understood", () => {
  /** @type {[string, string][]} */
  const same = [
    ["brand:Acme", "brand = Acme"],
    ["brand:Acme AND NOT colour:red", "brand = Acme AND NOT colour = red"],
    ['brand:"Levi\'s" OR (material: wool)', 'brand = "Levi\'s" OR (material = wool)'],
    ["price:10 TO 20", "price 10 TO 20"],
    ["price: 10 TO 20 AND in_stock:true", "price 10 TO 20 AND in_stock = true"],
    ["price >= 10", "price >= 10"],
    ["url:https://x.example/a", "url = https://x.example/a"],
  ];
  for (const [theirs, ours] of same) {
    assert.equal(translated(theirs).replace(/\s+/g, " "), ours);
  }
});

test("our own language passes as it is", () => {
  for (const ours of [
    'category = "Shoes > Boots"  AND\n price < 80',
    "time = 10:30 AND time IN (10:30, '11:30')",
    "price 10 TO 20 AND NOT (in_stock OR on_sale)",
    "颜色 IN （红色，蓝色）AND price ＜ 80 AND category ＝ “运动鞋：新”",
    'title_note = "he said \\"hi\\": x:y"',
    'gtin = "unclosed',
  ]) {
    assert.equal(translated(ours), ours);
  }
});

test("any text survives the quotes", () => {
  let seed = 7;
  const signs = [..."\"\\'ab :>-，“”\n红"];
  for (let i = 0; i < 500; i += 1) {
    let value = "";
    for (let n = 0; n < i % 9; n += 1) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      value += signs[(seed >> 8) % signs.length];
    }
    const inside = quoted(value).slice(1, -1);
    assert.equal(inside.replace(/\\(.)/gsu, "$1"), value);
    assert.doesNotMatch(inside, /^(?:[^"\\]|\\.)*"/s, "a quote that ends it early");
  }
});
