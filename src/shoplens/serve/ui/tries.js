// @ts-check
/** Photos to try for who has none at hand, if the server has some (setting serve.examples). */

import { h } from "./dom.js";

/**
 * @param {import("./client.js").Client} client
 * @param {import("./cards.js").Say} say
 * @param {(photo: Blob) => void} take
 * @returns {HTMLElement} empty until, and unless, there are photos
 */
export function tries(client, say, take) {
  const strip = h("div.tries");
  fill(strip, client, say, take);
  return strip;
}

/** @param {HTMLElement} strip @param {import("./client.js").Client} client
 *  @param {import("./cards.js").Say} say @param {(photo: Blob) => void} take */
async function fill(strip, client, say, take) {
  const response = await fetch(client.address("/examples")).catch(() => null);
  const paths = response?.ok ? await response.json() : [];
  if (!paths.length) return;
  const choose = async (/** @type {string} */ path) => {
    const photo = await fetch(client.address(path)).catch(() => null);
    if (photo?.ok) take(await photo.blob());
  };
  strip.replaceChildren(h("span", {}, say("tryOne")), h("div", {}, ...paths.map((/** @type {string} */ path, /** @type {number} */ number) =>
    h("button", { type: "button", "aria-label": `${say("tryOne")} ${number + 1}`, onclick: () => choose(path) },
      h("img", { src: client.address(path), alt: "", loading: "lazy" })))));
}
