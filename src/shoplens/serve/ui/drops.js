// @ts-check
/** Photos that are dropped or pasted. */

/**
 * Watch `place` for photos; `cover` is shown while one hovers over it.
 *
 * @param {Document | HTMLElement} place
 * @param {HTMLElement} cover
 * @param {(data: DataTransfer) => void} receive
 */
export function watchDrops(place, cover, receive) {
  let inside = 0; // enter and leave come for every child
  const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ does) =>
    place.addEventListener(name, does);
  on("dragenter", ({ dataTransfer }) => {
    inside += 1;
    cover.hidden = !carriesPicture(dataTransfer);
  });
  on("dragleave", () => {
    inside -= 1;
    cover.hidden ||= inside <= 0;
  });
  on("dragover", (event) => carriesPicture(event.dataTransfer) && event.preventDefault());
  on("drop", (event) => {
    inside = 0;
    cover.hidden = true;
    if (!carriesPicture(event.dataTransfer)) return;
    event.preventDefault();
    receive(event.dataTransfer);
  });
  on("paste", (event) => {
    if (!event.clipboardData?.files.length) return; // text goes where the cursor is
    event.preventDefault();
    receive(event.clipboardData);
  });
}

/** @param {DataTransfer | null} data @returns {boolean} */
function carriesPicture(data) {
  return !!data && [...data.types].some((type) => type === "Files" || type === "text/uri-list");
}
