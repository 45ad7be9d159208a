// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { marked, tagsOf, wordsOf } from "../src/highlight.js";

const BRACKETS = { pre: "[", post: "]", isRaw: true };
const mark = (/** @type {string} */ text, /** @type {string} */ query) => marked(text, wordsOf(query), BRACKETS);

test("words that begin as asked are marked as far as asked", () => {
  assert.equal(mark("Wanderer hiking boot", "hik boot").value, "Wanderer [hik]ing [boot]");
  assert.equal(mark("Reboot", "boot").value, "Reboot");
});

test("a plural finds its singular", () => {
  assert.equal(mark("Hiking boot, brush", "boots brushes").value, "Hiking [boot], [brush]");
});

test("case and accents make no difference, and letters keep theirs", () => {
  assert.equal(mark("Crème BRÛLÉE", "creme brulee").value, "[Crème] [BRÛLÉE]");
  assert.equal(mark("Cafe\u0301s", "café").value, "[Cafe\u0301]s");
});

test("Chinese is marked without spaces, in pieces too", () => {
  assert.equal(mark("陶瓷马克杯", "马克杯").value, "陶瓷[马克杯]");
  assert.equal(mark("马克杯 蓝色", "蓝色马克杯").value, "[马克杯] [蓝色]");
  assert.equal(mark("𠮷野家的杯", "杯").value, "𠮷野家的[杯]");
});

test("it tells how many of the words were there", () => {
  assert.equal(mark("red boot", "red boot").matchLevel, "full");
  assert.equal(mark("red boot", "red shoe").matchLevel, "partial");
  assert.deepEqual(mark("red boot", "shoe"), { value: "red boot", matchLevel: "none", matchedWords: [] });
  assert.equal(mark("red boot", "").matchLevel, "none");
});

test("a product's own markup is harmless", () => {
  const attack = '<img src=x onerror="alert(1)"> & boot\'s';
  assert.equal(
    marked(attack, ["boot", "img"], tagsOf({})).value,
    "&lt;<em>img</em> src=x onerror=&quot;alert(1)&quot;&gt; &amp; <em>boot</em>&#39;s",
  );
});

test("where InstantSearch escapes by itself it is not done twice", () => {
  const tags = tagsOf({ highlightPreTag: "__ais-highlight__", highlightPostTag: "__/ais-highlight__" });
  assert.equal(marked("a & b", ["b"], tags).value, "a & __ais-highlight__b__/ais-highlight__");
});

test("nothing is lost or added but the tags", () => {
  const texts = ["", "a", "boots & <b>boots</b>", "ǅungla ﬁn", "부츠 신발", "ガラス コップ", "e\u0301e\u0301", "🙂 boot🙂"];
  for (const text of texts) {
    for (const query of [...texts, "b o t", "신", "ガ", "fi", "e"]) {
      assert.equal(mark(text, query).value.replace(/[[\]]/g, ""), text);
    }
  }
});
