// @ts-check
/** Photos come in from a file chooser, a drop or the clipboard, and are made small. */

const SIDE_PX = 1024;
const SMALL_BYTES = 400_000;

/**
 * Scale a photo down to what a search needs, upright as its EXIF says.
 *
 * One that this browser cannot decode goes to the server as it is: it knows more formats.
 *
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
export async function shrink(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, SIDE_PX / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.size <= SMALL_BYTES) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) return file;
  pen.fillStyle = "#fff"; // JPEG has no transparency
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return small ?? file;
}

/**
 * Find the photo in what was dropped or pasted.
 *
 * @param {DataTransfer | null} data
 * @param {string} ours origin whose pictures may be fetched
 * @returns {Promise<Blob | "address" | "other" | null>} "address": only a foreign picture's
 *   address came; "other": a file that is no picture; null: nothing of ours, such as text
 */
export async function pictureIn(data, ours) {
  if (!data) return null;
  const files = [...data.files];
  const picture = files.find((file) => file.type.startsWith("image/") || !file.type);
  if (picture) return picture;
  if (files.length) return "other";
  const address = addressIn(data);
  if (!address) return null;
  if (address.startsWith("data:image/")) return decoded(address);
  if (new URL(address).origin !== ours) return "address";
  const response = await fetch(address).catch(() => null);
  const type = response?.headers.get("content-type") ?? "";
  return response?.ok && type.startsWith("image/") ? response.blob() : "other";
}

/** @param {DataTransfer} data @returns {string} the address of the picture that is dragged */
function addressIn(data) {
  const page = new DOMParser().parseFromString(data.getData("text/html"), "text/html");
  const shown = page.querySelector("img")?.getAttribute("src") ?? "";
  const listed = data.getData("text/uri-list").split("\n").find((line) => !line.startsWith("#"));
  const address = (shown || listed || "").trim();
  return /^(https?:|data:image\/)/.test(address) ? address : "";
}

/** @param {string} address a data URL @returns {Blob | "other"} */
function decoded(address) {
  const [head, body] = address.split(",", 2);
  if (!head.endsWith(";base64")) return "other";
  try {
    const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    return new Blob([bytes], { type: head.slice(5).split(";")[0] });
  } catch {
    return "other";
  }
}
