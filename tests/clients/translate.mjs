// @ts-check
/** Reads parameters of InstantSearch, a JSON a line; writes the filter that each becomes. */

import { createInterface } from "node:readline";

import { narrowed, written } from "../../clients/instantsearch/src/filters.js";

for await (const line of createInterface({ input: process.stdin })) {
  const params = JSON.parse(line);
  const { conditions, fixed } = narrowed(params);
  console.log(JSON.stringify(written(conditions, fixed, params.facets)));
}
