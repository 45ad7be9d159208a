// @ts-check
/** The page around the search: deep links and its few own words. */

import { labels } from "./labels.js";

labels();

// ?product=ID is for links from elsewhere; from here on the part behind # leads
const product = new URLSearchParams(location.search).get("product");
if (product && !location.hash) {
  history.replaceState(null, "", `/#${new URLSearchParams({ product })}`);
}
await import("./shoplens-search.js");
