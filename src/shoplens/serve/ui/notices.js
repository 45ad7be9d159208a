// @ts-check
/** What the page says instead of products. */

import { h, icon } from "./dom.js";

export class Notices {
  /** @param {import("./layout.js").Layout} layout @param {HTMLElement} said @param {import("./cards.js").Say} say */
  constructor(layout, said, say) {
    this.layout = layout;
    this.said = said;
    this.say = say;
  }

  /**
   * @param {string} title empty: only take the products away
   * @param {string} detail
   * @param {(() => void) | null} [again]
   * @param {import("./words.js").Word} [label] of the button for it
   */
  tell(title, detail, again = null, label = "retry") {
    const { layout } = this;
    layout.busy(false);
    layout.grid.replaceChildren();
    layout.banner.replaceChildren();
    this.said.replaceChildren();
    layout.below.replaceChildren(...(title ? [h("div.notice", { role: "alert" },
      h("strong", {}, title), h("p", {}, detail),
      again && h("button.quiet", { type: "button", onclick: again }, this.say(label)))] : []));
  }

  /**
   * Say what went wrong, unless it is a mistake in the filter, which has a place.
   *
   * @param {import("./client.js").Problem} problem
   * @param {boolean} hasPhoto
   * @param {() => void} again
   */
  refuse({ status, detail, title }, hasPhoto, again) {
    const { say } = this;
    if (!status) this.tell(say("offline"), say("offlineHint"), again);
    else if (status === 404) this.tell(say("noProduct"), say("noProductHint"));
    else if (status === 422 && hasPhoto) this.tell(say("unreadable"), detail);
    else this.tell(say("failed"), detail || title, status >= 500 ? again : null);
  }

  /** @param {import("./client.js").Client} client @param {() => void} again */
  askKey(client, again) {
    const { say } = this;
    const input = h("input", { type: "password", "aria-label": say("keyLabel"), required: true, autocomplete: "off" });
    const send = (/** @type {Event} */ event) => {
      event.preventDefault();
      client.keep(input.value.trim());
      again();
    };
    this.layout.above.replaceChildren();
    this.tell(say("keyNeeded"), client.key ? say("keyWrong") : say("keyHint"));
    this.layout.below.append(h("form.key", { onsubmit: send }, icon("key"), input,
      h("button.primary", { type: "submit" }, say("keySend"))));
    input.focus();
  }
}
