// @ts-check
/** Nothing is asked yet: the invitation to. */

import { h, icon } from "./dom.js";
import { tries } from "./tries.js";

/**
 * @param {import("./client.js").Client} client
 * @param {import("./cards.js").Say} say
 * @param {boolean} offersPhotos
 * @param {{choose: () => void, camera: () => void, take: (photo: Blob) => void}} does
 * @returns {HTMLElement}
 */
export function invite(client, say, offersPhotos, does) {
  return h("section.invite", {},
    icon("picture"),
    h("strong", {}, h("span.mouse", {}, say("drop")), h("span.touch", {}, say("dropTouch"))),
    h("span", {}, say("dropHint")),
    h("div.actions", {},
      h("button.primary", { type: "button", onclick: does.choose }, say("choose")),
      h("button.quiet.touch", { type: "button", onclick: does.camera }, icon("camera"), say("take"))),
    offersPhotos && tries(client, say, does.take));
}
