// @ts-check
/** Asks for the admin key on the pages that need it. */

import { h } from "./dom.js";
import { inChinese } from "./labels.js";

const WORDS = inChinese
  ? { ask: "需要管理员密钥", wrong: "这个密钥不够，需要管理员密钥", send: "继续" }
  : { ask: "The admin key is needed", wrong: "That key is not enough; the admin key is needed", send: "Continue" };

/**
 * Show a line for a key in `place`; go on with `then` once one was given.
 *
 * @param {HTMLElement} place
 * @param {import("./client.js").Client} client
 * @param {boolean} wrong whether the key it has was not enough
 * @param {() => void} then
 */
export function askKey(place, client, wrong, then) {
  const input = h("input", { type: "password", required: true, autocomplete: "off", "aria-label": WORDS.ask });
  const send = (/** @type {Event} */ event) => {
    event.preventDefault();
    client.keep(input.value.trim());
    then();
  };
  place.replaceChildren(h("form.keybox", { onsubmit: send },
    h("label", {}, wrong || client.key ? WORDS.wrong : WORDS.ask), input,
    h("button", { type: "submit" }, WORDS.send)));
  input.focus();
}
