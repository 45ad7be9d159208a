// @ts-check
/** The two lines that a framework would be used for. */

/**
 * Make an element. Texts are always set as text, so nothing that a shop wrote becomes markup.
 *
 * @param {string} tag such as "button.primary": a tag, then classes
 * @param {Record<string, any>} [given] properties; "aria-…", "data-…", "role" and "for" as
 *   attributes; "on…" as listeners; null or undefined: left out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any} the element
 */
export function h(tag, given = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (/^(aria-|data-|role$|for$|part$|capture$|list$)/.test(key)) element.setAttribute(key, value);
    else /** @type {any} */ (element)[key] = value;
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter((c) => c || c === "")));
  return element;
}

/** @typedef {keyof typeof ICONS} IconName */

/**
 * Draw one of our line icons.
 *
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const ICONS = {
  camera:
    "M4 8.5A1.5 1.5 0 0 1 5.5 7h2l1.4-2h6.2l1.4 2h2A1.5 1.5 0 0 1 20 8.5v9a1.5 1.5 0 0 1-1.5 1.5" +
    "h-13A1.5 1.5 0 0 1 4 17.5zM12 9.4a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 0 0 0-7.2",
  picture:
    "M5.5 4.5h13a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1M4.5 16l4.2-4.2" +
    " 4 4M12 15l2.8-2.8 4.7 4.7M14.6 8.6h.01",
  search: "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l4.5 4.5",
  funnel: "M4.5 6h15M7.5 12h9M10.5 18h3",
  back: "M14.5 5.5 8 12l6.5 6.5",
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  out: "M13.5 5h5.5v5.5M19 5l-8 8M17 14.5V18a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1h3.5",
  drop: "M12 4c3.2 3.7 5.5 6.5 5.5 9.6a5.5 5.5 0 0 1-11 0C6.5 10.5 8.8 7.7 12 4M9.3 13.9a2.7 2.7 0 0 0 2.7 2.7",
  folder: "M4 7a1.5 1.5 0 0 1 1.5-1.5h4l2 2.5h7A1.5 1.5 0 0 1 20 9.5V17a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17z",
  more: "M12 5.5v13M5.5 12h13",
  less: "M5.5 12h13",
  why: "M9.2 9.3a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1.2-1.5 2.4M12 17.5h.01",
  about: "M5 10.2c2.3-2.6 4.7-2.6 7 0s4.7 2.6 7 0M5 15.8c2.3-2.6 4.7-2.6 7 0s4.7 2.6 7 0",
  tick: "M5 12.5l4.5 4.5L19 7.5",
  unsure: "M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M12 8.5v4.5M12 15.8h.01",
  flame: "M12 4c.6 3.4 4.8 5 4.8 9.3a4.8 4.8 0 0 1-9.6 0c0-1.9 1-3.2 2-4.1.2 1.3.8 2 1.7 2.3C10.5 9 10.8 6.3 12 4",
  trash: "M5.5 7.5h13M10 7V5h4v2M7.5 7.5l.8 11h7.4l.8-11",
  edit: "M5 19l.8-3.6L16 5.2l2.8 2.8L8.6 18.2z",
  key: "M8.5 11.5a4 4 0 1 0 0 .1M12.4 11.5H20v3M16.5 11.5v2.5",
};
